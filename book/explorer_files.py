"""What the explorers of the chapters need, as files of the site: scripts, style, and texts in each language.

They lie in one folder beside the languages, since only the texts differ. Style is copied as it stands in
``book/explorers``, and ``texts.yml`` there holds all words. Scripts are slimmed, and each says where it lies with its
comments: in the folder ``source`` beside it. The chapters name an explorer in markdown, as
``<div data-explorer="convolution" data-preset="matrix-a">``, around a figure and a sentence that stand where no script
runs.
"""

import contextlib
import json
import re
from collections.abc import Iterator
from pathlib import Path

from nbformat import NotebookNode

from book.languages import Language
from book.networks import network_scripts
from book.pages import ENGLISH, Problem, described, pages, read
from book.prose import marks
from book.slimming import slim
from book.sources import BookError
from book.texts import EXPLORERS, Texts, load_texts

FOLDER = "explorers"  # of the site, and of `book`
SHARED = "shared"  # the part of the texts that every explorer uses
SOURCE = "source"  # in it, scripts as they were written
WITH_NETWORKS = ("digit", "channels", "learning")  # the explorers that need what `book.networks` makes


def explorer_files(root: Path, languages: list[Language]) -> dict[str, bytes]:
    """Return the files of all explorers, by their path in the site's folder `FOLDER`.

    Raises
    ------
    BookError
        If the texts cannot be read.
    """
    folder = root / "book" / FOLDER
    files = {path.name: path.read_bytes() for path in sorted(folder.glob("*.css"))}
    for path in sorted(folder.glob("*.js")):
        files[f"{SOURCE}/{path.name}"] = path.read_bytes()
        files[path.name] = served(path.name, path.read_text("utf-8")).encode()
    for name in WITH_NETWORKS:
        files |= network_scripts(root, name) if names_explorer(root, languages[0], name) else {}
    texts = load_texts(root, EXPLORERS)
    return files | {f"texts-{each.code}.js": texts_script(texts, each.code).encode() for each in languages}


def served(name: str, script: str) -> str:
    r"""Return a script as the site serves it.

    >>> print(served("go.js", "// Goes.\ngo();"))
    // commented: source/go.js
    go();
    <BLANKLINE>
    """
    return f"// commented: {SOURCE}/{name}\n{slim(script)}"


def names_explorer(root: Path, language: Language, name: str) -> bool:
    """Tell whether a chapter of a language names an explorer, in a notebook or in a page of markdown."""
    named = re.compile(rf'data-explorer=\\?"{name}')
    folder = root / "chapters" / language.code
    return any(named.search(path.read_text("utf-8")) for path in folder.glob("*") if path.suffix in (".ipynb", ".md"))


def texts_script(texts: Texts, language: str) -> str:
    """Return the script that gives an explorer its words: English ones where the gate has not yet been asked.

    >>> print(texts_script({"shared": {"reset": {"en": "Reset", "zh": "重置"}}}, "zh"))
    // Written by book/explorer_files.py from book/explorers/texts.yml.
    var cnn = cnn || {};
    cnn.texts = {
     "shared": {
      "reset": "重置"
     }
    };
    <BLANKLINE>
    """
    own = {
        part: {name: words.get(language, words[ENGLISH]) for name, words in named.items()}
        for part, named in texts.items()
    }
    origin = f"// Written by book/explorer_files.py from book/{FOLDER}/texts.yml.\n"
    return f"{origin}var cnn = cnn || {{}};\ncnn.texts = {json.dumps(own, ensure_ascii=False, indent=1)};\n"


def unknown_explorers(root: Path) -> list[str]:
    """Return the elements of English pages that name no explorer, or stand without a picture for where no script runs.

    Elements of the translations must be equal to these: `book.correspondence` sees to that.
    """
    known = [name for name in load_texts(root, EXPLORERS) if name != SHARED]
    problems = []
    for path in pages(root, ENGLISH).values():
        with contextlib.suppress(BookError):  # a page that cannot be read is named with the others
            cells = [cell for cell in read(path).cells if cell.cell_type == "markdown"]
            problems += described(path, [problem for cell in cells for problem in faults(cell, known)])
    return problems


def faults(cell: NotebookNode, known: list[str]) -> Iterator[Problem]:
    """Yield what is wrong with the explorers of a markdown cell."""
    found = marks(cell.source)
    for element in sorted(found["explorer"]):
        name = re.search(r'data-explorer="([^"]*)"', element)
        if not name or name[1] not in known:
            yield Problem(cell.get("id"), f"{element} names no explorer; there is: {', '.join(known)}")
        elif not found["picture"]:
            yield Problem(cell.get("id"), f"{element} stands without a picture; put one in, for where no script runs")
