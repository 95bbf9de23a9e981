"""Pages that are being translated: what is done as it is, everything else in English, under a note that says so.

`book/languages.yml` says which languages and pages are drafts. A draft need not even be there: its code, outputs and
order are those of the English page, so that a reader never meets old code or the translation of an old text.
"""

import copy
import re
from collections.abc import Iterator
from html import escape
from pathlib import Path

import nbformat.v4
from nbformat import NotebookNode

from book.correspondence import DONE, MISSING, copy_words, is_to_translate, pairs
from book.languages import Language
from book.pages import ENGLISH, FIGURE_WORDS, LABEL, pages, read, words
from book.texts import READING, load_texts, text

# Around English words in a translated page; `book.sphinx_drafts` tells browsers which language that is.
BEGIN, END = "<!-- in English -->", "<!-- translated -->"
DRAFT_PAGE = "draft-page"  # the name of a text
HEADING = re.compile(r"^#{1,6}[ \t].*$", re.MULTILINE)


def shown_files(root: Path, language: Language) -> dict[str, Path]:
    """Return the files of a language's pages, by name, as the contents order them; that of a draft need not exist."""
    own = pages(root, language.code)
    named = (
        (name, own.get(name) or original_place(root, language, path)) for name, path in pages(root, ENGLISH).items()
    )
    return {name: path for name, path in named if name in own or language.has_draft(name)}


def original_place(root: Path, language: Language, original: Path) -> Path:
    """Return where the translation of an English page stands."""
    return root / "chapters" / language.code / original.name


def shown_page(root: Path, language: Language, path: Path) -> NotebookNode:
    """Return a page of a language as readers are to see it: of a draft, what is not translated in English.

    Raises
    ------
    BookError
        If the page, or a file of texts, cannot be read.
    """
    original = pages(root, ENGLISH).get(path.stem) if language.has_draft(path.stem) else None
    if not original or path != original_place(root, language, original):
        return read(path)
    texts, page = load_texts(root, READING), read(path) if path.exists() else nbformat.v4.new_notebook()
    notes = (note(texts, language, DRAFT_PAGE), note(texts, language, "in-english"))
    return composed(read(original), page, *notes)


def note(texts: dict, language: Language, name: str) -> str:
    """Return a note for readers as HTML; a book that has no texts has none."""
    said = escape(text(texts, language.code, "reading", name)) if texts else ""
    return f'<div class="in-english-note" role="note">{said}</div>'


def draft_note(root: Path, language: Language) -> str:
    """Return the note for a page that is partly in English."""
    return note(load_texts(root, READING), language, DRAFT_PAGE)


def composed(english: NotebookNode, page: NotebookNode, for_page: str, for_part: str) -> NotebookNode:
    """Return the English page with the words that are translated, and notes where the others begin.

    Parameters
    ----------
    english, page
        The two pages; what is done of the second is taken from it.
    for_page, for_part
        Notes in HTML: at the top, and where English begins below something that is translated.
    """
    result = copy.deepcopy(english)
    done = {pair.english.id: pair.translation for pair in pairs(english, page) if pair.state == DONE}
    is_whole, told = True, False  # told: a note above says that what follows is in English
    for position, cell in enumerate(result.cells):
        if cell.get("id") in done:
            copy_words(done[cell.id], cell)
            told = False
        elif is_to_translate(cell):
            is_whole = False
            is_text = cell.cell_type == "markdown"
            set_english(cell, for_part if is_text and not told and position else "")
            told = told or is_text
    if not is_whole and result.cells[0].cell_type == "markdown":
        result.cells[0].source = below_heading(result.cells[0].source, for_page)
    return result


def set_english(cell: NotebookNode, said: str) -> None:
    """Mark the words of a cell, in place, as English, below a note if there is one."""
    if cell.cell_type == "markdown":
        cell.source = f"{BEGIN}\n\n{below_heading(cell.source, said) if said else cell.source}\n\n{END}"
    elif "caption" in words(cell):
        caption = cell.metadata.mystnb[FIGURE_WORDS["caption"]]
        caption.caption = f'<span lang="{ENGLISH}">{caption.caption}</span>'


def below_heading(source: str, html: str) -> str:
    r"""Put a line of HTML below the heading that a text begins with, or above the text.

    >>> below_heading("(why)=\n## Why\n\nBecause.", "<hr>")
    '(why)=\n## Why\n\n<hr>\n\nBecause.'
    >>> below_heading("Because.", "<hr>")
    '<hr>\n\nBecause.'
    """
    heading = HEADING.search(source)
    before = source[: heading.start()] if heading else "text"
    if LABEL.sub("", before).replace(BEGIN, "").strip():
        return f"{html}\n\n{source}"
    return f"{source[: heading.end()]}\n\n{html}\n\n{source[heading.end() :].lstrip(chr(10))}"


def states(english: NotebookNode, page: NotebookNode) -> Iterator[tuple[NotebookNode, NotebookNode | None, str]]:
    """Yield each English cell, its translation, and how far that is; what is not there is missing."""
    found = {pair.english.id: pair for pair in pairs(english, page)}
    for cell in english.cells:
        pair = found.get(cell.get("id"))
        if pair is None:
            yield cell, None, MISSING if is_to_translate(cell) else ""
        else:
            yield cell, pair.translation, pair.state
