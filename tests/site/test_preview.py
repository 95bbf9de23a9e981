"""A translator's first minutes: a language begun by one command, looked at, and beside the English."""

import json

import pytest

from book.languages import load_languages
from tests.site import checks, sample
from tools import preview

TITLE = "(convolution)=\n# Faltung\n\nEin Faltungsnetz sieht „Bilder“ durch kleine Fenster, mit ReLU dazwischen."


@pytest.fixture(scope="module")
def root(tmp_path_factory):
    """The sample book with German, begun, written in part, and built."""
    folder = tmp_path_factory.mktemp("preview")
    sample.write_book(folder)
    assert list(preview.begin(folder, "de", "02_convolution"))
    path = folder / "chapters/de/02_convolution.ipynb"
    page = json.loads(path.read_text(encoding="utf-8"))
    next(cell for cell in page["cells"] if cell["id"] == "title")["source"] = TITLE
    path.write_text(json.dumps(page, ensure_ascii=False), encoding="utf-8")
    assert preview.main(["de", "--once"], folder) == 0
    return folder


@pytest.fixture(scope="module")
def site(root):
    return root / "book/_build/preview"


def test_only_the_language_is_built_and_the_site_is_left_alone(root, site):
    assert not (root / "book/_build/html").exists()
    assert {path.name for path in site.iterdir() if (path / "index.html").is_file()} == {"de", "beside"}
    assert "de" not in [each.code for each in load_languages(root)]


def test_the_page_has_both_languages_and_says_which_is_which(site):
    page = checks.parse(site / "de/02_convolution.html")
    assert page.html["lang"] == "de"
    assert page.h1.text.startswith("Faltung") and not page.h1.has_attr("lang")
    first, second = page.select(".in-english-note")
    assert first.find_previous(["h1", "h2"]).name == "h1"
    heading = page.select_one("#convolution-first h2")
    assert heading["lang"] == "en" and second.find_previous(["h1", "h2"]) is not None
    assert page.select_one("figure figcaption [lang=en]").text.startswith("Brightness grows")
    assert page.select_one("#convolution > p").get("lang") is None


def test_the_terms_that_are_missing_are_english(site):
    page = checks.parse(site / "de/glossary.html")
    assert page.select_one("#term-stride h2")["lang"] == "en"
    assert len(page.select(".in-english-note")) == 1


def test_every_link_of_the_preview_leads_somewhere(site, monkeypatch):
    monkeypatch.setattr(checks, "LANGUAGES", {"de": None})
    assert checks.dead_links(site) == []
    for page in (site / "beside").glob("*.html"):
        for link in checks.parse(page).find_all("a"):
            assert checks.leads_somewhere(page, link["href"]), link


def test_beside_the_english_each_cell_says_how_far_it_is(site):
    page = checks.parse(site / "beside/02_convolution.html")
    assert page.select_one("#title h2 span")["class"] == ["done"]
    assert page.select_one("#table h2 span")["class"] == ["missing"]
    assert [side.get("lang") for side in page.select("#title .sides > div")] == [None, "de"]
    assert page.select_one("#title h2 a")["href"].endswith("/lab/tree/de/02_convolution.ipynb#cell-id=title")
    assert "1 of" in checks.parse(site / "index.html").select_one("tbody tr:nth-of-type(2)").text


def test_what_is_wrong_is_said_and_shown_all_the_same(root, monkeypatch, capsys):
    built = []
    monkeypatch.setattr(
        preview, "build_preview", lambda _, course: built.extend(each.code for each in course.languages)
    )
    path = root / "chapters/de/02_convolution.ipynb"
    before = path.read_text(encoding="utf-8")
    path.write_text(before.replace("# Faltung", "## Faltung"), encoding="utf-8")
    assert preview.show(root, "de")
    assert "cell title: the headings are ['##'], in English ['#']" in capsys.readouterr().out
    assert built == ["de"]
    path.write_text(before, encoding="utf-8")


def test_english_needs_no_preview_and_an_unknown_language_is_a_sentence(root, capsys):
    for code, said in (("en", "English is what the others are translated from"), ("xx", "no language has the code")):
        assert preview.main([code, "--once"], root) == 1
        assert said in capsys.readouterr().err


def test_without_a_language_all_are_listed(root, capsys):
    assert preview.main([], root) == 0
    assert "de (draft)" in capsys.readouterr().out


def test_it_follows_what_is_saved(root, monkeypatch):
    shown, looks = [], iter(range(3))
    path = root / "chapters/de/index.md"

    def pause(seconds):
        if next(looks) == 1:
            path.write_text(path.read_text(encoding="utf-8") + "\n", encoding="utf-8")

    monkeypatch.setattr(preview.time, "sleep", pause)
    monkeypatch.setattr(preview, "show", lambda root, code: shown.append(code))
    with pytest.raises(StopIteration):  # the looks are used up
        preview.follow(root, "de")
    assert shown == ["de"]
