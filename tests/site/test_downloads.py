"""The archives that the site offers: what is in them, that they run, and that they overwrite nothing of a reader's."""

import io
import json
import re
import subprocess
import sys
import tomllib
import zipfile
from pathlib import Path

import nbformat
import pytest
from bs4 import BeautifulSoup
from hatchling.builders.wheel import WheelBuilder
from jinja2 import Environment, FileSystemLoader

from book import build, downloads
from book.course import load_course
from book.desk import fingerprint
from book.edition import LOCAL
from book.languages import load_languages
from book.pages import MADE, contents, parse_notebook, render
from book.selection import Selection
from book.student import notebooks_of
from book.texts import STUDENT, load_texts

ROOT = Path(__file__).parents[2]
LANGUAGES = load_languages(ROOT)
COURSE = load_course(ROOT)
NAMES = [*contents(ROOT), *MADE]


@pytest.fixture(scope="module")
def notebooks():
    """The notebooks of every language, as the archives of a site without an address hold them."""
    return {each.code: student_notebooks(each, "") for each in LANGUAGES}


def student_notebooks(language, site):
    return notebooks_of(Selection(COURSE, language), LANGUAGES, load_texts(ROOT, STUDENT), site)


@pytest.fixture(scope="module")
def archives(notebooks):
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(downloads, "notebooks_of", lambda selection, *_: notebooks[selection.language.code])
        return downloads.archives(COURSE)


@pytest.fixture
def unpacked(archives, tmp_path):
    """The Chinese archive, unpacked where there are spaces and Chinese in the path."""
    folder = tmp_path / "我的 课程"
    unpack(archives["cnn-course-zh.zip"], folder)
    return folder / "cnn-course-zh"


def unpack(content, folder):
    zipfile.ZipFile(io.BytesIO(content)).extractall(folder)


def start(top, *arguments):
    command = [sys.executable, "-Es", "-m", "book.desk", "sh start.sh --fresh {number}", *arguments]
    done = subprocess.run(command, cwd=top / "course", capture_output=True, text=True)
    assert (done.returncode, done.stderr) == (0, "")
    return done.stdout


# What is in them ----------------------------------------------------------------------------------------------------


def test_an_archive_is_one_folder_with_every_notebook_and_nothing_where_a_reader_works(archives):
    for language in LANGUAGES:
        top = f"cnn-course-{language.code}"
        archive = zipfile.ZipFile(io.BytesIO(archives[f"{top}.zip"]))
        names = [name.removeprefix(f"{top}/") for name in archive.namelist()]
        assert all(name.startswith(f"{top}/") for name in archive.namelist())
        assert {name.partition("/")[0] for name in names} == {"course", "README.txt", "start.sh", "start.ps1"} | set(
            downloads.LICENSES
        )
        assert [name for name in names if "notebooks" in name] == [f"course/notebooks/{name}.ipynb" for name in NAMES]
        assert all(name.isascii() for name in names)  # old programs unpack others wrongly
        about = json.loads(archive.read(f"{top}/course/course.json"))
        assert about["language"] == language.code and about["notebooks"] == NAMES
        assert f"course/{about['wheel']}" in names
        assert archive.read(f"{top}/start.ps1").startswith(b"\xef\xbb\xbf") and b"\r" not in archive.read(
            f"{top}/start.sh"
        )


def test_the_notebooks_are_those_of_make_lab_but_for_the_way_to_the_site(notebooks):
    (chinese,) = (language for language in LANGUAGES if language.code == "zh")
    lab = student_notebooks(chinese, LOCAL)
    assert list(notebooks["zh"]) == list(lab) == NAMES
    pairs = [pair for name in NAMES for pair in zip(notebooks["zh"][name].cells, lab[name].cells, strict=True)]
    differing = [(ours.source, theirs.source) for ours, theirs in pairs if ours != theirs]
    assert differing and all("make serve" in theirs and "make serve" not in ours for ours, theirs in differing)
    assert not [ours for ours, _ in differing if "localhost" in ours]


def test_the_same_sources_make_the_same_bytes(archives, notebooks):
    (english, *_) = LANGUAGES
    files = downloads.archive_files(ROOT, english, notebooks["en"], "a.whl")
    assert downloads.zipped(files) == downloads.zipped(dict(files))
    name, wheel = downloads.package_wheel(ROOT)
    inside = zipfile.ZipFile(io.BytesIO(archives["cnn-course-ja.zip"])).read(f"cnn-course-ja/course/{name}")
    assert inside == wheel == downloads.package_wheel(ROOT)[1]


