"""`make upgrade-report`: what it shows of a run, what it accepts, and what it refuses."""

import base64
import io
import json
import re
import shutil
import subprocess
import sys

import nbformat
import pytest
from PIL import Image

from book import execute, pages, translations
from tools.upgrade import __main__ as command
from tools.upgrade import page, runs, trial, versions

DRAW = """\
import io
from IPython.display import Image, display
from PIL import Image as Picture

file = io.BytesIO()
Picture.new("RGB", (8, 6), "red").save(file, format="png")
display(Image(file.getvalue()))"""


def stream(text):
    return {"output_type": "stream", "name": "stdout", "text": text}


def picture(color):
    file = io.BytesIO()
    Image.new("RGB", (8, 6), color).save(file, format="png")
    data = {
        "image/png": base64.b64encode(file.getvalue()).decode(),
        "text/plain": "<IPython.core.display.Image object>",
    }
    return {"output_type": "display_data", "data": data, "metadata": {}}


def code(name, source, *outputs):
    return {
        "cell_type": "code",
        "id": name,
        "source": source,
        "outputs": list(outputs),
        "metadata": {},
        "execution_count": 1,
    }


def text(name, source):
    return {"cell_type": "markdown", "id": name, "source": source, "metadata": {}}


def begin(course, *names):
    """Make a course in English and Chinese, whose contents are these chapters."""
    (course / "book").mkdir()
    languages = (pages.ROOT / "book" / "languages.yml").read_text(encoding="utf-8").partition("\nja:")[0]
    (course / "book" / "languages.yml").write_text(languages, encoding="utf-8")
    chapters = "chapters:\n" * (len(names) > 1) + "".join(f"- file: {name}\n" for name in names[1:])
    (course / "_toc.yml").write_text(f"format: jb-book\nroot: {names[0]}\n{chapters}", encoding="utf-8")


def store(course, name, *cells):
    path = course / "chapters" / "en" / f"{name}.ipynb"
    path.parent.mkdir(parents=True, exist_ok=True)
    page_ = nbformat.from_dict({"cells": list(cells), "metadata": {}, "nbformat": 4, "nbformat_minor": 5})
    for count, cell in enumerate((cell for cell in page_.cells if cell.cell_type == "code"), start=1):
        cell.execution_count = count
    pages.write(path, pages.normalize(page_))
    return path


def outputs(course, name, language="en"):
    page_ = pages.read(course / "chapters" / language / f"{name}.ipynb")
    return {cell.id: cell.outputs for cell in page_.cells if cell.cell_type == "code"}


def files(course, folder="chapters"):
    return {path: path.read_bytes() for path in sorted((course / folder).rglob("*")) if path.is_file()}


def upgrade(course, *arguments):
    return command.main(list(arguments), course)


def report(course):
    return (course / ".upgrade" / "report.html").read_text(encoding="utf-8")


@pytest.fixture(scope="session")
def made(tmp_path_factory):
    """A course in two languages, of which all chapters have been run; what it wrote into them; what it said."""
    course = tmp_path_factory.mktemp("course")
    begin(course, "01_differs", "02_fails", "03_no_start")
    (course / "src" / "own").mkdir(parents=True)
    (course / "src" / "own" / "__init__.py").write_text("ANSWER = 42\n", encoding="utf-8")
    store(
        course,
        "01_differs",
        code("setup", "import own\n\nprint(own.ANSWER)", stream("42\n")),
        text("said", "The test gave 98.9%, and 12.5 is its double."),
        code("number", "print('accuracy', 0.9712, 12.5)", stream("accuracy 0.9889 12.5\n")),
        code("picture", DRAW, picture("blue")),
        code("same", "1 + 1", {"output_type": "execute_result", "execution_count": 4, "metadata": {}} | DATA),
    )
    store(
        course,
        "02_fails",
        code("fine", "print('a')", stream("a\n")),
        code("fails", "1 / 0", stream("1\n")),
        code("warns", "import warnings\nwarnings.warn('old')\nprint('b')", stream("b\n")),
        code("after", "print('new')", stream("old\n")),
        code("dies", "import os\nos._exit(1)", stream("c\n")),
        code("never", "print('d')", stream("d\n")),
    )
    store(course, "03_no_start", code("setup", "import gone"), code("later", "print(1)", stream("1\n")))
    translations.sync(course)
    before = files(course)
    output = io.StringIO()
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr("sys.stdout", output)
        assert upgrade(course) == 0
    assert files(course) == before  # nothing is written into chapters
    (course / "said.txt").write_text(output.getvalue(), encoding="utf-8")
    return course


