"""`make verify`: equal, near or different, and what is printed about it."""

import json
import math

import nbformat.v4
import pytest

from book.pages import ENGLISH, ROOT, pages, read
from tools import verify


@pytest.mark.parametrize(
    ("found", "book", "verdict"),
    [
        ("loss 0.30", "loss 0.30", "equal"),
        ("loss 0.3001", "loss 0.3000", "near"),
        ("loss   0.3001", "loss 0.3000", "near"),  # a longer number moves what follows
        ("1,001 of 10,000", "1,000 of 10,000", "near"),
        ("loss 0.40", "loss 0.30", "other"),
        ("loss nan", "loss 0.30", "other"),
        ("True", "False", "other"),
        ("", "loss 0.30", "other"),
    ],
)
def test_what_a_cell_prints_is_compared(found, book, verdict):
    assert verify.compare_texts(found, book).verdict == verdict


def test_a_gap_is_a_share_of_the_largest_number():
    found = verify.compare_numbers([1.0, 100.5], [1.0, 100.0])
    assert (found.verdict, found.gap) == ("near", 0.005)
    assert verify.compare_numbers([1.0, math.nan], [1.0, 100.0]).verdict == "other"
    assert verify.compare_numbers([1.0], [1.0, 100.0]).verdict == "other"


def test_one_bit_of_a_weight_is_seen():
    book = {"sha256": "a", "conv1": [0.5, -1.0]}
    assert verify.compare_weights(book | {"conv1": []}, book).verdict == "equal"
    assert verify.compare_weights({"sha256": "b", "conv1": [0.5, -1.0 - 2**-23]}, book).verdict == "near"
    assert verify.compare_weights({"sha256": "b", "conv1": [0.6, -1.0]}, book).verdict == "other"


def test_the_record_holds_the_first_layer():
    book = json.loads(verify.RECORD.read_text(encoding="utf-8"))
    assert len(book["sha256"]) == 64 and len(book["conv1"]) == 5 * 5 * 6 + 6


def test_every_chapter_has_cells_to_run_and_the_last_one_prints_numbers():
    notebooks = {name: path for name, path in pages(ROOT, ENGLISH).items() if path.suffix == ".ipynb"}
    assert set(verify.CELLS) == set(notebooks)
    for name, path in notebooks.items():
        cells = {cell.id: cell for cell in read(path).cells if cell.cell_type == "code"}
        assert [cell for cell in cells if cell in verify.CELLS[name]] == list(verify.CELLS[name])
        last = cells[verify.CELLS[name][-1]].outputs
        assert any(verify.NUMBER.search(output.get("text", "")) for output in last), name


@pytest.fixture
def chapter(tmp_path):
    """A chapter of two cells."""

    def make(source, printed):
        cells = [nbformat.v4.new_code_cell("number = 2", id="setup")]
        output = nbformat.v4.new_output("stream", text=printed)
        cells.append(nbformat.v4.new_code_cell(source, id="told", outputs=[output]))
        path = tmp_path / "chapters" / "en" / "01_sample.ipynb"
        path.parent.mkdir(parents=True)
        path.write_text(nbformat.v4.writes(nbformat.v4.new_notebook(cells=cells)), encoding="utf-8")
        return verify.compare_chapter(path, ("setup", "told"))

    return make


def test_a_chapter_runs_in_order_and_its_last_cell_is_compared(chapter):
    assert chapter("print(number + 1)", "3\n").verdict == "equal"


def test_a_cell_that_fails_is_named(chapter):
    assert chapter("print(nothing)", "3\n").said == "told: NameError: name 'nothing' is not defined"


@pytest.mark.parametrize(("verdicts", "end"), [(["equal"] * 3, 0), (["equal", "near"], 1), (["near", "other"], 2)])
def test_the_worst_decides_what_is_said_at_the_end(monkeypatch, verdicts, end):
    answers = iter(verdicts)
    monkeypatch.setattr(verify, "trained", dict)
    monkeypatch.setattr(verify, "CELLS", dict.fromkeys(list(verify.CELLS)[: len(verdicts) - 1], ()))
    monkeypatch.setattr(verify, "compare_weights", lambda *_: verify.Finding(next(answers)))
    monkeypatch.setattr(verify, "compare_chapter", lambda *_: verify.Finding(next(answers)))
    lines = [line for _, line in verify.verify(ROOT, "en")]
    beginnings = "This machine gives the bits", "Everything works, and the last digits", "Something differs by more"
    assert lines[-1].startswith(beginnings[end])
    assert len(lines) == len(verdicts) + 2
