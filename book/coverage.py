"""How far the languages are: ``python -m book.coverage`` lists what is done, stale and missing in each."""

import sys
from collections import Counter
from collections.abc import Iterable
from dataclasses import dataclass
from pathlib import Path

import nbformat.v4

from book.correspondence import DONE, MISSING, STALE
from book.drafts import states
from book.glossary import FIELDS, load_glossary
from book.languages import FIELDS as SETTINGS_OF
from book.languages import Language, load_languages, missing_fields
from book.pages import ENGLISH, ROOT, pages, read
from book.sources import run_command
from book.texts import FILES, entries, load_texts

GLOSSARY, SETTINGS = "book/glossary.yml", "book/languages.yml"


@dataclass(frozen=True)
class Coverage:
    """How many cells of a page, or entries of a file, are done, stale and missing."""

    done: int = 0
    stale: int = 0
    missing: int = 0

    @property
    def total(self) -> int:
        """How many there are to translate."""
        return self.done + self.stale + self.missing

    def __str__(self) -> str:
        """Say it as briefly as a table needs."""
        if self.done == self.total:
            return "done"
        return f"{self.done} of {self.total}" + (f", {self.stale} stale" if self.stale else "")


def counted(found: Iterable[str]) -> Coverage:
    """Count states.

    >>> print(counted(["done", "", "stale", "missing"]))
    1 of 3, 1 stale
    """
    counts = Counter(found)
    return Coverage(counts[DONE], counts[STALE], counts[MISSING])


def coverage(root: Path, language: Language) -> dict[str, Coverage]:
    """Return how far a language is: for each page, then the glossary, the texts of programs, and its settings.

    Raises
    ------
    BookError
        If a page or a file cannot be read.
    """
    own, found = pages(root, language.code), {}
    for name, original in pages(root, ENGLISH).items():
        page = read(own[name]) if name in own else nbformat.v4.new_notebook()
        found[name] = counted(state for _, _, state in states(read(original), page))
    rows = [row.get(language.code) or {} for row in load_glossary(root)]
    found[GLOSSARY] = counted(DONE if all(row.get(field) for field in FIELDS) else MISSING for row in rows)
    for file in FILES:
        texts = entries(load_texts(root, file))
        found[file] = counted(DONE if language.code in words else MISSING for _, words in texts)
    lacking = missing_fields(root, language)
    found[SETTINGS] = Coverage(done=len(SETTINGS_OF) - len(lacking), missing=len(lacking))
    return found


def table(root: Path) -> list[str]:
    """Return the lines of a table: a row for each page and file, a column for each language but English."""
    every = load_languages(root, drafts=True)[1:]
    found = [coverage(root, language) for language in every]
    heads = ["", *(f"{each.code} ({each.status})" if each.status else each.code for each in every)]
    rows = [heads, *([name, *(str(each[name]) for each in found)] for name in (found[0] if found else ()))]
    widths = [max(len(row[column]) for row in rows) for column in range(len(heads))]
    return ["  ".join(text.ljust(width) for text, width in zip(row, widths, strict=True)).rstrip() for row in rows]


def main(root: Path = ROOT) -> int:
    """Print the table; return the exit status."""

    def tell() -> int:
        print("\n".join(table(root)))
        return 0

    return run_command(tell, kept="nothing has changed")


if __name__ == "__main__":
    sys.exit(main())
