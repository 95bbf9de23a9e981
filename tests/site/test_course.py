"""A teacher's course: what `course.yml` may say, what becomes of the pages, and a small course built whole."""

import re
import shutil
from dataclasses import replace
from pathlib import Path
from xml.etree import ElementTree

import nbformat.v4
import pytest

from book import build
from book.course import load_course
from book.pages import read
from book.selection import Selection, complete
from book.sources import BookError
from tests.site import checks, sample

ROOT = Path(__file__).parents[2]
WHOLE = load_course(ROOT)
CHAPTERS = {each.name: each for each in WHOLE.chapters}
ENGLISH, CHINESE = (next(each for each in checks.LANGUAGES.values() if each.code == code) for code in ("en", "zh"))
BASE = "https://example.org/school/vision/"


# What the file may say ------------------------------------------------------------------------------------------------


@pytest.fixture
def root(tmp_path):
    """The sources of the sample book, not built, with two pages of a teacher's own."""
    sample.write_book(tmp_path)
    for code, name in (("en", "homework"), ("zh", "homework"), ("zh", "only_chinese"), ("en", "02_convolution")):
        page = tmp_path / "own" / code / f"{name}.md"
        page.parent.mkdir(parents=True, exist_ok=True)
        page.write_text('+++ {"id": "title"}\n# Homework\n', encoding="utf-8")
    (tmp_path / "own/logo.png").write_bytes(b"")
    return tmp_path


def course(root, text):
    (root / "course.yml").write_text(text, encoding="utf-8")
    return load_course(root)


def test_without_the_file_and_with_the_one_that_comes_along_the_course_is_the_whole_book(root):
    assert load_course(root).is_whole
    assert course(root, (ROOT / "course.yml").read_text(encoding="utf-8")).is_whole


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("titles: Seeing", "has `titles`, which is not known, line 1; did you mean `title`?"),
        ("languages: [en, jp]", "no language `jp`, line 1; take it out; there is: en, zh, ja"),
        ("languages: []", "`languages` is empty, line 1; write `all`, or one of: en, zh, ja"),
        ("languages: en", "`languages` is 'en', line 1; write `all`, or a list"),
        (
            "# 02_convolution\nchapters:\n  - 02_convolutoin",
            "no chapter `02_convolutoin`, line 3; did you mean `02_",
        ),
        ("chapters:\n  - quiz", "line 2; put your own notebook at own/en/quiz.ipynb, or take it out; there is: 02_"),
        ("chapters:\n  - homework\n  - homework", "names homework twice, line 1; take one of them out"),
        ("chapters:\n  - only_chinese: [en]", "own has `only_chinese` only in: zh, line 2; write one of these"),
        (
            "languages: [en]\nchapters:\n  - homework: [zh]",
            "`zh`, which is no language of this course, line 3",
        ),
        ("chapters:\n  - homework: zh", "is text, not a list, line 2; write one entry a line"),
        ("chapters: []", "`chapters` names none, line 1; write `all`, or some of: 02_convolution"),
        ("chapters: [glossary]", "no chapter can be called `glossary`"),
        ("chapters: [02_convolution]", "own/en/02_convolution.md has the same name, line 1; rename yours"),
        ("explorers: [digits]", "no explorer `digits`, line 1; did you mean `digit`?"),
        ("address: school/vision", "is not one, line 1; write it whole, such as https://"),
        ("logo: own/gone.png", "there is no file `own/gone.png`, line 1; put it there"),
        ("logo: own/logo.txt", "is no picture, line 1; name a file that ends in: .png"),
        ("solutions: hidden", "`solutions` is 'hidden', line 1; write one of: folded, left out"),
        ("title: {xx: Seeing}", "no language `xx`, line 1"),
    ],
)
def test_what_makes_no_sense_is_said_with_the_line_and_the_remedy(root, text, said):
    with pytest.raises(BookError) as error:
        course(root, text)
    assert str(error.value).startswith("course.yml: ")
    assert said in str(error.value)


def test_all_that_makes_no_sense_is_said_at_once(root):
    with pytest.raises(BookError) as error:
        course(root, "languages: [jp]\nexplorers: [digits]\naddress: x\n")
    assert len(str(error.value).splitlines()) == 3


def test_chapters_are_numbered_as_they_stand_and_have_the_languages_that_are_asked_for(root):
    shutil.rmtree(root / "own/en")
    text = "languages: [zh, en]\nchapters:\n  - homework\n  - 02_convolution: [en]\n  - only_chinese\ntitle: {zh: 看}\n"
    found = course(root, text)
    assert found.numbers() == {"homework": "1", "02_convolution": "2", "only_chinese": "3"}
    assert list(found.pages(checks.LANGUAGES["zh"])) == ["index", "homework", "only_chinese"]
    assert list(found.pages(checks.LANGUAGES["en"])) == ["index", "02_convolution"]
    assert [each.title for each in found.languages] == ["看", checks.LANGUAGES["en"].title]


