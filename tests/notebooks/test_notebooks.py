"""Each rule of `book.rules` is shown a notebook that breaks it; and the real chapters keep all of them."""

import nbformat
import pytest

from book import rules
from book.notebooks import notebooks
from book.pages import ROOT
from book.rules import MOST_COLUMNS, MOST_LINES, MOST_WIDTH
from book.sources import place

NOTEBOOKS = notebooks(ROOT)
RULES = {rule.__name__.removeprefix("rule_"): rule for rule in (*rules.OF_NOTEBOOKS, *rules.OF_WORDS)}


def load(path):
    """The notebook as it lies on disk, with nothing mended."""
    return nbformat.v4.reads(path.read_text(encoding="utf-8"))


def test_the_chapters_keep_the_rules():
    problems = rules.check()
    assert not problems, "\n".join(["", *problems])


@pytest.mark.parametrize("path", NOTEBOOKS, ids=place)
def test_a_chapter_is_stored_in_the_one_form(path):
    assert rules.form_problems(path) == []


def test_another_form_is_found(tmp_path):
    path = tmp_path / "a.ipynb"
    path.write_text(NOTEBOOKS[0].read_text(encoding="utf-8").replace("\n ", "\n  "), encoding="utf-8")
    assert len(rules.form_problems(path)) == 1


# The rules themselves -----------------------------------------------------------------------------------------------


def stream(text, name="stdout"):
    return {"output_type": "stream", "name": name, "text": text}


def display(**data):
    data = {kind.replace("_", "/", 1): text for kind, text in data.items()}
    return {"output_type": "display_data", "data": data, "metadata": {}}


def error(text):
    return {"output_type": "error", "ename": "ValueError", "evalue": text, "traceback": [f"ValueError: {text}"]}


@pytest.fixture
def page():
    """A notebook that keeps every rule, and comes close to breaking some."""

    def code(cell_id, source, outputs, **metadata):
        return {"cell_type": "code", "id": cell_id, "source": source, "outputs": outputs, "metadata": metadata}

    def figure(cell_id, caption):
        words = {"image": {"alt": "A square."}, "figure": {"caption": caption}}
        return code(cell_id, "show()", [display(image_png="iVBORw0KGgo=", text_plain="<Figure>")], mystnb=words)

    cells = [
        {"cell_type": "markdown", "id": "title", "metadata": {}, "source": "# A title"},
        code("start", "from cnn_course import runtime\n\nruntime.make_reproducible()", []),
        code(
            "numbers-3x3", "print('x')", [stream("98.89 % +- 0.3, 2 steps, 28 x 28, 1/2\n3:4, 0s and 1s, a/b, 0x1f\n")]
        ),
        code("raises", "f()", [error("expected (N, H, W, C)")], tags=["raises-exception"]),
        figure("square", "A square"),
        figure("square-2", "Another square"),
        code("long", "\n".join(["x = 1" + " " * (MOST_WIDTH - 5)] * MOST_LINES), []),
        code("wide", "check(f, cases)", [stream("x" * MOST_COLUMNS + "\nNot yet: " + "x" * MOST_COLUMNS)]),
    ]
    for count, cell in enumerate(cells[1:], start=1):
        cell["execution_count"] = count
    return nbformat.from_dict({"cells": cells, "metadata": {}, "nbformat": 4, "nbformat_minor": 5})


def cell(page, name):
    return next(each for each in page.cells if each.id == name)


def add_output(name, output):
    return lambda page: cell(page, name).outputs.append(nbformat.from_dict(output))


def update(name, **changes):
    return lambda page: cell(page, name).update(nbformat.from_dict(changes))


