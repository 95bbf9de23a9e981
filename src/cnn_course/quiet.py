"""Silence for libraries that write past Python."""

import os
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from threading import RLock

_ONE_AT_A_TIME = RLock()


@contextmanager
def silent_stderr() -> Iterator[None]:
    """Point file descriptor 2 at the null device: TensorFlow's C++ code, and libtiff, write there, past Python.

    One thread at a time: of two, the one that ends last would put the null device back.
    """
    with _ONE_AT_A_TIME:
        sys.stderr.flush()
        saved = os.dup(2)
        with Path(os.devnull).open("w") as null:
            os.dup2(null.fileno(), 2)
        try:
            yield
        finally:
            os.dup2(saved, 2)
            os.close(saved)
