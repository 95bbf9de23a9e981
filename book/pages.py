"""Read and write the pages of the book, and find the words in their cells.

A page is a notebook (``.ipynb``) or a MyST markdown file (``.md``) cut into cells by block breaks such as
``+++ {"id": "welcome"}``. The table of contents, `_toc.yml`, says which files are pages; others are left alone.
"""

import base64
import copy
import json
import re
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import nbformat.v4
from nbformat import NotebookNode

from book.sources import (
    MAPPING_OF_TEXTS,
    RESTORE,
    TEXT,
    BookError,
    fault,
    line_at,
    named,
    place,
    read_text,
    read_yaml,
    schema_faults,
)

ROOT = Path(__file__).resolve().parents[1]
ENGLISH = "en"
SUFFIXES = (".ipynb", ".md")
# In the table of contents, but made from another file while the book is built.
MADE = ("glossary",)

# The same on every machine: opening a notebook in another editor, or running it elsewhere, changes nothing.
NOTEBOOK_METADATA = {
    "kernelspec": {"display_name": "Python 3", "language": "python", "name": "python3"},
    "language_info": {"name": "python"},
}
# What editors write into cells: how the page was last looked at, and when it ran.
EDITOR_STATE = ("collapsed", "execution", "jp-MarkdownHeadingCollapsed", "scrolled", "trusted")

# Where a figure keeps its words in the metadata of its code cell.
FIGURE_WORDS = {"alt": "image", "caption": "figure"}

BLOCK_BREAK = re.compile(r"\+\+\+[ \t]*(\{.*\})[ \t]*")
LIKE_A_BLOCK_BREAK = re.compile(r"[ \t]*[+＋]{2,}")
LABEL = re.compile(r"^\(([^()\s]+)\)=[ \t]*$", re.MULTILINE)
FENCE = re.compile(r"^(`{3,}|~{3,})([^\n]*\n.*?)^\1[ \t]*$", re.MULTILINE | re.DOTALL)
# The fences that hold code or a formula; other MyST directives, such as notes, hold text to translate.
CODE_DIRECTIVE = re.compile(r"(?!\{)|\{(math|code|code-block)\}")
NOT_WORDS = re.compile(
    r"""
    `[^`]*`                                  # inline code, and the content of a role
    | \{[\w:-]+\}                            # the name of a role or directive
    | \\begin\{(\w+\*?)\}.*?\\end\{\1\}      # formulas
    | \$\$.*?\$\$ | \$[^$]*\$
    | \]\([^)]*\) | <[^>]*> | https?://\S+   # link targets and HTML tags
    | ^\([^()\s]+\)=[ \t]*$                  # labels
    """,
    re.VERBOSE | re.MULTILINE | re.DOTALL,
)
# Names that keep their spelling in every language (LeNet-5, MNIST, TensorFlow) are not words.
WORD = re.compile(r"(?<![A-Za-z0-9])(?=[A-Za-z]{2})[A-Z]?[a-z]+(?![A-Za-z0-9])")

# What the programs of the book rely on; `book.rules` asks nbformat for the rest.
LINES = {"type": ["string", "array"], "items": {"type": "string"}}
CELL_METADATA = {
    "type": "object",
    "properties": {
        "translates": {"type": "string"},
        "tags": {"type": "array", "items": {"type": "string"}},
        "mystnb": {"type": "object", "properties": dict.fromkeys(FIGURE_WORDS.values(), MAPPING_OF_TEXTS)},
    },
}
OUTPUT = {
    "type": "object",
    "required": ["output_type"],
    "properties": {
        "output_type": {"enum": ["stream", "display_data", "execute_result", "error"]},
        "text": LINES,
        "data": {"type": "object"},
        "evalue": {"type": "string"},
        "traceback": {"type": "array", "items": {"type": "string"}},
    },
}
CELL = {
    "type": "object",
    "required": ["cell_type", "metadata", "source"],
    "properties": {
        "cell_type": {"enum": ["markdown", "code", "raw"]},
        "id": {"type": "string"},
        "metadata": CELL_METADATA,
        "source": LINES,
        "outputs": {"type": "array", "items": OUTPUT},
        "attachments": {"type": "object"},
    },
    "if": {"properties": {"cell_type": {"const": "code"}}},
    "then": {"required": ["outputs"]},
}
NOTEBOOK = {
    "type": "object",
    "required": ["nbformat", "metadata", "cells"],
    "properties": {
        "nbformat": {"enum": [4]},
        "nbformat_minor": {"type": "integer"},
        "metadata": {"type": "object"},
        "cells": {"type": "array", "items": CELL},
    },
}
BLOCK = {"type": "object", "properties": {"id": {"type": "string"}, **CELL_METADATA["properties"]}}

FILES = {"type": "array", "items": {"$ref": "#/$defs/entry"}}
CONTENTS = {
    "type": "object",
    "required": ["format", "root"],
    "properties": {
        "format": {"enum": ["jb-book"]},
        "root": TEXT,
        "chapters": FILES,
        "parts": {
            "type": "array",
            "items": {"type": "object", "required": ["chapters"], "properties": {"caption": TEXT, "chapters": FILES}},
        },
    },
    "$defs": {
        "entry": {
            "type": "object",
            "required": ["file"],
            "properties": {"file": TEXT, "title": TEXT, "sections": FILES},
            "additionalProperties": False,
        }
    },
}


