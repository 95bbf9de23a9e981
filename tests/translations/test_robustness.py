"""What goes wrong for people who edit pages, by the kinds of faults: `pytest -k kind_1`.

Kind 1: work that a tool destroys. Kind 5: what stands between the words. Kind 6: what must not be published, or left
out, without a word. Kind 8: files that cannot be read.
"""

import json
import re
import shutil
import subprocess

import nbformat
import pytest

from book import build, lint, pages, rules, translations, update
from book.correspondence import differing_marks
from book.languages import load_config
from book.sources import BookError
from book.translations import accept, check, sync
from tests.translations.trilingual import CONTENTS, KOREAN, ROOT, TEXTS, make_course

STUB = "def my_sum(a, b):\n    return None  # your code here"
SOLVED = "def my_sum(a, b):\n    return a + b"


@pytest.fixture
def course(tmp_path):
    return make_course(tmp_path)


def git(folder, *arguments):
    settings = ["-c", "user.name=Ada", "-c", "user.email=ada@example.org", "-c", "commit.gpgsign=false"]
    return subprocess.run(["git", *settings, *arguments], cwd=folder, check=True, capture_output=True, text=True).stdout


def commit(folder):
    if not (folder / ".git").exists():
        git(folder, "init", "--quiet", "--initial-branch=main")
        (folder / ".gitignore").write_text("my/\n", encoding="utf-8")
    git(folder, "add", "--all")
    git(folder, "commit", "--quiet", "--message", "A state")


@pytest.fixture
def committed(course):
    """The course with an exercise in it, in a repository."""
    for language in ("en", "zh", "ja"):
        course.edit(language, "add", lambda cell: cell.update(id="exercise-sum", source=STUB))
    commit(course.root)
    return course


def kept(course):
    """The texts of all copies, by their place below the folder of one run."""
    folder = course.root / "my" / "kept"
    return {
        path.relative_to(folder).as_posix().partition("/")[2]: path.read_text(encoding="utf-8-sig")
        for path in sorted(folder.rglob("*"))
        if path.is_file()
    }


# Kind 1: work destroyed by following the tool's own advice ----------------------------------------------------------


def solve(course, language):
    course.edit(language, "exercise-sum", lambda cell: cell.update(source=SOLVED))


def test_kind_1_a_solution_in_a_translation_is_kept_and_said(committed, capsys):
    solve(committed, "zh")
    assert "keeps a copy" in "\n".join(check(committed.root))
    assert translations.main(["sync"], committed.root) == 0
    said = capsys.readouterr().err
    assert f"cell exercise-sum: the code was replaced by the English:\n{SOLVED}" in said
    assert "a copy of the page as it was: my/kept/" in said
    assert "return a + b" in kept(committed)["chapters/zh/01_sample.ipynb"]
    assert check(committed.root) == []


def test_kind_1_a_solution_in_english_is_not_spread(committed):
    solve(committed, "en")
    before = committed.files()
    with pytest.raises(BookError, match=r"en/01_sample.ipynb: cell exercise-sum: this exercise differs from the last"):
        sync(committed.root)
    assert committed.files() == before


def test_kind_1_an_exercise_that_the_course_changes_is_spread_once_it_is_committed(committed):
    solve(committed, "en")
    commit(committed.root)
    sync(committed.root)
    assert committed.load("ja").cells[1].source == SOLVED


def test_kind_1_other_code_changed_in_english_is_spread_and_said(committed):
    committed.edit("en", "draw", lambda cell: cell.update(source="draw(circle)"))
    said = sync(committed.root)
    assert "chapters/en/01_sample.ipynb: cell draw: the code differs from the last commit" in "\n".join(said)
    assert kept(committed) == {}, "the other pages were as committed"


def damaged_break(course):
    course.replace("zh", '+++ {"id": "welcome"', '++ {"id": "welcome"')


def unreadable_break(course):
    course.replace("zh", '+++ {"id": "welcome", ', '+++ {"id": "welcome" ')


def bare_break(course):
    course.replace("zh", "# 欢迎", "# 欢迎\n\n+++\n")


