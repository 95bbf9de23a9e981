"""What lets the site be found, with and without an address of its own."""

import json
import shutil
from pathlib import Path
from xml.etree import ElementTree

import pytest
from bs4 import BeautifulSoup
from nbformat.v4 import new_markdown_cell, new_notebook

from book import build, found
from book.languages import load_languages
from tests.site import checks, sample

ROOT = Path(__file__).parents[2]
LANGUAGES = load_languages(ROOT)
BASE = "https://example.org/course/"


@pytest.mark.parametrize(
    ("config", "base"),
    [({}, ""), ({"html": {"baseurl": ""}}, ""), ({"html": {"baseurl": "https://example.org/course"}}, BASE)],
)
def test_the_address_of_the_site_ends_with_a_slash_or_is_empty(config, base):
    assert found.base_address(config) == base


def test_a_description_is_the_first_paragraph_without_code_and_ends_with_a_sentence():
    cells = [new_markdown_cell("# Title\n\nCall `f(x)`.\n\nA question? " + "An answer. " * 30)]
    text = found.description(new_notebook(cells=cells))
    assert text.startswith("A question? An answer.") and text.endswith("answer.") and len(text) <= found.LONGEST


def test_a_long_sentence_is_cut_and_a_decimal_point_ends_none():
    assert found.shortened("0.68 " * 100).endswith("…")
    assert found.shortened("字" * 150 + "。" + "字" * 50) == "字" * 150 + "。"


def test_every_page_of_the_site_has_a_description_of_its_own(site):
    for page in checks.pages(site):
        document = checks.parse(page)
        given = [meta["content"] for meta in document.select("meta[name=description]")]
        assert len(given) == (0 if page.name == "search.html" else 1), page
        assert all(10 <= len(text) <= found.LONGEST for text in given), page


def test_without_an_address_there_are_no_full_links(book_root):
    site = book_root / "book/_build/html"
    for page in [site / "index.html", *checks.pages(site)]:
        assert not checks.parse(page).select("link[rel=canonical], meta[property], script[type='application/ld+json']")
    assert not (site / "sitemap.xml").exists()
    assert "Sitemap" not in (site / "robots.txt").read_text()


def test_with_an_address_all_links_for_search_engines_are_full(tmp_path, monkeypatch):
    monkeypatch.setattr(build, "gate_problems", lambda root: [])
    sample.write_book(tmp_path)
    config = tmp_path / "_config.yml"
    config.write_text(config.read_text("utf-8").replace('baseurl: ""', f'baseurl: "{BASE}"'), "utf-8")
    assert build.build(tmp_path)
    site = tmp_path / "book/_build/html"
    page = BeautifulSoup((site / "ja/02_convolution.html").read_text("utf-8"), "html.parser")
    assert [link["href"] for link in page.select("link[rel=canonical]")] == [f"{BASE}ja/02_convolution.html"]
    alternates = {link["hreflang"]: link["href"] for link in page.select("link[rel=alternate]")}
    wanted = {each.html_lang: f"{BASE}{each.code}/02_convolution.html" for each in LANGUAGES}
    assert alternates == wanted | {"x-default": f"{BASE}index.html"}
    image = page.select_one("meta[property='og:image']")["content"]
    assert (site / image.removeprefix(BASE)).is_file()
    root = BeautifulSoup((site / "index.html").read_text("utf-8"), "html.parser")
    data = json.loads(root.select_one("script[type='application/ld+json']").string)
    assert data["@type"] == "Course" and data["inLanguage"] == [each.html_lang for each in LANGUAGES]
    addresses = [
        element.text for element in ElementTree.parse(site / "sitemap.xml").iter() if element.tag.endswith("}loc")
    ]
    assert len(addresses) == len(set(addresses)) == 3 * len(LANGUAGES)
    assert all((site / address.removeprefix(BASE)).is_file() for address in addresses)
    assert f"Sitemap: {BASE}sitemap.xml" in (site / "robots.txt").read_text()
    assert f'href="{BASE}zh/index.html"' in (site / "404.html").read_text("utf-8")
    shutil.rmtree(tmp_path / "book")
