"""Draw a digit: in a browser the same numbers as in Keras, by hand, by keyboard, on the site and in one's own page."""

import base64
import contextlib
import hashlib
import io
import json
import re
from pathlib import Path

from cnn_course.runtime import make_reproducible

make_reproducible()

import numpy as np  # noqa: E402
import pytest  # noqa: E402
import tensorflow as tf  # noqa: E402

from book.networks import network_scripts  # noqa: E402
from cnn_course import explorer, invariance  # noqa: E402
from cnn_course.activations import feature_maps  # noqa: E402
from cnn_course.convolution import cross_correlate  # noqa: E402
from cnn_course.datasets import load_mnist  # noqa: E402
from cnn_course.pooling import max_pool  # noqa: E402
from cnn_course.weights import load_lenet5  # noqa: E402
from tests.browser.explorers import BUDGET, TOTAL_BUDGET, draw, put_bare, script_sizes, withheld  # noqa: E402
from tests.browser.first_view import SITE, compressed_size  # noqa: E402

ROOT = Path(__file__).parents[2]
SCRIPTS = ROOT / "book/explorers"
LAYERS = ("conv1", "pool2", "conv3", "pool4", "dense6", "dense7", "logits")
TOLERANCE = 1e-4
WEIGHTS_BUDGET = 400_000  # bytes over the wire, of both networks
AT_ONCE = 100  # digits sent to the browser at a time
NETWORKS = [pytest.param(True, id="trained"), pytest.param(False, id="untrained")]

# What the tests ask a page that has the scripts, but nothing else.
HELPERS = """
const floats = (text) => new Float32Array(Uint8Array.from(atob(text), (letter) => letter.charCodeAt(0)).buffer);
const sent = (numbers) => {
  const bytes = new Uint8Array(Float32Array.from(numbers).buffer);
  let text = '';
  for (let i = 0; i < bytes.length; i += 8192) text += String.fromCharCode(...bytes.subarray(i, i + 8192));
  return btoa(text);
};
const given = ([text, shape]) => ({ data: floats(text), shape });
const answered = ({ data, shape }) => [sent(data), shape];
function read([name, text, digits]) {
  const weights = cnn.unpack(cnn.data[name]);
  const pictures = floats(text);
  return Array.from({ length: digits }, (_, i) => {
    const found = cnn.lenet5.forward(weights, { data: pictures.slice(784 * i, 784 * (i + 1)), shape: [28, 28, 1] });
    return Object.fromEntries(Object.entries(found).map(([layer, { data }]) => [layer, sent(data)]));
  });
}
"""


def as_text(array):
    return base64.b64encode(np.ascontiguousarray(array, "<f4").tobytes()).decode()


def as_array(text):
    return np.frombuffer(base64.b64decode(text), "<f4")


def as_given(array):
    return [as_text(array), list(array.shape)]


def as_answered(answer):
    text, shape = answer
    return as_array(text).reshape(shape)


@pytest.fixture(scope="module")
def scripted(browser):
    """An empty page with the scripts of the explorer."""
    page = browser.new_page()
    for name in ("arithmetic", "sha256", "weights", "lenet5", "contributions", "digit-settings", "drawing", "moves"):
        page.add_script_tag(path=SCRIPTS / f"{name}.js")
    for content in network_scripts(ROOT, "digit").values():
        page.add_script_tag(content=content.decode())
    page.add_script_tag(content=HELPERS)
    yield page
    page.close()


@pytest.fixture(scope="module")
def digits():
    return load_mnist().test.images[:1000]


@pytest.mark.parametrize("trained", NETWORKS)
def test_every_layer_of_1000_digits_is_that_of_keras(scripted, digits, trained):
    name = "lenet5-trained" if trained else "lenet5-untrained"
    expected = feature_maps(load_lenet5(1, trained=trained), digits, list(LAYERS))
    found = {layer: [] for layer in LAYERS}
    for start in range(0, len(digits), AT_ONCE):
        part = digits[start : start + AT_ONCE]
        for answer in scripted.evaluate("read", [name, as_text(part), len(part)]):
            for layer in LAYERS:
                found[layer].append(as_array(answer[layer]))
    for layer in LAYERS:
        values = np.stack(found[layer]).reshape(expected[layer].shape)
        np.testing.assert_allclose(values, expected[layer], rtol=0, atol=TOLERANCE, err_msg=layer)
        assert values.std() > 0
    assert np.array_equal(np.stack(found["logits"]).argmax(axis=1), expected["logits"].argmax(axis=1))


