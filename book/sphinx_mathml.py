"""Sphinx extension: TeX becomes MathML while the book is built, so pages need no script for formulas."""

from __future__ import annotations

import re

from docutils import nodes
from latex2mathml.converter import convert
from sphinx.application import Sphinx
from sphinx.util import logging

logger = logging.getLogger(__name__)


def to_mathml(node: nodes.Element, display: str) -> str:
    """Convert the TeX of a math node; `display` is `inline` or `block`.

    A formula that cannot be converted is a warning, which fails the build: the reader never sees raw TeX.
    """
    tex = node.astext()
    try:
        # The converter knows `aligned` only by its other name.
        mathml = convert(tex.replace("{aligned}", "{split}"), display=display)
    except Exception as error:  # the converter raises errors of many kinds
        logger.warning("cannot convert the formula %s: %r", tex, error, location=node)
        return ""
    unknown = re.findall(r"\\[A-Za-z]+|(?<=<mi>)&(?=</mi>)", mathml)
    if unknown:
        logger.warning("no MathML for %s in the formula %s", ", ".join(unknown), tex, location=node)
    return mathml


def visit_math(self, node: nodes.math) -> None:
    """Write a formula in a line of text."""
    self.body.append(self.starttag(node, "span", "", CLASS="math"))
    self.body.append(to_mathml(node, "inline") + "</span>")
    raise nodes.SkipNode


def visit_displaymath(self, node: nodes.math_block) -> None:
    """Write a formula on lines of its own."""
    self.body.append(self.starttag(node, "div", "", CLASS="math"))
    self.body.append(to_mathml(node, "block") + "</div>\n")
    raise nodes.SkipNode


def setup(app: Sphinx) -> dict[str, bool]:
    """Register the renderer; with `html_math_renderer: mathml`, Sphinx adds no MathJax to any page."""
    app.add_html_math_renderer("mathml", (visit_math, None), (visit_displaymath, None))
    return {"parallel_read_safe": True, "parallel_write_safe": True}
