"""The PDF of each language: one document of all pages, whose links lead to places in it."""

import re

import pytest
from bs4 import BeautifulSoup

from book.languages import load_languages
from book.sources import BookError
from tests.browser.demand import demand_browser
from tools import pdf
from tools.browser import find

NAMES = {"index", "02_convolution", "glossary"}


@pytest.mark.parametrize(
    ("link", "place"),
    [
        ("glossary.html#term-stride", "#glossary--term-stride"),
        ("glossary.html", "#glossary"),
        ("#first", "#index--first"),
        ("#", "#index"),
        ("https://example.org/glossary.html", "https://example.org/glossary.html"),
        ("../ja/glossary.html#term-stride", "../ja/glossary.html#term-stride"),
        ("search.html", "search.html"),
    ],
)
def test_a_link_leads_to_its_place_in_the_document(link, place):
    assert pdf.inner_link(link, "index", NAMES) == place


def test_every_inner_link_finds_its_place_and_every_picture_its_file(book_root):
    for language in load_languages(book_root):
        document = BeautifulSoup(pdf.document(book_root, language), "html.parser")
        ids = [element["id"] for element in document.find_all(id=True)]
        assert len(ids) == len(set(ids))
        assert not [a["href"] for a in document.select("a[href^='#']") if a["href"][1:] not in ids]
        assert document.find_all("img") and all(
            image["src"].startswith("file:///") for image in document.find_all("img")
        )
        assert not document.select("img[loading], script, details:not([open])")


@pytest.mark.parametrize(("tag", "label"), [("tag_solution", "Answer"), ("tag_hide-cell", None)])
def test_what_is_folded_is_open_and_a_solution_is_called_one(tmp_path, tag, label):
    html = f'<article><div class="cell {tag}"><details class="hide"><summary>Show</summary>x</details></div></article>'
    part = pdf.part_of("index", BeautifulSoup(html, "html.parser"), tmp_path, NAMES, "Answer")
    assert part.details.has_attr("open")
    assert (part.summary and part.summary.text) == label


def test_links_to_other_languages_are_left_out_as_there_is_only_one(book_root):
    document = pdf.document(book_root, load_languages(book_root)[0])
    assert 'href="../' not in document


def test_a_site_that_was_not_built_is_named(tmp_path, book_root):
    (tmp_path / "book").mkdir()
    for name in ("_toc.yml", "chapters", "book/languages.yml"):
        (tmp_path / name).symlink_to(book_root / name)
    with pytest.raises(BookError, match=r"index.html is not there in en; run `make book` first"):
        pdf.document(tmp_path, load_languages(book_root)[0])


def test_a_pdf_has_an_outline_numbered_pages_embedded_fonts_and_links(book_root):
    demand_browser()
    japanese = next(language for language in load_languages(book_root) if language.code == "ja")
    made = pdf.make_pdf(book_root, japanese, find())
    content = made.read_bytes()
    assert pdf.pages_of(made) >= 4  # the title and three pages
    assert re.search(rb"/Outlines \d+ 0 R", content)
    titles = [
        bytes.fromhex(title.decode())[2:].decode("utf-16-be") for title in re.findall(rb"/Title <(\w+)>", content)
    ]
    assert titles and all(title[: len(title) // 2] != title[len(title) // 2 :] for title in titles)  # written once
    assert re.search(rb"/FontFile[23]? \d+ 0 R", content)
    assert b"/Type3" in content or b"CJK" in content  # outlines of glyphs, where a font may not be embedded as a file
    assert len(re.findall(rb"/Subtype\s*/Link", content)) >= 5  # three on the title page, two in the index
    assert not list(made.parent.glob(".unfinished-*"))


def test_a_browser_that_fails_leaves_the_last_pdf(book_root, tmp_path):
    english = load_languages(book_root)[0]
    target = book_root / "book/_build/pdf/cnn-course-en.pdf"
    target.parent.mkdir(parents=True, exist_ok=True)
    target.write_bytes(b"the last one")
    broken = tmp_path / "browser"
    broken.write_text("#!/bin/sh\necho no display >&2\nexit 1\n")
    broken.chmod(0o755)
    with pytest.raises(BookError, match="did not print en: no display"):
        pdf.make_pdf(book_root, english, str(broken))
    assert target.read_bytes() == b"the last one"


def test_a_machine_without_a_browser_is_told_what_to_do(monkeypatch, capsys):
    monkeypatch.setattr(pdf, "find", lambda: None)
    assert pdf.main(["en"]) == 1
    assert "install Chromium" in capsys.readouterr().err
