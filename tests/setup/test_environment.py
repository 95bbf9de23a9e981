"""An environment is made once, and anew where it does not fit; what is installed is played, or one tiny package."""

import hashlib
import io
import json
import os
import re
import shutil
import signal
import subprocess
import sys
import zipfile
from dataclasses import replace
from pathlib import Path

import pytest

from tools import environment, installing
from tools.environment import ENVIRONMENTS, Environment, make_ready, objection
from tools.installing import InstallError, Pip, Progress, bar, clock, megabytes, state

ROOT = Path(__file__).parents[2]
SMALL = Environment("a.lock", "a package", 10, 20, project=environment.PROJECT)


@pytest.fixture
def checkout(tmp_path):
    root = tmp_path / "a checkout"
    root.mkdir()
    (root / "a.lock").write_text("one\n", encoding="utf-8")
    (root / environment.PROJECT).write_text("[project]\n", encoding="utf-8")
    return root


@pytest.fixture
def made(monkeypatch):
    """Play venv and pip; return what was made."""
    calls = []

    def create(folder, **_):
        (folder / "bin").mkdir(parents=True)
        (folder / "bin" / "python").symlink_to(sys.executable)
        calls.append("venv")

    monkeypatch.setattr(environment.venv, "create", create)
    monkeypatch.setattr(environment, "install", lambda *_, **__: calls.append("install"))
    monkeypatch.setattr(environment, "install_project", lambda *_: calls.append("project"))
    return calls


ALL = ["venv", "install", "project"]


def test_an_environment_is_made_once(checkout, made, capsys):
    make_ready(checkout / ".venv", SMALL)
    assert made == ALL
    said = capsys.readouterr().out
    assert ".venv is not there yet.\nInstalling a package" in said
    assert ".venv is ready" in said
    make_ready(checkout / ".venv", SMALL)
    assert made == ALL
    assert capsys.readouterr().out == ""


def move(root):
    shutil.move(root, root.with_name("moved"))
    return root.with_name("moved")


def copy(root):
    shutil.copytree(root, root.with_name("copied"), symlinks=True)
    return root.with_name("copied")


def change(name, text):
    def apply(root):
        (root / name).write_text(text, encoding="utf-8")
        return root

    return apply


def drop(name):
    def apply(root):
        (root / name).unlink()
        return root

    return apply


def other_python(root):
    path = root / ".venv" / "ready"
    path.write_text(json.dumps(json.loads(path.read_text(encoding="utf-8")) | {"python": "3.1"}), encoding="utf-8")
    return root


UNFIT = {
    "moved": (move, r"\.venv was made for .*/a checkout/\.venv, and works only there"),
    "copied": (copy, r"\.venv was made for .*/a checkout/\.venv, and works only there"),
    "another lock": (change("a.lock", "two\n"), "a.lock has changed since .venv was made"),
    "interrupted": (drop(".venv/ready"), "never finished"),
    "made by an older Makefile": (change(".venv/ready", ""), "never finished"),
    "a torn record": (change(".venv/ready", '{"folder": "/a'), "never finished"),
    "a record of another kind": (change(".venv/ready", "[1]"), "never finished"),
    "without its Python": (drop(".venv/bin/python"), "is gone"),
    "another Python": (other_python, r"was made with Python 3\.1, and Python 3\.1\d is asked for"),
}


@pytest.mark.parametrize("name", UNFIT)
def test_an_environment_that_does_not_fit_is_made_anew_with_a_sentence(checkout, made, capsys, name):
    damage, sentence = UNFIT[name]
    make_ready(checkout / ".venv", SMALL)
    root = damage(checkout)
    capsys.readouterr()
    make_ready(root / ".venv", SMALL)
    assert made == ALL + ALL
    assert re.search(sentence, capsys.readouterr().out)
    assert objection(root / ".venv", SMALL) is None
    assert not list(root.glob(".venv*.old"))


def test_another_time_on_the_lock_file_changes_nothing(checkout, made):
    make_ready(checkout / ".venv", SMALL)
    os.utime(checkout / "a.lock", (4e9, 4e9))
    make_ready(checkout / ".venv", SMALL)
    assert made == ALL


