"""What a machine can tell of accessibility: axe finds nothing, nothing is cut off, and the focus is seen."""

import pytest

from tests.browser.accessibility import MENU, QUERIES, THEMES, WIDTHS, open_explorers, violations
from tests.browser.first_view import SITE

# One page of each kind, the languages among them.
KINDS = ["index.html", "en/index.html", "zh/02_convolution.html", "en/07_keras_channels.html", "ja/glossary.html"]
SEARCH = f"zh/search.html?q={QUERIES['zh']}"
OVERFLOW = "document.documentElement.scrollWidth - document.documentElement.clientWidth"
NAMES = sorted(path.name for path in (SITE / "en").glob("*.html"))


@pytest.mark.parametrize("theme", THEMES)
@pytest.mark.parametrize("width", WIDTHS)
@pytest.mark.parametrize("name", [*KINDS, SEARCH])
def test_axe_finds_nothing(server, visit, name, width, theme):
    with visit(f"{server}/{name}", width, color_scheme=theme) as (page, _):
        if name == SEARCH:
            page.locator("#search-results a").first.wait_for()
        assert violations(page) == []


@pytest.mark.parametrize("theme", THEMES)
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
        open_explorers(page)
        assert violations(page) == []
        if width < MENU:
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
