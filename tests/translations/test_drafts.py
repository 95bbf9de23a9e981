"""A language or a page that is being translated: begun, shown, held to the rules as far as it is done, and counted."""

import subprocess

import nbformat
import pytest

from book import lint, rules, translations
from book.beside import beside
from book.coverage import coverage, table
from book.drafts import BEGIN, END, shown_files, shown_page
from book.language_rules import SETS, Text
from book.languages import begin_language, load_languages
from book.notebooks import notebooks
from book.pages import ROOT, pages, read
from book.prose import markdown_blocks
from book.sources import BookError
from book.translations import begin_page, check, sync
from tests.translations.trilingual import TEXTS, make_course

GERMAN = {"title": "(sample)=\n# Ein Beispiel\n\nWas zeigt es?", "closing": "Nun wissen Sie es."}


@pytest.fixture
def course(tmp_path):
    """The sample course with German, begun a moment ago: one page is there, and nothing on it is translated."""
    sample = make_course(tmp_path)
    begin_language(tmp_path, "de")
    begin_page(tmp_path, "de", "01_sample")
    return sample


def translate(course, *cells):
    for cell_id in cells:
        course.edit("de", cell_id, lambda cell, text=GERMAN[cell_id]: cell.update(source=text))


def german(course):
    return next(each for each in load_languages(course.root, drafts=True) if each.code == "de")


def shown(course, language=None):
    """Return the cells of the sample page as readers see them, by id."""
    language = language or german(course)
    path = shown_files(course.root, language)["01_sample"]
    return {cell.id: cell for cell in shown_page(course.root, language, path).cells}


def everything(root):
    return check(root) + lint.check(root) + rules.check(root, "de")


# Beginning ------------------------------------------------------------------------------------------------------------


def test_a_new_language_is_a_draft_that_knows_its_name_and_script(course):
    language = german(course)
    assert (language.name, language.html_lang, language.scripts, language.is_draft) == (
        "Deutsch",
        "de",
        ["LATIN"],
        True,
    )
    assert [each.code for each in load_languages(course.root)] == ["en", "zh", "ja"]
    assert everything(course.root) == []


def test_beginning_again_overwrites_nothing(course):
    translate(course, "title")
    before = course.files()
    assert begin_page(course.root, "de", "01_sample") is None
    sync(course.root)
    assert course.files() == before


@pytest.mark.parametrize("code", ["xx", "German", "../de", "", "deu-xx"])
def test_what_is_no_language_is_refused(course, code):
    before = course.files()
    with pytest.raises(BookError, match="no language has the code"):
        begin_language(course.root, code)
    assert course.files() == before


def test_what_is_no_page_is_refused(course):
    with pytest.raises(BookError, match="there is no page '09_none'; there is: 01_sample, index"):
        begin_page(course.root, "de", "09_none")


def test_english_is_no_draft(course):
    path = course.root / "book/languages.yml"
    path.write_text(path.read_text(encoding="utf-8").replace("en:\n", "en:\n  status: draft\n", 1), encoding="utf-8")
    with pytest.raises(BookError, match="`en` is what the others are translated from, and no draft"):
        load_languages(course.root)


def test_a_status_that_is_not_known_is_named(course):
    path = course.root / "book/languages.yml"
    path.write_text(path.read_text(encoding="utf-8").replace('"draft"', '"half"'), encoding="utf-8")
    with pytest.raises(BookError, match=r"`de.status` is 'half', line \d+; write one of: draft"):
        load_languages(course.root)


# What readers see -----------------------------------------------------------------------------------------------------


def test_what_is_translated_is_shown_and_the_rest_in_english_under_a_note(course):
    course.write("book/reading/texts.yml", (ROOT / "book/reading/texts.yml").read_text(encoding="utf-8"))
    translate(course, "title")
    cells = shown(course)
    assert cells["title"].source.startswith("(sample)=\n# Ein Beispiel\n\n<div")
    assert "This page is being translated" in cells["title"].source, "a text that is missing in German is English"
    assert cells["closing"].source.startswith(f"{BEGIN}\n\n<div")
    assert cells["closing"].source.endswith(f"Now you know.\n\n{END}")
    assert cells["draw"].metadata.mystnb.figure.caption == '<span lang="en">The square</span>'
    assert cells["formula"].source == TEXTS["formula"]["en"], "a formula is of no language"


