"""The search answers with sections: by hand, and by the queries of searches.yml."""

from pathlib import Path

import pytest
import yaml

from tests.browser.first_view import SITE
from tests.site.checks import LANGUAGES

SEARCHES = yaml.safe_load((Path(__file__).parent / "searches.yml").read_text(encoding="utf-8"))
ENOUGH = 36  # of the 40 queries of a language
TERM = {"en": "padding", "zh": "填充", "ja": "パディング"}
# Of each query, the first section that is found.
FIRST = "(queries) => queries.map((query) => courseSearch.find(query).results[0]?.anchor ?? null)"
# The sections that are found for a word, but have it neither in their text nor as a name or title.
WITHOUT = """(word) => courseSearch.find(word).results
  .filter((each) => ![each.text, each.title, ...each.names, each.pageTitle].join(' ').includes(word))
  .map((each) => each.anchor)"""
READY = "typeof courseSearch !== 'undefined' && courseSearch.find && courseSearch.pages"


@pytest.fixture(params=["server", "folder"])
def address(request):
    """Where the site is: on a server, and in a folder."""
    return request.getfixturevalue("server") if request.param == "server" else SITE.as_uri()


@pytest.mark.parametrize("code", LANGUAGES)
def test_the_right_section_is_first(visit, address, code):
    with visit(f"{address}/{code}/search.html") as (page, problems):
        page.wait_for_function(READY)
        queries = SEARCHES[code]
        assert len(queries) == 40
        firsts = dict(zip(queries, page.evaluate(FIRST, list(queries)), strict=True))
        wrong = {query: first for query, first in firsts.items() if first not in queries[query]}
        assert len(queries) - len(wrong) >= ENOUGH, wrong
        assert page.evaluate(FIRST, ["qqqq", "zxcvbn", "ぬぬぬぬ", "龘龘龘"]) == [None] * 4
        assert not problems


@pytest.mark.parametrize(
    ("code", "words"), [("zh", ["互相关", "步幅", "卷积核"]), ("ja", ["ストライド", "フィルタ", "マス", "プーリング"])]
)
def test_nothing_is_found_that_does_not_have_the_word(server, visit, code, words):
    with visit(f"{server}/{code}/search.html") as (page, _):
        page.wait_for_function(READY)
        assert {word: page.evaluate(WITHOUT, word) for word in words} == {word: [] for word in words}


@pytest.mark.parametrize("code", LANGUAGES)
def test_every_term_of_the_glossary_is_the_first_answer_to_its_name(server, visit, code):
    with visit(f"{server}/{code}/search.html") as (page, _):
        page.wait_for_function(READY)
        terms = page.evaluate("courseSearch.pages.at(-1).sections.slice(1).map(({anchor, title}) => [title, anchor])")
        assert len(terms) > 100
        found = page.evaluate(FIRST, [title for title, _ in terms])
        assert [(term, first) for term, first in zip(terms, found, strict=True) if first != term[1]] == []


@pytest.mark.parametrize("code", LANGUAGES)
def test_results_come_while_typing_and_keys_lead_to_one(visit, address, code):
    with visit(f"{address}/{code}/index.html", 390) as (page, problems):
        page.keyboard.press("/")
        field = page.locator("#pst-search-dialog input")
        field.fill(TERM[code])
        first = page.locator("#pst-search-dialog .search-list a").first
        first.wait_for()
        assert page.locator("#pst-search-dialog mark").first.inner_text() == TERM[code]
        page.keyboard.press("ArrowDown")
        page.keyboard.press("ArrowDown")
        page.keyboard.press("ArrowUp")
        assert first.evaluate("link => link === document.activeElement")
        page.keyboard.press("Enter")
        page.wait_for_url(f"{address}/{code}/glossary.html#term-padding")
        page.locator("#term-padding .highlighted").first.wait_for()  # the match is marked where it leads
        assert not problems


def test_the_dialog_opens_and_closes_by_keys_and_button(server, visit):
    with visit(f"{server}/en/02_convolution.html", 390) as (page, problems):
        dialog = page.locator("#pst-search-dialog")
        for key in ("/", "Control+k"):
            page.keyboard.press(key)
            assert dialog.is_visible()
            page.keyboard.press("Escape")
            assert not dialog.is_visible()
        page.click(".bd-header-article .search-button")
        page.keyboard.type("a/b")  # in a field, / is a letter
        assert page.locator("#pst-search-dialog input").input_value() == "a/b"
        assert not problems


@pytest.mark.parametrize("code", LANGUAGES)
def test_an_address_holds_a_search_and_enter_goes_to_it(visit, address, code):
    with visit(f"{address}/{code}/index.html") as (page, problems):
        page.keyboard.press("Control+k")
        page.keyboard.type(TERM[code])
        page.keyboard.press("Enter")
        link = page.locator("#search-results a").first
        link.wait_for()
        assert page.url.startswith(f"{address}/{code}/search.html?q=")
        assert link.get_attribute("href").endswith("glossary.html#term-padding")
        assert page.locator("#search-results li p").first.inner_text()
        fetched = page.evaluate("performance.getEntriesByType('resource').map((entry) => entry.name)")
        assert not [url for url in fetched if url.endswith(".html")]  # no page is fetched for its words
        assert not problems


def test_a_misspelled_word_is_taken_for_its_neighbor_and_said_to_be(server, visit):
    with visit(f"{server}/en/search.html?q=convoltion") as (page, _):
        page.locator("#search-results a").first.wait_for()
        assert "“convoltion” is not in the course" in page.locator(".bd-search-container .search-status").inner_text()
        page.fill(".bd-search-container input", "qqqq")
        page.get_by_text("Nothing found.").wait_for()
        assert page.locator("#search-results a").count() == 0
        assert page.url.endswith("?q=qqqq")


def test_without_scripts_the_page_says_what_it_needs(server, visit):
    with visit(f"{server}/zh/search.html", java_script_enabled=False) as (page, _):
        assert "JavaScript" in page.locator(".bd-search-container noscript").inner_text()
