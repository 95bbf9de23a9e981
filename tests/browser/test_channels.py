"""The explorer of channels: in a real browser it gives the numbers of Keras, and every way to them works."""

import base64
import contextlib
import io
import re

from cnn_course.runtime import make_reproducible

make_reproducible()

import keras  # noqa: E402
import numpy as np  # noqa: E402
import pytest  # noqa: E402

from book.networks import network_scripts  # noqa: E402
from cnn_course.activations import feature_maps  # noqa: E402
from cnn_course.datasets import load_smiley  # noqa: E402
from cnn_course.weights import load_smiley_channels  # noqa: E402
from tests.browser.explorers import (  # noqa: E402
    BUDGET,
    TOTAL_BUDGET,
    lowest_control,
    put_bare,
    script_sizes,
    withheld,
)
from tests.browser.first_view import SITE  # noqa: E402
from tests.browser.test_browser import LANGUAGES, OVERFLOW, ROOT  # noqa: E402
from tests.browser.test_explorers import TEXTS  # noqa: E402

SCRIPTS = ROOT / "book/explorers"
PAGE = "07_keras_channels.html"
TOLERANCE = 1e-5
STEPS = ("conv1", "partial", "sum", "biased", "output")
# Returns every step of both layers for a picture of black and white pixels, as base64.
STEPS_OF = """(pixels) => {
  const sent = ({ data }) => btoa(String.fromCharCode(...new Uint8Array(data.buffer)));
  const picture = { data: Float32Array.from(pixels), shape: [25, 25, 1] };
  const { conv1, conv2 } = cnn.channels.forward(cnn.unpack(cnn.data['smiley-channels']), picture);
  const all = [conv1.output, ...conv2.partial, conv2.sum, conv2.biased, conv2.output];
  return all.map(sent);
}"""
FITTING = """() => [...document.querySelectorAll(".channels td span")].every(
  (line) => line.scrollWidth <= line.parentElement.clientWidth
)"""
SHOW = """async (address) => {
  const changed = new Promise((resolve) => addEventListener('hashchange', resolve, { once: true }));
  if (location.hash !== address) {
    location.hash = address;
    await changed;
  }
  for (let tries = 0; !document.querySelector('.channels'); tries++) {
    if (tries > 200) throw new Error('the explorer does not open');
    await new Promise((resolve) => setTimeout(resolve, 50));
  }
  const frame = () => new Promise((resolve) => requestAnimationFrame(resolve));
  await frame();
  await frame();
  const place = document.querySelector('.channels');
  const texts = (selector) => [...place.querySelectorAll(selector)]
    .filter((each) => each.offsetParent).map((each) => each.innerText);
  const lines = place.querySelector('details');
  lines.open = true;
  for (let tries = 0; !lines.querySelector('code').textContent && tries < 200; tries++) {
    await new Promise((resolve) => setTimeout(resolve, 50));
  }
  const cells = [...place.querySelectorAll('.channels-cards td')].filter((cell) => cell.offsetParent);
  return {
    sentence: place.querySelector('p').innerText,
    products: cells.map((cell) => [...cell.children].map((line) => line.textContent)),
    captions: texts('figcaption'),
    python: lines.querySelector('code').textContent,
  };
}"""


def packed(picture):
    """Return the pixels of a picture as the address holds them."""
    return np.packbits(picture.astype(bool)).tobytes().hex()


def numbers(text):
    return [float(number) for number in re.findall(r"-?\d+(?:\.\d+)?", text.replace("−", "-"))]


def in_keras(pictures):
    """Return every step of both layers as Keras computes it; the partial maps by its depthwise convolution."""
    model = load_smiley_channels()
    conv2 = model.get_layer("conv2")
    first = feature_maps(model, pictures, ["conv1"])["conv1"]
    depthwise = keras.layers.DepthwiseConv2D(3, depth_multiplier=6, padding="same", use_bias=False)
    without_bias = keras.layers.Conv2D(6, 3, padding="same", use_bias=False)
    with_bias = keras.layers.Conv2D(6, 3, padding="same")
    for layer, weights in ((depthwise, [conv2.kernel]), (without_bias, [conv2.kernel]), (with_bias, conv2.weights)):
        layer.build(first.shape)
        layer.set_weights(weights)
    partial = np.asarray(depthwise(first)).reshape(-1, 25, 25, 4, 6)
    results = (first, partial, without_bias(first), with_bias(first), model(pictures))
    return {step: np.asarray(values) for step, values in zip(STEPS, results, strict=True)}


@pytest.fixture(scope="module")
def expected(pictures):
    """Every step for each picture, as Keras computes it."""
    steps = in_keras(pictures)
    return [{step: values[number] for step, values in steps.items()} for number in range(len(pictures))]


