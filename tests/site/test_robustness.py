"""What goes wrong for people who build the book, by the kinds of faults: `pytest -k kind_10`.

Kind 6: what must not be published without a word. Kind 10: builders that meet, are interrupted, or find no room.
"""

import os
import re
import resource
import signal
import subprocess
import sys
import time
from pathlib import Path

import pytest
from latex2mathml.converter import convert

from book import build, sphinx_mathml
from tests.site import sample

ROOT = Path(__file__).parents[2]
# The sample's translations carry no records, so the gates are left out.
BUILD = """
import sys
from book import build
build.gate_problems = lambda root: []
sys.exit(build.main())
"""


def start(root, **options):
    command = [sys.executable, "-c", BUILD, "--root", str(root)]
    pipes = {"stdout": subprocess.PIPE, "stderr": subprocess.PIPE, "text": True}
    return subprocess.Popen(command, cwd=ROOT, start_new_session=True, **pipes, **options)


def snapshot(folder):
    return {path.relative_to(folder): path.read_bytes() for path in folder.rglob("*") if path.is_file()}


def pages_of(root):
    """The site, without the marks against old copies in caches: a tree that is built anew has fewer of them."""
    return {path: re.sub(rb"\?v=[0-9a-f]{8}", b"", content) for path, content in snapshot(site_of(root)).items()}


def site_of(root):
    return root / "book" / "_build" / "html"


# Kind 6 -------------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("tex", [r"\frac{1}", r"\binom{1}", r"{x", r"x}", r"\text{a", r"a & b", r"\frac{1}{2"])
def test_kind_6_a_formula_that_lacks_a_part_is_noticed(tex):
    assert sphinx_mathml.malformed(tex, convert(tex)) is not None


@pytest.mark.parametrize(
    "tex",
    [r"\frac{1}{2}", r"\frac12", r"\{x\}", r"x_{}^2", r"\left\{ a \right.", r"\text{a \{ b}", r"a < b", r"\sqrt[3]{x}"],
)
def test_kind_6_a_good_formula_is_left_alone(tex):
    assert sphinx_mathml.malformed(tex, convert(tex)) is None


def test_kind_6_the_build_refuses_it_and_names_the_cell(book_root, capsys):
    assert build.build(book_root)
    before = snapshot(site_of(book_root))
    path = book_root / "chapters/zh/02_convolution.ipynb"
    text = path.read_text(encoding="utf-8")
    path.write_text(text.replace(r"\\rfloor + 1$", r"\\rfloor + \\frac{1}$"), encoding="utf-8")
    try:
        assert not build.build(book_root)
    finally:
        path.write_text(text, encoding="utf-8")
    said = capsys.readouterr().err
    assert "chapters/zh/02_convolution.ipynb, cell `formulas`: " in said
    assert "an <mfrac> with 1 of 2 parts in the formula" in said
    assert snapshot(site_of(book_root)) == before


def test_kind_6_a_page_that_is_left_out_is_said_and_not_built(book_root, capsys):
    assert build.build(book_root)
    before = snapshot(site_of(book_root))
    copy = book_root / "chapters/zh/02_convolution-Copy1.ipynb"
    copy.write_text("not even a notebook", encoding="utf-8")
    try:
        assert build.build(book_root)
    finally:
        copy.unlink()
    said = capsys.readouterr().out
    assert "left out, as _toc.yml does not list it: chapters/zh/02_convolution-Copy1.ipynb" in said
    assert "nothing changed" in said
    assert snapshot(site_of(book_root)) == before


# Kind 10 ------------------------------------------------------------------------------------------------------------


def test_kind_10_the_second_of_two_builds_waits_and_says_so(book_root):
    assert build.build(book_root)
    with build.alone(book_root / "book" / "_build"):
        second = start(book_root)
        assert second.stdout.readline().startswith("another build of this book is running; this one waits for it")
        time.sleep(0.5)
        assert second.poll() is None
    said, errors = second.communicate(timeout=300)
    assert (second.returncode, errors) == (0, "")
    assert "nothing changed" in said


def builders_of(process):
    """The processes that build, once they are there."""
    for _ in range(3000):
        found = []
        for status in Path("/proc").glob("[0-9]*/stat"):
            try:
                fields = status.read_text(encoding="utf-8", errors="replace").rpartition(")")[2].split()
                command = status.with_name("cmdline").read_bytes()
            except OSError:
                continue
            if int(fields[1]) == process.pid and b"spawn_main" in command:
                found.append(int(status.parent.name))
        if len(found) == build.BUILDERS:
            return found
        time.sleep(0.1)
    pytest.fail("no builders were started")


