"""Each rule of `book.translations` is shown a course that breaks it, and sync and accept put it right."""

import json
from itertools import groupby

import nbformat
import pytest

from book import correspondence, pages, translations
from book.sources import BookError
from book.translations import accept, check, sync
from tests.translations.trilingual import ALT, CONTENTS, TEXTS, make_course, sha

ACCEPT = "`.venv-book/bin/python -m book.translations accept zh 01_sample {}`".format


def test_the_course_is_translated():
    """The real chapters: every language complete and up to date."""
    assert pages.pages(pages.ROOT, "en"), "there are no chapters to check"
    problems = check()
    assert not problems, "\n".join(["", *problems])


@pytest.fixture
def course(tmp_path):
    return make_course(tmp_path)


def copy_of(cell, **changes):
    return nbformat.from_dict({**cell, **changes})


def test_a_good_course_has_no_problems(course):
    assert check(course.root) == []


# Each mutation: what it does to the course, the rule that it breaks (None: the page as a whole is missing or
# unreadable), and the file, the cell and the fix that `check` must name.
MUTATIONS = {}


def mutation(rule, file, cell, *fix):
    def register(function):
        place = file if file.startswith("_") else f"chapters/{file}"
        MUTATIONS[function.__name__] = (function, rule, place, cell, fix)
        return function

    return register


@mutation(None, "ja/01_sample.ipynb", None, "page is missing", "make sync")
def missing_notebook(course):
    course.path("ja").unlink()


@mutation(None, "ja/index.md", None, "page is missing", "make sync")
def missing_markdown_page(course):
    course.path("ja", "index.md").unlink()


@mutation(None, "_toc.yml", None, "no page `02_new`, line 5", "chapters/en/02_new.ipynb", "take it out")
def page_without_original(course):
    course.path("zh", "02_new.ipynb").write_bytes(course.path("zh").read_bytes())
    course.write("_toc.yml", CONTENTS.replace("  - file: glossary", "  - file: 02_new\n  - file: glossary"))


@mutation(None, "zh/01_sample.ipynb", None, "cannot be read", "line 98", "from git")
def broken_json(course):
    course.replace("zh", '"nbformat": 4', '"nbformat": ', "01_sample.ipynb")


@mutation(None, "en/01_sample.ipynb", None, "cannot be read", "from git")
def broken_english_json(course):
    course.replace("en", '"nbformat": 4', '"nbformat": ', "01_sample.ipynb")


@mutation(None, "zh/01_sample.ipynb", None, "cannot be read", "from git")
def wrong_encoding(course):
    course.path("zh").write_bytes(course.path("zh").read_text(encoding="utf-8").encode("gb18030"))


@mutation(None, "zh/index.md", None, "cannot be read", "from git")
def broken_block_break(course):
    course.replace("zh", '"id": "need"', '"id" "need"')


@mutation("rule_missing", "zh/01_sample.ipynb", "formula", "is missing", "make sync")
def missing_cell(course):
    course.edit_cells("zh", lambda cells: cells.pop(2))


@mutation("rule_missing", "zh/index.md", "need", "is missing", "make sync")
def missing_block(course):
    course.replace("zh", '"id": "need"', '"id": "needs"')


@mutation("rule_extra", "zh/01_sample.ipynb", "more", "not in the English page", "make sync")
def extra_cell(course):
    course.edit_cells("zh", lambda cells: cells.append(copy_of(cells[0], id="more")))


@mutation("rule_order", "zh/01_sample.ipynb", "closing", "has the cell draw", "make sync")
def swapped_cells(course):
    course.edit_cells("zh", lambda cells: cells.insert(3, cells.pop(4)))


@mutation("rule_ids", "zh/01_sample.ipynb", "add", "2 cells have this id", "give each its own")
def duplicated_cell(course):
    course.edit_cells("zh", lambda cells: cells.insert(2, cells[1]))


