"""A browser told to store nothing (as by strict settings for cookies): all works, for as long as a page is open."""

import json

import pytest

from tests.browser.first_view import QUIET
from tools.browser import find

BLOCKED = {"profile": {"default_content_setting_values": {"cookies": 2}}}


@pytest.fixture
def page(tmp_path, browser):
    """A page whose reader blocks storage, with its errors in `page.problems`."""
    (tmp_path / "Default").mkdir()
    (tmp_path / "Default/Preferences").write_text(json.dumps(BLOCKED), encoding="utf-8")
    context = browser.browser_type.launch_persistent_context(
        tmp_path, executable_path=find(), args=QUIET, viewport={"width": 1280, "height": 844}
    )
    opened = context.new_page()
    opened.problems = []
    opened.on("pageerror", lambda error: opened.problems.append(str(error)))
    yield opened
    context.close()


def test_search_theme_and_explorers_work(server, page):
    page.goto(f"{server}/en/02_convolution.html")
    assert page.evaluate("localStorage instanceof Storage") is False  # the browser refuses its own

    page.keyboard.press("Control+k")
    page.keyboard.type("stride")
    assert page.locator("#pst-search-dialog .search-list a").first.inner_text() == "stride"
    page.keyboard.press("Escape")

    before = page.evaluate("document.documentElement.dataset.mode")
    page.click(".theme-switch-button")
    assert page.evaluate("document.documentElement.dataset.mode") != before

    page.locator("[data-explorer]").first.scroll_into_view_if_needed()
    page.locator("[data-explorer].cnn-open").first.wait_for()

    page.click(".language-switcher [data-language=ja]")
    page.wait_for_url(f"{server}/ja/02_convolution.html*")
    page.goto(f"{server}/index.html")
    page.click("[data-language=zh]")
    page.wait_for_url(f"{server}/zh/index.html")
    assert page.problems == []


def test_a_result_of_a_search_is_followed(server, page):
    page.goto(f"{server}/zh/search.html?q=max_pool")
    page.locator("#search-results a").first.click()
    page.wait_for_url(f"{server}/zh/03_pooling.html#pooling-by-hand")
    assert page.problems == []
