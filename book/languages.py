"""The languages of the book and what each of them adds to the shared configuration."""

import json
import unicodedata
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from book.sources import MAPPING_OF_TEXTS, TEXT, BookError, place, read_yaml

# One field of `languages.yml` each; its meaning stands there. A draft may leave out all but the first.
OF_DRAFTS = {
    "name": TEXT,
    "html_lang": TEXT,
    "sphinx_language": TEXT,
    "scripts": {"type": "array", "minItems": 1, "items": TEXT},
}
FIELDS = OF_DRAFTS | {
    "title": TEXT,
    "tagline": TEXT,
    "fonts": {"type": "string"},
    "style": MAPPING_OF_TEXTS,
    "lint": {"type": "array", "items": TEXT},
    "punctuation": MAPPING_OF_TEXTS,
    "number_units": {"type": "object", "additionalProperties": {"type": "integer"}},
    "separators": {
        "type": "object",
        "required": ["decimal", "thousands"],
        "properties": {"decimal": TEXT, "thousands": TEXT},
        "additionalProperties": False,
    },
    "idle_words": {"type": "string"},
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
DRAFT = "draft"
STATE = {"status": {"enum": [DRAFT]}, "draft_pages": {"type": "array", "items": TEXT}}
LANGUAGES = {
    "type": "object",
    "minProperties": 1,
    "additionalProperties": {
        "type": "object",
        "properties": FIELDS | STATE,
        "additionalProperties": False,
        "if": {"required": ["status"]},
        "then": {"required": list(OF_DRAFTS)},
        "else": {"required": list(FIELDS)},
    },
}
# Names of scripts, as Unicode has them: those that set no spaces between words, and those of wide characters.
UNSPACED = {"CJK", "HIRAGANA", "KATAKANA", "THAI", "LAO", "KHMER", "MYANMAR", "TIBETAN"}
WIDE = {"CJK", "HIRAGANA", "KATAKANA", "HANGUL"}
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
    scripts: list[str]
    title: str
    tagline: str
    fonts: str
    style: dict[str, str]
    lint: list[str]
    punctuation: dict[str, str]
    number_units: dict[str, int]
    separators: dict[str, str]
    idle_words: str
    glossary: dict[str, str]
    messages: dict[str, str]
    script_messages: dict[str, dict[str, str]]
    config: dict[str, Any]
    status: str = ""
    draft_pages: tuple[str, ...] = ()

    @property
    def is_draft(self) -> bool:
        """Whether the language is being translated: only a preview shows it, unless drafts are asked for."""
        return self.status == DRAFT

    def has_draft(self, page: str) -> bool:
        """Tell whether what is not translated of a page, such as `02_convolution`, is shown in English."""
        return self.is_draft or page in self.draft_pages

    def writes(self, character: str) -> bool:
        """Tell whether a character is of a script of this language."""
        return unicodedata.name(character, "").startswith(tuple(self.scripts))

    @property
    def is_latin(self) -> bool:
        """Whether the language is written as English is, so that letters do not tell the two apart."""
        return "LATIN" in self.scripts

    @property
    def is_spaced(self) -> bool:
        """Whether words are set apart by spaces, so that they can be counted."""
        return not UNSPACED & set(self.scripts)

    @property
    def excerpt(self) -> int:
        """How many characters an excerpt in a list of results has: wide ones say more."""
        return 90 if WIDE & set(self.scripts) else 160


def load_languages(root: Path, drafts: bool = False) -> list[Language]:
    """Read `book/languages.yml`, in the order of the file: English first.

    Parameters
    ----------
    root
        The folder of the book.
    drafts
        Whether to return languages that are drafts, too. What such a one leaves out is taken from the first language.

    Raises
    ------
    BookError
        If the file cannot be read, a language misses a field or has one that is not known, or the first is a draft.
    """
    file = root / "book" / "languages.yml"
    entries = read_yaml(file, LANGUAGES)
    first, original = next(iter(entries.items()))
    if STATE.keys() & original.keys():
        raise BookError(f"{place(file)}: `{first}` is what the others are translated from, and no draft; take that out")
    every = [Language(code=code, **(original | fields)) for code, fields in entries.items()]
    return [each for each in every if drafts or not each.is_draft]


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
            {name: getattr(each, name) for name in ("code", "name", "html_lang", "fonts", "is_draft")}
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