@mutation("rule_ids", "en/01_sample.ipynb", "add", "2 cells have this id", "give each its own")
def duplicated_english_cell(course):
    course.edit_cells("en", lambda cells: cells.insert(2, cells[1]))


@mutation("rule_ids", "en/01_sample.ipynb", None, "cell number 5", "has no id", "give it one")
def cell_without_id(course):
    course.edit("en", "closing", lambda cell: cell.pop("id"))


@mutation("rule_type", "zh/01_sample.ipynb", "closing", "raw cell", "make sync")
def changed_type(course):
    course.edit("zh", "closing", lambda cell: cell.update(cell_type="raw"))


@mutation("rule_code", "zh/01_sample.ipynb", "add", "code differs", "English only", "make sync")
def changed_code(course):
    course.edit("zh", "add", lambda cell: cell.update(source="print(2)"))


@mutation("rule_outputs", "zh/01_sample.ipynb", "add", "outputs or attachments differ", "make sync")
def changed_digit(course):
    course.edit("zh", "add", lambda cell: cell.outputs[0].update(text="3\n"))


@mutation("rule_outputs", "zh/01_sample.ipynb", "draw", "outputs or attachments differ", "make sync")
def changed_picture(course):
    course.edit("zh", "draw", lambda cell: cell.outputs[0].data.update({"image/png": "iVBORw0KGg4="}))


@mutation("rule_outputs", "zh/01_sample.ipynb", "add", "outputs or attachments differ", "make sync")
def changed_execution_count(course):
    course.edit("zh", "add", lambda cell: cell.update(execution_count=7))


@mutation("rule_metadata", "zh/01_sample.ipynb", "draw", "tags", "make sync")
def changed_tag(course):
    course.edit("zh", "draw", lambda cell: cell.metadata.update(tags=[]))


@mutation("rule_metadata", "zh/01_sample.ipynb", "draw", "metadata", "make sync")
def changed_figure_name(course):
    course.edit("zh", "draw", lambda cell: cell.metadata.mystnb.figure.update(name="other"))


@mutation("rule_figure", "zh/01_sample.ipynb", "draw", "no alt", "make sync")
def missing_alt(course):
    course.edit("zh", "draw", lambda cell: cell.metadata.mystnb.image.pop("alt"))


@mutation("rule_figure", "zh/01_sample.ipynb", "draw", "no caption", "make sync")
def missing_caption(course):
    course.edit("zh", "draw", lambda cell: cell.metadata.mystnb.figure.pop("caption"))


@mutation("rule_figure", "zh/01_sample.ipynb", "add", "alt is not there in English", "make sync")
def extra_alt(course):
    course.edit("zh", "add", lambda cell: cell.metadata.update(mystnb={"image": {"alt": "二"}}))


@mutation(
    "rule_untranslated",
    "zh/01_sample.ipynb",
    "closing",
    "the text is not translated",
    "'Now you know.'",
    "write it",
)
def english_text(course):
    course.edit("zh", "closing", lambda cell: cell.update(source=TEXTS["closing"]["en"]))


@mutation("rule_untranslated", "zh/01_sample.ipynb", "closing", "the text is not translated", "write it")
def empty_text(course):
    course.edit("zh", "closing", lambda cell: cell.update(source="\n"))


@mutation("rule_untranslated", "zh/01_sample.ipynb", "draw", "the caption is not translated", "write it")
def empty_caption(course):
    course.edit("zh", "draw", lambda cell: cell.metadata.mystnb.figure.update(caption=""))


@mutation("rule_outputs", "zh/01_sample.ipynb", "closing", "attachments differ", "make sync")
def changed_attachment(course):
    course.edit("zh", "closing", lambda cell: cell.update(attachments={"x.png": {"image/png": "iVBORw0KGgo="}}))


@mutation("rule_untranslated", "zh/01_sample.ipynb", "draw", "the alt is not translated", "write it")
def english_alt(course):
    course.edit("zh", "draw", lambda cell: cell.metadata.mystnb.image.update(alt=ALT["en"]))


