"""Make a PDF of each language from the site: ``python -m tools.pdf [en zh ja]`` (or ``make pdf``).

The pages of a language are put one after the other into one document, whose links lead to places in it; a browser of
the Chromium family prints it, with an outline made of the headings, the fonts embedded, and numbers on the pages
(``book/reading/print.css``).
"""

import argparse
import re
import subprocess
import sys
import tempfile
import time
from html import escape
from pathlib import Path

from bs4 import BeautifulSoup, Tag

from book.build import Paths
from book.course import load_course
from book.languages import Language, load_config
from book.pages import MADE, ROOT
from book.reading_files import edition, reading_words
from book.sources import BookError, run_command
from tools.browser import find

PATIENCE = 600  # seconds that the browser may take for one language
LINK = re.compile(r"([\w-]+)\.html(?:#(.*))?")
# What paper cannot use, and what the next reader of the document need not download twice.
UNUSABLE = "script, .headerlink, .copybtn, .code-here, .draw-button, .start, .run-it, [data-guess], .chapter-card > img"


def document(root: Path, language: Language) -> str:
    """Return one HTML document of all pages of a language, as the site has them.

    Raises
    ------
    BookError
        If the site has not been built.
    """
    folder = Paths(root).html / language.code
    names = [*load_course(root).pages(language), *MADE]
    pages = {name: parse(folder / f"{name}.html") for name in names}
    first = pages[names[0]]
    solution = reading_words(root, language)["solution"]
    parts = [part_of(name, page, folder, set(names), solution) for name, page in pages.items()]
    styles = [absolute(link, "href", folder) for link in first.select("link[rel=stylesheet]")]
    styles += first.head.find_all("style")
    return "\n".join(
        [
            f'<!DOCTYPE html>\n<html lang="{language.html_lang}" data-theme="light">\n<head>\n<meta charset="utf-8">',
            f"<title>{escape(language.title)}</title>",
            *map(str, styles),
            f"<style>{STYLE}</style>\n</head>\n<body>",
            title_page(root, language, pages),
            *map(str, parts),
            "</body>\n</html>\n",
        ]
    )


STYLE = """
.title-page { height: 240mm; padding-top: 60mm; }
.title-page p { font-size: 1.1rem; }
.title-page ul { list-style: none; padding: 0; }
.title-page ul a { text-decoration: none; }
article { break-before: page; }
article section > h2 { margin-top: 1.5rem; }
"""


def parse(path: Path) -> BeautifulSoup:
    """Parse a page of the site."""
    if not path.is_file():
        raise BookError(f"{path.name} is not there in {path.parent.name}; run `make book` first")
    return BeautifulSoup(path.read_text(encoding="utf-8"), "html.parser")


def part_of(name: str, page: BeautifulSoup, folder: Path, names: set[str], solution: str) -> Tag:
    """Return the article of a page, whose ids, links and pictures hold in the whole document.

    On paper nobody can unfold anything: all is open, and a solution is called `solution`.
    """
    article = page.select_one("article")
    for element in article.select(UNUSABLE):
        element.decompose()
    for image in article.find_all("img"):
        absolute(image, "src", folder)
        del image["loading"], image["decoding"]
    for element in article.find_all(id=True):
        element["id"] = f"{name}--{element['id']}"
    for link in article.find_all("a", href=True):
        link["href"] = inner_link(link["href"], name, names)
        if link["href"].startswith("../"):
            del link["href"]  # a language that has a PDF of its own
    for folded in article.find_all("details"):
        folded["open"] = ""
    for summary in article.select("details.hide > summary"):
        if summary.find_parent(class_="tag_solution"):
            summary.string = solution
        else:
            summary.decompose()
    article["id"] = name
    return article


def absolute(element: Tag, attribute: str, folder: Path) -> Tag:
    """Make an address within the site that of the file."""
    address = element[attribute].partition("?")[0]
    element[attribute] = (folder / address).resolve().as_uri()
    return element