# What becomes of a page -----------------------------------------------------------------------------------------------


def chosen(names, solutions=True, explorers=WHOLE.explorers):
    """A course of some chapters of the book."""
    chapters = [replace(CHAPTERS[name], number=str(place)) for place, name in enumerate(names, 1)]
    return replace(WHOLE, chapters=chapters, chosen=True, solutions=solutions, explorers=explorers)


@pytest.fixture(scope="module")
def two():
    """Chapters 3 and 2 in Chinese, as chapters 1 and 2, without solutions, and with one explorer."""
    selection = Selection(chosen(["03_pooling", "02_convolution"], False, frozenset(["convolution"])), CHINESE)
    return {path.stem: page for path, page in selection.pages().items()}


def cell_of(page, cell_id):
    return next(cell for cell in page.cells if cell.id == cell_id)


def test_a_list_of_all_chapters_in_their_order_changes_no_more_than_the_numbers():
    numbered = replace(WHOLE, chosen=True)
    for path, page in Selection(numbered, CHINESE).pages().items():
        assert page == read(path), path


def test_the_text_has_the_numbers_of_the_course_and_titles_of_what_is_left_out(two):
    words = cell_of(two["02_convolution"], "template-words").source
    assert "“LeNet-5”一章再看" in words and "](#lenet5)" not in words and "第 4 章" not in words
    assert "“图像的特性”一章" in cell_of(two["03_pooling"], "gain-words").source


def test_books_of_others_keep_their_chapters(two):
    assert "第 9 章" in cell_of(two["02_convolution"], "references").source


def test_the_first_page_lists_the_chapters_of_the_course_in_its_order(two):
    items = re.findall(r"^- \[.*?\]\((\w+)\)", cell_of(two["index"], "chapters").source, re.MULTILINE)
    assert items == ["03_pooling", "02_convolution"]


def test_without_an_explorer_its_picture_stays(two):
    welcome = cell_of(two["index"], "welcome").source
    assert "data-explorer" not in welcome and "![" in welcome
    explorers = re.findall('data-explorer="(.*?)"', "".join(cell.source for cell in two["02_convolution"].cells))
    assert set(explorers) == {"convolution"}


def test_without_solutions_nothing_of_them_is_left_and_it_is_said(two):
    page = two["02_convolution"]
    assert not [cell.id for cell in page.cells if cell.id.startswith(("solution-", "why-"))]
    assert [cell.id for cell in page.cells if cell.id.startswith("exercise-")]
    assert "不附答案" in cell_of(page, "exercises").source


@pytest.mark.parametrize(
    ("text", "selected"),
    [
        ("See [chapter 4](#lenet5).", "See the chapter “LeNet-5”."),
        ("[Chapter 4](#lenet5) and Chapter 3.", "The chapter “LeNet-5” and Chapter 1."),
        ("[LeNet-5](04_lenet5), [pooling](03_pooling)", "LeNet-5, [pooling](03_pooling)"),
        (
            "[The last chapter](#learning) and [the next chapter](#convolution)",
            "The chapter “How a network learns” and [the next chapter](#convolution)",
        ),
        ("[the last chapter](#convolution-flip)", "[chapter 2](#convolution-flip)"),
        ("`[chapter 4](#lenet5)`, ```chapter 4```", "`[chapter 4](#lenet5)`, ```chapter 4```"),
        ("| [3](#pooling) | [4a](#learning) |", "| [1](#pooling) | How a network learns |"),
        ("[chapter 3](#pooling), chapter 33, chapter 3.5", "[chapter 1](#pooling), chapter 33, chapter 3.5"),
        ("[term](#term-kernel) [out](https://x.org/04_lenet5)", "[term](#term-kernel) [out](https://x.org/04_lenet5)"),
        ("![a](04_lenet5) [`f[0]`](#lenet5)", "![a](04_lenet5) `f[0]`"),
    ],
)
def test_what_leads_to_a_chapter_that_is_left_out_becomes_text(text, selected):
    cell = nbformat.v4.new_markdown_cell(text)
    Selection(chosen(["03_pooling", "02_convolution"]), ENGLISH).reword(cell, "03_pooling", numbered=True)
    assert cell.source == selected


def test_a_teachers_own_page_gets_ids_and_words_for_its_figures():
    figure = nbformat.v4.new_output("display_data", {"image/png": sample.png()})
    code = nbformat.v4.new_code_cell("draw()", outputs=[figure])
    page = nbformat.v4.new_notebook(cells=[nbformat.v4.new_markdown_cell("# Our own"), code])
    for cell in page.cells:
        del cell["id"]
    complete(Path("own/en/ours.ipynb"), page)
    assert [cell.id for cell in page.cells] == ["cell-1", "cell-2"]
    assert page.cells[1].metadata["mystnb"]["image"]["alt"] == "Our own"