@mutation("rule_unrecorded", "zh/01_sample.ipynb", "closing", "nothing records", ACCEPT("closing"))
def no_record(course):
    course.edit("zh", "closing", lambda cell: cell.metadata.pop("translates"))


@mutation("rule_stale", "zh/01_sample.ipynb", "closing", "English has changed", ACCEPT("closing"))
def changed_english_word(course):
    course.edit("en", "closing", lambda cell: cell.update(source="Now you see."))


@mutation("rule_stale", "zh/01_sample.ipynb", "draw", "English has changed", ACCEPT("draw"))
def changed_english_alt(course):
    course.edit("en", "draw", lambda cell: cell.metadata.mystnb.image.update(alt="A black square."))


@mutation("rule_unrecorded", "zh/01_sample.ipynb", "formula", "nothing records", ACCEPT("formula"))
def changed_english_formula(course):
    course.edit("en", "formula", lambda cell: cell.update(source="$$y = \\max(x, 1)$$"))


@mutation("rule_stale", "zh/index.md", "welcome", "English has changed", "accept zh index welcome")
def changed_english_block(course):
    course.replace("en", "Learn by doing.", "Learn by trying.")


@mutation("rule_english_only", "en/01_sample.ipynb", "closing", "English cells record no translation", "delete")
def english_with_record(course):
    course.edit("en", "closing", lambda cell: cell.metadata.update(translates="0" * 16))


@mutation("rule_english_head", "en/index.md", None, "text before the first block", "+++")
def english_text_outside_blocks(course):
    course.replace("en", '+++ {"id": "welcome"}', 'Hello.\n\n+++ {"id": "welcome"}')


@mutation("rule_head", "zh/index.md", None, "before the first block differs", "make sync")
def changed_front_matter(course):
    course.replace("zh", '+++ {"id": "welcome"', '---\norphan: true\n---\n\n+++ {"id": "welcome"')


@mutation(
    "rule_labels",
    "zh/01_sample.ipynb",
    "title",
    "the labels are ['beispiel'], in English ['sample']",
    "same `(label)=`",
)
def changed_label(course):
    course.edit("zh", "title", lambda cell: cell.update(source=cell.source.replace("(sample)", "(beispiel)")))


@mutation("rule_marks", "zh/01_sample.ipynb", "title", "no code `fit`", "add it where")
def dropped_code(course):
    for language in ("en", "zh", "ja"):
        source = TEXTS["title"][language] + "\n\n`fit`"
        course.edit(language, "title", lambda cell, source=source: cell.update(source=source))
    for language in ("zh", "ja"):
        accept(course.root, language, "01_sample")
    course.edit("zh", "title", lambda cell: cell.update(source=TEXTS["title"]["zh"]))


@mutation("rule_headings", "zh/01_sample.ipynb", "title", "the headings are ['##'], in English ['#']", "same levels")
def changed_heading_level(course):
    course.edit("zh", "title", lambda cell: cell.update(source=cell.source.replace("# ", "## ")))


@pytest.mark.parametrize("name", MUTATIONS)
def test_check_names_file_cell_and_fix(course, name):
    mutate, _, file, cell, fix = MUTATIONS[name]
    mutate(course)
    start = f"{file}: cell {cell}: " if cell else f"{file}: "
    problems = [line for line in check(course.root) if line.startswith(start)]
    assert any(all(part in line for part in fix) for line in problems), problems
    assert all("\n" not in line for line in problems)


def test_every_rule_is_broken_by_a_mutation():
    rules = {name for name in vars(correspondence) if name.startswith("rule_")}
    assert rules == {rule for _, rule, _, _, _ in MUTATIONS.values()} - {None}


