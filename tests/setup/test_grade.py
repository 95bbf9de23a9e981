"""`make handout` and `make grade`: what is handed out, what a hand-in is checked by, and how it is kept in."""

import ast
import csv
import os
import sys
import zipfile
from pathlib import Path

import nbformat.v4
import pytest

from book import assignment
from book.course import load_course
from book.grading import answers, exercises, gradable, page_of, source_of_test
from book.pages import pages, parse_notebook, read
from book.sources import BookError
from tools import grade, sandbox

ROOT = Path(__file__).parents[2]
CHAPTERS = {name: path for name, path in pages(ROOT, "en").items() if path.suffix == ".ipynb"}
IMPORT = "from cnn_course.notebook import check\n\n\n"
STUB = f"{IMPORT}def half(x):\n    return None\n\n\ncases = [((2,), 1)]\ncheck(half, cases)"


# What is handed out ---------------------------------------------------------------------------------------------------


@pytest.fixture(scope="module")
def handed_out(tmp_path_factory):
    """The notebooks of the two files that chapter 2 makes in Chinese."""
    folder = tmp_path_factory.mktemp("handout")
    course = load_course(ROOT)
    language = next(each for each in course.languages if each.code == "zh")
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(assignment, "FOLDER", os.path.relpath(folder, ROOT))
        patch.setattr(Path, "relative_to", lambda path, root: path)
        said = assignment.hand_out(course, language, ["02_convolution"])
    assert "4 exercises that can be graded" in said[0]
    notebooks = {}
    for name in ("02-zh", "02-zh-key"):
        with zipfile.ZipFile(folder / f"{name}.zip") as archive:
            notebooks[name] = {Path(each).name: archive.read(each).decode() for each in archive.namelist()}
    return notebooks


def test_the_handout_has_no_solutions_and_the_key_has_them(handed_out):
    assert "reach = dilation" not in handed_out["02-zh"]["02_convolution.ipynb"]
    assert "reach = dilation" in handed_out["02-zh-key"]["02_convolution.ipynb"]
    assert "make lab" in handed_out["02-zh"]["README.txt"]


def test_links_of_the_handout_lead_to_what_is_in_it(handed_out):
    text = handed_out["02-zh"]["02_convolution.ipynb"]
    assert "(glossary.ipynb#cell-id=term-" in text and "(04_lenet5.ipynb" not in text
    assert "第 4 章" in text  # which is in the course, and keeps its number


@pytest.mark.parametrize(
    ("arguments", "said"),
    [
        (["--chapters", ""], 'say which chapters: make handout CHAPTERS="02 03"'),
        (["--chapters", "02 12"], "the course has no chapter `12`; there is: 01_image_properties"),
        (["--chapters", "02", "--language", "xx"], "the course has no language `xx`; there is: en, zh, ja"),
    ],
)
def test_a_handout_of_nothing_is_a_sentence(capsys, arguments, said):
    assert assignment.main(arguments) == 1
    assert said in capsys.readouterr().err


# What a hand-in is checked by -----------------------------------------------------------------------------------------


def test_the_test_of_an_exercise_is_its_cell_without_what_the_student_writes():
    source = source_of_test(STUB)
    assert "def half" not in source and "check(" not in source
    assert "require(half, cases)" in source and "cases = [((2,), 1)]" in source


def test_every_exercise_with_a_check_has_a_test_that_defines_nothing_that_is_asked():
    count = 0
    for path in CHAPTERS.values():
        for name, source in exercises(read(path)).items():
            ast.parse(source)
            asked = set().union(*(answers(each.args[0]) for each in calls(source, "require")))
            defined = {node.name for node in ast.walk(ast.parse(source)) if isinstance(node, ast.FunctionDef)}
            assert asked and not defined & asked, (path, name)
            count += 1
    assert count >= 30


def calls(source, name):
    found = (node for node in ast.walk(ast.parse(source)) if isinstance(node, ast.Call))
    return [node for node in found if ast.unparse(node.func) == name]


def hand_in(*cells, **metadata):
    made = [nbformat.v4.new_code_cell(source, id=cell_id) for cell_id, source in cells]
    return nbformat.v4.new_notebook(cells=made, metadata=metadata)


def sources(notebook):
    return [cell.source for cell in notebook.cells]