def test_a_changed_project_is_installed_again_and_nothing_else(checkout, made, capsys):
    make_ready(checkout / ".venv", SMALL)
    change(environment.PROJECT, "[project]\nname='a'\n")(checkout)
    make_ready(checkout / ".venv", SMALL)
    make_ready(checkout / ".venv", SMALL)
    assert made == [*ALL, "project"]
    assert "pyproject.toml has changed" in capsys.readouterr().out


def test_a_changed_project_is_nothing_to_an_environment_without_it(checkout, made):
    book = replace(SMALL, project="")
    make_ready(checkout / ".venv", book)
    change(environment.PROJECT, "")(checkout)
    make_ready(checkout / ".venv", book)
    assert made == ["venv", "install"]


@pytest.mark.parametrize("failure", [InstallError("no network"), KeyboardInterrupt(), OSError("disk")])
def test_an_environment_is_put_back_if_the_new_one_fails_and_is_still_not_used(checkout, made, monkeypatch, failure):
    make_ready(checkout / ".venv", SMALL)
    change("a.lock", "two\n")(checkout)

    def fail(*_, **__):
        raise failure

    monkeypatch.setattr(environment, "install", fail)
    with pytest.raises(type(failure)):
        make_ready(checkout / ".venv", SMALL)
    assert "has changed" in objection(checkout / ".venv", SMALL)
    change("a.lock", "one\n")(checkout)
    assert objection(checkout / ".venv", SMALL) is None


def test_the_first_one_leaves_nothing_if_it_fails(checkout, made, monkeypatch):
    monkeypatch.setattr(environment, "install_project", lambda *_: (_ for _ in ()).throw(InstallError("no")))
    with pytest.raises(InstallError):
        make_ready(checkout / ".venv", SMALL)
    assert not list(checkout.glob(".venv*"))


def test_nothing_is_removed_through_a_link(checkout, made):
    other = checkout.with_name("other")
    other.mkdir()
    (other / "a.lock").write_text("one\n", encoding="utf-8")
    (other / environment.PROJECT).write_text("[project]\n", encoding="utf-8")
    make_ready(other / ".venv", SMALL)
    (checkout / ".venv").symlink_to(other / ".venv")
    make_ready(checkout / ".venv", SMALL)
    assert not (checkout / ".venv").is_symlink()
    assert objection(other / ".venv", SMALL) is None


def test_a_disk_that_is_too_full_is_noticed_before_the_download(checkout, made):
    with pytest.raises(InstallError, match=r"1000000\.0 GB are needed on this disk, and .* are free"):
        make_ready(checkout / ".venv", replace(SMALL, disk=10**15))
    assert made == []


def test_a_second_make_waits_for_the_first(checkout, made):
    wait = (
        "import sys; from pathlib import Path; from tools.environment import alone\n"
        "with alone(Path(sys.argv[1])): print('mine', flush=True); sys.stdin.read()"
    )
    command = [sys.executable, "-c", wait, str(checkout)]
    pipes = {"stdin": subprocess.PIPE, "stdout": subprocess.PIPE, "cwd": ROOT, "text": True}
    with subprocess.Popen(command, **pipes) as first:
        assert first.stdout.readline() == "mine\n"
        with subprocess.Popen(command, **pipes) as second:
            assert second.stdout.readline() == "Something else is installing into this folder: waiting for it.\n"
            first.stdin.close()
            assert second.stdout.readline() == "mine\n"
            second.stdin.close()


def test_an_unknown_environment_is_refused(capsys):
    assert environment.main(["venv"]) == 2
    assert "Usage" in capsys.readouterr().err


# What pip says and what is shown --------------------------------------------------------------------------------------

OLD_PIP = """\
Ignoring appnope: markers 'sys_platform == "darwin"' don't match your environment
Collecting absl-py==2.5.1
  Downloading absl_py-2.5.1-py3-none-any.whl (135 kB)
Collecting keras==3.15.1
  Using cached keras-3.15.1-py3-none-any.whl (1.5 MB)
Installing collected packages: absl-py, keras
Successfully installed absl-py-2.5.1 keras-3.15.1
"""


def heard(text):
    pip = Pip()
    for line in text.splitlines(keepends=True):
        pip.read(line)
    return pip


