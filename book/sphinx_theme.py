"""Sphinx extension: what neither a theme option nor a template can change."""

import re
from html import escape
from pathlib import Path

from docutils import nodes
from myst_nb.sphinx_ import HideCodeCellNode, HideInputCells
from sphinx.application import Sphinx
from sphinx.transforms.post_transforms import SphinxPostTransform
from sphinx.util.images import get_image_size
from sphinx.writers.html5 import HTML5Translator

PROTECTED = '<span class="pre">'  # what Sphinx puts before each word of code
BREAKABLE = re.compile(r"(?<=[._(\[{,=])(?=\w)")  # in code: after a dot, an underscore, a bracket, before a name


def visit_hidden_cell(self, node: HideCodeCellNode) -> None:
    """Open a folded cell.

    MyST-NB labels the summary "Toggle hidden content", in English whatever the page's language;
    the prompt itself is the better label.
    """
    classes = " ".join(node["classes"])
    self.body.append(f'<details class="admonition hide {classes}">\n<summary>\n')
    for state, prompt in (("collapsed", "prompt_show"), ("expanded", "prompt_hide")):
        self.body.append(f'<p class="{state} admonition-title">{escape(node[prompt])}</p>\n')
    self.body.append("</summary>\n")


def depart_hidden_cell(self, node: HideCodeCellNode) -> None:
    """Close a folded cell."""
    self.body.append("</details>\n")


def visit_image(self, node: nodes.image) -> None:
    """Write a picture with its width and height, so that the text below does not jump when the picture arrives."""
    size = get_image_size(Path(self.builder.srcdir, node["uri"]))
    HTML5Translator.visit_image(self, node)
    if size:
        self.body[-1] = self.body[-1].replace("<img ", '<img width="{}" height="{}" '.format(*size), 1)


def depart_literal(self, node: nodes.literal) -> None:
    """Close a piece of code in a sentence or a table, which on a phone may break between names rather than in them."""
    HTML5Translator.depart_literal(self, node)
    opened = max(number for number, part in enumerate(self.body) if part.startswith("<code"))
    for number in range(opened + 1, len(self.body)):
        if self.body[number].startswith(PROTECTED):
            text = self.body[number].removeprefix(PROTECTED)
            self.body[number] = PROTECTED + BREAKABLE.sub("<wbr>", text)


class NameSolutions(SphinxPostTransform):
    """Give the folded cells that are tagged `solution` prompts of their own."""

    default_priority = HideInputCells.default_priority - 1
    formats = ("html",)

    def run(self, **kwargs: object) -> None:
        """Set the prompts that MyST-NB is about to use."""
        for cell in self.document.findall(nodes.container):
            if "tag_solution" in cell["classes"]:
                cell.attributes.update(self.config.solution_prompts)


def setup(app: Sphinx) -> dict[str, bool]:
    """Replace the writers of folded cells, pictures and code, and name solutions."""
    app.add_config_value("solution_prompts", {}, "env", dict)
    app.add_post_transform(NameSolutions)
    app.add_node(HideCodeCellNode, override=True, html=(visit_hidden_cell, depart_hidden_cell))
    app.add_node(nodes.image, override=True, html=(visit_image, HTML5Translator.depart_image))
    app.add_node(nodes.literal, override=True, html=(HTML5Translator.visit_literal, depart_literal))
    return {"parallel_read_safe": True, "parallel_write_safe": True}