def break_of_another_kind(course):
    course.replace("zh", '{"id": "need"', '{"id": 5')


def unread_conflict(course):
    course.replace("zh", "边做边学。", "<<<<<<< HEAD\n边做边学。\n=======\n边学边做。\n>>>>>>> theirs")


@pytest.mark.parametrize(
    "damage", [damaged_break, unreadable_break, bare_break, break_of_another_kind, unread_conflict]
)
def test_kind_1_a_page_that_cannot_be_understood_is_refused_and_left_alone(course, damage):
    damage(course)
    before = course.files()
    problems = check(course.root)
    assert all(re.match(r"chapters/zh/index.md: .*, line \d+; ", line) for line in problems), problems
    with pytest.raises(BookError):
        sync(course.root)
    with pytest.raises(BookError):
        accept(course.root, "zh", "index")
    assert course.files() == before


def test_kind_1_a_byte_order_mark_does_no_harm(course):
    for name in ("index.md", "01_sample.ipynb"):
        path = course.path("zh", name)
        path.write_bytes(b"\xef\xbb\xbf" + path.read_bytes())
    assert check(course.root) == []
    sync(course.root)
    assert "边做边学" in course.path("zh", "index.md").read_text(encoding="utf-8")
    assert check(course.root) == []


def drop_caption(course):
    course.edit("en", "draw", lambda cell: cell.metadata.mystnb.pop("figure"))
    return "方块"


def drop_cell(course):
    course.edit_cells("en", lambda cells: cells.pop())
    return TEXTS["closing"]["zh"]


def add_cell(course):
    cell = nbformat.v4.new_code_cell("mine = 1", id="mine")
    course.edit_cells("zh", lambda cells: cells.append(cell))
    return "mine = 1"


def change_code(course):
    course.edit("zh", "add", lambda cell: cell.update(source="print(3)"))
    return "print(3)"


def change_tags(course):
    course.edit("zh", "add", lambda cell: cell.metadata.update(tags=["mine"]))
    return "'mine'"


def change_type(course):
    course.edit("zh", "closing", lambda cell: cell.update(cell_type="raw"))
    return TEXTS["closing"]["zh"]


def write_front_matter(course):
    path = course.path("zh", "index.md")
    path.write_text("---\nmine: 1\n---\n\n" + path.read_text(encoding="utf-8"), encoding="utf-8")
    return "mine: 1"


DROPS = [drop_caption, drop_cell, add_cell, change_code, change_tags, change_type, write_front_matter]


@pytest.mark.parametrize("drop", DROPS)
@pytest.mark.parametrize("in_git", [False, True])
def test_kind_1_what_sync_drops_is_printed_and_kept(course, drop, in_git):
    if in_git:
        commit(course.root)
    text = drop(course)
    said = "\n".join(sync(course.root))
    assert text in said
    assert "a copy of the page as it was" in said
    assert any(text.strip("'") in copy for name, copy in kept(course).items() if name.startswith("chapters/zh/"))


def test_kind_1_what_git_still_has_is_not_kept(course):
    commit(course.root)
    course.edit("en", "add", lambda cell: cell.update(source="print(2)"))
    sync(course.root)
    assert kept(course) == {}


def test_kind_1_the_copies_of_two_runs_do_not_meet(course):
    for text in ("print(3)", "print(4)"):
        course.edit("zh", "add", lambda cell, text=text: cell.update(source=text))
        sync(course.root)
    texts = [path.read_text(encoding="utf-8") for path in (course.root / "my").rglob("*.ipynb")]
    assert sorted(text in each for each in texts for text in ("print(3)", "print(4)")) == [False, False, True, True]


def test_kind_1_nothing_is_written_if_the_copy_cannot_be(course):
    change_code(course)
    course.write("my", "a file where the folder should be")
    before = course.files()
    with pytest.raises(OSError):
        sync(course.root)
    assert course.files() == before
    assert translations.main(["sync"], course.root) == 1  # and no traceback


def duplicate(course, language):
    path = course.path(language)
    shutil.copy(path, path.with_name("01_sample-Copy1.ipynb"))


