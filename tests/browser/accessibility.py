"""What a machine can tell of accessibility, for the tests and for `make site-check`."""

from collections.abc import Iterator

from axe_playwright_python.sync_playwright import Axe
from playwright.sync_api import Page

WIDTHS = (320, 390, 1280)
THEMES = ("light", "dark")
MENU = 992  # pixels: narrower, a menu opens over the page
CONTENTS = 1200  # narrower, the contents of a page do
QUERIES = {"en": "stride", "zh": "步幅", "ja": "ストライド"}


def violations(page: Page, within: str | None = None) -> list[tuple[str, int, str]]:
    """Return what axe finds on a page, or within the element of a selector: rule, how often, the first element."""
    found = Axe().run(page, context=within).response["violations"]
    return [(rule["id"], len(rule["nodes"]), rule["nodes"][0]["html"]) for rule in found]


def open_explorers(page: Page) -> int:
    """Open all explorers of a page, as a reader does who scrolls, and touches what waits for it; return how many."""
    places = page.locator("[data-explorer]")
    for place in places.all():
        place.scroll_into_view_if_needed()
        if place.get_attribute("data-wait") is not None:
            place.locator(".draw-button").click()
        place.locator(".cnn").first.wait_for()
    return places.count()


def opened(page: Page, query: str) -> Iterator[tuple[str, str]]:
    """Open what a reader can open, one after the other; yield what each is called, and the selector that finds it."""
    width = page.viewport_size["width"]
    page.keyboard.press("Escape")
    page.keyboard.press("/")
    page.locator("dialog[open] input").fill(query)
    page.locator("dialog[open] .search-list a").first.wait_for()
    yield "search", "#pst-search-dialog"
    page.keyboard.press("Escape")
    if width < MENU:
        page.click(".primary-toggle")
        yield "menu", "#pst-primary-sidebar-modal"
        page.keyboard.press("Escape")
    if width < CONTENTS and page.locator(".secondary-toggle:visible").count():
        page.click(".secondary-toggle")
        yield "contents", "#pst-secondary-sidebar-modal"
        page.keyboard.press("Escape")
    if page.locator(".enlarge").count():
        page.locator(".enlarge").first.focus()
        page.keyboard.press("Enter")
        page.locator("dialog.zoom[open]").wait_for()
        yield "figure", "dialog.zoom"
        page.keyboard.press("Escape")
    if page.locator(".bd-article details").count():
        page.evaluate("document.querySelectorAll('.bd-article details').forEach((each) => { each.open = true; })")
        yield "solutions", ".bd-article details"
    if open_explorers(page):
        yield "explorers", "[data-explorer]"
