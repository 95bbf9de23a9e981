"""Run a program of somebody else: no network, no files but its own, so much memory and time, and then it is over.

Files and network are kept from it by bubblewrap (``bwrap``), which Linux distributions have; the limits need nothing.
"""

import os
import resource
import shutil
import signal
import subprocess
import sys
import time
from dataclasses import dataclass
from pathlib import Path

import psutil

SYSTEM = ("/usr", "/bin", "/sbin", "/lib", "/lib32", "/lib64", "/etc/ld.so.cache", "/etc/localtime", "/etc/passwd")
PROCESSES = 200  # a hand-in that starts more is stopped
LARGEST_FILE = 10**9  # bytes
OF_PROCESS = 0.8  # of the memory, that one process is given: it gets an error, and can go on, before all is stopped
LOOK = 0.5  # seconds between two looks at what a program uses
GB = 10**9


@dataclass(frozen=True)
class Limits:
    """What a program may use: seconds, memory of all its processes and files of its folder, both in GB."""

    seconds: float
    memory: float
    disk: float = 2


def wrapped(command: list[str], own: list[Path], readable: list[Path], folder: Path) -> list[str]:
    """Return a command that runs another one without a network, where only some folders are there at all.

    Parameters
    ----------
    command
        The program and its arguments.
    own
        Folders in which it may write; what it writes elsewhere is refused.
    readable
        Folders that it may read, beside those of the system.
    folder
        Where it starts, which is also its home.
    """
    system = [path for path in map(Path, SYSTEM) if path.exists()]
    shared = [
        part for name in ("/tmp", "/dev/shm") for part in ("--bind", str(own[0]), name)
    ]  # where their size is seen
    seen = [part for path in (*system, *readable) for part in ("--ro-bind", str(path.resolve()), str(path))]
    writable = [part for path in own for part in ("--bind", str(path), str(path))]
    place = ["--dev", "/dev", "--proc", "/proc", *shared, *seen, *writable, "--chdir", str(folder)]
    # A kernel of Jupyter ends when it does not see the process of this number any more, and it never does.
    place += ["--unsetenv", "JPY_PARENT_PID"]
    program = shutil.which("bwrap") or "bwrap"
    return [program, "--unshare-all", "--die-with-parent", "--new-session", *place, *command]


def works(folder: Path) -> str:
    """Return why a program cannot be wrapped on this machine; an empty string if it can."""
    if not shutil.which("bwrap"):
        return "bubblewrap is not there (on Debian and Ubuntu: sudo apt-get install bubblewrap)"
    done = subprocess.run(wrapped(["/bin/true"], [folder], [], folder), capture_output=True, text=True, check=False)
    return "" if done.returncode == 0 else f"bubblewrap does not work here ({done.stderr.strip().splitlines()[-1]})"


def run(command: list[str], limits: Limits, folder: Path, environment: dict[str, str]) -> str:
    """Run a program with all that it starts until it ends or uses too much; return why it was stopped, or "".

    What it prints goes to the file `log` of the folder.
    """

    def restrict() -> None:
        if sys.platform == "linux":  # elsewhere the kernel does not count it
            resource.setrlimit(resource.RLIMIT_DATA, (int(limits.memory * OF_PROCESS * GB),) * 2)
        resource.setrlimit(resource.RLIMIT_FSIZE, (LARGEST_FILE,) * 2)
        resource.setrlimit(resource.RLIMIT_CORE, (0, 0))

    with (folder / "log").open("wb") as log:
        process = subprocess.Popen(
            command, cwd=folder, env=environment, stdout=log, stderr=log, start_new_session=True, preexec_fn=restrict
        )
        try:
            return watched(psutil.Process(process.pid), process, limits, folder)
        finally:
            end(process)


def watched(root: psutil.Process, process: subprocess.Popen, limits: Limits, folder: Path) -> str:
    """Wait for a program; return the limit that it passed, or ""."""
    began = time.monotonic()
    while process.poll() is None:
        every = descendants(root)
        if time.monotonic() - began > limits.seconds:
            return f"stopped after {limits.seconds:.0f} seconds"
        if sum(map(memory, every)) > limits.memory * GB:
            return f"stopped: more than {limits.memory:g} GB of memory"
        if len(every) > PROCESSES:
            return f"stopped: more than {PROCESSES} processes"
        if size(folder) > limits.disk * GB:
            return f"stopped: files of more than {limits.disk:g} GB"
        time.sleep(LOOK)
    return ""


def descendants(root: psutil.Process) -> list[psutil.Process]:
    """Return a process and all that it started."""
    try:
        return [root, *root.children(recursive=True)]
    except psutil.NoSuchProcess:
        return []


def memory(process: psutil.Process) -> int:
    """Return the bytes of memory that a process uses, 0 if it has ended."""
    try:
        return process.memory_info().rss
    except psutil.Error:
        return 0


def size(folder: Path) -> int:
    """Return the bytes on the disk of all files in a folder."""
    total = 0
    for place, _, names in os.walk(folder):
        for name in names:
            try:
                total += os.lstat(os.path.join(place, name)).st_blocks * 512  # noqa: PTH118 (much faster)
            except OSError:  # it is gone
                continue
    return total


def end(process: subprocess.Popen) -> None:
    """End a program and all that it started."""
    every = descendants(psutil.Process(process.pid)) if process.poll() is None else []
    for each in reversed(every):
        try:
            each.send_signal(signal.SIGKILL)
        except psutil.NoSuchProcess:
            continue
    process.wait()
