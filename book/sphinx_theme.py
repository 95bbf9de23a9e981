"""Sphinx extension: what neither a theme option nor a template can change."""

from __future__ import annotations

from html import escape

from myst_nb.sphinx_ import HideCodeCellNode
from sphinx.application import Sphinx


def visit_hidden_cell(self, node: HideCodeCellNode) -> None:
    """Open a folded cell.

    MyST-NB labels the summary "Toggle hidden content", in English whatever the page's language;
    the prompt itself is the better label.
    """
    classes = " ".join(node["classes"])
    prompts = {"prompt_show": node["prompt_show"], "prompt_hide": node["prompt_hide"]}
    if "tag_solution" in node.parent["classes"]:
        prompts = self.config.solution_prompts
    self.body.append(f'<details class="admonition hide {classes}">\n<summary>\n')
    for state, prompt in (("collapsed", "prompt_show"), ("expanded", "prompt_hide")):
        self.body.append(f'<p class="{state} admonition-title">{escape(prompts[prompt])}</p>\n')
    self.body.append("</summary>\n")


def depart_hidden_cell(self, node: HideCodeCellNode) -> None:
    """Close a folded cell."""
    self.body.append("</details>\n")


def setup(app: Sphinx) -> dict[str, bool]:
    """Replace MyST-NB's writer for folded cells; those tagged `solution` have prompts of their own."""
    app.add_config_value("solution_prompts", {}, "env", dict)
    app.add_node(HideCodeCellNode, override=True, html=(visit_hidden_cell, depart_hidden_cell))
    return {"parallel_read_safe": True, "parallel_write_safe": True}