@pytest.mark.parametrize("language", ["en", "zh"])
def test_kind_1_a_copy_of_a_page_is_left_alone_and_listed(course, language, capsys):
    duplicate(course, language)
    course.write("chapters/my/notes.ipynb", "not even a notebook")
    before = course.files()
    assert check(course.root) == rules_without_the_package(course) == lint.check(course.root) == []
    assert translations.main(["sync"], course.root) == 0
    said = capsys.readouterr().err
    assert f"left out, as _toc.yml does not list it: chapters/{language}/01_sample-Copy1.ipynb\n" in said
    assert "left out, as _toc.yml does not list it: chapters/my/notes.ipynb\n" in said
    assert course.files() == before


def rules_without_the_package(course):
    """What is wrong with the cells, but that the sample does not use the course's package."""
    return [line for line in rules.check(course.root) if "first code cell" not in line]


# A reader's clone, as the README tells it


@pytest.fixture
def clone(committed, tmp_path_factory):
    """What a reader has after `git clone`."""
    folder = tmp_path_factory.mktemp("reader") / "clone"
    git(committed.root, "clone", "--quiet", str(committed.root), str(folder))
    return type(committed)(folder)


def open_in_jupyterlab(course, language):
    page = course.load(language)
    page.metadata.kernelspec.display_name = "Python 3 (ipykernel)"
    page.metadata.language_info.version = "3.12.1"
    course.store(language, page)


def publish_a_correction(course, language="zh"):
    course.edit(language, "closing", lambda cell: cell.update(source="现在更明白了。"))
    commit(course.root)


def test_kind_1_a_notebook_that_was_only_opened_is_no_obstacle(committed, clone):
    open_in_jupyterlab(clone, "zh")
    assert check(clone.root) == []
    publish_a_correction(committed)
    assert list(update.update(clone.root)) == ["the course is up to date"]
    assert "现在更明白了" in clone.path("zh").read_text(encoding="utf-8")
    assert kept(clone) == {}


@pytest.mark.parametrize("language", ["zh", "en"])
def test_kind_1_a_solution_survives_build_sync_and_pull(committed, clone, language, monkeypatch, capsys):
    solve(clone, language)
    open_in_jupyterlab(clone, language)
    solved = clone.path(language).read_bytes()
    shutil.copy(ROOT / "_config.yml", clone.root)
    shutil.copytree(ROOT / "book" / "_templates", clone.root / "book" / "_templates")
    shutil.copytree(ROOT / "book" / "_static", clone.root / "book" / "_static")
    monkeypatch.setattr(build, "build_changed", lambda *_: pytest.fail("a page that differs was built"))
    assert not build.build(clone.root)
    assert "cell exercise-sum: the code differs from the English" in capsys.readouterr().err
    assert clone.path(language).read_bytes() == solved
    translations.main(["sync"], clone.root)
    assert "return a + b" in "".join([*kept(clone).values(), clone.path(language).read_text(encoding="utf-8")])
    publish_a_correction(committed, language)
    solve(clone, language)  # the student goes on
    with pytest.raises(subprocess.CalledProcessError):
        git(clone.root, "pull")
    said = list(update.update(clone.root))
    assert said[0].startswith(f"chapters/{language}/01_sample.ipynb: your version is kept in my/kept/")
    assert said[-1] == "the course is up to date"
    assert "return a + b" in kept(clone)[f"chapters/{language}/01_sample.ipynb"]
    assert "现在更明白了" in clone.path(language).read_text(encoding="utf-8")
    assert check(clone.root) == check(committed.root)


def test_kind_1_a_page_that_did_not_change_upstream_stays_as_the_reader_left_it(committed, clone):
    solve(clone, "en")
    solved = clone.path("en").read_bytes()
    publish_a_correction(committed)
    assert list(update.update(clone.root)) == ["the course is up to date"]
    assert clone.path("en").read_bytes() == solved


def test_kind_1_a_page_that_comes_new_does_not_replace_a_readers_own(committed, clone):
    clone.write("chapters/zh/02_new.ipynb", clone.path("zh").read_bytes())
    shutil.copy(committed.path("zh"), committed.path("zh", "02_new.ipynb"))
    commit(committed.root)
    assert "your version is kept" in "".join(update.update(clone.root))
    assert "chapters/zh/02_new.ipynb" in kept(clone)


