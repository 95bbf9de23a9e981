"""The explorers as a reader meets them: their numbers are the package's, and every way to them works."""

import re

import numpy as np
import pytest
import yaml

from cnn_course.convolution import convolve, cross_correlate
from cnn_course.pooling import average_pool, max_pool
from tests.browser.explorers import BUDGET, TOTAL_BUDGET, lowest_control, put_bare, script_sizes, withheld
from tests.browser.first_view import SITE
from tests.browser.test_browser import LANGUAGES, OVERFLOW, ROOT

TEXTS = yaml.safe_load((ROOT / "book/explorers/texts.yml").read_text("utf-8"))
PAGE = "02_convolution.html"
PLACES = {
    "02_convolution.html": ["matrix-a", "five-by-five", "brightness", "receptive"],
    "03_pooling.html": ["pooling"],
}
# Shows settings by their address, and returns what stands on the page: the numbers of each grid that is shown, by the
# label of each cell, the sum, and the lines of Python.
SHOW = """async (address) => {
  const place = document.querySelector('[data-preset=matrix-a]');
  if (address && location.hash !== address) {
    const changed = new Promise((resolve) => addEventListener('hashchange', resolve, {once: true}));
    location.hash = address;
    await changed;
  }
  for (let tries = 0; !place.querySelector('.cnn'); tries++) {
    if (tries > 200) throw new Error('the explorer does not open');
    await new Promise((resolve) => setTimeout(resolve, 50));
  }
  const number = (cell) => cell.getAttribute('aria-label').split(/[:：] ?/)[1].split(' ≈ ')[0];
  const numbers = (row) => [...row.children].map(number);
  const grids = [...place.querySelectorAll('.cnn-panel:not([hidden]) [role=grid]')]
    .map((grid) => [...grid.children].map(numbers));
  const [sum, formula] = [...place.querySelectorAll('p.cnn-text')].map((text) => text.textContent);
  return { grids, sum, formula };
}"""
# The same for several addresses, with the lines of Python.
SHOW_ALL = f"""async (addresses) => {{
  const show = {SHOW};
  const place = document.querySelector('[data-preset=matrix-a]');
  const all = [];
  for (const address of addresses) {{
    const shown = await show(address);
    const lines = place.querySelector('details');
    lines.open = true;
    for (let tries = 0; !lines.querySelector('code').textContent && tries < 200; tries++) {{
      await new Promise((resolve) => setTimeout(resolve, 50));
    }}
    await null; // the lines follow
    all.push({{ ...shown, python: lines.querySelector('code').textContent }});
  }}
  return all;
}}"""
ENTER, TAB, RIGHT, DOWN, ESCAPE, HOME, END = "\ue007", "\ue004", "\ue014", "\ue015", "\ue00c", "\ue011", "\ue010"


def rows(array):
    return "_".join(",".join(f"{x:g}" for x in row) for row in array)


def random_settings(random):
    """Return settings that an address may hold; the kernel may be too large for the picture."""
    whole = random.random() < 0.5
    side = random.integers(1, 10, 2)
    numbers = (lambda *shape: random.integers(-9, 10, shape)) if whole else (lambda *shape: random.normal(0, 3, shape))
    return {
        "picture": np.round(numbers(*side), 2),
        "kernel": np.round(numbers(*random.integers(1, 6, 2)), 2),
        "operation": str(random.choice(["correlate", "correlate", "max", "average"])),
        "size": int(random.integers(1, 6)),
        "stride": int(random.integers(1, 5)),
        "dilation": int(random.integers(1, 4)),
        "padding": str(random.choice(["VALID", "SAME"])),
        "flip": str(random.choice(["no", "yes"])),
        "beside": str(random.choice(["none", "second"])),
    }


def address_of(settings):
    texts = {key: rows(value) if isinstance(value, np.ndarray) else value for key, value in settings.items()}
    return "#try=matrix-a&" + "&".join(f"{key}={value}" for key, value in texts.items())


