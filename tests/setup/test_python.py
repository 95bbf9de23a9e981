"""`tools/python.sh` finds a Python by any of its names, and says what it found if none will do; all are played."""

import shutil
import subprocess
from pathlib import Path

import pytest

SCRIPT = Path(__file__).parents[2] / "tools" / "python.sh"
SHELL = shutil.which("sh")
WORKS = "case $3 in *version*) echo {};; *) exit {};; esac"


@pytest.fixture
def world(tmp_path):
    """A folder of programs, and a way to look for a Python where there are no others."""

    class World:
        programs = tmp_path / "bin with spaces"
        folder = tmp_path / ".venv"

        def add(self, name, version="", can_make=True, lines=None):
            path = name if isinstance(name, Path) else self.programs / name
            path.parent.mkdir(parents=True, exist_ok=True)
            path.write_text(f"#!{SHELL}\n{lines or WORKS.format(version, 0 if can_make else 1)}\n", encoding="utf-8")
            path.chmod(0o755)
            return str(path)

        def look(self, named=""):
            command = [SHELL, str(SCRIPT), str(self.folder), named]
            return subprocess.run(command, env={"PATH": str(self.programs)}, capture_output=True, text=True)

    return World()


@pytest.mark.parametrize("name", ["python3.11", "python3.12", "python3.13", "python3", "python"])
@pytest.mark.parametrize("version", ["3.11.0", "3.12.7", "3.13.1"])
def test_a_python_is_found_by_any_of_its_names(world, name, version):
    path = world.add(name, version)
    found = world.look()
    assert (found.returncode, found.stdout, found.stderr) == (0, f"{path}\n", "")


def test_one_that_will_do_is_found_behind_others_that_will_not(world):
    world.add("python3.11", lines="echo 'pyenv: python3.11: command not found' >&2; exit 127")
    world.add("python3.12", "3.12.1", can_make=False)
    world.add("python3", "3.9.2")
    path = world.add("python", "3.13.0")
    assert world.look().stdout == f"{path}\n"


def test_an_environment_keeps_its_own_version(world):
    world.add("python3.11", "3.11.9")
    own = world.add(world.folder / "bin" / "python", "3.13.0")
    assert world.look().stdout == f"{own}\n"


def test_an_environment_whose_python_is_gone_gets_another(world):
    path = world.add("python3.11", "3.11.9")
    (world.folder / "bin").mkdir(parents=True)
    (world.folder / "bin" / "python").symlink_to("/nowhere/python3.13")
    assert world.look().stdout == f"{path}\n"


def test_the_one_that_is_named_is_used(world):
    world.add("python3.11", "3.11.9")
    world.add(world.folder / "bin" / "python", "3.11.9")
    named = world.add(world.programs.parent / "my own" / "py", "3.12.3")
    assert world.look(named).stdout == f"{named}\n"
    world.add("python3.13", "3.13.0")
    assert world.look("python3.13").stdout.endswith("/python3.13\n")


@pytest.mark.parametrize(
    ("version", "lines", "said"),
    [
        ("3.10.12", None, ": Python 3.10.12"),
        ("3.14.0", None, ": Python 3.14.0"),
        ("2.7.18", None, ": Python 2.7.18"),
        ("", "exit 127", ": does not run, or is not Python"),
        ("", "echo hello", ": does not run, or is not Python"),
    ],
)
def test_a_named_one_that_will_not_do_is_described(world, version, lines, said):
    world.add("python3.11", "3.11.9")  # is not taken behind the reader's back
    named = world.add("other", version, lines=lines)
    found = world.look(named)
    assert found.returncode == 1
    assert found.stdout == ""
    assert found.stderr.splitlines()[:2] == [
        f"Python 3.11, 3.12 or 3.13 is needed. Found for PYTHON={named}:",
        f"  {named}{said}",
    ]


def test_a_named_one_that_is_not_there_is_described(world):
    assert "  nowhere/python: no such program\n" in world.look("nowhere/python").stderr


def test_everything_found_is_listed_with_its_place(world):
    old, broken = world.add("python3", "3.9.2"), world.add("python3.12", lines="exit 1")
    said = world.look().stderr
    assert f"  {broken}: does not run, or is not Python\n  {old}: Python 3.9.2\n" in said
    assert "PYTHON=/path/to/python3.12" in said


def test_where_there_is_none_the_names_are_listed(world):
    assert "none, under the names python3.11, python3.12, python3.13, python3, python\n" in world.look().stderr


def test_debian_is_told_which_package_is_missing(world):
    world.add("python3", "3.11.2", can_make=False)
    said = world.look().stderr
    assert "without the modules venv and ensurepip" in said
    assert "apt-get install python3-venv" in said
    assert "python3.11-venv" in said