@pytest.mark.parametrize("trained", NETWORKS)
def test_what_a_unit_adds_is_its_value_times_the_slope_that_keras_finds(scripted, digits, trained):
    name, model = "lenet5-trained" if trained else "lenet5-untrained", load_lenet5(1, trained=trained)
    ask = """([name, text]) => {
        const weights = cnn.unpack(cnn.data[name]);
        const found = cnn.lenet5.forward(weights, { data: floats(text), shape: [28, 28, 1] });
        const winner = found.logits.data.indexOf(Math.max(...found.logits.data));
        const { dense6, dense7 } = cnn.contributions.of(weights, found, winner);
        return [winner, sent(dense6), sent(dense7)];
    }"""
    for digit in digits[:20]:
        winner, *found = scripted.evaluate(ask, [name, as_text(digit)])
        units = tf.constant(feature_maps(model, digit[np.newaxis], ["dense6"])["dense6"])
        with tf.GradientTape(persistent=True) as tape:
            tape.watch(units)
            next_units = model.get_layer("dense7")(units)
            tape.watch(next_units)
            logit = model.get_layer("logits")(next_units)[0, winner]
        for values, layer in zip(found, (units, next_units), strict=True):
            np.testing.assert_allclose(as_array(values), (layer * tape.gradient(logit, layer))[0], atol=TOLERANCE)


def test_correlation_and_pooling_are_those_of_the_package(scripted):
    random = np.random.default_rng(0)
    given, expected = [], []
    for _ in range(200):
        size, channels, filters = random.integers(1, (5, 4, 4))
        height, width = random.integers(max(size, 2), 14, 2)
        image = random.normal(size=(height, width, channels)).astype(np.float32)
        kernel = random.normal(size=(size, size, channels, filters)).astype(np.float32)
        given.append([as_given(image), as_given(kernel)])
        expected.append((cross_correlate(image[np.newaxis], kernel)[0], max_pool(image[np.newaxis], 2)[0]))
    ask = """(all) => all.map(([image, kernel]) => {
        const { correlate, maxPool } = cnn.arithmetic;
        return [answered(correlate(given(image), given(kernel))), answered(maxPool(given(image)))];
    })"""
    for found, (maps, pooled) in zip(scripted.evaluate(ask, given), expected, strict=True):
        np.testing.assert_allclose(as_answered(found[0]), maps, rtol=0, atol=1e-5, strict=True)
        np.testing.assert_allclose(as_answered(found[1]), pooled, rtol=0, atol=1e-6, strict=True)


@pytest.mark.parametrize(
    ("call", "words"),
    [
        (
            "correlate(array([2, 2, 1]), array([3, 3, 1, 1]))",
            "shape [3,3,1,1] does not fit a picture of the shape [2,2,1]",
        ),
        (
            "correlate(array([4, 4, 2]), array([3, 3, 1, 1]))",
            "shape [3,3,1,1] does not fit a picture of the shape [4,4,2]",
        ),
        ("correlate(array([4, 4]), array([3, 3, 1, 1]))", "does not fit a picture of the shape [4,4]"),
        ("array([2, 2], [1, 2, 3])", "needs 4 numbers, got 3"),
        ("array([2, 0])", "whole numbers of at least 1"),
        ("dense(array([3]), array([4, 2]), array([2]))", "There are 3 inputs, but the kernel has the shape [4,2]"),
        ("addBias(array([3, 2]), array([3]))", "There are 2 channels, but 3 biases"),
    ],
)
def test_shapes_that_do_not_fit_are_refused_with_a_sentence(scripted, call, words):
    ask = f"(({{ array, addBias, correlate, dense }}) => {call})(cnn.arithmetic)"
    with pytest.raises(Exception, match=re.escape(words)):
        scripted.evaluate(ask)


