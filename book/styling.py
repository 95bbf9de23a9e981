"""Styles without the rules that no page can use.

A theme brings rules for everything that a site might have. A rule is left out if each of its selectors asks for an
element, a class or an id that is in no page and in no script, where it may be written at any place. So what is left out
cannot match anything, whatever scripts do. The same holds for custom properties that nothing asks for.
"""

import re
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from pathlib import Path

import tinycss2
from tinycss2.ast import Node

GROUPS = ("media", "supports", "container", "layer")  # rules with rules in them
LEFT_OUT = ("charset", "font-face", "import")  # all is UTF-8; icons are drawn (course.css); the imported is joined
IMPORT = re.compile(r'@import\s+"([^"]+)"\s*;')
PROPERTY = re.compile(r"--[\w-]+")
WORD = re.compile(r"[A-Za-z_-][\w-]*")
CHOICES = ("is", "where", "has", "matches", "-webkit-any")  # pseudo-classes of which one selector suffices


@dataclass(frozen=True)
class Names:
    """What pages may have in them.

    Attributes
    ----------
    elements, classes, ids
        The names that stand in pages.
    words
        All words of scripts, any of which may become a name; and of texts, which may ask for a custom property.
    """

    elements: frozenset[str] = frozenset()
    classes: frozenset[str] = frozenset()
    ids: frozenset[str] = frozenset()
    words: frozenset[str] = frozenset()


@dataclass
class Rule:
    """A rule: its selectors and its declarations, each a name and a text."""

    selectors: str
    declarations: list[tuple[str, str]]


@dataclass
class Group:
    """A rule with rules in it, such as one for narrow screens; or, without a head, a style."""

    head: str = ""
    members: list["Rule | Group | str"] = field(default_factory=list)  # a text is kept as it stands


def joined_styles(sheets: Iterable[Path], names: Names) -> str:
    """Return several styles as one, without what pages with these names cannot use.

    A style must name other files relative to the folder in which the joined one will lie.
    """
    style = Group()
    for sheet in sheets:
        style.members += read(text_of(sheet), names)
    drop_properties(style, names.words)
    animations = set(WORD.findall(" ".join(value for rule in rules(style) for _, value in rule.declarations)))
    return written(style, animations | names.words)


def text_of(sheet: Path) -> str:
    """Return a style in which what it imports stands in place of the import."""
    return IMPORT.sub(lambda match: text_of(sheet.parent / match[1]), sheet.read_text("utf-8"))


def imported(sheet: Path) -> Iterator[Path]:
    """Yield the files that a style imports."""
    for address in IMPORT.findall(sheet.read_text("utf-8")):
        yield (sheet.parent / address).resolve()
        yield from imported(sheet.parent / address)


# Read -----------------------------------------------------------------------------------------------------------------


def read(text: str | list[Node], names: Names) -> list[Rule | Group | str]:
    """Read the rules of a style, or of a part of one, that pages may use.

    >>> names = Names(elements=frozenset({"p"}), classes=frozenset({"note"}))
    >>> read("p.note, .tip { color: red } .tip:hover { color: blue }", names)
    [Rule(selectors='p.note', declarations=[('color', 'red')])]
    """
    found = []
    for node in tinycss2.parse_rule_list(text, skip_whitespace=True):
        if node.type == "comment" and node.value.startswith("!"):  # a license
            found.append(f"/*{node.value}*/")
        elif node.type == "qualified-rule":
            if selectors := usable_selectors(node.prelude, names):
                found.append(Rule(selectors, declarations(node.content)))
        elif node.type == "at-rule" and node.lower_at_keyword in GROUPS and node.content is not None:
            if members := read(node.content, names):
                found.append(Group(f"@{node.at_keyword} {compact(node.prelude)}", members))
        elif node.type == "at-rule" and node.lower_at_keyword not in LEFT_OUT:
            found.append(compact([node]))
        elif node.type == "error":
            raise ValueError(f"a style has a mistake: {node.message}")
    return found


def declarations(content: list[Node]) -> list[tuple[str, str]]:
    """Return names and values of the declarations in a rule."""
    found = tinycss2.parse_blocks_contents(content, skip_comments=True, skip_whitespace=True)
    return [
        (each.name, compact(each.value) + (" !important" if each.important else ""))
        for each in found
        if each.type == "declaration"
    ]


def compact(nodes: list[Node]) -> str:
    """Write nodes of a style with single spaces and without comments."""
    parts = (" " if node.type == "whitespace" else node.serialize() for node in nodes if node.type != "comment")
    return "".join(parts).strip()


# Choose ---------------------------------------------------------------------------------------------------------------


def usable_selectors(prelude: list[Node], names: Names) -> str:
    """Return the selectors of a list that may match something, as text; "" if there is none."""
    return ",".join(compact(each) for each in split(prelude) if is_usable(each, names))


def split(nodes: list[Node]) -> Iterator[list[Node]]:
    """Yield the selectors of a list, which commas part."""
    part: list[Node] = []
    for node in nodes:
        if node == ",":
            yield part
            part = []
        else:
            part.append(node)
    yield part


def is_usable(selector: list[Node], names: Names) -> bool:
    """Tell whether a selector asks only for what there may be; `:not(…)` and attributes ask for nothing."""
    before = None
    for node in selector:
        known = None
        if node.type == "hash":
            known = names.ids
        elif node.type == "ident" and before != ":":
            known = names.classes if before == "." else names.elements
        if known is not None and node.value not in known and node.value not in names.words:
            return False
        is_choice = node.type == "function" and before == ":" and node.lower_name in CHOICES
        if is_choice and not any(is_usable(each, names) for each in split(node.arguments)):
            return False
        before = node
    return True


def drop_properties(style: Group, words: frozenset[str]) -> None:
    """Leave out the custom properties that nothing asks for, and then those that only these asked for."""
    dropped = True
    while dropped:
        asked = {name for rule in rules(style) for _, value in rule.declarations for name in PROPERTY.findall(value)}
        asked |= words
        dropped = False
        for rule in rules(style):
            kept = [each for each in rule.declarations if not each[0].startswith("--") or each[0] in asked]
            dropped |= len(kept) < len(rule.declarations)
            rule.declarations = kept


def rules(group: Group) -> Iterator[Rule]:
    """Yield all rules, wherever in a style."""
    for member in group.members:
        if isinstance(member, Rule):
            yield member
        elif isinstance(member, Group):
            yield from rules(member)


# Write ----------------------------------------------------------------------------------------------------------------


def written(group: Group, words: set[str]) -> str:
    """Write a style, without rules that say nothing and animations that nobody names."""
    lines = []
    for member in group.members:
        if isinstance(member, Group):
            if inner := written(member, words):
                lines.append(f"{member.head}{{\n{inner}}}\n")
        elif isinstance(member, Rule):
            if member.declarations:
                said = ";".join(f"{name}:{value}" for name, value in member.declarations)
                lines.append(f"{member.selectors}{{{said}}}\n")
        elif not (name := re.match(r"@(?:-\w+-)?keyframes ([\w-]+)", member)) or name[1] in words:
            lines.append(f"{member}\n")
    return "".join(lines)
