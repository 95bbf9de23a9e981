"""The files that ship with the package: read whole and unchanged, or refused with what mends them."""

import hashlib
import io
from pathlib import Path

DATA = Path(__file__).parent / "data"
FIX = "Reinstall cnn_course, or in a clone run: git checkout -- src/cnn_course/data"


def read(path: Path, sha256: str | None = None) -> io.BytesIO:
    """Return the content of a shipped file.

    Parameters
    ----------
    path : Path
    sha256 : str, optional
        What the SHA-256 of the content must be, in hexadecimal digits.

    Raises
    ------
    FileNotFoundError
        If the file is missing.
    ValueError
        If its content has changed.
    """
    try:
        content = path.read_bytes()
    except FileNotFoundError:
        raise FileNotFoundError(f"The data file {path} is missing. {FIX}") from None
    found = hashlib.sha256(content).hexdigest()
    if sha256 not in (None, found):
        raise damaged(path, f"its SHA-256 is {found}, not {sha256}")
    return io.BytesIO(content)


def damaged(path: Path, why: str) -> ValueError:
    """Return the error to raise for a shipped file that is not what it should be."""
    return ValueError(f"The data file {path} is damaged: {why}. {FIX}")
