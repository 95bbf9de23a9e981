"""Each rule, shown a cell that keeps it and one that breaks it. All cells are in one notebook: it is run twice."""

import pytest

from tests.plugin.tiny import DRAW, changed_pixel, code, result, run, store, stream

PIECES = "print('one')\ndisplay(2)\nprint('two')"
EQUAL, TOLERANT = "--nbval-equal=yes", "--nbval-equal=no"


@pytest.fixture(scope="module")
def notebook(tmp_path_factory, draw):
    folder = tmp_path_factory.mktemp("cells")
    slight = draw("98.1", "#1f77b5")
    error = {"output_type": "error", "ename": "ValueError", "evalue": "meant", "traceback": []}
    text = {"ignore": ["nbval-ignore-output"], "trained": ["trained"]}
    warn = "import sys\nprintf = print('careful', file=sys.stderr)"
    cells = [
        code("setup", DRAW),
        code("same-text", "print('b')\n1 + 1", stream("b\n"), result("2")),
        code("other-text", "print('one')\nprint('two')", stream("one\ntoo\n")),
        code("fewer-outputs", "print('one')", stream("one\n"), result("2")),
        code("swapped", "print('one')\n2", result("2"), stream("one\n")),
        code("swapped-in-pieces", PIECES, stream("one\n"), stream("two\n"), result("2")),
        code("in-pieces", PIECES, stream("one\n"), result("2"), stream("two\n")),
        code("joined", PIECES, stream("one\ntwo\n"), result("2")),
        code("swapped-texts", "from IPython.display import display\ndisplay('b', 'a')", result("'a'"), result("'b'")),
        code("swapped-pictures", "display(draw('1'), draw('2'))", draw("2"), draw("1")),
        code("updated", "handle = display('now', display_id=True)\nhandle.update('then')", result("'then'")),
        code("quiet", "1 + 1;"),
        code("skip-execution", "print('b')", stream("c\n"), tags=["skip-execution"]),
        code("same-picture", "draw('98.1')", draw("98.1")),
        code("other-pixel", "draw('98.1')", changed_pixel(draw("98.1"))),
        code("slight-picture", "draw('98.1')", slight),
        code("other-digit", "draw('98.2')", draw("98.1")),
        code("picture-gone", "draw('98.1').format", result("'png'", **slight["data"] | {"text/plain": "'png'"})),
        code("meant", "raise ValueError('meant')", error, tags=["raises-exception"]),
        code("raises", "print('before')\nraise ValueError('unmeant')", stream("before\n")),
        code("never-run", "print('b')", count=None),
        code("never-run-with-output", "print('b')", stream("b\n"), count=None),
        code("empty", " \n"),
        code("output-lost", "print('b')"),
        code("output-gone", "b = 1", stream("b\n")),
        code("ignored-output-lost", "# Not checked: takes time\nprint('b')", tags=text["ignore"]),
        code("stderr-stored", "print('b')", stream("b\n"), stream("careful\n", "stderr")),
        code("stderr-new", warn),
        code("stderr-same", warn, stream("careful\n", "stderr")),
        code("ignored", "# Not checked: the time\nprint('b')", stream("c\n"), tags=text["ignore"]),
        code("ignored-why", "# the time\nprint('b')", stream("c\n"), tags=text["ignore"]),
        code("skipped", "# NBVAL_SKIP\n# not checked: needs a network\n1 / 0"),
        code("skipped-why", "# NBVAL_SKIP\n# Not checked:\n1 / 0"),
        code(
            "trained", "print('loss 0.512, right 98.9 %')", stream("loss 0.511, right 98.7 %\n"), tags=text["trained"]
        ),
        code("trained-far", "print('right 68.9 %')", stream("right 98.7 %\n"), tags=text["trained"]),
        code("untrained", "print('right 98.9 %')", stream("right 98.7 %\n")),
        code("last", "print('last')", stream("last\n")),
    ]
    store(folder / "a.ipynb", *cells)
    return folder, [cell["id"] for cell in cells]


@pytest.fixture(scope="module")
def results(notebook):
    """For each of the two ways, the outcome of the run and those of the cells by their ids."""
    folder, names = notebook
    found = {}
    for way in (EQUAL, TOLERANT):
        done = run(folder, "a.ipynb", way, f"--nbval-failures=failures{way}")
        found[way] = done, {name: done.cells[f"a {number}"] for number, name in enumerate(names)}
    return found


GOOD = ["setup", "same-text", "in-pieces", "joined", "updated", "quiet", "same-picture", "meant", "ignored", "last"]


@pytest.mark.parametrize("name", GOOD)
def test_a_good_cell_passes(results, name):
    for way in (EQUAL, TOLERANT):
        assert results[way][1][name] == ("passed", "")


