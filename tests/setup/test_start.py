"""Starting the course from its archive: what the scripts find, what `tools.start` does; installing is played."""

import json
import os
import re
import shutil
import subprocess
from pathlib import Path

import pytest

from book import downloads
from book.languages import load_languages
from tools import start
from tools.installing import InstallError, megabytes
from tools.messages import FILE, speak

ROOT = Path(__file__).parents[2]
LANGUAGES = {language.code: language for language in load_languages(ROOT)}
NAMES = ["index", "02_convolution", "04a_learning", "04_lenet5", "glossary"]


@pytest.fixture(autouse=True)
def english():
    yield
    speak("en")


# The script ---------------------------------------------------------------------------------------------------------


class World:
    """An archive that was unpacked where there are no programs but those that a test adds."""

    def __init__(self, folder, language):
        self.top = folder / "我的 course's" / "cnn-course"
        self.programs = folder / "bin"
        (self.top / "course/tools").mkdir(parents=True)
        self.programs.mkdir()
        script = downloads.script(ROOT, LANGUAGES[language], "start.sh", "'\\''")
        (self.top / "start.sh").write_text(script, encoding="utf-8")
        for name in ("python.sh", "start.py"):
            shutil.copy(ROOT / "tools" / name, self.top / "course/tools")
        for name in ("dirname", "grep", "sh"):
            (self.programs / name).symlink_to(shutil.which(name))

    def add(self, name, version, *, can_make=True):
        """Add a Python, played by a script that says its version, and what it was called with."""
        asked = f'*version*) echo {version};; *venv*) exit {0 if can_make else 1};; *) echo "$PWD: $@";;'
        path = self.programs / name
        path.write_text(f'#!{shutil.which("sh")}\ncase "$*" in {asked} esac\n', encoding="utf-8")
        path.chmod(0o755)
        return path

    def start(self, *arguments, folder=None, **variables):
        command = [shutil.which("sh"), str(self.top / "start.sh"), *arguments]
        environment = {"PATH": str(self.programs), "LC_ALL": "C.UTF-8"} | variables
        return subprocess.run(command, cwd=folder or "/", env=environment, capture_output=True, text=True)


@pytest.fixture
def world(tmp_path):
    return World(tmp_path, "en")


def said(language, name):
    return downloads.text(downloads.load_texts(ROOT, downloads.DOWNLOAD), language, "download", name)


def test_the_script_starts_the_course_with_the_first_python_that_will_do(world):
    world.add("python3.11", "3.11.2", can_make=False)
    world.add("python3", "3.13.1")
    done = world.start("02", "--port", "9000")
    assert (done.returncode, done.stderr) == (0, "")
    assert done.stdout == f"{world.top / 'course'}: -Es -m tools.start 02 --port 9000\n"


def test_a_python_that_is_named_is_found_from_where_the_reader_is(world):
    world.add("other", "3.12.0")
    done = world.start("02", folder=world.programs.parent, PYTHON="bin/other")
    assert done.stdout.endswith("-m tools.start 02\n"), done.stderr


@pytest.mark.parametrize("language", LANGUAGES)
@pytest.mark.parametrize(
    ("pythons", "listed", "remedy"),
    [
        ({}, "  {none} python3.11, python3.12, python3.13, python3, python", "install-python"),
        ({"python3": ("3.9.2", True)}, "  {path}/python3: Python 3.9.2", "install-python"),
        ({"python3": ("3.14.0", True)}, "  {path}/python3: Python 3.14.0", "install-python"),
        ({"python3": ("3.12.3", False)}, "  {path}/python3: Python 3.12.3, {no-venv}", "install-venv"),
    ],
    ids=["none", "too old", "too new", "without venv"],
)
def test_without_a_python_that_will_do_the_script_says_what_it_found_and_what_to_do(
    tmp_path, language, pythons, listed, remedy
):
    world = World(tmp_path, language)
    for name, (version, can_make) in pythons.items():
        world.add(name, version, can_make=can_make)
    done = world.start("02")
    assert (done.returncode, done.stdout) == (1, "")
    for name in ("none", "no-venv"):
        listed = listed.replace(f"{{{name}}}", said(language, name))
    listed = listed.replace("{path}", str(world.programs))
    assert done.stderr == f"{said(language, 'needed')}\n{listed}\n{said(language, remedy)}\n"