def own_commit(clone):
    clone.write("chapters/zh/extra.md", "x")
    commit(clone.root)


def no_upstream(clone):
    git(clone.root, "remote", "remove", "origin")


def upstream_gone(clone):
    git(clone.root, "remote", "set-url", "origin", str(clone.root / "nowhere"))


def changed_elsewhere(clone):
    clone.write("_toc.yml", CONTENTS + "# mine\n")


@pytest.mark.parametrize("trouble", [own_commit, no_upstream, upstream_gone, changed_elsewhere])
def test_kind_1_an_update_that_cannot_be_changes_nothing(committed, clone, trouble, capsys):
    solve(clone, "zh")
    publish_a_correction(committed)
    committed.write("_toc.yml", CONTENTS + "# theirs\n")
    commit(committed.root)
    trouble(clone)
    head, before = git(clone.root, "rev-parse", "HEAD"), clone.path("zh").read_bytes()
    assert update.main(clone.root) == 1
    assert "Traceback" not in (said := capsys.readouterr().err)
    assert said.strip()
    assert git(clone.root, "rev-parse", "HEAD") == head
    assert clone.path("zh").read_bytes() == before


# Kind 5: what stands between the words ------------------------------------------------------------------------------

DIFFERENT = [
    ("$x^2$", "$x^3$", "formula x^2"),
    ("a\n\n$$\nx + y\n$$", "甲", "no formula x+y"),
    ("```{math}\nx\n```", "```{math}\ny\n```", "formula x"),
    ("\\begin{align}\nx\n\\end{align}", "甲", "no formula"),
    ("call `fit`", "调用 `fit_`", "no code `fit`"),
    ("call it", "调用 $x$", "the formula x is not there"),
    ("see [a](02_convolution)", "见[甲](03_pooling)", "no link to 02_convolution"),
    ("the [stride](#term-stride)", "步幅", "no link to #term-stride"),
    ("see {doc}`02`", "见 {doc}`03`", "{doc}`02`"),
    ("![a](a.png)", "甲", "no picture a.png"),
    ("![a](a.png)", "![甲](b.png)", "the picture b.png"),
    ("```{note}\n`fit`\n```", "```{note}\n甲\n```", "no code `fit`"),
    ("| a |\n|---|\n| `fit` |", "| 甲 |\n|---|\n| 乙 |", "no code `fit`"),
    ("see [a](https://example.org/en)", "见甲", "0 links lead out of the course, in English 1"),
    ("a", "见[甲](https://example.org/zh)", "1 links lead out"),
]
ALIKE = [
    ("The axes are time and loss.", "横轴 `time` 是时间，纵轴 `loss` 是损失。"),
    ("the rows `1\xa02`", "这两行 `1 2`"),
    ("first `a`, then $x$", "先 $x$，再 `a`"),
    ("`fit`, and `fit` again", "`fit`"),
    ("$x + y$", "$x+y$"),
    ("$$x \\text{ if } y$$", "$$x \\text{ 若 } y$$"),
    ("see [the site](https://example.org/en)", "见[网站](https://example.org/zh)"),
    ("see {doc}`a page <02>`", "见 {doc}`某页 <02>`"),
    ("![a picture](a.png)", "![一幅图](a.png)"),
    ("```python\nx  # a comment\n```", "```python\nx  # 注释\n```"),
    ("costs 5 \\$ or `$x`", "`$x` 或 5 \\$"),
]


@pytest.mark.parametrize(("english", "own", "message"), DIFFERENT)
def test_kind_5_what_differs_between_the_words_is_named(english, own, message):
    assert any(message in line for line in differing_marks(own, english))


@pytest.mark.parametrize(("english", "own"), ALIKE)
def test_kind_5_what_a_good_translation_changes_is_left_alone(english, own):
    assert list(differing_marks(own, english)) == []


def test_kind_5_literature_may_name_editions_of_its_own():
    more = "[A](https://example.org/a) [B](https://example.org/b)"
    assert list(differing_marks(more, "[A](https://example.org/a)", more_links=True)) == []
    assert list(differing_marks("[A](https://example.org/a)", more, more_links=True)) != []


