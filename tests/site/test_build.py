"""Each step of the build, and that it never leaves less than the last good site."""

import json
import re
import subprocess
import sys
from pathlib import Path

import pytest
import yaml

from book import build
from book.glossary import glossary_page, load_glossary, missing_terms
from book.languages import book_config, load_languages, merge, message_catalog
from book.search_names import search_names

ROOT = Path(__file__).parents[2]


@pytest.fixture(scope="module")
def languages():
    return load_languages(ROOT)


@pytest.fixture
def edit():
    """Change a file of the sample book; afterwards it is as it was."""
    originals = {}

    def change(path, old, new):
        content = path.read_text(encoding="utf-8")
        originals.setdefault(path, content)
        assert old in content
        path.write_text(content.replace(old, new), encoding="utf-8")

    yield change
    for path, content in originals.items():
        path.write_text(content, encoding="utf-8")


def snapshot(folder):
    return {path.relative_to(folder): path.read_bytes() for path in folder.rglob("*") if path.is_file()}


def test_merge_is_deep_and_leaves_its_arguments_alone():
    base = {"a": {"x": 1, "y": [1]}, "b": 1}
    assert merge(base, {"a": {"y": [2], "z": 3}}) == {"a": {"x": 1, "y": [2], "z": 3}, "b": 1}
    assert base == {"a": {"x": 1, "y": [1]}, "b": 1}


def test_each_language_lays_its_part_over_the_shared_configuration(languages):
    shared = {"author": "us", "sphinx": {"config": {"language": "xx", "html_use_index": False}}}
    config = book_config(shared, languages[1], languages)
    assert config["author"] == "us"
    assert config["title"] == languages[1].title
    assert config["sphinx"]["config"]["language"] == "zh_CN"
    assert config["sphinx"]["config"]["html_use_index"] is False
    assert config["sphinx"]["config"]["html_context"]["language"] == "zh-Hans"


def test_messages_make_a_catalogue():
    assert 'msgid "a \\"b\\""\nmsgstr "甲"' in message_catalog({'a "b"': "甲"})


ROW = {"id": "stride", **{code: {"term": f"{code} term", "definition": "…"} for code in ("en", "zh", "ja")}}


@pytest.mark.parametrize(
    ("rows", "message"),
    [
        ([{**ROW, "ja": None}], "row `stride` has no ja term"),
        ([{**ROW, "zh": {"term": "步幅"}}], "row `stride` has no zh definition"),
        ([ROW, ROW], "the id `stride` is used 2 times; rename"),
        ([{**ROW, "id": f"a{number}", "zh": None} for number in range(6)], "6 of 6 rows have no zh term or definition"),
    ],
)
def test_a_row_that_is_not_complete_is_named(tmp_path, languages, rows, message):
    (tmp_path / "book").mkdir()
    text = yaml.safe_dump(rows, allow_unicode=True)
    (tmp_path / "book/glossary.yml").write_text(text, encoding="utf-8")
    assert message in missing_terms(load_glossary(tmp_path), languages)[0]


def test_the_glossary_has_the_same_targets_in_all_languages(languages):
    rows = [
        {**ROW, "id": "b", "en": {"term": "zebra", "definition": "…", "also": ["zebras", "z", "zs"]}},
        {**ROW, "id": "a"},
    ]
    english, chinese, _ = (glossary_page(rows, language, languages) for language in languages)
    assert english.index("(term-a)=") < english.index("(term-b)=")  # by term
    assert chinese.index("(term-b)=") < chinese.index("(term-a)=")  # as in the file
    assert 'href="../zh/glossary.html#term-b" lang="zh-Hans"' in english
    assert "Also: z\n" in english


def sections_of(root, code):
    script = (root / f"book/_build/html/{code}/searchindex.js").read_text(encoding="utf-8")
    pages = json.loads(script.partition("courseSearch.pages = ")[2].removesuffix(";\n"))
    return {section["anchor"]: section | {"page": page["page"]} for page in pages for section in page["sections"]}


@pytest.mark.parametrize(("code", "term"), [("en", "stride"), ("zh", "步幅"), ("ja", "ストライド")])
def test_the_index_of_the_search_has_each_section_once(book_root, code, term):
    sections = sections_of(book_root, code)
    assert list(sections) == ["welcome", "convolution", "convolution-first", "terms", "term-stride"]
    assert sections["term-stride"]["title"] == term


def test_a_section_of_the_index_has_its_own_text_and_what_its_code_defines(book_root):
    sections = sections_of(book_root, "zh")
    assert sections["convolution"]["text"].startswith("卷积网络透过一个个小窗口观察图像")
    assert "注意边缘。" in sections["convolution-first"]["text"]
    assert "注意边缘。" not in sections["convolution"]["text"]
    assert "lfloor" not in sections["convolution"]["text"]
    assert sections["convolution-first"]["defines"] == ["output_size"]