def test_an_archive_is_as_large_as_the_pages_say(archives):
    assert {round(len(content) / 1e6) for content in archives.values()} == {downloads.SIZE}


def test_the_lock_file_is_the_part_of_the_whole_one_that_notebooks_need():
    def pinned(name):
        return set(re.findall(r"^[a-z0-9._-]+==\S+", (ROOT / name).read_text("utf-8"), re.MULTILINE))

    lab = pinned(downloads.LOCK)
    assert lab < pinned("requirements.lock")
    names = {each.partition("==")[0] for each in lab}
    assert {"jupyterlab", "tensorflow", "keras", "ipykernel", "nbformat", "jsonschema", "pyyaml"} <= names
    assert not names & {"nbval", "pytest", "sphinx", "jupyter-book", "playwright", "hatchling", "ruff"}


# The package --------------------------------------------------------------------------------------------------------


def test_the_wheel_holds_what_the_build_backend_would_put_into_it_but_for_the_plugin():
    _, wheel = downloads.package_wheel(ROOT)
    ours = {name for name in zipfile.ZipFile(io.BytesIO(wheel)).namelist() if ".dist-info/" not in name}
    theirs = {file.distribution_path for file in WheelBuilder(str(ROOT)).recurse_included_files()}
    assert ours == {name for name in theirs if not name.startswith("nbval_strict/")}


def test_pip_installs_the_wheel_and_the_package_finds_its_data(tmp_path):
    name, wheel = downloads.package_wheel(ROOT)
    (tmp_path / name).write_bytes(wheel)
    pip = [
        sys.executable,
        "-Es",
        "-m",
        "pip",
        "install",
        "--quiet",
        "--no-deps",
        "--no-index",
        "--disable-pip-version-check",
    ]
    subprocess.run([*pip, "--target", tmp_path / "installed", tmp_path / name], check=True)
    code = (
        "import sys; sys.path.insert(0, sys.argv[1])\n"
        "import cnn_course\nfrom cnn_course.datasets import load_mnist\nfrom cnn_course.messages import message\n"
        "from importlib.metadata import version\n"
        "print(cnn_course.__file__.startswith(sys.argv[1]), len(load_mnist().train.labels), version('cnn-course'))"
    )
    command = [sys.executable, "-Es", "-c", code, str(tmp_path / "installed")]
    done = subprocess.run(command, cwd=tmp_path, capture_output=True, text=True, check=True)
    version = tomllib.loads((ROOT / "pyproject.toml").read_text("utf-8"))["project"]["version"]
    assert done.stdout == f"True 55000 {version}\n"


def test_modules_can_be_imported_from_within_the_wheel(tmp_path):
    name, wheel = downloads.package_wheel(ROOT)
    (tmp_path / name).write_bytes(wheel)
    code = (
        "import sys; sys.path.insert(0, sys.argv[1]); from cnn_course import convolution; print(convolution.__file__)"
    )
    command = [sys.executable, "-Es", "-c", code, str(tmp_path / name)]
    done = subprocess.run(command, cwd=tmp_path, capture_output=True, text=True, check=True)
    assert done.stdout.startswith(str(tmp_path / name))


# What becomes of a reader's notebooks -------------------------------------------------------------------------------


def keep_only(top, *names):
    """Make an archive smaller, which is quicker to put there."""
    file = top / "course/course.json"
    file.write_text(json.dumps(json.loads(file.read_text("utf-8")) | {"notebooks": names}), encoding="utf-8")


def change(top, name, source):
    """Change the first cell of a reader's notebook."""
    path = top / "my/zh" / f"{name}.ipynb"
    notebook = parse_notebook(path, path.read_text("utf-8"))
    notebook.cells[0].source = source
    path.write_text(nbformat.v4.writes(notebook), encoding="utf-8")
    return path