def test_an_archive_that_was_not_unpacked_as_a_whole_is_named(world):
    shutil.rmtree(world.top / "course")
    done = world.start("02")
    assert (done.returncode, done.stderr) == (1, said("en", "torn") + "\n")


@pytest.mark.parametrize("language", LANGUAGES)
def test_no_text_is_left_to_be_filled_in_and_apostrophes_are_escaped(language):
    shell = downloads.script(ROOT, LANGUAGES[language], "start.sh", "'\\''")
    powershell = downloads.script(ROOT, LANGUAGES[language], "start.ps1", "''")
    assert "{{" not in shell + powershell
    assert subprocess.run([shutil.which("sh"), "-n"], input=shell, text=True).returncode == 0
    for line in powershell.splitlines():  # each text stands in single quotes, in its line
        assert line.lstrip().startswith("#") or line.count("'") % 2 == 0, line
    assert not re.search("[‘’‚‛]", powershell)  # PowerShell takes them for apostrophes


# What it starts -----------------------------------------------------------------------------------------------------


@pytest.fixture
def course(tmp_path, monkeypatch):
    """An archive whose environment is there; what would be run is written down."""
    folder = tmp_path / "我的 course" / "course"
    (folder / "notebooks").mkdir(parents=True)
    for name in NAMES:
        (folder / "notebooks" / f"{name}.ipynb").write_text("{}", encoding="utf-8")
    (folder / "cnn.whl").write_text("", encoding="utf-8")
    (folder / "requirements.lock").write_text("tensorflow==2.99.0 \\\n", encoding="utf-8")
    about = {"language": "zh", "wheel": "cnn.whl", "notebooks": NAMES}
    (folder / "course.json").write_text(json.dumps(about), encoding="utf-8")
    monkeypatch.setattr(start, "make_ready", lambda *arguments: RUN.append(arguments))
    monkeypatch.setattr(start.subprocess, "run", lambda command, **_: RUN.append(command) or Done())
    monkeypatch.setattr(start.os, "execv", lambda program, command: RUN.append(command))
    monkeypatch.setattr(start, "SUPPORTED", {(start.sys.platform, start.platform.machine().lower())})
    RUN.clear()
    return folder


RUN = []


class Done:
    returncode = 0


@pytest.mark.parametrize(
    ("asked", "name"),
    [
        ("", "index"),
        *((asked, "02_convolution") for asked in ("02", "2", "02_convolution", "02_convolution.ipynb")),
        *((asked, "04a_learning") for asked in ("4a", "04A")),
        ("4", "04_lenet5"),
        ("glossary", "glossary"),
    ],
)
def test_a_chapter_is_opened_by_any_of_its_names(course, asked, name):
    start.main([asked] if asked else [], course)
    assert f"--LabApp.default_url=/lab/tree/zh/{name}.ipynb" in RUN[-1]
    assert RUN[-1][:5] == [
        str(course.parent / ".venv/bin/python"),
        "-Es",
        "-m",
        "jupyterlab",
        str(course.parent / "my"),
    ]


def test_the_environment_is_made_from_the_lock_file_and_the_wheel_of_the_archive(course):
    start.main(["02"], course)
    folder, environment = RUN[0]
    assert folder == course.parent / ".venv"
    assert (environment.lock, environment.project) == ("course/requirements.lock", "course/cnn.whl")
    assert environment.wheels is None


def test_notebooks_are_put_there_before_and_brought_back_when_asked(course):
    start.main(["02"], course)
    assert RUN[1][1:] == ["-Es", "-m", "book.desk", "sh start.sh --fresh {number}"]
    start.main(["--fresh", "2"], course)
    assert RUN[-2][-2:] == ["--fresh", "02_convolution"]


