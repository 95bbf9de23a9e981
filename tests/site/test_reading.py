"""What the build adds for readers: numbers, times, cards, lazy figures, marks on code and charts."""

import re
from pathlib import Path

import pytest
from nbformat.v4 import new_code_cell, new_markdown_cell, new_notebook, new_output
from PIL import Image, ImageChops

from book.correspondence import differing_marks
from book.languages import load_languages
from book.pages import pages, read
from book.reading_files import chapters, edition, minutes, number_of, reading_words, terms_script
from book.rules import rule_guesses
from tests.site import checks
from tools import card_pictures

ROOT = Path(__file__).parents[2]
LANGUAGES = load_languages(ROOT)
ENGLISH, CHINESE = LANGUAGES[:2]
WORDS = {language.code: reading_words(ROOT, language) for language in LANGUAGES}


@pytest.mark.parametrize(
    ("name", "number"),
    [("01_image_properties", "1"), ("04a_learning", "4a"), ("10_more", "10"), ("index", None), ("glossary", None)],
)
def test_a_chapter_has_the_number_of_its_file(name, number):
    assert number_of(name) == number


def test_the_time_to_read_grows_with_words_code_and_figures_but_not_with_solutions():
    words = [new_markdown_cell("word " * 1000)]
    code = [new_code_cell("x = 1\n" * 250)]
    figure = new_output("display_data", {"image/png": "", "text/plain": ""})
    figures = [new_code_cell("", outputs=[figure]) for _ in range(40)]
    solution = [new_code_cell("x = 1\n" * 250, metadata={"tags": ["solution"]})]
    times = [minutes(new_notebook(cells=cells), ENGLISH) for cells in (words, words + code, words + code + figures)]
    assert times == [5, 15, 25]
    assert minutes(new_notebook(cells=words + solution), ENGLISH) == 5


def test_chinese_is_timed_by_its_characters():
    assert minutes(new_notebook(cells=[new_markdown_cell("图" * 3500)]), CHINESE) == 10


def test_chapters_are_those_with_a_number_in_the_order_of_the_contents():
    page = new_notebook(cells=[new_markdown_cell("(label)=\n# A title\n")])
    found = chapters({"index": page, "04a_learning": page, "04_lenet5": page}, ENGLISH)
    assert [(each["number"], each["title"]) for each in found] == [("4a", "A title"), ("4", "A title")]


def test_the_date_of_an_edition_can_be_given(monkeypatch, tmp_path):
    monkeypatch.setenv("SOURCE_DATE_EPOCH", "1767225600")
    assert edition(tmp_path, {}) == {"version": "", "date": "2026-01-01", "address": ""}
    assert edition(ROOT, {"repository": {"url": "https://example.org"}})["address"] == "https://example.org"


def test_a_term_without_a_translation_is_previewed_in_english():
    rows = [{"id": "stride", "en": {"term": "stride", "definition": "How far."}}]
    assert '"stride": [\n"stride",\n"How far."\n]' in terms_script(rows, CHINESE)


def test_every_word_of_the_site_is_there_in_every_language():
    names = [set(words) for words in WORDS.values()]
    assert names[0] and all(each == names[0] for each in names)


@pytest.mark.parametrize("name", card_pictures.names())
def test_the_picture_of_a_card_is_the_chapters_own_figure(name):
    path = card_pictures.CARDS / f"{name}.png"
    remedy = "run `.venv/bin/python -m tools.card_pictures`"
    assert path.is_file(), remedy
    wanted = card_pictures.card(card_pictures.figure(name)).convert("RGB")
    assert ImageChops.difference(Image.open(path).convert("RGB"), wanted).getbbox() is None, remedy