def test_kind_5_the_gate_names_the_cell(course):
    for language in ("en", "zh", "ja"):
        text = TEXTS["closing"][language] + " $x$"
        course.edit(language, "closing", lambda cell, text=text: cell.update(source=text))
    for language in ("zh", "ja"):
        accept(course.root, language, "01_sample")
    assert check(course.root) == []
    course.edit("ja", "closing", lambda cell: cell.update(source=cell.source.replace("$x$", "$y$")))
    assert check(course.root)[0].startswith("chapters/ja/01_sample.ipynb: cell closing: no formula x")


def test_kind_5_the_glossary_is_asked_too(course):
    row = "- id: relu\n  en: {term: ReLU, definition: 'It is $\\max(x, 0)$.'}\n"
    row += "  zh: {term: ReLU, definition: '它是 $\\min(x, 0)$。'}\n"
    row += "  ja: {term: ReLU, definition: '$\\max(x, 0)$のこと。'}\n"
    course.write("book/glossary.yml", row)
    assert any("row relu: zh: no formula" in line for line in lint.check(course.root))


# Kind 6: published, or left out, without a word ---------------------------------------------------------------------

REFUSED = [
    ("zh", "![图](https://example.org/a.png)", "https://example.org/a.png would be fetched from elsewhere"),
    ("en", '<img src="//example.org/a.png" alt="a">', "//example.org/a.png"),
    ("ja", '<script src="https://example.org/a.js"></script>', "a.js would be fetched"),
    ("zh", '<iframe src="https://example.org/"></iframe>', "would be fetched"),
    ("zh", "甲 <b style=\"background: url('https://example.org/a.png')\">乙</b>", "would be fetched"),
    ("zh", "```{figure} https://example.org/a.png\n图\n```", "would be fetched"),
    ("zh", "现在\x07明白了。", "U+0007"),
    ("en", "Now you\u202e know.", "U+202E"),
    ("ja", "これ\ufffdで", "U+FFFD"),
    ("zh", "\ue000 明白", "U+E000"),
    ("en", "Itâ€™s clear.", "'â€™', which is '’' read in a wrong encoding"),
    ("zh", "卷积网络".encode().decode("gb18030"), "which is '卷积网络' read in a wrong encoding"),
    ("ja", "畳み込み".encode().decode("cp932"), "which is '畳み込み' read in a wrong encoding"),
]


@pytest.mark.parametrize(("language", "source", "message"), REFUSED)
def test_kind_6_a_cell_that_must_not_be_published_is_named(course, language, source, message):
    course.edit(language, "closing", lambda cell: cell.update(source=source))
    found = rules.check(course.root)
    assert any(f"chapters/{language}/01_sample.ipynb: cell closing: " in line and message in line for line in found)


@pytest.mark.parametrize(
    "data", [{"text/html": '<img src="https://example.org/a.png">'}, {"text/markdown": "![a](//e.org/a)"}]
)
def test_kind_6_outputs_are_looked_at(course, data):
    output = {"output_type": "display_data", "data": data, "metadata": {}}
    course.edit("en", "add", lambda cell: cell.update(outputs=[nbformat.from_dict(output)]))
    assert any("cell add: " in line and "would be fetched" in line for line in rules.check(course.root))


@pytest.mark.parametrize(
    "source",
    [
        "[a page](https://example.org/a) and <https://example.org/b>",
        "`<script src='https://example.org/a.js'>` is code",
        "猫、联通、naïve café, Müller × 5 °C ² – “it’s” … → ≤ ∑ 𝑥",
        "ゼロパディング、畳み込み、﹏",
        "![a](a.png) {#fig}",
        "\tindented\n\n- a\n",
    ],
)
def test_kind_6_good_text_is_left_alone(course, source):
    course.edit("en", "closing", lambda cell: cell.update(source=source))
    assert rules_without_the_package(course) == []