def test_a_term_is_found_by_its_other_names_and_those_of_other_languages(languages):
    row = {"id": "a", "en": {"term": "pixel", "also": ["pixels"]}, "zh": {"term": "像素"}, "ja": None}
    assert search_names(ROOT / "no-such-folder", [row], languages[1], languages) == {"term-a": ["pixel", "pixels"]}


def test_names_that_readers_type_are_of_sections_that_there_are(languages):
    rows = load_glossary(ROOT)
    labels = {f"term-{row['id']}" for row in rows}
    for path in (ROOT / "chapters/en").iterdir():
        labels |= set(re.findall(r"\(([a-z0-9-]+)\)=", path.read_text("utf-8"))) if path.is_file() else set()
    for language in languages:
        assert search_names(ROOT, rows, language, languages).keys() <= labels


def test_staging_touches_only_what_differs(tmp_path):
    files = {"source/a.md": b"a", "source/b.md": b"b"}
    build.stage(tmp_path, files)
    before = (tmp_path / "source/a.md").stat().st_mtime_ns
    build.stage(tmp_path, {"source/a.md": b"a", "source/c/d.md": b"d"})
    assert (tmp_path / "source/a.md").stat().st_mtime_ns == before
    assert set(snapshot(tmp_path)) == {Path("source/a.md"), Path("source/c/d.md")}


def test_nothing_changed_does_nothing(book_root, monkeypatch, capsys):
    monkeypatch.setattr(build, "build_changed", lambda *_: pytest.fail("it was built again"))
    before = snapshot(book_root)
    assert build.build(book_root)
    assert snapshot(book_root) == before
    assert "nothing changed" in capsys.readouterr().out


def test_only_the_language_that_changed_is_built(book_root, edit, capsys):
    edit(book_root / "chapters/zh/index.md", "卷积网络", "新的卷积网络")
    assert build.build(book_root)
    assert "zh: built" in (output := capsys.readouterr().out)
    assert "en: built" not in output
    assert "新的卷积网络" in (book_root / "book/_build/html/zh/index.html").read_text(encoding="utf-8")


def test_translations_that_lag_are_not_published(book_root, edit, monkeypatch, capsys):
    assert build.build(book_root)
    before = snapshot(book_root / "book/_build/html")
    edit(book_root / "chapters/en/index.md", "picture", "image")
    monkeypatch.setattr(build, "gate_problems", lambda root: ["zh/index.md: cell welcome is stale"])
    assert not build.build(book_root)
    assert "cell welcome is stale" in capsys.readouterr().err
    assert snapshot(book_root / "book/_build/html") == before


def test_a_failed_build_names_the_cell_and_leaves_the_last_good_site(book_root, edit, capsys):
    assert build.build(book_root)
    before = snapshot(book_root / "book/_build/html")
    notebook = book_root / "chapters/ja/02_convolution.ipynb"
    edit(notebook, r"\\lfloor", r"\\nosuchcommand")
    for _ in range(2):  # a warning does not go away when the build is repeated
        assert not build.build(book_root)
        assert "chapters/ja/02_convolution.ipynb, cell `formulas`:" in capsys.readouterr().err
        assert snapshot(book_root / "book/_build/html") == before


def test_a_broken_reference_fails_even_if_its_page_did_not_change(book_root, edit, capsys):
    edit(book_root / "book/glossary.yml", "- id: stride", "- id: stride-renamed")
    assert not build.build(book_root)
    assert "chapters/en/index.md" in (errors := capsys.readouterr().err)
    assert "term-stride" in errors


def test_the_command_line_reports_errors_in_the_sources(tmp_path):
    (tmp_path / "book").mkdir()
    (tmp_path / "book/languages.yml").write_text(json.dumps({"en": {}}))
    command = [sys.executable, "-m", "book.build", "--root", str(tmp_path)]
    result = subprocess.run(command, cwd=ROOT, capture_output=True, text=True)
    assert result.returncode == 1
    assert "book/languages.yml: `en` has no `name`, line 1; add it" in result.stderr
    assert "Traceback" not in result.stderr


def test_the_build_imports_neither_the_package_nor_tensorflow():
    code = "import sys, book.build; print({'cnn_course', 'tensorflow', 'sphinx'} & set(sys.modules))"
    result = subprocess.run([sys.executable, "-c", code], cwd=ROOT, capture_output=True, text=True, check=True)
    assert result.stdout.strip() == "set()"