def test_the_lines_of_pip_are_understood():
    pip = heard(OLD_PIP)
    assert pip.file == "keras-3.15.1"
    assert pip.packages == ["absl-py", "keras"]
    assert not pip.unreachable


def test_a_mirror_is_not_shown():
    assert heard("  Downloading https://mirror.example/a/b/keras-3-py3-none-any.whl (1 MB)\n").file == "keras-3"


def test_data_about_a_package_is_not_the_package():
    assert heard("  Downloading keras-3.15.1-py3-none-any.whl.metadata (6 kB)\n").file == ""


def test_without_a_network_the_message_names_mirrors():
    said = heard(
        "WARNING: Retrying (Retry(total=4)) after connection broken\nERROR: No matching distribution\n"
    ).problem()
    assert "name a mirror" in said
    assert "  ERROR: No matching distribution" in said


def test_another_failure_is_given_in_the_words_of_pip():
    said = heard("Collecting a\nERROR: THESE PACKAGES DO NOT MATCH THE HASHES\n").problem()
    assert said == "pip could not install the packages:\n  ERROR: THESE PACKAGES DO NOT MATCH THE HASHES"


def test_a_failure_without_an_error_shows_the_last_lines():
    assert heard("one\ntwo\n").problem().endswith("  one\n  two")


def test_a_download_is_shown_by_its_size():
    line = state(heard(OLD_PIP.partition("Installing")[0]), 250_000_000, 500_000_000, 0, 61)
    assert line == "  downloading [##########----------] 250 MB of about 500 MB, 1:01: keras-3.15.1"


def test_a_download_that_is_larger_than_expected_is_not_more_than_whole():
    assert "[####################] 600 MB of about 600 MB" in state(Pip(), 600_000_000, 500_000_000, 0, 0)


def test_an_installation_is_shown_by_its_size_and_its_packages():
    line = "  installing  [##########----------] 1.2 GB of about 2.4 GB, 0:05: {} (2 of 2 packages)"
    assert state(heard(OLD_PIP), 1_200_000_000, 2_400_000_000, 1, 5) == line.format("keras")
    assert state(heard(OLD_PIP), 1_200_000_000, 2_400_000_000, 2, 5) == line.format("keras")
    assert "absl-py (1 of 2 packages)" in state(heard(OLD_PIP), 0, 1, 0, 0)


def test_figures_are_written_as_people_write_them():
    assert [megabytes(each) for each in (0, 370_400_000, 999_400_000, 999_600_000, 2_340_000_000)] == [
        "0 MB", "370 MB", "999 MB", "1.0 GB", "2.3 GB",
    ]  # fmt: skip
    assert [clock(each) for each in (0, 59.9, 60, 3601)] == ["0:00", "0:59", "1:00", "60:01"]
    assert [bar(each).count("#") for each in (0, 0.5, 1, 1.5)] == [0, 10, 20, 20]


class Terminal(io.StringIO):
    def isatty(self):
        return True


def test_a_terminal_shows_one_line_and_a_log_one_in_ten_seconds():
    terminal, log = Terminal(), io.StringIO()
    for stream in (terminal, log):
        progress = Progress(stream)
        for line in ("one", "two"):
            progress.show(line)
        progress.began -= 11
        progress.show("three")
        progress.show("four")
        progress.close()
    assert terminal.getvalue() == "".join(f"\r{line}\x1b[K" for line in ("one", "two", "three", "four", ""))
    assert log.getvalue() == "three\n"


def test_pip_is_told_to_demand_hashes_whatever_the_reader_has_set(tmp_path, monkeypatch):
    """The one program that installs: what it is called with, played by a Python that writes it down."""
    python, log = tmp_path / "bin" / "python", tmp_path / "log"
    python.parent.mkdir()
    python.write_text(f'#!/bin/sh\necho "$PIP_USER $PIP_QUIET $TMPDIR: $@" >> "{log}"\n', encoding="utf-8")
    python.chmod(0o755)
    monkeypatch.setenv("PIP_USER", "1")
    monkeypatch.setenv("TMPDIR", "/small")
    installing.install(tmp_path, Path("a.lock"), 10, 20, io.StringIO())
    installing.install_project(tmp_path, "pyproject.toml")
    first, second = log.read_text(encoding="utf-8").splitlines()
    assert first == f"0 0 {tmp_path}/downloads: -Es -m pip install --progress-bar=off --require-hashes -r a.lock"
    assert second == "0 0 /small: -Es -m pip install --no-deps --no-build-isolation --editable ."
    assert not (tmp_path / "downloads").exists()


