"""Run chapters with the interpreter of any environment, and keep what they gave."""

import json
import os
import time
from collections.abc import Iterator
from dataclasses import asdict, dataclass, field
from pathlib import Path

import nbformat
from jupyter_client import AsyncKernelManager
from jupyter_client.kernelspec import KernelSpec, KernelSpecManager
from nbclient.exceptions import CellExecutionError, CellTimeoutError, DeadKernelError
from tqdm import tqdm

from book import execute, pages
from book.sources import BookError
from nbval_strict import kernel, saving
from tools.upgrade import chapters, versions

FOLDER = ".upgrade"  # ignored by git


@dataclass
class RanCell:
    """What a code cell gave.

    Attributes
    ----------
    name, source : str
        Its id and its code.
    outputs : list of dict
    count : int
        The number of the execution.
    failure : str
        Why its outputs cannot be stored, in words; empty if they can.
    """

    name: str
    source: str
    outputs: list
    count: int
    failure: str = ""


@dataclass
class RanChapter:
    """What a chapter gave.

    Attributes
    ----------
    name : str
    code : list of list of str
        The id and the code of each of its code cells.
    circumstances : dict
        What the outputs depend on beside the code, from `circumstances`.
    cells : list of RanCell
        Those that were run.
    stopped : str
        Why the others were not; empty if all were.
    seconds : float
    """

    name: str
    code: list
    circumstances: dict
    cells: list[RanCell] = field(default_factory=list)
    stopped: str = ""
    seconds: float = 0.0


class Interpreter(KernelSpecManager):
    """Knows one kernel: that of an interpreter."""

    def __init__(self, python: Path):
        super().__init__()
        self.command = [str(python), "-m", "ipykernel_launcher", "-f", "{connection_file}"]

    def get_kernel_spec(self, kernel_name: str) -> KernelSpec:
        """Return the kernel, whatever its name."""
        return KernelSpec(argv=self.command, display_name="Python 3", language="python")


def circumstances(root: Path, python: Path) -> dict:
    """Return what decides about outputs beside the code of the chapters: versions, and the state of the package."""
    return {"versions": versions.installed(python), "package": versions.of_package(root)}


def run(root: Path, paths: dict[str, Path], python: Path) -> Iterator[RanChapter]:
    """Run chapters and keep the results; yield each once it is kept.

    At Ctrl-C what the cells gave until then is kept, and the exception goes on.
    """
    found = circumstances(root, python)
    _write(root, "run", found)
    for number, (name, path) in enumerate(paths.items(), start=1):
        page = pages.read(path)
        code = [[cell.id, cell.source] for cell in chapters.code_cells(page).values()]
        chapter = RanChapter(name, code, found)
        start = time.monotonic()
        try:
            _run_cells(root, page, path, python, chapter, f"{number}/{len(paths)} {name}")
        except RuntimeError as error:  # from jupyter_client: the kernel does not start, or does not answer
            chapter.stopped = f"the kernel did not start: {error}"
        except KeyboardInterrupt:
            chapter.stopped = "it was interrupted"
            raise
        finally:
            chapter.seconds = round(time.monotonic() - start, 1)
            _write(root, name, asdict(chapter))
        yield chapter


def _run_cells(root: Path, page, path: Path, python: Path, chapter: RanChapter, title: str) -> None:
    """Run the code cells of a page; an exception in the first keeps the others from being run."""
    manager = AsyncKernelManager(kernel_spec_manager=Interpreter(python))
    client = execute.new_client(page, path.parent, manager)
    cells = [(index, cell) for index, cell in enumerate(page.cells) if cell.cell_type == "code"]
    environment = os.environ | {"PYTHONPATH": os.pathsep.join(_search_path(root))}
    with client.setup_kernel(env=environment, cleanup_kc=True), tqdm(cells, title, unit="cell", disable=None) as bar:
        for count, (index, cell) in enumerate(bar, start=1):
            failure, ended = _run_cell(client, index, count)
            outputs = json.loads(json.dumps(cell.outputs))
            chapter.cells.append(RanCell(cell.id, cell.source, outputs, count, failure))
            if count == 1 and kernel.exception_in(cell.outputs):
                ended = ended or "its first cell, on which the others rely, fails"
            if ended:
                chapter.stopped = ended
                return


def _search_path(root: Path) -> list[str]:
    """Return where kernels look for packages first: the course is taken from this checkout, in any environment."""
    return [str(root / "src"), *filter(None, [os.environ.get("PYTHONPATH")])]


def _run_cell(client, index: int, count: int) -> tuple[str, str]:
    """Run a cell; say why it failed, and why the kernel cannot go on, each empty if that is not so."""
    try:
        execute.run_cell(client, index, count)
    except execute.ExecutionError as error:
        return f"The cell {error}", ""
    except CellTimeoutError:
        return "The cell took too long.", f"the cell {client.nb.cells[index].id} took longer than {client.timeout} s"
    except DeadKernelError:
        return "The kernel died.", f"the kernel died in the cell {client.nb.cells[index].id}"
    except CellExecutionError as error:
        first = f"{error.ename}: {error.evalue}".splitlines()[0]
        return f"The cell fails: {first}\n{kernel.exception_in(client.nb.cells[index].outputs)}", ""
    return "", ""


def kept(root: Path) -> dict[str, RanChapter]:
    """Return the chapters of the last run, and of those before it with the same versions and package.

    Raises
    ------
    BookError
        If nothing is kept.
    """
    folder = root / FOLDER
    try:
        found = json.loads((folder / "run.json").read_text(encoding="utf-8"))
        read = [
            json.loads(path.read_text(encoding="utf-8")) for path in sorted(folder.glob("*.json")) if path.stem != "run"
        ]
        every = [RanChapter(**each | {"cells": [RanCell(**cell) for cell in each["cells"]]}) for each in read]
    except FileNotFoundError:
        raise BookError("There is no run to take outputs from: `make upgrade-report` first.") from None
    except (ValueError, KeyError, TypeError) as error:
        raise BookError(
            f"What is kept in {folder} is damaged ({error}): remove that folder, and `make upgrade-report` again."
        ) from error
    return {each.name: each for each in every if each.circumstances == found}


def _write(root: Path, name: str, content: dict) -> None:
    folder = root / FOLDER
    folder.mkdir(exist_ok=True)
    saving.replace(folder / f"{name}.json", json.dumps(content))


def outputs(cell: RanCell) -> list:
    """Return the outputs of a cell as nbformat has them."""
    return nbformat.from_dict(cell.outputs)
