"""Texts that programs show, in every language: explorers, the pages around them, the student edition, the package.

Each file holds parts, the names of texts in them, and each text in every language. What stands in braces is filled in
by the program. `python -m book.translations check` names what is missing, `python -m book.lint` reads them as it reads
the chapters.
"""

import re
from collections.abc import Iterator
from pathlib import Path

from book.languages import Language
from book.pages import ENGLISH
from book.sources import TEXT, read_yaml

EXPLORERS = "book/explorers/texts.yml"
READING = "book/reading/texts.yml"
STUDENT = "book/student.yml"
PACKAGE = "src/cnn_course/messages.yml"
FILES = (EXPLORERS, READING, STUDENT, PACKAGE)
NAMED = {
    "type": "string",
    "pattern": "^[a-z]+[0-9]*(-[a-z0-9]+)*$",
    "description": "write lowercase English words and hyphens",
}
WORDS = {"type": "object", "required": [ENGLISH], "additionalProperties": TEXT}
SCHEMA = {
    "type": "object",
    "propertyNames": NAMED,
    "additionalProperties": {"type": "object", "propertyNames": NAMED, "additionalProperties": WORDS},
}
PLACEHOLDER = re.compile(r"\{[a-z]+\}")

Texts = dict[str, dict[str, dict[str, str]]]


def load_texts(root: Path, file: str) -> Texts:
    """Read a file of texts; a book may do without it.

    Raises
    ------
    BookError
        If the file cannot be read.
    """
    path = root / file
    return read_yaml(path, SCHEMA) if path.exists() else {}


def text(texts: Texts, language: str, part: str, name: str, /, **filled: object) -> str:
    """Return a text, filled in; English where the gate has not yet been asked for another."""
    named = texts[part][name]
    return named.get(language, named[ENGLISH]).format(**filled)


def entries(texts: Texts) -> Iterator[tuple[str, dict[str, str]]]:
    """Yield each text, as ``convolution.stride``, in all its languages."""
    for part, named in texts.items():
        for name, words in named.items():
            yield f"{part}.{name}", words


def missing_texts(texts: Texts, languages: list[Language], file: str = EXPLORERS) -> list[str]:
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
    return [f"{file}: {problem}" for problem in problems]


def placeholders(text: str) -> list[str]:
    """Return what the programs fill in, sorted.

    >>> placeholders("row {row}, column {column}: {value}")
    ['{column}', '{row}', '{value}']
    """
    return sorted(PLACEHOLDER.findall(text))
