"""What a benchmark measured: rows of one table."""

import math
from collections.abc import Iterable
from dataclasses import asdict, dataclass, fields


@dataclass(frozen=True)
class Row:
    """One measured value, what it is compared with, and what it should be.

    Attributes
    ----------
    name : str
        What was measured.
    value : float
        In ``unit``.
    unit : str
    against : str
        What it is compared with; empty if with nothing.
    against_value : float or None
        The same measurement of what it is compared with, in ``unit``, too.
    at_least, at_most : float or None
        The target: of the ratio where something is compared, of the value otherwise. At most one of the two.
    curve, place : str, float or None
        Rows of one curve are drawn as such, each at its place.
    """

    name: str
    value: float
    unit: str
    against: str = ""
    against_value: float | None = None
    at_least: float | None = None
    at_most: float | None = None
    curve: str = ""
    place: float | None = None

    @property
    def ratio(self) -> float | None:
        """The value as a multiple of what it is compared with."""
        return None if self.against_value is None else self.value / self.against_value

    @property
    def judged(self) -> float:
        """What the target is about."""
        return self.value if self.ratio is None else self.ratio

    @property
    def margin(self) -> float | None:
        """How many times better than the target; 1 just meets it."""
        if self.at_least is not None:
            return self.judged / self.at_least
        if self.at_most is not None:
            return self.at_most / self.judged if self.judged else math.inf
        return None

    @property
    def met(self) -> bool | None:
        """Whether the target is met; None without one."""
        return None if self.margin is None else self.margin >= 1


def as_data(rows: Iterable[Row]) -> list[dict]:
    """Return what JSON can hold; fields that are as they would be anyway are left out."""
    defaults = {each.name: each.default for each in fields(Row)}
    return [{name: value for name, value in asdict(row).items() if value != defaults[name]} for row in rows]


def from_data(rows: list[dict]) -> list[Row]:
    """Undo `as_data`."""
    return [Row(**row) for row in rows]
