"""Your own photograph: the page's answers are those of Keras, and whatever a reader brings gets one, or a sentence."""

import base64
import contextlib
import io
import re

import numpy as np
import pytest
from PIL import Image

from cnn_course.activations import feature_maps
from cnn_course.attribution import grad_cam, occlusion_map
from cnn_course.datasets import load_drawings
from cnn_course.evaluation import probabilities
from cnn_course.photos import load_unlabeled
from cnn_course.recipes import PHOTO_NET_SIZE
from cnn_course.shipped import DATA
from cnn_course.weights import load_photo_net
from tests.browser.explorers import (
    BUDGET,
    TOTAL_BUDGET,
    judge_files,
    lowest_control,
    open_network,
    script_sizes,
    withheld,
)
from tests.browser.first_view import SITE, compressed_size
from tests.browser.test_accessibility import violations
from tests.browser.test_browser import LANGUAGES, OVERFLOW, ROOT
from tests.browser.test_explorers import TEXTS
from tools import compiler

WORDS = TEXTS["photograph"]
PAGE = "09_photographs.html"
SAMPLES = ("cat.png", "drawn-cat.png", "drawn-dog.png", "coffee.png")
NETWORK_BUDGET = 2_000_000  # bytes over the wire
ORIENTATION = 0x0112
ANSWER = ".photograph-answer"
# Loads a program in the page, and gives the logits of a picture of zeros and of one of ones.
LOGITS = """async (program) => {
  const bytes = Uint8Array.from(atob(program), (letter) => letter.charCodeAt(0));
  const wasm = (await WebAssembly.instantiate(bytes)).instance.exports;
  new Uint8Array(wasm.memory.buffer, wasm.halves.value).set(cnn.bytes(cnn.data['photograph-network']));
  wasm.unpack();
  return [0, 1].map((value) => {
    new Float32Array(wasm.memory.buffer, wasm.picture.value, 96 * 96 * 3).fill(value);
    wasm.forward();
    return Array.from(new Float32Array(wasm.memory.buffer, wasm.logits.value, 2));
  });
}"""


@pytest.fixture(scope="module")
def network():
    return load_photo_net()


@pytest.fixture(scope="module")
def scripted(browser, server):
    """The English page, with a network that tests may ask."""
    page = browser.new_page()
    page.goto(f"{server}/en/{PAGE}#try=photograph")
    page.locator(".photograph").wait_for()
    open_network(page)
    yield page
    page.close()


def address_of(base, language="en", **settings):
    words = "".join(f"&{key}={value}" for key, value in settings.items())
    return f"{base}/{language}/{PAGE}#try=photograph{words}"


def choose(page, path):
    page.locator(".photograph input[type=file]").first.set_input_files(path)


def wait_for_answer(page):
    page.locator(ANSWER, has_text="%").wait_for()


def photograph(width, height, mode="RGB"):
    """Make a picture with edges, colors and noise."""
    picture = Image.open(DATA / "cat.png").resize((width, height), Image.Resampling.BICUBIC)
    noise = np.random.default_rng(width).integers(-20, 20, (height, width, 3))
    return Image.fromarray(np.clip(np.asarray(picture) + noise, 0, 255).astype(np.uint8)).convert(mode)


# The arithmetic.


def test_a_picture_is_squashed_to_the_pixels_of_pillow(scripted, tmp_path):
    sizes = [(96, 96), (1, 1), (5, 7), (97, 500), (640, 480), (1500, 40), (1000, 900)]
    sizes += np.random.default_rng(0).integers(20, 900, (8, 2)).tolist()
    paths = [tmp_path / f"{width}-{height}.png" for width, height in sizes]
    for path, size in zip(paths, sizes, strict=True):
        photograph(*size).save(path)
    for path, found in zip(paths, judge_files(scripted, paths), strict=True):
        expected = load_unlabeled(path, PHOTO_NET_SIZE).images[0]
        np.testing.assert_array_equal(found["pixels"], expected, err_msg=path.name)


