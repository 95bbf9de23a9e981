"""The same code in sibling folders is executed once, and every notebook is compared with its own stored outputs."""

import pytest

from tests.plugin.tiny import DRAW, code, run, store, stream

LOG = "from pathlib import Path\nwith Path('../log').open('a') as log:\n    _ = log.write('x')"
LANGUAGES = ("en", "ja", "zh")


def cells(word="b\n", source="print('b')", **more):
    """A notebook that notes each execution in a file."""
    return [code("log", LOG), code("text", source, stream(word), **more)]


def executions(folder):
    """How often the notebooks were executed since the last call."""
    log = folder / "log"
    count = len(log.read_text(encoding="utf-8")) if log.exists() else 0
    log.unlink(missing_ok=True)
    return count


def summary(executed, compared):
    return f"Notebooks: {executed} executed, {compared} compared only, with an execution of the same code.\n"


@pytest.fixture
def course(tmp_path):
    """One notebook in three languages; the outputs of the last are not those of the code."""
    for language in LANGUAGES:
        store(tmp_path / language / "a.ipynb", *cells("c\n" if language == "zh" else "b\n"))
    return tmp_path


@pytest.mark.parametrize("order", [("en", "ja", "zh"), ("zh", "en")])
def test_one_execution_is_compared_with_each_language(course, order):
    done = run(course, *(f"{language}/a.ipynb" for language in order))
    assert executions(course) == 1
    assert summary(1, len(order) - 1) in done.text
    assert done.count("failure") == 1
    message = done.message("zh/a 1")
    assert message.startswith("zh/a.ipynb: cell text: The output differs")
    not_executed = "It was not executed itself, but compared with the execution of en/a.ipynb."
    assert (not_executed in message) == (order[0] == "en")


def test_each_by_itself(course):
    done = run(course, "--nbval-each", "en", "zh")
    assert executions(course) == 2
    assert summary(2, 0) in done.text
    assert done.count("failure") == 1


def test_plain_nbval_is_as_it_was(course):
    done = run(course, "en", "zh", strict=False)
    assert executions(course) == 2
    assert "nbval-strict" not in done.text
    assert done.count("failure") == 1
    assert "Cell outputs differ" in done.message("zh/a 1")


def test_other_code_is_executed(tmp_path):
    store(tmp_path / "en" / "a.ipynb", *cells())
    store(tmp_path / "ja" / "a.ipynb", *cells(source="print( 'b')"))  # not quite the same
    store(tmp_path / "en" / "b.ipynb", *cells())  # another name
    store(tmp_path / "other" / "en" / "a.ipynb", *cells())  # not beside en
    store(tmp_path / "zh" / "a.ipynb", *cells(tags=["nbval-skip"], source="print('b')"))  # runs less
    done = run(tmp_path)
    assert summary(5, 0) in done.text
    assert done.count("passed") == 9


def test_selected_cells_are_compared_with_the_same_selection(course):
    done = run(course, "en/a.ipynb::Cell 1", "ja/a.ipynb")
    assert (done.status, summary(2, 0) in done.text) == (0, True)
    done = run(course, "--deselect=en/a.ipynb::Cell 0", "--deselect=zh/a.ipynb::Cell 0", "en", "zh")
    assert summary(1, 1) in done.text
    assert done.cells.keys() == {"en/a 1", "zh/a 1"}
    assert done.count("failure") == 1


def test_a_cell_that_fails_does_so_in_each_language(tmp_path):
    for language in ("en", "ja"):
        store(tmp_path / language / "a.ipynb", *cells(source="print(1 / 0)"), code("text-2", "3", count=3))
    done = run(tmp_path)
    assert summary(1, 1) in done.text
    for language in ("en", "ja"):
        assert "ZeroDivisionError" in done.message(f"{language}/a 1")
        assert "No output is stored" in done.message(f"{language}/a 2")


def test_an_execution_that_took_too_long_is_not_used(tmp_path):
    source = "import time\nfrom pathlib import Path\ntime.sleep(20 if Path.cwd().name == 'en' else 0)"
    for language in ("en", "ja"):
        store(tmp_path / language / "a.ipynb", code("wait", source), code("text", "print('b')", stream("b\n"), count=2))
    done = run(tmp_path, "--nbval-cell-timeout=1.5")
    assert summary(2, 0) in done.text
    assert "Timeout of 1.5 seconds" in done.message("en/a 0")
    assert (done.outcome("ja/a 0"), done.outcome("ja/a 1")) == ("passed", "passed")


def test_a_stored_picture_of_one_language_alone(tmp_path, draw):
    for language, label in (("en", "1"), ("zh", "2")):
        store(tmp_path / language / "a.ipynb", code("setup", DRAW), code("show", "draw('1')", draw(label), count=2))
    done = run(tmp_path, "--nbval-equal=yes")
    assert summary(1, 1) in done.text
    assert done.outcome("en/a 1") == "passed"
    assert ".nbval-failures/zh/a/show/difference.png" in done.message("zh/a 1")
    assert not (tmp_path / ".nbval-failures" / "en").exists()


def test_a_notebook_that_was_never_run_beside_one_that_was(tmp_path):
    store(tmp_path / "en" / "a.ipynb", code("text", "print('b')", stream("b\n"), count=None))
    store(tmp_path / "ja" / "a.ipynb", code("text", "print('b')", stream("b\n")))
    done = run(tmp_path)
    assert summary(1, 1) in done.text
    assert "never run" in done.message("en/a 0")
    assert done.outcome("ja/a 0") == "passed"