# From make to a program that runs: a real environment with one tiny package ------------------------------------------


def write_wheel(folder):
    """Write a wheel with one program, `tiny`; return its line for a lock file."""
    folder.mkdir()
    path, info = folder / "tiny-1.0-py3-none-any.whl", "tiny-1.0.dist-info"
    files = {
        "tiny.py": "def main():\n    print('tiny 1.0')\n",
        f"{info}/METADATA": "Metadata-Version: 2.1\nName: tiny\nVersion: 1.0\n",
        f"{info}/WHEEL": "Wheel-Version: 1.0\nGenerator: test\nRoot-Is-Purelib: true\nTag: py3-none-any\n",
        f"{info}/entry_points.txt": "[console_scripts]\ntiny = tiny:main\n",
    }
    files[f"{info}/RECORD"] = "".join(f"{name},,\n" for name in [*files, f"{info}/RECORD"])
    with zipfile.ZipFile(path, "w") as archive:
        for name, text in files.items():
            archive.writestr(name, text)
    return f"tiny==1.0 --hash=sha256:{hashlib.sha256(path.read_bytes()).hexdigest()}\n"


@pytest.fixture
def real(tmp_path, monkeypatch):
    """A checkout in a path with spaces and other letters; a way to make its small environment, and to use it."""
    wheels = tmp_path / "wheels"
    monkeypatch.setenv("PIP_NO_INDEX", "1")
    monkeypatch.setenv("PIP_FIND_LINKS", str(wheels))
    for name in [name for name in os.environ if name.startswith("MAKE")]:
        monkeypatch.delenv(name)

    class Real:
        root = tmp_path / "my course (卷积)"

        def make(self, *arguments):
            command = ["make", ".venv-book", f"PYTHON={sys.executable}", *arguments]
            return subprocess.run(command, cwd=self.root, capture_output=True, text=True)

        def tiny(self):
            return subprocess.run([self.root / ".venv-book/bin/tiny"], capture_output=True, text=True).stdout

    real = Real()
    shutil.copytree(ROOT / "tools", real.root / "tools", ignore=shutil.ignore_patterns("__pycache__"))
    shutil.copy(ROOT / "Makefile", real.root)
    (real.root / "requirements-book.lock").write_text(write_wheel(wheels), encoding="utf-8")
    return real


def test_a_checkout_lives_through_moves_changes_and_failures(real):
    done = real.make()
    assert done.returncode == 0, done.stderr
    assert real.tiny() == "tiny 1.0\n"
    assert real.make().stdout == ""

    real.root = real.root.rename(real.root.with_name("moved course"))
    assert "works only there" in real.make().stdout
    assert real.tiny() == "tiny 1.0\n"

    good = (real.root / "requirements-book.lock").read_text(encoding="utf-8")
    (real.root / "requirements-book.lock").write_text("tiny==9.0 --hash=sha256:" + 64 * "0" + "\n", encoding="utf-8")
    failed = real.make()
    assert failed.returncode
    assert "No matching distribution found for tiny==9.0" in failed.stderr
    assert "Traceback" not in failed.stderr
    assert real.tiny() == "tiny 1.0\n"
    (real.root / "requirements-book.lock").write_text(good, encoding="utf-8")
    assert real.make().stdout == ""


def test_an_interruption_leaves_nothing_half_made(real):
    command = [sys.executable, "-Es", "-m", "tools.environment", ".venv-book"]
    with subprocess.Popen(command, cwd=real.root, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True) as running:
        assert "is not there yet" in running.stdout.readline()
        running.send_signal(signal.SIGINT)
        assert "Interrupted" in running.communicate(timeout=60)[1]
    assert running.returncode == 130
    assert not list(real.root.glob(".venv*"))


# The real ones ------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("name", ENVIRONMENTS)
def test_an_environment_has_a_lock_file_and_a_size(name):
    assert (ROOT / ENVIRONMENTS[name].lock).is_file()
    assert 0 < ENVIRONMENTS[name].download < ENVIRONMENTS[name].disk