def test_sha_256_is_that_of_python(scripted):
    contents = [np.random.default_rng(length).bytes(length) for length in [*range(130), 1000, 10_001]]
    ask = "(all) => all.map((text) => cnn.sha256(Uint8Array.from(atob(text), (letter) => letter.charCodeAt(0))))"
    found = scripted.evaluate(ask, [base64.b64encode(content).decode() for content in contents])
    assert found == [hashlib.sha256(content).hexdigest() for content in contents]


def test_digits_are_moved_as_the_package_moves_them(scripted, digits):
    random = np.random.default_rng(0)
    given, expected = [], []
    for digit in digits[:40]:
        factor, degrees = float(random.integers(4, 17) / 10), int(random.integers(0, 24) * 15)
        down, right = (int(each) for each in random.integers(-8, 9, 2))
        given.append([as_text(digit), factor, degrees, down, right])
        moved = invariance.shift(invariance.turn(invariance.scale(digit[np.newaxis], factor), degrees), down, right)
        expected.append(invariance.scramble(moved).ravel())
    ask = """(all) => all.map(([text, factor, degrees, down, right]) => {
        const { scale, turn, shift, scramble } = cnn.moves;
        const moved = shift(turn(scale(floats(text), factor), degrees), down, right);
        return sent(scramble(moved, cnn.data.digits.order));
    })"""
    found = [as_array(text) for text in scripted.evaluate(ask, given)]
    np.testing.assert_allclose(found, expected, atol=1e-6)


DRAWN = """(strokes) => {
    const { ink, frame, boxed, centered } = cnn.drawing;
    const raster = ink(strokes);
    return sent(centered(boxed(raster, frame(raster))));
}"""
LETTERS = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789_~"


def test_drawings_are_scaled_and_centered_as_mnist_was(scripted):
    random = np.random.default_rng(0)
    drawings = [random.integers(0, 64, 2 * random.integers(1, 12)) for _ in range(60)]
    strokes = ["".join(LETTERS[at] for at in drawing) for drawing in drawings]
    for text in scripted.evaluate(f"(all) => all.map({DRAWN})", strokes):
        picture = as_array(text).reshape(28, 28)
        rows, columns = (np.flatnonzero(picture.max(axis=axis)) for axis in (1, 0))
        assert max(np.ptp(rows), np.ptp(columns)) + 1 == 20
        assert np.array_equal(picture, np.round(picture * 255).astype(np.float32) / np.float32(255))
        center = [np.average(np.arange(28), weights=picture.sum(axis=axis)) for axis in (1, 0)]
        border = [min(each[0], 27 - each[-1]) for each in (rows, columns)]
        for at, room in zip(center, border, strict=True):
            assert abs(at - 14) <= 0.5 or room == 0  # a pixel nearer, it would leave the picture


# On the site ---------------------------------------------------------------------------------------------------------

PAGES = ("04_lenet5.html", "01_image_properties.html", "05_deep_mnist.html")


def opened(page):
    """Scroll to the explorer, and wait until it has answered."""
    page.locator("[data-explorer=digit]").scroll_into_view_if_needed()
    page.wait_for_function("() => /\\d/.test(document.querySelector('.digit-reads')?.textContent || '')")
    return page.locator(".digit")


# Waits until every script that was asked for has come, and the next frame has been shown.
SETTLED = """(async () => {
    const addresses = [...document.scripts].map((script) => script.src);
    const asked = addresses.filter((address) => /[/]explorers[/](?!loader)/.test(address));
    await cnn.load(asked.map((address) => address.replace(/.*[/]/, ''))).catch(() => {});
    await new Promise((done) => requestAnimationFrame(() => requestAnimationFrame(done)));
})()"""


def reads(page):
    """Return digit and probability as the page shows them, after the next frame."""
    page.evaluate(SETTLED)
    digit, percent = re.findall(r"\d+(?:\.\d+)?", page.locator(".digit-reads").inner_text())
    return int(digit), float(percent) / 100


# The address follows 300 ms after the last change; on a busy machine it may also have followed half of a stroke.
RESTING = """async () => {
    for (let old = ''; old !== location.hash || !old.includes('strokes='); ) {
        old = location.hash;
        await new Promise((resolve) => setTimeout(resolve, 400));
    }
}"""


def drawn_strokes(page):
    """Return the strokes that the address holds when the hand rests."""
    page.evaluate(RESTING)
    return re.search(r"strokes=([\w~.]+)", page.url)[1]