@pytest.mark.parametrize("code", WORDS)
def test_the_first_page_has_a_card_for_each_chapter_a_start_and_something_to_touch(site, code):
    page = checks.parse(site / code / "index.html")
    cards = page.select(".chapter-cards > li")
    names = card_pictures.names()
    assert [card["data-chapter"] for card in cards] == names
    assert [card.select_one(".chapter-number").text for card in cards] == [number_of(name) for name in names]
    assert all(card.select_one("img") and re.search(r"\d+", card.select_one(".chapter-minutes").text) for card in cards)
    assert all(card.select_one(".chapter-question").text.strip()[:1] not in (":", "：", "") for card in cards)
    assert page.select_one(".start-button")["href"] == f"{names[0]}.html"
    assert page.select_one("[data-explorer][data-wait] .draw-button").text == WORDS[code]["draw"]


def test_chapters_have_their_number_in_title_sidebar_place_and_links_to_neighbors(site):
    names = card_pictures.names()
    for position, name in enumerate(names, start=1):
        page = checks.parse(site / "en" / f"{name}.html")
        number = number_of(name)
        assert page.title.text.startswith(f"{number}. ")
        assert f"Chapter {number} ({position} of {len(names)})" in page.select_one("h1").find_previous("p").text
        assert page.select_one(".bd-sidenav .current .chapter-number").text == number
    first, second = names[:2]
    title = checks.parse(site / "en" / f"{first}.html").select_one(".right-next .prev-next-title").text
    assert title.startswith(f"{number_of(second)}. ")


def test_the_footer_says_version_date_and_licenses(site):
    footer = checks.parse(site / "en/index.html").select_one(".course-edition").text
    assert re.search(r"Version \d+\.\d+\.\d+, \d{4}-\d\d-\d\d", footer)
    assert "CC BY 4.0" in footer and "MIT" in footer


def test_all_figures_but_the_first_wait_until_the_reader_comes_near(site):
    images = checks.parse(site / "en/02_convolution.html").select("article img")
    assert [image.get("loading") for image in images] == [None] + ["lazy"] * (len(images) - 1)


def test_plots_are_marked_and_exercises_cannot_be_folded(site):
    page = checks.parse(site / "en/01_image_properties.html")
    charts = [image.find_parent(class_="cell").text for image in page.select(".cell_output img.chart")]
    assert any("plots.curves" in cell for cell in charts)
    assert not any("plots.images" in cell for cell in charts)
    cells = page.select(".cell.foldable")
    assert all(cell.select_one(":scope > .code-here") for cell in cells)
    assert not any("check(" in cell.select_one(".cell_input").text for cell in cells)
    assert all(cell.select_one("img") for cell in page.select(".cell.plotting"))


def page_with(*sources):
    return new_notebook(cells=[new_markdown_cell(source) for source in sources])


GUESS, RESULT = '<div data-guess="a"></div>', '<div data-guess-result="a"></div>'


@pytest.mark.parametrize(
    ("sources", "message"),
    [
        ([GUESS, GUESS], 'data-guess="a" stands here a second time'),
        ([RESULT], 'has no data-guess="a" above'),
        ([RESULT, GUESS], 'has no data-guess="a" above'),
    ],
)
def test_a_place_for_a_guess_that_cannot_work_is_named(sources, message):
    assert message in next(rule_guesses(page_with(*sources))).message


def test_a_guess_and_its_result_are_accepted_and_so_is_a_guess_alone():
    assert not list(rule_guesses(page_with(GUESS, RESULT)))
    assert not list(rule_guesses(page_with("words", GUESS)))


def test_a_translation_without_the_place_for_a_guess_is_named():
    assert "no place for a guess" in next(differing_marks("字", f"words\n\n{GUESS}"))


@pytest.mark.parametrize("name", card_pictures.names())
def test_every_chapter_asks_for_two_guesses_and_an_output_follows_each(name):
    cells = read(pages(ROOT, "en")[name]).cells
    asked = [place for place, cell in enumerate(cells) if 'data-guess="' in cell.source]
    assert len(asked) >= 2
    for place in asked:
        assert any(cell.get("outputs") for cell in cells[place + 1 : place + 4]), cells[place].id
