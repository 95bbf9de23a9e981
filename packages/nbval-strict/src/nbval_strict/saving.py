"""Files that are replaced as a whole, and copies that replace nothing."""

import os
import shutil
from pathlib import Path


def replace(path: Path, text: str) -> None:
    """Replace a file as a whole; at Ctrl-C or on a full disk it stays as it was."""
    path = path.resolve()  # a link stays one
    unfinished = path.with_name(f".{path.name}.{os.getpid()}.unfinished")
    try:
        with unfinished.open("x", encoding="utf-8", newline="") as file:
            file.write(text)
            file.flush()
            os.fsync(file.fileno())
        if path.exists():
            shutil.copymode(path, unfinished)
        unfinished.replace(path)
    finally:
        unfinished.unlink(missing_ok=True)


def keep_copy(path: Path, folder: Path) -> Path:
    """Copy a file into a folder, beside the copies that are there, and return the copy."""
    folder.mkdir(parents=True, exist_ok=True)
    names = (f"{path.stem}{suffix}{path.suffix}" for suffix in ("", *(f"-{number}" for number in range(2, 10**6))))
    copy = next(folder / name for name in names if not (folder / name).exists())
    shutil.copy2(path, copy)
    return copy
