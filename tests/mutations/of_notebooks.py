"""What may go wrong with the cells of a notebook: for the translation gate, and for the rules of `book.rules`."""

import shutil
from pathlib import Path
from random import Random

import nbformat

from tests.mutations.seeded import (
    TRANSLATIONS,
    Mutation,
    in_source,
    is_code,
    is_prose,
    load,
    notebooks,
    on_a_cell,
    on_a_page,
    other_digit,
    replaced,
    store,
)

GATE = "book.translations"
FIGURE_WORDS = {"alt": "image", "caption": "figure"}


def rule(name: str) -> str:
    """Return the name of the check that one rule for cells is."""
    return f"book.rules: {name}"


def prints(cell) -> bool:
    """Tell whether a cell prints a digit."""
    return is_code(cell) and any(any(map(str.isdigit, output.get("text", ""))) for output in cell.outputs)


def has_figure(cell) -> bool:
    """Tell whether a cell has a figure with alt text and caption."""
    return is_code(cell) and set(FIGURE_WORDS.values()) <= cell.metadata.get("mystnb", {}).keys()


# The cells of a page ------------------------------------------------------------------------------------------------


def swap_code(page, random: Random) -> None:
    """Put a code cell where the next one was."""
    numbers = [number for number, cell in enumerate(page.cells) if is_code(cell)]
    at = random.randrange(len(numbers) - 1)
    first, second = numbers[at : at + 2]
    page.cells[first], page.cells[second] = page.cells[second], page.cells[first]


def swap_cells(page, random: Random) -> None:
    """Swap two neighbors of any kind."""
    at = random.randrange(len(page.cells) - 1)
    page.cells[at : at + 2] = page.cells[at + 1], page.cells[at]


def drop_cell(page, random: Random) -> None:
    page.cells.pop(random.randrange(len(page.cells)))


def add_cell(page, random: Random) -> None:
    cell = nbformat.v4.new_markdown_cell("補足。", id="one-more")
    page.cells.insert(random.randrange(len(page.cells)), cell)


def repeat_id(page, random: Random) -> None:
    first, second = random.sample(page.cells, 2)
    second.id = first.id


def forget_make_reproducible(page, random: Random) -> None:
    page.cells.remove(next(cell for cell in page.cells if "make_reproducible()" in cell.get("source", "")))


def repeat_caption(page, random: Random) -> None:
    first, second = random.sample([cell for cell in page.cells if has_figure(cell)], 2)
    second.metadata.mystnb.figure.caption = first.metadata.mystnb.figure.caption


# One cell -----------------------------------------------------------------------------------------------------------


def change_printed_digit(cell, random: Random) -> None:
    output = random.choice([output for output in cell.outputs if any(map(str.isdigit, output.get("text", "")))])
    output.text = replaced(output.text, r"\d", other_digit, random)


def change_code(cell, random: Random) -> None:
    cell.source = replaced(cell.source, r"\n|$", "  # so\n", random)


def set_execution_count(cell, random: Random) -> None:
    cell.execution_count += random.randint(1, 9)


def print_more(text: str):
    """Return a change that adds a line to what a cell prints."""

    def change(cell, random: Random) -> None:
        cell.outputs.append(nbformat.v4.new_output("stream", name="stdout", text=f"{text}\n"))

    return change


def raise_error(cell, random: Random) -> None:
    error = {"ename": "ValueError", "evalue": "no", "traceback": ["ValueError: no"]}
    cell.outputs.append(nbformat.v4.new_output("error", **error))


def lengthen(cell, random: Random) -> None:
    """Make a cell one line longer than allowed, by comments."""
    lines = cell.source.splitlines()
    cell.source = "\n".join(lines + ["# so"] * (26 - len(lines)))


def append(text: str):
    """Return a change that adds to the source of a cell."""

    def change(cell, random: Random) -> None:
        cell.source += text

    return change


def drop_words(name: str):
    """Return a change that takes the alt text or the caption from a figure."""

    def change(cell, random: Random) -> None:
        del cell.metadata.mystnb[FIGURE_WORDS[name]][name]

    return change