def layer(picture, settings):
    """Return what the package makes of a picture, or None where it refuses."""
    images, kernels = picture[np.newaxis, :, :, np.newaxis], settings["kernel"][:, :, np.newaxis, np.newaxis]
    strides, padding = settings["stride"], settings["padding"]
    try:
        if settings["operation"] == "correlate":
            operation = convolve if settings["flip"] == "yes" else cross_correlate
            maps = operation(images, kernels, strides=strides, padding=padding, dilation=settings["dilation"])
        else:
            operation = {"max": max_pool, "average": average_pool}[settings["operation"]]
            maps = operation(images, settings["size"], strides, padding)
    except ValueError as error:
        assert "does not fit" in str(error)
        return None
    return maps[0, :, :, 0]


def assert_shown(grid, expected):
    """Compare numbers on the page, of four digits, with an array."""
    shown = np.array([[float(number.replace("−", "-")) for number in row] for row in grid])
    assert shown.shape == expected.shape
    assert np.allclose(shown, expected, rtol=6e-4, atol=2e-6)


def assert_right(shown, settings):
    """Compare what an explorer shows with the package."""
    pooling = settings["operation"] != "correlate"
    grids = shown["grids"][1 if pooling else 2 :]
    first = layer(settings["picture"], settings)
    if first is None:
        assert grids == [] and shown["sum"] == TEXTS["convolution"]["unfit"]["en"]
        return
    assert_shown(grids[0], first)
    second = layer(first, settings) if settings["beside"] == "second" else None
    assert len(grids) == (1 if second is None else 2)
    if second is not None:
        assert_shown(grids[1], second)
    assert_sum(shown["sum"], first[0, 0])


def assert_sum(text, expected):
    """Do the arithmetic that a sum shows: the products, each of two numbers of four digits, give the result."""
    left, right = (
        text.removeprefix("row 0, column 0: ").replace("−", "-").replace("·", "*").replace("÷", "/").split(" = ")
    )
    assert float(right) == pytest.approx(expected, rel=6e-4, abs=2e-6)
    if "..." not in left:
        terms = left.removeprefix("max")
        value = max(eval(f"[{terms[1:-1]}]")) if left.startswith("max") else eval(terms)
        assert value == pytest.approx(expected, rel=0.01, abs=0.05)


def ran(lines):
    """Run lines of Python, and return the arrays that they print."""
    printed = []
    exec(compile(lines, "copied", "exec"), {"print": printed.append})
    return printed


@pytest.fixture
def bare(server, visit):
    """Open the first explorer of chapter 2 on a page of its own."""
    with visit("about:blank", within=server) as (page, problems):
        page.goto(put_bare(page, server, "convolution", "matrix-a"))
        yield page
        assert not problems


@pytest.fixture
def explorer(server, visit):
    """Open the first explorer of chapter 2."""
    with visit(f"{server}/en/{PAGE}") as (page, problems):
        yield page
        assert not problems


# Numbers ------------------------------------------------------------------------------------------------------------


def test_200_random_settings_give_the_numbers_of_the_package(bare):
    random = np.random.default_rng(0)
    all_settings = [random_settings(random) for _ in range(200)]
    shown = bare.evaluate(SHOW_ALL, [address_of(settings) for settings in all_settings])
    for each, settings in zip(shown, all_settings, strict=True):
        assert_right(each, settings)
    refused = sum(layer(settings["picture"], settings) is None for settings in all_settings)
    assert 10 < refused < 100  # both happen


def test_the_lines_of_python_print_what_the_page_shows(bare):
    random = np.random.default_rng(1)
    all_settings = [random_settings(random) | {"beside": beside} for beside in ("none", "second", "normalized") * 10]
    all_shown = bare.evaluate(SHOW_ALL, [address_of(settings) for settings in all_settings])
    for shown, settings in zip(all_shown, all_settings, strict=True):
        first = layer(settings["picture"], settings)
        if first is not None and (settings["beside"] != "second" or layer(first, settings) is not None):
            grids = shown["grids"][1 if settings["operation"] != "correlate" else 2 :]
            printed = ran(shown["python"])
            assert len(printed) == len(grids)
            for grid, array in zip(grids, printed, strict=True):
                assert_shown(grid, array)


