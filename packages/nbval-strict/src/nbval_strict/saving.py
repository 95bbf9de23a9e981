"""Files that are replaced as a whole, and copies that replace nothing."""

import os
import shutil
import tempfile
from pathlib import Path


def replace(path: Path, text: str) -> None:
    """Replace a file as a whole; at Ctrl-C or on a full disk it stays as it was."""
    path = path.resolve()  # a link stays one
    handle, name = tempfile.mkstemp(dir=path.parent, prefix=f".{path.stem}-", suffix=".unfinished")
    try:
        with os.fdopen(handle, "w", encoding="utf-8", newline="") as file:
            file.write(text)
            file.flush()
            os.fsync(file.fileno())
        if path.exists():
            shutil.copymode(path, name)
        Path(name).replace(path)
    except BaseException:
        Path(name).unlink(missing_ok=True)
        raise


def keep_copy(path: Path, folder: Path) -> Path:
    """Copy a file into a folder, beside the copies that are there, and return the copy."""
    folder.mkdir(parents=True, exist_ok=True)
    names = (f"{path.stem}{suffix}{path.suffix}" for suffix in ("", *(f"-{number}" for number in range(2, 10**6))))
    copy = next(folder / name for name in names if not (folder / name).exists())
    shutil.copy2(path, copy)
    return copy
