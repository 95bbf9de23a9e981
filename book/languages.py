"""The languages of the book and what each of them adds to the shared configuration."""

from __future__ import annotations

import json
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import yaml


class BookError(Exception):
    """Something in the book's sources is wrong; the message says where, and what to do."""


@dataclass(frozen=True)
class Language:
    """One language, as `book/languages.yml` describes it (the meaning of each field stands there)."""

    code: str
    name: str
    html_lang: str
    sphinx_language: str
    title: str
    tagline: str
    glossary: dict[str, str]
    messages: dict[str, str]
    script_messages: dict[str, dict[str, str]]
    config: dict[str, Any]


def load_languages(path: Path) -> list[Language]:
    """Read the languages from `path`, in the order of the file.

    Raises
    ------
    BookError
        If a language misses a field or has one that is not known.
    """
    languages = []
    for code, fields in yaml.safe_load(path.read_text("utf-8")).items():
        try:
            languages.append(Language(code=code, **fields))
        except TypeError as error:
            raise BookError(f"{path.name}: language `{code}`: {error}") from error
    return languages


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
        "course_languages": [{"code": each.code, "name": each.name, "html_lang": each.html_lang} for each in languages],
        "script_messages": language.script_messages,
    }
    own = {
        "title": language.title,
        "sphinx": {"config": {"language": language.sphinx_language, "html_context": context}},
    }
    return merge(merge(shared, own), language.config)


def message_catalogue(messages: dict[str, str]) -> str:
    """Return `messages` as a gettext catalogue (a `.po` file, which Sphinx compiles by itself)."""
    entries = ['msgid ""\nmsgstr "Content-Type: text/plain; charset=utf-8\\n"']
    for english, own in messages.items():
        entries.append(f"msgid {json.dumps(english)}\nmsgstr {json.dumps(own, ensure_ascii=False)}")
    return "\n\n".join(entries) + "\n"