def test_the_brightness_trap_has_the_numbers_of_the_chapter(explorer):
    place = explorer.locator("[data-preset=brightness]")
    place.scroll_into_view_if_needed()
    grids = place.locator(".cnn-panel:not([hidden]) [role=grid]")
    grids.nth(3).wait_for()
    label = (
        "grid => [grid.children[3].children[3], grid.children[3].children[10]].map(c => c.getAttribute('aria-label'))"
    )
    assert grids.nth(2).evaluate(label) == ["row 3, column 3: 0.75 ≈ .75", "row 3, column 10: 3"]
    assert grids.nth(3).evaluate(label) == ["row 3, column 3: 1", "row 3, column 10: 0"]


def test_two_layers_of_three_see_five_pixels(explorer):
    place = explorer.locator("[data-preset=receptive]")
    place.scroll_into_view_if_needed()
    place.locator(".cnn-field").first.wait_for()
    assert place.locator(".cnn-field").count() == 25
    assert place.locator(".cnn-window").count() == 9
    assert place.locator("p.cnn-text").nth(1).text_content().endswith("1 + 2 + 2·1 = 5")


# By hand ------------------------------------------------------------------------------------------------------------


@pytest.fixture
def opened(explorer):
    """Return the first explorer, its grids, and a way to read the sum."""
    explorer.evaluate(SHOW, "#try=matrix-a")
    return explorer, explorer.locator("[data-preset=matrix-a]")


def cell(place, grid, row, column):
    panel = place.locator(".cnn-panel:not([hidden]) [role=grid]").nth(grid)
    return panel.locator("[role=row]").nth(row).locator("[role=gridcell]").nth(column)


def sum_of(place):
    return place.locator("p.cnn-text").first.text_content()


def test_a_keyboard_is_enough(opened):
    page, place = opened
    place.locator("select").first.focus()
    for _ in range(3):
        page.keyboard.press("Tab")
    assert page.evaluate("document.activeElement.getAttribute('aria-label')") == "row 0, column 0: 1"
    page.keyboard.press("ArrowRight")
    page.keyboard.type("-7")
    page.keyboard.press("Enter")
    assert cell(place, 0, 0, 1).get_attribute("aria-label") == "row 0, column 1: −7"
    page.keyboard.press("Enter")
    page.keyboard.type("5")
    page.keyboard.press("Escape")
    assert page.evaluate("document.activeElement.textContent") == "−7"
    page.keyboard.press("Tab")
    page.keyboard.press("End")
    page.keyboard.type("2")
    page.keyboard.press("Enter")
    page.keyboard.press("Tab")
    page.keyboard.press("ArrowDown")
    page.keyboard.press("ArrowRight")
    assert sum_of(place) == "row 1, column 1: 5·1 + 6·0 + 7·2 + 8·0 + 9·1 + 10·0 + 3·0 + 5·0 + 7·0 = 28"
    page.wait_for_function("document.querySelector('[aria-live]').textContent.includes('= 28')")
    page.keyboard.press("Tab")
    page.keyboard.press("Enter")  # one step back
    assert sum_of(place).startswith("row 1, column 0: ")
    for _ in range(3):
        page.keyboard.press("Tab")
    page.keyboard.press("Home")
    assert sum_of(place).startswith("row 0, column 0: ")
    place.get_by_role("button", name="Reset").focus()
    page.keyboard.press("Space")
    assert cell(place, 0, 0, 1).text_content() == "2"


def test_a_mouse_drags_the_window_and_a_click_edits(opened):
    page, place = opened
    cell(place, 0, 0, 0).scroll_into_view_if_needed()
    start, end = (cell(place, 0, at, at).bounding_box() for at in (1, 2))
    page.mouse.move(start["x"] + 10, start["y"] + 10)
    page.mouse.down()
    page.mouse.move(end["x"] + 10, end["y"] + 10, steps=5)
    page.mouse.up()
    assert sum_of(place).startswith("row 1, column 1: 5·1")
    assert place.locator("input.cnn-edit, [role=gridcell] input").count() == 0
    cell(place, 1, 0, 0).click()
    page.keyboard.type("10")
    page.keyboard.press("Tab")
    assert sum_of(place).startswith("row 1, column 1: 5·10")
    cell(place, 2, 0, 1).click()
    assert sum_of(place).startswith("row 0, column 1: 2·10")


