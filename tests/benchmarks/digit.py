"""The drawn digit of chapter 4 in headless Chromium: LeNet-5 in JavaScript, and what a reader loads for it.

A forward pass is the median of 500 on one test digit, after 50. A frame is the time that the scripts take for one
picture of the screen while a hand draws (all layers, all maps, what each unit adds): the median, and the time that 95
of 100 frames keep to. Sizes are those of what the site serves: what a reader needs to begin, then all that comes with
use; over the wire they are compressed by gzip.
"""

from collections.abc import Callable

from playwright.sync_api import Page

from tests.benchmarks.rows import Row
from tests.browser.explorers import BUDGET, draw, script_sizes
from tests.browser.first_view import browsing, compressed_size, serving

PAGE = "en/04_lenet5.html"
FRAME = 1000 / 60  # milliseconds
WEIGHTS = ("lenet5-trained.js", "lenet5-untrained.js")
FORWARD = """() => {
  const weights = cnn.unpack(cnn.data['lenet5-trained']);
  const picture = { data: Float32Array.from(cnn.bytes(cnn.data.digits).slice(0, 784), (byte) => byte / 255) };
  picture.shape = [28, 28, 1];
  const times = Array.from({ length: 550 }, () => {
    const start = performance.now();
    cnn.lenet5.forward(weights, picture);
    return performance.now() - start;
  });
  return times.slice(50).sort((one, other) => one - other)[250];
}"""
WATCH = """() => {
  const next = requestAnimationFrame;
  window.frames = [];
  window.requestAnimationFrame = (paint) => next((time) => {
    const start = performance.now();
    paint(time);
    window.frames.push(performance.now() - start);
  });
}"""


def measure(say: Callable[[str], None]) -> list[Row]:
    """Return the rows of speed, then those of sizes."""
    with serving() as server, browsing() as browser:
        page = browser.new_page(viewport={"width": 1280, "height": 900})
        page.goto(f"{server}/{PAGE}#try=digit")
        page.locator(".digit-bars li").first.wait_for()
        say("forward pass")
        at_first = sum(script_sizes(page).values())
        rows = [Row("LeNet-5 in the browser: one digit", page.evaluate(FORWARD), "ms", at_most=3)]
        say("drawing")
        page.locator(".cnn-panel", has=page.locator(".digit-figure")).last.scroll_into_view_if_needed()
        page.evaluate("cnn.load(['contributions.js', 'drawing.js', 'moves.js', 'copy.js', 'digit-python.js'])")
        frames = drawn_frames(page)
        for share, name in ((0.5, "half of the frames"), (0.95, "95 of 100 frames")):
            time = frames[int(share * len(frames))]
            rows.append(Row(f"drawing, scripts of a frame: {name}", time, "ms", at_most=FRAME))
        say("sizes")
        return rows + sizes(page, server, at_first)


def drawn_frames(page: Page) -> list[float]:
    """Draw two strokes and return the milliseconds that each frame took, sorted."""
    page.evaluate(WATCH)
    for stroke in (((0.3, 0.2), (0.7, 0.2), (0.4, 0.9)), ((0.3, 0.5), (0.7, 0.55))):
        draw(page, *stroke, steps=60)
    return sorted(page.evaluate("window.frames"))


def sizes(page: Page, server: str, at_first: int) -> list[Row]:
    """Return what the scripts and the weights of the explorer weigh."""
    scripts = script_sizes(page)
    wire = {name: compressed_size(server, f"{server}/explorers/{name}") for name in (*scripts, *WEIGHTS)}
    return [
        Row("drawn digit: scripts that it begins with", at_first / 1e3, "KB", at_most=BUDGET / 1e3),
        Row("drawn digit: scripts, all", sum(scripts.values()) / 1e3, "KB"),
        Row("drawn digit: scripts over the wire", sum(wire[name] for name in scripts) / 1e3, "KB"),
        Row("drawn digit: weights over the wire, trained", wire[WEIGHTS[0]] / 1e3, "KB"),
        Row("drawn digit: weights over the wire, both", sum(wire[name] for name in WEIGHTS) / 1e3, "KB", at_most=400),
    ]
