"""The languages of the book and what each of them adds to the shared configuration."""

import json
import re
import unicodedata
from dataclasses import dataclass
from importlib.util import find_spec
from pathlib import Path
from typing import Any

from babel import Locale, UnknownLocaleError
from babel.core import get_global

from book.sources import MAPPING_OF_TEXTS, TEXT, BookError, place, read_text, read_yaml

# One field of `languages.yml` each; its meaning stands there. A draft may leave out all but these:
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
# The scripts that ISO 15924 calls otherwise than by the beginning of Unicode's name.
SCRIPTS = {"Hans": ["CJK"], "Hant": ["CJK"], "Jpan": ["CJK", "HIRAGANA", "KATAKANA"], "Kore": ["HANGUL"]}
CODE = re.compile(r"[a-z]{2,3}(-[A-Z][a-z]{3})?(-[A-Z]{2})?")
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


def missing_fields(root: Path, language: Language) -> list[str]:
    """Return what a draft leaves out in `book/languages.yml`, so that the English is shown."""
    own = read_yaml(root / "book" / "languages.yml", LANGUAGES)[language.code]
    return [field for field in FIELDS if field not in own]


def begin_language(root: Path, code: str) -> Language:
    """Add a language to `book/languages.yml`, as a draft, below what is there.

    Parameters
    ----------
    root
        The folder of the book.
    code
        As browsers have it, such as `ko`, `de` or `pt-BR`; the name of the folder of its pages, too.

    Raises
    ------
    BookError
        If there is no such language.
    """
    try:
        locale = Locale.parse(code, sep="-") if CODE.fullmatch(code) else None
    except (UnknownLocaleError, ValueError):
        locale = None
    if locale is None:
        raise BookError(f"no language has the code {code!r}; write one such as ko, de or pt-BR")
    file = root / "book" / "languages.yml"
    entry = {
        "status": DRAFT,
        "name": locale.get_display_name(locale),
        "html_lang": code,
        "sphinx_language": sphinx_language(locale),
        "scripts": scripts_of(locale),
    }
    lines = "".join(f"  {name}: {json.dumps(value, ensure_ascii=False)}\n" for name, value in entry.items())
    text = read_text(file).rstrip("\n")
    unfinished = file.with_name(f".{file.name}.unfinished")
    unfinished.write_text(f"{text}\n\n{code}:\n{lines}", encoding="utf-8")
    unfinished.replace(file)
    return next(each for each in load_languages(root, drafts=True) if each.code == code)


def likely(locale: Locale) -> tuple[str, str]:
    """Return the script and the territory of a language: those named, or the usual ones.

    >>> likely(Locale("ko")), likely(Locale.parse("zh_Hant"))
    (('Kore', 'KR'), ('Hant', 'TW'))
    """
    known = get_global("likely_subtags")
    named = "_".join(filter(None, (locale.language, locale.script, locale.territory)))
    _, script, territory = (known.get(named) or known.get(locale.language) or "en_Latn_US").split("_")[:3]
    return locale.script or script, locale.territory or territory


def scripts_of(locale: Locale) -> list[str]:
    """Return how the Unicode names of a language's characters begin.

    >>> [scripts_of(Locale(code)) for code in ("ko", "de", "ja", "ru")]
    [['HANGUL'], ['LATIN'], ['CJK', 'HIRAGANA', 'KATAKANA'], ['CYRILLIC']]
    """
    script, _ = likely(locale)
    return SCRIPTS.get(script) or [Locale("en").scripts.get(script, script).split()[0].upper()]


def sphinx_language(locale: Locale) -> str:
    """Return the code by which Sphinx knows a language: English, where it does not know it.

    >>> [sphinx_language(Locale.parse(code)) for code in ("ko", "de", "pt_BR", "zh_Hant", "gd")]
    ['ko', 'de', 'pt_BR', 'zh_TW', 'en']
    """
    folder = Path(find_spec("sphinx").origin).with_name("locale")  # Sphinx itself is slow to import
    codes = (f"{locale.language}_{locale.territory}", locale.language, f"{locale.language}_{likely(locale)[1]}")
    return next((code for code in codes if (folder / code).is_dir()), "en")


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
    own = {"title": language.title, "sphinx": {"config": config}}
    return merge(merge(shared, own), language.config)


def message_catalog(messages: dict[str, str]) -> str:
    """Return `messages` as a gettext catalog (a `.po` file, which Sphinx compiles by itself)."""
    entries = ['msgid ""\nmsgstr "Content-Type: text/plain; charset=utf-8\\n"']
    for english, own in messages.items():
        entries.append(f"msgid {json.dumps(english)}\nmsgstr {json.dumps(own, ensure_ascii=False)}")
    return "\n\n".join(entries) + "\n"