def test_nothing_a_reader_made_is_overwritten_by_another_start_or_a_newer_archive(unpacked, archives):
    keep_only(unpacked, "02_convolution", "03_pooling")
    assert start(unpacked) == "my/zh：已为你放好 2 个笔记本，随意修改，不会被覆盖。\n"
    mine = change(unpacked, "02_convolution", "mine")
    own = unpacked / "my/zh/own.ipynb"
    own.write_text("mine, too", encoding="utf-8")
    before = mine.read_bytes()
    assert start(unpacked) == ""
    assert mine.read_bytes() == before

    unpack(archives["cnn-course-zh.zip"], unpacked.parent)
    keep_only(unpacked, "02_convolution", "03_pooling")
    for name in ("02_convolution", "03_pooling"):  # the newer archive has other versions of two chapters
        path = unpacked / "course/notebooks" / f"{name}.ipynb"
        notebook = parse_notebook(path, path.read_text("utf-8"))
        notebook.cells[0].source = "newer"
        notebook.metadata["cnn_course"]["made"] = fingerprint(notebook)
        path.write_text(render(path, notebook), encoding="utf-8")
    said = start(unpacked)
    assert "my/zh/02_convolution.ipynb：课程里有新版。运行 `sh start.sh --fresh 02`" in said
    assert "my/zh/03_pooling.ipynb：你没有动过，已换成新版" in said
    assert (mine.read_bytes(), own.read_text("utf-8")) == (before, "mine, too")

    assert "你的那份存在 my/kept/" in start(unpacked, "--fresh", "02")
    assert '"newer"' in mine.read_text("utf-8")
    (kept,) = (unpacked / "my/kept").rglob("*.ipynb")
    assert kept.read_bytes() == before


# In the site --------------------------------------------------------------------------------------------------------


def test_archives_are_made_again_only_if_they_would_differ(tmp_path, monkeypatch):
    made = []
    monkeypatch.setattr(downloads, "sources_digest", lambda root: "one")
    monkeypatch.setattr(downloads, "archives", lambda *_: made.append(1) or {"a.zip": b"zip"})
    paths = build.Paths(tmp_path)
    paths.work.mkdir(parents=True)

    def ask():
        files = build.archives(paths, COURSE)
        assert files == {"downloads/a.zip": b"zip"}
        build.stage(paths.html, files)
        return len(made)

    assert [ask(), ask()] == [1, 1]
    (paths.html / "downloads/a.zip").write_bytes(b"torn")
    assert [ask(), ask()] == [2, 2]
    monkeypatch.setattr(downloads, "sources_digest", lambda root: "two")
    assert [ask(), ask()] == [3, 3]
    monkeypatch.setattr(downloads, "sources_digest", lambda root: "")
    assert build.archives(paths, COURSE) == {}


def test_each_chapter_ends_with_three_lines_that_run_it(site):
    for language in LANGUAGES:
        for name in contents(ROOT):
            page = site / language.code / f"{name}.html"
            html = page.read_text("utf-8")
            _, start, rest = html.partition('<section class="run-it" id="run-it"')
            if name == "index":
                assert not start
                continue
            section = BeautifulSoup(start + rest.partition("</section>")[0], "html.parser")
            (link,) = section.select("a[download]")
            assert (page.parent / link["href"]).resolve().is_file()
            first, second = (block.text.splitlines() for block in section.select("pre"))
            assert first[0] == f"python3 -m zipfile -e {Path(link['href']).name} ." and len(first) == len(second) == 3
            assert first[1] == second[1] == f"cd cnn-course-{language.code}"
            number = name.partition("_")[0]
            assert first[2] == f"sh start.sh {number}"
            assert second[2] == f"powershell -ExecutionPolicy Bypass -File start.ps1 {number}"
            assert 'href="#run-it"' in html


@pytest.mark.parametrize(
    ("url", "names"),
    [
        ("", []),
        ("https://example.org/course.git", []),
        ("https://github.com/me/course/", ["Colab", "Binder"]),
    ],
)
def test_links_appear_with_the_address_of_a_repository(url, names):
    run = downloads.page_context(ROOT, LANGUAGES[1], {"repository": {"url": url, "branch": "next"}})
    assert list(run["links"]) == names
    assert bool(run["source"]) is bool(url)
    template = Environment(loader=FileSystemLoader(ROOT / "book/_templates")).get_template("run-it.html")
    html = template.render(course_run=run, pagename="04a_learning", content_root="./")
    links = [link["href"] for link in BeautifulSoup(html, "html.parser").select("a[href^=http]")]
    assert links == [
        address.format(page="04a_learning") for address in (*run["links"].values(), run["source"]) if address
    ]
    assert ("%pip install --quiet --no-deps git+https://github.com/me/course" in html) is bool(names)
    if names:
        page = "chapters/zh/{page}.ipynb"
        assert run["links"]["Colab"] == f"https://colab.research.google.com/github/me/course/blob/next/{page}"
        assert run["links"]["Binder"] == f"https://mybinder.org/v2/gh/me/course/next?urlpath=lab/tree/{page}"
        assert run["source"] == f"https://github.com/me/course/blob/next/{page}"
