"""The page of failures: what it holds, and that it needs nothing else."""

import base64
import re
from html.parser import HTMLParser
from itertools import pairwise

import nbformat
import pytest

from nbval_strict import report
from nbval_strict.report import Comparison, Table
from nbval_strict.tolerances import Tolerance
from tests.plugin.tiny import DRAW, changed_pixel, code, result, run, store, stream

OPEN = {"meta", "img", "wbr"}  # never closed


class Page(HTMLParser):
    """The elements of a page; fails at one that is closed in the wrong order."""

    def __init__(self, text):
        super().__init__()
        self.elements, self.stack, self.texts = [], [], {}
        self.feed(text)
        self.close()
        assert not self.stack

    def handle_starttag(self, tag, attrs):
        self.elements.append((tag, dict(attrs)))
        if tag not in OPEN:
            self.stack.append(tag)

    def handle_endtag(self, tag):
        assert self.stack.pop() == tag

    def handle_data(self, data):
        if self.stack:
            self.texts.setdefault(self.stack[-1], []).append(data)

    def named(self, tag):
        return [attributes for name, attributes in self.elements if name == tag]


def cell(stored, new, problems=(), source="print('<b>')"):
    return Comparison("en/a.ipynb", "count", source, list(stored), list(new), list(problems))


def test_texts_that_differ_are_marked_word_by_word():
    page = Page(report.page([cell([stream("loss 0.5 & more\n")], [stream("loss 0.6 & more\n")])]))
    assert page.texts["del"] == ["5"]
    assert page.texts["ins"] == ["6"]
    assert "print('<b>')" in page.texts["code"]


def test_pictures_are_shown_with_their_difference(draw):
    page = Page(report.page([cell([draw("1")], [changed_pixel(draw("1"))])]))
    assert page.texts["figcaption"] == ["Stored", "New", "Difference"]
    assert [image["alt"] for image in page.named("img")] == [
        f"{side}: cell 1, output 1, image/png" for side in ("Stored", "New", "Difference")
    ]
    assert all(image["src"].startswith("data:image/png;base64,iVBOR") for image in page.named("img"))


@pytest.mark.parametrize("pair", [("stored", None), (None, "new"), ("damaged", "new")])
def test_a_picture_that_is_missing_or_damaged(draw, pair):
    damaged = result("'a'", **{"image/png": "iVBORw0KGgo="})
    stored, new = ([{"stored": draw("1"), "new": draw("2"), "damaged": damaged}[each]] if each else [] for each in pair)
    page = Page(report.page([cell(stored, new)]))
    assert len(page.named("img")) == 2 - pair.count(None)
    assert page.texts.get("p", []).count("none") >= pair.count(None)


def test_svg_is_shown_as_a_picture_that_runs_no_script():
    svg = "<svg xmlns='http://www.w3.org/2000/svg'><script>alert(1)</script></svg>"
    page = Page(report.page([cell([result("1", **{"image/svg+xml": svg})], [])]))
    (image,) = page.named("img")
    assert base64.b64decode(image["src"].removeprefix("data:image/svg+xml;base64,")).decode() == svg


def test_what_is_equal_takes_one_line():
    same = result("<Figure>")
    page = Page(report.page([cell([same, stream("a")], [same, stream("b")])]))
    assert "text/plain: equal" in page.texts["p"]


def test_nothing_from_a_notebook_becomes_part_of_the_page():
    evil = "</pre><script>alert(1)</script><img src=x onerror=alert(1)>\"'"
    outputs = [stream(evil), result(evil, **{"text/html": evil, "image/png": evil, evil: evil})]
    error = {"output_type": "error", "ename": evil, "evalue": evil, "traceback": [evil]}
    comparison = Comparison(evil, evil, evil, [*outputs, error], [], [evil])
    page = Page(report.page([comparison, comparison], title=evil, note=evil))
    assert not page.named("script")
    assert all(image["src"].startswith("data:") and "onerror" not in image for image in page.named("img"))