DATA = {"data": {"text/plain": "2"}}


@pytest.fixture
def course(made, tmp_path):
    return shutil.copytree(made, tmp_path / "course")


def test_texts_and_pictures_that_differ_are_on_the_page(course):
    html = report(course)
    assert re.search(r"01_differs <span>cell</span> number", html)
    assert "<del>9889</del>" in html and "<ins>9712</ins>" in html
    (figures,) = (part for part in html.split("<article")[1:] if "01_differs <span>cell</span> picture" in part)
    assert re.findall("<figcaption>(.*?)<", figures) == ["Stored", "New", "Difference"]
    assert len(re.findall("data:image/png;base64,iVBOR", figures)) == 3
    assert "01_differs <span>cell</span> same" not in html and "01_differs <span>cell</span> setup" not in html
    assert not re.search(r"(src|href)=\"(?!data:|#)", html)


def test_cells_that_fail_and_chapters_that_stop_are_named(course):
    html, said = report(course), (course / "said.txt").read_text(encoding="utf-8")
    assert "The cell fails: ZeroDivisionError: division by zero" in html
    assert "The cell wrote to stderr:" in html and "UserWarning: old" in html
    assert "<ins>new</ins>" in html  # the cells after one that fails are run
    assert "cell</span> never" not in html
    assert "stopped: the kernel died in the cell dies" in html
    assert "stopped: its first cell, on which the others rely, fails" in html
    assert re.search(
        r"02_fails: 5 of 6 cells ran in \d+ s; differ: after; fail: fails, warns, dies; stopped: the kernel", said
    )
    assert "Not compared to the end: 02_fails, 03_no_start. Until there, cells that differ: 3, that fail: 4." in said


def test_the_page_begins_with_the_versions_of_both_sides(course):
    (course / "requirements.lock").write_text(
        "numpy==0.1 \\\n    --hash=sha256:0\nkeras==0.2 ; sys_platform\n", encoding="utf-8"
    )
    table = page.version_table(course, page.changes(course))
    rows = {name: row for name, *row in table.rows}
    here = versions.installed(versions.interpreter(None))
    assert rows["numpy"] == ["0.1", here["numpy"], "differs"]
    assert rows["keras"] == ["0.2", here["keras"], "differs"]
    assert rows["python"] == ["not known", here["python"], ""]


def test_numbers_of_the_text_that_no_output_holds_any_more_are_named_after_accepting(course, capsys):
    assert upgrade(course, "--accept", "01_differs::number") == 0
    said = capsys.readouterr().out.partition("Now the text has numbers that no output holds:\n")[2]
    assert re.findall(r"cell (\S+): .*?(\d[\d.]*)", said) == [("said", "98.9")]  # 0.9889 before; 12.5 is still there


def test_a_cell_is_accepted_in_every_language_without_running_anything(course, capsys, monkeypatch):
    monkeypatch.setattr(execute, "new_client", None)
    before, english = outputs(course, "01_differs"), course / "chapters" / "en" / "01_differs.ipynb"
    original = english.read_bytes()
    assert upgrade(course, "--accept", "01_differs::number") == 0
    said = capsys.readouterr().out
    assert "01_differs: accepted number; the file as it was: .upgrade/before/01_differs.ipynb" in said
    assert "chapters/en/01_differs.ipynb: written" in said and "chapters/zh/01_differs.ipynb: written" in said
    assert (course / ".upgrade" / "before" / "01_differs.ipynb").read_bytes() == original
    for language in ("en", "zh"):
        assert outputs(course, "01_differs", language) == before | {"number": [stream("accuracy 0.9712 12.5\n")]}
    # The file is what it would be, had it been executed: one cell apart, not a byte differs.
    assert english.read_text(encoding="utf-8") == original.decode().replace("0.9889", "0.9712")
    assert "cell</span> number" not in report(course) and "cell</span> picture" in report(course)
    assert upgrade(course, "--accept", "01_differs::number") == 1
    assert "its outputs are as stored; there is nothing to accept" in capsys.readouterr().err


def test_all_accepts_what_differs_and_leaves_what_fails(course, capsys):
    store(course, "03_no_start", code("setup", "import gone"), code("later", "print(1)", stream("1\n")))
    assert upgrade(course, "--accept", "all") == 0
    assert outputs(course, "01_differs")["number"] == [stream("accuracy 0.9712 12.5\n")]
    assert outputs(course, "01_differs", "zh")["picture"][0].data["image/png"] == picture("red")["data"]["image/png"]
    kept = outputs(course, "02_fails")
    assert [kept[name][0].text for name in ("fails", "warns", "after", "dies", "never")] == [
        "1\n", "b\n", "new\n", "c\n", "d\n",
    ]  # fmt: skip
    capsys.readouterr()
    assert upgrade(course, "--accept", "all") == 0
    assert "There is nothing to accept." in capsys.readouterr().out


