"""What a run changed: cells whose outputs differ, and numbers of the text that no output has any more."""

import re
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path

from nbformat import NotebookNode

from nbval_strict import cells, compare, tolerances
from nbval_strict.report import Comparison
from nbval_strict.texts import NUMBER, without_colors
from tools.upgrade import chapters
from tools.upgrade.runs import RanCell, RanChapter, outputs

IN_TEXT = re.compile(r"(?<![A-Za-z0-9.,])\d+(?:,\d{3})*(?:\.\d+)?")


@dataclass
class Changes:
    """How a run of a chapter compares with what is stored.

    Attributes
    ----------
    ran : RanChapter
    comparisons : list of Comparison
        The cells that differ or failed.
    failed : list of str
        The names of those among them whose outputs cannot be stored.
    numbers : list of str
        Where the text names a number that only the stored outputs have, in words.
    outdated : str
        Why the run says nothing of the chapter as it is now; empty if it does.
    """

    ran: RanChapter
    comparisons: list[Comparison] = field(default_factory=list)
    failed: list[str] = field(default_factory=list)
    numbers: list[str] = field(default_factory=list)
    outdated: str = ""

    @property
    def acceptable(self) -> list[str]:
        """The names of the cells whose new outputs can be stored."""
        return [each.cell for each in self.comparisons if each.cell not in self.failed]


def of_chapter(path: Path, ran: RanChapter) -> Changes:
    """Compare what is stored in a chapter with what a run of it gave."""
    page = chapters.read(path)
    stored = chapters.code_cells(page)
    if [[cell.id, cell.source] for cell in stored.values()] != ran.code:
        return Changes(ran, outdated="its code has changed since it was run")
    comparisons = [found for cell in ran.cells if (found := comparison(ran.name, stored[cell.name], cell))]
    failed = [cell.name for cell in ran.cells if cell.failure]
    return Changes(ran, comparisons, failed, list(numbers_left(page, ran)))


def comparison(chapter: str, stored: NotebookNode, ran: RanCell) -> Comparison | None:
    """Compare a cell with its new outputs; None if there is nothing to show."""
    new = outputs(ran)
    problems = [ran.failure] if ran.failure else []
    if not cells.reason(stored):  # such a cell says that its output is not compared, and why
        found = compare.compare_outputs(stored.outputs, new, tolerances.of_cell(stored))
        problems += [problem.text for problem in found]
    return Comparison(chapter, ran.name, stored.source, stored.outputs, new, problems) if problems else None


def numbers_left(page: NotebookNode, ran: RanChapter) -> Iterator[str]:
    """Say where the text names a number that rounds one of the stored outputs, and none of the new ones.

    A share may be a percentage in the text. A number of one digit is taken for a word.
    """
    before = [cell.outputs for cell in page.cells if cell.cell_type == "code"]
    new = {cell.name: outputs(cell) for cell in ran.cells}
    after = [new.get(name, cell.outputs) for name, cell in chapters.code_cells(page).items()]
    old, now = (values(each) for each in (before, after))
    if old == now:
        return
    for cell in page.cells:
        written = {word for block in chapters.blocks(cell) for word in IN_TEXT.findall(block.text) if len(word) > 1}
        gone = sorted(word for word in written if rounds(word, old) and not rounds(word, now))
        if gone:
            yield f"{cell.id}: {', '.join(gone)}"


def values(of_cells: list) -> set[float]:
    """Return the numbers that the texts of outputs show, and a hundred times those that may be shares."""
    texts = [
        without_colors(compare.as_text(value))
        for outputs_of_cell in of_cells
        for output in outputs_of_cell
        for kind, value in compare.fields(output).items()
        if not kind.startswith("image/")
    ]
    found = {abs(float(number.replace(",", ""))) for text in texts for number in NUMBER.findall(text)}
    return found | {100 * value for value in found if value <= 1}


def rounds(written: str, among: set[float]) -> bool:
    """Tell whether a number of a text is one of these, rounded to its decimals.

    >>> rounds("98.9", {98.89, 3.0}), rounds("98.9", {98.79})
    (True, False)
    """
    decimals = len(written.partition(".")[2])
    limit = 0.5 * 10**-decimals * (1 + 1e-9)
    number = float(written.replace(",", ""))
    return any(abs(value - number) <= limit for value in among)
