"""What the parts found, as JSON and as a page to read."""

import json
from pathlib import Path

from tests.site_check import lighthouse

FOLDER = Path(__file__).parent
PARTS = ("lighthouse", "axe", "keyboard")
HEAD = """# The site, checked

Made by `make site-check`; `make site-check ONLY="axe keyboard" RUNS=3` renews parts. Reports of every page and every
stop of the keyboard: `book/_build/site-check`. {verdict}
"""
TABLE = """
| page | performance | accessibility | best practices | SEO | largest paint | at most | shift | blocked | KiB | met |
|---|---:|---:|---:|---:|---:|---:|---:|---:|---:|---|
"""
SHOWN = 20  # problems in full


def load(folder: Path = FOLDER) -> dict[str, dict]:
    """Return the results so far, by part."""
    path = folder / "results.json"
    return json.loads(path.read_text("utf-8")) if path.exists() else {}


def store(parts: dict[str, dict], folder: Path = FOLDER) -> None:
    """Put the results of some parts in the place of their old ones, and write both files."""
    results = load(folder) | parts
    results = {each: results[each] for each in PARTS if each in results}
    (folder / "results.json").write_text(json.dumps(results, indent=1, ensure_ascii=False) + "\n", encoding="utf-8")
    (folder / "RESULTS.md").write_text(markdown(results), encoding="utf-8")


def problems(name: str, part: dict) -> list[str]:
    """Return what a part found wrong."""
    if name == "lighthouse":
        return [problem for row in part["rows"] for problem in lighthouse.misses(row)]
    return part["problems"]


def markdown(results: dict[str, dict]) -> str:
    """Return the page."""
    wrong = {name: problems(name, part) for name, part in results.items()}
    missed = [f"{name} {len(found)}" for name, found in wrong.items() if found]
    verdict = f"Not as it should be: {', '.join(missed)}." if missed else "Everything is as it should be."
    text = HEAD.format(verdict=verdict)
    tables = {"lighthouse": measured, "axe": looked, "keyboard": walked}
    for name, part in results.items():
        others = (
            "" if part["others"] is None else f", in which other programs used {part['others']:.0%} of the processor"
        )
        text += f"\n## {name}\n\n{part['how'].strip()}\n\nOn {part['machine']}, with {part['versions']}; "
        text += f"took {part['seconds'] / 60:.0f} min{others}.\n{tables[name](part)}"
        text += "".join(f"\n- {problem}" for problem in wrong[name][:SHOWN])
        text += f"\n- and {len(wrong[name]) - SHOWN} more" if len(wrong[name]) > SHOWN else ""
        text += "\n" if wrong[name] else ""
    return text


def measured(part: dict) -> str:
    """Return the table of Lighthouse's figures."""
    lines = []
    for row in part["rows"]:
        scores = " | ".join(f"{row[name]:.0f}" for name in lighthouse.CATEGORIES)
        limit = lighthouse.paint_limit(row["page"]) / 1000
        met = "**no**" if lighthouse.misses(row) else "yes"
        lines.append(
            f"| {row['page']} | {scores} | {row['paint'] / 1000:.2f} s | {limit:.1f} s | {row['shift']:g} "
            f"| {row['blocking']:.0f} ms | {row['bytes'] / 1024:.0f} | {met} |\n"
        )
    runs = f"\nMedian of {part['runs']}.\n" if part["runs"] > 1 else "\nOne run.\n"
    return runs + TABLE + "".join(lines)


def looked(part: dict) -> str:
    """Say how often axe looked, and what it found."""
    return f"\n{part['looks']} looks at {part['pages']} pages: {len(part['problems'])} problems.\n"


def walked(part: dict) -> str:
    """Return the table of the walks."""
    lines = [f"| {row['page']} | {row['width']} px | {row['stops']} | {row['ring']:g} px |\n" for row in part["rows"]]
    head = "| page | width | stops | thinnest ring |\n|---|---:|---:|---:|\n"
    return f"\n{len(part['problems'])} problems.\n\n{head}{''.join(lines)}"
