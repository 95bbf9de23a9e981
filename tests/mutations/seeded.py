"""What a mutation is, and how one finds its place."""

import os
import re
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from random import Random

import nbformat

from book.languages import load_languages

ROOT = Path(__file__).parents[2]
ENGLISH, *OTHERS = [language.code for language in load_languages(ROOT)]
TRANSLATIONS = ",".join(OTHERS)
# Another seed chooses other places: MUTATION_SEED=7 pytest tests/mutations
SEED = os.environ.get("MUTATION_SEED", "9000")


@dataclass(frozen=True)
class Mutation:
    """One thing that may go wrong.

    Attributes
    ----------
    name : str
        What goes wrong.
    check : str
        The check that claims to notice it, a key of `catchers.CATCHERS`.
    says : str
        A part of the message that tells it from other problems.
    apply : callable
        Makes the change in a folder with a copy of what the check looks at, at a place of its choice.
    """

    name: str
    check: str
    says: str
    apply: Callable[[Path, Random], None]

    def apply_to(self, folder: Path) -> None:
        """Make the change, always at the same place of the same files."""
        self.apply(folder, Random(f"{SEED} {self.name}"))


# Pages --------------------------------------------------------------------------------------------------------------


def load(path: Path):
    """Read a notebook with nothing mended."""
    return nbformat.v4.reads(path.read_text(encoding="utf-8"))


def store(path: Path, page) -> None:
    """Write a notebook in the form in which the chapters are stored."""
    path.write_text(nbformat.v4.writes(page) + "\n", encoding="utf-8")


def notebooks(root: Path, language: str = "*") -> list[Path]:
    """Return the notebooks of one language, of several with commas between them, or of all."""
    return sorted(path for code in language.split(",") for path in root.glob(f"chapters/{code}/*.ipynb"))


def is_code(cell) -> bool:
    """Tell whether a cell is code."""
    return cell.cell_type == "code"


def is_prose(cell) -> bool:
    """Tell whether a cell is markdown, and not the list of references, which has rules of its own."""
    return cell.cell_type == "markdown" and cell.id != "references"


def on_a_cell(change: Callable, language: str = "*", where: Callable = lambda cell: True):
    """Return a mutation of one cell, chosen from those `where` allows; `change` may return a cell to put in its place.

    `change` is called with the cell and the source of chance.
    """

    def apply(root: Path, random: Random) -> None:
        places = [
            (path, number)
            for path in notebooks(root, language)
            for number, cell in enumerate(load(path).cells)
            if where(cell)
        ]
        path, number = random.choice(places)
        page = load(path)
        change(page.cells[number], random)
        store(path, page)

    return apply


def on_a_page(change: Callable, language: str = "*"):
    """Return a mutation of one notebook: `change` is called with the page and the source of chance."""

    def apply(root: Path, random: Random) -> None:
        path = random.choice(notebooks(root, language))
        page = load(path)
        change(page, random)
        store(path, page)

    return apply


# Texts --------------------------------------------------------------------------------------------------------------


def replaced(text: str, pattern: str, new, random: Random) -> str:
    """Return the text with one match of a pattern replaced by a text, or by what `new` makes of it."""
    match = random.choice(list(re.finditer(pattern, text)))
    return text[: match.start()] + (new(match) if callable(new) else match.expand(new)) + text[match.end() :]


def in_source(pattern: str, new, language: str = "*", where: Callable = is_prose):
    """Return a mutation that replaces one match of a pattern in the source of a cell, code blocks left out."""

    def has_match(cell) -> bool:
        return where(cell) and "```" not in cell.source and re.search(pattern, cell.source) is not None

    def change(cell, random: Random) -> None:
        cell.source = replaced(cell.source, pattern, new, random)

    return on_a_cell(change, language, has_match)


def other_digit(match: re.Match) -> str:
    """Return another digit than the one found."""
    return str((int(match[0]) + 1) % 10)