BAD = [
    ("other-text", EQUAL, "The output differs from the stored one"),
    ("other-text", EQUAL, "  one\n- too\n+ two"),
    ("other-text", TOLERANT, "The output differs from the stored one"),
    ("fewer-outputs", EQUAL, "in number, kind or order.\nstored: stdout; text/plain\nnow: stdout\n"),
    ("fewer-outputs", EQUAL, "- [text/plain]\n- 2\n"),
    ("swapped", EQUAL, "in number, kind or order.\nstored: text/plain; stdout\nnow: stdout; text/plain\n"),
    ("swapped-in-pieces", EQUAL, "stored: stdout; text/plain\nnow: stdout; text/plain; stdout\n"),
    ("swapped-texts", EQUAL, "- 'a'\n+ 'b'"),
    ("swapped-pictures", EQUAL, "Picture 2 differs"),
    ("skip-execution", EQUAL, "- c\n+ b"),
    ("other-pixel", EQUAL, "Picture 1 differs in 1 of 30,000 pixels,\nby at most 255 levels"),
    ("slight-picture", EQUAL, "Picture 1 differs in"),
    ("other-digit", EQUAL, "a/other-digit/expected.png\nfailures--nbval-equal=yes/a/other-digit/got.png\n"),
    ("other-digit", EQUAL, "a/other-digit/difference.png"),
    ("other-digit", TOLERANT, "allowed 0.7"),
    ("picture-gone", EQUAL, "Picture 1 is stored, but not drawn now"),
    ("raises", EQUAL, "Cell execution caused an exception"),
    ("raises", EQUAL, "unmeant"),
    ("never-run", EQUAL, "never run.\nRun the notebook from the top and store it"),
    ("never-run-with-output", EQUAL, "never run"),
    ("empty", EQUAL, "The cell is empty.\nRemove it."),
    ("output-lost", EQUAL, "No output is stored, but the code has some now.\nRun the cell again"),
    ("output-gone", EQUAL, "Outputs are stored, but the code has none now.\nRun the cell again"),
    ("ignored-output-lost", EQUAL, "No output is stored, but the code has some now"),
    ("stderr-stored", EQUAL, "The stored output has text on stderr.\nMend"),
    ("stderr-new", EQUAL, "The code writes to stderr.\nMend what it warns of:\ncareful"),
    ("stderr-same", EQUAL, "The stored output has text on stderr"),
    ("ignored-why", EQUAL, "run, but its output is ignored, and nothing says why"),
    ("ignored-why", EQUAL, "or add the line\n# Not checked: <the reason>"),
    ("skipped-why", EQUAL, "The cell is skipped, and nothing says why"),
    ("trained", EQUAL, "right 98.7 %"),
    ("trained-far", EQUAL, "right 98.7 %"),
    ("trained-far", TOLERANT, "right 98.7 %"),
    ("untrained", EQUAL, "right 98.7 %"),
    ("untrained", TOLERANT, "right 98.7 %"),
]


@pytest.mark.parametrize(("name", "way", "message"), BAD)
def test_a_bad_cell_fails_with_its_name_and_the_reason(results, name, way, message):
    outcome, text = results[way][1][name]
    assert outcome == "failure"
    assert text.startswith(f"a.ipynb: cell {name}: ")
    assert message in text
    assert max(map(len, text.splitlines())) <= 120


@pytest.mark.parametrize("name", ["slight-picture", "trained"])
def test_off_the_platform_a_tolerance_applies(results, name):
    assert results[TOLERANT][1][name] == ("passed", "")


def test_each_cell_is_named_above(results, notebook):
    """Every failure of the notebook is one that a test above explains."""
    failed = {name for name, (outcome, _) in results[EQUAL][1].items() if outcome == "failure"}
    assert failed == {name for name, way, _ in BAD if way == EQUAL}
    assert set(notebook[1]) == {*failed, *GOOD, "skipped"}


def test_a_skipped_cell_is_reported_with_its_reason(results):
    outcome, text = results[EQUAL][1]["skipped"]
    assert (outcome, "needs a network" in text) == ("skipped", True)


def test_the_summary_counts_the_cells_left_out(results):
    text = results[EQUAL][0].text
    assert "Cells left out: 5\n" in text
    assert "  a.ipynb: cell ignored: run, but its output is ignored: the time\n" in text
    assert "  a.ipynb: cell skipped: skipped: needs a network\n" in text
    assert "  a.ipynb: cell skipped-why: skipped: no reason given\n" in text


def test_the_summary_says_what_was_allowed(results):
    assert "Outputs had to be equal." in results[EQUAL][0].text
    assert "Allowed: 0.7 levels in pictures, 0.05 of a number in cells tagged 'trained'." in results[TOLERANT][0].text


def test_pictures_are_written_only_where_they_differ(results, notebook):
    folder = notebook[0] / f"failures{TOLERANT}" / "a"
    assert {path.name for path in folder.iterdir()} == {
        "other-digit",
        "other-pixel",
        "picture-gone",
        "swapped-pictures",
    }
    assert {path.name for path in (folder / "other-digit").iterdir()} == {"expected.png", "got.png", "difference.png"}
    assert {path.name for path in (folder / "picture-gone").iterdir()} == {"expected.png"}


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        (("--nbval-lax",), "--nbval-strict and --nbval-lax contradict each other"),
        (("-p", "no:nbval"), "--nbval-strict needs nbval: run `pip install nbval`"),
        (("--nbval-strict-report=a.ipynb",), "a.ipynb cannot be the report; name a file such as"),
        (("--nbval-strict-report=.",), ". cannot be the report"),
        (("--nbval-strict-accept-cell=a.ipynb",), "a.ipynb is no NOTEBOOK::CELL with a notebook"),
        (("--nbval-strict-accept-cell=a.ipynb::no-such",), "no cell 'no-such' of a.ipynb is run"),
    ],
)
def test_options_that_make_no_sense_are_refused_before_anything_runs(notebook, arguments, message):
    done = run(notebook[0], *arguments, "a.ipynb")
    assert message in done.text
    assert done.status == pytest.ExitCode.USAGE_ERROR
    assert not done.cells


def test_options_of_the_strict_mode_need_it(notebook):
    done = run(notebook[0], "--nbval-strict-report=r.html", "a.ipynb", strict=False)
    assert "--nbval-strict-report needs --nbval-strict" in done.text