def test_what_is_transparent_lies_on_white_and_gray_is_gray(scripted, tmp_path):
    clear = photograph(300, 200, "RGBA")
    clear.putalpha(Image.fromarray(np.tile(np.linspace(0, 255, 300).astype(np.uint8), (200, 1))))
    clear.save(tmp_path / "clear.png")
    photograph(300, 200, "L").save(tmp_path / "gray.png")
    photograph(300, 200, "P").save(tmp_path / "palette.png")
    paths = sorted(tmp_path.iterdir())
    for path, found in zip(paths, judge_files(scripted, paths), strict=True):
        far = found["pixels"].astype(int) - load_unlabeled(path, PHOTO_NET_SIZE).images[0]
        assert np.abs(far).max() <= 2, path.name  # a canvas mixes with white before it is read


@pytest.mark.parametrize("orientation", [1, 3, 6, 8])
def test_a_jpeg_of_a_telephone_gets_the_answer_of_keras(scripted, network, tmp_path, orientation):
    exif = Image.Exif()
    exif[ORIENTATION] = orientation
    path = tmp_path / "telephone.jpg"
    photograph(2400, 1800).save(path, exif=exif, quality=90)  # so large that Pillow decodes it at a quarter of its size
    expected = load_unlabeled(path, PHOTO_NET_SIZE).images
    (found,) = judge_files(scripted, [path])
    assert np.abs(found["pixels"] - expected[0].astype(int)).mean() < 1
    np.testing.assert_allclose(found["shares"], probabilities(network, expected)[0], atol=0.02)


def test_pictures_of_all_kinds_get_the_answers_and_the_maps_of_keras(scripted, network, tmp_path):
    random = np.random.default_rng(1).integers(0, 256, (3, 96, 96, 3)).astype(np.uint8)
    pictures = [*random, *load_drawings(4, image_size=96, seed=3).images, np.zeros((96, 96, 3), np.uint8)]
    paths = [DATA / name for name in SAMPLES]
    for number, picture in enumerate(pictures):
        paths.append(tmp_path / f"{number}.png")
        Image.fromarray(picture).save(paths[-1])
    found = judge_files(scripted, paths)
    seen = np.array([each["pixels"] for each in found])
    shares = probabilities(network, seen)
    np.testing.assert_allclose([each["shares"] for each in found], shares, atol=0.005)
    said = scripted.evaluate("(pixels) => askNetwork('judge', pixels)", seen[0].ravel().tolist())
    names = list(said["maps"])
    expected = feature_maps(network, np.float32(seen[:1]) / 255, names)
    for name in names:
        maps = np.reshape(said["maps"][name]["data"], said["maps"][name]["shape"])
        np.testing.assert_allclose(maps, expected[name][0], atol=0.01 * expected[name].max())


def test_the_source_compiled_anew_finds_the_same_logits(scripted, network, tmp_path):
    if lack := compiler.missing():
        pytest.skip(f"{lack}: see `python -m tools.compiler`")
    pictures = np.stack([np.full((96, 96, 3), value, np.float32) for value in (0, 1)])
    expected = network(pictures, training=False).numpy()
    for program in compiler.build("photograph", tmp_path):
        found = scripted.evaluate(LOGITS, base64_of(program))
        assert found == scripted.evaluate(LOGITS, base64_of(ROOT / "book/explorers" / program.name))
        np.testing.assert_allclose(found, expected, atol=0.02)


def base64_of(path):
    return base64.b64encode(path.read_bytes()).decode()


# A reader's way.