def expect(page, model, picture):
    """Compare what the page shows with what Keras says."""
    shares = tf.nn.softmax(model(picture.reshape(1, 28, 28, 1), training=False))[0].numpy()
    digit, share = reads(page)
    assert digit == shares.argmax()
    assert share == pytest.approx(shares.max(), abs=0.0006)


SEVEN = ((0.3, 0.25), (0.7, 0.25), (0.45, 0.85))


@pytest.mark.parametrize("base", ["server", "folder"])
@pytest.mark.parametrize("name", PAGES)
def test_the_explorer_opens_on_every_page(server, visit, name, base):
    address = server if base == "server" else SITE.as_uri()
    with visit("about:blank", 390, within=address) as (page, problems):
        for language in ("en", "zh", "ja"):
            page.set_viewport_size({"width": 390, "height": 844})
            page.goto(f"{address}/{language}/{name}")
            assert page.locator(".digit").count() == 0  # nothing is loaded before the reader comes near
            opened(page)
            draw(page, *SEVEN)
            assert reads(page)[0] == (7 if name == "04_lenet5.html" else reads(page)[0])
            page.set_viewport_size({"width": 320, "height": 700})
            assert page.evaluate("document.documentElement.scrollWidth - document.documentElement.clientWidth") <= 0
        assert not problems


def test_scripts_keep_to_the_budget_and_the_others_are_not_needed_at_first(server, visit, digits):
    with visit(f"{server}/en/04_lenet5.html#try=digit") as (page, _):
        opened(page)
        with withheld(page):
            page.locator(".digit-gallery button").nth(2).click()
            expect(page, load_lenet5(1), digits[1])
            sizes = script_sizes(page)
            assert {"loader.js", "digit.js"} <= sizes.keys()
            assert sum(sizes.values()) <= BUDGET, sizes
        draw(page, *SEVEN)
        assert reads(page)[0] == 7
        page.locator(".digit-seen").press("ArrowLeft")
        page.get_by_text("What each unit adds").scroll_into_view_if_needed()
        page.locator(".digit-units svg").first.wait_for()
        page.locator(".digit summary").click()
        page.get_by_text("picture = shift").wait_for()
        sizes = script_sizes(page)
        assert {"drawing.js", "moves.js", "contributions.js", "copy.js", "digit-python.js"} <= sizes.keys()
        assert sum(sizes.values()) <= TOTAL_BUDGET, sizes


def test_what_is_drawn_before_its_script_has_come_is_not_lost(server, visit):
    with visit(f"{server}/en/04_lenet5.html#try=digit") as (page, _):
        opened(page)
        with withheld(page):
            draw(page, *SEVEN)
            page.get_by_text("could not be loaded").wait_for()
        page.locator(".digit-pad").press("ArrowUp")
        assert reads(page)[0] == 7


@pytest.mark.parametrize("name", ["lenet5.js", "arithmetic.js", "digit.js"])
def test_another_page_in_place_of_a_script_leaves_the_figure(server, visit, name):
    with visit("about:blank", within=server) as (page, _):
        address = put_bare(page, server, "digit", "digit")
        login = {"body": "<html>Log in</html>", "content_type": "text/javascript"}
        page.route(f"**/explorers/{name}", lambda route: route.fulfill(**login))
        with page.expect_console_message(lambda message: message.type == "warning"):
            page.goto(f"{address}#try=digit")
        page.locator("img").wait_for(state="attached")
        assert page.locator(".cnn-open, section").count() == 0


def test_a_pen_that_leaves_the_pad_draws_nothing_along_its_edge(server, visit):
    with visit(f"{server}/en/04_lenet5.html#try=digit") as (page, problems):
        opened(page)
        draw(page, (0.3, 0.5), (0.3, -0.2), (0.7, -0.2), (0.7, 0.5))
        strokes = drawn_strokes(page).split(".")
        assert len(strokes) == 2  # down and up again are two
        columns = [{LETTERS.index(letter) for letter in stroke[::2]} for stroke in strokes]
        assert columns == [{19}, {44}]
        assert not problems