def inner_link(link: str, name: str, names: set[str]) -> str:
    """Return where a link of a page leads in the whole document; links out of it stay.

    >>> inner_link("03_pooling.html#pooling-shift", "02_convolution", {"02_convolution", "03_pooling"})
    '#03_pooling--pooling-shift'
    >>> inner_link("#by-hand", "02_convolution", {"02_convolution"}), inner_link("https://example.org", "index", set())
    ('#02_convolution--by-hand', 'https://example.org')
    """
    if link.startswith("#"):
        return f"#{name}--{link[1:]}" if len(link) > 1 else f"#{name}"
    match = LINK.fullmatch(link)
    if not match or match[1] not in names:
        return link
    return f"#{match[1]}--{match[2]}" if match[2] else f"#{match[1]}"


def title_page(root: Path, language: Language, pages: dict[str, BeautifulSoup]) -> str:
    """Return the first page: title, promise, edition, and links to all parts."""
    words, made = reading_words(root, language), edition(root, load_config(root))
    said = words["edition"].format(version=made["version"], date=made["date"])
    titles = {name: page.title.text.partition(" — ")[0] for name, page in pages.items()}
    links = "".join(f'<li><a href="#{name}">{escape(title)}</a></li>' for name, title in titles.items())
    notes = " · ".join(map(escape, filter(None, [said, words["text-license"], words["code-license"], made["address"]])))
    return (
        f'<div class="title-page bd-article"><p><strong style="font-size: 2.2rem">{escape(language.title)}</strong></p>'
        f"<p>{escape(language.tagline)}</p><p><small>{notes}</small></p><ul>{links}</ul></div>"
    )


def make_pdf(root: Path, language: Language, browser: str) -> Path:
    """Print one language; a PDF that was there before is replaced when the new one is whole."""
    target = root / "book" / "_build" / "pdf" / f"cnn-course-{language.code}.pdf"
    target.parent.mkdir(parents=True, exist_ok=True)
    with tempfile.TemporaryDirectory(dir=target.parent, prefix=".unfinished-") as name:
        folder = Path(name)
        source, made = folder / "book.html", folder / "tools.pdf"
        source.write_text(document(root, language), encoding="utf-8")
        options = ["--headless", "--no-sandbox", "--disable-gpu", "--no-pdf-header-footer", "--hide-scrollbars"]
        options += [f"--user-data-dir={folder / 'profile'}", "--generate-pdf-document-outline"]
        command = [browser, *options, f"--print-to-pdf={made}", source.as_uri()]
        try:
            done = subprocess.run(command, capture_output=True, text=True, timeout=PATIENCE, check=False)
        except subprocess.TimeoutExpired as error:
            raise BookError(f"the browser did not print {language.code} within {PATIENCE} s; try again") from error
        if done.returncode or not made.is_file():
            raise BookError(f"the browser did not print {language.code}: {done.stderr.strip()[-500:]}")
        made.replace(target)
    return target


def pages_of(pdf: Path) -> int:
    """Return how many pages a PDF of Chromium has."""
    return len(re.findall(rb"/Type /Page\b", pdf.read_bytes()))


def main(arguments: list[str] | None = None, root: Path = ROOT) -> int:
    """Print the languages that are named, or all; return the exit status."""
    known = {language.code: language for language in load_course(root).languages}
    parser = argparse.ArgumentParser(prog="python -m tools.pdf", description=__doc__.partition("\n")[0])
    parser.add_argument("languages", nargs="*", default=list(known), choices=list(known), metavar="LANGUAGE")
    options = parser.parse_args(arguments)

    def run() -> int:
        browser = find()
        if browser is None:
            raise BookError("there is no browser to print with: install Chromium, or name one in the variable CHROMIUM")
        for code in options.languages:
            start = time.monotonic()
            print(f"{code}: printing ...", end="", flush=True)
            pdf = make_pdf(root, known[code], browser)
            size = pdf.stat().st_size / 1e6
            print(f"\r{code}: {pages_of(pdf)} pages, {size:.1f} MB ({time.monotonic() - start:.0f} s): {pdf}")
        return 0

    return run_command(run, kept="every PDF is whole, as it was or as it was to be")


if __name__ == "__main__":
    sys.exit(main())