@pytest.mark.parametrize("base", ["server", "folder"])
def test_a_reader_gets_the_maps_of_the_package_by_keyboard(server, visit, network, base):
    with visit(address_of(server if base == "server" else SITE.as_uri())) as (page, problems):
        page.get_by_role("button", name="Neither").press("Enter")
        wait_for_answer(page)
        seen = np.float32(load_unlabeled(DATA / "coffee.png", PHOTO_NET_SIZE).images) / 255
        dog = probabilities(network, seen)[0, 1]
        share = float(re.search(r"([\d.]+) %", page.locator(ANSWER).inner_text())[1])
        assert share == pytest.approx(100 * dog, abs=0.2)
        cover = page.locator(".photograph-covers")
        cover.press("Enter")
        page.wait_for_function("() => document.querySelector('.photograph progress').value > 2")
        cover.press("Enter")
        page.locator(".photograph-covers", has_text="Go on").wait_for()
        assert 2 < page.locator(".photograph progress").evaluate("bar => bar.value") < 121
        cover.press("Enter")
        page.wait_for_function("() => document.querySelector('.photograph progress').value === 121")
        text = page.locator(".photograph").inner_text()
        drops = occlusion_map(network, seen, [1], size=16, stride=8)[0, ::8, ::8]
        most, row, column, least = re.search(
            r"drop, by up to ([\d.]+) \(row (\d+), column (\d+) of 12\).*?lowest number is (−?[\d.]+)\.", text
        ).groups()
        assert [float(most), float(least.replace("−", "-"))] == pytest.approx([drops.max(), drops.min()], rel=0.05)
        assert drops[int(row) - 1, int(column) - 1] == pytest.approx(drops.max(), abs=0.02)
        (largest,) = re.findall(r"6 × 6 numbers is ([\d.]+)\.", text)
        assert float(largest) == pytest.approx(grad_cam(network, seen, "block4", [1]).max(), rel=0.05)
        assert not problems


def test_a_picture_of_the_readers_own_leaves_the_device_by_no_request(server, visit, tmp_path):
    photograph(400, 300).save(tmp_path / "mine.png")
    with visit(address_of(server)) as (page, problems):
        page.locator(".photograph").wait_for()
        asked = []
        page.on("request", lambda request: asked.append((request.method, request.post_data, request.url)))
        choose(page, tmp_path / "mine.png")
        wait_for_answer(page)
        assert {(method, sent) for method, sent, _ in asked} == {("GET", None)}
        files = {url.rpartition("/")[2] for _, _, url in asked if not url.startswith("blob:")}
        assert all((SITE / "explorers" / name).is_file() for name in files)
        page.locator(".photograph summary").click()
        page.locator(".photograph details code", has_text='load_unlabeled("mine.png"').wait_for()
        assert not problems


def test_a_file_can_be_dropped(server, visit):
    with visit(address_of(server)) as (page, problems):
        drop = page.locator(".photograph-drop")
        content = base64_of(DATA / "drawn-dog.png")
        moved = page.evaluate_handle(
            """(content) => {
              const bytes = Uint8Array.from(atob(content), (letter) => letter.charCodeAt(0));
              const moved = new DataTransfer();
              moved.items.add(new File([bytes], 'dog.png'));
              return moved;
            }""",
            content,
        )
        drop.dispatch_event("dragover", {"dataTransfer": moved})
        drop.dispatch_event("drop", {"dataTransfer": moved})
        page.locator(ANSWER, has_text="A dog").wait_for()
        drop.dispatch_event("drop", {"dataTransfer": page.evaluate_handle("new DataTransfer()")})
        page.get_by_text(WORDS["no-picture"]["en"]).first.wait_for()
        assert not problems


def wrong_files(folder):
    """Write what readers bring by mistake; return each with the name of the sentence that they are to read."""
    huge = Image.new("1", (10_000, 10_000))
    written = {
        "text.jpg": ("no-picture", lambda path: path.write_text("This is a text. " * 20)),
        "empty.jpg": ("empty", lambda path: path.write_bytes(b"")),
        "telephone.heic": ("heic", lambda path: path.write_bytes(b"\0\0\0\x18ftypheic" + bytes(200))),
        "huge.png": ("pixels", huge.save),
        "scan.tiff": ("other-format", photograph(40, 30).save),
        "cut.jpg": ("broken-file", lambda path: path.write_bytes(jpeg()[:100])),
    }
    for name, (_, write) in written.items():
        write(folder / name)
    return {folder / name: sentence for name, (sentence, _) in written.items()}


