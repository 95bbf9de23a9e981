"""Texts of outputs: numbers within a tolerance, and what differs side by side."""

import difflib
import re
import unicodedata
from itertools import zip_longest

# A number, not a digit inside a name such as lenet5: 44,426 or -0.5 or 1e-05 or .5
NUMBER = re.compile(r"(?<![\w.])[-+]?(?:(?:\d{1,3}(?:,\d{3})+|\d+)(?:\.\d*)?|\.\d+)(?:[eE][-+]?\d+)?")
COLUMN = 57  # two columns, a mark between them and a margin: 120
CONTEXT = 2  # equal lines shown around lines that differ


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
    return words == new_words and all(near(*pair, tolerance) for pair in numbers)


def side_by_side(expected: str, got: str) -> str:
    """Show two texts beside each other, in at most 120 columns.

    Lines that differ are marked with an exclamation mark; of the others only the nearest are shown.
    """
    left, right = expected.split("\n"), got.split("\n")
    groups = difflib.SequenceMatcher(None, left, right, autojunk=False).get_grouped_opcodes(CONTEXT)
    rows = [row("expected (stored)", "got (now)", " ")]
    for group in groups:
        rows.append("-" * (2 * COLUMN + 5))
        for kind, start, end, new_start, new_end in group:
            for pair in zip_longest(left[start:end], right[new_start:new_end]):
                rows.append(row(*pair, " " if kind == "equal" else "!"))
    return "\n".join(rows)


def row(left: str | None, right: str | None, mark: str) -> str:
    """Lay out one line of each text, in as many rows as the longer one needs; None is a line that is not there."""
    shown = printable if mark == " " else visible
    columns = [chunks(shown(line)) if line is not None else [""] for line in (left, right)]
    return "\n".join(
        f"{one}{' ' * (COLUMN - width(one))} {mark} {other}".rstrip()
        for one, other in zip_longest(*columns, fillvalue="")
    )


def visible(line: str) -> str:
    """Make visible what would not be seen: control characters, blanks at the end, an empty line."""
    kept = line.rstrip(" ")
    return printable(kept) + "·" * (len(line) - len(kept)) or "(empty)"


def printable(line: str) -> str:
    """Write control characters as escapes."""
    return "".join(letter if letter.isprintable() else repr(letter)[1:-1] for letter in line)


def width(line: str) -> int:
    """Return how many columns a terminal needs; Chinese and Japanese letters take two."""
    return sum(2 if unicodedata.east_asian_width(letter) in "WF" else 1 for letter in line)


def chunks(line: str) -> list[str]:
    """Break a line into pieces that fit a column."""
    pieces = [""]
    for letter in line:
        if width(pieces[-1]) + width(letter) > COLUMN:
            pieces.append("")
        pieces[-1] += letter
    return pieces
