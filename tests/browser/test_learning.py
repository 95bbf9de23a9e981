"""Watch it learn: every engine finds the bits of NumPy, and the page shows what the network does."""

import base64
import contextlib
import io
import json
import re
import shutil
import subprocess
from functools import cache

import nbformat
import numpy as np
import pytest

from book.networks import network_scripts
from cnn_course.bitwise import SCORED_DIGITS, TRAINING_DIGITS, Settings, train
from cnn_course.datasets import load_mnist
from tests.browser.explorers import BUDGET, TOTAL_BUDGET, lowest_control, script_sizes, withheld
from tests.browser.first_view import SITE
from tests.browser.test_browser import LANGUAGES, OVERFLOW, ROOT
from tests.browser.test_explorers import TEXTS
from tools import compiler

SCRIPTS = ROOT / "book/explorers"
PAGES = {"learning": ("04_lenet5", "watch"), "learn-scrambled": ("01_image_properties", "scramble-watch")}
RUNS = [
    (Settings(), 50),
    (Settings(optimizer="momentum", learning_rate=0.02, batch_size=8, seed=2, scrambled=True), 20),
    (Settings(network="mlp", optimizer="sgd", learning_rate=0.1, batch_size=256, seed=3), 35),  # more than a round
]
DIGITS_BUDGET = 2_000_000  # bytes over the wire
# Trains without a page: for engines. `digits`: all pixels, then all labels.
LEARN = """function learn(program, digits, order, settings, steps) {
  const wasm = new WebAssembly.Instance(new WebAssembly.Module(program)).exports;
  const bytes = (name, length) => new Uint8Array(wasm.memory.buffer, wasm[name].value, length);
  const count = 9000 * 784;
  const from = (i) => (settings.scrambled ? i - (i % 784) + order[i % 784] : i);
  bytes('pixels', count).forEach((_, i, pixels) => (pixels[i] = digits[from(i)]));
  bytes('labels', 9000).set(digits.subarray(count));
  const weights = wasm.start(['lenet5', 'mlp'].indexOf(settings.network), settings.seed);
  const optimizer = ['sgd', 'momentum', 'adam'].indexOf(settings.optimizer);
  for (let i = 0; i < steps; i++) wasm.step(optimizer, settings.learning_rate, settings.batch_size);
  return cnn.sha256(bytes('weights', 4 * weights));
}"""
UNPACK = """async () => {
  const packed = new Blob([cnn.bytes(cnn.data['learning-digits'])]).stream();
  const unpacked = packed.pipeThrough(new DecompressionStream('deflate'));
  window.digits = new Uint8Array(await new Response(unpacked).arrayBuffer());
}"""
IN_BROWSER = """([program, settings, steps]) =>
  learn(Uint8Array.from(atob(program), (letter) => letter.charCodeAt(0)), digits,
    cnn.data['learning-digits'].order, settings, steps)"""
IN_JSC = """
const bytesOf = (path) => new Uint8Array(readFile(path, 'binary'));
const given = JSON.parse(readFile('given.json'));
print(learn(bytesOf('program.wasm'), bytesOf('digits'), given.order, given.settings, given.steps));
"""
RESTS = (
    "() => !document.querySelector('.learning button:disabled') && document.querySelector('.learning-hash').textContent"
)


@cache
def sha256_of(settings, steps):
    """Return what NumPy finds."""
    return train(steps, settings).sha256


@pytest.fixture(scope="module")
def expected():
    """The SHA-256 of each of the runs."""
    return [sha256_of(settings, steps) for settings, steps in RUNS]


@pytest.fixture(scope="module")
def scripted(browser):
    """An empty page with the digits."""
    page = browser.new_page()
    for name in ("sha256.js", "weights.js"):
        page.add_script_tag(path=SCRIPTS / name)
    page.add_script_tag(content=network_scripts(ROOT, "learning")["learning-digits.js"].decode())
    page.add_script_tag(content=LEARN)
    page.evaluate(UNPACK)
    yield page
    page.close()


def found_in(page, program):
    sent = base64.b64encode(program.read_bytes()).decode()
    return [page.evaluate(IN_BROWSER, [sent, vars(settings), steps]) for settings, steps in RUNS]


@pytest.mark.parametrize("kind", compiler.KINDS)
def test_chromium_finds_the_bits_of_numpy(scripted, expected, kind):
    assert found_in(scripted, SCRIPTS / f"learning-{kind}.wasm") == expected


def test_the_source_compiled_anew_finds_the_same_bits(scripted, expected, tmp_path):
    if lack := compiler.missing():
        pytest.skip(f"{lack}: see `python -m tools.compiler`")
    for program in compiler.build("learning", tmp_path):
        assert found_in(scripted, program) == expected