@dataclass(frozen=True)
class Problem:
    """What is wrong with a page.

    Attributes
    ----------
    cell
        The id of the cell, or None for the page as a whole.
    message
        What is wrong, and what to do.
    accept
        Whether the translation is to be accepted, by the command of `book.translations`, once that is done.
    """

    cell: str | None
    message: str
    accept: bool = False


def described(path: Path, problems: list[Problem]) -> list[str]:
    """Return a line for each problem of a page."""
    return [
        f"{place(path)}: cell {problem.cell}: {problem.message}"
        if problem.cell
        else f"{place(path)}: {problem.message}"
        for problem in problems
    ]


# Which files are pages ----------------------------------------------------------------------------------------------


def contents(root: Path) -> list[str]:
    """Return the names of the pages that the table of contents lists and people write, in its order.

    Raises
    ------
    BookError
        If `_toc.yml` cannot be read.
    """
    toc = read_yaml(root / "_toc.yml", CONTENTS)
    names = [toc["root"], *listed(toc)]
    names = [name.removesuffix(suffix) for name in names for suffix in SUFFIXES if name.endswith(suffix)] + names
    return [name for name in dict.fromkeys(names) if name not in MADE and not name.endswith(SUFFIXES)]


def listed(toc: dict[str, Any]) -> Iterator[str]:
    """Yield the files that a part of the table of contents lists."""
    if "file" in toc:
        yield toc["file"]
    for group in ("parts", "chapters", "sections"):
        for entry in toc.get(group, ()):
            yield from listed(entry)


def pages(root: Path, language: str) -> dict[str, Path]:
    """Return the pages of one language that are there, by name (``02_convolution``), as the contents order them."""
    folder = root / "chapters" / language
    found = {}
    for name in contents(root):
        for suffix in SUFFIXES:
            if name not in found and (folder / f"{name}{suffix}").is_file():
                found[name] = folder / f"{name}{suffix}"
    return found


def left_out(root: Path, languages: list[str]) -> list[Path]:
    """Return the files of ``chapters`` that could be pages, but are not: copies, and a reader's own."""
    known = {path for language in languages for path in pages(root, language).values()}
    files = [path for path in sorted((root / "chapters").rglob("*")) if path.suffix in SUFFIXES and path.is_file()]
    return [path for path in files if path not in known and not is_hidden(path, root)]


def is_hidden(path: Path, root: Path) -> bool:
    """Tell whether a file, or a folder around it, has a name that begins with a dot."""
    return any(part.startswith(".") for part in path.relative_to(root).parts)


# Reading and writing pages ------------------------------------------------------------------------------------------


def read(path: Path) -> NotebookNode:
    """Read a page, without what editors and machines leave in it.

    Returns
    -------
    NotebookNode
        A notebook; a markdown file becomes one whose cells are its blocks.

    Raises
    ------
    BookError
        If the file cannot be read as a notebook or as markdown cut into blocks.
    """
    return parse(path, read_text(path))


def parse(path: Path, text: str) -> NotebookNode:
    """Read a page from its text; `path` tells which kind it is, and is named in messages."""
    return parse_markdown(path, text) if path.suffix == ".md" else normalize(parse_notebook(path, text))


def parse_notebook(path: Path, text: str) -> NotebookNode:
    """Read a notebook as it is stored."""
    try:
        data = json.loads(text)
    except json.JSONDecodeError as error:
        raise BookError(fault(path, f"cannot be read as JSON ({error.msg})", error.lineno, RESTORE)) from error
    except RecursionError as error:
        raise BookError(fault(path, "cannot be read as JSON (nested too deeply)", None, RESTORE)) from error
    problems = []
    for keys, what, remedy in schema_faults(data, NOTEBOOK):
        cell = data["cells"][keys[1]] if keys[:1] == ["cells"] and len(keys) > 1 else None
        cell_id = cell.get("id") if isinstance(cell, dict) else None
        if isinstance(cell_id, str):
            inside = named(keys[2:]) if len(keys) > 2 else "it"
            what = f"cell {cell_id}: {what.replace(named(keys), inside, 1)}"
        line = line_at(text, max(0, text.find(f'"id": {json.dumps(cell_id)}'))) if isinstance(cell_id, str) else None
        problems.append(fault(path, what, line, f"{remedy}, or {RESTORE}"))
    if problems:
        raise BookError("\n".join(problems))
    return nbformat.v4.reads(text)


def normalize(notebook: NotebookNode) -> NotebookNode:
    """Take out of a notebook, in place, what depends on the machine or the editor."""
    notebook.metadata = nbformat.from_dict(NOTEBOOK_METADATA)
    notebook.nbformat, notebook.nbformat_minor = 4, 5
    for cell in notebook.cells:
        for key in EDITOR_STATE:
            cell.metadata.pop(key, None)
    return notebook


