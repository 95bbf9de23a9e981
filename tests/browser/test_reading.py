"""What a reader's device remembers, and what a page shows on request."""

import pytest

from tests.browser.first_view import BUDGET, first_view, is_figure

SEEN_BEFORE = "304 "  # what a page has in common with the one before is not sent again
BLOCKED = "Object.defineProperty(window, 'localStorage', { get() { throw new DOMException('no', 'SecurityError') } })"


def test_the_first_page_opens_its_explorer_only_when_it_is_touched(server, visit):
    with visit(f"{server}/en/index.html") as (page, problems):
        sizes = {url: size for url, size in first_view(page, server).items() if not is_figure(url)}
        assert sum(sizes.values()) <= BUDGET, sizes
        assert not [url for url in sizes if "/explorers/lenet5" in url]
        page.click(".draw-button")
        page.locator(".digit-pad").wait_for()
        assert page.evaluate("document.activeElement.closest('[data-explorer]') !== null")
        assert not problems


def test_the_first_page_goes_on_where_the_reader_was(server, visit):
    with visit(f"{server}/en/02_convolution.html#convolution-formula") as (page, problems):
        page.wait_for_timeout(600)
        page.goto(f"{server}/zh/index.html")
        start = page.locator(".start-button")
        assert "2." in start.inner_text()
        start.click()
        page.wait_for_url(f"{server}/zh/02_convolution.html#convolution-formula")
        assert not [problem for problem in problems if not problem.startswith(SEEN_BEFORE)]


def test_an_explorer_that_opens_above_a_section_does_not_push_it_away(server, visit):
    with visit(f"{server}/en/02_convolution.html#convolution-formula") as (page, problems):
        page.locator("#convolution-by-hand .cnn-open").wait_for(state="attached")
        page.wait_for_timeout(300)
        assert 0 <= page.locator("#convolution-formula h2").bounding_box()["y"] <= 150
        assert not [problem for problem in problems if not problem.startswith(SEEN_BEFORE)]


def test_a_chapter_is_ticked_once_its_end_was_in_view_and_can_be_forgotten(server, visit):
    with visit(f"{server}/en/03_pooling.html") as (page, problems):
        assert page.locator(".been-read").count() == 0
        page.locator(".prev-next-footer").scroll_into_view_if_needed()
        page.locator(".bd-sidenav .been-read").wait_for(state="attached")
        page.goto(f"{server}/ja/index.html")
        assert page.locator(".chapter-card[data-chapter='03_pooling'] .been-read").count() == 1
        page.click(".progress-note button")
        page.wait_for_load_state()
        assert page.locator(".been-read").count() == 0
        assert not [problem for problem in problems if not problem.startswith(SEEN_BEFORE)]


def test_where_storage_is_blocked_the_first_page_is_as_for_a_new_reader(server, browser):
    context = browser.new_context()
    context.add_init_script(BLOCKED)
    page = context.new_page()
    page.goto(f"{server}/en/index.html")
    assert page.locator(".start-button").inner_text() == "Start with chapter 1"
    assert page.locator(".draw-button").is_visible()
    context.close()


@pytest.mark.parametrize("width", [320, 1280])
def test_cards_fit(server, visit, width):
    with visit(f"{server}/zh/index.html", width) as (page, _):
        assert page.evaluate("document.documentElement.scrollWidth") <= width


@pytest.mark.parametrize("base", ["server", "blocked"])
def test_a_guess_stands_beside_its_result_and_stays_on_the_device(server, browser, base):
    context = browser.new_context()
    if base == "blocked":
        context.add_init_script(BLOCKED)
    page = context.new_page()
    page.goto(f"{server}/en/02_convolution.html")
    page.get_by_label("Your guess").first.fill("the second")
    page.keyboard.press("Enter")
    shown = page.locator(".cell_output > .guess-shown:visible")
    assert shown.inner_text() == "Your guess was: the second"
    if base == "server":
        page.goto(f"{server}/zh/02_convolution.html")  # all languages share it
        assert "the second" in shown.inner_text()
        page.get_by_label("你的猜测").first.fill("")
        page.keyboard.press("Enter")
        assert shown.count() == 0
    context.close()


def test_without_scripts_a_place_for_a_guess_is_not_there(server, visit):
    with visit(f"{server}/en/02_convolution.html", java_script_enabled=False) as (page, _):
        assert page.locator("[data-guess]").first.bounding_box()["height"] == 0
        assert not page.locator(".code-here:visible, .enlarge").count()


