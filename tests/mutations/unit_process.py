"""Unit tests of a copy of the package, in a process of their own that finds TensorFlow imported.

To import TensorFlow takes some five seconds of a processor: a server does it once and is forked for each copy. It may
be, as nothing is computed in the server, and TensorFlow starts its threads with the first operation. Nor does anything
here import `cnn_course`: in each process the package of the copy has to be the first.
"""

import multiprocessing
import os
import sys
from pathlib import Path

import pytest

SERVER = multiprocessing.get_context("forkserver")
SERVER.set_forkserver_preload(["tensorflow", "keras", "scipy.stats"])
OPTIONS = ["-x", "--tb=line", "-p", "no:cacheprovider", "--color=no"]


def run(folder: Path, tests: tuple[str, ...]) -> tuple[int, str]:
    """Run unit tests in a copy; return pytest's exit status and what was printed."""
    output = folder / "output.txt"
    process = SERVER.Process(target=_run, args=(folder, tests, output))
    process.start()
    process.join()
    return process.exitcode, output.read_text(encoding="utf-8", errors="replace") if output.exists() else ""


def _run(folder: Path, tests: tuple[str, ...], output: Path) -> None:
    """Run the tests as a pytest that was started in the copy would."""
    with output.open("wb") as file:
        for stream in (1, 2):
            os.dup2(file.fileno(), stream)
    for name in [name for name in os.environ if name.startswith("PYTEST_")]:
        del os.environ[name]
    os.chdir(folder)
    sys.path[:0] = [str(folder), str(folder / "src")]
    sys.dont_write_bytecode = True
    status = pytest.main([*OPTIONS, f"--rootdir={folder}", *tests])
    package = Path(sys.modules["cnn_course"].__file__)
    if not package.is_relative_to(folder):
        raise RuntimeError(f"not the copy was tested, but {package}")
    sys.exit(int(status))
