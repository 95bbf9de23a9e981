"""Sphinx extension: an index of sections, which the search of the course reads (`book/search/engine.js`).

Sphinx's own search answers with pages, needs the pages themselves for its excerpts, and cuts no Chinese or Japanese
into words. This one keeps a record for each section, with its text, so that an answer is a link to the section beside
words from it, and works from a folder (``file://``), where a browser reads no other page. Texts are kept as they stand:
the reader's browser folds upper and lower case, full and half width, and so on.
"""

import json
import re
from collections.abc import Iterator
from pathlib import Path

from docutils import nodes
from sphinx.application import Sphinx

INDEX = "searchindex.js"  # in the folder of each language
DEFINED = re.compile(r"^(?:def|class) (\w+)", re.MULTILINE)
# Beside sections of their own: what is no text, is set for the eye only, or says how the page was made. Of code only
# what it defines is kept: the names that a text is about stand in the text.
NOT_TEXT = (
    nodes.section,
    nodes.literal_block,
    nodes.raw,
    nodes.comment,
    nodes.math,
    nodes.math_block,
    nodes.target,
    nodes.image,
)
Record = dict[str, str | list[str]]


def records(doctree: nodes.document, names: dict[str, list[str]]) -> Iterator[Record]:
    """Yield a record for each section of a page: its anchor, title and text, what it is also called, what it defines.

    Parameters
    ----------
    doctree
        The page.
    names
        By anchor of a section, what readers may call it; see `book.glossary.search_names`.
    """
    for section in doctree.findall(nodes.section):
        title = section.next_node(nodes.title)
        text = " ".join(" ".join(texts(section, skipped=title)).split())
        code = (block.astext() for block in own(section) if isinstance(block, nodes.literal_block))
        anchor = section["ids"][0]
        record = {"anchor": anchor, "title": title.astext(), "text": text, "names": names.get(anchor, [])}
        yield record | {"defines": sorted({name for block in code for name in DEFINED.findall(block)})}


def own(section: nodes.section) -> Iterator[nodes.Node]:
    """Yield the nodes of a section that belong to no section inside it."""
    for child in section.children:
        if not isinstance(child, nodes.section):
            yield from child.findall()


def texts(node: nodes.Element, skipped: nodes.Node) -> Iterator[str]:
    """Yield the texts in a node: those of a sentence in one piece, as Chinese and Japanese have no spaces."""
    for child in node.children:
        if isinstance(child, NOT_TEXT) or child is skipped:
            continue
        if isinstance(child, nodes.TextElement | nodes.Text):
            yield "".join(str(text) for text in child.findall(nodes.Text) if not in_formula(text))
        else:
            yield from texts(child, skipped)


def in_formula(text: nodes.Text) -> bool:
    """Tell whether a text is of a formula, which is TeX here."""
    return isinstance(text.parent, nodes.math | nodes.math_block | nodes.raw)


def collect(app: Sphinx, doctree: nodes.document, docname: str) -> None:
    """Keep the records of a page that is about to be written."""
    names = app.config.course_search_names
    app.builder.course_sections[docname] = list(records(doctree, names))


def start(app: Sphinx) -> None:
    """Do without Sphinx's own search."""
    app.builder.search = False
    app.builder.course_sections = {}


def write_index(app: Sphinx, error: Exception | None) -> None:
    """Write the index, as a script: from a folder a browser loads nothing else."""
    if error:
        return
    found = app.builder.course_sections
    order = [name for name in app.env.toctree_includes.get(app.config.root_doc, []) if name in found]
    pages = [app.config.root_doc, *order]
    index = [
        {"page": f"{name}.html", "title": app.env.titles[name].astext(), "sections": found[name]} for name in pages
    ]
    script = (
        f"var courseSearch = courseSearch || {{}};\ncourseSearch.pages = {json.dumps(index, ensure_ascii=False)};\n"
    )
    Path(app.outdir, INDEX).write_text(script, encoding="utf-8")


def setup(app: Sphinx) -> dict[str, bool]:
    """Register the index in place of Sphinx's search."""
    app.add_config_value("course_search_names", {}, "env", dict)
    app.connect("builder-inited", start)
    app.connect("doctree-resolved", collect)
    app.connect("build-finished", write_index)
    return {"parallel_read_safe": True, "parallel_write_safe": False}