def add_tag(tag: str):
    """Return a change that gives a cell one more tag."""

    def change(cell, random: Random) -> None:
        cell.metadata.tags = [*cell.metadata.get("tags", []), tag]

    return change


def forget_record(cell, random: Random) -> None:
    del cell.metadata["translates"]


def edit_english(cell, random: Random) -> None:
    cell.source = replaced(cell.source, r"(?m)$", " Look again.", random)


def change_heading(cell, random: Random) -> None:
    cell.source = replaced(cell.source, r"(?m)^#+ ", lambda match: f"#{match[0]}", random)


def drop_label(cell, random: Random) -> None:
    cell.source = replaced(cell.source, r"(?m)^\([^()\s]+\)=\n", "", random)


def is_long(cell) -> bool:
    """Tell whether a cell comes near the most lines allowed."""
    return is_code(cell) and 15 <= len(cell.source.splitlines()) <= 25


def with_record(cell) -> bool:
    """Tell whether a cell is a translation that says what it translates."""
    return is_prose(cell) and "translates" in cell.metadata


def with_label(cell) -> bool:
    """Tell whether a cell has a label and a heading."""
    return is_prose(cell) and cell.source.startswith("(") and "=\n#" in cell.source


# Files --------------------------------------------------------------------------------------------------------------


def remove_page(root: Path, random: Random) -> None:
    random.choice(notebooks(root, TRANSLATIONS)).unlink()


def truncate_page(root: Path, random: Random) -> None:
    path = random.choice(notebooks(root, TRANSLATIONS))
    text = path.read_text(encoding="utf-8")
    path.write_text(text[: random.randrange(len(text))], encoding="utf-8")


def leave_in_english(root: Path, random: Random) -> None:
    """Put the English text of one cell, record and all, into its translation."""
    path = random.choice(notebooks(root, TRANSLATIONS))
    page, english = load(path), load(root / "chapters/en" / path.name)
    number = random.choice([number for number, cell in enumerate(page.cells) if with_record(cell)])
    page.cells[number].source = english.cells[number].source
    store(path, page)


def edit_english_page(root: Path, random: Random) -> None:
    path = random.choice(sorted(root.glob("chapters/en/*.md")))
    text = replaced(path.read_text(encoding="utf-8"), r"(?<=[a-z])\.\n", ", at last.\n", random)
    path.write_text(text, encoding="utf-8")


def indent_file(root: Path, random: Random) -> None:
    """Store a notebook as another editor does."""
    path = random.choice(notebooks(root))
    path.write_text(path.read_text(encoding="utf-8").replace('\n "', '\n  "'), encoding="utf-8")


def copy_page(root: Path, random: Random) -> None:
    path = random.choice(notebooks(root, TRANSLATIONS))
    shutil.copy(path, path.with_stem("99_more"))
    toc = root / "_toc.yml"
    toc.write_text(toc.read_text(encoding="utf-8") + "  - file: 99_more\n", encoding="utf-8")


