"""The languages of the book and what each of them adds to the shared configuration."""

import json
import unicodedata
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from book.sources import MAPPING_OF_TEXTS, TEXT, read_yaml

# One field of `languages.yml` each; its meaning stands there.
FIELDS = {
    "name": TEXT,
    "html_lang": TEXT,
    "sphinx_language": TEXT,
    "title": TEXT,
    "tagline": TEXT,
    "scripts": {"type": "array", "minItems": 1, "items": TEXT},
    "fonts": {"type": "string"},
    "style": MAPPING_OF_TEXTS,
    "lint": {"type": "array", "items": TEXT},
    "punctuation": MAPPING_OF_TEXTS,
    "number_units": {"type": "object", "additionalProperties": {"type": "integer"}},
    "glossary": {
        "type": "object",
        "required": ["title", "intro", "also", "separator"],
        "properties": {"title": TEXT, "intro": TEXT, "also": TEXT, "separator": TEXT},
        "additionalProperties": False,
    },
    "messages": MAPPING_OF_TEXTS,
    "script_messages": {
        "type": "object",
        "required": ["search", "copybutton"],
        "additionalProperties": MAPPING_OF_TEXTS,
    },
    "config": {"type": "object"},
}
LANGUAGES = {
    "type": "object",
    "minProperties": 1,
    "additionalProperties": {
        "type": "object",
        "required": list(FIELDS),
        "properties": FIELDS,
        "additionalProperties": False,
    },
}
CONFIG = {
    "type": "object",
    "required": ["parse", "sphinx"],
    "properties": {
        "parse": {
            "type": "object",
            "required": ["myst_enable_extensions"],
            "properties": {"myst_enable_extensions": {"type": "array", "items": TEXT}},
        },
        "sphinx": {"type": "object", "properties": {"config": {"type": "object"}}},
    },
}


@dataclass(frozen=True)
class Language:
    """One language, as `book/languages.yml` describes it (the meaning of each field stands there)."""

    code: str
    name: str
    html_lang: str
    sphinx_language: str
    title: str
    tagline: str
    scripts: list[str]
    fonts: str
    style: dict[str, str]
    lint: list[str]
    punctuation: dict[str, str]
    number_units: dict[str, int]
    glossary: dict[str, str]
    messages: dict[str, str]
    script_messages: dict[str, dict[str, str]]
    config: dict[str, Any]

    def writes(self, character: str) -> bool:
        """Tell whether a character is of a script of this language."""
        return unicodedata.name(character, "").startswith(tuple(self.scripts))

    @property
    def is_latin(self) -> bool:
        """Whether the language is written as English is, so that letters do not tell the two apart."""
        return "LATIN" in self.scripts


def load_languages(root: Path) -> list[Language]:
    """Read `book/languages.yml`, in the order of the file: English first.

    Raises
    ------
    BookError
        If the file cannot be read, or a language misses a field or has one that is not known.
    """
    path = root / "book" / "languages.yml"
    return [Language(code=code, **fields) for code, fields in read_yaml(path, LANGUAGES).items()]


def load_config(root: Path) -> dict[str, Any]:
    """Read `_config.yml`, what all languages share.

    Raises
    ------
    BookError
        If the file cannot be read.
    """
    return read_yaml(root / "_config.yml", CONFIG)


def merge(base: dict[str, Any], addition: dict[str, Any]) -> dict[str, Any]:
    """Lay `addition` over `base`: dictionaries are merged key by key, anything else is replaced."""
    merged = dict(base)
    for key, value in addition.items():
        if isinstance(value, dict) and isinstance(merged.get(key), dict):
            value = merge(merged[key], value)
        merged[key] = value
    return merged


def book_config(shared: dict[str, Any], language: Language, languages: list[Language]) -> dict[str, Any]:
    """Return the Jupyter Book configuration of one language.

    Parameters
    ----------
    shared
        The content of the root `_config.yml`.
    language
        The language to build.
    languages
        All languages: every page links to the same page in the others.
    """
    context = {
        "language": language.html_lang,
        "course_language": language.code,
        "course_languages": [
            {"code": each.code, "name": each.name, "html_lang": each.html_lang, "fonts": each.fonts}
            for each in languages
        ],
        "course_style": language.style,
        "script_messages": language.script_messages,
    }
    config = {"language": language.sphinx_language, "html_context": context}
    own = {"title": language.title, "html": {"baseurl": ""}, "sphinx": {"config": config}}  # see found.html
    return merge(merge(shared, own), language.config)


def message_catalog(messages: dict[str, str]) -> str:
    """Return `messages` as a gettext catalog (a `.po` file, which Sphinx compiles by itself)."""
    entries = ['msgid ""\nmsgstr "Content-Type: text/plain; charset=utf-8\\n"']
    for english, own in messages.items():
        entries.append(f"msgid {json.dumps(english)}\nmsgstr {json.dumps(own, ensure_ascii=False)}")
    return "\n\n".join(entries) + "\n"
