"""What the site adds for readers: numbers and times of chapters, previews of terms, scripts, style, and their words.

The scripts are small files in ``book/reading``, joined into one that every page loads; ``texts.yml`` there has every
word in every language.
"""

import json
import math
import os
import re
import tomllib
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from nbformat import NotebookNode

from book.glossary import Row, entry_in
from book.kept import git
from book.languages import Language
from book.pages import ENGLISH, NOT_WORDS, without_code
from book.texts import READING, load_texts

FOLDER = "reading"  # of `book`
NUMBER = re.compile(r"0*([0-9]+[a-z]?)_")
TITLE = re.compile(r"^# +(.+)$", re.MULTILINE)
# How fast people read, a minute: words; characters where no space divides words; lines of code; figures.
WORDS, CHARACTERS, LINES, FIGURES = 200, 350, 25, 4
STEP = 5  # minutes to which a time is rounded up


def number_of(name: str) -> str | None:
    """Return the number of a chapter in the book, which its file name begins with, or None.

    >>> number_of("02_convolution"), number_of("04a_learning"), number_of("glossary")
    ('2', '4a', None)
    """
    match = NUMBER.match(name)
    return match[1] if match else None


def chapters(pages: dict[str, NotebookNode], language: Language, numbers: dict[str, str]) -> list[dict[str, Any]]:
    """Return name, number, title and minutes of each chapter, in order, without pages that have no number."""
    return [
        {"name": name, "number": numbers[name], "title": title_of(page), "minutes": minutes(page, language)}
        for name, page in pages.items()
        if name in numbers
    ]


def title_of(page: NotebookNode) -> str:
    """Return the first heading of a page, or ""."""
    headings = (TITLE.search(cell.source) for cell in page.cells if cell.cell_type == "markdown")
    return next((match[1].strip() for match in headings if match), "")


def minutes(page: NotebookNode, language: Language) -> int:
    """Estimate how long a page takes to read, without its solutions, which are folded."""
    total = 0.0
    for cell in page.cells:
        if cell.cell_type == "markdown":
            text = NOT_WORDS.sub(" ", without_code(cell.source))
            own = 0 if language.is_spaced else sum(map(language.writes, text))
            spaced = r"[^\W\d_]+" if language.is_spaced else r"[A-Za-z]+"
            total += own / CHARACTERS + len(re.findall(spaced, text)) / WORDS
        elif "solution" not in cell.metadata.get("tags", ()):
            figures = sum("image/png" in output.get("data", {}) for output in cell.outputs)
            total += len(cell.source.splitlines()) / LINES + figures / FIGURES
    return max(STEP, STEP * math.ceil(total / STEP))


def reading_files(root: Path) -> dict[str, bytes]:
    """Return script and style of every page, by their path in the staged tree; empty if the book has none."""
    folder = root / "book" / FOLDER
    joined = {f"source/_static/{FOLDER}{kind}": sorted(folder.glob(f"*{kind}")) for kind in (".js", ".css")}
    return {name: b"\n".join(path.read_bytes() for path in paths) for name, paths in joined.items() if paths}


def reading_words(root: Path, language: Language) -> dict[str, str]:
    """Return the words of one language: English ones where the gate has not yet been asked.

    Raises
    ------
    BookError
        If the texts cannot be read.
    """
    texts = load_texts(root, READING).get(FOLDER, {})
    return {name: words.get(language.code, words[ENGLISH]) for name, words in texts.items()}


def terms_script(rows: list[Row], language: Language) -> str:
    """Return the script that gives the previews their terms; a page fetches it when a reader asks for the first."""
    own = {row["id"]: entry_in(row, language) for row in rows}
    terms = {name: [entry["term"], entry["definition"]] for name, entry in own.items()}
    return f"reading.terms = {json.dumps(terms, ensure_ascii=False, indent=0)};\n"


def repository(config: dict[str, Any]) -> tuple[str, str]:
    """Return the address of the repository and its branch, or "" for the address if none is configured."""
    settings = config.get("repository") or {}
    return (settings.get("url") or "").rstrip("/").removesuffix(".git"), settings.get("branch") or "main"


def edition(root: Path, config: dict[str, Any]) -> dict[str, str]:
    """Return version, date and address of the book, each "" if it is not known.

    The date is that of the last commit, or that of the variable SOURCE_DATE_EPOCH: equal sources make equal pages.
    """
    project = root / "pyproject.toml"
    version = tomllib.loads(project.read_text(encoding="utf-8"))["project"]["version"] if project.is_file() else ""
    return {"version": version, "date": last_change(root), "address": repository(config)[0]}


def last_change(root: Path) -> str:
    """Return the day of the last commit, such as "2026-11-28"."""
    if epoch := os.environ.get("SOURCE_DATE_EPOCH"):
        return datetime.fromtimestamp(int(epoch), UTC).date().isoformat()
    return (git(root, "log", "-1", "--format=%cs") or b"").decode().strip()