@pytest.mark.parametrize("name", [name for name, (_, rule, *_) in MUTATIONS.items() if rule])
def test_it_is_the_rule_that_catches_the_mutation(course, name, monkeypatch):
    """Without the rule, nothing names what the mutation broke in these words."""
    mutate, rule, _, _, fix = MUTATIONS[name]
    mutate(course)
    disabled = getattr(correspondence, rule)
    monkeypatch.setattr(correspondence, rule, lambda *_: ())
    left = [each for each in correspondence.CELL_RULES if each is not disabled]
    monkeypatch.setattr(correspondence, "CELL_RULES", left)
    assert not any(all(part in line for part in fix) for line in check(course.root))


def test_a_changed_word_is_named_in_every_language(course):
    changed_english_word(course)
    assert [line.partition(": cell closing: ")[0] for line in check(course.root)] == [
        "chapters/zh/01_sample.ipynb",
        "chapters/ja/01_sample.ipynb",
    ]


def test_problems_are_grouped_by_file(course):
    changed_english_word(course)
    changed_english_alt(course)
    changed_english_block(course)
    files = [line.partition(": ")[0] for line in check(course.root)]
    assert len(files) == 6
    assert [file for file, _ in groupby(files)] == list(dict.fromkeys(files))


def test_editor_state_is_no_difference(course):
    """Opening and saving a page in JupyterLab must not bring a translator into trouble."""

    def open_in_an_editor(page):
        page.metadata.kernelspec.display_name = "Python 3 (ipykernel)"
        page.metadata.language_info.version = "3.12.1"
        page.cells[0].metadata["jp-MarkdownHeadingCollapsed"] = True
        page.cells[1].metadata["execution"] = {"iopub.status.busy": "2024-01-01T00:00:00Z"}

    before = course.files()
    page = course.load("zh")
    open_in_an_editor(page)
    course.store("zh", page)
    assert check(course.root) == []
    assert sync(course.root) == ["chapters/zh/01_sample.ipynb: written"]
    assert course.files() == before


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("$$y = x$$", False),
        ("The formula $y$", True),
        ("# LeNet-5", False),
        ("**MNIST**", False),
        ("## Pooling", True),
        ("`print(the, answer)`", False),
        ("```python\nprint(the, answer)\n```", False),
        ("```{math}\nthe = answer\n```", False),
        ("```{note}\nRead this.\n```", True),
        ("```python\nx = words\n```\n\n```{note}\n$x$\n```", False),
        ("```{note}\n$x$\n```\n\nSome words.\n\n```python\nx\n```", True),
        ("(a-label)=", False),
        ("<https://example.org/some/words>", False),
        ("[](other-page.md)", False),
        ("[Read on](other-page.md)", True),
        ("{doc}`other page`", False),
        ("\\begin{align}\nthe = answer\n\\end{align}", False),
        ("1998", False),
    ],
)
def test_holds_words(text, expected):
    assert pages.holds_words(text) is expected


def test_code_is_not_structure(course):
    """A comment in a block of code is no heading."""
    for language in ("en", "zh", "ja"):
        course.edit(language, "formula", lambda cell: cell.update(source="```python\n# 1\n(x)=\n```"))
    course.edit("zh", "formula", lambda cell: cell.update(source="```python\n1\n```"))
    assert [line for line in check(course.root) if "heading" in line or "label" in line] == []


SYNC_REPAIRS = [name for name, (_, _, _, _, fix) in MUTATIONS.items() if "make sync" in fix]


@pytest.mark.parametrize("name", SYNC_REPAIRS)
def test_sync_repairs_what_check_says_it_repairs(course, name):
    mutate, _, file, _, _ = MUTATIONS[name]
    mutate(course)
    sync(course.root)
    left = [line for line in check(course.root) if line.startswith(f"{file}: ")]
    assert all("translate it" in line or "is not translated" in line or "nothing records" in line for line in left), (
        left
    )


