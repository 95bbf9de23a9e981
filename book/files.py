"""Files of a folder, and a hash that says whether any of them changed."""

import hashlib
from pathlib import Path


def files_under(folder: Path, prefix: str) -> dict[str, bytes]:
    """Return the contents of all files below a folder that are not hidden, by their path below `prefix`."""
    return {
        f"{prefix}/{path.relative_to(folder).as_posix()}": path.read_bytes()
        for path in sorted(folder.rglob("*"))
        if path.is_file() and not any(part.startswith(".") for part in path.relative_to(folder).parts)
    }


def digest(files: dict[str, bytes]) -> str:
    """Return a hash of the names and contents of `files`."""
    total = hashlib.sha256()
    for name, content in sorted(files.items()):
        total.update(f"{name} {len(content)}\n".encode())
        total.update(content)
    return total.hexdigest()


def folder_digest(folder: Path) -> str:
    """Return a hash of all that lies in a folder, whether it is there or not."""
    return digest(
        {path.relative_to(folder).as_posix(): path.read_bytes() for path in folder.rglob("*") if path.is_file()}
    )
