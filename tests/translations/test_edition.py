"""The student edition: what becomes of a page, and that nothing of a student's is ever overwritten."""

import ast
import copy
import re
from pathlib import Path

import nbformat.v4
import pytest

from book import student
from book.edition import DIRECTIVE, OWN, Edition, functions, glossary_notebook, has_check, labels, notebook_of, renamed
from book.glossary import load_glossary
from book.languages import load_languages
from book.pages import pages, parse_notebook, read
from book.sources import BookError
from book.texts import STUDENT, load_texts

ROOT = Path(__file__).parents[2]
LANGUAGES = load_languages(ROOT)
TEXTS = load_texts(ROOT, STUDENT)
ROWS = load_glossary(ROOT)
PLACES = labels(ROOT, ROWS)
CHAPTERS = [path for path in pages(ROOT, "en").values() if path.suffix == ".ipynb"]
LINK = re.compile(r"\]\(([^()\s]+)\)")


def edition(language):
    return Edition(ROOT, language, TEXTS, PLACES, student.said_when_right(ROOT))


def code_of(notebook):
    return {cell.id: cell for cell in notebook.cells if cell.cell_type == "code"}


@pytest.fixture(scope="module")
def made():
    """Every notebook of every language."""
    return {language.code: student.made_notebooks(ROOT, language, LANGUAGES, TEXTS) for language in LANGUAGES}


# What becomes of a page ---------------------------------------------------------------------------------------------


def test_every_notebook_is_valid_and_its_cells_have_ids_of_their_own(made):
    for notebooks in made.values():
        for notebook in notebooks.values():
            nbformat.validate(notebook)
            ids = [cell.id for cell in notebook.cells]
            assert len(ids) == len(set(ids))


def test_every_link_leads_to_a_cell_that_is_there_or_out_of_the_course(made):
    for notebooks in made.values():
        cells = {name: {cell.id for cell in notebook.cells} for name, notebook in notebooks.items()}
        for notebook in notebooks.values():
            for cell in notebook.cells:
                source = re.sub(r"```.*?```|`[^`]*`", "", cell.source, flags=re.DOTALL)
                for target in LINK.findall(source) if cell.cell_type == "markdown" else ():
                    name, _, place = target.partition(".ipynb")
                    if target.startswith("attachment:"):
                        assert target.removeprefix("attachment:") in cell.attachments, target
                    elif "://" not in target:
                        assert name in cells, target
                        assert not place or place.removeprefix("#cell-id=") in cells[name], target


def test_nothing_is_left_that_only_the_site_understands(made):
    for notebooks in made.values():
        for notebook in notebooks.values():
            for cell in notebook.cells:
                if cell.cell_type == "markdown":
                    assert not re.search(r"^\([\w-]+\)=", cell.source, re.MULTILINE), cell.id
                    assert not DIRECTIVE.search(cell.source), cell.id
                    left = ("data-explorer", "data-guess", "</div>")
                    assert not [word for word in left if word in cell.source], cell.id


def test_captions_and_descriptions_are_text(made):
    for language in LANGUAGES:
        for name, path in pages(ROOT, language.code).items():
            text = "\n".join(cell.source for cell in made[language.code][name].cells if cell.cell_type == "markdown")
            for cell in read(path).cells:
                settings = cell.metadata.get("mystnb", {})
                for words in (settings.get("image", {}).get("alt"), settings.get("figure", {}).get("caption")):
                    assert not words or LINK.sub("", words)[:30] in LINK.sub("", text), (name, cell.id)


def test_code_and_outputs_are_those_of_the_book_but_for_names_and_the_first_cell(made):
    for language in LANGUAGES:
        for path in CHAPTERS:
            ours, book = code_of(made[language.code][path.stem]), code_of(read(path))
            assert list(ours) == list(book)
            for cell_id, cell in list(book.items())[1:]:
                assert ours[cell_id].source.replace(OWN, "") == cell.source
                expected = [] if has_check(cell) else cell.outputs
                if language.code == "en" or not any("Correct: " in output.get("text", "") for output in expected):
                    assert ours[cell_id].outputs == expected