def test_what_is_no_number_changes_nothing(opened):
    page, place = opened
    for typed in ("cat", "1e9", "", "--2"):
        cell(place, 0, 0, 0).click()
        page.keyboard.press("Control+A")
        page.keyboard.press("Delete")
        page.keyboard.type(typed)
        page.keyboard.press("Enter")
        assert cell(place, 0, 0, 0).text_content() == "1"


def test_wide_grids_shorten_only_what_begins_with_zero(opened):
    page, place = opened
    page.evaluate(SHOW, "#try=matrix-a&picture=" + "_".join(["10.5,20.25,-30.5,0.5,-0.5,0,1,2,3"] * 3))
    shown = [cell(place, 0, 0, column).text_content() for column in range(6)]
    assert shown == ["10.5", "20.25", "−30.5", ".5", "−.5", "0"]


def test_what_a_cell_shows_is_a_part_of_its_name(opened):
    page, place = opened
    page.evaluate(SHOW, "#try=matrix-a&kernel=1&picture=" + "_".join(["10.526,0.259,-30.5,1,2,3,4,5,6"] * 3))
    cells = place.locator("[role=gridcell]").evaluate_all(
        "(cells) => cells.map((cell) => [cell.textContent, cell.getAttribute('aria-label')])"
    )
    assert ["10.53", "row 0, column 0: 10.53"] in cells and [".26", "row 0, column 1: 0.259 ≈ .26"] in cells
    assert all(text in name for text, name in cells)


def test_no_example_changes_nothing(opened):
    _, place = opened
    place.locator("select").first.select_option("")
    assert sum_of(place).endswith("= 6")
    assert place.locator("select").first.input_value() == "matrix-a"


def test_an_address_that_comes_while_somebody_types_is_shown(opened):
    page, place = opened
    cell(place, 0, 3, 3).click()
    page.keyboard.type("77")
    shown = page.evaluate(SHOW, "#try=matrix-a&picture=1,2_3,4&kernel=1")
    assert shown["grids"][0] == [["1", "2"], ["3", "4"]]


def test_only_the_first_finger_and_the_left_button_drag_the_window(server, visit, touch):
    with visit(f"{server}/en/{PAGE}#try=matrix-a", 390, has_touch=True) as (page, problems):
        place = page.locator("[data-preset=matrix-a]")
        page.evaluate(SHOW, None)
        cell(place, 0, 0, 0).scroll_into_view_if_needed()
        boxes = [cell(place, 0, at, at).bounding_box() for at in range(3)]
        places = [(box["x"] + 10, box["y"] + 10) for box in boxes]
        touch(page, "touchStart", places[0])
        touch(page, "touchMove", places[1])
        touch(page, "touchStart", places[1], places[2])
        touch(page, "touchMove", places[1], places[1])
        touch(page, "touchEnd")
        assert sum_of(place).startswith("row 1, column 1: ")
        page.mouse.move(*places[1])
        page.mouse.down(button="right")
        page.mouse.move(*places[0])
        page.mouse.up(button="right")
        assert sum_of(place).startswith("row 1, column 1: ")
        assert not problems


def test_a_copy_on_plain_http_leaves_the_focus_where_it_was(explorer):
    explorer.evaluate("Object.defineProperty(navigator, 'clipboard', {value: undefined})")
    explorer.evaluate(SHOW, "#try=matrix-a")
    button = explorer.locator("[data-preset=matrix-a]").get_by_role("button", name="Copy link")
    button.focus()
    explorer.keyboard.press("Enter")
    explorer.wait_for_function("document.activeElement.textContent === 'Copied'")


def test_play_goes_through_all_windows(opened):
    page, place = opened
    place.get_by_role("button", name="Play").click()
    page.wait_for_function("document.querySelector('.cnn-chosen').textContent === '14'", timeout=10_000)
    place.get_by_role("button", name="Play").wait_for()
    assert page.locator(".cnn-playing").count() == 0


