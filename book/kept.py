"""Keep what people wrote: what is about to be replaced or removed is first copied to `my/kept`, and said.

What counts as a person's is what differs from the last commit, since that can be had again from git; where there is
no commit, what differs from the English.
"""

import shutil
import subprocess
import time
from collections.abc import Iterator
from functools import cached_property
from pathlib import Path

from nbformat import NotebookNode

from book.pages import parse, shared_metadata, words
from book.sources import BookError, place

FOLDER = Path("my") / "kept"


class Kept:
    """The copies that one run of a command makes: `my/kept/2026-01-31-120000/chapters/zh/02_convolution.ipynb`."""

    def __init__(self, root: Path):
        self.root = root

    @cached_property
    def folder(self) -> Path:
        """A new folder, made when the first copy is."""
        name = time.strftime("%Y-%m-%d-%H%M%S")
        for number in range(1, 1000):
            folder = self.root / FOLDER / (name if number == 1 else f"{name}-{number}")
            try:
                folder.mkdir(parents=True)
            except FileExistsError:
                continue
            return folder
        raise BookError(f"{self.root / FOLDER}: too many copies were kept at once; tidy up there")

    def keep(self, path: Path) -> str:
        """Copy a file; return the place of the copy, for a message."""
        copy = self.folder / path.relative_to(self.root)
        copy.parent.mkdir(parents=True, exist_ok=True)
        shutil.copy2(path, copy)
        return copy.relative_to(self.root).as_posix()


def git(folder: Path, *arguments: str) -> bytes | None:
    """Ask git; return what it says, or None where there is no git, no repository or no such thing in it."""
    try:
        done = subprocess.run(["git", *arguments], cwd=folder, capture_output=True, check=False)
    except OSError:
        return None
    return done.stdout if done.returncode == 0 else None


def committed(path: Path) -> NotebookNode | None:
    """Return a page as it was last committed, or None."""
    content = git(path.parent, "show", f"HEAD:./{path.name}") if path.parent.is_dir() else None
    try:
        return None if content is None else parse(path, content.decode("utf-8-sig"))
    except (BookError, UnicodeDecodeError):
        return None


def losses(path: Path, before: NotebookNode, after: NotebookNode, removed: list[NotebookNode]) -> Iterator[str]:
    """Yield what a page loses: of what can be had again from git, only the words.

    Parameters
    ----------
    path
        The page.
    before, after
        What it holds, and is about to hold.
    removed
        The cells that are about to go.
    """
    base = committed(path) or after
    bases = {cell.get("id"): cell for cell in base.cells}
    heirs = {cell.id: cell for cell in after.cells}
    head = before.metadata.get("head", "")
    if head not in (after.metadata.get("head", ""), base.metadata.get("head", "")):
        yield f"{place(path)}: what stood before the first block was replaced by the English:\n{head}"
    for cell in before.cells:
        start = f"{place(path)}: cell {cell.get('id')}: "
        if any(cell is each for each in removed):
            yield f"{start}removed:\n{cell.source}"
        elif cell.get("id") in heirs:
            yield from (start + loss for loss in cell_losses(cell, heirs[cell.id], bases.get(cell.id)))


def cell_losses(cell: NotebookNode, heir: NotebookNode, base: NotebookNode | None) -> Iterator[str]:
    """Yield what a cell loses to the one that takes its place, save what is in git."""
    if base is None or base.cell_type != cell.cell_type:
        base = heir
    if cell.cell_type != "markdown" and cell.source not in (heir.source, base.source):
        yield f"the code was replaced by the English:\n{cell.source}"
    for name in words(cell).keys() - words(heir).keys():
        yield f"the {name} was removed, as there is none in English:\n{words(cell)[name]}"
    if shared_metadata(cell) not in (shared_metadata(heir), shared_metadata(base)):
        yield f"the metadata were replaced by the English:\n{dict(shared_metadata(cell))}"
    if cell.get("attachments") not in (heir.get("attachments"), base.get("attachments")):
        yield "the attached pictures were replaced by the English"
