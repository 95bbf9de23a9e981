"""Make an environment that the Makefile uses, where it is missing or does not fit any more.

``python -m tools.environment FOLDER`` is what every target calls first; where nothing is to be done, it does nothing,
in some milliseconds and without a network. An environment fits if it was finished, in this folder, from the lock file
as it is now. One that does not fit is kept aside until the new one is ready, and put back if that fails.
"""

import fcntl
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

from tools.installing import InstallError, clock, install, install_project, megabytes, size_of

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
    project: bool = False  # the package of this repository is in it, too


ENVIRONMENTS = {
    ".venv": Environment("requirements.lock", "TensorFlow, JupyterLab and the tests", 550 * MB, 2400 * MB, True),
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
    return common | ({"project": digest(root / PROJECT)} if environment.project else {})


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
        return f"{folder.name} is not there yet."
    found, right = recorded(folder), wanted(folder, environment)
    if not found:
        return f"{folder.name} was never finished."
    if found.get("folder") != right["folder"]:
        return f"{folder.name} was made for {found.get('folder')}, and works only there."
    if not (folder / "bin" / "python").exists():
        return f"The Python that {folder.name} was made with is gone."
    if found.get("python") != right["python"]:
        return f"{folder.name} was made with Python {found.get('python')}, and Python {right['python']} is asked for."
    if found.get("lock") != right["lock"]:
        return f"{environment.lock} has changed since {folder.name} was made."
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
            say(f"{folder.name} is ready: {megabytes(size_of(folder))}, {clock(time.monotonic() - began)} min.")
        elif recorded(folder) != wanted(folder, environment):
            say(f"{PROJECT} has changed: the package is installed into {folder.name} again.")
            install_project(folder)
            record(folder, environment)


def make(folder: Path, environment: Environment, reason: str) -> None:
    """Make an environment from nothing."""
    version = wanted(folder, environment)["python"]
    say(f"{reason} Installing {environment.holds}, for Python {version}: this happens once.")
    say(f"  about {megabytes(environment.download)} to download, {megabytes(environment.disk)} on the disk")
    venv.create(folder, symlinks=True, with_pip=True)
    install(folder, folder.parent / environment.lock, environment.download, environment.disk)
    if environment.project:
        install_project(folder)
    record(folder, environment)


def say(line: str) -> None:
    """Print a line at once."""
    print(line, flush=True)


def record(folder: Path, environment: Environment) -> None:
    """Write down that an environment is finished."""
    (folder / READY).write_text(json.dumps(wanted(folder, environment), indent=1) + "\n", encoding="utf-8")


@contextmanager
def alone(root: Path) -> Iterator[None]:
    """Wait until no other make installs into this checkout."""
    file = os.open(root, os.O_RDONLY)
    try:
        try:
            fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            say("Another make is installing into this folder: waiting for it.")
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
            raise InstallError(f"{megabytes(needed)} are needed on this disk, and {megabytes(free)} are free.")
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
        print("\nInterrupted: nothing half-made is left. Run the same command again.", file=sys.stderr)
        return 130
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
