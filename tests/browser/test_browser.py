"""The site as a reader meets it: wide and narrow, from a server and from a folder, with and without scripts."""

from pathlib import Path

import pytest
import yaml

from tests.browser.first_view import SITE, budget_of, first_view, is_figure

ROOT = Path(__file__).parents[2]
EVERY = yaml.safe_load((ROOT / "book/languages.yml").read_text(encoding="utf-8"))
LANGUAGES = {code: fields for code, fields in EVERY.items() if "status" not in fields}
NAMES = sorted(path.name for path in (SITE / "en").glob("*.html"))
PAGES = [f"{code}/{name}" for code in LANGUAGES for name in NAMES]

OVERFLOW = "document.documentElement.scrollWidth - document.documentElement.clientWidth"
BAD_FORMULAS = """() => [...document.querySelectorAll('.math')].filter((formula) => {
  const math = formula.querySelector('math');
  return !math || math.namespaceURI !== 'http://www.w3.org/1998/Math/MathML' || math.getBoundingClientRect().width < 2;
}).length"""
SCROLLED = """(selector) => [...document.querySelectorAll(selector)]
  .filter((block) => block.scrollWidth > block.clientWidth && !block.textContent.startsWith('Not yet: '))
  .map((block) => block.textContent)"""


@pytest.mark.parametrize("name", PAGES)
def test_page(server, visit, name):
    with visit(f"{server}/{name}") as (page, problems):
        for width in (1280, 390):
            page.set_viewport_size({"width": width, "height": 844})
            assert page.evaluate(OVERFLOW) <= 0, f"the page is wider than a screen of {width} px"
        assert page.evaluate(BAD_FORMULAS) == 0
        sizes = {url: size for url, size in first_view(page, server).items() if not is_figure(url)}
        assert sum(sizes.values()) <= budget_of(name), sizes
        assert not problems


@pytest.mark.parametrize("name", NAMES)
def test_code_fits_on_a_small_laptop_and_what_it_prints_on_a_phone(server, visit, name):
    with visit(f"{server}/en/{name}") as (page, _):
        assert page.evaluate(SCROLLED, ".bd-article pre") == []
        page.set_viewport_size({"width": 360, "height": 780})
        assert page.evaluate(SCROLLED, ".bd-article .stream pre") == []


@pytest.mark.parametrize("name", PAGES)
def test_page_from_a_folder(visit, name):
    with visit((SITE / name).as_uri()) as (page, problems):
        assert page.evaluate(BAD_FORMULAS) == 0
        assert not problems


@pytest.mark.parametrize("name", NAMES)
def test_the_language_switch_goes_to_the_same_page(server, visit, name):
    with visit(f"{server}/en/{name}", 390) as (page, problems):
        for code in ("zh", "ja", "en"):
            link = page.locator(f".language-switcher [data-language={code}]")
            assert link.is_visible()
            link.focus()
            with page.expect_navigation():
                page.keyboard.press("Enter")
            assert page.url == f"{server}/{code}/{name}"
            assert page.evaluate("document.documentElement.lang") == LANGUAGES[code]["html_lang"]
        assert not problems


@pytest.mark.parametrize("base", ["server", "folder"])
def test_the_root_page_remembers(server, visit, base):
    address = server if base == "server" else SITE.as_uri()
    with visit(f"{address}/index.html") as (page, problems):
        page.click("[data-language=ja]")
        page.wait_for_url(f"{address}/ja/index.html")
        page.goto(f"{address}/index.html")
        page.wait_for_url(f"{address}/ja/index.html")
        page.click(".language-switcher [data-language=zh]")
        page.wait_for_url(f"{address}/zh/index.html")
        page.click(".bd-footer-content a[href$='#choose']")
        page.wait_for_url(f"{address}/index.html#choose")
        assert page.locator("[data-language=en]").is_visible()
        page.goto("about:blank")
        page.goto(f"{address}/index.html")
        page.wait_for_url(f"{address}/zh/index.html")
        assert not problems


@pytest.mark.parametrize(("locale", "code"), [("zh-TW", "zh"), ("ja", "ja"), ("en-GB", "en"), ("fr", None)])
def test_the_root_page_points_at_the_readers_language(server, visit, locale, code):
    with visit(f"{server}/index.html", 390, locale=locale) as (page, problems):
        suggested = page.locator(".suggested")
        assert [link.get_attribute("data-language") for link in suggested.all()] == ([code] if code else [])
        assert page.evaluate(OVERFLOW) <= 0
        assert not problems


def test_without_scripts(server, visit):
    with visit(f"{server}/index.html", java_script_enabled=False) as (page, problems):
        assert page.locator("[data-language]").count() == len(LANGUAGES)
        page.click("[data-language=zh]")
        assert page.url == f"{server}/zh/index.html"
        page.click(".language-switcher [data-language=ja]")
        assert page.url == f"{server}/ja/index.html"
        assert page.locator("article h1").is_visible()
        assert page.locator("html").get_attribute("data-theme") == "light"  # else the page has no colors
        assert not problems


def test_the_sidebars_open_and_close(server, visit):
    with visit(f"{server}/en/glossary.html", 390) as (page, problems):
        page.click(".primary-toggle")
        assert page.locator("#pst-primary-sidebar-modal a", has_text="Glossary").is_visible()
        page.keyboard.press("Escape")
        page.click(".secondary-toggle")
        assert page.locator("#pst-page-toc-nav a").first.is_visible()
        assert not problems


def test_a_tap_on_the_contents_closes_them(server, visit):
    with visit(f"{server}/en/02_convolution.html", 390) as (page, problems):
        page.locator("button.secondary-toggle").click()
        contents = page.locator("#pst-secondary-sidebar-modal")
        contents.locator("a[href^='#']").nth(3).click()
        assert not contents.is_visible()
        assert page.evaluate("scrollY") > 500
        assert not problems


def test_figures_stand_on_paper_in_dark_mode(server, visit):
    name = next(name for name in NAMES if "_images/" in (SITE / "en" / name).read_text(encoding="utf-8"))
    with visit(f"{server}/en/{name}", color_scheme="dark") as (page, _):
        assert page.evaluate("document.documentElement.dataset.theme") == "dark"
        image = page.locator(".cell_output img").first
        assert image.evaluate("image => getComputedStyle(image).backgroundColor") == "rgb(255, 255, 255)"


@pytest.mark.parametrize("code", [code for code in LANGUAGES if code != "en"])
def test_copy_buttons_speak_the_language_of_the_page(server, visit, code):
    name = next(name for name in NAMES if 'class="highlight' in (SITE / code / name).read_text(encoding="utf-8"))
    with visit(f"{server}/{code}/{name}") as (page, _):
        button = page.locator("button.copybtn").first
        assert button.get_attribute("data-tooltip") == LANGUAGES[code]["script_messages"]["copybutton"]["copy"]