def test_options_reach_jupyterlab(course, monkeypatch):
    monkeypatch.setattr(start.os, "geteuid", lambda: 1000)
    start.main(["02", "--no-browser", "--port", "9000", "--ServerApp.token=x"], course)
    assert RUN[-1][6:] == ["--no-browser", "--port=9000", "--ServerApp.token=x"]
    monkeypatch.setattr(start.os, "geteuid", lambda: 0)
    start.main([], course)
    assert RUN[-1][-1] == "--allow-root"


def test_only_installing_opens_nothing(course):
    assert start.main(["--only-install"], course) == 0
    assert "book.desk" in RUN[-1]


def refused(course, capsys, *arguments):
    assert start.main(list(arguments), course) == 1
    return capsys.readouterr().err


def test_what_cannot_be_is_said_in_the_language_of_the_archive(course, capsys):
    assert "没有名为 `12` 的章，现有：index, 02_convolution" in refused(course, capsys, "12")
    assert "--fresh 02" in refused(course, capsys, "--fresh")
    (course / "notebooks/04_lenet5.ipynb").unlink()
    assert "course 文件夹不完整" in refused(course, capsys, "02")
    (course / "course.json").write_text("{", encoding="utf-8")
    assert refused(course, capsys)


def test_a_machine_that_tensorflow_has_no_package_for_is_told_before_the_download(course, capsys, monkeypatch):
    monkeypatch.setattr(start.platform, "machine", lambda: "riscv64")
    assert "TensorFlow 2.99.0" in (text := refused(course, capsys, "02")) and "riscv64" in text
    assert RUN == []


def test_packages_in_a_folder_take_the_place_of_the_network(course, capsys, monkeypatch):
    wheels = course.parent / "wheels"
    wheels.mkdir()
    start.main(["02"], course)
    assert RUN[0][1].wheels == wheels
    assert "不用网络" in capsys.readouterr().out
    monkeypatch.setattr(start, "make_ready", lambda *_: (_ for _ in ()).throw(InstallError("pip: no")))
    assert refused(course, capsys, "02").startswith("pip: no\nwheels 文件夹里没有这台机器需要的包")


def test_a_failure_while_notebooks_are_put_there_ends_the_start(course, capsys, monkeypatch):
    monkeypatch.setattr(Done, "returncode", 1)
    assert "运行出错而结束" in refused(course, capsys, "02")


def test_help_names_every_option(course, capsys):
    assert start.main(["--help"], course) == 0
    shown = capsys.readouterr().out
    assert all(f"--{name} " in shown for name in start.OPTIONS)
    assert RUN == []


# Figures and words --------------------------------------------------------------------------------------------------


def test_pages_and_the_readme_tell_the_sizes_that_the_start_tells():
    assert (megabytes(start.DOWNLOAD), megabytes(start.DISK)) == (downloads.DOWNLOADED, downloads.DISK)
    for language in LANGUAGES.values():
        assert all(size in downloads.readme(ROOT, language) for size in (downloads.DOWNLOADED, downloads.DISK))


def test_every_message_is_there_in_every_language_and_used():
    source = "".join(
        (ROOT / "tools" / f"{name}.py").read_text("utf-8") for name in ("environment", "installing", "start")
    )
    for part, named in json.loads(FILE.read_text("utf-8")).items():
        for name, words in named.items():
            assert words.keys() == LANGUAGES.keys()
            assert f'"{part}.{name}"' in source or f"'{part}.{name}'" in source or name in {"chapter", *start.OPTIONS}
    for name in re.findall(r"message\(\s*[\"'](\w+\.[\w-]+)", source):
        assert name.partition(".")[2] in json.loads(FILE.read_text("utf-8"))[name.partition(".")[0]]


def test_a_torn_archive_without_a_language_speaks_english(tmp_path, capsys):
    (tmp_path / "course").mkdir()
    assert start.main([], tmp_path / "course") == 1
    assert capsys.readouterr().err.startswith("The folder course is not whole")
    assert os.listdir(tmp_path) == ["course"]  # noqa: PTH208
