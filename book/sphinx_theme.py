"""Sphinx extension: what neither a theme option nor a template can change."""

from __future__ import annotations

from html import escape

from docutils import nodes
from myst_nb.sphinx_ import HideCodeCellNode, HideInputCells
from sphinx.application import Sphinx
from sphinx.transforms.post_transforms import SphinxPostTransform


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
    """Replace MyST-NB's writer for folded cells, and name solutions."""
    app.add_config_value("solution_prompts", {}, "env", dict)
    app.add_post_transform(NameSolutions)
    app.add_node(HideCodeCellNode, override=True, html=(visit_hidden_cell, depart_hidden_cell))
    return {"parallel_read_safe": True, "parallel_write_safe": True}
