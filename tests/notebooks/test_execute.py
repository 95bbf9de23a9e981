"""`book.execute` stores what nbval will compare, and leaves a notebook alone that does not run as it should."""

import json
import os
import subprocess
import sys

import nbformat
import pytest

from book import execute, pages

SOURCES = {
    "start": "from IPython.display import Markdown, display\nfrom matplotlib import pyplot",
    "streams": "import sys\n\nfor number in range(3):\n    print(number)\n    sys.stdout.flush()",
    "progress": "print('half', end='\\r')\nprint('whole')",
    "result": "0.1 + 0.2",
    "words": "print('before')\ndisplay(Markdown('**bold**'))\nprint('after')",
    "figure": "_, axes = pyplot.subplots(figsize=(1, 1))\n_ = axes.plot([1, 2])",
    "semicolon": "1 + 1;",
    "raises": "raise ValueError('expected 2')",
    "folder": "from pathlib import Path\n\nPath.cwd().name",
}


def new_notebook(sources):
    """A notebook that was never run, with what an editor might have left in it."""
    cells = [
        {"cell_type": "code", "id": name, "source": source, "outputs": [], "metadata": {}, "execution_count": None}
        for name, source in sources.items()
    ]
    for cell in cells:
        if cell["id"] == "raises":
            cell["metadata"]["tags"] = ["raises-exception"]
    cells[0]["metadata"]["execution"] = {"iopub.status.busy": "2024-01-01T00:00:00Z"}
    return nbformat.from_dict({"cells": cells, "metadata": {"editor": "x"}, "nbformat": 4, "nbformat_minor": 5})


@pytest.fixture
def course(tmp_path):
    (tmp_path / "book").mkdir()
    languages = (pages.ROOT / "book" / "languages.yml").read_text(encoding="utf-8").partition("\nja:")[0]
    (tmp_path / "book" / "languages.yml").write_text(languages, encoding="utf-8")
    (tmp_path / "_toc.yml").write_text("format: jb-book\nroot: 01_sample\n", encoding="utf-8")
    (tmp_path / "chapters" / "en").mkdir(parents=True)
    return tmp_path


def store(course, sources, name="01_sample"):
    path = course / "chapters" / "en" / f"{name}.ipynb"
    path.write_text(nbformat.v4.writes(new_notebook(sources)), encoding="utf-8")
    return path


def nbval(folder):
    """Run plain `pytest --nbval`, as a reader would: outside this test's own pytest."""
    environment = {name: value for name, value in os.environ.items() if not name.startswith("PYTEST_")}
    return subprocess.run(
        [sys.executable, "-m", "pytest", "--nbval", "-q", "-p", "no:cacheprovider", "."],
        cwd=folder,
        env=environment,
        capture_output=True,
        text=True,
        check=False,
    )


def test_outputs_are_stored_in_every_language_and_pass_nbval(course, capsys):
    path = store(course, SOURCES)
    assert execute.main([], course) == 1  # it runs, and is stored, but breaks rules
    said = capsys.readouterr()
    assert said.out.startswith("chapters/en/01_sample.ipynb: 9 cells ran in ")
    assert "other outputs than before: streams, progress, result, words, figure, " in said.out
    assert said.err.count("cell figure: the picture has no alt and no caption; write it in the cell's metadata: {") == 1
    assert said.err.count("chapters/") == said.err.count("chapters/en/01_sample.ipynb: cell ")
    first = path.read_bytes()
    page = json.loads(first)
    cells = {cell["id"]: cell for cell in page["cells"]}
    assert page["metadata"] == pages.NOTEBOOK_METADATA
    assert [cell["execution_count"] for cell in page["cells"]] == list(range(1, len(SOURCES) + 1))
    assert all(set(cell["metadata"]) <= {"tags"} for cell in page["cells"])
    assert cells["streams"]["outputs"] == [{"name": "stdout", "output_type": "stream", "text": ["0\n", "1\n", "2\n"]}]
    assert cells["progress"]["outputs"][0]["text"] == ["whole\n"]
    assert cells["result"]["outputs"][0]["data"] == {"text/plain": ["0.30000000000000004"]}
    assert cells["result"]["outputs"][0]["execution_count"] == cells["result"]["execution_count"]
    assert "image/png" in cells["figure"]["outputs"][0]["data"]
    assert cells["folder"]["outputs"][0]["data"] == {"text/plain": ["'en'"]}
    assert (course / "chapters" / "zh" / path.name).read_bytes() == first

    passed = nbval(course / "chapters" / "en")
    assert passed.returncode == 0, passed.stdout
    assert f"{len(SOURCES)} passed" in passed.stdout

    path.write_bytes(first.replace(b"0.30000000000000004", b"0.30000000000000005"))
    failed = nbval(course / "chapters" / "en")
    assert failed.returncode == 1
    assert f"1 failed, {len(SOURCES) - 1} passed" in failed.stdout

    path.write_bytes(first)
    assert execute.main(["01_sample"], course) == 1
    assert "; the same outputs as before\n" in capsys.readouterr().out
    assert path.read_bytes() == first


