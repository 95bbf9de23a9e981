"""Install the packages of a lock file with pip, and show how far it is.

pip's own bar stops at each package, and pip is silent while files are unpacked, which takes longer than the download.
So pip runs with a folder for its downloads, whose size is shown; afterwards the size of what is in place.
"""

import os
import re
import shutil
import subprocess
import sys
import threading
import time
from collections import deque
from dataclasses import dataclass, field
from pathlib import Path
from typing import TextIO

from tools.messages import message

FILE = re.compile(r"\s*(?:Downloading|Using cached) (?:\S*/)?(\S+\.(?:whl|tar\.gz|zip))(?: \(.*\))?")
UNREACHABLE = re.compile(r"Retrying \(|Could not fetch URL|ConnectionError|Temporary failure in name resolution")
BAR = 20  # characters
LIBRARIES = "Lib" if os.name == "nt" else "lib"  # of an environment
PACKAGES = "Lib/site-packages" if os.name == "nt" else "lib/python*/site-packages"
REFRESH, PLAIN = 1, 10  # seconds between two states on a terminal, and in a log; to measure takes some tenths of one
# A reader's own settings that would install elsewhere, or hide what is read here.
SETTINGS = {"PIP_USER": "0", "PIP_QUIET": "0", "PIP_DISABLE_PIP_VERSION_CHECK": "1", "PIP_NO_INPUT": "1"}


class InstallError(Exception):
    """Packages could not be installed; the message says why and what to do."""


@dataclass
class Pip:
    """What the lines of a running pip have told so far."""

    file: str = ""  # what is being downloaded, with its version
    packages: list[str] = field(default_factory=list)  # what is being installed, in this order
    unreachable: bool = False
    errors: list[str] = field(default_factory=list)
    last: deque[str] = field(default_factory=lambda: deque(maxlen=5))

    def read(self, line: str) -> None:
        """Take in one line of output."""
        line = line.rstrip()
        if found := FILE.fullmatch(line):
            self.file = "-".join(found[1].split("-")[:2])
        elif line.startswith("Installing collected packages: "):
            self.packages = line.partition(": ")[2].split(", ")
        elif line.startswith("ERROR: "):
            self.errors.append(line)
        self.unreachable |= bool(UNREACHABLE.search(line))
        self.last.append(line)

    def problem(self) -> str:
        """Say why pip failed."""
        said = "\n".join(f"  {line}" for line in self.errors or self.last)
        if self.unreachable:
            return f"{message('installing.unreachable')}\n{said}"
        return f"{message('installing.failed')}\n{said}"


def megabytes(count: float) -> str:
    """Write a number of bytes as people do: `370 MB`, `2.3 GB`."""
    return f"{count / 1e9:.1f} GB" if count >= 999.5e6 else f"{count / 1e6:.0f} MB"


def clock(seconds: float) -> str:
    """Write seconds as minutes and seconds."""
    return f"{int(seconds) // 60}:{int(seconds) % 60:02}"


def bar(share: float) -> str:
    """Draw a share between 0 and 1."""
    filled = int(BAR * min(share, 1))
    return f"[{'#' * filled}{'-' * (BAR - filled)}]"


def state(pip: Pip, done: int, expected: int, installed: int, seconds: float) -> str:
    """Describe how far an installation is, in one line.

    Parameters
    ----------
    pip
        What pip has said.
    done, expected
        Bytes that are downloaded, or installed, so far; and about how many there will be.
    installed
        How many packages are in place.
    seconds
        How long it has taken.
    """
    sizes = {"done": megabytes(done), "expected": megabytes(max(expected, done))}
    line = f"{bar(done / expected)} {message('installing.size', **sizes, clock=clock(seconds))}"
    if not pip.packages:
        return f"  {message('installing.downloading')} {line}{': ' if pip.file else ''}{pip.file}"
    count = len(pip.packages)
    now = pip.packages[min(installed, count - 1)]
    package = message("installing.package", name=now, number=min(installed + 1, count), count=count)
    return f"  {message('installing.unpacking')} {line}: {package}"


@dataclass
class Progress:
    """Shows states: on a terminal each in the place of the one before, elsewhere one line in ten seconds."""

    stream: TextIO
    began: float = field(default_factory=time.monotonic)
    shown: float = 0  # seconds after the beginning

    def show(self, line: str) -> None:
        """Show a state, if it is time to."""
        if self.stream.isatty():
            self.stream.write(f"\r{line[: shutil.get_terminal_size().columns - 1]}\x1b[K")
        elif self.seconds() - self.shown >= PLAIN:
            self.shown = self.seconds()
            self.stream.write(f"{line}\n")
        self.stream.flush()

    def seconds(self) -> float:
        """Return how long it has taken."""
        return time.monotonic() - self.began

    def close(self) -> None:
        """Take the last state off a terminal."""
        if self.stream.isatty():
            self.stream.write("\r\x1b[K")
            self.stream.flush()