def test_weights_are_fetched_when_they_are_needed(server, visit):
    fetched = "performance.getEntriesByType('resource').map((entry) => entry.name.replace(/.*[/]/, ''))"
    weights = ["lenet5-trained.js", "lenet5-untrained.js"]
    assert sum(compressed_size(server, f"{server}/explorers/{name}") for name in weights) <= WEIGHTS_BUDGET
    with visit(f"{server}/en/04_lenet5.html") as (page, _):
        assert [name for name in page.evaluate(fetched) if name in (*weights, "digits.js", "digit.js")] == []
        opened(page)
        assert [name for name in page.evaluate(fetched) if name in weights] == weights[:1]
        page.locator(".digit select").select_option("untrained")
        page.wait_for_function("() => 'lenet5-untrained' in cnn.data")


def test_weights_that_cannot_be_fetched_are_named(server, visit):
    with visit(f"{server}/en/04_lenet5.html") as (page, _):
        opened(page)
        page.route("**/lenet5-untrained.js", lambda route: route.abort())
        page.locator(".digit select").select_option("untrained")
        page.get_by_text("could not be loaded").wait_for()
        page.unroute("**/lenet5-untrained.js")
        page.locator(".digit select").select_option("trained")
        page.locator(".digit select").select_option("untrained")
        page.wait_for_function("() => 'lenet5-untrained' in cnn.data")


def test_a_picked_digit_is_shown_at_first_and_reads_as_in_keras(server, visit, digits):
    with visit(f"{server}/en/04_lenet5.html") as (page, _):
        opened(page)
        expect(page, load_lenet5(1), digits[18])
        page.locator(".digit-gallery button").nth(10).click()
        expect(page, load_lenet5(1), load_mnist().test.images[9850])
        page.locator("select").select_option("untrained")
        page.wait_for_function("() => 'lenet5-untrained' in cnn.data")
        expect(page, load_lenet5(1, trained=False), load_mnist().test.images[9850])


def test_the_keyboard_alone_draws_moves_covers_and_picks(server, visit, digits):
    with visit(f"{server}/en/04_lenet5.html") as (page, problems):
        opened(page)
        keys = page.keyboard
        page.locator(".digit-pad").focus()
        for key, times in (("ArrowUp", 8), ("ArrowLeft", 5), (" ", 1), ("ArrowRight", 10), ("ArrowDown", 18), (" ", 1)):
            for _ in range(times):
                keys.press(key)
        assert reads(page)[0] == 7
        page.wait_for_function("() => document.querySelector('.cnn-voice').textContent.includes('7')")
        keys.press("Delete")
        expect(page, load_lenet5(1), digits[18])
        keys.press("Tab")  # to "Clear"
        while page.evaluate("document.activeElement.className") != "digit-picture digit-seen":
            keys.press("Tab")
        for key in ("ArrowLeft", "ArrowLeft", "ArrowDown", "+", "r", "s", "c", "Shift+ArrowUp"):
            keys.press(key)
        changed = invariance.scale(digits[18:19], 1.1)
        changed = invariance.scramble(invariance.shift(invariance.turn(changed, 15), 1, -2))
        changed[:, 9:16, 10:17] = 0.5
        expect(page, load_lenet5(1), changed)
        page.wait_for_function("() => location.hash.includes('row=9')")
        keys.press("Escape")
        expect(page, load_lenet5(1), digits[18])
        while page.evaluate("!document.activeElement.closest('.digit-gallery')"):
            keys.press("Tab")
        keys.press("ArrowRight")
        keys.press("Enter")
        expect(page, load_lenet5(1), digits[2])
        assert not problems


def test_only_the_first_finger_draws(server, visit, touch):
    with visit(f"{server}/en/04_lenet5.html", 390, has_touch=True) as (page, problems):
        opened(page)
        pad = page.locator(".digit-pad")
        pad.scroll_into_view_if_needed()
        box = pad.bounding_box()
        at = [
            (box["x"] + x * box["width"], box["y"] + y * box["height"]) for x, y in ((0.3, 0.2), (0.3, 0.8), (0.9, 0.9))
        ]
        touch(page, "touchStart", at[0])
        touch(page, "touchStart", at[0], at[2])
        touch(page, "touchMove", at[1], at[2])
        touch(page, "touchEnd")
        strokes = drawn_strokes(page)
        assert "." not in strokes and len(strokes) == 4
        assert not problems


