"""New outputs are stored where that is asked for, and nothing else is touched."""

import json
import os

import nbformat
import pytest

from nbval_strict import acceptance, saving
from tests.plugin.tiny import DRAW, code, result, run, store, stream

WARN = "import sys\nprint('careful', file=sys.stderr)"


def cells(draw):
    return [
        code("setup", DRAW),
        code("text", "print('one')\n2", stream("too\n"), result("3"), count=7),
        code("picture", "draw('2')", draw("1")),
        code("never-run", "print('b')", count=None),
        code("same", "print('b')", stream("b\n")),
        code("raises", "print(1 / 0)", stream("1\n")),
        code("warns", WARN, stream("b\n")),
        code("no-reason", "# NBVAL_IGNORE_OUTPUT\nprint('b')"),
    ]


def read(path):
    return {cell.id: cell for cell in nbformat.read(path, 4).cells}


def test_all_cells_that_only_differ_are_accepted(tmp_path, draw):
    path = tmp_path / "en" / "a.ipynb"
    store(path, *cells(draw))
    text = path.read_text(encoding="utf-8")
    before = read(path)
    done = run(tmp_path, "--nbval-strict-accept", "--nbval-equal=yes")
    after = read(path)
    changed = [name for name in after if after[name] != before[name]]
    assert changed == ["text", "picture", "never-run"]
    assert (
        "Cells accepted: 3\n  en/a.ipynb: cell text; the notebook as it was: .nbval-failures/en/a/a.ipynb\n"
        in done.text
    )
    assert [done.outcome(f"en/a {number}") for number in range(8)] == ["passed"] * 5 + ["failure"] * 3
    assert (tmp_path / ".nbval-failures/en/a/a.ipynb").read_text(encoding="utf-8") == text
    assert [output.get("execution_count") for output in after["text"].outputs] == [None, 7]
    assert after["never-run"].execution_count == 4
    again = run(tmp_path, "--nbval-strict-accept", "--nbval-equal=yes")
    assert "Cells accepted: 0\n" in again.text
    assert read(path) == after


def test_one_cell_is_accepted(tmp_path, draw):
    path = tmp_path / "a.ipynb"
    store(path, *cells(draw))
    done = run(tmp_path, "--nbval-strict-accept-cell=a.ipynb::picture", "--nbval-equal=yes", ".")
    assert "Cells accepted: 1\n  a.ipynb: cell picture;" in done.text
    assert (done.outcome("a 1"), done.outcome("a 2")) == ("failure", "passed")
    assert run(tmp_path, "--nbval-equal=yes").outcome("a 2") == "passed"


def test_each_language_is_accepted_from_one_execution(tmp_path):
    for language in ("en", "zh"):
        store(tmp_path / language / "a.ipynb", code("text", "print('one')", stream("too\n")))
    done = run(tmp_path, "--nbval-strict-accept")
    assert "Notebooks: 1 executed, 1 compared only" in done.text
    assert "Cells accepted: 2\n" in done.text
    assert run(tmp_path).count("passed") == 2


FORMS = {
    "Jupyter's": {"indent": 1, "ensure_ascii": False},
    "four spaces": {"indent": 4, "ensure_ascii": False},
    "tabs": {"indent": "\t", "ensure_ascii": False},
    "one line": {"ensure_ascii": False},
}


@pytest.mark.parametrize("form", FORMS.values(), ids=FORMS)
@pytest.mark.parametrize("end", ["", "\n"])
def test_the_rest_of_the_file_stays_as_it_is(tmp_path, form, end):
    page = {"nbformat_minor": 5, "own": [1], "nbformat": 4, "metadata": {"z": "畳み込み", "a": 1}, "cells": []}
    page["cells"] = [
        code("text", ["a\n", "b"], stream(["one\n"])) | {"own": 2},
        {"cell_type": "markdown", "source": "x"},
    ]
    path = tmp_path / "a.ipynb"
    path.write_text(json.dumps(page, **form) + end, encoding="utf-8")
    acceptance.accept(path, 0, "a\nb", [nbformat.from_dict(stream("two\nthree\n"))], 3)
    page["cells"][0]["outputs"] = [dict(sorted(stream(["two\n", "three\n"]).items()))]  # as Jupyter sorts them
    assert path.read_text(encoding="utf-8") == json.dumps(page, **form) + end


@pytest.mark.parametrize(
    ("index", "source", "version", "message"),
    [
        (0, "other", 4, "was changed while its code ran"),
        (1, "a", 4, "was changed while its code ran"),
        (9, "a", 4, "was changed while its code ran"),
        (0, "a", 3, "is of format 3: convert it to 4 first"),
    ],
)
def test_a_notebook_that_is_another_one_now_is_left_alone(tmp_path, index, source, version, message):
    path = tmp_path / "a.ipynb"
    page = {"cells": [code("a", "a"), {"cell_type": "markdown", "source": "a"}], "nbformat": version}
    path.write_text(json.dumps(page), encoding="utf-8")
    text = path.read_text(encoding="utf-8")
    with pytest.raises(acceptance.AcceptanceError, match=message):
        acceptance.accept(path, index, source, [], 1)
    assert path.read_text(encoding="utf-8") == text


@pytest.mark.parametrize("error", [OSError("disk full"), KeyboardInterrupt()])
def test_an_interrupted_write_loses_nothing(tmp_path, monkeypatch, error):
    path = tmp_path / "a.ipynb"
    path.write_text("before", encoding="utf-8")

    def fail(handle):
        raise error

    monkeypatch.setattr(os, "fsync", fail)
    with pytest.raises(type(error)):
        saving.replace(path, "after")
    assert [each.name for each in tmp_path.iterdir()] == ["a.ipynb"]
    assert path.read_text(encoding="utf-8") == "before"


def test_a_file_keeps_its_permissions_and_a_link_stays_one(tmp_path):
    path, link = tmp_path / "a.ipynb", tmp_path / "link.ipynb"
    path.write_text("before", encoding="utf-8")
    path.chmod(0o640)
    link.symlink_to(path)
    saving.replace(link, "after")
    assert link.is_symlink()
    assert (path.read_text(encoding="utf-8"), path.stat().st_mode & 0o777) == ("after", 0o640)


def test_a_copy_replaces_no_other(tmp_path):
    path, folder = tmp_path / "a.ipynb", tmp_path / "copies"
    for text in ("1", "2", "3"):
        path.write_text(text, encoding="utf-8")
        assert saving.keep_copy(path, folder).read_text(encoding="utf-8") == text
    assert sorted(each.name for each in folder.iterdir()) == ["a-2.ipynb", "a-3.ipynb", "a.ipynb"]
