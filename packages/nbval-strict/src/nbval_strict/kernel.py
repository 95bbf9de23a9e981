"""A kernel that runs the cells of one notebook, as Jupyter would."""

import asyncio
import contextlib
import copy
from dataclasses import dataclass, field
from pathlib import Path

import nbformat
from jupyter_client import AsyncKernelManager
from jupyter_core.utils import ensure_event_loop
from nbclient import NotebookClient
from nbclient.exceptions import CellTimeoutError, DeadKernelError
from nbval.kernel import CURRENT_ENV_KERNEL_NAME, NbvalKernelspecManager

from nbval_strict import texts

OUTPUT_TIMEOUT = 60  # seconds in which the outputs of a cell have to arrive once it has ended


@dataclass
class Run:
    """What running a cell gave.

    Attributes
    ----------
    outputs : list of NotebookNode
        Its outputs.
    count : int or None
        The number of the execution.
    failure : str
        Message and traceback, if the code failed where it should not have.
    ended : str
        Why the kernel cannot run another cell; empty if it can.
    """

    outputs: list = field(default_factory=list)
    count: int | None = None
    failure: str = ""
    ended: str = ""


def kernel_name(options, notebook) -> str:
    """Return the kernel that nbval would use."""
    if options.nbval_current_env:
        return CURRENT_ENV_KERNEL_NAME
    return options.nbval_kernel_name or notebook.metadata.get("kernelspec", {}).get("name", "python")


class Kernel:
    """A kernel that runs the cells of one notebook, in the folder of the notebook.

    Parameters
    ----------
    notebook : NotebookNode
        The notebook; it is not changed.
    folder : Path
        Where its code runs.
    options : argparse.Namespace
        The options of nbval.
    """

    def __init__(self, notebook, folder: Path, options):
        name = kernel_name(options, notebook)
        self.timeout = options.nbval_cell_timeout
        manager = AsyncKernelManager(kernel_name=name, kernel_spec_manager=NbvalKernelspecManager())
        self.client = NotebookClient(
            copy.deepcopy(notebook),
            km=manager,
            extra_arguments=["--log-level=ERROR"] if manager.ipykernel else [],  # its warnings are about sockets
            timeout_func=lambda cell: self.timeout,
            startup_timeout=int(min(options.nbval_kernel_startup_timeout, 1e9)),
            iopub_timeout=OUTPUT_TIMEOUT,
            raise_on_iopub_timeout=True,
            allow_errors=True,
            record_timing=False,
            skip_cells_with_tag="",
            shutdown_kernel="immediate",
            resources={"metadata": {"path": str(folder)}},
        )
        self.client.log.setLevel("CRITICAL")  # what it logs is said in the failure of the cell
        self.started = contextlib.ExitStack()
        self.started.enter_context(self.client.setup_kernel(cleanup_kc=True))

    def run(self, index: int, may_fail: bool) -> Run:
        """Run a cell.

        Parameters
        ----------
        index : int
            Its place in the notebook.
        may_fail : bool
            Whether the code is meant to raise an exception.
        """
        cell = self.client.nb.cells[index]
        cell.outputs, cell.execution_count = [], None
        run = Run(cell.outputs)
        try:
            self.client.execute_cell(cell, index)
        except DeadKernelError:
            run.ended = "the kernel died"
            run.failure = "The kernel died.\nThe code, or a library it calls, ended the process, or memory ran out."
        except CellTimeoutError:
            run.ended = f"it took longer than {self.timeout:g} seconds"
            run.failure = f"Timeout of {self.timeout:g} seconds exceeded.\nMake the code faster, or set "
            run.failure += "--nbval-cell-timeout."
        except KeyboardInterrupt:
            drop_pending()
            raise
        run.outputs, run.count = cell.outputs, cell.execution_count
        if not may_fail and not run.failure:
            run.failure = exception_in(run.outputs)
        return run

    def stop(self) -> None:
        """End the process."""
        self.started.close()

    # What nbval asks of a kernel to measure coverage inside it: to run code and wait.

    @property
    def kc(self) -> "Kernel":
        """The part that executes."""
        return self

    @property
    def language(self) -> str:
        """The language of the kernel, in lowercase."""
        return self.client.km.kernel_spec.language.lower()

    def execute(self, code: str, **_) -> int:
        """Run code that is not in the notebook, and return where it was put."""
        self.client.nb.cells.append(nbformat.v4.new_code_cell(code))
        index = len(self.client.nb.cells) - 1
        self.run(index, may_fail=True)
        return index

    def await_idle(self, *_) -> None:
        """Return at once: `execute` has waited."""


def drop_pending() -> None:
    """End what nbclient has begun and Ctrl-C has left, which would print a traceback later."""
    loop = ensure_event_loop()
    tasks = asyncio.all_tasks(loop)
    for task in tasks:
        task.cancel()
    loop.run_until_complete(asyncio.gather(*tasks, return_exceptions=True))


def exception_in(outputs: list) -> str:
    """Return message and traceback of the exception that outputs hold; empty if they hold none."""
    for output in outputs:
        if output.output_type == "error":
            return "\n".join(["Cell execution caused an exception", *map(texts.without_colors, output.traceback)])
    return ""