def parse_markdown(path: Path, text: str) -> NotebookNode:
    """Cut a markdown page at its block breaks; what stands before the first one is kept as ``metadata.head``."""
    cells: list[dict[str, Any]] = []
    head: list[str] = []
    for number, line in enumerate(text.splitlines(), start=1):
        if LIKE_A_BLOCK_BREAK.match(line):
            metadata = parse_block_break(path, line, number)
            cells.append({"cell_type": "markdown", "id": metadata.pop("id", ""), "metadata": metadata, "source": []})
        else:
            (cells[-1]["source"] if cells else head).append(line)
    for cell in cells:
        cell["source"] = "\n".join(cell["source"]).strip("\n")
    return nbformat.from_dict({"cells": cells, "metadata": {"head": "\n".join(head).strip("\n")}})


def parse_block_break(path: Path, line: str, number: int) -> dict[str, Any]:
    """Return what a line that begins a block says of it."""
    remedy = f'write it like `+++ {{"id": "welcome"}}`, in one line, or {RESTORE}'
    match = BLOCK_BREAK.fullmatch(line)
    try:
        metadata = json.loads(match[1]) if match else None
    except json.JSONDecodeError:
        metadata = None
    if metadata is None:
        raise BookError(
            fault(path, f"the line that begins a block cannot be read ({first_line(line)!r})", number, remedy)
        )
    for _, what, _ in schema_faults(metadata, BLOCK):
        raise BookError(fault(path, f"in the line that begins a block, {what}", number, remedy))
    return metadata


def render(path: Path, page: NotebookNode) -> str:
    """Return the text of the file: the one form in which a page is stored."""
    if path.suffix == ".ipynb":
        return nbformat.v4.writes(page) + "\n"
    blocks = [page.metadata.head + "\n"] if page.metadata.head else []
    for cell in page.cells:
        mark = json.dumps({"id": cell.id, **cell.metadata}, ensure_ascii=False)
        blocks.append(f"+++ {mark}\n\n{cell.source}\n")
    return "\n".join(blocks)


def detach(path: Path, page: NotebookNode) -> dict[str, bytes]:
    """Take the pictures that are attached to cells out of a page, in place: the site is made from files.

    Returns
    -------
    dict
        The content of each picture, by the path beside the page that the cell now names.

    Raises
    ------
    BookError
        If an attachment is not a picture in base64.
    """
    files = {}
    for cell in page.cells:
        for name, kinds in cell.pop("attachments", {}).items():
            own = f"attached/{path.stem}-{name}"
            try:
                files[own] = base64.b64decode("".join(next(iter(kinds.values()))), validate=True)
            except (StopIteration, AttributeError, TypeError, ValueError) as error:
                what = f"cell {cell.get('id')}: the attachment `{name}` is not a picture in base64"
                raise BookError(fault(path, what, None, RESTORE)) from error
            cell.source = cell.source.replace(f"](attachment:{name})", f"]({own})")
    return files


def write(path: Path, page: NotebookNode) -> bool:
    """Store a page, if that changes the file, in one step: an interruption leaves the old file whole."""
    content = render(path, page).encode()
    if path.exists() and path.read_bytes() == content:
        return False
    path.parent.mkdir(parents=True, exist_ok=True)
    unfinished = path.with_name(f".{path.name}.unfinished")
    try:
        unfinished.write_bytes(content)
        unfinished.replace(path)
    finally:
        unfinished.unlink(missing_ok=True)
    return True


# The words of a cell ------------------------------------------------------------------------------------------------


def words(cell: NotebookNode) -> dict[str, str]:
    """Return what a translator translates in a cell: its text, or the alt text and caption of its figure."""
    if cell.cell_type == "markdown":
        return {"text": cell.source}
    settings = cell.metadata.get("mystnb", {})
    return {name: settings[group][name] for name, group in FIGURE_WORDS.items() if name in settings.get(group, {})}


def shared_metadata(cell: NotebookNode) -> NotebookNode:
    """Return the metadata that must be equal in every language."""
    metadata = copy.deepcopy(cell.metadata)
    if words(cell):
        metadata.pop("translates", None)
    for name, group in FIGURE_WORDS.items():
        metadata.get("mystnb", {}).get(group, {}).pop(name, None)
    return metadata


def holds_words(text: str) -> bool:
    """Tell whether there is something to translate: words, not only formulas, code, names and link targets."""
    return WORD.search(NOT_WORDS.sub(" ", without_code(text))) is not None


def without_code(text: str) -> str:
    """Return markdown text without its blocks of code and formulas; of other directives, the content stays."""
    return FENCE.sub(lambda fence: "" if CODE_DIRECTIVE.match(fence[2]) else fence[2], text)


def first_line(text: str) -> str:
    r"""Return enough of a text to recognize it: a label says nothing to a reader.

    >>> first_line("(index-how)=\n## How to read it\n\nRead the pages.")
    '## How to read it'
    """
    line = LABEL.sub("", text).strip().partition("\n")[0]
    return line if len(line) <= 60 else line[:57] + "..."