def test_javascriptcore_finds_the_bits_of_numpy(expected, tmp_path):
    jsc = shutil.which("jsc")
    if jsc is None:
        pytest.skip("no jsc found: Debian has it in libjavascriptcoregtk-4.0-bin")
    digits = load_mnist()
    parts = [digits.train.images[:TRAINING_DIGITS], digits.validation.images[:SCORED_DIGITS]]
    labels = [digits.train.labels[:TRAINING_DIGITS], digits.validation.labels[:SCORED_DIGITS]]
    pixels = b"".join(np.rint(part * 255).astype(np.uint8).tobytes() for part in parts)
    (tmp_path / "digits").write_bytes(pixels + np.concatenate(labels).astype(np.uint8).tobytes())
    (tmp_path / "program.wasm").write_bytes((SCRIPTS / "learning-simd.wasm").read_bytes())
    (tmp_path / "learn.js").write_text("\n".join([(SCRIPTS / "sha256.js").read_text("utf-8"), LEARN, IN_JSC]), "utf-8")
    order = json.loads((SCRIPTS / "digits.json").read_text("utf-8"))["order"]
    for (settings, steps), sha256 in zip(RUNS, expected, strict=True):
        given = {"order": order, "settings": vars(settings), "steps": steps}
        (tmp_path / "given.json").write_text(json.dumps(given), "utf-8")
        done = subprocess.run([jsc, "learn.js"], cwd=tmp_path, capture_output=True, text=True, check=True)
        assert done.stdout.strip() == sha256


@pytest.mark.parametrize("name", PAGES)
def test_the_book_prints_the_hash_of_numpy(name):
    page, cell_id = PAGES[name]
    found = sha256_of(Settings(scrambled=name == "learn-scrambled"), 50)
    for language in LANGUAGES:
        notebook = nbformat.read(ROOT / f"chapters/{language}/{page}.ipynb", as_version=4)
        (cell,) = (cell for cell in notebook.cells if cell.id == cell_id)
        (printed,) = re.findall(r"`([0-9a-f]{16})`", cell.source)
        assert found.startswith(printed)


def printed(name):
    page, cell_id = PAGES[name]
    (cell,) = (
        cell for cell in nbformat.read(ROOT / f"chapters/en/{page}.ipynb", as_version=4).cells if cell.id == cell_id
    )
    return re.search("`([0-9a-f]{16})`", cell.source)[1]


def address_of(base, name="learning", language="en", **settings):
    words = "".join(f"&{key}={value}" for key, value in ({"until": 50} | settings).items())
    return f"{base}/{language}/{PAGES[name][0]}.html#try={name}{words}"


def text_of(page, name):
    return page.locator(f".learning-{name}").inner_text()


def train_to_the_pause(page):
    """Press the button, and return the hashes that stand there once it rests.

    Before the page is painted once more, its buttons still say that it rests.
    """
    page.locator(".learning button").first.click()
    page.evaluate("() => new Promise(requestAnimationFrame)")
    page.wait_for_function(RESTS, timeout=120_000)
    return re.findall("[0-9a-f]{64}", text_of(page, "hash"))


@pytest.mark.parametrize("base", ["server", "folder"])
@pytest.mark.parametrize("name", PAGES)
def test_the_page_shows_the_hash_that_the_book_prints(server, visit, base, name):
    with visit(address_of(server if base == "server" else SITE.as_uri(), name)) as (page, problems):
        (sha256,) = train_to_the_pause(page)
        assert sha256.startswith(printed(name))
        assert "Step 50: " in text_of(page, "status")
        assert not problems


@pytest.mark.parametrize("language", LANGUAGES)
def test_it_fits_a_phone_in_every_language_and_fingers(server, visit, language):
    with visit(address_of(server, language=language), width=320, color_scheme="dark") as (page, problems):
        train_to_the_pause(page)
        assert page.evaluate(OVERFLOW) == 0
        assert lowest_control(page, ".learning :is(button, select, input)") >= 44
        assert TEXTS["learning"]["kernels"][language] in page.locator(".learning").inner_text()
        assert not problems


def test_a_reader_pauses_steps_looks_back_and_begins_anew_by_keyboard(server, visit):
    with visit(address_of(server, until=5000)) as (page, problems):
        start, step, again = (page.locator(".learning button").nth(i) for i in range(3))
        start.press("Enter")
        page.wait_for_function("() => /Step [1-9]/.test(document.querySelector('.learning-status').textContent)")
        start.press("Enter")
        page.wait_for_function(RESTS)
        paused = page.locator(".learning .cnn-panels output").inner_text()
        step.press("Enter")
        page.wait_for_function(
            "(before) => document.querySelector('.learning .cnn-panels output').textContent !== before", arg=paused
        )
        past = page.locator(".learning .cnn-panels input[type=range]")
        past.press("Home")
        page.wait_for_function("() => document.querySelector('.learning-status').textContent.startsWith('Step 0: ')")
        assert past.get_attribute("aria-valuetext") == "0"
        past.press("End")
        page.wait_for_function("() => !document.querySelector('.learning-status').textContent.startsWith('Step 0: ')")
        again.press("Enter")
        page.wait_for_function("() => document.querySelector('.learning-status').textContent.startsWith('Step 0: ')")
        assert not problems