def test_each_test_stands_below_its_exercise_and_at_the_end_where_that_is_gone():
    notebook = hand_in(("exercise-a", "A"), ("mine", "M"))
    made = gradable(notebook, {"exercise-a": "TEST A", "exercise-b": "TEST B"})
    assert sources(made) == ["A", "TEST A", "M", "TEST B"]
    assert [cell.metadata.get("nbgrader", {}).get("points") for cell in made.cells] == [None, 1, None, 1]


@pytest.mark.parametrize(
    ("name", "metadata", "chapter"),
    [
        ("final (2).ipynb", {"cnn_course": {"page": "02_convolution"}}, "02_convolution"),
        ("ada_02_convolution.ipynb", {}, "02_convolution"),
        ("02_convolution.ipynb", {"cnn_course": "spoiled"}, "02_convolution"),
    ],
)
def test_the_chapter_of_a_hand_in_is_known_whatever_its_name(tmp_path, name, metadata, chapter):
    path = tmp_path / name
    path.write_text(nbformat.v4.writes(hand_in(("a", "1"), **metadata)), encoding="utf-8")
    assert page_of(path, list(CHAPTERS))[0] == chapter


@pytest.mark.parametrize(("content", "said"), [("{broken", "cannot be read as JSON"), (None, "of no chapter")])
def test_a_hand_in_that_cannot_be_graded_is_a_note_in_the_table(tmp_path, content, said):
    path = tmp_path / "hand-ins" / "ada" / "homework.ipynb"
    path.parent.mkdir(parents=True)
    path.write_text(content or nbformat.v4.writes(hand_in(("a", "1"))), encoding="utf-8")
    grader = grade.Grader(load_course(ROOT), path.parent.parent, sandbox.Limits(1, 1), False)
    grade.grade_all(grader, path.parent.parent)
    grade.grade_all(grader, path.parent.parent)
    for folder in ("hand-ins-graded", "hand-ins-graded-2"):  # earlier results are left alone
        with (tmp_path / folder / "grades.csv").open(encoding="utf-8-sig") as file:
            (row,) = csv.DictReader(file)
        assert row["name"] == "ada" and said in row["notes"]


def test_what_nbgrader_needs_is_prepared_and_the_process_of_a_hand_in_is_kept_in(tmp_path):
    path = tmp_path / "hand-ins" / "ada" / "02_convolution.ipynb"
    path.parent.mkdir(parents=True)
    (path.parent / "numbers.csv").write_text("1\n", encoding="utf-8")
    grader = grade.Grader(load_course(ROOT), path.parent.parent, sandbox.Limits(1, 1), True)
    notebook = hand_in(("exercise-size", "def my_output_size(): ..."))
    grader.prepare(tmp_path / "work", "02_convolution", notebook, path)
    made = tmp_path / "work" / "submitted/student/02_convolution/02_convolution.ipynb"
    assert sources(parse_notebook(made, made.read_text(encoding="utf-8")))[0].startswith("def my_output_size")
    assert (tmp_path / "work/desk/numbers.csv").is_file()
    command = grader.kernel(tmp_path / "work")
    assert "--unshare-all" in command and str(ROOT / "src") in command
    assert str(ROOT) not in command and str(path.parent) not in command


def test_of_the_teachers_variables_only_the_path_reaches_a_hand_in(tmp_path, monkeypatch):
    monkeypatch.setenv("SECRET", "42")
    given = grade.Grader(load_course(ROOT), tmp_path, sandbox.Limits(1, 1), True).environment(tmp_path)
    assert given["HOME"] == str(tmp_path / "desk") and given["PATH"].endswith(os.environ["PATH"])
    assert "SECRET" not in given


def test_no_name_or_note_is_a_formula_of_a_spreadsheet(tmp_path):
    row = grade.Row("=cmd()", {"02 size": 1}, ["-1"])
    grade.write_table(tmp_path / "grades.csv", [row], ["02 size"])
    assert (tmp_path / "grades.csv").read_text(encoding="utf-8-sig").splitlines()[1] == "'=cmd(),1,1,1,'-1"


# How it is kept in ----------------------------------------------------------------------------------------------------


