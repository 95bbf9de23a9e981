"""What the kernel does to a run: it dies, or takes too long."""

import os
import resource
import time

import pytest

from tests.plugin.tiny import code, run, store, stream

DIE = "import os\nos.kill(os.getpid(), 9)"


def test_a_kernel_that_dies_is_named_within_seconds(tmp_path):
    last = code("after", "print('b')", stream("b\n"), count=3)
    store(tmp_path / "a.ipynb", code("before", "a = 1"), code("dies", DIE, count=2), last)
    start = time.monotonic()
    done = run(tmp_path, "-rx", "--nbval-cell-timeout=600")
    assert time.monotonic() - start < 300  # some seconds; more on a machine that does other things, too
    assert done.outcome("a 0") == "passed"
    assert "a.ipynb: cell dies: The kernel died." in done.message("a 1")
    assert "XFAIL a.ipynb::Cell 2 - not run: the kernel died in cell dies\n" in done.text
    assert done.status == pytest.ExitCode.TESTS_FAILED


def test_a_kernel_that_dies_while_the_other_language_does_not(tmp_path):
    source = f"from pathlib import Path\nif Path.cwd().name == 'en':\n    {DIE.replace(chr(10), '; ')}"
    for language in ("en", "ja"):
        store(tmp_path / language / "a.ipynb", code("dies", source))
    done = run(tmp_path)
    assert "The kernel died" in done.message("en/a 0")
    assert done.outcome("ja/a 0") == "passed"


def test_ctrl_c_ends_the_kernel_and_prints_no_traceback(tmp_path):
    source = "import os, signal, time\nfrom pathlib import Path\n_ = Path('kernel').write_text(str(os.getpid()))\n"
    source += "os.kill(os.getppid(), signal.SIGINT)\ntime.sleep(600)"
    store(tmp_path / "a.ipynb", code("long", source))
    done = run(tmp_path, "--nbval-strict-report=report.html", ".")
    with pytest.raises(ProcessLookupError):
        os.kill(int((tmp_path / "kernel").read_text(encoding="utf-8")), 0)
    assert done.status == pytest.ExitCode.INTERRUPTED
    assert "Traceback" not in done.text and "never retrieved" not in done.text
    assert "No cell to show" in (tmp_path / "report.html").read_text(encoding="utf-8")


def test_a_cell_that_takes_too_long_ends_the_run_of_its_notebook(tmp_path):
    store(tmp_path / "a.ipynb", code("long", "import time\ntime.sleep(60)"), code("after", "1"))
    done = run(tmp_path, "-rx", "--nbval-cell-timeout=1.5")
    assert "Timeout of 1.5 seconds exceeded.\nMake the code faster, or set --nbval-cell-timeout" in done.message("a 0")
    assert "XFAIL a.ipynb::Cell 1 - not run: it took longer than 1.5 seconds in cell long\n" in done.text


def test_a_long_line_that_differs_costs_no_more_than_with_nbval_alone(tmp_path):
    store(tmp_path / "a.ipynb", code("long", "print('x' * 10_000_000)", stream("x" * 9_999_999 + "y\n")))
    seconds = {}
    for strict in (False, True):
        start = resource.getrusage(resource.RUSAGE_CHILDREN).ru_utime  # of the processor: others may use it, too
        done = run(tmp_path, strict=strict)
        seconds[strict] = resource.getrusage(resource.RUSAGE_CHILDREN).ru_utime - start
        assert done.outcome("a 0") == "failure"
    assert len(done.message("a 0")) < 1000
    assert seconds[True] < 2 * seconds[False], seconds