def test_a_teachers_own_page_without_a_title_is_a_sentence():
    page = nbformat.v4.new_notebook(cells=[nbformat.v4.new_markdown_cell("Our own")])
    with pytest.raises(BookError, match=r"en/ours\.ipynb: the page has no title; begin it with a line such as `# Home"):
        complete(Path("own/en/ours.ipynb"), page)


# A course, built ------------------------------------------------------------------------------------------------------


COURSE = f"""
title: {{en: Seeing networks, zh: 看懂网络}}
logo: own/logo.png
address: {BASE}
languages: [zh, en]
chapters:
  - 03_pooling
  - 02_convolution
  - homework: [zh]
  - 01_image_properties
explorers: [convolution]
solutions: left out
"""
HOMEWORK = """+++ {"id": "title"}

(our-homework)=
# 作业

先读[第 2 章](#convolution)，再读 [LeNet-5](04_lenet5)，最后做[池化](03_pooling)。
"""


@pytest.fixture(scope="module")
def small(tmp_path_factory):
    """Four chapters of the real book in two languages, one of them a teacher's own, at an address below another."""
    root = tmp_path_factory.mktemp("course")
    for name in ("_config.yml", "_toc.yml", "chapters", "src", "pyproject.toml"):
        (root / name).symlink_to(ROOT / name)
    (root / "book").mkdir()
    for path in (ROOT / "book").iterdir():
        if path.name not in ("_build", "__pycache__"):
            (root / "book" / path.name).symlink_to(path)
    (root / "own/zh").mkdir(parents=True)
    (root / "own/zh/homework.md").write_text(HOMEWORK, encoding="utf-8")
    shutil.copy(ROOT / "book/_static/welcome.png", root / "own/logo.png")
    (root / "course.yml").write_text(COURSE, encoding="utf-8")
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(build, "gate_problems", lambda root: [])  # they read the book, which is as it was
        assert build.build(root)
    return root / "book/_build/html"


@pytest.mark.parametrize("check", checks.ALL)
def test_the_small_course_keeps_to_every_rule_of_the_site(small, check):
    problems = check(small)
    assert not problems, "\n".join(problems)


def test_every_link_of_the_small_course_stays_below_its_address(small):
    for page in [small / "index.html", *checks.pages(small)]:
        for element in checks.parse(page).find_all(href=True):
            link = element["href"]
            if "://" in link:
                assert not link.startswith("https://example.org/") or link.startswith(BASE), link
                inside = link.removeprefix(BASE).partition("#")[0] if link.startswith(BASE) else ""
                assert not inside or (small / inside).is_file(), link
            else:
                assert not link.startswith("/"), link
                assert (page.parent / link.partition("#")[0].partition("?")[0]).resolve().is_relative_to(small), link


def test_the_small_course_counts_its_own_chapters(small):
    page = checks.parse(small / "zh/01_image_properties.html")
    assert page.title.text.startswith("4. ") and "看懂网络" in page.title.text
    assert "第 4 章（4/4）" in page.select_one(".chapter-place").text
    assert [each.text for each in page.select(".bd-sidenav .chapter-number")] == ["1", "2", "3", "4"]
    english = checks.parse(small / "en/01_image_properties.html")
    assert "Chapter 4 (3 of 3)" in english.select_one(".chapter-place").text
    cards = checks.parse(small / "zh/index.html").select(".chapter-cards > li")
    assert "先读第 2 章，再读 LeNet-5" in cards[2].text  # a teacher's own words stay
    names = [card["data-chapter"] for card in cards]
    assert names == ["03_pooling", "02_convolution", "homework", "01_image_properties"]


def test_search_sitemap_and_switcher_know_the_chapters_of_the_small_course(small):
    index = (small / "zh/searchindex.js").read_text(encoding="utf-8")
    assert "homework.html" in index and "04_lenet5.html" not in index
    addresses = [each.text for each in ElementTree.parse(small / "sitemap.xml").iter() if each.tag.endswith("}loc")]
    assert sorted(each.removeprefix(BASE) for each in addresses) == sorted(
        path.relative_to(small).as_posix() for path in checks.pages(small) if path.name != "search.html"
    )
    switcher = checks.parse(small / "zh/homework.html").select(".language-switcher a")
    assert [link["href"] for link in switcher] == ["./../zh/homework.html", "./../en/index.html"]


def test_what_the_small_course_leaves_out_is_not_on_the_site(small):
    scripts = {path.name for path in (small / "explorers").iterdir()}
    assert "convolution.js" in scripts and "lenet5-trained.js" not in scripts
    for page in checks.pages(small):
        assert 'data-explorer="digit"' not in page.read_text(encoding="utf-8"), page
    solution = checks.parse(small / "en/02_convolution.html").select(".tag_solution")
    text = checks.parse(small / "zh/02_convolution.html").body.get_text()
    assert not solution and "reach = dilation" not in text
