"""What the package tells a reader, in the reader's language: English, unless `speak` chose another.

The notebooks that ``make lab`` gives to a student call `speak` in their first cell. The chapters do not, so what they
print, and the tests compare, is the same in every language.
"""

from functools import cache
from pathlib import Path

import yaml

FILE = Path(__file__).with_name("messages.yml")
ENGLISH = "en"

_spoken = ENGLISH


def speak(language: str) -> None:
    """Choose the language of every later message.

    Parameters
    ----------
    language : str
        The code of a language that ``messages.yml`` holds, such as ``"zh"``.

    Raises
    ------
    ValueError
        If there is no such language.

    Examples
    --------
    >>> speak("ja")
    >>> message("check.nothing")
    '何も返しませんでした'
    >>> speak("en")
    """
    global _spoken
    known = sorted(_catalog()["check"]["correct"])
    if language not in known:
        raise ValueError(f"There are no messages in {language!r}; there are messages in {', '.join(known)}.")
    _spoken = language


def message(name: str, /, **filled: object) -> str:
    """Return a message in the chosen language.

    Parameters
    ----------
    name : str
        Part and name, such as ``"check.nothing"``.
    **filled
        What stands in braces in the catalog.

    Returns
    -------
    str
        In English where the catalog has no other.

    Raises
    ------
    KeyError
        If there is no such message, or something that it needs is not given.

    Examples
    --------
    >>> message("check.correct", right=2, count=2)
    'Correct: 2 of 2 cases.'
    """
    part, _, own = name.partition(".")
    words = _catalog()[part][own]
    return words.get(_spoken, words[ENGLISH]).format(**filled)


@cache
def _catalog() -> dict[str, dict[str, dict[str, str]]]:
    return yaml.safe_load(FILE.read_text(encoding="utf-8"))
