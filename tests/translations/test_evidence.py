"""Numbers in the prose stand on an output: the rule is shown texts that break it, and good ones that look as if."""

import json

import nbformat
import pytest

from book import evidence
from tests.translations.trilingual import make_course

OUTPUT = {
    "output_type": "stream",
    "name": "stdout",
    "text": "accuracy 98.96% of 10,000\nshare 0.2713, 36,463.7 times\nsize 1e-05\n",
}


@pytest.fixture
def course(tmp_path):
    sample = make_course(tmp_path)
    sample.edit("en", "add", lambda cell: cell.update(outputs=[nbformat.from_dict(OUTPUT)], source="rate = 0.0003"))
    return sample


def write(course, text, cell="closing", **metadata):
    course.edit("en", cell, lambda found: found.update(source=text) or found.metadata.update(metadata))


def problems(course):
    start = "chapters/en/01_sample.ipynb: cell "
    found = evidence.check(course.root)
    assert all(line.startswith(start) for line in found), found
    return [line.removeprefix(start) for line in found]


@pytest.mark.parametrize(
    "text",
    [
        "It reads 98.96% of 10,000 digits.",
        "About 99.0%, or 0.99, or 99 percent.",
        "The share is 0.27, which is 27.1 percent; 36,464 times, some 36,000 times.",
        "A rate of 0.0003, in steps of 0.00001.",
        "In 1998, 28×28 pixels, 32 of 256, chapter 4, of `0.123` and $0.456$.",
        "| 98.96 |\n|---|\n| 0.2713 |",
    ],
)
def test_numbers_that_are_printed_counted_or_set(course, text):
    write(course, text)
    assert problems(course) == []


@pytest.mark.parametrize(
    ("text", "named"),
    [
        ("It reads 98.98% of them.", "98.98%"),
        ("It reads 98% of them.", "98%"),
        ("It gains 0.36 points.", "0.36"),
        ("The share is 0.28.", "0.28"),
        ("The share is 0.271 percent, 2.7 percent.", "2.7 percent"),
        ("All 70,000 digits.", "70,000"),
        ("Some 37,000 times.", "37,000"),
        ("| 1.25 |\n|---|\n| a |", "1.25"),
    ],
)
def test_numbers_that_no_output_holds(course, text, named):
    write(course, text)
    assert any(line.startswith(f"closing: {named!r} in ") for line in problems(course))


@pytest.mark.parametrize(("group", "name"), [("image", "alt"), ("figure", "caption")])
def test_the_words_of_a_figure_are_read(course, group, name):
    course.edit("en", "draw", lambda cell: cell.metadata.mystnb[group].update({name: "It falls to 0.91."}))
    (line,) = problems(course)
    assert line.startswith("draw: '0.91'")


def add_page(course, text):
    """Write another notebook, with no outputs of its own."""
    page = course.load("en")
    page.cells = [cell for cell in page.cells if cell.cell_type == "markdown"]
    page.cells[0].source = text
    course.path("en", "02_other.ipynb").write_text(nbformat.v4.writes(page) + "\n", encoding="utf-8")
    with (course.root / "_toc.yml").open("a", encoding="utf-8") as contents:
        contents.write("  - file: 02_other\n")


@pytest.mark.parametrize("link", ["[chapter 1](#sample)", "[chapter 1](01_sample)"])
def test_a_linked_page_stands_behind_a_number(course, link):
    add_page(course, f"(other)=\n# Other\n\nIn {link} the accuracy was 98.96%.")
    assert evidence.check(course.root) == []


def test_a_page_that_is_not_linked_does_not(course):
    add_page(course, "(other)=\n# Other\n\nThe accuracy was 98.96%.")
    assert [line.partition(" in ")[0] for line in evidence.check(course.root)] == [
        "chapters/en/02_other.ipynb: cell title: '98.96%'"
    ]


def test_sizes_are_the_same_in_all_pages_but_not_their_rounded_values(course):
    add_page(course, "(other)=\n# Other\n\nOf 10,000 digits, 36,000 are none.")
    (line,) = evidence.check(course.root)
    assert "'36,000'" in line


def test_a_number_from_elsewhere_names_its_source(course):
    write(course, "A set of 70,000 digits.", given={"70,000": "the size of MNIST, by its description"})
    assert problems(course) == []
    write(course, "A set of digits.")
    assert problems(course) == ['closing: "given" names 70,000, which is not in the text; take it out']


def test_literature_has_its_own_numbers(course):
    write(course, "- A. Author, *A book of 12.75 pages*, section 6.25.")
    course.edit("en", "closing", lambda cell: cell.update(id="references"))
    assert problems(course) == []


def test_a_markdown_page_is_read_and_may_name_sources(course):
    course.replace("en", "Learn by doing.", "Learn in 12.5 hours.")
    assert evidence.check(course.root)[0].startswith("chapters/en/index.md: cell welcome: '12.5'")
    mark = json.dumps({"id": "welcome"})
    course.replace("en", mark, json.dumps({"id": "welcome", "given": {"12.5": "an estimate"}}))
    assert evidence.check(course.root) == []


def test_the_chapters_stand_on_their_outputs():
    assert evidence.check() == []


def test_command_line(course, capsys):
    assert evidence.main(course.root) == 0
    write(course, "It gains 0.36 points.")
    assert evidence.main(course.root) == 1
    assert "'0.36'" in capsys.readouterr().out
