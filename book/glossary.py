"""The glossary page of a language, made from `book/glossary.yml`."""

from collections import Counter
from html import escape
from pathlib import Path
from typing import Any

from book.languages import Language
from book.sources import TEXT, read_yaml

Row = dict[str, Any]
FIELDS = ("term", "definition")


NAMES = {"type": "array", "items": TEXT}
ENTRY = {
    "type": ["object", "null"],
    "properties": {"term": {"type": ["string", "null"]}, "also": NAMES, "definition": {"type": ["string", "null"]}},
    "additionalProperties": False,
}
GLOSSARY = {
    "type": "array",
    "items": {
        "type": "object",
        "required": ["id"],
        "properties": {
            "id": {
                "type": "string",
                "pattern": "^[a-z0-9]+(-[a-z0-9]+)*$",
                "description": "write lowercase English words and hyphens, such as `random-seed`",
            }
        },
        "additionalProperties": ENTRY,
    },
}
MOST_NAMED = 5  # rows of a language that are named one by one


def load_glossary(root: Path) -> list[Row]:
    """Read the rows of `book/glossary.yml`; `missing_terms` tells what they lack.

    Raises
    ------
    BookError
        If the file cannot be read, or a row has no id or what is not known.
    """
    return read_yaml(root / "book" / "glossary.yml", GLOSSARY)


def missing_terms(rows: list[Row], languages: list[Language]) -> list[str]:
    """Return what the glossary lacks: ids that are used once, and a term and a definition in each language.

    Of a language that many rows lack, such as a new one, this says how many, and names the first.
    """
    counts = Counter(row["id"] for row in rows)
    problems = [f"the id `{name}` is used {count} times; rename" for name, count in counts.items() if count > 1]
    for language in languages:
        gaps = [(row["id"], field) for row in rows for field in FIELDS if not (row.get(language.code) or {}).get(field)]
        lacking = dict.fromkeys(name for name, _ in gaps)
        if len(lacking) > MOST_NAMED:
            what = f"{len(lacking)} of {len(rows)} rows have no {language.code} term or definition"
            problems.append(f"{what}, `{next(iter(lacking))}` is the first; add them under `{language.code}:`")
        else:
            problems += [
                f"row `{name}` has no {language.code} {field}; add it under `{language.code}:`" for name, field in gaps
            ]
    return [f"book/glossary.yml: {problem}" for problem in problems]


def glossary_page(rows: list[Row], language: Language, languages: list[Language]) -> str:
    """Return the glossary of one language as a MyST page.

    Each term is a section under the label `term-<id>`, the same in every language, so that chapters
    can refer to it, search can lead to it, and the page's own contents list all terms.
    Terms are sorted in English, the first language; the others keep the order of the file, so that
    finding a word needs no knowledge of how it is read.
    """
    if language is languages[0]:
        rows = sorted(rows, key=lambda row: row[language.code]["term"].casefold())
    others = [other for other in languages if other is not language]
    texts = language.glossary
    entries = [_entry(row, language, others) for row in rows]
    return "\n\n".join([f"(terms)=\n# {texts['title']}", texts["intro"], *entries]) + "\n"


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
