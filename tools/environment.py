"""Make an environment that the Makefile uses, where it is missing or does not fit any more.

``python -m tools.environment FOLDER`` is what every target calls first; where nothing is to be done, it does nothing,
in some milliseconds and without a network. An environment fits if it was finished, in this folder, from the lock file
as it is now. One that does not fit is kept aside until the new one is ready, and put back if that fails.
"""

import hashlib
import json
import os
import shutil
import sys
import time
import venv
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

from tools.installing import InstallError, clock, install, install_project, megabytes, program, size_of
from tools.messages import message

try:
    import fcntl
except ImportError:  # on Windows, which only the archive of the site is for
    fcntl = None

READY = "ready"  # the file that is written last
PROJECT = "pyproject.toml"
MB = 1_000_000


@dataclass(frozen=True)
class Environment:
    """What belongs into an environment, and how large that is: measured on Linux, x86-64, with Python 3.11."""

    lock: str
    holds: str
    download: int  # bytes
    disk: int  # bytes
    project: str = ""  # the file that brings the package of the course, if that is in it, too
    wheels: Path | None = None  # a folder of packages that takes the place of the network


ENVIRONMENTS = {
    ".venv": Environment("requirements.lock", "TensorFlow, JupyterLab and the tests", 550 * MB, 2400 * MB, PROJECT),
    ".venv-book": Environment("requirements-book.lock", "Jupyter Book, without TensorFlow", 50 * MB, 260 * MB),
    ".venv-audit": Environment("requirements-audit.lock", "pip-audit", 10 * MB, 50 * MB),
    ".venv-grade": Environment("requirements-grade.lock", "nbgrader", 50 * MB, 340 * MB),
}


def wanted(folder: Path, environment: Environment) -> dict[str, str]:
    """Return what a finished environment records: its place, its Python, and the hashes of what it was made from."""
    root = folder.parent
    common = {
        "folder": str(folder),
        "python": f"{sys.version_info[0]}.{sys.version_info[1]}",
        "lock": digest(root / environment.lock),
    }
    return common | ({"project": digest(root / environment.project)} if environment.project else {})


def digest(path: Path) -> str:
    """Return the SHA-256 of a file."""
    return hashlib.sha256(path.read_bytes()).hexdigest()


def recorded(folder: Path) -> dict[str, str]:
    """Return what an environment records; nothing if it was not finished."""
    try:
        found = json.loads((folder / READY).read_text(encoding="utf-8"))
    except (OSError, ValueError):
        return {}
    return found if isinstance(found, dict) else {}


def objection(folder: Path, environment: Environment) -> str | None:
    """Say why an environment cannot be used, in a sentence; None if it can.

    Whether the package of this repository is installed in its present form is not looked at: see `make_ready`.
    """
    if not os.path.lexists(folder):
        return message("environment.missing", folder=folder.name)
    found, right = recorded(folder), wanted(folder, environment)
    if not found:
        return message("environment.unfinished", folder=folder.name)
    if found.get("folder") != right["folder"]:
        return message("environment.moved", folder=folder.name, place=found.get("folder"))
    if not program(folder).exists():
        return message("environment.gone", folder=folder.name)
    if found.get("python") != right["python"]:
        versions = {"found": found.get("python"), "wanted": right["python"]}
        return message("environment.version", folder=folder.name, **versions)
    if found.get("lock") != right["lock"]:
        return message("environment.lock", lock=environment.lock, folder=folder.name)
    return None


def make_ready(folder: Path, environment: Environment) -> None:
    """Make an environment, or its part that is missing, if it is needed.

    Raises
    ------
    InstallError, OSError
        If that cannot be done.
    """
    if objection(folder, environment) is None and recorded(folder) == wanted(folder, environment):
        return
    with alone(folder.parent):
        reason = objection(folder, environment)
        if reason:
            began = time.monotonic()
            with room(folder, environment):
                make(folder, environment, reason)
            size, took = megabytes(size_of(folder)), clock(time.monotonic() - began)
            say(message("environment.ready", folder=folder.name, size=size, clock=took))
        elif recorded(folder) != wanted(folder, environment):
            say(message("environment.project", project=environment.project, folder=folder.name))
            install_project(folder, environment.project)
            record(folder, environment)


def make(folder: Path, environment: Environment, reason: str) -> None:
    """Make an environment from nothing."""
    version = wanted(folder, environment)["python"]
    say(reason)
    say(message("environment.begin", holds=environment.holds, version=version))
    sizes = {"download": megabytes(environment.download), "disk": megabytes(environment.disk)}
    say(f"  {message('environment.sizes', **sizes)}")
    venv.create(folder, symlinks=os.name != "nt", with_pip=True)
    install(folder, folder.parent / environment.lock, environment.download, environment.disk, wheels=environment.wheels)
    if environment.project:
        install_project(folder, environment.project)
    record(folder, environment)


def say(line: str) -> None:
    """Print a line at once."""
    print(line, flush=True)


def record(folder: Path, environment: Environment) -> None:
    """Write down that an environment is finished."""
    (folder / READY).write_text(json.dumps(wanted(folder, environment), indent=1) + "\n", encoding="utf-8")


@contextmanager
def alone(root: Path) -> Iterator[None]:
    """Wait until nothing else installs into this checkout."""
    if fcntl is None:
        yield
        return
    file = os.open(root, os.O_RDONLY)
    try:
        try:
            fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            say(message("environment.waiting"))
            fcntl.flock(file, fcntl.LOCK_EX)
        except OSError:
            pass  # some network file systems cannot lock
        yield
    finally:
        os.close(file)


@contextmanager
def room(folder: Path, environment: Environment) -> Iterator[None]:
    """Set the old environment aside; remove it if the new one gets ready, put it back if not.

    Where a link is in the place of the folder, only the link is moved or removed.

    Raises
    ------
    InstallError
        If the disk is too full.
    """
    aside = folder.with_name(f"{folder.name}.old")
    remove(aside)
    if os.path.lexists(folder):
        folder.rename(aside)
    try:
        needed = environment.disk + environment.download
        if shutil.disk_usage(folder.parent).free < needed:
            remove(aside)
        free = shutil.disk_usage(folder.parent).free
        if free < needed:
            raise InstallError(message("environment.room", needed=megabytes(needed), free=megabytes(free)))
        yield
    except BaseException:
        remove(folder)
        if os.path.lexists(aside):
            aside.rename(folder)
        raise
    remove(aside)


def remove(path: Path) -> None:
    """Remove a folder with all in it, or a link."""
    if path.is_symlink() or path.is_file():
        path.unlink()
    elif path.exists():
        shutil.rmtree(path)


def main(arguments: list[str]) -> int:
    """Make one environment of the current folder ready; return the exit status."""
    if len(arguments) != 1 or arguments[0] not in ENVIRONMENTS:
        print(f"Usage: python -m tools.environment {'|'.join(ENVIRONMENTS)}", file=sys.stderr)
        return 2
    try:
        make_ready(Path.cwd() / arguments[0], ENVIRONMENTS[arguments[0]])
    except (InstallError, OSError) as error:
        print(error, file=sys.stderr)
        return 1
    except KeyboardInterrupt:
        print(f"\n{message('environment.interrupted')}", file=sys.stderr)
        return 130
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