def test_kind_6_a_page_of_the_contents_that_is_not_there_is_named(course):
    course.write("_toc.yml", CONTENTS.replace("01_sample", "01_sampel"))
    problems = check(course.root)
    assert problems[0].startswith(
        "_toc.yml: there is no page `01_sampel`, line 4; write chapters/en/01_sampel.ipynb or"
    )
    assert [path.name for path in pages.left_out(course.root, ["en", "zh", "ja"])] == ["01_sample.ipynb"] * 3


def test_kind_6_pages_in_sections_and_parts_are_pages(course):
    toc = "format: jb-book\nroot: index\nparts:\n- caption: One\n  chapters:\n  - file: a\n    sections:\n"
    toc += "    - file: 01_sample.ipynb\n"
    course.write("_toc.yml", toc)
    assert set(pages.contents(course.root)) == {"index", "a", "01_sample"}
    assert set(pages.pages(course.root, "zh")) == {"index", "01_sample"}


def test_kind_6_a_figure_without_alt_text_is_not_published(course):
    for language in ("en", "zh", "ja"):
        course.edit(language, "draw", lambda cell: cell.metadata.mystnb.pop("image"))
    found = [line for line in build.gate_problems(course.root) if "has no alt" in line]
    assert len(found) == 1, "once, not once a language"
    assert found[0].startswith("chapters/en/01_sample.ipynb: cell draw: the picture has no alt; write it in the cell's")


# Kind 8: tracebacks for files that people edit ----------------------------------------------------------------------

YAML = {
    "a colon": ("title: a: b", "line 1"),
    "another encoding": ("标题: 卷积".encode("gb18030"), "not UTF-8, line 1"),
    "UTF-16": ("en: 1".encode("utf-16"), "not UTF-8"),
    "an empty file": ("", "empty"),
    "comments only": ("# nothing\n", "nothing but comments"),
    "a conflict": ("a: 1\n<<<<<<< HEAD\nb: 2\n=======\nb: 3\n>>>>>>> x\n", "unresolved merge conflict, line 2"),
    "a tab": ("en:\n\tname: x", "line 2"),
    "a control character": ("en: \x01", "U+0001"),
    "a name twice": ("en: {}\nen: {}", "`en` stands there twice"),
    "a name that is false": ("no: {}", "the name 'no' is not text, line 1"),
    "a number as the file": ("5", "is the number 5"),
    "an unknown tag": ("en: !!python/object:x {}", "line 1"),
    "a circle": ("&a {en: *a}", ""),
    "a date that is none": ("en: 2024-13-45", "not valid YAML"),
}


@pytest.mark.parametrize("name", ["book/languages.yml", "book/glossary.yml", "_toc.yml"])
@pytest.mark.parametrize("content", YAML.values(), ids=YAML)
def test_kind_8_yaml_that_cannot_be_read_is_a_sentence(course, name, content, capsys):
    text, message = content
    course.write(name, text)
    for command in (lambda: translations.main(["check"], course.root), lambda: lint.main(course.root)):
        assert command() == 1
        said = "".join(capsys.readouterr())
        assert f"{name}: " in said and "; " in said
        assert message in said