def jpeg():
    content = io.BytesIO()
    photograph(60, 40).save(content, "JPEG")
    return content.getvalue()


@pytest.mark.parametrize("language", LANGUAGES)
def test_a_wrong_file_gets_a_sentence_in_the_language_of_the_reader(server, visit, tmp_path, language):
    with visit(address_of(server, language)) as (page, problems):
        page.locator(".photograph").wait_for()
        for path, sentence in wrong_files(tmp_path).items():
            choose(page, path)
            page.locator(".photograph > .cnn-text", has_text=WORDS[sentence][language]).wait_for()
        assert page.locator(ANSWER).is_hidden()
        page.get_by_role("button", name=WORDS["chelsea"][language]).click()
        wait_for_answer(page)  # a mistake is no end
        assert not problems


def test_an_animation_and_a_turned_picture_are_judged_and_the_reader_is_told(server, visit, tmp_path):
    frames = [Image.new("RGB", (60, 40), color) for color in ("red", "blue")]
    frames[0].save(tmp_path / "moving.gif", save_all=True, append_images=frames[1:])
    frames[0].save(tmp_path / "still.gif")
    exif = Image.Exif()
    exif[ORIENTATION] = 6
    photograph(60, 40).save(tmp_path / "turned.jpg", exif=exif)
    with visit(address_of(server)) as (page, problems):
        page.locator(".photograph").wait_for()
        for name, told in (("moving.gif", "moving"), ("turned.jpg", "turned")):
            choose(page, tmp_path / name)
            page.get_by_text(WORDS[told]["en"]).wait_for()
            wait_for_answer(page)
        page.get_by_text("40 × 60 pixels.").wait_for()
        choose(page, tmp_path / "still.gif")
        page.get_by_text("60 × 40 pixels.").wait_for()
        assert page.get_by_text(WORDS["moving"]["en"]).count() == 0
        assert not problems


def test_a_browser_that_falsifies_colors_is_named(server, visit):
    with visit("about:blank", within=server) as (page, _):
        page.add_init_script(
            """const read = CanvasRenderingContext2D.prototype.getImageData;
            CanvasRenderingContext2D.prototype.getImageData = function (...place) {
              const image = read.apply(this, place);
              image.data[0] ^= 1;
              return image;
            };"""
        )
        page.goto(address_of(server, picture="chelsea"))
        page.locator(".photograph > .cnn-text", has_text=WORDS["noise"]["en"]).wait_for()


@pytest.mark.parametrize("language", LANGUAGES)
def test_it_fits_a_phone_in_every_language_and_fingers(server, visit, language):
    settings = {"width": 320, "color_scheme": "dark", "has_touch": True, "is_mobile": True}
    with visit(address_of(server, language, picture="coffee"), **settings) as (page, problems):
        wait_for_answer(page)
        assert page.evaluate(OVERFLOW) == 0
        assert lowest_control(page, ".photograph :is(button, select)") >= 44
        assert page.get_by_role("button", name=WORDS["camera"][language]).is_visible()
        assert WORDS["neither"][language] in page.locator(".photograph").inner_text()
        page.set_viewport_size({"width": 390, "height": 844})
        assert page.evaluate(OVERFLOW) == 0
        assert not problems
        if language == "ja":
            assert violations(page) == []


def test_lines_of_python_give_the_numbers_of_the_page(server, visit):
    with visit(address_of(server, picture="drawn-dog", about="cat", layer="block2")) as (page, problems):
        wait_for_answer(page)
        page.locator(".photograph summary").click()
        page.locator(".photograph details code", has_text="import").wait_for()
        printed = io.StringIO()
        with contextlib.redirect_stdout(printed):
            exec(page.locator(".photograph details code").inner_text(), {})
        text = page.locator(".photograph").inner_text()
        shares, *_, largest = (line for line in printed.getvalue().splitlines() if line.strip())
        cat, dog = map(float, re.findall(r"[\d.]+(?:e-\d+)?", shares))
        assert [float(found) / 100 for found in re.findall(r"(?:cat|dog)\s+([\d.]+) %", text)[:2]] == pytest.approx(
            [cat, dog], abs=0.002
        )
        assert float(re.search(r"64 maps of 24 × 24\. Black is zero, white is ([\d.]+)\.", text)[1]) == pytest.approx(
            float(largest), rel=0.01
        )
        assert not problems


