"""Refuse, in a running kernel, that a cell writes a file or starts a program.

The text of this module is sent to the kernel, which need not have the package. It uses Python's audit events (PEP 578),
so it sees what the cell's libraries do for it, too. It does not see what C code does by itself, as HDF5 and TensorFlow
do when they save a model, nor threads that a cell has started.
"""

import os
import sys

CHANGES = {"os.chmod", "os.link", "os.mkdir", "os.remove", "os.rename", "os.rmdir", "os.symlink", "os.truncate"}
PROGRAMS = {"os.exec", "os.fork", "os.forkpty", "os.posix_spawn", "os.spawn", "os.system", "pty.spawn"}
PROGRAMS |= {"os.startfile", "subprocess.Popen"}
WRITING = os.O_WRONLY | os.O_RDWR | os.O_CREAT | os.O_TRUNC | os.O_APPEND


def fault(event: str, arguments: tuple) -> str:
    """Say what an audit event does that a cell must not do.

    Parameters
    ----------
    event
        Its name, such as ``open``.
    arguments
        Those of the event; of ``open``, the path or descriptor, the mode and the flags.

    Returns
    -------
    str
        An empty string if there is nothing to say.
    """
    if event in PROGRAMS:
        return f"a cell must not start a program ({event} {arguments[0] if arguments else ''})"
    if event in CHANGES:
        return f"a cell must not change files ({event} {arguments[0]})"
    if event == "open" and writes(*arguments):
        return f"a cell must not write files (open {arguments[0]})"
    return ""


def writes(path, mode, flags) -> bool:
    """Tell whether a file is opened for writing: one with a name, and not the null device."""
    return not isinstance(path, int) and os.fsdecode(path) != os.devnull and bool((flags or 0) & WRITING)


def in_cell(names: dict) -> bool:
    """Tell whether code of a cell is being run, but not an import: that may store compiled modules and font lists.

    Parameters
    ----------
    names
        The names of the notebook's cells.
    """
    found, frame = False, sys._getframe(1)
    while frame is not None:
        if frame.f_code.co_filename.startswith("<frozen importlib"):
            return False
        found = found or frame.f_globals is names
        frame = frame.f_back
    return found


def watch(names: dict) -> None:
    """Raise PermissionError, from now on, wherever a cell does what it must not do; `names` as in `in_cell`."""

    def refuse(event, arguments):
        if (event == "open" or event in CHANGES or event in PROGRAMS) and in_cell(names):
            problem = fault(event, arguments)
            if problem:
                raise PermissionError(problem)

    sys.addaudithook(refuse)
