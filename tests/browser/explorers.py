"""What tests and benchmarks do with every explorer: weigh its scripts, measure its controls, draw a stroke."""

from contextlib import contextmanager

from playwright.sync_api import Page

from tests.browser.first_view import SITE

BUDGET = 25_000  # bytes of all scripts that an explorer needs before it can be used, as they are served, uncompressed
TOTAL_BUDGET = 40_000  # with all that comes later, when it is first used
FETCHED = """performance.getEntriesByType('resource').filter((entry) => entry.name.includes('/explorers/'))
  .map((entry) => [entry.name.replace(/.*[/]/, ''), entry.decodedBodySize])"""
# What a chapter has of an explorer, and nothing else: it is there at once.
BARE = """<!doctype html><html lang="en" data-theme="light"><title>{name}</title>
<div data-explorer="{name}" data-preset="{preset}"><img alt="figure" src="data:,"></div>
<script defer src="../explorers/loader.js" data-language="en"></script></html>"""


def script_sizes(page: Page) -> dict[str, int]:
    """Return the bytes of each script that a page has fetched for explorers; words, weights and pictures are none."""
    return {name: size for name, size in page.evaluate(FETCHED) if (SITE / "explorers/source" / name).is_file()}


@contextmanager
def withheld(page: Page):
    """Withhold all scripts of explorers, as a network that is gone does."""
    page.route("**/explorers/*.js", lambda route: route.abort())
    yield
    page.unroute("**/explorers/*.js")


def put_bare(page: Page, server: str, name: str, preset: str) -> str:
    """Put an explorer on a page of its own, and return the address; the page need not be that of a chapter."""
    content = BARE.format(name=name, preset=preset)
    page.route("**/en/bare.html", lambda route: route.fulfill(body=content, content_type="text/html; charset=utf-8"))
    return f"{server}/en/bare.html"


def lowest_control(page: Page, controls: str) -> int:
    """Return the height in pixels of the lowest control that is shown: a finger needs 44."""
    heights = page.locator(controls).evaluate_all("controls => controls.map((control) => control.offsetHeight)")
    return min(height for height in heights if height)


def draw(page: Page, *points: tuple[float, float], steps: int = 12) -> None:
    """Draw a stroke on the digit pad by mouse; points are shares of the pad's side."""
    pad = page.locator(".digit-pad")
    pad.scroll_into_view_if_needed()
    box = pad.bounding_box()
    places = [(box["x"] + x * box["width"], box["y"] + y * box["height"]) for x, y in points]
    page.mouse.move(*places[0])
    page.mouse.down()
    for place in places[1:]:
        page.mouse.move(*place, steps=steps)
    page.mouse.up()