@pytest.fixture(scope="module")
def pictures():
    """The smiley, and pictures of black and white pixels drawn by chance."""
    random = np.random.default_rng(0)
    drawn = random.random((20, 25, 25, 1)) < random.uniform(0.02, 0.98, (20, 1, 1, 1))
    return np.concatenate([load_smiley()[np.newaxis], drawn.astype(np.float32)])


# Numbers ------------------------------------------------------------------------------------------------------------


def test_every_step_of_both_layers_is_that_of_keras(browser, pictures, expected):
    page = browser.new_page()
    page.add_script_tag(content="var cnn = { explorers: {} };")
    for name in ("sha256.js", "weights.js", "channels.js"):
        page.add_script_tag(path=SCRIPTS / name)
    for content in network_scripts(ROOT, "channels").values():
        page.add_script_tag(content=content.decode())
    shipped = page.evaluate("[...cnn.bytes(cnn.data.smiley)]")
    assert np.array_equal(np.reshape(shipped, (25, 25, 1)), load_smiley())
    for picture, steps in zip(pictures, expected, strict=True):
        sent = page.evaluate(STEPS_OF, picture.ravel().tolist())
        first, *partial, total, biased, output = (np.frombuffer(base64.b64decode(text), "<f4") for text in sent)
        partial = np.stack([each.reshape(25, 25, 6) for each in partial], axis=2)
        for step, values in zip(STEPS, (first, partial, total, biased, output), strict=True):
            found = values.reshape(steps[step].shape)
            np.testing.assert_allclose(found, steps[step], rtol=0, atol=TOLERANCE, err_msg=step)
            assert found.std() > 0
    page.close()


def test_the_page_shows_the_numbers_of_keras_and_its_lines_of_python_print_them(server, visit, pictures, expected):
    random = np.random.default_rng(1)
    with visit(f"{server}/en/{PAGE}#try=channels") as (page, problems):
        for picture, steps in zip(pictures[:8], expected[:8], strict=True):
            layer, kept = str(random.choice(["conv1", "conv2", "conv2"])), str(random.choice(["added", "kept"]))
            row, column = (int(each) for each in random.integers(0, 25, 2))
            filter_, channel = int(random.integers(0, 4)), int(random.integers(0, 4)) * (layer == "conv2")
            address = f"#try=channels&layer={layer}&filter={filter_}&channel={channel}&row={row}&column={column}"
            shown = page.evaluate(SHOW, f"{address}&partial={kept}&picture={packed(picture)}")
            printed = io.StringIO()
            with contextlib.redirect_stdout(printed):
                exec(compile(shown["python"], "copied", "exec"), {})
            if layer == "conv1":
                number = steps["conv1"][row, column, filter_]
                assert numbers(shown["sentence"])[-1] == pytest.approx(number, abs=6e-4)
                assert numbers(printed.getvalue())[-1] == pytest.approx(number, abs=1e-5)
                assert len(shown["products"]) == 25
            elif kept == "kept":
                partial = steps["partial"][row, column]
                assert numbers(shown["sentence"].splitlines()[0])[-1] == pytest.approx(
                    partial[channel, filter_], abs=6e-4
                )
                assert len(shown["products"]) == 9
                assert numbers(printed.getvalue()) == pytest.approx(partial.ravel(), abs=1e-5)
            else:
                partial = steps["partial"][row, column, :, filter_]
                results = [steps[step][row, column, filter_] for step in STEPS[2:]]
                _, *lines = shown["sentence"].splitlines()
                assert numbers(lines[0].partition(":")[2]) == pytest.approx([*partial, results[0]], abs=6e-4)
                assert [numbers(line)[-1] for line in lines] == pytest.approx(results, abs=6e-4)
                assert len(shown["products"]) == 36
                assert numbers(printed.getvalue()) == pytest.approx([*partial, *results], abs=1e-5)
            assert_products(shown)
        assert not problems


def assert_products(shown):
    """Do the arithmetic of the tables: pixel times weight, and the sum of a channel's products, as the page says it."""
    size = len(shown["products"]) if len(shown["products"]) in (9, 25) else 9
    products = [[numbers(line)[0] for line in cell] for cell in shown["products"]]
    for pixel, weight, product in products:
        assert pixel * weight == pytest.approx(product, abs=2e-3)
    sums = [sum(product for _, _, product in products[at : at + size]) for at in range(0, len(products), size)]
    said = [numbers(caption)[-1] for caption in shown["captions"] if caption.startswith("sum of the products")]
    assert said == pytest.approx(sums, abs=0.02)


