"""Damage that shows when a notebook is run: for `nbval_strict`, on the first cells of a real chapter.

They hold a figure, printed arrays, a shown source and no training. Each mutation is made in a folder of its own, and
all folders go to one pytest, which runs the same code once.
"""

import base64
import io
from pathlib import Path
from random import Random

import nbformat
from PIL import Image

from tests.mutations.seeded import ROOT, Mutation, is_code, load, on_a_cell, other_digit, replaced, store

CHAPTER, CELLS = "02_convolution.ipynb", 14
STRICT = "nbval_strict"


def copy_chapter(folder: Path) -> None:
    """Write the first cells of the English chapter."""
    page = load(ROOT / "chapters/en" / CHAPTER)
    page.cells = page.cells[:CELLS]
    path = folder / "chapters/en" / CHAPTER
    path.parent.mkdir(parents=True)
    store(path, page)


def prints(cell) -> bool:
    """Tell whether a cell has printed text."""
    return is_code(cell) and any("text" in output for output in cell.outputs)


def shows(kind: str):
    """Return a function that tells whether a cell shows something of this kind."""
    return lambda cell: is_code(cell) and any(kind in output.get("data", {}) for output in cell.outputs)


def has_output(cell) -> bool:
    return is_code(cell) and bool(cell.outputs)


def change_digit(cell, random: Random) -> None:
    output = next(output for output in cell.outputs if "text" in output)
    output.text = replaced(output.text, r"\d", other_digit, random)


def change_shown_source(cell, random: Random) -> None:
    data = next(output.data for output in cell.outputs if "text/markdown" in output.get("data", {}))
    data["text/markdown"] = replaced(data["text/markdown"], r"(?<=\w) (?=\w)", "  ", random)


def change_pixel(cell, random: Random) -> None:
    """Change one channel of one pixel by one level."""
    data = next(output.data for output in cell.outputs if "image/png" in output.get("data", {}))
    with Image.open(io.BytesIO(base64.b64decode(data["image/png"]))) as picture:
        place = random.randrange(picture.width), random.randrange(picture.height)
        red, *others = picture.getpixel(place)
        picture.putpixel(place, (red ^ 1, *others))
        file = io.BytesIO()
        picture.save(file, format="png")
    data["image/png"] = base64.b64encode(file.getvalue()).decode()


def damage_picture(cell, random: Random) -> None:
    data = next(output.data for output in cell.outputs if "image/png" in output.get("data", {}))
    data["image/png"] = data["image/png"][: random.randrange(4, 400) * 4]


def drop_picture(cell, random: Random) -> None:
    for output in cell.outputs:
        output.get("data", {}).pop("image/png", None)


def drop_outputs(cell, random: Random) -> None:
    cell.outputs = []


def drop_line(cell, random: Random) -> None:
    output = next(output for output in cell.outputs if "text" in output)
    lines = output.text.splitlines(keepends=True)
    lines.pop(random.randrange(len(lines)))
    output.text = "".join(lines)


def add_output(name: str):
    """Return a change that adds text on a stream to a cell's outputs."""

    def change(cell, random: Random) -> None:
        cell.outputs.append(nbformat.v4.new_output("stream", name=name, text="more\n"))

    return change


def forget_execution(cell, random: Random) -> None:
    cell.execution_count = None


def ignore(cell, random: Random) -> None:
    cell.metadata.tags = ["nbval-ignore-output"]


def skip(cell, random: Random) -> None:
    cell.metadata.tags = ["nbval-skip"]


def ask_tolerance(cell, random: Random) -> None:
    cell.metadata.tags = ["tolerance=0.001"]


def change_number_in_code(cell, random: Random) -> None:
    """Change a number of an array that is defined in one line, as it stands in the first code cell of the chapter."""
    cell.source = replaced(cell.source, r"(?<=\[)\d(?=, \d, \d, \d)", other_digit, random)


def defines_picture(cell) -> bool:
    return is_code(cell) and "picture = np.array" in cell.source


DIFFERS = "The output differs from the stored one"
MUTATIONS = [
    Mutation("a digit in an output", STRICT, DIFFERS, on_a_cell(change_digit, "en", prints)),
    Mutation("a line missing in an output", STRICT, DIFFERS, on_a_cell(drop_line, "en", prints)),
    Mutation(
        "a space in a shown source", STRICT, DIFFERS, on_a_cell(change_shown_source, "en", shows("text/markdown"))
    ),
    Mutation("a pixel of a picture", STRICT, "differs in 1 of", on_a_cell(change_pixel, "en", shows("image/png"))),
    Mutation("a damaged picture", STRICT, "Picture 1 ", on_a_cell(damage_picture, "en", shows("image/png"))),
    Mutation("a dropped picture", STRICT, "is not stored", on_a_cell(drop_picture, "en", shows("image/png"))),
    Mutation("a dropped output", STRICT, "No output is stored", on_a_cell(drop_outputs, "en", has_output)),
    Mutation(
        "an output of a cell that has none",
        STRICT,
        "the code has none now",
        on_a_cell(add_output("stdout"), "en", lambda cell: is_code(cell) and not cell.outputs),
    ),
    Mutation("an output added to another", STRICT, DIFFERS, on_a_cell(add_output("stdout"), "en", has_output)),
    Mutation("no execution count", STRICT, "was never run", on_a_cell(forget_execution, "en", is_code)),
    Mutation("stderr stored", STRICT, "has text on stderr", on_a_cell(add_output("stderr"), "en", is_code)),
    Mutation("a cell ignored without a reason", STRICT, "nothing says why", on_a_cell(ignore, "en", has_output)),
    Mutation("a cell skipped without a reason", STRICT, "nothing says why", on_a_cell(skip, "en", prints)),
    Mutation("a tolerance without a reason", STRICT, "nothing says why", on_a_cell(ask_tolerance, "en", prints)),
    Mutation("a number changed in code", STRICT, DIFFERS, on_a_cell(change_number_in_code, "en", defines_picture)),
]
