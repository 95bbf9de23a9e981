"""The page: versions of both sides, what became of each chapter, and every cell that differs."""

from collections.abc import Iterable
from pathlib import Path

from nbval_strict import report
from nbval_strict.report import Table
from tools.upgrade import chapters, runs, versions
from tools.upgrade.changes import Changes, of_chapter

ACCEPT = 'make upgrade-report ACCEPT="{}"'


def changes(root: Path) -> list[Changes]:
    """Compare all chapters of the kept run with what is stored now."""
    paths = chapters.notebooks(root)
    return [of_chapter(paths[name], ran) for name, ran in runs.kept(root).items() if name in paths]


def write(root: Path, found: list[Changes]) -> Path:
    """Write the page, and return its path."""
    comparisons = [comparison for each in found for comparison in each.comparisons]
    tables = [version_table(root, found), chapter_table(found)]
    path = root / runs.FOLDER / "report.html"
    source = f"Stored versions: {versions.stored(root)[1]}."
    return report.write(path, comparisons, title="Upgrade report", note=f"{note(found)} {source}", tables=tables)


def version_table(root: Path, found: Iterable[Changes]) -> Table:
    """Return the table of the versions of both sides."""
    old, _ = versions.stored(root)
    new = next((each.ran.circumstances["versions"] for each in found), {})
    rows = []
    for name in old | new:
        before, after = (side.get(name, "not known") for side in (old, new))
        rows.append([name, before, after, "differs" if name in old and before != after else ""])
    return Table("Versions", ["package", "stored", "new", "change"], rows)


def chapter_table(found: Iterable[Changes]) -> Table:
    """Return the table of the chapters."""
    rows = [
        [
            each.ran.name,
            f"{len(each.ran.cells)} of {len(each.ran.code)}",
            str(len(each.acceptable)),
            ", ".join(each.failed) or "none",
            result(each),
        ]
        for each in found
    ]
    heads = ["chapter", "cells run", "differ", "fail", "result"]
    return Table("Chapters", heads, rows)


def result(each: Changes) -> str:
    """Say in words what became of a chapter."""
    if each.outdated:
        return f"{each.outdated}: run it again"
    if each.ran.stopped:
        return f"stopped: {each.ran.stopped}"
    return "differs" if each.comparisons else "as stored"


def note(found: list[Changes]) -> str:
    """Say what the page shows, or that there is nothing to show."""
    ran, planned = (sum(len(part(each)) for each in found) for part in (lambda e: e.ran.cells, lambda e: e.ran.code))
    failed, differ = (sum(len(part(each)) for each in found) for part in (lambda e: e.failed, lambda e: e.acceptable))
    incomplete = [each.ran.name for each in found if each.outdated or each.ran.stopped]
    numbers = f"cells that differ: {differ}, that fail: {failed}."
    if incomplete:
        return f"Not compared to the end: {', '.join(incomplete)}. Until there, {numbers}"
    if not failed and not differ:
        return f"Nothing differs: all {ran} code cells of {counted(found)} gave the stored outputs."
    example = next((f"{each.ran.name}::{name}" for each in found for name in each.acceptable), "")
    accept = f" Those that are right: {ACCEPT.format(example)}; all of them: {ACCEPT.format('all')}." if example else ""
    return f"Of {planned} code cells in {counted(found)}, {numbers}{accept}"


def counted(found: list[Changes]) -> str:
    """Say how many chapters there are."""
    return f"{len(found)} chapter{'s' * (len(found) != 1)}"


def line(each: Changes) -> str:
    """Say in a line for the terminal what became of a chapter."""
    ran = f"{each.ran.name}: {len(each.ran.cells)} of {len(each.ran.code)} cells ran in {each.ran.seconds:.0f} s"
    named = {"differ": each.acceptable, "fail": each.failed}
    parts = [f"{word}: {', '.join(cells)}" for word, cells in named.items() if cells] or ["as stored"]
    return "; ".join([ran, *parts, *([result(each)] if each.ran.stopped else [])])
