"""Read a cell as the book shows it: its prose, and what stands between the words (formulas, code, links, pictures)."""

import re
from collections.abc import Iterator
from dataclasses import dataclass
from functools import cache

from markdown_it import MarkdownIt
from markdown_it.renderer import RendererHTML
from markdown_it.token import Token
from myst_parser.config.main import MdParserConfig
from myst_parser.parsers.mdit import create_md_parser
from nbformat import NotebookNode

from book.languages import load_config
from book.pages import ROOT, words

# Stands in the prose where code or a formula stands in the text.
CODE = "\ufffc"
# Stands for a role, such as a link by {doc}, which may show words of the page's language or Latin ones.
ROLE = "\ufffd"
# Directives whose content is not prose; others, such as notes, hold markdown.
FORMULAS = {"math_inline", "math_inline_double", "math_block", "math_block_label", "amsmath"}
CODE_DIRECTIVES = {"{math}", "{code}", "{code-block}", "{code-cell}", "{raw}"}
# What scripts of the site fill, by what the gates call it.
PLACES = {
    "explorer": re.compile(r"<[^>]* data-explorer=[^>]*>"),
    "place for a guess": re.compile(r"<[^>]* data-guess(?:-result)?=[^>]*>"),
}
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
    extensions = set(load_config(ROOT)["parse"]["myst_enable_extensions"])
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
    yield from markdown_blocks(directive_text(token), kind)


def directive_text(token: Token) -> str:
    """Return the content of a directive without its options."""
    lines = token.content.splitlines()
    while lines and lines[0].startswith(":"):
        del lines[0]
    return "\n".join(lines)


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


# What stands between the words --------------------------------------------------------------------------------------


def marks(text: str) -> dict[str, set[str]]:
    """Return the formulas, the inline code, the links within the course, the pictures and the places for scripts."""
    found: dict[str, set[str]] = {kind: set() for kind in ("formula", "code", "link to", "picture", *PLACES)}
    for token in flat_tokens(text):
        if token.type in FORMULAS or is_named(token, "math"):
            found["formula"].add(formula(token.content))
        elif token.type == "code_inline":
            found["code"].add("`" + " ".join(token.content.split()) + "`")  # a space may be a non-breaking one
        elif token.type == "link_open" and not is_outside(str(token.attrs["href"])):
            found["link to"].add(str(token.attrs["href"]))
        elif token.type == "myst_role":
            target = re.search(r"<([^<>]+)>$", token.content)
            found["link to"].add(f"{{{token.meta['name']}}}`{target[1] if target else token.content}`")
        elif token.type == "image":
            found["picture"].add(str(token.attrs["src"]))
        elif token.type == "html_block":
            for kind, pattern in PLACES.items():
                found[kind].update(pattern.findall(token.content))
    return found


def outside_links(text: str) -> set[str]:
    """Return the links of a markdown text that lead out of the course."""
    links = {str(token.attrs["href"]) for token in flat_tokens(text) if token.type == "link_open"}
    return {link for link in links if is_outside(link)}


def is_outside(link: str) -> bool:
    """Tell whether a link leads out of the course."""
    return "://" in link or link.startswith(("//", "mailto:"))


def is_named(token: Token, name: str) -> bool:
    """Tell whether a token is a role or directive of this name."""
    is_role = token.type == "myst_role" and token.meta.get("name") == name
    return is_role or (token.type in ("fence", "colon_fence") and token.info.split()[:1] == [f"{{{name}}}"])


def flat_tokens(text: str) -> Iterator[Token]:
    """Yield all tokens of a markdown text, those within lines and directives among them."""
    for token in parser().parse(text):
        yield token
        yield from token.children or ()
        if token.type in ("fence", "colon_fence") and token.info.startswith("{"):
            name, _, title = token.info.strip().partition(" ")
            if name not in CODE_DIRECTIVES:
                yield from flat_tokens(title)
                yield from flat_tokens(directive_text(token))


def formula(tex: str) -> str:
    """Return a formula for comparison: spaces make no difference, and the words in it may be translated."""
    return re.sub(r"\s+", "", re.sub(r"\\(text|mathrm)\{[^{}]*\}", r"\\\1{}", tex))
