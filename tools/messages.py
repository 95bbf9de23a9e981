"""What installing and starting the course say, in the reader's language: English, unless `speak` chose another.

The texts are JSON, since Python reads that before anything is installed; `book.texts` holds them to the rules of all
texts.
"""

import json
from functools import cache
from pathlib import Path

FILE = Path(__file__).with_name("texts.json")
ENGLISH = "en"

_spoken = ENGLISH


def speak(language: str) -> None:
    """Choose the language of every later message, such as ``"zh"``."""
    global _spoken
    _spoken = language


def message(name: str, /, **filled: object) -> str:
    """Return a message, such as that of ``"environment.missing"``, with what stands in braces filled in."""
    part, _, own = name.partition(".")
    words = _catalog()[part][own]
    return words.get(_spoken, words[ENGLISH]).format(**filled)


@cache
def _catalog() -> dict[str, dict[str, dict[str, str]]]:
    return json.loads(FILE.read_text(encoding="utf-8"))
