"""The site as `make book` left it keeps to every rule; and each rule notices a page that breaks it."""

import shutil

import pytest

from tests.site import checks


@pytest.mark.parametrize("check", checks.ALL)
def test_site(site, check):
    problems = check(site)
    assert not problems, "\n".join(problems)


@pytest.mark.parametrize("check", checks.ALL)
def test_sample_site(book_root, check):
    problems = check(book_root / "book/_build/html")
    assert not problems, "\n".join(problems)


DAMAGES = [
    (checks.dead_links, 'href="02_convolution.html"', 'href="02_gone.html"', "02_gone.html"),
    (checks.dead_links, "glossary.html#term-stride", "glossary.html#term-gone", "#term-gone"),
    (checks.external_requests, "../_static/course.js", "https://example.org/course.js", "example.org"),
    (checks.language_links, "../ja/index.html", "../ja/glossary.html", "leads to"),
    (checks.language_links, ' aria-current="true"', "", "marked as []"),
    (checks.page_language, 'lang="zh-Hans"', 'lang="en"', "lang='en'"),
    (checks.alt_texts, "<p>", '<p><img src="_images/a.png" alt="_images/a.png">', "_images/a.png"),
    (checks.raw_markup, "<p>", r"<p>$\frac{1}{2}$ ", "frac"),
    (checks.raw_markup, "<p>", "<p>{ref}`term-stride` ", "term-stride"),
    (checks.english_leftovers, "显示或隐藏目录", "Toggle primary sidebar", "Toggle primary sidebar"),
    (checks.english_leftovers, ">下一页<", ">Next<", "Next"),
]


@pytest.mark.parametrize(("check", "old", "new", "message"), DAMAGES)
def test_damage_is_found(book_root, tmp_path, check, old, new, message):
    site = shutil.copytree(book_root / "book/_build/html", tmp_path / "html")
    page = site / "zh/index.html"
    html = page.read_text(encoding="utf-8")
    assert old in html
    page.write_text(html.replace(old, new), encoding="utf-8")
    assert message in "\n".join(check(site))


def test_a_picture_without_its_size_is_found(book_root, tmp_path):
    site = shutil.copytree(book_root / "book/_build/html", tmp_path / "html")
    page = site / "zh/02_convolution.html"
    page.write_text(page.read_text(encoding="utf-8").replace("<img width=", "<img data-width="), encoding="utf-8")
    assert "zh/02_convolution.html" in checks.picture_sizes(site)[0]


def test_a_section_that_a_translation_calls_otherwise_is_found(book_root, tmp_path):
    site = shutil.copytree(book_root / "book/_build/html", tmp_path / "html")
    page = site / "ja/02_convolution.html"
    page.write_text(page.read_text("utf-8").replace('id="convolution-first"', 'id="id1"'), encoding="utf-8")
    problems = checks.same_sections(site)
    assert "en/02_convolution.html: the section #convolution-first has another id in ja" in problems


def test_a_file_that_every_language_has_for_itself_is_found(book_root, tmp_path):
    site = shutil.copytree(book_root / "book/_build/html", tmp_path / "html")
    for code in checks.LANGUAGES:
        shutil.copy(site / "_static/favicon.svg", site / code / "_static/favicon.svg")
    assert checks.stored_once(site) == ["every language has its own _static/favicon.svg, and all are equal"]


def test_names_made_of_english_titles_still_lead_to_their_sections(book_root):
    section = checks.parse(book_root / "book/_build/html/en/02_convolution.html").find(id="convolution-first")
    assert section.find("span", id="here-comes-the-first-experiment").text == ""


def test_missing_page_is_found(book_root, tmp_path):
    site = shutil.copytree(book_root / "book/_build/html", tmp_path / "html")
    (site / "ja/02_convolution.html").unlink()
    assert checks.missing_pages(site) == ["ja/02_convolution.html is missing"]


def test_code_in_a_table_breaks_between_names(book_root):
    code = checks.parse(book_root / "book/_build/html/en/02_convolution.html").select_one("td code")
    assert code.text == "tf.nn.max_pool2d(maps, 2)"
    assert "tf.<wbr/>nn.<wbr/>max_<wbr/>pool2d(<wbr/>maps," in str(code)


def test_figures_have_the_words_of_their_language(book_root):
    figure = checks.parse(book_root / "book/_build/html/ja/02_convolution.html").select_one("figure")
    assert figure.img["alt"] == "右へ行くほど明るくなる正方形"
    assert "明るさは左から右へ増えます。" in figure.figcaption.text


@pytest.mark.parametrize(("code", "title"), [("en", "Note"), ("zh", "备注"), ("ja", "注釈")])
def test_no_language_takes_words_from_the_one_built_before(book_root, code, title):
    page = checks.parse(book_root / f"book/_build/html/{code}/02_convolution.html")
    assert page.select_one(".admonition.note .admonition-title").text == title


def test_formulas_are_mathml_and_folded_cells_need_no_script(book_root):
    page = checks.parse(book_root / "book/_build/html/en/02_convolution.html")
    assert page.select_one("span.math math") and page.select_one("div.math math[display=block]")
    assert page.select_one("details.hide pre").text.strip() == "answer = 42"