def test_the_formula_moves_along(opened):
    _, place = opened
    for name, value in (("picture (n)", "9"), ("stride (s)", "3"), ("dilation (d)", "2")):
        place.get_by_label(name).fill(value)
    assert place.locator("p.cnn-text").nth(1).text_content().endswith("⌊(9 − 2·2 − 1) ÷ 3⌋ + 1 = 2")
    place.get_by_label("Padding").select_option("SAME")
    assert place.locator("p.cnn-text").nth(1).text_content().endswith("⌈9 ÷ 3⌉ = 3")


# The address --------------------------------------------------------------------------------------------------------


def test_an_address_leads_to_a_moment_in_every_language(server, visit, explorer):
    explorer.evaluate(SHOW, "#try=matrix-a")
    place = explorer.locator("[data-preset=matrix-a]")
    place.get_by_label("stride (s)").fill("2")
    place.get_by_label("Padding").select_option("SAME")
    explorer.wait_for_function("location.hash === '#try=matrix-a&stride=2&padding=SAME'")
    explorer.locator(".language-switcher [data-language=ja]").click()
    explorer.wait_for_url(f"{server}/ja/{PAGE}#try=matrix-a&stride=2&padding=SAME")
    shown = explorer.evaluate(SHOW, None)
    assert [len(grid) for grid in shown["grids"]] == [5, 3, 2]
    box = explorer.locator("[data-preset=matrix-a] .cnn").bounding_box()
    assert -50 < box["y"] < 844


def test_sections_are_reached_as_ever(server, visit):
    with visit(f"{server}/en/{PAGE}#convolution-receptive") as (page, problems):
        page.wait_for_function(
            "Math.abs(document.getElementById('convolution-receptive').getBoundingClientRect().y) < 200"
        )
        page.locator("[data-preset=receptive]").scroll_into_view_if_needed()
        page.locator("[data-preset=receptive] .cnn").wait_for()
        assert page.url.endswith("#convolution-receptive")
        assert not problems


WRONG = (
    *("stride=0", "stride=1e9", "picture=", "picture=1,2_3", "picture=a,b", "kernel=1,,2_1", "operation=sum", "row=-1"),
    *("picture=" + "_".join(["0"] * 15), "size=NaN", "flip=maybe", "<script>alert(1)</script>", "%E0%A4%A"),
)


def test_an_address_that_cannot_be_shown_shows_the_preset(server, visit):
    with visit("about:blank", within=server) as (page, problems):
        address = put_bare(page, server, "convolution", "matrix-a")
        for words in WRONG:
            page.goto("about:blank")
            page.goto(f"{address}#try=matrix-a&{words}")
            shown = page.evaluate(SHOW, None)
            assert shown["sum"].endswith("= 6") and len(shown["grids"]) == 3, words
        assert not problems


# Every reader -------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("name", PLACES)
@pytest.mark.parametrize("base", ["server", "folder"])
def test_every_place_opens_when_the_reader_comes_near(server, visit, base, name):
    address = server if base == "server" else SITE.as_uri()
    with visit("about:blank", 390, within=address, color_scheme="dark") as (page, problems):
        for code in LANGUAGES:
            page.set_viewport_size({"width": 390, "height": 844})
            page.goto(f"{address}/{code}/{name}")
            assert page.locator("[data-explorer]").count() == len(PLACES[name])
            for preset in PLACES[name]:
                place = page.locator(f"[data-preset={preset}]")
                place.scroll_into_view_if_needed()
                place.locator(".cnn").wait_for()
                assert place.locator("img").is_hidden()
                assert TEXTS["convolution"]["title"][code] in place.locator("section").get_attribute("aria-label")
            for width in (320, 390, 1280):
                page.set_viewport_size({"width": width, "height": 844})
                assert page.evaluate(OVERFLOW) <= 0
                assert lowest_control(page, ".cnn :is(button, select, input[type=range])") >= 44
        assert not problems


@pytest.mark.parametrize("name", PLACES)
def test_nothing_is_fetched_before(server, visit, name):
    with visit(f"{server}/en/{name}") as (page, _):
        fetched = page.evaluate("performance.getEntriesByType('resource').map((entry) => entry.name)")
        assert [url.rpartition("/")[2] for url in fetched if "/explorers/" in url] == ["loader.js"]
    with visit(f"{server}/en/glossary.html") as (page, _):
        assert page.locator("script[src*=explorers]").count() == 0