def test_without_simd_it_says_so_and_gives_the_same_answer(server, visit):
    with visit("about:blank", within=server) as (page, problems):
        page.add_init_script("WebAssembly.validate = () => false")
        page.goto(address_of(server, picture="chelsea"))
        page.locator(ANSWER, has_text="A dog").wait_for()
        page.get_by_text(WORDS["slow"]["en"]).wait_for()
        assert not problems


def test_a_network_that_was_changed_on_the_way_is_not_used_and_asked_for_again(server, visit):
    with visit(address_of(server)) as (page, _):
        script = (SITE / "explorers/photograph-network.js").read_text("utf-8")
        damaged = re.sub('"base64":"....', '"base64":"AAAA', script)
        sent = {"body": damaged, "content_type": "text/javascript"}
        page.route("**/photograph-network.js", lambda route: route.fulfill(**sent))
        page.get_by_role("button", name="Chelsea").click()
        page.locator(".photograph > .cnn-text", has_text=TEXTS["shared"]["damaged"]["en"]).wait_for()
        assert page.locator(ANSWER).is_hidden()


def test_what_cannot_be_loaded_is_asked_for_again(server, visit):
    with visit(address_of(server)) as (page, _):
        page.get_by_role("button", name="Chelsea").wait_for()
        with withheld(page):
            page.get_by_role("button", name="Chelsea").click()
            page.locator(".photograph > .cnn-text", has_text="It did not work").wait_for()
        page.get_by_role("button", name="Chelsea").click()
        wait_for_answer(page)


def test_scripts_and_network_keep_to_the_budget_and_come_with_a_click(server, visit):
    with visit(address_of(server)) as (page, _):
        page.locator(".photograph").wait_for()
        sizes = script_sizes(page)
        assert {"loader.js", "photograph.js"} <= sizes.keys() and "photograph-worker.js" not in sizes
        assert sum(sizes.values()) <= BUDGET, sizes
        page.get_by_role("button", name="Chelsea").click()
        wait_for_answer(page)
        page.locator(".photograph summary").click()
        page.locator(".photograph details code", has_text="import").wait_for()
        assert sum(script_sizes(page).values()) <= TOTAL_BUDGET
    assert compressed_size(server, f"{server}/explorers/photograph-network.js") <= NETWORK_BUDGET


@pytest.mark.parametrize("words", ["picture=mine&about=chair", "layer=toString"])
def test_an_address_that_cannot_be_shown_shows_the_beginning(server, visit, words):
    with visit(f"{server}/en/{PAGE}#try=photograph&{words}") as (page, problems):
        page.get_by_role("button", name="Chelsea").wait_for()
        assert page.locator(ANSWER).is_hidden()
        assert not problems


@pytest.mark.parametrize("base", ["server", "folder"])
def test_firefox_gives_the_answers_of_keras(server, fox, network, base):
    fox.goto("about:blank")
    fox.goto(address_of(server if base == "server" else SITE.as_uri(), picture="chelsea"))
    shown = fox.evaluate(
        """(async () => {
          const answer = () => document.querySelector('.photograph-answer');
          while (!answer() || !answer().textContent) await new Promise((resolve) => setTimeout(resolve, 100));
          return answer().textContent;
        })()"""
    )
    (share,) = re.findall(r"A dog, with a probability of ([\d.]+) %", shown)
    expected = probabilities(network, load_unlabeled(DATA / "cat.png", PHOTO_NET_SIZE).images)[0, 1]
    assert float(share) / 100 == pytest.approx(expected, abs=0.005)
    assert fox.errors == []
