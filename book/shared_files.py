"""Store once what all languages have alike: styles, scripts and pictures.

Sphinx gives each language a copy of its own. A file of the folders `FOLDERS` that has the same name and content in
every language moves to the site's root, and the pages, one folder below it, name it there. So a reader who changes the
language fetches nothing twice, and links stay relative: the site works from any folder.
"""

import re
from pathlib import Path

FOLDERS = ("_static", "_images")
# An attribute of a page that names such a file; `?v=…`, which Sphinx adds against old copies in caches, stays.
NAMED = re.compile(rf'(?<=\s)((?:href|src)=")((?:\.{{1,2}}/)*)((?:{"|".join(FOLDERS)})/[^"?#\s]+)')


def share(site: Path, languages: list[str]) -> None:
    """Move what all languages of a site have alike to its root, and let their pages name it there."""
    names = equal_files([site / language for language in languages])
    for name in names:
        first, *others = (site / language / name for language in languages)
        (site / name).parent.mkdir(parents=True, exist_ok=True)
        first.rename(site / name)
        for other in others:
            other.unlink()
    for language in languages:
        for page in (site / language).rglob("*.html"):
            page.write_text(renamed(page.read_text("utf-8"), names), encoding="utf-8")


def equal_files(trees: list[Path]) -> set[str]:
    """Return the files of `FOLDERS` that are equal in all trees, by their path in each."""
    first, *others = trees
    paths = [path for folder in FOLDERS for path in (first / folder).rglob("*") if path.is_file()]
    names = {path.relative_to(first).as_posix(): path.read_bytes() for path in paths}
    return {
        name
        for name, content in names.items()
        if all((tree / name).is_file() and (tree / name).read_bytes() == content for tree in others)
    }


def renamed(html: str, names: set[str]) -> str:
    """Return a page that names the given files one folder further up.

    >>> renamed('<img src="_images/7.png"> <img src="_images/8.png">', {"_images/7.png"})
    '<img src="../_images/7.png"> <img src="_images/8.png">'
    """

    def place(match: re.Match) -> str:
        attribute, up, name = match.groups()
        return f"{attribute}{up}../{name}" if name in names else match[0]

    return NAMED.sub(place, html)
