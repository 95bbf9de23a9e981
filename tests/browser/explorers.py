"""What tests and benchmarks do with every explorer: weigh its scripts, measure its controls, draw a stroke."""

import re
from collections.abc import Iterable

from playwright.sync_api import Page

from tests.browser.first_view import SITE

BUDGET = 25_000  # bytes of the scripts of an explorer, before compression, without comments and indentation
COMMENT_OR_SPACE = re.compile(r"^\s*(//.*)?|\s+// .*$", re.MULTILINE)


def script_sizes(names: Iterable[str]) -> dict[str, int]:
    """Return the bytes of each script, without comments and indentation."""
    scripts = {name: (SITE / "explorers" / name).read_text("utf-8") for name in names}
    return {name: len(COMMENT_OR_SPACE.sub("", script).encode()) for name, script in scripts.items()}


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
