"""The pytest plugin: options, collection, one execution for equal code, and the summary.

Load it with ``-p nbval_strict.plugin``; ``nbval_strict`` explains what it does.
"""

import copy
import os
import platform
import re
from dataclasses import dataclass
from itertools import zip_longest
from pathlib import Path

import nbformat
import pytest
from nbval.plugin import IPyNbCell, IPyNbFile, NbCellError, coalesce_streams

from nbval_strict import cells, pictures, texts


def pytest_addoption(parser):
    """Add the options."""
    group = parser.getgroup("nbval-strict", "Jupyter Notebook validation, strict")
    group.addoption(
        "--nbval-strict",
        action="store_true",
        help="with --nbval: compare pictures, too; fail cells never run, empty, with stderr, or ignored without a "
        "reason; execute notebooks with the same code in sibling folders once",
    )
    group.addoption("--nbval-each", action="store_true", help="execute each notebook by itself")
    group.addoption(
        "--nbval-failures",
        type=Path,
        default=Path(".nbval-failures"),
        metavar="FOLDER",
        help="where pictures that differ are written (default: %(default)s)",
    )
    group.addoption(
        "--nbval-equal",
        choices=("auto", "yes", "no"),
        default="auto",
        help="ask for equal outputs instead of allowing the two tolerances (default: yes on x86-64 with AVX2)",
    )
    group.addoption(
        "--nbval-picture-tolerance",
        type=float,
        default=0.7,
        metavar="LEVELS",
        help="root mean square difference of pixels, 0 to 255, where equality is not asked for (default: %(default)s)",
    )
    group.addoption(
        "--nbval-number-tolerance",
        type=float,
        default=0.05,
        metavar="SHARE",
        help="relative difference of numbers in the text of cells tagged 'trained', where equality is not asked for "
        "(default: %(default)s)",
    )


def pytest_configure(config):
    """Refuse options that contradict each other, and prepare what the session has to remember."""
    if not config.option.nbval_strict:
        return
    if not config.option.nbval or config.option.nbval_lax:
        raise pytest.UsageError("--nbval-strict needs --nbval, without --nbval-lax")
    config.stash[SESSION] = Session()


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


@pytest.hookimpl(wrapper=True)
def pytest_collect_file(file_path, parent):
    """Put a strict collector in the place of nbval's."""
    collectors = yield
    if not parent.config.option.nbval_strict:
        return collectors
    return [StrictFile.from_parent(parent, path=each.path) if type(each) is IPyNbFile else each for each in collectors]


def pytest_collection_finish(session):
    """Note, once it is known what will be run, which notebooks run the same code."""
    if session.config.option.nbval_strict:
        session.config.stash[SESSION].plan([item for item in session.items if isinstance(item, StrictCell)])


def pytest_terminal_summary(terminalreporter, config):
    """Say how many notebooks were executed, and which cells were left out."""
    if config.option.nbval_strict and config.stash[SESSION].files:
        terminalreporter.section("nbval-strict")
        for line in config.stash[SESSION].summary(config):
            terminalreporter.line(line)


class Session:
    """The notebooks of a session.

    Attributes
    ----------
    files : dict
        For each notebook, the cells that were selected, in the order in which they will be run.
    """

    def __init__(self):
        self.files = {}

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
        """Tell whether all selected cells of a notebook were executed, in its own kernel and without a timeout."""
        wanted = {item.cell_num for item in self.files[file] if not item.options["skip"]}
        return file.executed and not file.timed_out and wanted <= file.runs.keys()

    def summary(self, config):
        """Yield the lines of the summary."""
        executed = sum(file.executed for file in self.files)
        compared = sum(file.twin is not None for file in self.files)
        yield f"Notebooks: {executed} executed, {compared} compared only, with an execution of the same code."
        option = config.option
        if asks_for_equality(config):
            yield "Outputs had to be equal."
        else:
            yield (
                f"Allowed: {option.nbval_picture_tolerance:g} levels in pictures, "
                f"{option.nbval_number_tolerance:g} of a number in cells tagged 'trained'."
            )
        left_out = [item for items in self.files.values() for item in items if cells.ignored(item.options)]
        yield f"Cells left out: {len(left_out)}"
        for item in left_out:
            yield f"  {item.place}: {cells.ignored(item.options)}: {cells.reason(item.cell) or 'no reason given'}"


SESSION = pytest.StashKey[Session]()


@dataclass
class Run:
    """What running a cell gave.

    Attributes
    ----------
    outputs : list of NotebookNode
        Its outputs, the streams joined.
    failure : str
        Message and traceback, if the code failed where it should not have.
    """

    outputs: list
    failure: str = ""


class CellError(Exception):
    """A cell does not keep to the rules or to its stored outputs; one text for each problem."""


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
    """

    def __init__(self, *args, **kwargs):
        super().__init__(*args, **kwargs)
        self.executed = False
        self.runs = {}
        self.twin = None
        self.skip_compare = (*self.skip_compare, *pictures.KINDS)  # nbval compares them itself for nbdime

    def collect(self):
        """Yield nbval's items, as strict ones."""
        for item in super().collect():
            yield StrictCell.from_parent(
                self, name=item.name, cell_num=item.cell_num, cell=item.cell, options=item.options
            )

    def setup(self):
        """Start a kernel, unless the same code has been executed."""
        self.runs = {}
        if not self.config.option.nbval_each:
            self.twin = self.config.stash[SESSION].executed_twin(self)
        if self.twin is not None:
            self.runs = self.twin.runs
            self.setup_sanitize_files()
            return
        self.executed = True
        super().setup()


