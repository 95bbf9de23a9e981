"""What the targets of the Makefile call, without calling it; and the server of `make serve`."""

import os
import re
import shutil
import signal
import socket
import subprocess
import sys
import threading
import urllib.error
import urllib.request
from pathlib import Path

import pytest

from book.languages import load_languages
from book.notebooks import notebooks
from book.sources import BookError
from tests.plugin import tiny
from tools import serve

ROOT = Path(__file__).parents[2]
MAKEFILE = (ROOT / "Makefile").read_text(encoding="utf-8")

LAB = ".venv/bin/python -m jupyterlab my --LabApp.default_url=/lab/tree/$(cat my/language)/index.ipynb"


def dry(*arguments, path=None, **variables):
    """Return the commands that make would run."""
    environment = {name: value for name, value in os.environ.items() if not re.match(r"MAKE|MFLAGS|CI$|PORT$", name)}
    environment |= variables | ({"PATH": f"{path}:{os.environ['PATH']}"} if path else {})
    command = ["make", "--no-print-directory", "-n", *arguments]
    done = subprocess.run(command, cwd=ROOT, env=environment, capture_output=True, text=True, check=True)
    return [re.sub(r"\s+", " ", line) for line in done.stdout.replace("\\\n", " ").splitlines()]


@pytest.fixture
def user(tmp_path):
    """A machine on which one is the user of this number."""

    def be(number):
        program = tmp_path / str(number) / "id"
        program.parent.mkdir()
        program.write_text(f"#!/bin/sh\necho {number}\n", encoding="utf-8")
        program.chmod(0o755)
        return program.parent

    return be


def test_lab_starts_for_root_only_with_the_option_that_root_needs(user):
    assert dry("lab", path=user(0))[-1] == f"{LAB} --allow-root "
    assert dry("lab", path=user(1000))[-1].strip() == LAB


def test_lab_puts_the_students_notebooks_there_first(user):
    ready, path = ".venv/bin/python -m book.student ready", user(7)
    assert dry("lab", path=path)[-2] == f'{ready} --language "" --fresh ""'
    assert dry("lab", "LANG_=zh", "FRESH=02 03", path=path)[-2] == f'{ready} --language "zh" --fresh "02 03"'


def test_lab_opens_another_folder_as_it_is(user):
    lines = dry("lab", "FOLDER=chapters", path=user(7))
    assert lines[-1].strip() == ".venv/bin/python -m jupyterlab chapters"
    assert not any("book.student" in line for line in lines)


def test_progress_needs_no_tensorflow():
    assert dry("progress")[-1] == ".venv-book/bin/python -m book.student progress"


def test_lab_takes_a_port_an_address_and_any_option(user):
    last = dry("lab", "PORT=9000", "IP=0.0.0.0", "OPTIONS=--no-browser --debug", path=user(7))[-1]
    assert last == f"{LAB} --port=9000 --ip=0.0.0.0 --no-browser --debug"


def test_the_upgrade_report_takes_what_it_is_asked_for():
    program = ".venv/bin/python -m tools.upgrade"
    assert dry("upgrade-report")[-1].strip() == program
    assert (
        dry("upgrade-report", "ONLY=a b", "WITH=tensorflow==2.20.0 keras==3.0")[-1].strip()
        == f"{program} --only a b --with tensorflow==2.20.0 keras==3.0"
    )
    assert dry("upgrade-report", "PYTHON_ENV=/a b")[-1].strip() == f'{program} --python "/a b"'
    assert dry("upgrade-report", "ACCEPT=a::b c::d")[-1].strip() == f"{program} --accept a::b c::d"


def test_renew_passes_options_on():
    assert dry("renew", "OPTIONS=--again")[-1] == ".venv/bin/python -m cnn_course.experiments all --again"


@pytest.fixture
def course(tmp_path):
    """A course of one chapter, with the real book and environment, in which a reader left a copy that is broken."""
    (tmp_path / "_toc.yml").write_text("format: jb-book\nroot: index\nchapters:\n  - file: 01_sums\n", encoding="utf-8")
    (tmp_path / ".venv").symlink_to(ROOT / ".venv")
    shutil.copytree(ROOT / "book", tmp_path / "book", ignore=shutil.ignore_patterns("_build"))
    languages = [language.code for language in load_languages(ROOT)]
    for language in languages:
        folder = tmp_path / "chapters" / language
        tiny.store(folder / "01_sums.ipynb", tiny.code("sum", "print(1 + 1)", tiny.stream("2\n")))
        (folder / "01_sums-Copy1.ipynb").write_text("{broken", encoding="utf-8")
        (folder / "index.md").write_text("Welcome\n", encoding="utf-8")
    return tmp_path


def make_nbval(root):
    """Run in a tree what `make nbval` runs, the environment left as it is."""
    recipe = dry("nbval")[-1]
    assert "pytest --nbval-strict" in recipe
    environment = {name: value for name, value in os.environ.items() if not name.startswith("PYTEST_")}
    return subprocess.run(["sh", "-c", recipe], cwd=root, env=environment, capture_output=True, text=True, check=False)