def test_the_page_loads_nothing_and_works_with_the_keyboard_and_on_a_phone(draw):
    text = report.page([cell([draw("1")], [draw("2")]), cell([stream("1")], [stream("2")])])
    page = Page(text)
    assert page.named("html") == [{"lang": "en"}]
    assert {"name": "viewport", "content": "width=device-width, initial-scale=1"} in page.named("meta")
    assert not re.search(r"(src|href)=\"(?!data:|#)|url\(|@import", text)
    assert all(block["tabindex"] == "0" and block["aria-label"] for block in page.named("pre"))
    anchors = {link["href"].removeprefix("#") for link in page.named("a")}
    identifiers = [attributes["id"] for _, attributes in page.elements if "id" in attributes]
    assert anchors == {"cell-1", "cell-2"} <= set(identifiers)
    assert len(identifiers) == len(set(identifiers))
    levels = [int(tag[1]) for tag, _ in page.elements if re.fullmatch("h[1-6]", tag)]
    assert all(after - before <= 1 for before, after in pairwise(levels))
    assert "prefers-color-scheme: dark" in text


def test_a_page_without_cells_says_so(tmp_path):
    path = report.write(tmp_path / "new" / "report.html", [], title="Upgrade", note="All is well.")
    page = Page(path.read_text(encoding="utf-8"))
    assert page.texts["p"] == ["No cell to show. All is well."]
    assert not page.named("article")


def test_tables_stand_before_the_cells_and_scroll_with_the_keyboard():
    table = Table("Versions <b>", ["package", "stored & new"], [["numpy", "<2>"], ["keras", ""]])
    text = report.page([cell([stream("1")], [stream("2")])], tables=[table])
    page = Page(text)
    assert page.texts["caption"] == ["Versions <b>"]
    assert page.texts["th"] == ["package", "stored & new", "numpy", "keras"]
    assert page.texts["td"] == ["<2>"]
    assert text.index("<table") < text.index("<article")
    (frame,) = (div for div in page.named("div") if div["class"] == "table")
    assert (frame["tabindex"], frame["aria-label"]) == ("0", "Versions <b>")


def test_a_long_text_is_not_copied_into_the_page():
    text = report.page([cell([stream("x" * 10_000_000)], [stream("x" * 9_999_999 + "y")])])
    assert len(text) < 10_000


def notebook(*outputs, source="1", name="count"):
    return nbformat.from_dict({"cells": [code(name, source, *outputs), {"cell_type": "markdown", "source": "x"}]})


def test_two_notebooks_are_compared():
    stored, new = notebook(stream("loss 0.501")), notebook(stream("loss 0.502"))
    (found,) = report.compare_notebooks("a.ipynb", stored, new)
    assert (found.notebook, found.cell, found.problems) == (
        "a.ipynb",
        "count",
        ["The output differs from the stored one: stdout"],
    )
    assert report.compare_notebooks("a.ipynb", stored, stored) == []
    assert report.compare_notebooks("a.ipynb", stored, new, Tolerance(numbers=0.01)) == []


def test_two_notebooks_of_other_code_are_refused():
    with pytest.raises(ValueError, match=r"a\.ipynb: the code of the two notebooks is not the same"):
        report.compare_notebooks("a.ipynb", notebook(), notebook(source="2"))


def test_a_run_writes_what_failed(tmp_path, draw):
    store(
        tmp_path / "a.ipynb",
        code("setup", DRAW),
        code("same", "print('b')", stream("b\n")),
        code("text", "print('two words')", stream("too words\n")),
        code("picture", "draw('2')", draw("1")),
        code("raises", "print('before')\nraise ValueError('unmeant')", stream("before\n")),
        code("never-run", "print('b')", count=None),
        code("dies", "import os\nos.kill(os.getpid(), 9)"),
    )
    done = run(tmp_path, "--nbval-strict-report=out/report.html", "--nbval-equal=yes", ".")
    page = Page((tmp_path / "out" / "report.html").read_text(encoding="utf-8"))
    assert "Report: out/report.html (5 cells in 1 notebook)\n" in done.text
    assert len(page.named("article")) == 5
    assert (page.texts["del"][0], page.texts["ins"][0]) == ("too", "two")
    assert page.texts["figcaption"] == ["Stored", "New", "Difference"]
    problems = "\n".join(page.texts["p"])
    for words in ("ValueError: unmeant", "never run", "The kernel died", "Picture 1 differs"):
        assert words in problems
    assert "\x1b" not in problems
    assert ".nbval-failures" not in problems


def test_a_run_without_failures_writes_an_empty_page(tmp_path):
    store(tmp_path / "a.ipynb", code("same", "print('b')", stream("b\n")))
    run(tmp_path, "--nbval-strict-report=report.html")
    assert "No cell to show" in (tmp_path / "report.html").read_text(encoding="utf-8")