def run(tmp_path, source, seconds=60.0, memory=2.0, disk=2.0, wrap=lambda command: command):
    command = wrap([sys.executable, "-c", source])
    stopped = sandbox.run(command, sandbox.Limits(seconds, memory, disk), tmp_path, dict(os.environ))
    return stopped, (tmp_path / "log").read_text(encoding="utf-8")


def test_a_program_that_ends_by_itself_was_not_stopped(tmp_path):
    assert run(tmp_path, "print(6 * 7)") == ("", "42\n")


def test_a_loop_without_an_end_is_stopped_with_all_that_it_started(tmp_path):
    source = "import subprocess, sys\nsubprocess.Popen([sys.executable, '-c', 'while True: pass'])\nwhile True: pass"
    assert run(tmp_path, source, seconds=1)[0] == "stopped after 1 seconds"
    left = [str(each.cmdline()) for each in sandbox.psutil.Process().children(recursive=True)]
    assert not [command for command in left if "while True" in command]


@pytest.mark.skipif(sys.platform != "linux", reason="only Linux limits the memory of a process")
def test_memory_beyond_the_limit_is_not_given(tmp_path):
    assert run(tmp_path, "bytearray(10**10)", memory=1)[1].strip().endswith("MemoryError")


def test_memory_of_many_processes_and_files_beyond_the_limit_stop_a_program(tmp_path):
    wait = "import time; held = bytearray(60_000_000); held[::4096] = b'1' * len(held[::4096]); time.sleep(60)"
    start = f"subprocess.Popen([sys.executable, '-c', {wait!r}])"
    many = f"import subprocess, sys\nstarted = [{start} for _ in range(3)]\nstarted[0].wait()"
    assert run(tmp_path, many, memory=0.15)[0] == "stopped: more than 0.15 GB of memory"
    large = "import time\nopen('big', 'wb').write(bytes(30_000_000))\ntime.sleep(60)"
    assert run(tmp_path, large, disk=0.01)[0] == "stopped: files of more than 0.01 GB"


def test_what_is_wrapped_has_no_network_and_no_files_but_its_own(tmp_path):
    desk, scratch, secret = (tmp_path / name for name in ("desk", "scratch", "secret"))
    desk.mkdir()
    scratch.mkdir()
    secret.write_text("42", encoding="utf-8")
    if fault := sandbox.works(scratch):
        pytest.skip(fault)
    own, readable = [scratch, desk], [Path(sys.base_prefix), Path(sys.prefix)]
    source = (
        "import pathlib, socket\n"
        f"print(pathlib.Path({str(secret)!r}).exists(), [path.name for path in pathlib.Path('.').iterdir()])\n"
        "pathlib.Path('mine').write_text('1')\n"
        "for path in ('/usr/x', '/etc/passwd'):\n"
        "    try: pathlib.Path(path).write_text('x')\n"
        "    except OSError as error: print(type(error).__name__, error.errno)\n"
        "try: socket.create_connection(('127.0.0.1', 1), 1)\n"
        "except OSError as error: print(error.errno)\n"
        "try: socket.create_connection(('192.0.2.1', 53), 1)\n"
        "except OSError as error: print(error.errno)\n"
    )
    stopped, log = run(tmp_path, source, wrap=lambda command: sandbox.wrapped(command, own, readable, desk))
    assert (stopped, log.split("\n")[0]) == ("", "False []")
    assert log.split("\n")[1:] == ["OSError 30", "OSError 30", "111", "101", ""]
    assert (desk / "mine").is_file() and secret.is_file()


def test_a_machine_without_the_sandbox_is_told_what_to_do(tmp_path, monkeypatch, capsys):
    monkeypatch.setattr(sandbox.shutil, "which", lambda name: None)
    assert grade.main([str(tmp_path)]) == 1
    said = capsys.readouterr().err
    assert "sudo apt-get install bubblewrap" in said and "SANDBOX=no" in said


@pytest.mark.parametrize("sandboxed", ["yes", "no"])
def test_an_empty_folder_and_one_that_is_not_there_are_sentences(tmp_path, capsys, sandboxed):
    assert grade.main([str(tmp_path / "gone"), "--sandbox", sandboxed]) == 1
    assert "gone is no folder; write: make grade HANDINS=folder" in capsys.readouterr().err
    with pytest.raises(BookError, match="no notebook is there; put a folder for each student"):
        grade.hand_ins(tmp_path)
