"""The glossary page of a language, made from `book/glossary.yml`."""

from __future__ import annotations

from html import escape
from pathlib import Path
from typing import Any

import yaml

from book.languages import BookError, Language

Row = dict[str, Any]


def load_glossary(path: Path, languages: list[Language]) -> list[Row]:
    """Read the rows of the glossary and check that each has every language.

    Raises
    ------
    BookError
        Naming each row that has no id, an id used twice, or no term or definition in a language.
    """
    rows = yaml.safe_load(path.read_text("utf-8"))
    problems = []
    seen = set()
    for number, row in enumerate(rows, start=1):
        name = row.get("id")
        if not name:
            problems.append(f"row {number} has no `id`: give it a short English one, such as `stride`")
            continue
        if name in seen:
            problems.append(f"row {number}: the id `{name}` is used twice: rename one of the rows")
        seen.add(name)
        for language in languages:
            for field in ("term", "definition"):
                if not (row.get(language.code) or {}).get(field):
                    problems.append(f"row `{name}` has no {language.code} {field}: add it under `{language.code}:`")
    if problems:
        raise BookError("\n".join(f"{path.name}: {problem}" for problem in problems))
    return rows


def glossary_page(rows: list[Row], language: Language, languages: list[Language]) -> str:
    """Return the glossary of one language as a MyST page.

    Each term is a section under the label `term-<id>`, the same in every language, so that chapters
    can refer to it, search can lead to it, and the page's own contents list all terms.
    Terms are sorted in English; the other languages keep the order of the file, so that
    finding a word needs no knowledge of how it is read.
    """
    if language.code == "en":
        rows = sorted(rows, key=lambda row: row["en"]["term"].casefold())
    others = [other for other in languages if other is not language]
    texts = language.glossary
    entries = [_entry(row, language, others) for row in rows]
    return "\n\n".join([f"# {texts['title']}", texts["intro"], *entries]) + "\n"


def other_names(term: str, also: list[str]) -> list[str]:
    """Return what else a reader may meet, without plurals (`also` lists those for the check of the chapters).

    >>> other_names("kernel", ["kernels", "filter", "filters"])
    ['filter']
    """
    plurals = {name + ending for name in (term, *also) for ending in ("s", "es")}
    return [name for name in also if name not in plurals]


def _entry(row: Row, language: Language, others: list[Language]) -> str:
    own = row[language.code]
    lines = [f"(term-{row['id']})=", f"## {own['term']}", "", own["definition"]]
    names = other_names(own["term"], own.get("also") or [])
    if names:
        texts = language.glossary
        lines += ["", texts["also"] + texts["separator"].join(names)]
    links = " · ".join(_translation(row, other) for other in others)
    lines += ["", f'<div class="translations">{links}</div>']
    return "\n".join(lines)


def _translation(row: Row, other: Language) -> str:
    term = escape(row[other.code]["term"])
    lang = other.html_lang
    return f'<a href="../{other.code}/glossary.html#term-{row["id"]}" lang="{lang}" hreflang="{lang}">{term}</a>'