def test_other_settings_begin_a_training_of_their_own_and_stand_in_the_address(server, visit):
    with visit(address_of(server)) as (page, problems):
        (first,) = train_to_the_pause(page)
        page.locator(".learning select").first.select_option("mlp")
        page.wait_for_function("() => document.querySelector('.learning-status').textContent.startsWith('Step 0: ')")
        (second,) = train_to_the_pause(page)
        assert second == sha256_of(Settings(network="mlp"), 50) != first
        page.wait_for_function("() => location.hash === '#try=learning&network=mlp&until=50'")
        page.locator(".learning summary").click()
        page.get_by_text("from cnn_course.bitwise import train").wait_for()
        printed = io.StringIO()
        with contextlib.redirect_stdout(printed):
            exec(page.locator(".learning details code").inner_text(), {})
        assert printed.getvalue().split()[1] == second
        assert not problems


def test_a_rate_that_is_too_large_kills_units_and_they_are_counted(server, visit):
    with visit(address_of(server, optimizer="sgd", rate=5)) as (page, problems):
        train_to_the_pause(page)
        dead = re.search(r"(\d+) of 226 maps", page.locator(".learning").inner_text())
        assert int(dead[1]) > 150
        assert not problems


def test_without_simd_it_says_so_and_finds_the_same_bits(server, visit):
    with visit("about:blank", within=server) as (page, problems):
        page.add_init_script("WebAssembly.validate = () => false")
        page.goto(address_of(server))
        (sha256,) = train_to_the_pause(page)
        assert sha256.startswith(printed("learning"))
        assert text_of(page, "slow") == TEXTS["learning"]["slow"]["en"]
        assert not problems


def test_digits_that_were_changed_on_the_way_are_not_used(server, visit):
    with visit(address_of(server)) as (page, _):
        script = (SITE / "explorers/learning-digits.js").read_text("utf-8")
        damaged = re.sub('"base64":"....', '"base64":"AAAA', script)
        page.route("**/learning-digits.js", lambda route: route.fulfill(body=damaged, content_type="text/javascript"))
        page.locator(".learning button").first.click()
        page.get_by_text(TEXTS["shared"]["damaged"]["en"]).wait_for()


def test_what_cannot_be_loaded_is_asked_for_again(server, visit):
    with visit(address_of(server)) as (page, _):
        page.locator(".learning button").first.wait_for()
        with withheld(page):
            page.locator(".learning button").first.click()
            page.get_by_text("It could not be started").wait_for()
        assert len(train_to_the_pause(page)) == 1


def test_scripts_and_digits_keep_to_the_budget_and_come_with_a_click(server, visit):
    with visit(address_of(server)) as (page, _):
        page.locator(".learning").wait_for()
        sizes = script_sizes(page)
        assert {"loader.js", "learning.js"} <= sizes.keys() and "learning-worker.js" not in sizes
        assert sum(sizes.values()) <= BUDGET, sizes
        train_to_the_pause(page)
        page.locator(".learning summary").click()
        page.get_by_text("from cnn_course.bitwise import train").wait_for()
        assert sum(script_sizes(page).values()) <= TOTAL_BUDGET
    assert (SITE / "explorers/learning-digits.js").stat().st_size <= DIGITS_BUDGET


@pytest.mark.parametrize("words", ["rate=3", "batch=33", "network=resnet", "seed=0", "scrambled=2", "until=0", "rate="])
def test_an_address_that_cannot_be_trained_with_shows_the_beginning(server, visit, words):
    with visit(f"{server}/en/04_lenet5.html#try=learning&{words}") as (page, problems):
        page.get_by_role("button", name="Train to step 1,000").wait_for()
        assert not problems


@pytest.mark.parametrize("base", ["server", "folder"])
def test_firefox_finds_the_same_bits(server, fox, base):
    fox.goto("about:blank")
    fox.goto(address_of(server if base == "server" else SITE.as_uri()))
    shown = fox.evaluate(
        f"""(async () => {{
          const wait = () => new Promise((resolve) => setTimeout(resolve, 100));
          while (!document.querySelector('.learning button')) await wait();
          document.querySelector('.learning button').click();
          while (!({RESTS})()) await wait();
          return document.querySelector('.learning-hash').textContent;
        }})()"""
    )
    assert re.search("[0-9a-f]{64}", shown)[0].startswith(printed("learning"))
    assert fox.errors == []
