"""What the build does for the explorers: files for the site, texts in every language, pictures for the pages."""

import base64
import json
from pathlib import Path

import nbformat.v4
import pytest
import yaml
from pygments.lexers import JavascriptLexer
from pygments.token import Comment, String

from book.correspondence import differing_marks
from book.explorer_files import explorer_files, faults, texts_script
from book.languages import load_languages
from book.lint import check_texts
from book.pages import detach
from book.slimming import slim
from book.sources import BookError
from book.texts import EXPLORERS, load_texts, missing_texts

ROOT = Path(__file__).parents[2]
LANGUAGES = load_languages(ROOT)
PIXEL = base64.b64encode(b"a picture").decode()
ELEMENT = '<div data-explorer="convolution" data-preset="blur">'


def write_texts(root, texts):
    (root / "book/explorers").mkdir(parents=True)
    (root / "book/explorers/texts.yml").write_text(yaml.safe_dump(texts, allow_unicode=True), encoding="utf-8")
    return root


def test_every_script_and_the_texts_of_every_language_are_in_the_site(book_root):
    made = {path.name for path in (book_root / "book/_build/html/explorers").iterdir()}
    written = {path.name: path for path in (ROOT / "book/explorers").iterdir() if path.suffix in (".js", ".css")}
    scripts = set(written)
    for path in (book_root / "book/_build/html/explorers/source").iterdir():
        assert path.read_bytes() == written[path.name].read_bytes()  # for who wants to read them
    assert made >= scripts | {f"texts-{language.code}.js" for language in LANGUAGES}
    assert "texts.yml" not in made


def tokens(script):
    """Return the words and signs of a script, as another program reads them, without comments and spaces."""
    found = JavascriptLexer().get_tokens(script)
    return [(kind, text) for kind, text in found if kind not in Comment and (kind in String or text.strip())]


@pytest.mark.parametrize("path", sorted((ROOT / "book/explorers").glob("*.js")), ids=lambda path: path.name)
def test_a_slimmed_script_says_the_same(path):
    script = path.read_text("utf-8")
    assert tokens(slim(script)) == tokens(script)
    assert len(tokens(script)) > 30
    assert slim(script).count("\n") > 5  # lines are not joined


@pytest.mark.parametrize(
    ("script", "slimmed"),
    [
        ("if (a) { // yes\n  b = [1, 2];\n}\n", "if(a){\nb=[1,2];\n}\n"),
        ("a = 'b  =  c';\n", "a='b  =  c';\n"),
        ("a = 'b  =  c // d';\n", "a = 'b  =  c // d';\n"),
        ("a = `b  =  c`;\n", "a = `b  =  c`;\n"),
        ("a = 'http://b'; // a c\n", "a = 'http://b';\n"),
        ("a = b / c / d;\n", "a = b / c / d;\n"),
        ("a = /' = '/.test(b);\n", "a = /' = '/.test(b);\n"),
        ("a = b - -c + +d;\n", "a=b - -c + +d;\n"),
        ("a = b < !--c;\n", "a = b < !--c;\n"),  # else it would begin a comment of HTML
        ("a = `b\n    c // d`;\n  // e\n", "a = `b\n    c // d`;\n  // e\n"),
        ("/* a\n  b */\n  c();\n", "/* a\n  b */\n  c();\n"),
    ],
)
def test_slimming_takes_only_what_nobody_needs(script, slimmed):
    assert slim(script) == slimmed


def test_a_text_is_the_one_of_its_language():
    for language in LANGUAGES:
        script = explorer_files(ROOT, LANGUAGES)[f"texts-{language.code}.js"].decode()
        found = json.loads(script.partition("cnn.texts = ")[2].removesuffix(";\n"))
        expected = yaml.safe_load((ROOT / "book/explorers/texts.yml").read_text("utf-8"))
        assert found["shared"]["reset"] == expected["shared"]["reset"][language.code]


def test_before_the_gate_is_asked_a_text_that_is_missing_is_the_english_one():
    assert '"go": "Go"' in texts_script({"shared": {"go": {"en": "Go"}}}, "ja")


