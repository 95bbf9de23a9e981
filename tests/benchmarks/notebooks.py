"""Each chapter of `_toc.yml` under nbval, as `make nbval` runs it: one execution, compared with every language.

The time of a chapter holds the start of pytest and the comparisons. Its memory is the largest of any one process: the
kernel. The time of nbval over all languages is the sum of the chapters'.
"""

import os
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path

from book import pages
from book.notebooks import notebooks
from tests.benchmarks.rows import Row
from tests.benchmarks.timing import Stopwatch

ROOT = Path(__file__).parents[2]
NBVAL = ["-m", "pytest", "-q", "--nbval-strict", "--nbval-cell-timeout=600"]
MAXRSS_UNIT = 1 if sys.platform == "darwin" else 1024  # bytes
SECONDS, SECONDS_OF = 90, {"04_lenet5": 150}
GIGABYTES = 4
ALL_SECONDS = 600


def measure(say: Callable[[str], None]) -> list[Row]:
    """Return the time of nbval, and two rows for each chapter."""
    rows, total = [], 0.0
    for name in chapters(ROOT):
        paths = [str(path) for path in notebooks(ROOT) if path.stem == name]
        seconds, memory = run([sys.executable, *NBVAL, *paths])
        say(f"{name}: {seconds:.0f} s, {memory / 1e9:.1f} GB")
        total += seconds
        rows += [
            Row(f"{name}: one execution, compared in {len(paths)} languages", seconds, "s", at_most=budget(name)),
            Row(f"{name}: largest memory of a process", memory / 1e9, "GB", at_most=GIGABYTES),
        ]
    return [Row("nbval, all chapters in all languages", total, "s", at_most=ALL_SECONDS), *rows]


def chapters(root: Path) -> list[str]:
    """Return the names of the notebooks in the table of contents."""
    return [name for name, path in pages.pages(root, pages.ENGLISH).items() if path.suffix == ".ipynb"]


def budget(name: str) -> int:
    """Return the seconds that a chapter may take."""
    return SECONDS_OF.get(name, SECONDS)


def run(command: list[str]) -> tuple[float, int]:
    """Run a program; return its seconds and the bytes of the largest process in it.

    Raises
    ------
    RuntimeError
        If it fails.
    """
    watch = Stopwatch()
    process = subprocess.Popen(command, cwd=ROOT, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True)
    output = process.stdout.read()
    _, status, usage = os.wait4(process.pid, 0)
    seconds = watch.read()
    process.returncode = os.waitstatus_to_exitcode(status)
    if process.returncode:
        raise RuntimeError(f"{' '.join(command)} failed:\n{output[-2000:]}")
    return seconds, usage.ru_maxrss * MAXRSS_UNIT