def test_after_running_all_a_students_functions_are_the_students(made):
    for notebook in made["zh"].values():
        asked = set()
        for cell in notebook.cells:
            if cell.cell_type == "code" and cell.id.startswith("exercise-"):
                asked |= set(functions(cell.source))
            elif cell.cell_type == "code":
                assert not asked & set(functions(cell.source)), cell.id


class Renamer(ast.NodeTransformer):
    def __init__(self, names):
        self.names = names

    def visit_Name(self, node):
        node.id += OWN if node.id in self.names else ""
        return node

    def visit_FunctionDef(self, node):
        node.name += OWN if node.name in self.names else ""
        return self.generic_visit(node)


@pytest.mark.parametrize("path", CHAPTERS, ids=lambda path: path.stem)
def test_renaming_changes_names_of_functions_and_nothing_else(path):
    for cell in read(path).cells:
        if "solution" in cell.metadata.get("tags", []):
            names = set(functions(cell.source))
            expected = ast.unparse(Renamer(names).visit(ast.parse(cell.source)))
            assert ast.unparse(ast.parse(renamed(cell.source, names))) == expected


@pytest.mark.parametrize(
    ("source", "expected"),
    [
        ("plot(size=size(3), same=size == 2)", f"plot(size=size{OWN}(3), same=size{OWN} == 2)"),
        ("x.size + sizes + my_size", "x.size + sizes + my_size"),
        ("print('size', size)", f"print('size', size{OWN})"),
        ('print(f"size {size(x)} size")', f'print(f"size {{size{OWN}(x)}} size")'),
    ],
)
def test_a_renamed_function_leaves_attributes_arguments_and_texts_alone(source, expected):
    assert renamed(source, {"size"}) == expected


def test_a_solution_shows_what_the_check_will_say(made):
    said = {
        code: code_of(notebooks["02_convolution"])["solution-size"].outputs[0].text for code, notebooks in made.items()
    }
    assert said["en"] == "Correct: 5 of 5 cases.\n"
    assert said["zh"] == "正确：5 项检查，通过 5 项。\n"


def test_solutions_are_folded_with_their_outputs_and_announced(made):
    cells = made["ja"]["02_convolution"].cells
    place = next(place for place, cell in enumerate(cells) if cell.id == "solution-size")
    assert cells[place].metadata["jupyter"] == {"source_hidden": True, "outputs_hidden": True}
    assert cells[place - 1].source.startswith("解答：")


def test_an_explorer_is_its_picture_and_a_link_to_its_section_of_the_site(made):
    (cell,) = (cell for cell in made["zh"]["02_convolution"].cells if cell.id == "try-by-hand")
    assert "attachment:try-by-hand.png" in cell.source and "try-by-hand.png" in cell.attachments
    assert "http://localhost:8000/zh/02_convolution.html#convolution-by-hand" in cell.source


def page_with(tmp_path, source):
    notebook = nbformat.v4.new_notebook(cells=[nbformat.v4.new_markdown_cell(source, id="text")])
    path = tmp_path / "chapters" / "en" / "01_sample.ipynb"
    path.parent.mkdir(parents=True)
    path.write_text(nbformat.v4.writes(notebook), encoding="utf-8")
    return path


@pytest.mark.parametrize(
    ("source", "message"),
    [
        (":::{note}\nText\n:::", "cell text: :::{note} has no form in a notebook"),
        ("[there](#nowhere)", "the link #nowhere leads nowhere"),
        ("![one](_static/none.png)", "there is no picture _static/none.png"),
    ],
)
def test_what_has_no_form_in_a_notebook_is_named(tmp_path, source, message):
    with pytest.raises(BookError, match=re.escape(message)):
        notebook_of(edition(LANGUAGES[0]), page_with(tmp_path, source))


def test_code_that_looks_like_a_link_stays(tmp_path):
    source = "`f[a](b)`\n\n```\nx[0](y)\n```"
    assert notebook_of(edition(LANGUAGES[0]), page_with(tmp_path, source)).cells[0].source == source


def test_the_glossary_names_each_term_in_every_language():
    notebook = glossary_notebook(edition(LANGUAGES[1]), ROWS, LANGUAGES)
    assert len(notebook.cells) == len(ROWS) + 1
    for row, cell in zip(ROWS, notebook.cells[1:], strict=True):
        assert cell.id == f"term-{row['id']}"
        assert all(row[language.code]["term"] in cell.source for language in LANGUAGES)


