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
from book.sources import TEXT, BookError, read_yaml

FOLDER = "explorers"  # of the site, and of `book`
SHARED = "shared"  # the part of the texts that every explorer uses
SOURCE = "source"  # in it, scripts as they were written
WITH_NETWORKS = ("digit", "channels", "learning")  # the explorers that need what `book.networks` makes
NAME = "^[a-z]+[0-9]*(-[a-z0-9]+)*$"
NAMED = {"type": "string", "pattern": NAME, "description": "write lowercase English words and hyphens"}
WORDS = {"type": "object", "required": [ENGLISH], "additionalProperties": TEXT}
TEXTS = {
    "type": "object",
    "propertyNames": NAMED,
    "additionalProperties": {"type": "object", "propertyNames": NAMED, "additionalProperties": WORDS},
}
PLACEHOLDER = re.compile(r"\{[a-z]+\}")

Texts = dict[str, dict[str, dict[str, str]]]


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
    texts = load_texts(root)
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


def load_texts(root: Path, folder: str = FOLDER) -> Texts:
    """Read `texts.yml` of a folder of `book`: part, name of the text, language; `missing_texts` tells what it lacks.

    Raises
    ------
    BookError
        If the file cannot be read.
    """
    path = root / "book" / folder / "texts.yml"
    return read_yaml(path, TEXTS) if path.parent.is_dir() else {}  # a book may have no explorers


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


def entries(texts: Texts) -> Iterator[tuple[str, dict[str, str]]]:
    """Yield each text, as ``convolution.stride``, in all its languages."""
    for part, named in texts.items():
        for name, words in named.items():
            yield f"{part}.{name}", words


def missing_texts(texts: Texts, languages: list[Language], folder: str = FOLDER) -> list[str]:
    """Return what the texts lack: a language, or a number or name that English puts into the sentence."""
    problems = []
    for name, words in entries(texts):
        english = placeholders(words.get(languages[0].code, ""))
        for language in languages:
            if language.code not in words:
                problems.append(f"`{name}` has no {language.code} text; add it under `{language.code}:`")
            elif placeholders(words[language.code]) != english:
                wanted = ", ".join(english) or "none"
                problems.append(f"`{name}` must have the placeholders of the English in {language.code}: {wanted}")
        unknown = sorted(words.keys() - {each.code for each in languages})
        problems += [f"`{name}` has `{code}`, which is no language of the book; take it out" for code in unknown]
    return [f"book/{folder}/texts.yml: {problem}" for problem in problems]


def placeholders(text: str) -> list[str]:
    """Return what the scripts fill in, sorted.

    >>> placeholders("row {row}, column {column}: {value}")
    ['{column}', '{row}', '{value}']
    """
    return sorted(PLACEHOLDER.findall(text))


def unknown_explorers(root: Path) -> list[str]:
    """Return the elements of English pages that name no explorer, or stand without a picture for where no script runs.

    Elements of the translations must be equal to these: `book.correspondence` sees to that.
    """
    known = [name for name in load_texts(root) if name != SHARED]
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