# Every reader -------------------------------------------------------------------------------------------------------


@pytest.fixture
def opened(server, visit):
    """Open the explorer in English."""
    with visit(f"{server}/en/{PAGE}#try=channels") as (page, problems):
        page.evaluate(SHOW, "#try=channels")
        yield page
        assert not problems


def sentence(page):
    page.evaluate("new Promise((done) => requestAnimationFrame(() => requestAnimationFrame(done)))")
    return page.locator(".channels > p").first.inner_text()


def test_a_keyboard_is_enough(opened):
    keys = opened.keyboard
    opened.locator(".channels select").focus()
    keys.press("Tab")
    keys.press("ArrowRight")
    keys.press("Tab")
    keys.press("ArrowLeft")
    assert sentence(opened).startswith("conv2, filter 2, row 10, column 11\n")
    keys.press("Tab")  # to the picture
    for key in ("ArrowUp", "ArrowUp", "ArrowRight"):
        keys.press(key)
    before = sentence(opened)
    assert before.startswith("conv2, filter 2, row 8, column 12\n")
    keys.press("Space")
    assert sentence(opened) != before
    opened.wait_for_function("document.querySelector('.channels [aria-live]').textContent.includes('row 8, column 12')")
    keys.press("Space")
    assert sentence(opened) == before
    keys.press("Tab")  # to the maps of conv1
    keys.press("ArrowRight")
    keys.press("Enter")
    assert sentence(opened).startswith("conv1, filter 1, row 8")
    keys.press("Tab")
    keys.press("ArrowRight")
    keys.press("ArrowRight")
    keys.press("Space")
    assert sentence(opened).startswith("conv2, filter 2, row 8")
    assert opened.evaluate("document.activeElement.getAttribute('aria-pressed')") == "true"
    opened.get_by_role("button", name="Reset").focus()
    keys.press("Enter")
    assert sentence(opened).startswith("conv2, filter 2, row 9, column 12\n")


def test_a_mouse_chooses_pixels_and_draws(opened):
    map_ = opened.locator(".channels-pair .channels-map").first
    map_.scroll_into_view_if_needed()
    box = map_.bounding_box()
    opened.mouse.click(box["x"] + box["width"] * 3.5 / 25, box["y"] + box["height"] * 20.5 / 25)
    assert sentence(opened).startswith("conv2, filter 2, row 20, column 3\n")
    pad = opened.locator(".channels-pad")
    pad.scroll_into_view_if_needed()
    box = pad.bounding_box()
    at = [(box["x"] + box["width"] * (column + 0.5) / 25, box["y"] + box["height"] * 0.5 / 25) for column in (1, 4)]
    opened.mouse.move(*at[0])
    opened.mouse.down()
    opened.mouse.move(*at[1], steps=12)
    opened.mouse.up()
    drawn = load_smiley().copy()
    drawn[0, 1:5] = 0
    opened.wait_for_function("(picture) => location.hash.includes(picture)", arg=packed(drawn))
    assert sentence(opened).startswith("conv2, filter 2, row 0, column 4\n")


def test_a_fast_stroke_has_no_gaps_and_the_right_button_draws_nothing(opened):
    pad = opened.locator(".channels-pad")
    pad.scroll_into_view_if_needed()
    box = pad.bounding_box()
    start, end = ((box["x"] + box["width"] * (at + 0.5) / 25, box["y"] + box["height"] * 0.02) for at in (0, 24))
    opened.mouse.move(*start)
    opened.mouse.down(button="right")
    opened.mouse.up(button="right")
    opened.mouse.down()
    opened.mouse.move(*end)
    opened.mouse.up()
    drawn = load_smiley().copy()
    drawn[0] = 1 - drawn[0, 0]
    opened.wait_for_function("(picture) => location.hash.includes(picture)", arg=packed(drawn))


def test_depthwise_shows_24_maps(opened):
    opened.locator(".channels select").select_option("kept")
    sentence(opened)
    shown = opened.locator(".channels-gallery button:visible")
    assert shown.count() == 4 + 24
    shown.nth(4 + 10).click()
    assert sentence(opened).startswith("map 10: channel 1, filter 4, row 9, column 12: ")
    assert sentence(opened).endswith("6·1 + 4 = 10.")