@pytest.mark.parametrize("name", MUTATIONS)
def test_sync_is_idempotent(course, name):
    MUTATIONS[name][0](course)
    try:
        sync(course.root)
    except BookError:
        return
    before = course.files()
    assert sync(course.root) == []
    assert course.files() == before


def test_sync_leaves_a_good_course_alone(course):
    before = course.files()
    assert sync(course.root) == []
    assert course.files() == before


def test_sync_makes_a_new_page_and_check_names_its_cells(course):
    for language in ("zh", "ja"):
        course.path(language).unlink()
        course.path(language, "index.md").unlink()
    sync(course.root)
    problems = check(course.root)
    cells = [line.split(": ")[1].removeprefix("cell ") for line in problems if line.startswith("chapters/zh/01")]
    assert cells == ["title", "draw", "closing"]  # the formula has no words
    assert all("is not translated" in line for line in problems)
    assert not any("accept" in line for line in problems), "the English words are recorded already"


def test_write_over_the_english_and_all_is_clean(course):
    course.path("zh").unlink()
    sync(course.root)
    course.edit("zh", "title", lambda cell: cell.update(source=TEXTS["title"]["zh"]))
    course.edit("zh", "closing", lambda cell: cell.update(source=TEXTS["closing"]["zh"]))
    assert [line.split(": ")[1] for line in check(course.root)] == ["cell draw"]
    course.edit("zh", "draw", lambda cell: cell.metadata.mystnb.image.update(alt=ALT["zh"]))
    course.edit("zh", "draw", lambda cell: cell.metadata.mystnb.figure.update(caption="方块"))
    assert check(course.root) == []
    assert sync(course.root) == []
    assert course.load("zh").cells[-1].metadata.translates == sha(TEXTS["closing"]["en"])


def test_the_record_of_the_english_in_a_new_cell_follows_the_english_until_it_is_written_over(course):
    course.path("zh").unlink()
    sync(course.root)
    changed_english_word(course)
    assert any("cell closing: the text is not translated" in line for line in check(course.root))
    sync(course.root)
    assert course.load("zh").cells[-1].source == "Now you see."
    course.edit("zh", "closing", lambda cell: cell.update(source=TEXTS["closing"]["zh"]))
    course.edit("en", "closing", lambda cell: cell.update(source="Now you hear."))
    assert any("cell closing: the English has changed" in line for line in check(course.root))
    sync(course.root)
    assert course.load("zh").cells[-1].source == TEXTS["closing"]["zh"]


def test_accept_a_block_of_markdown(course):
    changed_english_block(course)
    assert accept(course.root, "zh", "index", ["welcome"]) == ["welcome"]
    assert accept(course.root, "ja", "index") == ["welcome"]
    assert check(course.root) == []
    assert sync(course.root) == []


def test_accept_changes_only_the_record(course):
    changed_english_word(course)
    before = course.path("zh").read_text(encoding="utf-8").splitlines()
    accept(course.root, "zh", "01_sample")
    after = course.path("zh").read_text(encoding="utf-8").splitlines()
    changed = [new for old, new in zip(before, after, strict=True) if old != new]
    assert [line.strip() for line in changed] == [f'"translates": "{sha("Now you see.")}"']


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        (("fr", "01_sample"), "there is no language 'fr'; there is: ja, zh"),
        (("en", "01_sample"), "there is no language 'en'; there is: ja, zh"),
        (("zh", "01"), "there is no page '01'; there is: 01_sample, index"),
        (("zh", "01_sample", ["nope"]), "there is no cell 'nope'; there is: closing, draw, formula, title"),
        (("zh", "01_sample", ["add"]), "there is no cell 'add'; there is: closing, draw, formula, title"),
    ],
)
def test_accept_says_what_there_is(course, arguments, message):
    with pytest.raises(BookError) as error:
        accept(course.root, *arguments)
    assert str(error.value) == message