class StrictCell(IPyNbCell):
    """A code cell of a notebook."""

    @property
    def cell_name(self) -> str:
        """The id of the cell."""
        return cells.name(self.cell, self.cell_num)

    @property
    def notebook(self) -> str:
        """The path of the notebook, as pytest shows it."""
        return self.parent.nodeid

    @property
    def place(self) -> str:
        """Notebook and cell, for messages."""
        return f"{self.notebook}: cell {self.cell_name}"

    def runtest(self):
        """Run the cell, or take the outputs of the same code, and compare."""
        problems = cells.stored_problems(self.cell, self.options)
        if not self.options["skip"]:
            run = self.parent.runs[self.cell_num] if self.parent.twin else self.execute()
            problems += [run.failure] if run.failure else self.output_problems(run.outputs)
        if problems:
            raise CellError(*problems)
        if self.options["skip"]:
            pytest.skip(cells.reason(self.cell))

    def execute(self) -> Run:
        """Run the cell and keep the result for the notebooks with the same code."""
        # nbval runs a cell that was never run, but does not compare it: that is done here, for this cell and its twins.
        stored, self.cell = self.cell, nbformat.v4.new_code_cell(self.cell.source)
        try:
            super().runtest()
            run = Run(self.test_outputs)
        except NbCellError as error:
            run = Run(self.test_outputs, "\n".join(filter(None, [str(error), error.inner_traceback])))
        finally:
            self.cell = stored
        self.parent.runs[self.cell_num] = run
        return run

    def output_problems(self, outputs) -> list[str]:
        """List how the outputs of a run differ from the stored ones."""
        problems = cells.new_problems(self.cell, outputs)
        if self.options["check"] and not cells.never_run(self.cell) and self.cell.outputs and outputs:
            stored = coalesce_streams(copy.deepcopy(self.cell.outputs))
            if not self.compare_outputs(self.within_tolerance(outputs, stored), stored):
                problems.append("\n".join(["The output differs from the stored one.", *self.comparison_traceback]))
            problems += self.picture_problems(outputs)
        return problems

    def within_tolerance(self, outputs, stored):
        """Replace texts of a trained cell whose numbers are near the stored ones, by these."""
        if "trained" not in self.cell.metadata.get("tags", []) or asks_for_equality(self.config):
            return outputs
        outputs = copy.deepcopy(outputs)
        for mine, reference in text_fields(outputs, stored):
            for key in mine.keys() & reference.keys():
                pair = reference[key], mine[key]
                is_text = key == "text" or key.startswith("text/")
                if is_text and texts.agree(*pair, self.config.option.nbval_number_tolerance):
                    mine[key] = reference[key]
        return outputs

    def compare_outputs(self, test, ref, skip_compare=None):
        """Compare texts as nbval does, but show whole outputs side by side if they do not even match in kind."""
        self.shown = False
        equal = super().compare_outputs(test, ref, skip_compare)
        if not equal and not self.shown:
            self.comparison_traceback.append(texts.side_by_side(describe(ref), describe(test)))
        return equal

    def format_output_compare(self, key, left, right):
        """Show two texts side by side."""
        self.shown = True
        self.comparison_traceback.append(f"{key}:\n" + texts.side_by_side(str(left), str(right)))

    def picture_problems(self, outputs) -> list[str]:
        """Compare the pictures, and write out those that differ."""
        tolerance = 0 if asks_for_equality(self.config) else self.config.option.nbval_picture_tolerance
        pairs = zip_longest(pictures.of_outputs(self.cell.outputs), pictures.of_outputs(outputs))
        problems = []
        for number, (stored, new) in enumerate(pairs, start=1):
            for path in pictures.names(self.failures, number).values():
                path.unlink(missing_ok=True)
            if stored is None or new is None:
                problem = "is not stored" if stored is None else "is stored, but not drawn now"
            else:
                problem = "" if stored == new else pictures.compare(stored, new, tolerance)
            if problem:
                paths = pictures.write(self.failures, number, stored, new)
                problems.append("\n".join([f"Picture {number} {problem}.\nLook at", *map(shown_path, paths)]))
        return problems

    @property
    def failures(self) -> Path:
        """The folder for pictures of this cell."""
        notebook = Path(*(part for part in Path(self.notebook).with_suffix("").parts if part not in ("..", os.sep)))
        folder = self.config.option.nbval_failures / notebook / re.sub(r"[^\w-]", "_", self.cell_name)
        return self.config.invocation_params.dir / folder

    def repr_failure(self, excinfo):
        """Show the problems of the cell."""
        if not isinstance(excinfo.value, CellError):
            return super().repr_failure(excinfo)
        first, *others = excinfo.value.args
        parts = [f"{self.place}: {first}", *others]
        if self.parent.twin is not None:
            parts.append(f"It was not executed itself, but compared with the execution of {self.parent.twin.nodeid}.")
        indented = "\n".join(f"    {line}" for line in self.cell.source.splitlines())
        return "\n\n".join([*parts, f"The code:\n{indented}"])


def text_fields(outputs, stored):
    """Yield pairs of mappings with texts, of a new output and of the stored one in its place."""
    for mine, reference in zip(outputs, stored, strict=False):
        yield mine, reference
        yield mine.get("data", {}), reference.get("data", {})


def describe(outputs) -> str:
    """Write outputs as one text, each under its kind; pictures are only named."""
    parts = []
    for output in outputs:
        fields = {output.get("name", "text"): output.text} if "text" in output else dict(output.get("data", {}))
        if output.output_type == "error":
            fields = {output.ename: output.evalue}
        parts += [f"[{kind}]\n" + ("" if kind.startswith("image/") else str(text)) for kind, text in fields.items()]
    return "\n".join(parts)


def shown_path(path: Path) -> str:
    """Return a path as seen from the working directory, if it is below it."""
    return str(path.relative_to(Path.cwd()) if path.is_relative_to(Path.cwd()) else path)
