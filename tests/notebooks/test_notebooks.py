"""What every notebook of every language must keep to, beside what nbval and `nbval_strict` check when they run it.

Each rule looks at one notebook and returns what is wrong, with the cell's name. The rules run on the real chapters,
and each is shown notebooks that break it.
"""

import ast
import re
from collections import Counter
from pathlib import Path

import nbformat
import pytest

from book import translations

ROOT = Path(__file__).parents[2]
NOTEBOOKS = sorted((ROOT / "chapters").glob("*/*.ipynb"))

MOST_LINES = 25
MOST_COLUMNS = 51  # of a printed line: what a phone shows without scrolling
CELL_ID = re.compile(r"[a-z]+[0-9]{0,2}(-[a-z0-9]+)*")
MACHINE_PATH = re.compile(r"(?<![\w.])/(home|root|work|tmp|Users|usr|opt|var|mnt)/|[A-Z]:\\|site-packages|~/")
ADDRESS = re.compile(r"\bat 0x[0-9a-f]+|\b0x7f[0-9a-f]{6,}", re.IGNORECASE)
TIME = re.compile(
    r"\b\d{4}-\d{2}-\d{2}\b|\b\d{1,2}:\d{2}:\d{2}\b"  # a date, a time of day
    r"|\b\d+\.\d+ ?(s|ms|µs|us|min)\b|\b\d+ (s|ms|µs|us|sec|secs|seconds|min|minutes)\b"  # how long it took
    r"|\b\d+ms\b|(?<![a-z])(it|ms|s)/(s|step|it|epoch)\b"
)
PICTURES = ("image/png", "image/jpeg", "image/svg+xml")


def code_cells(page):
    return [cell for cell in page.cells if cell.cell_type == "code"]


def output_texts(cell):
    """Every text of the cell's outputs, with pictures left out."""
    for output in cell.outputs:
        yield output.get("text", "")
        yield output.get("evalue", "")
        yield "\n".join(output.get("traceback", []))
        yield from (str(data) for kind, data in output.get("data", {}).items() if not kind.startswith("image/"))


def found_in_outputs(page, pattern):
    return [
        f"{cell.id}: {match[0]!r} in the output"
        for cell in code_cells(page)
        for text in output_texts(cell)
        if (match := pattern.search(text))
    ]


def pictures(cell):
    return [kind for output in cell.outputs for kind in output.get("data", {}) if kind in PICTURES]


def rule_format(page):
    """Valid nbformat 4.5."""
    if (page.nbformat, page.nbformat_minor) != (4, 5):
        return [f"nbformat is {page.nbformat}.{page.nbformat_minor}, not 4.5"]
    try:
        nbformat.validate(page)
    except nbformat.ValidationError as error:
        return [f"not valid: {error.message}"]
    return []


def rule_ids(page):
    """Ids are lowercase words with hyphens, each used once."""
    names = [cell.get("id", "") for cell in page.cells]
    bad = [f"{name!r}: not lowercase words with hyphens" for name in names if not CELL_ID.fullmatch(name)]
    return bad + [f"{name!r}: the id of {count} cells" for name, count in Counter(names).items() if count > 1]


def rule_run_in_order(page):
    """The code cells were run once, from the top."""
    return [
        f"{cell.id}: execution count {cell.execution_count}, not {expected}; run `make execute`"
        for expected, cell in enumerate(code_cells(page), start=1)
        if cell.execution_count not in (None, expected)
    ]


def rule_errors_are_meant(page):
    """A cell shows an error if, and only if, it is tagged raises-exception."""
    problems = []
    for cell in code_cells(page):
        meant = "raises-exception" in cell.metadata.get("tags", [])
        raised = any(output.output_type == "error" for output in cell.outputs)
        if raised and not meant:
            problems.append(f"{cell.id}: an error in the output")
        if meant and not raised:
            problems.append(f"{cell.id}: tagged raises-exception, but shows none")
    return problems


def rule_no_machine_paths(page):
    return found_in_outputs(page, MACHINE_PATH)


def rule_no_addresses(page):
    return found_in_outputs(page, ADDRESS)


def rule_no_times(page):
    return found_in_outputs(page, TIME)


def rule_short_cells(page):
    lengths = {cell.id: len(cell.source.splitlines()) for cell in code_cells(page)}
    return [f"{name}: {lines} lines, at most {MOST_LINES}" for name, lines in lengths.items() if lines > MOST_LINES]


