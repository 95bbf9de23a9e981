"""Notebooks and their cells, as pytest collects them."""

import os
import re
from dataclasses import asdict, replace
from pathlib import Path

import pytest
from nbval.cover import setup_coverage, teardown_coverage
from nbval.plugin import IPyNbCell, IPyNbFile

from nbval_strict import acceptance, cells, pictures, saving
from nbval_strict.compare import Problem, compare_outputs
from nbval_strict.kernel import Kernel, Run
from nbval_strict.report import Comparison


class CellError(Exception):
    """A cell does not keep to the rules or to its stored outputs; one `Problem` for each reason."""


class StrictFile(IPyNbFile):
    """A notebook.

    Attributes
    ----------
    executed : bool
        Whether its code was run in a kernel of its own.
    runs : dict of int to Run
        The results, by the number of the cell; those of the twin, if there is one.
    twin : StrictFile or None
        The notebook that ran the same code before.
    ended : str
        Why its kernel could not run all cells; empty if it could.
    copy : Path or None
        The notebook as it was, once new outputs are stored in it.
    """

    def __init__(self, *args, strict, **kwargs):
        super().__init__(*args, **kwargs)
        self.strict = strict
        self.executed = False
        self.runs = {}
        self.twin = None
        self.ended = ""
        self.copy = None

    def collect(self):
        """Yield nbval's items, as strict ones."""
        for item in super().collect():
            yield StrictCell.from_parent(
                self, name=item.name, cell_num=item.cell_num, cell=item.cell, options=item.options
            )

    def setup(self):
        """Start a kernel, unless the same code has been executed."""
        self.runs, self.ended, self.kernel = {}, "", None
        self.setup_sanitize_files()
        if not self.config.option.nbval_each:
            self.twin = self.strict.executed_twin(self)
        if self.twin is not None:
            self.runs = self.twin.runs
            return
        self.executed = True
        self.kernel = Kernel(self.nb, self.path.parent, self.config.option)
        if self.measures_coverage:
            setup_coverage(self.config, self.kernel, getattr(self, "fspath", None))

    def teardown(self):
        """End the kernel."""
        if self.kernel is None:
            return
        if self.measures_coverage and not self.ended:
            teardown_coverage(self.config, self.kernel)
        self.kernel.stop()

    @property
    def measures_coverage(self) -> bool:
        """Whether pytest-cov was asked for coverage."""
        return bool(getattr(self.config.option, "cov_source", None))


class StrictCell(IPyNbCell):
    """A code cell of a notebook.

    Attributes
    ----------
    said : dict
        What the summary and the report need to know of it.
    """

    def __init__(self, *args, **kwargs):
        super().__init__(*args, **kwargs)
        self.said = {}

    @property
    def cell_name(self) -> str:
        """The id of the cell."""
        return cells.name(self.cell, self.cell_num)

    @property
    def index(self) -> int:
        """The place of the cell among all cells of the notebook."""
        return next(index for index, cell in enumerate(self.parent.nb.cells) if cell is self.cell)

    @property
    def notebook(self) -> str:
        """The path of the notebook, as pytest shows it."""
        return self.parent.nodeid

    @property
    def place(self) -> str:
        """Notebook and cell, for messages."""
        return f"{self.notebook}: cell {self.cell_name}"

    def setup(self):
        """Prepare nothing: the notebook has a kernel."""

    def runtest(self):
        """Run the cell, or take the outputs of the same code, and compare."""
        problems, run = cells.stored_problems(self.cell, self.options), Run()
        if not self.options["skip"]:
            run = self.parent.runs[self.cell_num] if self.parent.twin else self.execute()
            self.test_outputs = run.outputs  # nbval shows them with --nbdime
            problems += [Problem(run.failure)] if run.failure else self.output_problems(run.outputs)
        if problems and not self.accept(problems, run):
            self.note(problems, run)
            raise CellError(*problems)
        if self.options["skip"]:
            pytest.skip(cells.reason(self.cell))

    def execute(self) -> Run:
        """Run the cell and keep the result for the notebooks with the same code."""
        if self.parent.ended:
            pytest.xfail(f"not run: {self.parent.ended}")
        run = self.parent.kernel.run(self.index, self.options["check_exception"])
        self.parent.runs[self.cell_num] = run
        if run.ended:
            self.parent.ended = f"{run.ended} in cell {self.cell_name}"
        return run

    def output_problems(self, outputs: list) -> list[Problem]:
        """List how the outputs of a run differ from the stored ones."""
        problems = cells.new_problems(self.cell, outputs)
        if self.options["check"] and not cells.never_run(self.cell) and self.cell.outputs and outputs:
            tolerance = self.parent.strict.tolerance(self.cell)
            problems += compare_outputs(self.cell.outputs, outputs, tolerance, sanitize=self.sanitize)
        pictures.remove(self.failures)
        return [self.with_pictures(problem, outputs) for problem in problems]

    def with_pictures(self, problem: Problem, outputs: list) -> Problem:
        """Write the pictures that a problem is about, and name the files."""
        if problem.picture is None:
            return problem
        pair = pictures.pairs(self.cell.outputs, outputs)[problem.picture - 1]
        paths = pictures.write(self.failures, problem.picture, *pair)
        return replace(problem, difference="\n".join(["Look at", *map(shown_path, paths)]))

    @property
    def failures(self) -> Path:
        """The folder for pictures of this cell."""
        return self.notebook_failures / re.sub(r"[^\w-]", "_", self.cell_name)

    @property
    def notebook_failures(self) -> Path:
        """The folder for what this notebook leaves."""
        notebook = Path(*(part for part in Path(self.notebook).with_suffix("").parts if part not in ("..", os.sep)))
        return self.config.invocation_params.dir / self.config.option.nbval_failures / notebook

    def accept(self, problems: list[Problem], run: Run) -> bool:
        """Store the new outputs, if that is asked for and mends all problems; tell whether it was done."""
        if not self.parent.strict.accepts(self) or not all(problem.acceptable for problem in problems):
            return False
        self.parent.copy = self.parent.copy or saving.keep_copy(self.path, self.notebook_failures)
        acceptance.accept(self.path, self.index, self.cell.source, run.outputs, run.count)
        self.said["accepted"] = f"{self.place}; the notebook as it was: {shown_path(self.parent.copy)}"
        return True

    def note(self, problems: list[Problem], run: Run) -> None:
        """Keep what the report shows of a cell that fails."""
        texts = [problem.text for problem in problems]
        comparison = Comparison(self.notebook, self.cell_name, self.cell.source, self.cell.outputs, run.outputs, texts)
        self.said["comparison"] = asdict(comparison)

    def repr_failure(self, excinfo):
        """Show the problems of the cell."""
        if isinstance(excinfo.value, acceptance.AcceptanceError):
            return str(excinfo.value)
        if not isinstance(excinfo.value, CellError):
            return super().repr_failure(excinfo)
        first, *others = ("\n\n".join(filter(None, [each.text, each.difference])) for each in excinfo.value.args)
        parts = [f"{self.place}: {first}", *others]
        if self.parent.twin is not None:
            parts.append(f"It was not executed itself, but compared with the execution of {self.parent.twin.nodeid}.")
        indented = "\n".join(f"    {line}" for line in self.cell.source.splitlines())
        return "\n\n".join([*parts, f"The code:\n{indented}"])


def shown_path(path: Path) -> str:
    """Return a path as seen from the working directory, if it is below it."""
    return str(path.relative_to(Path.cwd()) if path.is_relative_to(Path.cwd()) else path)
