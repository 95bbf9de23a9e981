"""How the outputs of a run differ from the stored ones."""

import json
from collections.abc import Callable, Iterable
from dataclasses import dataclass

from nbval.plugin import coalesce_streams

from nbval_strict import pictures, texts
from nbval_strict.tolerances import EXACT, Tolerance

RANDOM = ("application/vnd.jupyter.widget-view+json",)  # holds an id made anew in each run


@dataclass(frozen=True)
class Problem:
    """What is wrong with a cell.

    Attributes
    ----------
    text : str
        What it is and how to mend it.
    difference : str
        For a terminal: the lines that differ, or where to find the pictures; may be empty.
    acceptable : bool
        Whether storing the new outputs would mend it.
    picture : int or None
        Which picture of the cell differs, from 1.
    """

    text: str
    difference: str = ""
    acceptable: bool = False
    picture: int | None = None


def compare_outputs(
    stored: list,
    new: list,
    tolerance: Tolerance = EXACT,
    *,
    skip: Iterable[str] = RANDOM,
    sanitize: Callable = lambda value: value,
) -> list[Problem]:
    """List how the outputs of a cell differ from the stored ones: in their order, their texts and their pictures.

    Parameters
    ----------
    stored, new : list of NotebookNode
        The outputs of the cell, in their order.
    tolerance : Tolerance
        How far they may be apart.
    skip : iterable of str
        MIME types whose content is not compared.
    sanitize : callable
        Is given a text and returns what of it is compared.

    Returns
    -------
    list of Problem
        Empty if they agree.
    """
    stored, new = alike(stored, new)
    if [kinds(output) for output in stored] != [kinds(output) for output in new]:
        problems = [order_problem(stored, new)]
    else:
        pairs = zip(stored, new, strict=True)
        problems = [problem for pair in pairs for problem in text_problems(*pair, tolerance.numbers, skip, sanitize)]
    return problems + picture_problems(stored, new, tolerance.pictures)


def alike(stored: list, new: list) -> tuple[list, list]:
    """Join the streams of both in the same way.

    Some programs store all that a cell prints as one output, whatever was shown in between; where the stored outputs
    may be of that form, the order of text and pictures can be compared no further than that.
    """
    names = [output.name for output in stored if output.output_type == "stream"]
    stored, new = joined(stored), joined(new)
    return (stored, coalesce_streams(new)) if len(set(names)) == len(names) else (stored, new)


def joined(outputs: list) -> list:
    """Copy outputs, with streams of one name that follow each other joined, and carriage returns obeyed."""
    parts = []
    for output in outputs:
        output = type(output)(output)
        last = parts[-1] if parts else {}
        if output.output_type == "stream" and last.get("name") == output.name:
            last.text += output.text
        else:
            parts.append(output)
    return [part for output in parts for part in coalesce_streams([output])]


def fields(output) -> dict:
    """Return what an output shows, by its kind: the name of a stream, `error`, or MIME types."""
    if output.output_type == "stream":
        return {output.name: output.text}
    if output.output_type == "error":
        return {"error": texts.without_colors(f"{output.ename}: {output.evalue}")}
    return dict(output.get("data", {}))


def kinds(output) -> tuple[str, ...]:
    """Return the kinds of an output, sorted."""
    return tuple(sorted(fields(output)))


def order_problem(stored: list, new: list) -> Problem:
    """Show outputs that do not even match in number, kind or order."""
    shown = ["; ".join(" + ".join(kinds(output)) for output in outputs) for outputs in (stored, new)]
    text = "The output differs from the stored one in number, kind or order.\nstored: {}\nnow: {}".format(*shown)
    return Problem(text, texts.difference(describe(stored), describe(new)), acceptable=True)


def text_problems(stored, new, tolerance: float, skip: Iterable[str], sanitize: Callable):
    """Yield how the texts of an output differ from those of the stored output in its place."""
    for kind, value in fields(stored).items():
        if kind in (*skip, *pictures.KINDS):
            continue
        pair = tuple(sanitize(as_text(each)) for each in (value, fields(new)[kind]))
        if pair[0] != pair[1] and not (tolerance and texts.agree(*pair, tolerance)):
            text = f"The output differs from the stored one: {kind}"
            yield Problem(text, texts.difference(*pair), acceptable=True)


def as_text(value) -> str:
    """Return a value as text: JSON where it is none."""
    return value if isinstance(value, str) else json.dumps(value, indent=1, sort_keys=True, ensure_ascii=False)


def picture_problems(stored: list, new: list, tolerance: float) -> list[Problem]:
    """List how the pictures of a cell differ from the stored ones, in their order."""
    pairs = enumerate(pictures.pairs(stored, new), start=1)
    found = {number: pictures.problem(*pair, tolerance) for number, pair in pairs}
    return [
        Problem(f"Picture {number} {problem}.", acceptable=True, picture=number)
        for number, problem in found.items()
        if problem
    ]


def describe(outputs: list) -> str:
    """Write outputs as one text, each under its kind; pictures are only named."""
    shown = [
        f"[{kind}]\n" + ("" if kind.startswith("image/") else as_text(value))
        for output in outputs
        for kind, value in sorted(fields(output).items())
    ]
    return "\n".join(shown)