def test_a_notebook_that_keeps_the_rules_ends_well(course, capsys):
    (course / "cnn_course.py").write_text("def make_reproducible(): pass\n", encoding="utf-8")
    start = "import sys\n\nsys.path.insert(0, '../..')\nfrom cnn_course import make_reproducible\n\nmake_reproducible()"
    store(course, {"start": start, "result": "1 + 1"})
    assert execute.main([], course) == 0
    said = capsys.readouterr()
    assert "2 cells ran in" in said.out and "other outputs than before: result\n" in said.out
    assert said.out.endswith("done: stored, and every rule for cells holds\n")
    assert "rule" not in said.err


def test_five_mistakes_are_named_at_once_each_with_what_mends_it(course, capsys):
    (course / "cnn_course.py").write_text("def make_reproducible(): pass\n", encoding="utf-8")
    start = "import sys\n\nsys.path.insert(0, '../..')\nfrom cnn_course import make_reproducible\n\nmake_reproducible()"
    picture = "from IPython.display import Image\n\nImage(data=b'\\x89PNG\\r\\n\\x1a\\n', format='png')"
    sources = {
        "start": start,
        "wide": "print('x' * 60)\nprint('y' * 70)",
        "long": "\n".join(["_ = 1"] * 26),
        "address": "print(object())\nprint('again', object())",
        "picture": picture,
    }
    path = store(course, sources)
    page = pages.read(path)
    page.cells.append(nbformat.v4.new_markdown_cell("It is right in 93.7% of the cases.", id="claim"))
    pages.write(path, page)
    assert execute.main([], course) == 1
    *told, last = capsys.readouterr().err.splitlines()
    assert last == "stored, and 5 to put right"
    expected = {
        "wide": "prints 2 lines of up to 70 columns, at most 51; print less a line",
        "long": "26 lines, at most 25; divide the cell",
        "address": "differs from machine to machine; print what the object holds",
        "picture": "the picture has no alt and no caption; write it in the cell's metadata",
        "claim": "is in no output of this page or of one that the cell links to; print it, correct it",
    }
    found = {line.split("cell ")[1].split(":")[0]: line for line in told if "cell " in line}
    assert found.keys() == expected.keys() and len(told) == len(expected)
    assert all(expected[name] in found[name] for name in expected)


@pytest.mark.parametrize(
    ("source", "message"),
    [
        ("import sys\nprint('oh', file=sys.stderr)", "wrote to stderr:\noh"),
        ("import warnings\nwarnings.warn('old')", "UserWarning: old"),
        ("1 / 0", "ZeroDivisionError"),
        ("import time\ntime.sleep(30)", "timed out"),
        ("import os\nos._exit(1)", "died"),
    ],
)
def test_a_cell_that_does_not_run_well_leaves_the_file_alone(course, capsys, monkeypatch, source, message):
    monkeypatch.setattr(execute, "CELL_TIMEOUT", 3)
    before = store(course, {"good": "1", "bad": source, "later": "2"}).read_bytes()
    assert execute.main([], course) == 1
    written = capsys.readouterr().err
    assert "chapters/en/01_sample.ipynb: cell bad: " in written
    assert message in written
    assert (course / "chapters" / "en" / "01_sample.ipynb").read_bytes() == before
    assert not (course / "chapters" / "zh").exists()


def test_an_unknown_notebook(course, capsys):
    store(course, {"good": "1"})
    assert execute.main(["02"], course) == 1
    assert capsys.readouterr().err == "there is no notebook '02'; there is: 01_sample\n"