def test_who_comes_back_by_keyboard_does_not_draw_at_once(server, visit):
    with visit(f"{server}/en/04_lenet5.html") as (page, _):
        opened(page)
        pad, reset = page.locator(".digit-pad"), page.locator(".digit button", has_text="Reset")
        pad.press(" ")
        pad.press("ArrowDown")
        page.wait_for_function("() => location.hash.includes('strokes=')")
        reset.press("Enter")
        page.wait_for_function("() => location.hash === '#try=digit'")
        pad.press("ArrowDown")
        reads(page)
        assert page.locator(".digit-steps").is_hidden()  # as long as nothing is drawn


def test_weights_that_were_changed_on_the_way_leave_the_figure(server, visit):
    with visit(f"{server}/en/glossary.html") as (page, _):
        body = "cnn.data['lenet5-trained'] = { base64: 'AAAA', sha256: '0', arrays: [] };"
        changed = {"body": body, "content_type": "text/javascript"}
        page.route("**/lenet5-trained.js", lambda route: route.fulfill(**changed))
        page.goto(f"{server}/en/04_lenet5.html#try=digit")
        page.get_by_text("their SHA-256 is another").wait_for()
        assert page.locator("[data-explorer=digit] img").first.is_visible()


def test_high_contrast_shows_the_bars_and_what_is_pressed(server, visit):
    with visit(f"{server}/en/04_lenet5.html", forced_colors="active") as (page, _):
        opened(page)
        color = "(bar) => getComputedStyle(bar).backgroundColor"
        track = page.locator(".digit-best .digit-share")
        assert track.evaluate(color) != track.locator("span").evaluate(color)
        widths = page.locator(".digit-gallery button").evaluate_all(
            "(buttons) => buttons.map((button) => getComputedStyle(button).borderTopWidth)"
        )
        assert widths.count("3px") == 1  # of the chosen digit


def test_a_link_leads_to_the_same_moment_and_reset_leads_back(server, visit):
    with visit(f"{server}/en/04_lenet5.html") as (page, problems):
        opened(page)
        draw(page, *SEVEN)
        page.locator(".digit button", has_text="Turn").click()
        seen = reads(page)
        page.wait_for_function("() => location.hash.includes('turn=15')")
        link = page.url
        page.goto("about:blank")
        page.goto(link)
        page.wait_for_function("() => /\\d/.test(document.querySelector('.digit-reads')?.textContent || '')")
        assert reads(page) == seen
        page.locator(".digit button", has_text="Reset").click()
        assert reads(page)[0] == 3
        assert not problems


def test_an_address_that_cannot_be_shown_shows_the_beginning(server, visit):
    with visit("about:blank", within=server) as (page, problems):
        address = put_bare(page, server, "digit", "digit")
        for wrong in ("digit=17", "strokes=A", "turn=hello", "size=900", "network=mine", "row=3"):
            page.goto("about:blank")
            page.goto(f"{address}#try=digit&{wrong}")
            opened(page)
            assert reads(page)[0] == 3, wrong
        assert not problems


def test_the_copied_python_gives_the_same_numbers(server, visit):
    with visit(f"{server}/en/04_lenet5.html", permissions=["clipboard-read", "clipboard-write"]) as (page, _):
        opened(page)
        page.locator(".digit summary").click()
        for step in (lambda: None, lambda: draw(page, *SEVEN)):
            step()
            page.locator(".digit-seen").focus()
            for key in ("ArrowLeft", "ArrowDown", "-", "r", "c"):
                page.keyboard.press(key)
            for key in ("r", "s"):
                page.locator(".digit-seen").press(key)
                digit, share = reads(page)
                lines = page.locator(".digit code").text_content()
                printed = io.StringIO()
                with contextlib.redirect_stdout(printed):
                    exec(compile(lines, "copied", "exec"), {})
                answer, *shares = re.findall(r"\d+\.?\d*(?:e-?\d+)?", printed.getvalue())
                assert int(answer) == digit
                assert max(map(float, shares)) == pytest.approx(share, abs=0.0011)
        page.locator(".digit button", has_text="Python").click()
        page.get_by_role("button", name="Copied").wait_for()
        assert page.evaluate("navigator.clipboard.readText()") == lines


