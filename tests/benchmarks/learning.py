"""The network of chapter 4 that learns in headless Chromium: how fast, and what a reader loads for it.

Digits a second: 300 batches of 32 in WebAssembly alone, after 100. Seconds to an accuracy: from the button to the page
that shows it, with all that it shows on the way; the digits are there already. Over the wire files are compressed by
gzip.
"""

from collections.abc import Callable

from playwright.sync_api import Page

from tests.benchmarks.rows import Row
from tests.browser.explorers import script_sizes
from tests.browser.first_view import browsing, compressed_size, serving

PAGE = "en/04_lenet5.html#try=learning"
PATIENCE = 300_000  # milliseconds
SPEED = """async (name) => {
  await cnn.load(['sha256.js', 'weights.js', 'learning-digits.js', `${name}.js`]);
  const { instance } = await WebAssembly.instantiate(cnn.bytes(cnn.data[name]));
  const { memory, pixels, labels, start, step } = instance.exports;
  const packed = new Blob([cnn.bytes(cnn.data['learning-digits'])]).stream();
  const unpacked = packed.pipeThrough(new DecompressionStream('deflate'));
  const digits = new Uint8Array(await new Response(unpacked).arrayBuffer());
  new Uint8Array(memory.buffer).set(digits.subarray(0, 9000 * 784), pixels.value);
  new Uint8Array(memory.buffer).set(digits.subarray(9000 * 784), labels.value);
  start(0, 1);
  for (let i = 0; i < 100; i++) step(2, 0.002, 32);
  const begin = performance.now();
  for (let i = 0; i < 300; i++) step(2, 0.002, 32);
  return (1000 * 300 * 32) / (performance.now() - begin);
}"""
WATCH = """(goals) => new Promise((resolve) => {
  const status = document.querySelector('.learning-status');
  const begin = performance.now();
  const times = [];
  new MutationObserver(() => {
    const [, share] = status.textContent.match(/([0-9.]+) %/) || [0, 0];
    while (times.length < goals.length && share >= goals[times.length]) times.push((performance.now() - begin) / 1000);
    if (times.length === goals.length) resolve(times);
  }).observe(status, { childList: true });
  document.querySelector('.learning button').click();
})"""
GOALS = {90: 2, 96: 15}  # percent, and the most seconds it may take


def measure(say: Callable[[str], None]) -> list[Row]:
    """Return the rows of speed, then those of sizes."""
    with serving() as server, browsing() as browser:
        page = browser.new_page(viewport={"width": 1280, "height": 900})
        page.set_default_timeout(PATIENCE)
        page.goto(f"{server}/{PAGE}")
        page.locator(".learning").wait_for()
        before = script_sizes(page)
        say("digits a second")
        kinds = {"learning-simd": ("", 8000), "learning-plain": (" without SIMD", None)}
        rows = [
            Row(f"LeNet-5 learns in the browser{note}", page.evaluate(SPEED, name), "digits/s", at_least=least)
            for name, (note, least) in kinds.items()
        ]
        say("seconds to an accuracy")
        return rows + seconds(page) + sizes(server, before)


def seconds(page: Page) -> list[Row]:
    """Return how long the page takes until it shows an accuracy."""
    page.get_by_role("button", name="One step").click()  # this loads the digits
    page.get_by_text("Step 1: ").wait_for()
    page.get_by_role("button", name="Begin anew").click()
    page.get_by_text("Step 0: ").wait_for()
    times = page.evaluate(WATCH, list(GOALS))
    return [
        Row(f"LeNet-5 learns on the page: {goal} % of 1,000 digits", time, "s", at_most=most)
        for (goal, most), time in zip(GOALS.items(), times, strict=True)
    ]


def sizes(server: str, scripts: dict[str, int]) -> list[Row]:
    """Return what is loaded before the first click, and with it."""
    wire = {
        name: compressed_size(server, f"{server}/explorers/learning-{name}.js") / 1e3 for name in ("digits", "simd")
    }
    return [
        Row("learning: scripts before the first click", sum(scripts.values()) / 1e3, "KB", at_most=25),
        Row("learning: digits over the wire", wire["digits"], "KB", at_most=2000),
        Row("learning: program over the wire", wire["simd"], "KB"),
    ]