@pytest.mark.parametrize(
    ("cell", "message"),
    [
        ("02_fails::fails", "02_fails::fails: The cell fails: ZeroDivisionError: division by zero; mend that first."),
        ("02_fails::warns", "02_fails::warns: The cell wrote to stderr; mend that first."),
        ("02_fails::never", "02_fails::never: it was not run."),
        ("01_differs::nothing", "no such cell; name one as in 01_differs::setup."),
        ("01_differs", "no such cell; name one as in 01_differs::setup."),
        ("09::a", "09: no such chapter was run; these were: 01_differs, 02_fails, 03_no_start."),
        ("01_differs::same", "its outputs are as stored"),
    ],
)
def test_one_cell_that_cannot_be_accepted_keeps_all_from_being_stored(course, capsys, cell, message):
    before = files(course)
    assert upgrade(course, "--accept", "01_differs::number", cell) == 1
    said = capsys.readouterr().err
    assert message in said and "Nothing was stored." in said
    assert files(course) == before


@pytest.mark.parametrize("name", ["all", "01_differs::number"])
def test_code_that_has_changed_since_is_refused(course, capsys, name):
    english = course / "chapters" / "en" / "01_differs.ipynb"
    english.write_text(english.read_text(encoding="utf-8").replace("1 + 1", "1 + 2"), encoding="utf-8")
    before = files(course)
    assert upgrade(course, "--accept", name) == 1
    assert "01_differs: its code has changed since it was run" in capsys.readouterr().err
    assert files(course) == before


def test_words_may_change_between_the_run_and_the_accepting(course):
    english = course / "chapters" / "en" / "01_differs.ipynb"
    english.write_text(english.read_text(encoding="utf-8").replace("The test gave", "A test gave"), encoding="utf-8")
    assert upgrade(course, "--accept", "01_differs::number") == 0
    assert "A test gave" in english.read_text(encoding="utf-8")


def test_a_package_that_has_changed_since_is_refused(course, capsys):
    (course / "src" / "own" / "__init__.py").write_text("ANSWER = 43\n", encoding="utf-8")
    before = files(course)
    assert upgrade(course, "--accept", "all") == 1
    assert "The package in src has changed since 01_differs was run" in capsys.readouterr().err
    assert files(course) == before


def test_outputs_of_other_versions_than_the_locked_ones_are_refused(course, capsys):
    (course / "requirements.lock").write_text("numpy==0.1 \\\n", encoding="utf-8")
    before = files(course)
    assert upgrade(course, "--accept", "all") == 1
    said = capsys.readouterr().err
    assert re.search(r"numpy [\d.]+, not 0\.1", said) and "make lock" in said
    assert files(course) == before


def test_accepting_before_anything_was_run(course, capsys):
    shutil.rmtree(course / ".upgrade")
    assert upgrade(course, "--accept", "all") == 1
    assert "There is no run to take outputs from: `make upgrade-report` first." in capsys.readouterr().err


@pytest.mark.parametrize("content", ["", "[]", "{}", '{"name": 1}'])
def test_damaged_results_are_refused_with_what_mends_them(course, capsys, content):
    (course / ".upgrade" / "01_differs.json").write_text(content, encoding="utf-8")
    assert upgrade(course, "--accept", "all") == 1
    assert "is damaged" in capsys.readouterr().err


def test_a_chapter_that_is_run_again_takes_its_place_and_ctrl_c_keeps_what_is_done(course, capsys, monkeypatch):
    english = store(
        course,
        "01_differs",
        code("setup", "print(1)", stream("1\n")),
        code("number", "print(2)", stream("0\n")),
        code("interrupted", "print(3)", stream("3\n")),
    )
    run_cell = execute.run_cell

    def interrupted(client, index, count):
        if count == 3:
            raise KeyboardInterrupt
        run_cell(client, index, count)

    monkeypatch.setattr(execute, "run_cell", interrupted)
    assert upgrade(course, "--only", "01_differs") == 130
    assert "Interrupted; what was run is kept." in capsys.readouterr().err
    html = report(course)
    assert "stopped: it was interrupted" in html and "cell</span> number" in html
    assert "02_fails <span>" in html  # run before, with the same versions and package
    assert upgrade(course, "--accept", "01_differs::number") == 0
    assert outputs(course, "01_differs")["number"] == [stream("2\n")]
    assert english.exists()