# What `make lab` does -----------------------------------------------------------------------------------------------


@pytest.fixture
def course(tmp_path, monkeypatch):
    """A course of two pages whose chapters may be changed; no terminal, and a Chinese system."""
    for name in ("book/languages.yml", "book/student.yml", "src/cnn_course/messages.yml"):
        (tmp_path / name).parent.mkdir(parents=True, exist_ok=True)
        (tmp_path / name).write_bytes((ROOT / name).read_bytes())
    (tmp_path / "book/glossary.yml").write_text("[]\n", encoding="utf-8")
    (tmp_path / "_toc.yml").write_text("format: jb-book\nroot: index\nchapters:\n  - file: 02_sums\n", encoding="utf-8")
    for language in LANGUAGES:
        folder = tmp_path / "chapters" / language.code
        folder.mkdir(parents=True)
        (folder / "index.md").write_text('+++ {"id": "welcome"}\n\n# Welcome\n', encoding="utf-8")
    change(tmp_path, "def half(x):\n    return None\n\n\ncheck(half, [((2,), 1)])")
    for name in ("LC_ALL", "LC_MESSAGES"):
        monkeypatch.delenv(name, raising=False)
    monkeypatch.setenv("LANG", "zh_CN.UTF-8")
    monkeypatch.setattr("sys.stdin.isatty", lambda: False, raising=False)
    return tmp_path


def change(root, source):
    """Write the chapter of a course anew, in every language."""
    cells = [nbformat.v4.new_code_cell(source, id="exercise-half")]
    for language in LANGUAGES:
        path = root / "chapters" / language.code / "02_sums.ipynb"
        path.write_text(nbformat.v4.writes(nbformat.v4.new_notebook(cells=cells)), encoding="utf-8")


def run(course, capsys, *arguments):
    status = student.main(list(arguments), course)
    captured = capsys.readouterr()
    return status, captured.out + captured.err


def solve(course, said="Correct: 1 of 1 cases.\n", language="zh"):
    path = course / "my" / language / "02_sums.ipynb"
    notebook = parse_notebook(path, path.read_text(encoding="utf-8"))
    notebook.cells[0].source = "def half(x):\n    return x / 2\n\n\ncheck(half, [((2,), 1)])"
    notebook.cells[0].outputs = [nbformat.v4.new_output("stream", text=said)]
    path.write_text(nbformat.v4.writes(notebook), encoding="utf-8")
    return path


def test_the_language_is_the_systems_where_nobody_can_be_asked_and_is_remembered(course, capsys, monkeypatch):
    status, said = run(course, capsys, "ready")
    assert status == 0 and said.startswith("my/zh：已为你放好 3 个笔记本")
    monkeypatch.setenv("LANG", "ja_JP.UTF-8")
    assert run(course, capsys, "ready") == (0, "")  # nothing to do: nothing is said
    assert (course / "my/language").read_text(encoding="utf-8") == "zh\n"
    run(course, capsys, "ready", "--language", "ja")
    assert (course / "my/ja/02_sums.ipynb").exists() and (course / "my/zh/02_sums.ipynb").exists()


@pytest.mark.parametrize("system", ["C", "POSIX", "fr_FR.UTF-8", ""])
def test_a_system_of_another_language_gets_english(course, capsys, monkeypatch, system):
    monkeypatch.setenv("LANG", system)
    assert run(course, capsys, "ready")[1].startswith("my/en: 3 notebooks")


def test_at_a_terminal_the_reader_is_asked_once(course, capsys, monkeypatch):
    answers = iter(["9", "日本語", "3"])
    monkeypatch.setattr("sys.stdin.isatty", lambda: True, raising=False)
    monkeypatch.setattr("builtins.input", lambda _: next(answers))
    assert "my/ja：3個のノートブック" in run(course, capsys, "ready")[1]
    assert run(course, capsys, "ready") == (0, "")
    (course / "my/language").unlink()
    monkeypatch.setattr("builtins.input", lambda _: "")
    assert "my/zh" in run(course, capsys, "ready")[1]  # Enter: the system's


