"""Files that are written for a reader: what is there already is kept under another name."""

from pathlib import Path


def write_kept(path: Path, content: bytes) -> Path:
    """Write a file; another one of that name is kept: ``lenet5.html`` becomes ``lenet5-1.html``.

    Parameters
    ----------
    path : Path
        Its folder is made if need be.
    content : bytes

    Returns
    -------
    Path
        The file.

    Examples
    --------
    >>> import tempfile
    >>> with tempfile.TemporaryDirectory() as folder:
    ...     path = write_kept(Path(folder) / "found.txt", b"old")
    ...     path = write_kept(path, b"new")
    ...     path.read_text(), path.with_stem("found-1").read_text()
    ('new', 'old')
    """
    path.parent.mkdir(parents=True, exist_ok=True)
    if path.exists() and path.read_bytes() != content:
        path.rename(_free_name(path))
    draft = path.with_suffix(".part")
    draft.write_bytes(content)
    draft.replace(path)  # an interruption leaves no half of a file
    return path


def _free_name(path: Path) -> Path:
    numbered = (path.with_stem(f"{path.stem}-{number}") for number in range(1, 1_000_000))
    return next(each for each in numbered if not each.exists())
