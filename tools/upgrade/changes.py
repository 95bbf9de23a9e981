"""What a run changed: the cells whose outputs differ, and those that failed."""

from dataclasses import dataclass, field
from pathlib import Path

from nbformat import NotebookNode

from book import pages
from nbval_strict import cells, compare, tolerances
from nbval_strict.report import Comparison
from tools.upgrade import chapters
from tools.upgrade.runs import RanCell, RanChapter, outputs


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
    outdated : str
        Why the run says nothing of the chapter as it is now; empty if it does.
    """

    ran: RanChapter
    comparisons: list[Comparison] = field(default_factory=list)
    failed: list[str] = field(default_factory=list)
    outdated: str = ""

    @property
    def acceptable(self) -> list[str]:
        """The names of the cells whose new outputs can be stored."""
        return [each.cell for each in self.comparisons if each.cell not in self.failed]


def of_chapter(path: Path, ran: RanChapter) -> Changes:
    """Compare what is stored in a chapter with what a run of it gave."""
    stored = chapters.code_cells(pages.read(path))
    if [[cell.id, cell.source] for cell in stored.values()] != ran.code:
        return Changes(ran, outdated="its code has changed since it was run")
    comparisons = [found for cell in ran.cells if (found := comparison(ran.name, stored[cell.name], cell))]
    failed = [cell.name for cell in ran.cells if cell.failure]
    return Changes(ran, comparisons, failed)


def comparison(chapter: str, stored: NotebookNode, ran: RanCell) -> Comparison | None:
    """Compare a cell with its new outputs; None if there is nothing to show."""
    new = outputs(ran)
    problems = [ran.failure] if ran.failure else []
    if not cells.reason(stored):  # such a cell says that its output is not compared, and why
        found = compare.compare_outputs(stored.outputs, new, tolerances.of_cell(stored))
        problems += [problem.text for problem in found]
    return Comparison(chapter, ran.name, stored.source, stored.outputs, new, problems) if problems else None