@pytest.mark.parametrize("base", ["server", "folder"])
def test_it_opens_when_the_reader_comes_near(server, visit, base):
    address = server if base == "server" else SITE.as_uri()
    with visit("about:blank", 390, within=address, color_scheme="dark") as (page, problems):
        for code in LANGUAGES:
            page.set_viewport_size({"width": 390, "height": 844})
            page.goto(f"{address}/{code}/{PAGE}")
            place = page.locator("[data-explorer=channels]")
            assert place.locator("img").is_visible()
            assert page.locator(".channels").count() == 0
            place.scroll_into_view_if_needed()
            place.locator(".channels").wait_for()
            assert place.locator("img").is_hidden()
            assert place.locator("section").first.get_attribute("aria-label") == TEXTS["channels"]["title"][code]
            for settings in ("", "&partial=kept", "&layer=conv1&row=0&column=24"):
                page.evaluate(SHOW, f"#try=channels{settings}")
                for width in (320, 390, 1280):
                    page.set_viewport_size({"width": width, "height": 844})
                    assert page.evaluate(OVERFLOW) <= 0
                    assert lowest_control(page, ".channels :is(button, select, input)") >= 44
                    page.wait_for_function(FITTING, timeout=5000)  # a new width is laid out by and by
        assert not problems


WRONG = (
    *("row=25", "row=-1", "column=1.5", "layer=conv3", "filter=6", "layer=conv1&filter=4", "channel=4"),
    *("partial=maybe", "picture=abc", "picture=" + "g" * 158, "<script>alert(1)</script>"),
)


def test_an_address_that_cannot_be_shown_shows_the_beginning(server, visit):
    with visit("about:blank", within=server) as (page, problems):
        address = put_bare(page, server, "channels", "channels")
        for words in WRONG:
            page.goto("about:blank")
            page.goto(f"{address}#try=channels&{words}")
            page.locator(".channels").wait_for()
            assert sentence(page).startswith("conv2, filter 2, row 9, column 12\n"), words
        assert not problems


def test_weights_that_were_changed_on_the_way_are_not_used(server, visit):
    with visit(f"{server}/en/glossary.html") as (page, _):
        content = network_scripts(ROOT, "channels")["smiley-channels.js"].decode()
        at = content.index('"base64":"') + 100
        changed = content[:at] + ("A" if content[at] != "A" else "B") + content[at + 1 :]
        page.route("**/smiley-channels.js", lambda route: route.fulfill(body=changed, content_type="text/javascript"))
        page.goto(f"{server}/en/{PAGE}#try=channels")
        page.get_by_text("their SHA-256 is another").wait_for()
        assert page.locator(".channels").count() == 0
        assert page.locator("[data-explorer=channels] img").is_visible()


def test_a_stroke_that_leaves_the_picture_draws_nothing_along_its_edge(opened):
    pad = opened.locator(".channels-pad")
    pad.scroll_into_view_if_needed()
    box = pad.bounding_box()
    places = [(12, 1), (12, -4), (20, -4), (20, 1)]  # out at the top, and in again
    points = [(box["x"] + (x + 0.5) * box["width"] / 25, box["y"] + (y + 0.5) * box["height"] / 25) for x, y in places]
    opened.mouse.move(*points[0])
    opened.mouse.down()
    for point in points[1:]:
        opened.mouse.move(*point, steps=20)
    opened.mouse.up()
    drawn = load_smiley().copy()
    drawn[:2, 12] = drawn[:2, 20] = 1 - drawn[1, 12]
    opened.wait_for_function("(picture) => location.hash.includes(picture)", arg=packed(drawn))


def test_scripts_keep_to_the_budget_and_the_others_are_not_needed_at_first(server, visit):
    with visit(f"{server}/en/{PAGE}#try=channels") as (page, _):
        page.locator(".channels").wait_for()
        with withheld(page):
            page.locator(".channels-gallery button:visible").nth(5).click()
            assert sentence(page).startswith("conv2, filter 1, row 9, column 12\n")
            sizes = script_sizes(page)
            assert {"loader.js", "channels.js"} <= sizes.keys()
            assert sum(sizes.values()) <= BUDGET, sizes
        page.locator(".channels summary").click()
        page.get_by_text("load_smiley_channels()").wait_for()
        sizes = script_sizes(page)
        assert {"copy.js", "channels-python.js"} <= sizes.keys()
        assert sum(sizes.values()) <= TOTAL_BUDGET, sizes


@pytest.mark.parametrize("base", ["server", "folder"])
def test_firefox_shows_the_same(server, fox, base, expected):
    address = server if base == "server" else SITE.as_uri()
    fox.goto("about:blank")
    fox.goto(f"{address}/en/{PAGE}#try=channels&filter=4&row=3&column=0")
    shown = fox.evaluate(f"({SHOW})(location.hash)")
    number = expected[0]["output"][3, 0, 4]  # of the smiley
    assert numbers(shown["sentence"])[-1] == pytest.approx(number, abs=6e-4)
    assert_products(shown)
    assert fox.errors == []