def rule_narrow_outputs(page):
    """What a cell prints fits on a phone; what `check` says of a reader's mistake is as long as it must be."""
    return [
        f"{cell.id}: prints {len(line)} columns, at most {MOST_COLUMNS}: {line}"
        for cell in code_cells(page)
        for output in cell.outputs
        for line in output.get("text", "").splitlines()
        if len(line) > MOST_COLUMNS and not line.startswith("Not yet: ")
    ]


def rule_reproducible_start(page):
    """The first code cell imports the package and calls make_reproducible."""
    if not code_cells(page):
        return ["no code cell"]
    cell = code_cells(page)[0]
    nodes = list(ast.walk(ast.parse(cell.source)))
    imported = {node.module or "" for node in nodes if isinstance(node, ast.ImportFrom)}
    imported |= {name.name for node in nodes if isinstance(node, ast.Import) for name in node.names}
    called = {ast.unparse(node.func).rpartition(".")[2] for node in nodes if isinstance(node, ast.Call)}
    problems = []
    if "cnn_course" not in {name.partition(".")[0] for name in imported}:
        problems.append(f"{cell.id}: the first code cell does not import cnn_course")
    if "make_reproducible" not in called:
        problems.append(f"{cell.id}: the first code cell does not call make_reproducible")
    return problems


def rule_pictures_described(page):
    """A cell shows at most one picture, with alt text and a caption."""
    problems = []
    for cell in code_cells(page):
        described = translations.words(cell)
        if len(pictures(cell)) > 1:
            problems.append(f"{cell.id}: {len(pictures(cell))} pictures in one cell; one alt text cannot describe them")
        if pictures(cell):
            problems += [
                f"{cell.id}: the picture has no {name}" for name in ("alt", "caption") if not described.get(name)
            ]
    return problems


def rule_captions_differ(page):
    captions = Counter(translations.words(cell).get("caption") for cell in code_cells(page))
    return [f"{count} figures have the caption {text!r}" for text, count in captions.items() if text and count > 1]


def rule_no_live_display(page):
    """No widgets and no clear_output: neither is there on a printed page, and nbval compares neither."""
    problems = ["widget state in the notebook's metadata"] if "widgets" in page.metadata else []
    for cell in code_cells(page):
        kinds = [kind for output in cell.outputs for kind in output.get("data", {}) if "widget" in kind]
        problems += [f"{cell.id}: {kind}" for kind in kinds]
        if "clear_output" in cell.source:
            problems.append(f"{cell.id}: clear_output")
    return problems


RULES = {name.removeprefix("rule_"): rule for name, rule in list(globals().items()) if name.startswith("rule_")}


def load(path):
    """The notebook as it lies on disk, with nothing mended."""
    return nbformat.v4.reads(path.read_text("utf-8"))


def test_there_are_notebooks():
    assert NOTEBOOKS


@pytest.mark.parametrize("path", NOTEBOOKS, ids=translations.place)
def test_a_chapter_keeps_the_rules(path):
    page = load(path)
    problems = [f"{name}: {problem}" for name, rule in RULES.items() for problem in rule(page)]
    assert not problems, "\n".join(["", *problems])


@pytest.mark.parametrize("path", NOTEBOOKS, ids=translations.place)
def test_a_chapter_is_stored_in_the_one_form(path):
    """Other spacing or an editor's state would make every later change hard to read in a diff."""
    text = path.read_text("utf-8")
    assert text == translations.render(path, translations.read(path)), "run `make sync`"


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
        code("long", "\n".join(["x = 1"] * MOST_LINES), []),
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
    ("run_in_order", "start: execution count 7", update("start", execution_count=7)),
    ("run_in_order", "numbers-3x3: execution count 2", lambda page: page.cells.insert(1, page.cells.pop(2))),
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
    ("no_live_display", "widget state", lambda page: page.metadata.update(widgets={})),
    ("no_live_display", "start", add_output("start", display(**{"application_vnd.jupyter.widget-view+json": {}}))),
    ("no_live_display", "long: clear_output", update("long", source="from IPython.display import clear_output")),
]


@pytest.mark.parametrize("rule", RULES)
def test_a_good_notebook_breaks_no_rule(page, rule):
    assert RULES[rule](page) == []


@pytest.mark.parametrize(
    ("rule", "named", "mutate"), MUTATIONS, ids=[f"{rule}-{named}" for rule, named, _ in MUTATIONS]
)
def test_a_rule_objects(page, rule, named, mutate):
    mutate(page)
    problems = RULES[rule](page)
    assert any(named in problem for problem in problems), problems


def test_every_rule_is_shown_a_notebook_that_breaks_it():
    assert {rule for rule, _, _ in MUTATIONS} == RULES.keys()