def is_running(pid):
    try:
        state = Path(f"/proc/{pid}/stat").read_text(encoding="utf-8", errors="replace")
    except OSError:
        return False
    return state.rpartition(")")[2].split()[0] != "Z"


@pytest.mark.skipif(not Path("/proc/self/stat").exists(), reason="looks for processes as Linux lists them")
@pytest.mark.parametrize(
    ("how", "whole_group"),
    [(signal.SIGKILL, False), (signal.SIGTERM, False), (signal.SIGINT, False), (signal.SIGINT, True)],
)
def test_kind_10_no_builder_is_left_and_no_traceback(tmp_path, how, whole_group):
    sample.write_book(tmp_path)
    process = start(tmp_path)
    builders = builders_of(process)
    time.sleep(0.3)
    if whole_group:  # as Ctrl-C in a terminal does
        os.killpg(process.pid, how)
    else:
        process.send_signal(how)
    _, errors = process.communicate(timeout=300)
    assert "Traceback" not in errors
    if how == signal.SIGINT:
        assert process.returncode == 130
        assert errors == "\ninterrupted; the last good site is untouched\n"
    deadline = time.monotonic() + 120
    while any(map(is_running, builders)) and time.monotonic() < deadline:
        time.sleep(0.1)
    assert not any(map(is_running, builders))


def no_room():
    """Let this process write small files only: the error is that of a disk that is full, but for its number."""
    resource.setrlimit(resource.RLIMIT_FSIZE, (20_000, 20_000))


def test_kind_10_a_full_disk_is_a_sentence_and_the_site_stays(tmp_path):
    sample.write_book(tmp_path)
    site = site_of(tmp_path)
    site.mkdir(parents=True)
    (site / "index.html").write_text("the last good site", encoding="utf-8")
    process = start(tmp_path, preexec_fn=no_room)
    _, errors = process.communicate(timeout=300)
    assert process.returncode == 1
    assert "Traceback" not in errors
    assert "is the disk full, or may it not be written to?" in errors
    assert "the last good site is untouched" in errors
    assert snapshot(site) == {Path("index.html"): b"the last good site"}


@pytest.mark.parametrize("name", ["book/_build", "book/_build/work"])
def test_kind_10_a_folder_that_cannot_be_written_is_a_sentence(tmp_path, name):
    sample.write_book(tmp_path)
    (tmp_path / name).parent.mkdir(parents=True, exist_ok=True)
    (tmp_path / name).write_text("a file where a folder should be", encoding="utf-8")
    process = start(tmp_path)
    _, errors = process.communicate(timeout=300)
    assert process.returncode == 1
    assert "Traceback" not in errors
    assert f"cannot use {tmp_path / name}" in errors


def test_kind_10_a_site_that_was_about_to_be_replaced_comes_back(tmp_path):
    paths = build.Paths(tmp_path)
    old = paths.html.with_name("html.old")
    old.mkdir(parents=True)
    (old / "index.html").write_text("the last good site", encoding="utf-8")
    build.recover(paths)
    assert snapshot(paths.html) == {Path("index.html"): b"the last good site"}


# Damage to each of several files, all made at once, as each build takes seconds.
STAMPS = {"work/zh/stamp": b"\xff\xfe\x00", "work/ja/stamp": b"", "work/en/machinery": b"0123", "work/published": None}
PAGES = {
    "html/zh/index.html": None,
    "html/ja/index.html": b"<html>",
    "html/index.html": None,
    "html/_static/favicon.svg": None,
}
TREE = {"work/zh/html/index.html": None, "html/zh/index.html": None}


@pytest.mark.parametrize("damages", [STAMPS, PAGES, TREE], ids=["stamps", "pages", "a tree"])
def test_kind_10_what_is_damaged_or_gone_comes_back(book_root, damages, capsys):
    assert build.build(book_root)
    before = pages_of(book_root)
    for name, content in damages.items():
        path = book_root / "book" / "_build" / name
        if path.is_file():
            path.unlink() if content is None else path.write_bytes(content)
    assert build.build(book_root)
    assert "done: open" in capsys.readouterr().out
    after = pages_of(book_root)
    assert after.keys() == before.keys()
    assert [path for path, content in before.items() if after[path] != content] == []
    assert build.build(book_root)
    assert "nothing changed" in capsys.readouterr().out
