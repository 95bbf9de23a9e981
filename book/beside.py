"""Pages for translators: how far each language is, and each page of one beside the English, cell by cell."""

import difflib
import re
from collections.abc import Iterator
from dataclasses import dataclass
from html import escape
from pathlib import Path

import nbformat.v4
from jinja2 import Environment, FileSystemLoader
from nbformat import NotebookNode

from book.correspondence import STALE, digest
from book.coverage import coverage
from book.drafts import states
from book.kept import git
from book.languages import Language, load_languages
from book.pages import ENGLISH, pages, parse, read, words
from book.sources import BookError

FOLDER = "beside"  # of the preview
LAB = "http://localhost:8888/lab/tree"  # where `make lab FOLDER=chapters` shows the pages
WORDS = re.compile(r"\s+|\w+|[^\w\s]")


@dataclass(frozen=True)
class Row:
    """A cell of a page, in English and in another language.

    Attributes
    ----------
    cell
        The id.
    state
        `done`, `stale`, `missing`, or "" if it has no words.
    words
        The English and the translated words, by name: text, or alt and caption.
    code, picture
        The source of a cell with code, or without words; and the picture that a cell shows, as an address.
    changes
        Of a stale cell, what changed in the English since, as HTML.
    """

    cell: str
    state: str
    words: dict[str, tuple[str, str]]
    code: str = ""
    picture: str = ""
    changes: str = ""


def translator_files(root: Path, language: Language) -> dict[str, bytes]:
    """Return the pages for who translates one language, by their path in the preview.

    Raises
    ------
    BookError
        If a page cannot be read.
    """
    environment = Environment(
        loader=FileSystemLoader(root / "book" / "_templates" / "translator"),
        autoescape=True,
        trim_blocks=True,
        lstrip_blocks=True,
    )
    files = {"index.html": environment.get_template("dashboard.html").render(**dashboard(root, language))}
    template = environment.get_template("beside.html")
    names = list(pages(root, ENGLISH))
    for name in names:
        rows = list(beside(root, language, name))
        file = pages(root, language.code).get(name)
        lab = f"{LAB}/{language.code}/{file.name}" if file else ""
        files[f"{FOLDER}/{name}.html"] = template.render(
            language=language, name=name, names=names, rows=rows, lab=lab, file=file and file.name
        )
    return {name: text.encode() for name, text in files.items()}


def dashboard(root: Path, language: Language) -> dict[str, object]:
    """Return what the first page of the preview shows."""
    every = sorted(load_languages(root, drafts=True)[1:], key=lambda each: each.code != language.code)
    found = {each.code: coverage(root, each) for each in every}
    return {"language": language, "languages": every, "found": found, "pages": list(pages(root, ENGLISH))}


def beside(root: Path, language: Language, name: str) -> Iterator[Row]:
    """Yield the cells of a page, each with its translation."""
    original = pages(root, ENGLISH)[name]
    path = pages(root, language.code).get(name)
    page = read(path) if path else nbformat.v4.new_notebook()
    cells = list(states(read(original), page))
    wanted = {own.metadata.translates for _, own, state in cells if state == STALE}
    before = former(original, wanted)
    for english, own, state in cells:
        theirs = words(own) if own is not None else {}
        pairs = {each: (text, theirs.get(each, "")) for each, text in words(english).items()} if state else {}
        changes = changed(before.get(own.metadata.translates), english) if state == STALE else ""
        code = english.source if english.cell_type == "code" or not state else ""
        yield Row(english.get("id", ""), state, pairs, code, picture(english), changes)


def former(path: Path, wanted: set[str]) -> dict[str, NotebookNode]:
    """Return English cells as they were, by the hash of their words, as far as git has them."""
    found: dict[str, NotebookNode] = {}
    commits = (git(path.parent, "log", "--format=%H", "--", path.name) or b"").decode().split() if wanted else ()
    for commit in commits:
        if wanted <= found.keys():
            break
        content = git(path.parent, "show", f"{commit}:./{path.name}") or b""
        try:
            cells = parse(path, content.decode("utf-8")).cells
        except (BookError, UnicodeDecodeError):
            continue
        found |= {digest(cell): cell for cell in cells if digest(cell) in wanted}
    return found


def changed(before: NotebookNode | None, after: NotebookNode) -> str:
    """Return what changed in the words of a cell, as HTML."""
    if before is None:
        return "What the English was is not in the history of git here; compare the two texts."
    old = words(before)
    return "<br>".join(difference(old.get(name, ""), new) for name, new in words(after).items() if old.get(name) != new)


def difference(old: str, new: str) -> str:
    """Mark, in HTML, the words that went and came.

    >>> difference("Two < three rows.", "Two < four rows.")
    'Two &lt; <del>three</del><ins>four</ins> rows.'
    """
    left, right = WORDS.findall(old), WORDS.findall(new)
    parts = []
    for kind, start, end, first, last in difflib.SequenceMatcher(None, left, right, autojunk=False).get_opcodes():
        gone, come = escape("".join(left[start:end])), escape("".join(right[first:last]))
        if kind == "equal":
            parts.append(gone)
        else:
            parts += [f"<del>{gone}</del>" if gone else "", f"<ins>{come}</ins>" if come else ""]
    return "".join(parts)


def picture(cell: NotebookNode) -> str:
    """Return the first picture that a code cell shows, or that is attached to a text, as an address; or ""."""
    bundles = [output.get("data", {}) for output in cell.get("outputs", ())]
    bundles += cell.get("attachments", {}).values()
    found = next((bundle["image/png"] for bundle in bundles if "image/png" in bundle), "")
    return f"data:image/png;base64,{found.strip()}" if found else ""