def test_a_page_that_nobody_began_is_shown_in_english(course):
    course.path("de").unlink()
    assert "# A sample" in shown(course)["title"].source


def test_a_page_that_is_done_has_no_note(course):
    translate(course, "title", "closing")
    course.edit("de", "draw", lambda cell: cell.metadata.mystnb.image.update(alt="Ein graues Quadrat."))
    course.edit("de", "draw", lambda cell: cell.metadata.mystnb.figure.update(caption="Das Quadrat"))
    assert [cell.source for name, cell in shown(course).items() if name in GERMAN] == list(GERMAN.values())
    assert not any("note" in cell.source for cell in shown(course).values())


def test_what_translates_an_older_english_is_shown_in_english(course):
    translate(course, "closing")
    course.edit("en", "closing", lambda cell: cell.update(source="Now you see."))
    assert "Now you see." in shown(course)["closing"].source


def test_the_code_is_that_of_the_english_page(course):
    course.edit("en", "add", lambda cell: cell.update(source="print(2)"))
    assert shown(course)["add"].source == "print(2)"
    assert [line for line in check(course.root) if "/de/" in line] == []


def test_a_page_of_a_published_language_may_be_a_draft(course):
    path = course.root / "book/languages.yml"
    text = path.read_text(encoding="utf-8")
    course.edit("en", "closing", lambda cell: cell.update(source="Now you see."))
    assert any("/zh/01_sample" in line for line in check(course.root))
    path.write_text(text.replace("\nzh:\n", "\nzh:\n  draft_pages: [01_sample]\n"), encoding="utf-8")
    assert not any("/zh/01_sample" in line for line in check(course.root))
    chinese = load_languages(course.root)[1]
    assert "Now you see." in shown(course, chinese)["closing"].source
    assert "示例" in shown(course, chinese)["title"].source
    assert not any("zh" in path.parts for path in notebooks(course.root))


def test_a_draft_page_that_is_no_page_is_named(course):
    path = course.root / "book/languages.yml"
    text = path.read_text(encoding="utf-8").replace("\nzh:\n", "\nzh:\n  draft_pages: [07_gone]\n")
    path.write_text(text, encoding="utf-8")
    assert "`zh.draft_pages` has `07_gone`, which _toc.yml does not list" in check(course.root)[0]


# The rules ------------------------------------------------------------------------------------------------------------


def test_only_what_is_done_is_held_to_the_rules(course):
    course.edit("de", "title", lambda cell: cell.update(source="## Ohne Marke, 17 Mal"))
    found = everything(course.root)
    assert all(line.startswith("chapters/de/01_sample.ipynb: cell title: ") for line in found)
    assert [any(part in line for line in found) for part in ("the labels", "the headings", "17 is nowhere")] == [
        True
    ] * 3
    course.edit("en", "title", lambda cell: cell.update(source=cell.source + " Anything."))
    assert not any("/de/" in line for line in everything(course.root)), "it translates an older English"


def test_of_one_language_alone_nothing_else_is_asked(course):
    course.edit("zh", "closing", lambda cell: cell.update(source="现在 明白了."))
    course.edit("de", "closing", lambda cell: cell.update(source="Nun wissen **Sie es.*"))
    for gate in (translations, rules, lint):
        assert all("/de/" in line for line in gate.check(course.root, "de"))
    assert len(lint.check(course.root, "de")) == 1


# Single languages: the code, the English, a text that breaks the rule, and one that keeps it.
LANGUAGE_RULES = {
    "korean_punctuation": ("ko", "See this.", "이것을 봅니다。", "이것을 봅니다."),
    "korean_formal": ("ko", "It is large.", "매우 크다.", "매우 큽니다. 왜 그럴까요? 보세요."),
    "korean_particles": ("ko", "We call `fit`.", "`fit` 을 부릅니다.", "`fit`을 부릅니다. `fit` 은행."),
    "straight_quotes": ("de", "It is “large”.", 'Es ist "groß".', "Es ist „groß“."),
    "english_kept": ("de", "The map is large and bright.", "The map is large and hell.", "The map ist groß und hell."),
    "numbers": ("de", "44,426 numbers, 99.1%.", "44.426 Zahlen, 98,1 %.", "44.426 Zahlen, 99,1 %, Python 3.11."),
    "terms": ("de", "The stride is large.", "Der Schritt ist groß.", "Mit großen Schrittweiten."),
}
TERM = {"id": "stride", "en": {"term": "stride"}, "de": {"term": "Schrittweite"}}