def test_hidden_code_stays_hidden_on_every_page_and_one_cell_can_be_opened(server, visit):
    with visit(f"{server}/en/02_convolution.html") as (page, problems):
        assert page.locator(".foldable > .cell_input:visible").count() > 10
        page.click(".code-button")
        assert page.locator(".foldable > .cell_input:visible").count() == 0
        page.goto(f"{server}/ja/03_pooling.html")
        assert page.locator(".foldable > .cell_input:visible").count() == 0
        page.locator(".code-here").nth(1).click()
        assert page.locator(".foldable > .cell_input:visible").count() == 1
        page.click(".code-button")
        assert page.locator(".foldable > .cell_input:visible").count() > 10
        assert not problems


def test_on_a_phone_the_code_of_plots_begins_folded(server, visit):
    with visit(f"{server}/en/02_convolution.html", 390) as (page, _):
        assert page.locator(".plotting > .cell_input:visible").count() == 0
        assert page.locator(".foldable:not(.plotting) > .cell_input:visible").count() > 5


def test_a_figure_is_enlarged_with_the_keyboard_and_esc_closes_it(server, visit):
    with visit(f"{server}/en/02_convolution.html") as (page, problems):
        button = page.locator(".enlarge").first
        button.focus()
        page.keyboard.press("Enter")
        large = page.locator("dialog.zoom img")
        assert large.bounding_box()["width"] > page.locator(".bd-article figure img").first.bounding_box()["width"]
        assert large.get_attribute("alt")
        page.keyboard.press("Escape")
        assert not large.is_visible()
        assert button.evaluate("button => button === document.activeElement")
        assert not problems


def test_a_term_is_previewed_on_hover_and_focus_and_esc_hides_it(server, visit):
    with visit(f"{server}/zh/02_convolution.html") as (page, problems):
        link = page.locator(".bd-article a[href*='glossary.html#term-']").first
        preview = page.locator(".term-preview")
        link.hover()
        preview.wait_for()
        assert link.get_attribute("aria-describedby") == preview.get_attribute("id")
        page.keyboard.press("Escape")
        assert not preview.is_visible()
        page.keyboard.press("Tab")
        page.evaluate("link => link.focus()", link.element_handle())
        preview.wait_for()
        assert not problems


def test_a_first_tap_previews_a_term_and_a_second_follows_it(server, visit):
    with visit(f"{server}/en/02_convolution.html", 390, has_touch=True) as (page, _):
        link = page.locator(".bd-article a[href*='glossary.html#term-']").first
        link.tap()
        page.locator(".term-preview a").wait_for()
        box = page.locator(".term-preview").bounding_box()
        assert box["x"] >= 0 and box["x"] + box["width"] <= 390
        link.tap()
        page.wait_for_url(f"{server}/en/glossary.html#term-*")


def test_charts_turn_dark_and_pictures_keep_their_paper(server, visit):
    with visit(f"{server}/en/01_image_properties.html", color_scheme="dark") as (page, _):
        style = "image => [getComputedStyle(image).filter, getComputedStyle(image).backgroundColor]"
        filters, ground = page.locator("img.chart").first.evaluate(style)
        assert "invert" in filters and ground == "rgba(0, 0, 0, 0)"
        filters, ground = page.locator(".cell_output img:not(.chart)").first.evaluate(style)
        assert "invert" not in filters and ground == "rgb(255, 255, 255)"


def test_a_page_prints_light_with_wrapped_code_and_without_what_paper_cannot_use(server, visit):
    with visit(f"{server}/en/02_convolution.html", color_scheme="dark") as (page, _):
        page.evaluate("dispatchEvent(new Event('beforeprint'))")
        page.emulate_media(media="print")
        assert page.evaluate("getComputedStyle(document.body).backgroundColor") == "rgb(255, 255, 255)"
        assert page.evaluate("getComputedStyle(document.querySelector('.bd-article p')).color") != "rgb(255, 255, 255)"
        cut = "[...document.querySelectorAll('.bd-article pre')].filter((e) => e.scrollWidth > e.clientWidth).length"
        assert page.evaluate(cut) == 0
        assert page.locator(".copybtn:visible, .code-here:visible, .guess-box:visible, .enlarge:visible").count() == 0
        assert page.locator("img[loading=lazy]").count() == 0
        page.evaluate("dispatchEvent(new Event('afterprint'))")
        assert page.evaluate("document.documentElement.dataset.theme") == "dark"