ROWS = """\
- id: stride
  en: {term: stride, definition: A.}
  zh: {term: 步, definition: 一。}
  ja: {term: 歩, definition: 一。}
"""
VALUES = [
    ("book/glossary.yml", ROWS.replace("id: stride", "id: [a]"), "entry 1: `id` is a list, not text, line 1; put it"),
    ("book/glossary.yml", ROWS.replace("term: 步", "term: 5"), "entry 1: `zh.term` is the number 5, not text, line 3"),
    (
        "book/glossary.yml",
        ROWS.replace("definition: A.", "definition: yes"),
        "`en.definition` is `true`, not text, line 2",
    ),
    ("book/glossary.yml", ROWS.replace("term: 步", "term: 2024-01-01"), "`zh.term` is a date, not text, line 3"),
    (
        "book/glossary.yml",
        ROWS.replace("{term: 步, definition: 一。}", "步"),
        "entry 1: `zh` is text, not a mapping, line 3",
    ),
    ("book/glossary.yml", ROWS.replace("term: 歩", "term: 歩, also: 歩幅"), "`ja.also` is text, not a list, line 4"),
    ("book/glossary.yml", ROWS.replace("term: 歩", "term: 歩, aslo: [歩幅]"), "`aslo`, which is not known"),
    ("book/glossary.yml", ROWS.replace("id: stride\n", ""), ""),
    ("book/glossary.yml", ROWS.replace("id: stride", "id: ''"), "write lowercase English words"),
    ("_toc.yml", CONTENTS.replace("root: index", "root: 5"), "`root` is the number 5, not text, line 2"),
    ("_toc.yml", CONTENTS.replace("- file: 01", "- fiel: 01"), "`fiel`, which is not known"),
    ("_toc.yml", CONTENTS.replace("  - file: glossary", "  - glossary"), "is text, not a mapping, line 5"),
    ("_toc.yml", CONTENTS.replace("jb-book", "jb-article"), "write one of: jb-book"),
    ("book/languages.yml", "en: {name: 5}", "`en.name` is the number 5, not text, line 1"),
    ("book/languages.yml", "en:\n  name: x\nzh:\n", "`zh` is empty, not a mapping, line 3"),
    ("book/languages.yml", "en: {html_lan: en}", "`html_lan`, which is not known"),
]


@pytest.mark.parametrize(("name", "content", "message"), VALUES)
def test_kind_8_a_value_of_the_wrong_kind_is_named_with_its_line(course, name, content, message, capsys):
    course.write(name, content)
    assert translations.main(["check"], course.root) == 1
    said = "".join(capsys.readouterr())
    assert f"{name}: " in said and message in said


def raw(course, change):
    """Change the text of the Chinese notebook."""
    path = course.path("zh")
    path.write_text(change(path.read_text(encoding="utf-8")), encoding="utf-8")


def on_cell(cell_id, change):
    """Change a cell of the stored notebook, in ways that nbformat would not allow."""

    def damage(text):
        page = json.loads(text)
        change(next(cell for cell in page["cells"] if cell["id"] == cell_id))
        return json.dumps(page, ensure_ascii=False, indent=1)

    return lambda course: raw(course, damage)


NOTEBOOKS = {
    "an empty file": (lambda c: raw(c, lambda text: ""), "the file is empty"),
    "half a file": (lambda c: raw(c, lambda text: text[:200]), ", line "),
    "a list": (lambda c: raw(c, lambda text: "[]"), "is a list, not a mapping"),
    "a number": (lambda c: raw(c, lambda text: "5"), "is the number 5"),
    "deeply nested": (lambda c: raw(c, lambda text: "[" * 100_000), "cannot be read"),
    "no cells": (lambda c: raw(c, lambda text: text.replace('"cells"', '"cell"')), "no `cells`"),
    "an old format": (lambda c: raw(c, lambda text: text.replace('"nbformat": 4', '"nbformat": 3')), "`nbformat` is 3"),
    "a conflict": (
        lambda c: raw(c, lambda text: text.replace('"cells"', '\n<<<<<<< HEAD\n=======\n>>>>>>> x\n"cells"')),
        "unresolved merge conflict, line ",
    ),
    "another encoding": (
        lambda c: c.path("zh").write_bytes(c.path("zh").read_text(encoding="utf-8").encode("gb18030")),
        "it is not UTF-8, line ",
    ),
    "text as mystnb": (
        on_cell("draw", lambda cell: cell["metadata"].update(mystnb="x")),
        "cell draw: `metadata.mystnb` is text, not a mapping, line ",
    ),
    "a number as alt": (
        on_cell("draw", lambda cell: cell["metadata"]["mystnb"]["image"].update(alt=5)),
        "is the number 5",
    ),
    "a list as figure": (on_cell("draw", lambda cell: cell["metadata"]["mystnb"].update(figure=[])), "is a list"),
    "text as tags": (on_cell("draw", lambda cell: cell["metadata"].update(tags="x")), "tags` is text, not a list"),
    "a number as record": (on_cell("title", lambda cell: cell["metadata"].update(translates=5)), "is the number 5"),
    "a number as id": (on_cell("title", lambda cell: cell.update(id=5)), "is the number 5, not text"),
    "an unknown type": (on_cell("title", lambda cell: cell.update(cell_type="x")), "write one of: markdown"),
    "no source": (on_cell("title", lambda cell: cell.pop("source")), "no `source`"),
    "no outputs": (on_cell("add", lambda cell: cell.pop("outputs")), "no `outputs`"),
    "a number as source": (on_cell("title", lambda cell: cell.update(source=5)), "is the number 5"),
    "text as outputs": (on_cell("add", lambda cell: cell.update(outputs="x")), "is text, not a list"),
    "text as metadata": (on_cell("add", lambda cell: cell.update(metadata="x")), "is text, not a mapping"),
}