# The rule that must object, what it must name, and a change that it must object to.
MUTATIONS = [
    ("format", "4.4", lambda page: page.update(nbformat_minor=4)),
    ("format", "not valid", lambda page: cell(page, "start").pop("outputs")),
    ("ids", "'3f2a9b1c'", update("start", id="3f2a9b1c")),
    ("ids", "'Start'", update("start", id="Start")),
    ("ids", "'valid_by_hand'", update("start", id="valid_by_hand")),
    ("ids", "'c0ffee12-1a2b'", update("start", id="c0ffee12-1a2b")),
    ("ids", "''", lambda page: cell(page, "start").pop("id")),
    ("ids", "2 cells", update("start", id="title")),
    ("run_in_order", "start: the execution count is 7", update("start", execution_count=7)),
    ("run_in_order", "numbers-3x3: the execution count is 2", lambda page: page.cells.insert(1, page.cells.pop(2))),
    ("errors_are_meant", "start: an error", add_output("start", error("no"))),
    ("errors_are_meant", "raises: tagged", update("raises", outputs=[])),
    ("no_machine_paths", "start", add_output("start", stream("/home/ada/x.png"))),
    ("no_machine_paths", "start", add_output("start", display(text_plain="PosixPath('/tmp/x')"))),
    ("no_machine_paths", "start", add_output("start", error("no file /work/x"))),
    ("no_machine_paths", "start", add_output("start", stream("lib/site-packages/keras"))),
    ("no_machine_paths", "start", add_output("start", stream("C:\\data"))),
    ("no_addresses", "start", add_output("start", display(text_plain="<object object at 0x7f3a2c0b1d40>"))),
    ("no_addresses", "start", add_output("start", stream("0x7F3A2C0B1D40"))),
    ("no_times", "start", add_output("start", stream("2024-05-01"))),
    ("no_times", "start", add_output("start", stream("at 12:30:01"))),
    ("no_times", "start", add_output("start", stream("took 1.52 s"))),
    ("no_times", "start", add_output("start", stream("469/469 - 3s - 7ms/step"))),
    ("no_times", "start", add_output("start", stream("12 ms"))),
    ("no_times", "start", add_output("start", stream("[00:01, 99.2it/s]"))),
    ("short_cells", "long: 26 lines", update("long", source="\n".join(["x = 1"] * 26))),
    ("short_cells", "long: a line of 95", update("long", source="x" * (MOST_WIDTH + 1))),
    ("nothing_from_elsewhere", "title: https://e.org/a.png", update("title", source="![a](https://e.org/a.png)")),
    ("clean_characters", "title: the text has the control", update("title", source="a\x00")),
    ("clean_characters", "start: the code has", update("start", source="x = '\u202e'")),
    ("reproducible_start", "is not Python", update("start", source="import")),
    ("narrow_outputs", "start: prints 52", add_output("start", stream("short\n" + "x" * 52 + "\n"))),
    ("reproducible_start", "does not import", update("start", source="make_reproducible()")),
    ("reproducible_start", "does not call", update("start", source="import cnn_course  # make_reproducible()")),
    ("reproducible_start", "numbers-3x3", lambda page: page.cells.pop(1)),
    ("reproducible_start", "no code cell", lambda page: page.update(cells=page.cells[:1])),
    (
        "pictures_described",
        "square: the picture has no alt",
        lambda page: cell(page, "square").metadata.mystnb.pop("image"),
    ),
    (
        "pictures_described",
        "square: the picture has no caption",
        lambda page: cell(page, "square").metadata.mystnb.pop("figure"),
    ),
    (
        "pictures_described",
        "square: the picture has no alt",
        update("square", metadata={"mystnb": {"image": {"alt": ""}}}),
    ),
    (
        "pictures_described",
        "start: the picture has no alt",
        add_output("start", display(**{"image_svg+xml": "<svg/>"})),
    ),
    ("pictures_described", "2 pictures", add_output("square", display(image_png="iVBORw0KGgo="))),
    (
        "captions_differ",
        "'A square'",
        lambda page: cell(page, "square-2").metadata.mystnb.figure.update(caption="A square"),
    ),
    ("guesses", "a second time", lambda page: page.cells[0].update(source='<div data-guess="a"></div>\n' * 2)),
    ("guesses", "no data-guess", lambda page: page.cells[0].update(source='<div data-guess-result="a"></div>')),
    ("no_live_display", "widget state", lambda page: page.metadata.update(widgets={})),
    ("no_live_display", "start", add_output("start", display(**{"application_vnd.jupyter.widget-view+json": {}}))),
    ("no_live_display", "long: clear_output", update("long", source="from IPython.display import clear_output")),
]


@pytest.mark.parametrize("rule", RULES)
def test_a_good_notebook_breaks_no_rule(page, rule):
    assert list(RULES[rule](page)) == []


@pytest.mark.parametrize(
    ("rule", "named", "mutate"), MUTATIONS, ids=[f"{rule}-{named}" for rule, named, _ in MUTATIONS]
)
def test_a_rule_objects(page, rule, named, mutate):
    mutate(page)
    problems = [f"{problem.cell}: {problem.message}" for problem in RULES[rule](page)]
    assert any(named in problem for problem in problems), problems
    assert all("; " in problem for problem in problems), "each says what to do"


def test_every_rule_is_shown_a_notebook_that_breaks_it():
    assert {rule for rule, _, _ in MUTATIONS} == RULES.keys()