def test_nbval_leaves_a_readers_copies_alone(course):
    done = make_nbval(course)
    assert done.returncode == 0, done.stdout + done.stderr
    assert "Notebooks: 1 executed, 2 compared only" in done.stdout


def test_nbval_tests_nothing_else_where_the_contents_cannot_be_read(course):
    (course / "_toc.yml").write_text("root: [", encoding="utf-8")
    done = make_nbval(course)
    assert done.returncode == 1
    assert done.stderr.startswith("_toc.yml: not valid YAML")
    assert done.stdout == ""


def test_a_book_without_notebooks_is_a_sentence(course):
    for path in course.rglob("01_sums.ipynb"):
        path.unlink()
    with pytest.raises(BookError, match=r"no notebook that _toc\.yml lists is in chapters"):
        notebooks(course)


def test_what_takes_long_comes_after_what_may_be_missing():
    lines = dry("test")
    calls = [line for line in lines if "tools." in line]
    assert re.search(r"tools\.browser $", calls[0])
    assert re.search(r"tools\.environment \.venv$", calls[1])
    assert calls[-1].endswith("tools.browser verdict") and lines[-1] == calls[-1]


def test_the_benchmark_demands_the_browser_first():
    assert dry("bench")[0].endswith("tools.browser --required")


def test_every_target_that_uses_an_environment_makes_it_ready_first():
    for target in (
        "book",
        "serve",
        "lab",
        "progress",
        "execute",
        "sync",
        "style",
        "units",
        "nbval",
        "site",
        "mutations",
        "audit",
    ):
        ready = set()
        for line in dry(target):
            ready |= set(re.findall(r"tools\.environment (\S+)$", line))
            used = re.match(r"(\.venv[\w-]*)/bin/", line)
            assert not used or used[1] in ready, f"{target}: {line}"
        assert ready, target


def test_the_variable_for_browsers_of_other_programs_is_left_alone():
    """BROWSER is what Python's webbrowser opens; make would hand an own value on to JupyterLab."""
    assert not re.search(r"^BROWSER\b", MAKEFILE, re.MULTILINE)


@pytest.mark.parametrize("target", sorted(set(re.findall(r"make ([a-z]+) ", MAKEFILE.partition("book: ")[0]))))
def test_a_target_that_help_names_is_there(target):
    assert dry(target)


# serve ---------------------------------------------------------------------------------------------------------------


@pytest.fixture
def taken():
    with socket.socket() as holder:
        holder.bind(("127.0.0.1", 0))
        holder.listen()
        yield holder.getsockname()[1]


def test_a_busy_port_is_a_sentence(taken, capsys):
    assert serve.main([str(taken)]) == 1
    said = capsys.readouterr().err
    assert said == f"Cannot serve at port {taken}: Address already in use. Name another one: make serve PORT=8765\n"


def test_without_a_port_the_next_free_one_is_taken(taken, monkeypatch):
    monkeypatch.setattr(serve, "FIRST", taken)
    with serve.listen(None, "127.0.0.1") as server:
        assert taken < server.server_port < taken + serve.TRIES


def test_ports_that_are_all_busy_are_a_sentence(taken, monkeypatch, capsys):
    monkeypatch.setattr(serve, "FIRST", taken)
    monkeypatch.setattr(serve, "TRIES", 1)
    assert serve.main([]) == 1
    assert "Cannot serve at ports" in capsys.readouterr().err


@pytest.mark.parametrize("port", ["0", "65536", "-1", "http", "8000.0"])
def test_what_is_no_port_is_a_sentence(port, capsys):
    assert serve.main([port, ""]) == 2
    assert capsys.readouterr().err == f"PORT={port}: a port is a number from 1 to 65535.\n"


def test_files_are_served_and_only_what_fails_is_logged(tmp_path, capsys):
    (tmp_path / "index.html").write_text("卷积", encoding="utf-8")
    with serve.listen(None, "127.0.0.1", tmp_path) as server:
        threading.Thread(target=server.serve_forever, daemon=True).start()
        address = f"http://127.0.0.1:{server.server_port}"
        assert urllib.request.urlopen(f"{address}/index.html").read().decode() == "卷积"
        with pytest.raises(urllib.error.HTTPError):
            urllib.request.urlopen(f"{address}/gone.html")
        server.shutdown()
    logged = capsys.readouterr().err
    assert "index.html" not in logged
    assert "gone.html" in logged


def test_ctrl_c_ends_without_a_traceback():
    command = [sys.executable, "-Es", "-m", "tools.serve"]
    with subprocess.Popen(command, cwd=ROOT, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True) as running:
        assert running.stdout.readline().startswith("http://localhost:8")
        running.send_signal(signal.SIGINT)
        assert running.communicate(timeout=30)[1] == ""
    assert running.returncode == 0