def size_of(folder: Path) -> int:
    """Return the bytes that the files of a folder take on the disk; files may come and go meanwhile.

    Those of the folder itself are left out: an environment has none that count, and below the downloads they are the
    copies that pip makes for its cache.
    """
    total = 0
    for place, _, names in os.walk(folder):
        for name in names if place != str(folder) else ():
            try:
                file = os.lstat(os.path.join(place, name))  # noqa: PTH118
                total += file.st_blocks * 512 if hasattr(file, "st_blocks") else file.st_size  # Windows has no blocks
            except FileNotFoundError:
                continue
    return total


def program(folder: Path) -> Path:
    """Return the Python of an environment."""
    return folder / ("Scripts/python.exe" if os.name == "nt" else "bin/python")


def install(
    folder: Path, lock: Path, download: int, disk: int, stream: TextIO = sys.stdout, wheels: Path | None = None
) -> None:
    """Install what a lock file names into an environment.

    Parameters
    ----------
    folder
        The environment, with pip.
    lock
        Versions with hashes.
    download, disk
        About how many bytes will be downloaded, and how many the packages will take.
    stream
        Where progress is shown.
    wheels
        A folder of packages that takes the place of the network.

    Raises
    ------
    InstallError
        If pip fails.
    """
    downloads = folder / "downloads"  # on the disk that was found large enough; /tmp may be small
    downloads.mkdir()
    before = count_installed(folder)
    pip, progress = Pip(), Progress(stream)
    options = ["--progress-bar=off", "--require-hashes", "-r", str(lock)]
    options += ["--no-index", "--find-links", str(wheels)] if wheels else []
    process = run_pip(folder, options, **dict.fromkeys(("TMPDIR", "TMP", "TEMP"), str(downloads)))
    reader = threading.Thread(target=lambda: [pip.read(line) for line in process.stdout], daemon=True)
    reader.start()
    try:
        while process.poll() is None:
            done, expected = (size_of(folder / LIBRARIES), disk) if pip.packages else (size_of(downloads), download)
            progress.show(state(pip, done, expected, count_installed(folder) - before, progress.seconds()))
            time.sleep(REFRESH)
    finally:
        process.terminate()
        process.wait()
        progress.close()
    reader.join()
    if process.returncode:
        raise InstallError(pip.problem())
    shutil.rmtree(downloads)


def install_project(folder: Path, project: str) -> None:
    """Install the package of the course into an environment; no download.

    Parameters
    ----------
    folder
        The environment.
    project
        A wheel, by its path beside the environment; or ``pyproject.toml``: then the files of the current folder are
        used as they are.

    Raises
    ------
    InstallError
        If pip fails.
    """
    wheel = ["--no-index", "--force-reinstall", str(folder.parent / project)]
    editable = ["--no-build-isolation", "--editable", "."]
    process = run_pip(folder, ["--no-deps", *(wheel if project.endswith(".whl") else editable)])
    pip = Pip()
    for line in process.stdout:
        pip.read(line)
    if process.wait():
        raise InstallError(pip.problem())


def run_pip(folder: Path, options: list[str], **variables: str) -> subprocess.Popen:
    """Start the `pip install` of an environment; nothing but what the options name, from the reader's own index."""
    return started([str(program(folder)), "-Es", "-m", "pip", "install", *options], **variables)


def download(folder: Path, lock: Path, target: Path) -> None:
    """Fetch the packages that a lock file names, for this system and this Python, into the folder `target`.

    Raises
    ------
    InstallError
        If pip fails.
    """
    options = ["--require-hashes", "--only-binary=:all:", "-r", str(lock), "-d", str(target)]
    process = started([str(program(folder)), "-Es", "-m", "pip", "download", *options])
    pip = Pip()
    for line in process.stdout:
        pip.read(line)
        if FILE.fullmatch(line.rstrip()):
            print(f"  {pip.file}", flush=True)
    if process.wait():
        raise InstallError(pip.problem())


def started(command: list[str], **variables: str) -> subprocess.Popen:
    """Start pip, without a reader's own settings, and with its output to be read."""
    environment = os.environ | SETTINGS | variables
    return subprocess.Popen(
        command, env=environment, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True, errors="replace"
    )


def count_installed(folder: Path) -> int:
    """Return how many packages are in place: pip writes RECORD last."""
    return sum(1 for _ in folder.glob(f"{PACKAGES}/*.dist-info/RECORD"))