@pytest.mark.parametrize("name", NOTEBOOKS)
def test_kind_8_a_notebook_that_cannot_be_read_is_a_sentence(course, name, capsys):
    damage, message = NOTEBOOKS[name]
    damage(course)
    for command in (["check"], ["sync"], ["accept", "zh", "01_sample"]):
        assert translations.main(command, course.root) == 1
        said = "".join(capsys.readouterr())
        assert "chapters/zh/01_sample.ipynb: " in said and "; " in said
        assert message in said


CONFIGS = [
    ("parse: {}", "`parse` has no `myst_enable_extensions`, line 1"),
    ("parse: {myst_enable_extensions: amsmath}", "is text, not a list, line 1"),
    ("sphinx: []", "`sphinx` is a list, not a mapping"),
    ("a: b: c", "not valid YAML"),
    ("", "the file is empty"),
]


@pytest.mark.parametrize(("content", "message"), CONFIGS)
def test_kind_8_a_configuration_that_cannot_be_read_is_a_sentence(course, content, message):
    course.write("_config.yml", content)
    with pytest.raises(BookError) as error:
        load_config(course.root)
    assert str(error.value).startswith("_config.yml: ")
    assert message in str(error.value)


# A new language -----------------------------------------------------------------------------------------------------


def test_a_new_language_shows_its_pages_first_and_sums_up_the_glossary(course):
    rows = "".join(ROWS.replace("stride", f"stride-{number}") for number in range(20))
    course.write("book/glossary.yml", rows)
    course.add_korean()
    sync(course.root)
    problems = check(course.root)
    assert problems[0].startswith("chapters/ko/index.md: cell welcome: the text is not translated ('# Welcome')")
    assert problems[-1].startswith("book/glossary.yml: 20 of 20 rows have no ko term or definition, `stride-0` is the")
    assert sum("glossary" in line for line in problems) == 1
    assert not any(")='" in line for line in problems), "an excerpt quotes a label"


def test_accept_and_check_agree_about_a_new_language(course, capsys):
    course.add_korean()
    sync(course.root)
    assert translations.main(["accept", "ko", "index"], course.root) == 1
    accepted = capsys.readouterr().out.splitlines()
    assert accepted[0] == "accepted: nothing"
    assert accepted[1:] == [line for line in check(course.root) if line.startswith("chapters/ko/index.md")]
    assert len(accepted) == 3


@pytest.mark.parametrize("field", ["html_lang", "scripts", "messages", "config"])
def test_a_missing_field_of_a_language_is_named(course, field, capsys):
    course.add_korean()
    path = course.root / "book" / "languages.yml"
    text = path.read_text(encoding="utf-8")
    start = text.index("\nko:") + 1
    path.write_text(text[:start] + re.sub(rf"  {field}: .*\n", "", text[start:]), encoding="utf-8")
    assert translations.main(["check"], course.root) == 1
    line = text[:start].count("\n") + 1
    assert capsys.readouterr().err == f"book/languages.yml: `ko` has no `{field}`, line {line}; add it\n"


def test_an_unknown_set_of_rules_is_named(course):
    english = (ROOT / "book" / "languages.yml").read_text(encoding="utf-8").partition("\nzh:")[0]
    course.write("book/languages.yml", english + KOREAN.replace("lint: []", "lint: [elvish]"))
    assert lint.main(course.root) == 1
    with pytest.raises(
        BookError, match=r"`ko.lint` has 'elvish'; write names of: cjk, chinese, japanese, korean, latin"
    ):
        lint.check(course.root)
