"""Sphinx extension: what is still in English on a page of another language says so to browsers and screen readers."""

from docutils import nodes
from sphinx.application import Sphinx

from book.drafts import BEGIN, END
from book.pages import ENGLISH

# Inside a text, or no language at all.
NOT_TEXT = (nodes.Inline, nodes.FixedTextElement, nodes.math_block)


def mark_english(app: Sphinx, doctree: nodes.document) -> None:
    """Give every text between two marks the attribute `lang`, which docutils makes of a class."""
    is_english = False
    for node in doctree.findall():
        if isinstance(node, nodes.raw):
            is_english = (is_english or BEGIN in node.astext()) and END not in node.astext()
        elif is_english and isinstance(node, nodes.TextElement) and not isinstance(node, NOT_TEXT):
            node["classes"].append(f"language-{ENGLISH}")


def setup(app: Sphinx) -> dict[str, bool]:
    """Register what marks the texts of a page once it is read."""
    app.connect("doctree-read", mark_english)
    return {"parallel_read_safe": True, "parallel_write_safe": True}
