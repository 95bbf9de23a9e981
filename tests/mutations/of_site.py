"""Damage to the site that `make book` left, and to a book before it is built."""

import re
from pathlib import Path
from random import Random

from book.languages import load_languages
from tests.mutations.seeded import ENGLISH, OTHERS, ROOT, Mutation, replaced

PAGES = "*/*.html"
CHAPTERS = "*/[0-9]*.html"


# A language whose letters tell it from English.
OTHER_SCRIPT = next(language.code for language in load_languages(ROOT) if not language.is_latin)


def site(name: str) -> str:
    """Return the name of the check that one function of tests/site/checks.py is."""
    return f"tests/site: {name}"


def in_html(pattern: str, new, pages: str = PAGES):
    """Return a mutation that replaces one match of a pattern in one page of the site."""

    def apply(root: Path, random: Random) -> None:
        found = [path for path in sorted(root.glob(pages)) if re.search(pattern, path.read_text(encoding="utf-8"))]
        path = random.choice(found)
        path.write_text(replaced(path.read_text(encoding="utf-8"), pattern, new, random), encoding="utf-8")

    return apply


def remove_page(root: Path, random: Random) -> None:
    random.choice(sorted(root.glob(CHAPTERS))).unlink()


def remove_picture(root: Path, random: Random) -> None:
    random.choice(sorted(root.glob("**/_images/*.png"))).unlink()


def add_to_style(line: str):
    """Return a mutation that adds a line to the style of all pages."""

    def apply(root: Path, random: Random) -> None:
        path = root / "_static/site.css"
        path.write_text(f"{path.read_text(encoding='utf-8')}\n{line}\n", encoding="utf-8")

    return apply


def repeat_label(root: Path, random: Random) -> None:
    """Give the label of the chapter to the first page, too."""
    path = root / "chapters" / random.choice([ENGLISH, *OTHERS]) / "index.md"
    path.write_text(path.read_text(encoding="utf-8").replace("(welcome)=", "(convolution)="), encoding="utf-8")


def spoil_formula(root: Path, random: Random) -> None:
    """Take the second half from a fraction."""
    path = root / "chapters" / random.choice([ENGLISH, *OTHERS]) / "index.md"
    path.write_text(path.read_text(encoding="utf-8") + "\n$\\frac{1}$\n", encoding="utf-8")


PARAGRAPH = r"(?<=<p>)(?=[^<\s])"
OWN_LINK = r'href="[0-9a-z_]+\.html'
MUTATIONS = [
    Mutation("a page missing on the site", site("missing_pages"), "is missing", remove_page),
    Mutation("a dead link", site("dead_links"), "gone.html", in_html(OWN_LINK, 'href="gone.html')),
    Mutation(
        "a dead anchor", site("dead_links"), "#gone leads nowhere", in_html(r'(href="[\w.]*)#[\w-]+"', r'\1#gone"')
    ),
    Mutation("a picture missing on the site", site("dead_links"), "leads nowhere", remove_picture),
    Mutation(
        "a style sheet that names a missing file",
        site("dead_links"),
        "gone.woff2 leads nowhere",
        add_to_style("@font-face { font-family: x; src: url(fonts/gone.woff2) }"),
    ),
    Mutation(
        "a script from elsewhere",
        site("external_requests"),
        "fetches https://cdn.example.org/x.js",
        in_html(r"</head>", '<script src="https://cdn.example.org/x.js"></script></head>'),
    ),
    Mutation(
        "a picture from elsewhere",
        site("external_requests"),
        "fetches //pictures.example.org",
        in_html(PARAGRAPH, '<img alt="x" src="//pictures.example.org/x.png">'),
    ),
    Mutation(
        "a font from elsewhere",
        site("external_requests"),
        "fetches https://fonts.example.org",
        add_to_style("@import 'https://fonts.example.org/x.css';"),
    ),
    Mutation(
        "a broken language link",
        site("language_links"),
        "leads to",
        in_html(r'(rel="alternate" hreflang="[\w-]+" href="\./\.\./../)\w+', r"\1index", CHAPTERS),
    ),
    Mutation("no language marked", site("language_links"), "marked as", in_html(' aria-current="true"', "")),
    Mutation(
        "a wrong html lang", site("page_language"), "has lang=", in_html(r'<html lang="[\w-]+"', '<html lang="fr"')
    ),
    Mutation("a picture without alt text", site("alt_texts"), "has alt=", in_html(r'(<img [^>]*)alt="[^"]+"', r"\1")),
    Mutation(
        "a file's name as alt text", site("alt_texts"), "has alt=", in_html(r'(<img [^>]*alt=")[^"]+', r"\1a.png")
    ),
    Mutation(
        "a picture of another size", site("picture_sizes"), "has width=", in_html(r'(<img [^>]*width=")\d+', r"\g<1>99")
    ),
    Mutation("raw TeX", site("raw_markup"), "as it was typed", in_html(PARAGRAPH, r"\\lfloor n / 2 \\rfloor ")),
    Mutation("a formula in dollars", site("raw_markup"), "as it was typed", in_html(PARAGRAPH, "$x_1$ ")),
    Mutation("a role left over", site("raw_markup"), "as it was typed", in_html(PARAGRAPH, "{doc}`index` ")),
    Mutation("asterisks left over", site("raw_markup"), "as it was typed", in_html(PARAGRAPH, "**bold**")),
    Mutation(
        "a button in English",
        site("english_leftovers"),
        "'Search the course' is in English",
        in_html(r'aria-label="[^"]+"', 'aria-label="Search the course"', f"{OTHER_SCRIPT}/*.html"),
    ),
    Mutation("half a fraction in a formula", "book.build", "1 of 2 parts", spoil_formula),
    Mutation("a label given twice", "book.build", "convolution", repeat_label),
]
