"""Run the English notebooks, store their outputs, and copy these to the other languages.

``python -m book.execute [PAGE ...]`` is what ``make execute`` calls. A notebook whose cells write to stderr, warn or
fail is left as it was: what is stored is what a reader sees, and what nbval later compares. What then breaks a rule
for cells (`book.rules`, `book.evidence`) is stored all the same, and named with the remedy, once for all languages.
"""

import argparse
import sys
import time
from pathlib import Path

from jupyter_client import KernelManager
from nbclient import NotebookClient
from nbclient.exceptions import CellControlSignal, DeadKernelError
from nbformat import NotebookNode
from tqdm import tqdm

from book import evidence, pages, rules, translations
from book.sources import BookError, place, run_command

CELL_TIMEOUT = 600  # seconds


class ExecutionError(BookError):
    """A notebook did not run as it should; the message names the cell."""


def execute(path: Path) -> NotebookNode:
    """Run a notebook from the first cell to the last in a fresh kernel.

    Parameters
    ----------
    path
        The notebook. It runs in its folder; the file itself is not changed.

    Returns
    -------
    NotebookNode
        The notebook with its new outputs, without anything that depends on the machine.

    Raises
    ------
    ExecutionError
        If a cell fails, writes to stderr or takes too long.
    """
    page = pages.read(path)
    code_cells = [(index, cell) for index, cell in enumerate(page.cells) if cell.cell_type == "code"]
    client = new_client(page, path.parent)
    with client.setup_kernel(), tqdm(code_cells, desc=path.stem, unit="cell", disable=None) as progress:
        for count, (index, cell) in enumerate(progress, start=1):
            try:
                run_cell(client, index, count)
            except (ExecutionError, CellControlSignal, DeadKernelError) as error:
                raise ExecutionError(f"{place(path)}: cell {cell.id}: {error}") from error
    return page


def new_client(page: NotebookNode, folder: Path, manager: KernelManager | None = None) -> NotebookClient:
    """Prepare to run a page in a folder, in a fresh kernel of this environment or of a manager's choice."""
    return NotebookClient(
        page,
        km=manager,
        kernel_name="python3",
        timeout=CELL_TIMEOUT,
        startup_timeout=CELL_TIMEOUT,
        coalesce_streams=True,  # as nbval does before it compares
        record_timing=False,
        resources={"metadata": {"path": str(folder)}},
        extra_arguments=["--log-level=ERROR"],  # the kernel's own warnings, about sockets, are not the reader's
    )


def run_cell(client: NotebookClient, index: int, count: int) -> None:
    """Run a code cell as the `count`-th, store its outputs, and refuse stderr (where Python's warnings go, too)."""
    cell = client.nb.cells[index]
    # Without history, as nbval runs it: with history, a semicolon at the end of a line would hide its value.
    client.execute_cell(cell, index, execution_count=count, store_history=False)
    for output in cell.outputs:
        if output.output_type == "execute_result":
            output.execution_count = count  # a kernel without history does not count
    written = [output.text for output in cell.outputs if output.get("name") == "stderr"]
    if written:
        raise ExecutionError("wrote to stderr:\n" + "".join(written))


def execute_and_store(root: Path, name: str, path: Path) -> list[str]:
    """Run a notebook, store its outputs in every language, say what came of it, and return what breaks a rule."""
    before = {cell.get("id"): cell.get("outputs") for cell in pages.read(path).cells}
    start = time.monotonic()
    page = execute(path)
    seconds = time.monotonic() - start
    code = [cell for cell in page.cells if cell.cell_type == "code"]
    changed = [cell.id for cell in code if cell.outputs != before[cell.id]]
    pages.write(path, page)
    outputs = f"other outputs than before: {', '.join(changed)}" if changed else "the same outputs as before"
    print(f"{place(path)}: {len(code)} cells ran in {seconds:.0f} s; {outputs}")
    for line in translations.sync(root, [name]):
        print(line)
    unfounded = [line for line in evidence.check(root) if line.startswith(f"{place(path)}: ")]
    return pages.described(path, rules.problems(path, pages.ENGLISH)) + unfounded


def main(arguments: list[str] | None = None, root: Path = pages.ROOT) -> int:
    """Run the notebooks named on the command line, or all; return the exit status.

    The run ends at the first notebook that does not run as it should, or at Ctrl-C; the notebooks before it have
    been stored, in every language.
    """
    parser = argparse.ArgumentParser(prog="python -m book.execute", description=__doc__.partition("\n")[0])
    parser.add_argument("pages", nargs="*", metavar="PAGE", help="such as 02_convolution; all if none is named")
    named = parser.parse_args(arguments).pages

    def run() -> int:
        english = pages.pages(root, pages.ENGLISH)
        notebooks = {name: path for name, path in english.items() if path.suffix == ".ipynb"}
        translations.choose("notebook", named, notebooks)
        count = 0
        for name in named or notebooks:
            for problem in execute_and_store(root, name, notebooks[name]):
                print(problem, file=sys.stderr)
                count += 1
        if count:
            print(f"stored, and {count} to put right", file=sys.stderr)
        else:
            print("done: stored, and every rule for cells holds")
        return 1 if count else 0

    return run_command(run, kept="the notebook that was running is as it was")


if __name__ == "__main__":
    sys.exit(main())
