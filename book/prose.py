"""Read the prose of a cell as the book shows it: markdown, without code, formulas and link targets."""

from collections.abc import Iterator
from dataclasses import dataclass
from functools import cache

import yaml
from markdown_it import MarkdownIt
from markdown_it.renderer import RendererHTML
from markdown_it.token import Token
from myst_parser.config.main import MdParserConfig
from myst_parser.parsers.mdit import create_md_parser
from nbformat import NotebookNode

from book.translations import ROOT, words

# Stands in the prose where code or a formula stands in the text.
CODE = "\ufffc"
# Stands for a role, such as a link by {doc}, which may show words of the page's language or Latin ones.
ROLE = "\ufffd"
# Directives whose content is not prose; others, such as notes, hold markdown.
CODE_DIRECTIVES = {"{math}", "{code}", "{code-block}", "{code-cell}", "{raw}"}
KINDS = {"heading_open": "heading", "list_item_open": "item", "th_open": "table", "td_open": "table"}


@dataclass(frozen=True)
class Block:
    """A paragraph, or another piece of prose without a break.

    Attributes
    ----------
    kind
        ``paragraph``, ``heading``, ``item`` (of a list), ``table`` (a cell of one), ``alt`` or ``caption``.
    text
        What a reader sees, with `CODE` and `ROLE` for what is no prose, and a newline where a line ends.
    links
        The target and the text of each link.
    """

    kind: str
    text: str
    links: tuple[tuple[str, str], ...] = ()


@cache
def parser() -> MarkdownIt:
    """Return the parser that the book uses, with the same extensions."""
    config = yaml.safe_load((ROOT / "_config.yml").read_text("utf-8"))
    extensions = set(config["parse"]["myst_enable_extensions"])
    return create_md_parser(MdParserConfig(enable_extensions=extensions), RendererHTML)


def blocks(cell: NotebookNode) -> list[Block]:
    """Return the prose of a cell: its paragraphs, or the alt text and the caption of its figure."""
    found = []
    for name, text in words(cell).items():
        if name == "alt":
            found.append(Block("alt", text))
        else:
            found += markdown_blocks(text, "caption" if name == "caption" else "paragraph")
    return found


def markdown_blocks(text: str, kind: str = "paragraph") -> Iterator[Block]:
    """Yield the blocks of markdown text; `kind` is what a paragraph of it is."""
    around = [kind]  # what the current token stands in, the innermost last
    for token in parser().parse(text):
        if token.type in ("fence", "colon_fence"):
            yield from directive_blocks(token, around[-1])
        elif token.type == "inline":
            yield from inline_blocks(token.children or [], around[-1])
        elif token.nesting == 1:
            around.append(KINDS.get(token.type, around[-1]))
        elif token.nesting == -1:
            around.pop()


def directive_blocks(token: Token, kind: str) -> Iterator[Block]:
    """Yield the title and the content of a directive that holds prose, such as a note."""
    name, _, title = token.info.strip().partition(" ")
    if not name.startswith("{") or name in CODE_DIRECTIVES:
        return
    if title.strip():
        yield from markdown_blocks(title.strip(), "heading")
    options, lines = True, []
    for line in token.content.splitlines():
        options = options and line.startswith(":")
        if not options:
            lines.append(line)
    yield from markdown_blocks("\n".join(lines), kind)


def inline_blocks(tokens: list[Token], kind: str) -> Iterator[Block]:
    """Yield one block of text, after those of the alt texts of pictures in it."""
    text, links, start = "", [], 0
    for token in tokens:
        if token.type == "text":
            text += token.content
        elif token.type in ("softbreak", "hardbreak"):
            text += "\n"
        elif token.type == "link_open":
            links.append((str(token.attrs.get("href", "")), ""))
            start = len(text)
        elif token.type == "link_close":
            links[-1] = (links[-1][0], text[start:])
        elif token.type == "image":
            yield Block("alt", token.content)
        elif token.type == "myst_role" and token.meta.get("name") != "math":
            text += ROLE
        elif token.nesting == 0 and token.type not in ("html_inline", "myst_line_comment"):
            text += CODE
    yield Block(kind, text, tuple(links))