def test_the_figure_stands_where_no_script_runs_and_in_print(server, visit):
    with visit(f"{server}/en/{PAGE}", java_script_enabled=False) as (page, _):
        assert page.locator("[data-preset=matrix-a] img").is_visible()
    with visit(f"{server}/en/{PAGE}#try=matrix-a") as (page, _):
        page.evaluate(SHOW, None)
        page.emulate_media(media="print")
        assert page.locator("[data-preset=matrix-a] img").is_visible()
        assert page.locator("[data-preset=matrix-a] .cnn").is_hidden()


def test_a_script_that_is_missing_leaves_the_figure(server, visit):
    with visit(f"{server}/en/glossary.html") as (page, _):
        asked = []
        page.route("**/explorers/convolution.js", lambda route: (asked.append(route), route.abort()))
        page.goto(f"{server}/en/{PAGE}#try=matrix-a")
        page.wait_for_timeout(1000)
        assert page.locator("[data-preset=matrix-a] img").is_visible()
        assert 1 <= len(asked) <= 3  # not again and again
        page.unroute("**/explorers/convolution.js")
        page.locator("[data-preset=matrix-a] .cnn").wait_for()  # after a pause, it is asked for again


def test_another_page_in_place_of_a_script_leaves_the_figure(server, visit):
    with visit(f"{server}/en/glossary.html") as (page, _):
        login = {"body": "<html>Log in</html>", "content_type": "text/javascript"}
        page.route("**/explorers/convolution.js", lambda route: route.fulfill(**login))
        with page.expect_console_message(lambda message: message.type == "warning"):
            page.goto(f"{server}/en/{PAGE}#try=matrix-a")
        assert page.locator("[data-preset=matrix-a] img").is_visible()


def test_scripts_keep_to_the_budget_and_the_others_are_not_needed_at_first(server, visit):
    with visit(f"{server}/en/{PAGE}#try=matrix-a") as (page, _):
        page.evaluate(SHOW, None)
        with withheld(page):
            shown = page.evaluate(SHOW, "#try=matrix-a&stride=2&beside=second&row=1")
            assert [len(grid) for grid in shown["grids"]] == [4, 3, 1]
            sizes = script_sizes(page)
            assert {"loader.js", "convolution.js"} <= sizes.keys()
            assert sum(sizes.values()) <= BUDGET, sizes
            page.locator("[data-preset=matrix-a] summary").click()
            page.get_by_text("could not be loaded").wait_for()
        page.locator("[data-preset=matrix-a]").get_by_role("button", name="Copy as Python").click()
        page.wait_for_function("cnn.copy && cnn.python")
        sizes = script_sizes(page)
        assert {"copy.js", "convolution-python.js"} <= sizes.keys()
        assert sum(sizes.values()) <= TOTAL_BUDGET, sizes


# Firefox ------------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("base", ["server", "folder"])
def test_firefox_shows_the_same(server, fox, base):
    address = server if base == "server" else SITE.as_uri()
    fox.goto(f"{address}/en/{PAGE}")
    random = np.random.default_rng(2)
    for _ in range(20):
        settings = random_settings(random)
        assert_right(fox.evaluate(f"({SHOW})({address_of(settings)!r})"), settings)
    assert fox.errors == []


def test_firefox_needs_no_mouse(server, fox):
    fox.goto(f"{server}/en/glossary.html")
    fox.goto(f"{server}/en/{PAGE}#try=matrix-a")
    fox.evaluate(f"({SHOW})(null)")
    fox.evaluate("document.querySelector('[data-preset=matrix-a] [role=gridcell]').focus()")
    fox.press(RIGHT, "9", ENTER, TAB, TAB, DOWN, RIGHT)
    shown = fox.evaluate(f"({SHOW})(null)")
    assert shown["grids"][0][0] == ["1", "9", "3", "4"]
    assert re.fullmatch(r"row 1, column 1: 5·1 .* = 14", shown["sum"])
    fox.press(HOME, END, ESCAPE)
    assert fox.errors == []