def test_a_run_with_other_versions_leaves_the_chapters_of_the_run_before_out(course):
    run = json.loads((course / ".upgrade" / "run.json").read_text())
    run["versions"]["numpy"] = "0.1"
    (course / ".upgrade" / "run.json").write_text(json.dumps(run))
    assert runs.kept(course) == {}


def test_nothing_that_differs_is_said_plainly(tmp_path, capsys):
    begin(tmp_path, "01_same")
    store(tmp_path, "01_same", code("a", "print(1)", stream("1\n")), code("b", "x = 1"))
    assert upgrade(tmp_path, "--only", "01_same", "--python", sys.prefix) == 0
    words = "Nothing differs: all 2 code cells of 1 chapter gave the stored outputs."
    assert words in capsys.readouterr().out
    assert words in report(tmp_path) and "<article" not in report(tmp_path)


def test_a_chapter_that_does_not_exist(course, capsys):
    assert upgrade(course, "--only", "02_convolution") == 1
    said = "there is no chapter '02_convolution'; there is: 01_differs, 02_fails, 03_no_start\n"
    assert capsys.readouterr().err == said


def test_an_environment_that_cannot_run_chapters(course, tmp_path, capsys):
    assert upgrade(course, "--python", str(tmp_path / "nowhere")) == 1
    assert "There is no Python at" in capsys.readouterr().err
    python = tmp_path / "python"
    python.write_text('#!/bin/sh\necho \'{"python": "3.11", "ipykernel": null}\'\n')
    python.chmod(0o755)
    assert upgrade(course, "--python", str(python)) == 1
    assert "install ipykernel" in capsys.readouterr().err
    python.write_text("#!/bin/sh\necho broken >&2\nexit 1\n")
    assert upgrade(course, "--python", str(python)) == 1
    assert "is no Python that runs: broken" in capsys.readouterr().err


@pytest.mark.parametrize("others", [["--only", "01_differs"], ["--python", "x"], ["--with", "numpy==1"]])
def test_accepting_goes_with_nothing_else(course, others, capsys):
    with pytest.raises(SystemExit):
        upgrade(course, "--accept", "all", *others)
    assert "--accept takes the outputs of the run that was made" in capsys.readouterr().err


def test_the_stored_side_has_the_versions_of_the_last_commit_that_changed_a_chapter(tmp_path):
    def git(*arguments):
        identity = ["-c", "user.name=a", "-c", "user.email=a@b"]
        subprocess.run(["git", "-C", tmp_path, *identity, *arguments], check=True, capture_output=True)

    def commit(file, content):
        (tmp_path / file).parent.mkdir(parents=True, exist_ok=True)
        (tmp_path / file).write_text(content, encoding="utf-8")
        git("add", ".")
        git("commit", "-m", file)

    (tmp_path / "requirements.lock").write_text("tensorflow-cpu==1.0 ; x\n", encoding="utf-8")
    assert versions.stored(tmp_path) == ({"tensorflow": "1.0"}, "requirements.lock")  # no repository
    git("init")
    commit("chapters/en/a.ipynb", "{}")
    commit("requirements.lock", "tensorflow-cpu==2.0 ; x\n")
    found, source = versions.stored(tmp_path)
    assert found == {"tensorflow": "1.0"}
    assert re.fullmatch(r"requirements\.lock of [0-9a-f]{7,}, the last commit that changed chapters/en", source)
    assert versions.locked(tmp_path) == {"tensorflow": "2.0"}


def test_tensorflow_is_asked_for_under_the_name_of_its_wheel_for_the_cpu_too():
    assert trial.both_names(["tensorflow==2.20.0", "keras==3.11.3", "tensorflow-cpu==1.0"]) == [
        "tensorflow==2.20.0",
        "keras==3.11.3",
        "tensorflow-cpu==1.0",
        "tensorflow-cpu==2.20.0",
    ]


def test_versions_that_do_not_exist_leave_no_report(course, monkeypatch, capsys):
    def failing(command_, **_):
        return subprocess.CompletedProcess(command_, 1, "", "no version of tensorflow==0.0")

    (course / "requirements.lock").write_text("numpy==0.1\n", encoding="utf-8")
    before = report(course)
    monkeypatch.setattr(subprocess, "run", failing)
    assert upgrade(course, "--with", "tensorflow==0.0") == 1
    assert "The environment could not be made:\nno version of tensorflow==0.0" in capsys.readouterr().err
    assert report(course) == before
