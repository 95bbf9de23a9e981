"""Sphinx extension: numbers and times of chapters, cards that lead to them, lazy figures, code that can be folded."""

import re
import struct
from html import escape
from pathlib import Path
from typing import Any

from bs4 import BeautifulSoup, Tag
from docutils import nodes
from myst_nb.sphinx_ import HideInputCells
from sphinx.application import Sphinx
from sphinx.transforms.post_transforms import SphinxPostTransform

from book.reading_files import number_of

LINK = re.compile(r'(<a class="[^"]*reference internal[^"]*" href="([^"#]*)[^"]*">)')
# Functions that draw lines and words on white, which may be turned to light on dark; pictures may not.
CHART = re.compile(r"plots\.(bars|chains|curves|lines|network|scatter)\(")
PICTURE = re.compile(r"plots\.(images|matrices|stacks|confusion_matrix|mosaic)\(")
SEPARATOR = re.compile(r"^\s*[:：]\s*")  # between title and question in the list of chapters
HIDDEN = {"tag_hide-cell", "tag_hide-input", "tag_remove-input", "tag_remove-cell"}


# Pages --------------------------------------------------------------------------------------------------------------


def add_to_page(app: Sphinx, pagename: str, templatename: str, context: dict[str, Any], doctree: object) -> None:
    """Write the numbers of the chapters into a page's navigation, and complete its text."""
    context["numbered"] = lambda links: numbered(str(links), pagename)
    for side in ("prev", "next"):
        if context.get(side) and (number := number_of(Path(context[side]["link"]).stem)):
            context[side] = context[side] | {"title": f"{number}. {context[side]['title']}"}
    body = context.get("body")
    if not body or doctree is None:
        return
    if number := number_of(pagename):
        context["title"] = f"{number}. {context['title']}"
        body = body.replace("<h1>", place_line(context, pagename) + "<h1>", 1)
    elif pagename == context["root_doc"]:
        body = cards(body, context, Path(app.srcdir))
    context["body"] = lazy(body)


def numbered(links: str, pagename: str) -> str:
    """Write the number of its chapter before each link of the sidebar.

    >>> numbered('<a class="reference internal" href="03_pooling.html">Pooling</a>', "index")
    '<a class="reference internal" href="03_pooling.html"><span class="chapter-number">3</span> Pooling</a>'
    """

    def add(link: re.Match[str]) -> str:
        name = Path(link[2]).stem if link[2] else pagename
        number = number_of(name)
        if not number:
            return link[1]
        return f'{link[1]}<span class="chapter-number">{number}</span> '

    return LINK.sub(add, links)


def place_line(context: dict[str, Any], pagename: str) -> str:
    """Return the line above a chapter's title: its number, which of how many it is, and how long it takes."""
    chapters, words = context["course_chapters"], context["reading_words"]
    position, own = next((position, each) for position, each in enumerate(chapters, 1) if each["name"] == pagename)
    place = words["place"].format(number=own["number"], place=position, all=len(chapters))
    return f'<p class="chapter-place">{escape(place)} · {escape(words["minutes"].format(minutes=own["minutes"]))}</p>\n'


def lazy(body: str) -> str:
    """Let figures wait until the reader comes near, save the first, which may be in view."""
    first, image, rest = body.partition("<img ")
    return first + image + rest.replace("<img ", '<img loading="lazy" decoding="async" ')


# The first page -----------------------------------------------------------------------------------------------------