MUTATIONS = [
    Mutation("two cells of a translation are swapped", GATE, "stands where the English", on_a_page(swap_cells, "ja")),
    Mutation("a cell is missing in one language", GATE, "is missing; run", on_a_page(drop_cell, TRANSLATIONS)),
    Mutation("a cell too many in one language", GATE, "is not in the English page", on_a_page(add_cell, "ja")),
    Mutation("one id for two cells of a translation", GATE, "2 cells have this id", on_a_page(repeat_id, "zh")),
    Mutation("a code cell changed in one language", GATE, "the code differs", on_a_cell(change_code, "zh", is_code)),
    Mutation(
        "a digit in an output of one language",
        GATE,
        "the outputs or attachments differ",
        on_a_cell(change_printed_digit, TRANSLATIONS, prints),
    ),
    Mutation(
        "a tag more in one language", GATE, "the tags or other metadata", on_a_cell(add_tag("trained"), "zh", is_code)
    ),
    Mutation("no caption in one language", GATE, "has no caption", on_a_cell(drop_words("caption"), "ja", has_figure)),
    Mutation("no alt text in one language", GATE, "has no alt", on_a_cell(drop_words("alt"), "zh", has_figure)),
    Mutation("a stale translation", GATE, "the English has changed", on_a_cell(edit_english, "en", is_prose)),
    Mutation("a stale translation of a markdown page", GATE, "the English has changed", edit_english_page),
    Mutation(
        "a translation that records nothing",
        GATE,
        "nothing records which English",
        on_a_cell(forget_record, "zh", with_record),
    ),
    Mutation("a cell left in English", GATE, "is not translated", leave_in_english),
    Mutation("another heading level", GATE, "the headings are", on_a_cell(change_heading, "ja", with_label)),
    Mutation(
        "a changed formula in one language",
        GATE,
        "no formula",
        in_source(r"(?<=\$)[^$\n]*\d(?=[^$\n]*\$)", r"\g<0>7", "zh"),
    ),
    Mutation("a dropped label", GATE, "the labels are", on_a_cell(drop_label, TRANSLATIONS, with_label)),
    Mutation("a chapter missing in one language", GATE, "the page is missing", remove_page),
    Mutation("a chapter in one language only", GATE, "there is no page `99_more`", copy_page),
    Mutation("a truncated notebook", GATE, "cannot be read", truncate_page),
    Mutation("two swapped code cells", rule("run_in_order"), "the execution count", on_a_page(swap_code)),
    Mutation(
        "another execution count", rule("run_in_order"), "execution count", on_a_cell(set_execution_count, "*", is_code)
    ),
    Mutation("one id for two cells", rule("ids"), "is the id of 2 cells", on_a_page(repeat_id)),
    Mutation("a cell of 26 lines", rule("short_cells"), "26 lines", on_a_cell(lengthen, "*", is_long)),
    Mutation(
        "make_reproducible is not called", rule("reproducible_start"), "does not", on_a_page(forget_make_reproducible)
    ),
    Mutation(
        "a machine path in an output",
        rule("no_machine_paths"),
        "in the output",
        on_a_cell(print_more("saved in /home/ada/cnn"), "*", is_code),
    ),
    Mutation(
        "a time in an output",
        rule("no_times"),
        "in the output",
        on_a_cell(print_more("done in 12.3 s"), "*", is_code),
    ),
    Mutation(
        "an address in an output",
        rule("no_addresses"),
        "in the output",
        on_a_cell(print_more("<Model at 0x7f3a2c0b1d40>"), "*", is_code),
    ),
    Mutation(
        "a printed line wider than a phone",
        rule("narrow_outputs"),
        "prints 52 columns",
        on_a_cell(print_more("x" * 52), "*", is_code),
    ),
    Mutation(
        "an error in an output", rule("errors_are_meant"), "an error in the", on_a_cell(raise_error, "*", is_code)
    ),
    Mutation(
        "a figure without a caption",
        rule("pictures_described"),
        "has no caption",
        on_a_cell(drop_words("caption"), "en", has_figure),
    ),
    Mutation(
        "a figure without alt text",
        rule("pictures_described"),
        "has no alt",
        on_a_cell(drop_words("alt"), "en", has_figure),
    ),
    Mutation(
        "a picture in the text from elsewhere",
        rule("nothing_from_elsewhere"),
        "would be fetched",
        on_a_cell(append("\n\n![x](https://example.org/x.png)"), TRANSLATIONS, is_prose),
    ),
    Mutation(
        "text read in a wrong encoding",
        rule("clean_characters"),
        "in a wrong encoding",
        on_a_cell(append("\n\nIt\u00e2\u20ac\u2122s so."), "en", is_prose),
    ),
    Mutation(
        "a control character in the text",
        rule("clean_characters"),
        "U+0008",
        on_a_cell(append("\x08"), "*", is_prose),
    ),
    Mutation("one caption for two figures", rule("captions_differ"), "2 figures", on_a_page(repeat_caption)),
    Mutation("a notebook in another form", "tests/notebooks: stored form", "make sync", indent_file),
]
