"""The English chapters: which there are, their code, and their storage with that of the other languages."""

from collections.abc import Collection
from pathlib import Path

from nbformat import NotebookNode

from book import pages, translations
from book.sources import place


def notebooks(root: Path, names: Collection[str] = ()) -> dict[str, Path]:
    """Return the English notebooks of these names, such as ``02_convolution``; all if none is named.

    Raises
    ------
    BookError
        If there is none of a name.
    """
    english = pages.pages(root, pages.ENGLISH)
    found = {name: path for name, path in english.items() if path.suffix == ".ipynb"}
    translations.choose("chapter", names, found)
    return {name: path for name, path in found.items() if name in names or not names}


def code_cells(page: NotebookNode) -> dict[str, NotebookNode]:
    """Return the code cells of a chapter by their ids, in order."""
    return {cell.id: cell for cell in page.cells if cell.cell_type == "code"}


def store(root: Path, path: Path, page: NotebookNode) -> list[str]:
    """Store a chapter, copy its code and outputs to the other languages, and return what that wrote, in words.

    Each file is replaced as a whole. The English one comes first: after an interruption ``make sync`` completes it.
    """
    written = [f"{place(path)}: written"] if pages.write(path, page) else []
    return written + translations.sync(root, [path.stem])
