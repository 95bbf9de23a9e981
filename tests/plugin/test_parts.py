"""The parts of the plugin that need no notebook: pictures, numbers, texts that differ, the choice of the machine."""

import doctest
import platform
from types import SimpleNamespace

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from numpy._core import _multiarray_umath

from nbval_strict import pictures, report, session, texts
from tests.plugin.tiny import changed_pixel


def png(output):
    return output["data"]["image/png"]


def test_pictures_are_compared_as_pixels(draw):
    stored = png(draw("98.1"))
    assert pictures.compare(stored, stored + "\n", 0) == ""
    message = pictures.compare(stored, png(changed_pixel(draw("98.1"))), 0)
    assert message.startswith("differs in 1 of 30,000 pixels,\nby at most 255 levels; root mean square 1.")


def test_the_tolerance_lets_a_slight_change_pass_but_not_another_digit(draw):
    stored = png(draw("98.1", "#1f77b4"))
    slight = png(draw("98.1", "#1f77b5"))
    assert pictures.compare(stored, slight, 0) and not pictures.compare(stored, slight, 0.7)
    assert pictures.compare(stored, png(draw("98.2")), 0.7)


def test_pictures_of_another_size_or_none(draw):
    narrow = pictures.decode(png(draw("a")))[:, :100]
    assert pictures.compare(png(draw("a")), "iVBORw0KGgo=", 0).startswith("cannot be decoded: ")
    drawn = pictures.difference(narrow, pictures.decode(png(draw("a"))))
    assert drawn.shape == (150, 200)
    assert not drawn[:, :100].any()
    assert drawn[:, 100:].all()


def test_pictures_are_written_as_far_as_they_can_be_decoded(draw, tmp_path):
    written = pictures.write(tmp_path / "new", 2, "damaged", png(draw("a")))
    assert [path.name for path in written] == ["got-2.png"]
    assert written[0].exists()


@pytest.mark.parametrize(
    ("expected", "got", "same"),
    [
        ("accuracy 98.9 %", "accuracy 98.7 %", True),
        ("accuracy 98.9 %", "accuracy 88.9 %", False),
        ("loss 0.01", "loss 0.02", True),  # 0.0149 and 0.0151
        ("loss 0.01", "loss 0.03", False),
        ("1e-05", "1.02e-05", True),
        ("1e-05", "1e-04", False),
        ("44,426 numbers", "44,000 numbers", True),
        ("epoch 3", "epoch 4", False),
        ("lenet5", "lenet6", False),
        ("-0.9", "0.9", False),
        ("a   9.98", "a  10.02", True),
        ("0.9 0.8", "0.9", False),
        ("97 of 10,000 wrong", "97 of 10,000 right", False),
        ("nan", "0.5", False),
    ],
)
def test_numbers_within_the_tolerance(expected, got, same):
    assert texts.agree(expected, got, 0.05) is same
    assert texts.agree(expected, expected, 0)


def test_lines_that_differ_are_shown_with_those_around_them():
    stored = "".join(f"line {number}\n" for number in range(50))
    shown = texts.difference(stored, stored.replace("line 30", "line 30 " + "卷积" * 80))
    rows = shown.splitlines()
    assert rows[:2] == ["- stored", "+ now"]
    assert "- line 30" in rows and any(row.startswith("+ line 30 卷积") for row in rows)
    assert "  line 28" in rows and "  line 27" not in rows
    assert max(map(len, rows)) <= 120


@pytest.mark.parametrize(
    ("left", "right", "shown"),
    [("a", "a  ", "+ a··"), ("a\n", "a", "- (empty)"), ("a", "a\r", "+ a\\r"), ("a", "\x1b[31ma", "\\x1b[31ma")],
)
def test_what_would_not_be_seen_is_shown(left, right, shown):
    assert shown in texts.difference(left, right)


@pytest.mark.parametrize("place", [0, 5_000_000, 9_999_999])
def test_a_long_line_is_cut_around_its_first_difference(place):
    stored = "x" * 10_000_000
    shown = texts.difference(stored, f"{stored[:place]}y{stored[place + 1 :]}")
    assert "y" in shown and len(shown) < 300


@given(st.text("ab\n"), st.text("ab\n"))
def test_the_first_difference_ends_what_two_texts_share(left, right):
    at = texts.first_difference(left, right)
    assert left[:at] == right[:at]
    assert at == min(len(left), len(right)) or left[at] != right[at]


@given(st.lists(st.sampled_from("abc")), st.lists(st.sampled_from("abc")))
def test_every_changed_line_is_shown(left, right):
    stored, new = "\n".join(left), "\n".join(right)
    rows = [row for group in texts.changes(stored, new) for row in group]
    assert bool(rows) == (stored != new)
    removed = [row.left for row in rows if not row.equal and row.left is not None]
    added = [row.right for row in rows if not row.equal and row.right is not None]
    assert len(stored.split("\n")) - len(removed) == len(new.split("\n")) - len(added)


def config(equal):
    return SimpleNamespace(option=SimpleNamespace(nbval_equal=equal))


def test_where_outputs_must_be_equal(monkeypatch):
    monkeypatch.setitem(_multiarray_umath.__cpu_features__, "AVX2", True)
    monkeypatch.setattr(platform, "machine", lambda: "AMD64")
    assert session.asks_for_equality(config("auto"))
    assert not session.asks_for_equality(config("no"))
    monkeypatch.setitem(_multiarray_umath.__cpu_features__, "AVX2", False)
    assert not session.asks_for_equality(config("auto"))
    monkeypatch.setitem(_multiarray_umath.__cpu_features__, "AVX2", True)
    monkeypatch.setattr(platform, "machine", lambda: "aarch64")
    assert not session.asks_for_equality(config("auto"))
    assert session.asks_for_equality(config("yes"))


def test_a_difference_is_drawn_at_full_contrast():
    dark, darker = np.zeros((2, 2, 4), np.uint8), np.zeros((2, 2, 4), np.uint8)
    darker[1, 0, 2] = 3
    assert pictures.difference(dark, darker).tolist() == [[0, 0], [255, 0]]


@pytest.mark.parametrize("module", [report, texts], ids=lambda module: module.__name__)
def test_the_examples_in_docstrings_are_true(module):
    failed, tried = doctest.testmod(module)
    assert tried and not failed
