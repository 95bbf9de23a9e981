"""Sphinx extension: TeX becomes MathML while the book is built, so pages need no script for formulas."""

import re
from xml.etree import ElementTree

from docutils import nodes
from latex2mathml.converter import convert
from sphinx.application import Sphinx
from sphinx.util import logging

# How many parts an element must have; the converter leaves out what the TeX lacks.
PARTS = {"mfrac": 2, "mroot": 2, "msub": 2, "msup": 2, "munder": 2, "mover": 2, "msubsup": 3, "munderover": 3}

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
    if problem := malformed(tex, mathml):
        logger.warning("%s in the formula %s", problem, tex, location=node)
    unknown = re.findall(r"\\[A-Za-z]+|(?<=<mi>)&(?=</mi>)", mathml)
    if unknown:
        logger.warning("no MathML for %s in the formula %s", ", ".join(unknown), tex, location=node)
    return mathml


def malformed(tex: str, mathml: str) -> str | None:
    r"""Return what a formula lacks that the converter takes without a word, such as half of a fraction.

    >>> malformed(r"\frac{1}", convert(r"\frac{1}"))
    'an <mfrac> with 1 of 2 parts'
    >>> malformed(r"\{x}", convert(r"\{x}"))
    'a brace without its other one'
    """
    depth = [0]
    for brace in re.findall(r"[{}]", re.sub(r"\\.", "", tex)):
        depth.append(depth[-1] + (1 if brace == "{" else -1))
    if depth[-1] or min(depth) < 0:
        return "a brace without its other one"
    try:
        elements = ElementTree.fromstring(mathml).iter()
    except ElementTree.ParseError:
        return "a mark that MathML does not allow"
    for element in elements:
        name = element.tag.rpartition("}")[2]
        if len(element) != PARTS.get(name, len(element)):
            return f"an <{name}> with {len(element)} of {PARTS[name]} parts"
    return None


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
