"""Store the new outputs of cells that are right: those of the run that was made, and only if they still hold."""

from pathlib import Path

from book import pages, translations
from book.sources import BookError
from nbval_strict import saving
from tools.upgrade import chapters, page, runs, versions
from tools.upgrade.changes import Changes
from tools.upgrade.runs import RanCell, outputs


def accept(root: Path, names: list[str]) -> list[str]:
    """Store the new outputs of cells in the English chapters, and copy them to the other languages.

    Parameters
    ----------
    root : Path
        The folder that holds ``chapters``.
    names : list of str
        Cells such as ``02_convolution::size-check``; or ``all``, for every cell that differs and did not fail.

    Returns
    -------
    list of str
        What was written, in words.

    Raises
    ------
    BookError
        If a cell cannot be accepted; nothing is written then.
    """
    found = {each.ran.name: each for each in page.changes(root)}
    refuse_old(root, found)
    chosen = every(found) if names == ["all"] else {}
    for name in names if names != ["all"] else ():
        chapter, _, cell = name.partition("::")
        chosen.setdefault(chapter, []).append(cell)
    problems = [problem for chapter, cells in chosen.items() for problem in refusals(found, chapter, cells)]
    if problems:
        raise BookError("\n".join([*problems, "Nothing was stored."]))
    paths = chapters.notebooks(root)
    translations.sync(root, list(chosen))  # what would keep outputs from the other languages is refused before, too
    return [line for chapter, cells in chosen.items() for line in store(root, paths[chapter], found[chapter], cells)]


def every(found: dict[str, Changes]) -> dict[str, list[str]]:
    """Choose all cells that differ and did not fail; a chapter that has changed since is chosen, to be refused."""
    return {name: each.acceptable for name, each in found.items() if each.acceptable or each.outdated}


def refuse_old(root: Path, found: dict[str, Changes]) -> None:
    """Refuse a run that was made from another package, or with other versions than the locked ones."""
    again = "Run `make upgrade-report` again, look at the page, then accept. Nothing was stored."
    for each in found.values():
        if each.ran.circumstances["package"] != versions.of_package(root):
            raise BookError(f"The package in src has changed since {each.ran.name} was run. {again}")
        made, locked = each.ran.circumstances["versions"], versions.locked(root)
        other = [name for name in locked if made.get(name) != locked[name]]
        if other:
            said = ", ".join(f"{name} {made.get(name, 'missing')}, not {locked[name]}" for name in other)
            raise BookError(
                f"The run was made with other versions than those in {versions.LOCK}: {said}.\n"
                f"Change the versions in pyproject.toml and run `make lock` first. Nothing was stored."
            )


def refusals(found: dict[str, Changes], chapter: str, cells: list[str]) -> list[str]:
    """Say which cells of a chapter cannot be accepted, and why."""
    if chapter not in found:
        return [f"{chapter}: no such chapter was run; these were: {', '.join(found) or 'none'}."]
    each = found[chapter]
    if each.outdated:
        return [f"{chapter}: {each.outdated}; run `make upgrade-report ONLY={chapter}` and look at the page."]
    ran = {cell.name: cell for cell in each.ran.cells}
    return [f"{chapter}::{cell}: {reason}" for cell in cells if (reason := refusal(each, ran.get(cell), cell))]


def refusal(each: Changes, ran: RanCell | None, cell: str) -> str:
    """Say why a cell cannot be accepted; empty if it can."""
    if ran is None:
        known = [name for name, _ in each.ran.code]
        return "it was not run." if cell in known else f"no such cell; name one as in {each.ran.name}::{known[0]}."
    if ran.failure:
        return f"{ran.failure.splitlines()[0].rstrip(':.')}; mend that first."
    return "" if cell in each.acceptable else "its outputs are as stored; there is nothing to accept."


def store(root: Path, path: Path, found: Changes, cells: list[str]) -> list[str]:
    """Store the new outputs of cells of a chapter, keep a copy of the file, and say what was written."""
    new = {cell.name: cell for cell in found.ran.cells if cell.name in cells}
    page_now = pages.read(path)
    for name, cell in chapters.code_cells(page_now).items():
        if name in new:
            cell.outputs, cell.execution_count = outputs(new[name]), new[name].count
    copy = saving.keep_copy(path, root / runs.FOLDER / "before")
    lines = [f"{found.ran.name}: accepted {', '.join(new)}; the file as it was: {copy.relative_to(root)}"]
    return lines + [f"  {line}" for line in chapters.store(root, path, page_now)]
