"""What readers may call a section when they search for it, beside its title."""

from pathlib import Path

from book.glossary import Row
from book.languages import Language
from book.sources import TEXT, read_yaml

NAMES = {"type": "object", "additionalProperties": {"type": "array", "items": TEXT}}
SEARCH = {"type": "object", "additionalProperties": NAMES}


def search_names(root: Path, rows: list[Row], language: Language, languages: list[Language]) -> dict[str, list[str]]:
    """Return, by label, the names of sections: a term's other forms, its names in the other languages, and more.

    Parameters
    ----------
    root
        The folder of the book; `book/search.yml` there has names that stand nowhere in the course: by language, then
        by label of a section.
    rows
        The glossary.
    language
        The one whose readers search. They may type a term in English, say, since code and papers have it.
    languages
        All languages.

    Raises
    ------
    BookError
        If `book/search.yml` cannot be read.
    """
    path = root / "book" / "search.yml"
    more = read_yaml(path, SEARCH) if path.is_file() else {}
    names = {label: list(given) for label, given in (more.get(language.code) or {}).items()}
    for row in rows:
        entries = [row.get(each.code) or {} for each in languages]
        own = (row.get(language.code) or {}).get("term")
        called = [name for entry in entries for name in (entry.get("term"), *entry.get("also", [])) if name]
        names.setdefault(f"term-{row['id']}", []).extend(name for name in called if name != own)
    return {label: list(dict.fromkeys(given)) for label, given in names.items()}
