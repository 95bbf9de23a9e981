"""The reader's own photograph in headless Chromium: the same answers as Keras, how fast, and what a reader loads.

A forward pass is the median of 30 in WebAssembly, after 5, and a photograph the median from file to answer. The
occlusion map is timed from the button to the page that shows all of it. Over the wire files are compressed by gzip.
Where the variable CNN_COURSE_PHOTOS, or `make bench PHOTOS=folder`, names a folder with `validation`, each photograph
in it is read and judged by the page, as its file is, and by Keras, as `load_photos` reads it.
"""

import os
from collections.abc import Callable
from pathlib import Path

import numpy as np
from playwright.sync_api import Page

from cnn_course.datasets import load_photos
from cnn_course.evaluation import probabilities
from cnn_course.recipes import PHOTO_NET_SIZE
from cnn_course.shipped import DATA
from cnn_course.weights import load_photo_net
from tests.benchmarks.rows import Row
from tests.browser.explorers import BUDGET, TOTAL_BUDGET, judge_files, open_network, script_sizes
from tests.browser.first_view import browsing, compressed_size, serving

PAGE = "en/09_photographs.html#try=photograph"
PATIENCE = 120_000  # milliseconds
FORWARD = """async (kind) => {
  await cnn.load([`photograph-${kind}.js`]);
  const { instance } = await WebAssembly.instantiate(cnn.bytes(cnn.data[`photograph-${kind}`]));
  const { memory, halves, unpack, forward } = instance.exports;
  new Uint8Array(memory.buffer, halves.value).set(cnn.bytes(cnn.data['photograph-network']));
  unpack();
  const times = Array.from({ length: 35 }, () => {
    const start = performance.now();
    forward();
    return performance.now() - start;
  });
  return times.slice(5).sort((one, other) => one - other)[15];
}"""
COVER = """() => new Promise((resolve) => {
  const done = document.querySelector('.photograph progress');
  const start = performance.now();
  new MutationObserver(() => done.value === done.max && resolve((performance.now() - start) / 1000))
    .observe(done, { attributes: true });
  document.querySelector('.photograph-covers').click();
})"""


def measure(say: Callable[[str], None]) -> list[Row]:
    """Return the rows of answers, where there are photographs, then those of speed and of sizes."""
    with serving() as server, browsing() as browser:
        page = browser.new_page(viewport={"width": 1280, "height": 900})
        page.set_default_timeout(PATIENCE)
        page.goto(f"{server}/{PAGE}")
        page.locator(".photograph").wait_for()
        at_first = sum(script_sizes(page).values())
        say("speed")
        page.get_by_role("button", name="Chelsea").click()
        page.locator(".photograph-answer", has_text="%").wait_for()
        covering = page.evaluate(COVER)
        open_network(page)
        rows = [
            Row(f"photo network in the browser{note}: forward pass", page.evaluate(FORWARD, kind), "ms", at_most=most)
            for kind, note, most in (("simd", "", 300), ("plain", " without SIMD", None))
        ]
        found = judge_files(page, [DATA / "cat.png"] * 20)
        median = float(np.median([each["ms"] for each in found]))
        rows += [
            Row("photo network: from file to answer", median, "ms", at_most=300),
            Row("photo network: occlusion map on the page", covering, "s", at_most=15),
        ]
        return answers(page, say) + rows + sizes(page, server, at_first)


def answers(page: Page, say: Callable[[str], None]) -> list[Row]:
    """Compare the page with Keras on the validation photographs, if they are here."""
    folder = Path(os.environ.get("CNN_COURSE_PHOTOS", "no photographs")) / "validation"
    if not folder.is_dir():
        say("no photographs: name their folder with --photos, to compare the answers with those of Keras")
        return []
    say("answers")
    photos = load_photos(folder, PHOTO_NET_SIZE)
    keras = probabilities(load_photo_net(), photos.images)
    page_says = judge_files(page, photos.paths)
    shares = np.array([each["shares"] for each in page_says])
    pixels = np.array([each["pixels"] for each in page_says], np.int64)
    far = np.abs(shares - keras).max(axis=1)
    strayed = np.abs(pixels - photos.images).max(axis=(1, 2, 3))
    count = len(photos)
    agreeing = int((shares.argmax(axis=1) == keras.argmax(axis=1)).sum())
    right = [float((found.argmax(axis=1) == photos.labels).mean() * 100) for found in (shares, keras)]
    return [
        Row(f"photo network: answers as Keras, of {count:,}", agreeing, "", at_least=0.995 * count),
        Row("photo network: largest difference of a probability", float(far.max()), "", at_most=0.02),
        Row(f"photo network: probabilities that differ by more than 0.02, of {count:,}", int((far > 0.02).sum()), ""),
        Row("photo network: accuracy lost to Keras", right[1] - right[0], "points", at_most=0.3),
        Row("photo network: photographs whose 96×96 pixels are Pillow's", int((strayed == 0).sum()), ""),
        Row("photo network: largest difference of a pixel, of 255", int(strayed.max()), ""),
    ]


def sizes(page: Page, server: str, at_first: int) -> list[Row]:
    """Return what is loaded before the first click, and with it."""
    wire = {
        name: compressed_size(server, f"{server}/explorers/photograph-{name}.js") / 1e3
        for name in ("network", "samples", "simd")
    }
    return [
        Row("photograph: scripts before the first click", at_first / 1e3, "KB", at_most=BUDGET / 1e3),
        Row("photograph: scripts, all", sum(script_sizes(page).values()) / 1e3, "KB", at_most=TOTAL_BUDGET / 1e3),
        Row("photograph: network over the wire", wire["network"], "KB", at_most=2000),
        Row("photograph: pictures to begin with, over the wire", wire["samples"], "KB"),
        Row("photograph: program over the wire", wire["simd"], "KB"),
    ]
