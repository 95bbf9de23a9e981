"""What a machine can tell of accessibility: axe finds nothing, nothing is cut off, and the focus is seen."""

import pytest
from axe_playwright_python.sync_playwright import Axe

from tests.browser.first_view import SITE

# One page of each kind, the languages among them.
KINDS = ["en/index.html", "zh/02_convolution.html", "en/07_keras_channels.html", "ja/glossary.html"]
SEARCH = "zh/search.html?q=步幅"
WIDTHS = (320, 390, 1280)
OVERFLOW = "document.documentElement.scrollWidth - document.documentElement.clientWidth"
NAMES = sorted(path.name for path in (SITE / "en").glob("*.html"))


def violations(page):
    """Return what axe finds on a page: rule, how often, and the first element."""
    found = Axe().run(page).response["violations"]
    return [(rule["id"], len(rule["nodes"]), rule["nodes"][0]["html"]) for rule in found]


@pytest.mark.parametrize("theme", ["light", "dark"])
@pytest.mark.parametrize("width", WIDTHS)
@pytest.mark.parametrize("name", [*KINDS, SEARCH])
def test_axe_finds_nothing(server, visit, name, width, theme):
    with visit(f"{server}/{name}", width, color_scheme=theme) as (page, _):
        if name == SEARCH:
            page.locator("#search-results a").first.wait_for()
        assert violations(page) == []


@pytest.mark.parametrize("theme", ["light", "dark"])
@pytest.mark.parametrize("width", WIDTHS)
def test_axe_finds_nothing_where_something_is_open(server, visit, width, theme):
    with visit(f"{server}/en/02_convolution.html?highlight=window", width, color_scheme=theme) as (page, _):
        page.locator("#searchbox a").wait_for()
        assert violations(page) == []  # with the marks of a search
        page.keyboard.press("/")
        page.keyboard.type("stride")
        page.locator("#pst-search-dialog .search-list a").first.wait_for()
        assert violations(page) == []
        page.keyboard.press("Escape")
        place = page.locator("[data-explorer]").first
        place.scroll_into_view_if_needed()
        page.locator(".cnn-open").first.wait_for()
        assert violations(page) == []
        if width < 992:
            page.click(".primary-toggle")
            assert violations(page) == []


@pytest.mark.parametrize("code", ["en", "zh", "ja"])
@pytest.mark.parametrize("name", NAMES)
def test_no_page_moves_sideways(server, visit, code, name):
    with visit(f"{server}/{code}/{name}", 320) as (page, _):
        assert page.evaluate(OVERFLOW) <= 0, "at 320 px"
        page.set_viewport_size({"width": 390, "height": 844})
        page.add_style_tag(content="html { font-size: 200% !important; }")  # as a browser's own setting for text does
        assert page.evaluate(OVERFLOW) <= 0, "with text of 200 % at 390 px"


def test_the_focus_is_seen_on_every_button_of_the_header(server, visit):
    with visit(f"{server}/en/02_convolution.html", 390) as (page, _):
        buttons = page.locator(".bd-header-article :is(a, button):visible")
        assert buttons.count() > 5
        page.keyboard.press("Tab")
        for button in buttons.all():
            button.focus()
            assert button.evaluate("element => getComputedStyle(element).outlineStyle") == "solid"
            assert button.evaluate("element => parseFloat(getComputedStyle(element).outlineWidth)") >= 2