def test_an_unknown_language_or_chapter_is_named_and_changes_nothing(course, capsys):
    assert run(course, capsys, "ready", "--language", "ko")[1] == "没有 `ko` 这种语言，可选的有：en, zh, ja。\n"
    assert not (course / "my").exists()
    run(course, capsys, "ready")
    status, said = run(course, capsys, "ready", "--fresh", "07")
    assert (status, said) == (1, "没有名为 `07` 的章，现有：index, 02_sums, glossary。\n")


def test_a_chapter_that_changed_is_offered_and_a_students_work_stays(course, capsys):
    run(course, capsys, "ready")
    path = solve(course)
    before = path.read_bytes()
    assert run(course, capsys, "ready") == (0, "")
    change(course, "def half(x):\n    return ...\n\n\ncheck(half, [((2,), 1)])")
    status, said = run(course, capsys, "ready")
    assert status == 0 and "make lab FRESH=02" in said
    assert path.read_bytes() == before
    status, said = run(course, capsys, "ready", "--fresh", "02")
    (copy_,) = (course / "my/kept").rglob("02_sums.ipynb")
    assert copy_.relative_to(course).as_posix() in said
    assert copy_.read_bytes() == before
    assert "return ..." in path.read_text(encoding="utf-8")


def test_a_notebook_that_was_only_opened_gives_place_to_the_new_one(course, capsys):
    run(course, capsys, "ready")
    path = course / "my/zh/02_sums.ipynb"
    notebook = parse_notebook(path, path.read_text(encoding="utf-8"))
    notebook.metadata.kernelspec = {"display_name": "Python 3 (ipykernel)", "language": "python", "name": "python3"}
    notebook.metadata.language_info = {"name": "python", "version": "3.11.2"}
    path.write_text(nbformat.v4.writes(notebook), encoding="utf-8")
    change(course, "def third(x):\n    return None\n\n\ncheck(third, [((3,), 1)])")
    assert "已换成新版" in run(course, capsys, "ready")[1]
    assert "third" in path.read_text(encoding="utf-8")
    assert not (course / "my/kept").exists()


def test_a_notebook_that_cannot_be_read_stays_as_it_is(course, capsys):
    run(course, capsys, "ready")
    path = course / "my/zh/02_sums.ipynb"
    path.write_text("{broken", encoding="utf-8")
    assert "FRESH=02" in run(course, capsys, "ready")[1]
    assert path.read_text(encoding="utf-8") == "{broken"
    assert "02_sums.ipynb: 读不了" in run(course, capsys, "progress")[1]
    run(course, capsys, "ready", "--fresh", "02_sums")
    assert [each.read_text(encoding="utf-8") for each in (course / "my/kept").rglob("02_sums.ipynb")] == ["{broken"]


@pytest.mark.parametrize(
    ("said", "state"),
    [
        ("Correct: 1 of 1 cases.\n", "已解出"),
        ("Not yet: half(2) returned nothing.\n", "还不对"),
        ("trying ...\nCorrect: 1 of 1 cases.\n", "已解出"),
    ],
)
def test_progress_tells_what_the_check_last_said(course, capsys, said, state):
    assert "make lab" in run(course, capsys, "progress", "--language", "zh")[1]
    run(course, capsys, "ready")
    assert "02_sums  half: 还没运行" in run(course, capsys, "progress")[1]
    solve(course, said)
    out = run(course, capsys, "progress")[1]
    assert f"02_sums  half: {state}" in out
    assert f"已解出 {int(state == '已解出')} 道" in out


@pytest.mark.parametrize("code", [language.code for language in LANGUAGES])
def test_progress_knows_what_is_right_in_every_language(course, capsys, code):
    correct = load_texts(ROOT, "src/cnn_course/messages.yml")["check"]["correct"][code]
    run(course, capsys, "ready")
    solve(course, correct.format(right=1, count=1) + "\n")
    assert "02_sums  half: 已解出" in run(course, capsys, "progress")[1]


def test_making_changes_no_page(course):
    before = copy.deepcopy({path: path.read_bytes() for path in (course / "chapters").rglob("*") if path.is_file()})
    student.made_notebooks(course, LANGUAGES[1], LANGUAGES, TEXTS)
    assert before == {path: path.read_bytes() for path in (course / "chapters").rglob("*") if path.is_file()}