def test_accept_refuses_english_words(course):
    english_text(course)
    before = course.files()
    with pytest.raises(BookError, match="cell closing: the text is not translated"):
        accept(course.root, "zh", "01_sample", ["title", "closing"])
    assert course.files() == before
    assert accept(course.root, "zh", "01_sample") == []


def test_sync_keeps_the_translation_of_a_renamed_cell(course):
    course.edit("en", "closing", lambda cell: cell.update(id="end"))
    done = sync(course.root)
    assert course.load("zh").cells[-1].source == TEXTS["closing"]["zh"]
    assert check(course.root) == []
    assert not any("removed" in line for line in done)


def test_sync_shows_what_it_removes(course):
    course.edit_cells("en", lambda cells: cells.pop())
    done = sync(course.root)
    assert f"chapters/zh/01_sample.ipynb: cell closing: removed:\n{TEXTS['closing']['zh']}" in done
    assert check(course.root) == []


def test_sync_shows_the_second_of_two_cells_with_one_id(course):
    course.edit_cells("zh", lambda cells: cells.append(copy_of(cells[4], source="又一格。")))
    assert "chapters/zh/01_sample.ipynb: cell closing: removed:\n又一格。" in sync(course.root)
    assert check(course.root) == []


@pytest.mark.parametrize(
    "name", ["duplicated_english_cell", "cell_without_id", "english_with_record", "broken_english_json", "broken_json"]
)
def test_sync_writes_nothing_if_a_page_is_unfit(course, name):
    changed_code(course)
    MUTATIONS[name][0](course)
    before = course.files()
    with pytest.raises(BookError, match=MUTATIONS[name][2]):
        sync(course.root)
    assert course.files() == before


def test_an_interrupted_write_leaves_the_old_file(course, monkeypatch):
    changed_code(course)
    before = course.path("zh").read_bytes()

    def interrupt(*_):
        raise KeyboardInterrupt

    monkeypatch.setattr("pathlib.Path.replace", interrupt)
    with pytest.raises(KeyboardInterrupt):
        sync(course.root)
    assert course.path("zh").read_bytes() == before
    monkeypatch.undo()
    assert sync(course.root)[0] == "chapters/zh/01_sample.ipynb: written"
    assert ".01_sample.ipynb.unfinished" not in [path.name for path in course.path("zh").parent.iterdir()]


def test_line_ends_and_front_matter_survive(course):
    course.path("en", "index.md").write_text(
        '---\norphan: true\n---\n\n+++ {"id": "welcome"}\n\n# Welcome\n', encoding="utf-8", newline="\n"
    )
    sync(course.root)
    text = course.path("zh", "index.md").read_text(encoding="utf-8")
    assert text.startswith('---\norphan: true\n---\n\n+++ {"id": "welcome", "translates": "')
    assert text.endswith("边做边学。\n")


def test_a_new_language_starts_as_a_list_of_work(course):
    course.add_korean()
    assert len(check(course.root)) == 2
    sync(course.root)
    assert json.loads(course.path("ko").read_text(encoding="utf-8"))["cells"][0]["id"] == "title"
    assert len(check(course.root)) == 5


def test_command_line(course, capsys):
    assert translations.main(["check"], course.root) == 0
    assert capsys.readouterr() == ("", "0 to translate or put right\n")
    changed_english_word(course)
    assert translations.main(["check"], course.root) == 1
    assert capsys.readouterr().out.count("cell closing") == 2
    assert translations.main(["sync"], course.root) == 0
    assert capsys.readouterr().out.count("cell closing") == 2
    assert translations.main(["accept", "zh", "01_sample", "closing"], course.root) == 0
    assert capsys.readouterr().out == "accepted: closing\n"
    assert translations.main(["accept", "ja", "01_sample"], course.root) == 0
    assert capsys.readouterr().out == "accepted: closing\n"
    assert translations.main(["accept", "fr", "01_sample"], course.root) == 1
    assert capsys.readouterr().err == "there is no language 'fr'; there is: ja, zh\n"