def said(code, english, own):
    """Return what the lint says of a text in a language."""
    every = {each.code: each for each in load_languages(ROOT, drafts=True)}
    like_german = {"code": "de", "scripts": ["LATIN"], "lint": ["latin"], "punctuation": {'"': "„ and “"}}
    like_german["separators"] = {"decimal": ",", "thousands": "."}
    language = every[code] if code in every else type(every["en"])(**(vars(every["en"]) | like_german))
    sides = [list(markdown_blocks(text)) for text in (own, english)]
    return [
        (problem, rule.__name__)
        for rule in lint.rules(language)
        for problem in rule(Text(language, every["en"], "closing", *sides, [TERM], frozenset({"3.11"})))
    ]


@pytest.mark.parametrize("name", LANGUAGE_RULES)
def test_a_rule_of_a_language_finds_a_slip_and_leaves_good_text_alone(name):
    code, english, bad, good = LANGUAGE_RULES[name]
    assert {rule for _, rule in said(code, english, bad)} == {f"rule_{name}"}
    assert said(code, english, good) == []


def test_the_rules_of_unpublished_languages_are_all_shown_a_slip():
    published = {rule for language in load_languages(ROOT) for rule in lint.rules(language)}
    others = {rule for each in SETS.values() for rule in each} | set(lint.FOR_THE_SAME_SCRIPT)
    assert {rule.__name__ for rule in others - published} <= {f"rule_{name}" for name in LANGUAGE_RULES}


# How far it is --------------------------------------------------------------------------------------------------------


def test_what_is_done_stale_and_missing_is_counted(course):
    translate(course, "title", "closing")
    course.edit("en", "closing", lambda cell: cell.update(source="Now you see."))
    found = coverage(course.root, german(course))
    assert str(found["01_sample"]) == "1 of 3, 1 stale"
    assert str(found["index"]) == "0 of 2"
    assert str(found["book/languages.yml"]) == "4 of 17"
    lines = table(course.root)
    assert lines[0].split() == ["zh", "ja", "de", "(draft)"]
    assert lines[2].split() == ["01_sample", *["2", "of", "3,", "1", "stale"] * 2, "1", "of", "3,", "1", "stale"]


def test_beside_the_english_stands_what_changed_in_it_since(course):
    def git(*arguments):
        identity = ("-c", "user.name=a", "-c", "user.email=a@example.org")
        subprocess.run(["git", *identity, *arguments], cwd=course.root, check=True, capture_output=True)

    translate(course, "closing")
    git("init")
    git("add", ".")
    git("commit", "-m", "start")
    course.edit("en", "closing", lambda cell: cell.update(source="Now you <see>."))
    rows = {row.cell: row for row in beside(course.root, german(course), "01_sample")}
    assert rows["closing"].state == "stale"
    assert rows["closing"].changes == "Now you <del>know</del><ins>&lt;see&gt;</ins>."
    assert rows["closing"].words == {"text": ("Now you <see>.", GERMAN["closing"])}
    assert rows["draw"].state == "missing" and rows["draw"].picture.startswith("data:image/png;base64,")
    assert list(rows["draw"].words) == ["alt", "caption"]
    assert rows["add"].state == "" and rows["add"].code == "print(1 + 1)"


def test_where_git_does_not_know_the_older_english_that_is_said(course):
    translate(course, "closing")
    course.edit("en", "closing", lambda cell: cell.update(source="Now you see."))
    row = next(row for row in beside(course.root, german(course), "01_sample") if row.cell == "closing")
    assert "not in the history of git" in row.changes


def test_the_korean_draft_of_the_course_has_two_pages_that_are_done():
    korean = next(each for each in load_languages(ROOT, drafts=True) if each.code == "ko")
    found = coverage(ROOT, korean)
    assert [name for name in ("index", "02_convolution") if found[name].missing] == []
    assert set(pages(ROOT, "ko")) == {"index", "02_convolution"}
    assert all(nbformat.validate(read(path)) is None for path in pages(ROOT, "ko").values() if path.suffix == ".ipynb")