# A page of one's own -------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(("locale", "scheme"), [("en-GB", "light"), ("zh-CN", "dark"), ("ja", "light"), ("fr", "dark")])
def test_a_readers_own_network_answers_from_a_folder_as_keras_does(visit, tmp_path, digits, locale, scheme):
    model = load_lenet5(seed=2)  # not the one of the site
    path = explorer.save(model, tmp_path / "my network.html")
    with visit(path.as_uri(), 390, locale=locale, color_scheme=scheme) as (page, problems):
        page.wait_for_function("() => /\\d/.test(document.querySelector('.digit-reads')?.textContent || '')")
        assert page.evaluate("document.documentElement.lang") == {"zh-CN": "zh", "ja": "ja"}.get(locale, "en")
        expect(page, model, digits[18])
        for place, at in enumerate(json.loads((SCRIPTS / "digits.json").read_text("utf-8"))["first"]):
            page.locator(".digit-gallery button").nth(place).click()
            expect(page, model, digits[at])
        draw(page, *SEVEN)
        strokes = drawn_strokes(page)
        page.add_script_tag(content=HELPERS)
        expect(page, model, as_array(page.evaluate(DRAWN, strokes)))
        assert page.locator("select").is_hidden()
        assert page.evaluate("document.documentElement.scrollWidth - document.documentElement.clientWidth") <= 0
        assert not problems


def test_a_network_that_was_changed_on_the_way_is_not_used(visit, tmp_path):
    path = explorer.save(load_lenet5(seed=2), tmp_path / "page.html")
    text = path.read_text("utf-8")
    at = text.index('"base64":"', text.index("lenet5-own")) + 1000
    path.write_text(text[:at] + ("A" if text[at] != "A" else "B") + text[at + 1 :], "utf-8")
    with visit(path.as_uri(), locale="en-GB") as (page, _):
        page.get_by_text("their SHA-256 is another").wait_for()
        assert page.locator(".digit").count() == 0


# Firefox -------------------------------------------------------------------------------------------------------------

OPENED = """(async () => {
    for (let tries = 0; !/\\d/.test(document.querySelector('.digit-reads')?.textContent || ''); tries++) {
        if (tries > 400) throw new Error('the explorer does not open');
        await new Promise((resolve) => setTimeout(resolve, 50));
    }
    return document.querySelector('.digit-reads').textContent;
})()"""
LOGITS = """(() => {
    const weights = cnn.unpack(cnn.data['%s']);
    const bytes = cnn.bytes(cnn.data.digits);
    return cnn.data.digits.places.map((_, i) => {
        const data = Float32Array.from(bytes.slice(784 * i, 784 * (i + 1)), (byte) => byte / 255);
        return [...cnn.lenet5.forward(weights, { data, shape: [28, 28, 1] }).logits.data];
    });
})()"""


@pytest.mark.parametrize("base", ["server", "folder", "own"])
def test_firefox_gives_the_numbers_of_keras_and_needs_no_mouse(server, fox, tmp_path, base):
    model = load_lenet5(seed=2 if base == "own" else 1)
    own = explorer.save(model, tmp_path / "page.html").as_uri()
    address = {"server": server, "folder": SITE.as_uri()}.get(base)
    fox.goto("about:blank")
    fox.goto(f"{address}/en/04_lenet5.html#try=digit" if address else own)
    assert re.search(r"\d", fox.evaluate(OPENED))
    found = np.array(fox.evaluate(LOGITS % ("lenet5-own" if base == "own" else "lenet5-trained")))
    chosen = json.loads((SCRIPTS / "digits.json").read_text("utf-8"))
    pictures = load_mnist().test.images[[*chosen["first"], *chosen["misread"]]]
    np.testing.assert_allclose(found, model(pictures, training=False), rtol=0, atol=TOLERANCE)
    fox.evaluate("document.querySelector('.digit-pad').focus()")
    up, left, right, down = "\ue013", "\ue012", "\ue014", "\ue015"
    fox.press(*[up] * 8, *[left] * 5, " ", *[right] * 10, *[down] * 18, " ")
    fox.evaluate(SETTLED)
    assert "7" in fox.evaluate(OPENED)
    assert fox.errors == []
