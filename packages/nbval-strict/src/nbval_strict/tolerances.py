"""Tolerances that a cell asks for, each with its reason.

By a comment, ``# Tolerance 1e-3: <the reason>`` or ``# Picture tolerance 2: <the reason>``; or by a tag,
``tolerance=1e-3`` or ``picture-tolerance=2``, with the reason in a comment ``# Tolerance: <the reason>``.
"""

import re
from dataclasses import dataclass

COMMENT = re.compile(
    r"^[ \t]*#[ \t]*(picture[ \t]+)?tolerance[ \t]*((?<=[ \t])[-+]?\.?\d\S*?)?[ \t]*(?::[ \t]*(.*?))?[ \t]*$",
    re.IGNORECASE | re.MULTILINE,
)
TAG = re.compile(r"(picture-)?tolerance=(.*)")


@dataclass(frozen=True)
class Tolerance:
    """How far a new output may be from the stored one.

    Attributes
    ----------
    numbers : float
        Share of the larger one by which two numbers in a text may differ; at 0 texts must be equal.
    pictures : float
        Root mean square difference of two pictures, in levels of 0 to 255; at 0 every pixel must be equal.
    """

    numbers: float = 0.0
    pictures: float = 0.0

    def widened(self, other: "Tolerance") -> "Tolerance":
        """Return the larger of two tolerances, for each kind."""
        return Tolerance(max(self.numbers, other.numbers), max(self.pictures, other.pictures))


EXACT = Tolerance()


@dataclass(frozen=True)
class Request:
    """What a tag or a comment of a cell asks for.

    Attributes
    ----------
    kind : str
        A field of `Tolerance`.
    value : str
        As it was written.
    reason : str
        Empty if none is given.
    by_tag : bool
        Whether it is a tag.
    """

    kind: str
    value: str
    reason: str
    by_tag: bool = False

    @property
    def share(self) -> float | None:
        """The value as a number, or None if it is none that makes sense."""
        try:
            number = float(self.value)
        except ValueError:
            return None
        return number if 0 < number < {"numbers": 1, "pictures": 255}[self.kind] else None

    @property
    def line(self) -> str:
        """The comment that would be complete."""
        name = "Tolerance" if self.kind == "numbers" else "Picture tolerance"
        return f"# {name}: <the reason>" if self.by_tag else f"# {name} {self.value}: <the reason>"

    def problem(self) -> str:
        """Say what is wrong with it, and what to write; empty if nothing is."""
        if self.share is None:
            limit = "a number between 0 and 1, such as 1e-3" if self.kind == "numbers" else "between 0 and 255 levels"
            return f"The tolerance {self.value!r} makes no sense.\nWrite {limit}."
        if not self.reason:
            return f"The cell asks for the tolerance {self.value}, and nothing says why.\nWrite the line\n{self.line}"
        return ""


def requests(cell) -> list[Request]:
    """Return what the comments and the tags of a cell ask for."""
    comments = [(kind_of(picture), value, reason or "") for picture, value, reason in COMMENT.findall(cell.source)]
    reasons = {kind: reason for kind, value, reason in comments if not value}
    tags = [found for tag in tags_of(cell) if (found := TAG.fullmatch(str(tag)))]
    return [
        *(Request(kind, value, reason) for kind, value, reason in comments if value),
        *(Request(kind_of(tag[1]), tag[2], reasons.get(kind_of(tag[1]), ""), by_tag=True) for tag in tags),
    ]


def kind_of(picture: str | None) -> str:
    """Return the field of `Tolerance` that a tag or a comment is about."""
    return "pictures" if picture else "numbers"


def tags_of(cell) -> list:
    """Return the tags of a cell; none if they are no list."""
    tags = cell.metadata.get("tags", [])
    return tags if isinstance(tags, list) else []


def problems(cell) -> list[str]:
    """List what is wrong with the tolerances of a cell."""
    return [problem for request in requests(cell) if (problem := request.problem())]


def of_cell(cell) -> Tolerance:
    """Return the tolerance that a cell asks for; what is wrong or has no reason does not count."""
    found = EXACT
    for request in requests(cell):
        if not request.problem():
            found = found.widened(Tolerance(**{request.kind: request.share}))
    return found
