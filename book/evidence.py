"""Find numbers in the English prose that no output holds: ``python -m book.evidence`` lists them.

A number counts as measured if it has a decimal point, a separator of thousands or a percent sign; smaller whole
numbers are counts, sizes and years, and are left alone, as are formulas, code and the list of literature. A measured
number must be found, as it is or rounded, a share also in percent, in

- an output or the code of its page,
- or an output of a page that its cell links to, such as ``[chapter 3](#pooling-shift)``,
- or, if it is a whole number such as 55,000 or 44,426 and not rounded, an output or the code of any page: the sizes of
  data and networks are the same all through the course.

A number that comes from elsewhere is named in the metadata of its cell, with where it comes from:
``"given": {"25,000": "photographs in the data set, by its description"}``. This keeps the reason beside the number, and
an entry that the text no longer needs is reported, too.
"""

import re
import sys
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from pathlib import Path

from nbformat import NotebookNode

from book.pages import ENGLISH, ROOT, pages, read
from book.prose import Block, blocks
from book.sources import place, tell

MEASURED = re.compile(
    r"(?<![A-Za-z0-9.,])(\d+(?:,\d{3})*\.\d+|\d+(?:,\d{3})+|\d+(?=%| percent\b))(?![\d.,]*\d)(%| percent)?"
)
WRITTEN = re.compile(r"\d+(?:[,_]\d{3})*(?:\.\d+)?(?:e[-+]?\d+)?%?")  # in an output, or in code
LABEL = re.compile(r"^\(([a-z0-9-]+)\)=", re.MULTILINE)
REFERENCES = "references"  # the cell that lists literature


@dataclass(frozen=True)
class Page:
    """An English page and the numbers that stand behind its prose.

    Attributes
    ----------
    cells
        Of the notebook or markdown page.
    labels
        What links lead to it: its name, and the labels in it with a ``#``.
    own
        Numbers of its outputs and its code.
    given
        Numbers of its outputs, for pages that link to it.
    """

    cells: list[NotebookNode]
    labels: frozenset[str]
    own: frozenset[float]
    given: frozenset[float]


def check(root: Path = ROOT) -> list[str]:
    """Return a line for each number that stands on nothing: the file, the cell, the number, and what to do.

    Parameters
    ----------
    root
        The folder that holds ``chapters``.
    """
    paths = pages(root, ENGLISH)
    course = {name: load(name, path) for name, path in paths.items()}
    sizes = frozenset().union(*(page.own for page in course.values()))
    return [
        f"{place(paths[name])}: cell {cell.id}: {problem}"
        for name, page in course.items()
        for cell in page.cells
        if cell.id != REFERENCES
        for problem in check_cell(cell, page, course.values(), sizes)
    ]


def load(name: str, path: Path) -> Page:
    """Read a page."""
    cells = read(path).cells
    printed, code = numbers(map(output_text, cells)), numbers(cell.source for cell in cells if cell.cell_type == "code")
    labels = {f"#{label}" for cell in cells for label in LABEL.findall(cell.source)}
    return Page(cells, frozenset({name, *labels}), printed | code, printed)


def check_cell(cell: NotebookNode, page: Page, course: Iterable[Page], sizes: frozenset[float]) -> Iterator[str]:
    """Yield what is wrong with the numbers in the prose of one cell."""
    text = blocks(cell)
    targets = {target for block in text for target, _ in block.links}
    known = page.own.union(*(other.given for other in course if other.labels & targets))
    given, used = cell.metadata.get("given", {}), set()
    for number, unit, around in measured(text):
        if number in given:
            used.add(number)
        elif not (found(number, bool(unit), known) or whole(number) in sizes):
            yield (
                f"{number + unit!r} in {around!r} is in no output of this page or of one that the cell links to; print "
                'it, correct it, or say in the metadata of the cell where it comes from: "given": {"…": "where from"}'
            )
    for number in given.keys() - used:
        yield f'"given" names {number}, which is not in the text; take it out'


def measured(text: list[Block]) -> Iterator[tuple[str, str, str]]:
    """Yield each number that looks measured, its unit, and some words around it."""
    for block in text:
        for match in MEASURED.finditer(block.text):
            around = block.text[max(0, match.start() - 25) : match.end() + 15].replace("\n", " ")
            yield match[1], match[2] or "", around


def found(number: str, percent: bool, known: frozenset[float]) -> bool:
    """Tell whether a number is among those known, rounded to as many digits as it is written with."""
    digits = number.replace(",", "")
    value, decimals = float(digits), len(digits.partition(".")[2])
    zeros = len(digits) - len(digits.rstrip("0")) if "," in number and not decimals else 0
    tolerance = 0.5 * 10.0 ** (zeros - decimals) * (1 + 1e-9)
    return any(
        abs(each - value) <= tolerance or (each <= 1 and percent and abs(100 * each - value) <= tolerance)
        for each in known
    )


def whole(number: str) -> float | None:
    """Return the value of a whole number with separators of thousands, and None for others."""
    return float(number.replace(",", "")) if "," in number and "." not in number else None


def numbers(texts: Iterable[str]) -> frozenset[float]:
    """Return the numbers in texts; one in percent also as a share."""
    written = [match for text in texts for match in WRITTEN.findall(text)]
    values = {each: float(each.rstrip("%").replace(",", "").replace("_", "")) for each in written}
    return frozenset(values.values()) | {value / 100 for each, value in values.items() if each.endswith("%")}


def output_text(cell: NotebookNode) -> str:
    """Return what a cell's code printed or gave, as text."""
    texts = (output.get("text") or output.get("data", {}).get("text/plain") for output in cell.get("outputs", ()))
    return "\n".join(filter(None, texts))


def main(root: Path = ROOT) -> int:
    """Print the numbers that stand on nothing; return the exit status."""
    return tell(check, root)


if __name__ == "__main__":
    sys.exit(main())
