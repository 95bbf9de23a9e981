"""Sphinx extension: sections go by their labels, which are the same in every language.

A section has two names: its label (``convolution-padding``), and one that Docutils makes of the title, which differs
from language to language. Sphinx links to whichever comes first, so the label is put first; the other stays as an empty
anchor, for links that were made to it.
"""

import re

from docutils import nodes
from sphinx.application import Sphinx
from sphinx.transforms import SphinxTransform

TERM = "term-"  # how the labels of the glossary begin
NUMBERED = re.compile(r"id\d+")  # of a title without a Latin letter, or whose name was taken


def section_ids(ids: list[str], labels: set[str]) -> list[str]:
    """Return the ids of a section, its label first.

    A term's section also goes by the label without ``term-``; names that Docutils made of other terms' titles must not
    be in the way (it makes ``convolution`` of "1×1 convolution").

    >>> section_ids(["bigger-steps", "convolution-stride"], {"convolution-stride"})
    ['convolution-stride', 'bigger-steps']
    >>> section_ids(["convolution", "term-convolution-1x1"], {"term-convolution-1x1", "term-convolution"})
    ['term-convolution-1x1', 'convolution-1x1']
    """
    terms = {label.removeprefix(TERM) for label in labels if label.startswith(TERM)}
    first = [name for name in ids if name in labels]
    own = [name.removeprefix(TERM) for name in first if name.startswith(TERM)]
    rest = [name for name in ids if name not in labels | terms and not NUMBERED.fullmatch(name)]
    return [*first, *own, *rest] if first else ids


class LabelsFirst(SphinxTransform):
    """Put the label of each section before the name made of its title."""

    default_priority = 870  # after labels have been given to sections, before contents are collected (880)

    def apply(self, **kwargs: object) -> None:
        """Order the ids of all sections of a page."""
        explicit = [name for name, is_explicit in self.document.nametypes.items() if is_explicit]
        labels = {self.document.nameids[name] for name in explicit if self.document.nameids.get(name)}
        for section in self.document.findall(nodes.section):
            section["ids"] = section_ids(section["ids"], labels)


def setup(app: Sphinx) -> dict[str, bool]:
    """Register the transform."""
    app.add_transform(LabelsFirst)
    return {"parallel_read_safe": True, "parallel_write_safe": True}