@pytest.mark.parametrize(
    ("words", "message"),
    [
        ({"en": "row {row}", "zh": "行 {row}"}, "`shared.cell` has no ja text; add it under `ja:`"),
        ({"en": "row {row}", "zh": "行", "ja": "行{row}"}, "the placeholders of the English in zh: {row}"),
        ({"en": "row", "zh": "行", "ja": "行{row}"}, "the placeholders of the English in ja: none"),
        ({"en": "row", "zh": "行", "ja": "行", "fr": "rangée"}, "has `fr`, which is no language of the book"),
    ],
)
def test_a_text_that_is_not_complete_is_named(words, message):
    assert message in missing_texts({"shared": {"cell": words}}, LANGUAGES)[0]


@pytest.mark.parametrize("texts", [{"shared": {"go": {"zh": "走"}}}, {"shared": {"Go!": {"en": "Go"}}}, ["shared"]])
def test_texts_of_another_form_are_refused(tmp_path, texts):
    with pytest.raises(BookError, match=r"explorers/texts\.yml: "):
        load_texts(write_texts(tmp_path, texts), EXPLORERS)


@pytest.mark.parametrize(
    ("code", "words", "message"),
    [
        ("zh", {"en": "stride (s)", "zh": "步幅(s)"}, "half-width '('"),
        ("zh", {"en": "kernel", "zh": "内核"}, "English says 'kernel'"),
        ("ja", {"en": "Not here.", "ja": "ここにはない。"}, "does not end in です or ます"),
        ("zh", {"en": "row {row}", "zh": "行{row}"}, "no space between Chinese and Latin"),
    ],
)
def test_the_lint_reads_the_texts(code, words, message):
    glossary = [{"id": "kernel", "en": {"term": "kernel"}, "zh": {"term": "卷积核"}}]
    (language,) = (language for language in LANGUAGES if language.code == code)
    (problem,) = check_texts(LANGUAGES[0], language, glossary, {"shared": {"name": words}})
    assert problem.startswith(f"book/explorers/texts.yml: shared.name: {code}: ") and message in problem


@pytest.mark.parametrize(
    ("source", "message"),
    [
        (f"{ELEMENT}\n\n![A square.](attachment:a.png)\n\n</div>", None),
        (f"{ELEMENT}\n\n</div>", "stands without a picture"),
        (ELEMENT.replace("convolution", "convolutions") + "\n\n![A square.](a.png)\n\n</div>", "names no explorer"),
        ("No explorer, ![A square.](a.png)", None),
    ],
)
def test_an_element_names_an_explorer_and_holds_a_picture(source, message):
    found = list(faults(nbformat.v4.new_markdown_cell(source, id="try"), ["convolution"]))
    assert [message in problem.message for problem in found] == ([True] if message else [])


def test_a_translation_has_the_explorer_of_the_english():
    assert list(differing_marks(ELEMENT, ELEMENT)) == []
    assert f"no explorer {ELEMENT}" in next(differing_marks("", ELEMENT))
    other = ELEMENT.replace("blur", "edges")
    assert [message.partition(" <")[0] for message in differing_marks(other, ELEMENT)] == [
        "no explorer",
        "the explorer",
    ]


def test_attached_pictures_become_files_beside_the_page():
    cell = nbformat.v4.new_markdown_cell("![A square.](attachment:a.png)", attachments={"a.png": {"image/png": PIXEL}})
    page = nbformat.v4.new_notebook(cells=[cell, nbformat.v4.new_markdown_cell("text")])
    assert detach(Path("02_convolution.ipynb"), page) == {"attached/02_convolution-a.png": b"a picture"}
    assert cell.source == "![A square.](attached/02_convolution-a.png)"
    assert "attachments" not in cell


@pytest.mark.parametrize("kinds", [{}, {"image/png": "§"}, {"image/png": 7}, "text"])
def test_an_attachment_that_is_no_picture_is_named(kinds):
    page = nbformat.v4.new_notebook(cells=[nbformat.v4.new_markdown_cell("text", id="try")])
    page.cells[0].attachments = {"a.png": kinds}
    with pytest.raises(BookError, match=r"chapters/en/02\.ipynb: cell try: the attachment `a\.png` is not a picture"):
        detach(Path("chapters/en/02.ipynb"), page)
