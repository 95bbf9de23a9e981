"""One style and one script for all pages, in place of the twenty files that Sphinx, its extensions and the theme bring.

A browser paints nothing before it has all styles of a page, and reads no further before it has run a script. So the
styles are joined, without the rules that no page can use, and the scripts, which come at a page's end: there they still
find it loading, and wait for all of it in the order in which they were written to. Both lie beside the languages, and
pages name them with a hash of their content, against old copies in caches.
"""

import hashlib
import json
import os
import re
from collections.abc import Iterable
from pathlib import Path

from book.styling import Names, imported, joined_styles

STYLE, SCRIPT = "_static/site.css", "_static/site.js"
SHEET = re.compile(r'[ \t]*<link (?=[^>]*rel="stylesheet")[^>]*href="(?P<file>[^"?]*)[^"]*"[^>]*>\n?')
SOURCE = re.compile(
    r'[ \t]*<script (?P<deferred>defer )?(?=[^>]*src=)[^>]*src="(?P<file>[^"?]*)[^"]*"[^>]*></script>\n?'
)
# Of Sphinx, different in each language; what scripts need of them, some hundred bytes, goes into the pages.
OPTIONS, TRANSLATIONS = "documentation_options.js", "translations.js"
TRANSLATE = ";\nif (self.sphinxTranslations) Documentation.addTranslations(sphinxTranslations);\n"  # after doctools.js
LOADER = "loader.js"  # of the explorers: only on the pages that have one
NEEDED_FOR = {"design-tabs.js": "sd-tab-set"}  # scripts that are for pages with an element of a class
ELEMENT = re.compile(r"<([a-zA-Z][\w-]*)")
CLASSES, ID = re.compile(r'\sclass="([^"]*)"'), re.compile(r'\sid="([^"]*)"')
WORD, PROPERTY = re.compile(r"[A-Za-z_-][\w-]*"), re.compile(r"--[\w-]+")


def bundle(site: Path, languages: list[str]) -> None:
    """Give all pages of a site one style and one script.

    Parameters
    ----------
    site
        The folder of the site, as `book.shared_files.share` leaves it: what all languages have alike is at its root.
    languages
        The folders of the pages.
    """
    pages = {path: path.read_text("utf-8") for code in languages for path in sorted((site / code).rglob("*.html"))}
    first, text = next(iter(pages.items()))
    sheets = [named(first, match["file"]) for match in SHEET.finditer(text)]
    scripts = in_running_order(first, text)
    in_pages = names_in_pages(pages.values())
    needed = [path for path in scripts if NEEDED_FOR.get(path.name) in {None, *in_pages.classes}]
    (site / SCRIPT).write_text(joined_scripts(needed), encoding="utf-8")
    names = with_words(in_pages, site, pages.values())
    (site / STYLE).write_text(joined_styles(sheets, names), encoding="utf-8")
    for path, page in pages.items():
        path.write_text(with_bundles(page, path, site, {*sheets, *scripts}), encoding="utf-8")
    own = [site / code / "_static" / name for code in languages for name in (OPTIONS, TRANSLATIONS)]
    for path in {*own, *scripts, *sheets, *(other for sheet in sheets for other in imported(sheet))}:
        path.unlink(missing_ok=True)
        if not any(path.parent.iterdir()):
            path.parent.rmdir()


def in_running_order(page: Path, text: str) -> list[Path]:
    """Return the scripts that all pages have alike: those that do not wait for the page to be complete come later."""
    tags = [(not match["deferred"], named(page, match["file"])) for match in SOURCE.finditer(text)]
    return [
        path for _, path in sorted(tags, key=lambda tag: tag[0]) if path.name not in (OPTIONS, TRANSLATIONS, LOADER)
    ]


def named(page: Path, address: str) -> Path:
    """Return the file that a page names."""
    return Path(os.path.normpath(page.parent / address))


def joined_scripts(paths: list[Path]) -> str:
    """Return scripts as one; a semicolon before each keeps it from being strict for all that follow."""
    joined = ""
    for path in paths:
        joined += f";\n{path.read_text('utf-8').partition('//# sourceMappingURL')[0].rstrip()}\n"
        joined += TRANSLATE if path.name == "doctools.js" else ""
    return joined


def names_in_pages(pages: Iterable[str]) -> Names:
    """Return the elements, classes and ids of pages."""
    elements, classes, ids = set(), set(), set()
    for page in pages:
        elements.update(map(str.lower, ELEMENT.findall(page)))
        classes.update(name for value in CLASSES.findall(page) for name in value.split())
        ids.update(ID.findall(page))
    return Names(frozenset(elements), frozenset(classes), frozenset(ids))


def with_words(names: Names, site: Path, pages: Iterable[str]) -> Names:
    """Add the words of the site's scripts, and the custom properties that pages and other styles speak of."""
    scripts = [site / SCRIPT, *site.glob("explorers/*.js"), *site.glob("search/*.js")]
    texts = [*pages, *(path.read_text("utf-8") for path in site.glob("explorers/*.css"))]
    words = {word for path in scripts for word in WORD.findall(path.read_text("utf-8"))}
    words |= {name for text in texts for name in PROPERTY.findall(text)}
    return Names(names.elements, names.classes, names.ids, frozenset(words))


def with_bundles(page: str, path: Path, site: Path, joined: set[Path]) -> str:
    """Return a page that names the joined style where it named the first that is in it, and the script at its end."""
    up, words = os.path.relpath(site, path.parent), (site / SCRIPT).read_text("utf-8")
    style = [f'<link rel="stylesheet" href="{up}/{STYLE}?v={version(site / STYLE)}">\n']
    script = f'<script src="{up}/{SCRIPT}?v={version(site / SCRIPT)}"></script>\n'

    def replacement(match: re.Match[str]) -> str:
        file = named(path, match["file"])
        if file.name in (OPTIONS, TRANSLATIONS):
            own = file.read_text("utf-8")
            return f"<script>\n{own if file.name == OPTIONS else translations(own, words)}\n</script>\n"
        if file not in joined:
            return match[0]
        return style.pop() if style and file.suffix == ".css" else ""

    page = SOURCE.sub(replacement, SHEET.sub(replacement, page))
    before, end, after = page.rpartition("</body>")
    return f"{before}{script}{end}{after}"


def translations(catalog: str, script: str) -> str:
    """Return the part of Sphinx's message catalog for scripts that a script asks for.

    >>> translations('Documentation.addTranslations({"locale": "ja", "messages": {"A": "あ", "B": "い"}});', '_("B")')
    'self.sphinxTranslations = {"locale": "ja", "messages": {"B": "い"}};'
    """
    found = json.loads(catalog[catalog.index("{") : catalog.rindex("}") + 1])
    found["messages"] = {name: text for name, text in found["messages"].items() if f'_("{name}")' in script}
    return f"self.sphinxTranslations = {json.dumps(found, ensure_ascii=False)};"


def version(path: Path) -> str:
    """Return the beginning of a hash of a file."""
    return hashlib.sha256(path.read_bytes()).hexdigest()[:8]
