"""Texts of outputs: numbers within a tolerance, and the lines that differ."""

import difflib
import re
from collections.abc import Iterator
from dataclasses import dataclass
from itertools import zip_longest

# A number, not a digit inside a name such as lenet5: 44,426 or -0.5 or 1e-05 or .5
NUMBER = re.compile(r"(?<![\w.])[-+]?(?:(?:\d{1,3}(?:,\d{3})+|\d+)(?:\.\d*)?|\.\d+)(?:[eE][-+]?\d+)?")
ANSI = re.compile(r"\x1b\[[0-9;]*m")
CONTEXT = 2  # equal lines shown around lines that differ
LINES = 2000  # compared line by line, from the first difference on: the time grows with the square
WIDTH = 110  # letters of a line that are shown in a terminal


def near(expected: str, got: str, tolerance: float) -> bool:
    """Tell whether two printed numbers agree, within a share of the larger one or a unit of the last decimal."""
    first, second = (float(number.replace(",", "")) for number in (expected, got))
    unit = max(last_decimal(expected), last_decimal(got))
    return abs(first - second) <= max(tolerance * max(abs(first), abs(second)), unit * (1 + 1e-9))


def last_decimal(number: str) -> float:
    """Return what one unit of the last decimal is worth: 0.01 for 3.25, and 0 for a number without decimals."""
    mantissa, _, exponent = number.lower().partition("e")
    decimals = len(mantissa.partition(".")[2])
    return 10.0 ** (int(exponent or 0) - decimals) if decimals else 0.0


def agree(expected: str, got: str, tolerance: float) -> bool:
    """Tell whether two texts have the same words, and numbers within a tolerance of each other.

    The number of spaces between two words may differ: numbers in columns are padded to one width.
    """
    words, new_words = (re.sub(" +", " ", NUMBER.sub("\0", text)) for text in (expected, got))
    numbers = zip(NUMBER.findall(expected), NUMBER.findall(got), strict=False)
    return words == new_words and all(one == other or near(one, other, tolerance) for one, other in numbers)


@dataclass(frozen=True)
class Row:
    """A line of the stored text and the line of the new text beside it.

    Attributes
    ----------
    equal : bool
        Whether they are the same.
    left, right : str or None
        The two lines, long ones cut around their first difference; None where a text has no such line.
    """

    equal: bool
    left: str | None
    right: str | None


def changes(expected: str, got: str, width: int = WIDTH) -> Iterator[list[Row]]:
    """Yield the places where two texts differ, with the lines around them.

    Of texts that are longer, the first `LINES` lines from the first difference on are looked at.

    Parameters
    ----------
    expected, got : str
        The stored text and the new one.
    width : int
        Letters of a line that are kept.
    """
    left, right = expected.split("\n"), got.split("\n")
    start = max(0, first_difference(left, right) - CONTEXT)
    left, right = left[start : start + LINES], right[start : start + LINES]
    for group in difflib.SequenceMatcher(None, left, right, autojunk=False).get_grouped_opcodes(CONTEXT):
        yield [
            row(one, other, kind == "equal", width)
            for kind, i, j, k, m in group
            for one, other in zip_longest(left[i:j], right[k:m])
        ]


def row(left: str | None, right: str | None, equal: bool, width: int) -> Row:
    """Return two lines, cut around their first difference, with all letters made visible where they differ."""
    at = first_difference(left or "", right or "")
    shown = printable if equal else visible
    return Row(equal, *(line if line is None else shown(cut(line, at, width)) for line in (left, right)))


def cut(line: str, at: int, width: int) -> str:
    """Return the part of a line around a place."""
    start = max(0, min(at - width // 3, len(line) - width))
    part = line[start : start + width]
    return "…" * (start > 0) + part + "…" * (start + width < len(line))


def first_difference(left, right) -> int:
    """Return the length of the common beginning of two strings or lists, by halving: quick for long ones."""
    low, high = 0, min(len(left), len(right))
    while low < high:
        middle = (low + high + 1) // 2
        if left[low:middle] == right[low:middle]:
            low = middle
        else:
            high = middle - 1
    return low


def difference(expected: str, got: str) -> str:
    r"""Write where two texts differ for a terminal: `-` before a stored line, `+` before a new one.

    >>> print(difference("one\ntoo\n", "one\ntwo\n"))
    - stored
    + now
    <BLANKLINE>
      one
    - too
    + two
    """
    lines = ["- stored", "+ now"]
    for group in changes(expected, got):
        lines += ["", *terminal_lines(group)]
    return "\n".join(lines).rstrip()


def terminal_lines(group: list[Row]) -> Iterator[str]:
    """Yield the lines of a place: the stored ones of a change before its new ones."""
    new = []
    for each in group:
        if each.equal:
            yield from new
            new = []
            yield f"  {each.left}".rstrip()
            continue
        if each.left is not None:
            yield f"- {each.left}"
        if each.right is not None:
            new.append(f"+ {each.right}")
    yield from new


def visible(line: str) -> str:
    """Make visible what would not be seen: control characters, blanks at the end, an empty line."""
    kept = line.rstrip(" ")
    return printable(kept) + "·" * (len(line) - len(kept)) or "(empty)"


def printable(line: str) -> str:
    """Write control characters as escapes."""
    return "".join(letter if letter.isprintable() else repr(letter)[1:-1] for letter in line)


def without_colors(text: str) -> str:
    """Remove the codes with which a terminal colors text."""
    return ANSI.sub("", text)
