"""What a session of pytest remembers: which notebooks run the same code, what was accepted, what failed."""

import json
import platform
from collections.abc import Iterator
from pathlib import Path

import pytest
from nbval.plugin import IPyNbFile

from nbval_strict import cells, report, tolerances
from nbval_strict.collection import StrictCell, StrictFile
from nbval_strict.tolerances import Tolerance


def asks_for_equality(config) -> bool:
    """Decide whether outputs must be equal, or within a tolerance.

    They must be on x86-64 with AVX2, unless ``--nbval-equal`` says otherwise.
    """
    if config.option.nbval_equal != "auto":
        return config.option.nbval_equal == "yes"
    if platform.machine().lower() not in ("x86_64", "amd64"):
        return False
    from numpy._core._multiarray_umath import __cpu_features__

    return bool(__cpu_features__.get("AVX2"))


class Session:
    """The notebooks of a session; the hooks of pytest that need them.

    Attributes
    ----------
    files : dict
        For each notebook, the cells that were selected, in the order in which they will be run.
    comparisons : list of Comparison
        The cells that failed.
    accepted : list of str
        Where outputs were stored, in words.
    """

    def __init__(self, config):
        self.config = config
        self.files = {}
        self.comparisons = []
        self.accepted = []
        self.equality = asks_for_equality(config)
        self.check_paths()

    def check_paths(self) -> None:
        """Refuse paths that cannot be meant, before anything runs."""
        page = self.config.option.nbval_strict_report
        if page and (page.is_dir() or page.suffix == ".ipynb"):
            raise pytest.UsageError(f"--nbval-strict-report: {page} cannot be the report; name a file such as r.html")
        for name in self.config.option.nbval_strict_accept_cell:
            path, separator, cell = name.partition("::")
            if not (separator and cell and self.absolute(path).is_file()):
                raise pytest.UsageError(f"--nbval-strict-accept-cell: {name} is no NOTEBOOK::CELL with a notebook")

    def absolute(self, path: str | Path) -> Path:
        """Return a path that was given on the command line as an absolute one."""
        return (self.config.invocation_params.dir / path).resolve()

    @pytest.hookimpl(wrapper=True)
    def pytest_collect_file(self, file_path, parent):
        """Put a strict collector in the place of nbval's."""
        collectors = yield
        return [
            StrictFile.from_parent(parent, path=each.path, strict=self) if type(each) is IPyNbFile else each
            for each in collectors
        ]

    def pytest_collection_finish(self, session):
        """Note, once it is known what will be run, which notebooks run the same code."""
        self.plan([item for item in session.items if isinstance(item, StrictCell)])
        places = {(item.path.resolve(), item.cell_name) for items in self.files.values() for item in items}
        for name in self.config.option.nbval_strict_accept_cell:
            path, _, cell = name.partition("::")
            if (self.absolute(path), cell) not in places and not hasattr(self.config, "workerinput"):
                raise pytest.UsageError(f"--nbval-strict-accept-cell: no cell {cell!r} of {path} is run")

    @pytest.hookimpl(wrapper=True)
    def pytest_runtest_makereport(self, item, call):
        """Hand what is to be said of a cell to the process that writes the summary (with pytest-xdist, another)."""
        made = yield
        if isinstance(item, StrictCell) and call.when == "call":
            made.nbval_strict = json.dumps(item.said)
        return made

    def pytest_runtest_logreport(self, report):
        """Collect what was said of a cell."""
        said = json.loads(getattr(report, "nbval_strict", "{}"))
        if said.get("accepted"):
            self.accepted.append(said["accepted"])
        if said.get("comparison"):
            self.comparisons.append(as_comparison(said["comparison"]))

    def pytest_sessionfinish(self):
        """Write the report."""
        page = self.config.option.nbval_strict_report
        if page and not hasattr(self.config, "workerinput") and not self.config.option.collectonly:
            report.write(self.absolute(page), self.comparisons, title="Notebook cells that failed", note=self.allowed())

    def pytest_terminal_summary(self, terminalreporter):
        """Say how many notebooks were executed, and which cells were left out."""
        lines = [*self.of_files(), *self.of_results()]
        if lines:
            terminalreporter.section("nbval-strict")
        for line in lines:
            terminalreporter.line(line)

    def plan(self, items) -> None:
        """Sort the selected cells by notebook."""
        self.files = {}
        for item in items:
            self.files.setdefault(item.parent, []).append(item)

    def code(self, file):
        """Return what decides about the outputs of a notebook: two that agree in it need one execution."""
        return (
            file.path.parent.parent,
            file.path.name,
            file.nb.metadata.get("kernelspec", {}).get("name"),
            [
                (item.cell_num, item.cell.source, item.options["skip"], item.options["check_exception"])
                for item in self.files[file]
            ],
        )

    def executed_twin(self, file):
        """Return a notebook that ran the same code to the end, or None."""
        others = (other for other in self.files if other is not file and self.complete(other))
        return next((other for other in others if self.code(other) == self.code(file)), None)

    def complete(self, file) -> bool:
        """Tell whether all selected cells of a notebook were executed, in its own kernel and to the end."""
        wanted = {item.cell_num for item in self.files[file] if not item.options["skip"]}
        return file.executed and not file.ended and wanted <= file.runs.keys()

    def tolerance(self, cell) -> Tolerance:
        """Return how far the outputs of a cell may be from the stored ones."""
        own = tolerances.of_cell(cell)
        return own if self.equality else own.widened(self.of_platform(cell))

    def of_platform(self, cell) -> Tolerance:
        """Return the tolerance of a machine that adds numbers in another order."""
        option = self.config.option
        trained = "trained" in tolerances.tags_of(cell)
        return Tolerance(option.nbval_number_tolerance if trained else 0.0, option.nbval_picture_tolerance)

    def accepts(self, item) -> bool:
        """Tell whether the new outputs of a cell are to be stored."""
        names = (name.partition("::") for name in self.config.option.nbval_strict_accept_cell)
        named = {(self.absolute(path), cell) for path, _, cell in names}
        return self.config.option.nbval_strict_accept or (item.path.resolve(), item.cell_name) in named

    def allowed(self) -> str:
        """Say how far outputs could be apart."""
        option = self.config.option
        if self.equality:
            return "Outputs had to be equal."
        return (
            f"Allowed: {option.nbval_picture_tolerance:g} levels in pictures, "
            f"{option.nbval_number_tolerance:g} of a number in cells tagged 'trained'."
        )

    def of_files(self) -> Iterator[str]:
        """Yield the lines of the summary that tell of the notebooks (not in the main process of pytest-xdist)."""
        if not self.files:
            return
        executed = sum(file.executed for file in self.files)
        compared = sum(file.twin is not None for file in self.files)
        yield f"Notebooks: {executed} executed, {compared} compared only, with an execution of the same code."
        yield self.allowed()
        items = [item for items in self.files.values() for item in items]
        left_out = [item for item in items if cells.ignored(item.options)]
        yield f"Cells left out: {len(left_out)}"
        for item in left_out:
            yield f"  {item.place}: {cells.ignored(item.options)}: {cells.reason(item.cell) or 'no reason given'}"
        yield from tolerance_lines(items)

    def of_results(self) -> Iterator[str]:
        """Yield the lines of the summary that tell what was written."""
        option = self.config.option
        if option.nbval_strict_accept or option.nbval_strict_accept_cell:
            yield f"Cells accepted: {len(self.accepted)}"
            yield from (f"  {line}" for line in self.accepted)
        if option.nbval_strict_report:
            yield f"Report: {option.nbval_strict_report} ({report.counted(self.comparisons)})"


def tolerance_lines(items) -> Iterator[str]:
    """Yield the lines of the summary that list the tolerances that cells ask for."""
    asked = [(item, request) for item in items for request in tolerances.requests(item.cell)]
    if asked:
        yield f"Tolerances that cells ask for: {len(asked)}"
    for item, request in asked:
        yield f"  {item.place}: {request.value} for {request.kind}: {request.reason or 'no reason given'}"


def as_comparison(said: dict) -> report.Comparison:
    """Rebuild what a report of pytest carried as JSON."""
    return report.Comparison(**said)