def cards(body: str, context: dict[str, Any], source: Path) -> str:
    """Make cards of the list of chapters, and put the button that starts the first one under the promise."""
    chapters = {f"{each['name']}.html": each for each in context["course_chapters"]}
    document = BeautifulSoup(body, "html.parser")
    links = {link["href"]: link for link in document.select("li a[href]") if link["href"] in chapters}
    if not links:
        return body
    first = next(iter(links.values()))
    items = first.find_parent(["ul", "ol"])
    items.name, items["class"] = "ol", "chapter-cards"
    for href, link in links.items():
        fill_card(document, link, chapters[href], context["reading_words"], source)
    words = context["reading_words"]
    label = escape(words["start"].format(number=chapters[first["href"]]["number"]))
    start = f'<p class="start"><a class="start-button" href="{first["href"]}">{label}</a></p>'
    if promise := document.select_one("h1 + p"):
        promise["class"] = "promise"
        promise.insert_after(BeautifulSoup(start, "html.parser"))
    for place in document.select("[data-explorer][data-wait]"):
        button = f'<button type="button" class="draw-button pst-js-only">{escape(words["draw"])}</button>'
        place.append(BeautifulSoup(button, "html.parser"))
    return str(document)


def fill_card(document: BeautifulSoup, link: Tag, chapter: dict[str, Any], words: dict[str, str], source: Path) -> None:
    """Give an item of the list of chapters its number, its picture and its time."""
    item = link.find_parent("li")
    item["class"], item["data-chapter"] = "chapter-card", chapter["name"]
    text = link.find_parent("p") or item
    question = document.new_tag("span", attrs={"class": "chapter-question"})
    for part in list(link.next_siblings):
        question.append(part.extract())
    if question.contents and isinstance(question.contents[0], str):
        question.contents[0].replace_with(SEPARATOR.sub("", question.contents[0]))
    text.append(question)
    number = BeautifulSoup(f'<span class="chapter-number">{chapter["number"]}</span> ', "html.parser")
    link.insert(0, number)
    link["class"] = "chapter-title"
    time = escape(words["minutes"].format(minutes=chapter["minutes"]))
    text.append(BeautifulSoup(f'<span class="chapter-minutes">{time}</span>', "html.parser"))
    picture = source / "_static" / "cards" / f"{chapter['name']}.png"
    if picture.is_file():
        width, height = png_size(picture)
        size = f'width="{width}" height="{height}"'
        image = f'<img src="_static/cards/{picture.name}" alt="" role="presentation" {size}>'
        item.insert(0, BeautifulSoup(image, "html.parser"))


def png_size(path: Path) -> tuple[int, int]:
    """Return width and height of a PNG file, from its header."""
    with path.open("rb") as file:
        return struct.unpack(">16x2I", file.read(24))


# Code and figures ---------------------------------------------------------------------------------------------------


class FoldCode(SphinxPostTransform):
    """Put a button before the code of each cell that a reader may hide, and mark plots and charts."""

    default_priority = HideInputCells.default_priority - 1
    formats = ("html",)

    def run(self, **kwargs: object) -> None:
        """Mark the cells; the style and `code.js` do the rest."""
        words = self.config.html_context.get("reading_words", {})
        button = f'<button type="button" class="code-here pst-js-only">{escape(words.get("show-code", ""))}</button>\n'
        for cell in list(self.document.findall(nodes.container)):
            if cell.get("nb_element") == "cell_code":
                mark_cell(cell, button)


def mark_cell(cell: nodes.container, button: str) -> None:
    """Mark one cell. An exercise, whose code calls `check`, is there to be read, and is not folded."""
    parts = {part.get("nb_element"): part for part in cell.children if isinstance(part, nodes.Element)}
    source = parts["cell_code_source"].astext() if "cell_code_source" in parts else ""
    images = list(parts["cell_code_output"].findall(nodes.image)) if "cell_code_output" in parts else []
    if CHART.search(source) and not PICTURE.search(source):
        for image in images:
            image["classes"].append("chart")
    if not source or "check(" in source or HIDDEN & set(cell["classes"]):
        return
    cell["classes"] += ["foldable", "plotting"] if images and "plots." in source else ["foldable"]
    cell.insert(0, nodes.raw("", button, format="html"))


def setup(app: Sphinx) -> dict[str, bool]:
    """Register what completes pages and cells."""
    app.add_post_transform(FoldCode)
    app.connect("html-page-context", add_to_page, priority=400)  # before the theme draws its sidebars
    return {"parallel_read_safe": True, "parallel_write_safe": True}
