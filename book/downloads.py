"""What a reader runs at home: an archive a language, which needs nothing but a Python of the reader's.

It holds the student edition (see `book.edition`), the package `cnn_course` as a wheel, the lock file of what notebooks
need, and scripts that make the environment and open a chapter. What a reader makes lies beside all that, in folders
that the archive does not have, so a newer archive can be unpacked over an older one. Equal sources give equal bytes.
"""

import base64
import hashlib
import io
import json
import re
import tomllib
import zipfile
from collections.abc import Iterator
from pathlib import Path
from typing import Any

from nbformat import NotebookNode

from book.course import FILE as COURSE
from book.course import OWN, Course
from book.desk import ABOUT
from book.files import digest, files_under
from book.languages import Language
from book.pages import ENGLISH, render
from book.reading_files import repository
from book.selection import Selection
from book.student import notebooks_of
from book.texts import DOWNLOAD, STUDENT, load_texts, text

FOLDER = "downloads"  # of the site
PROJECT, LOCK = "pyproject.toml", "requirements-lab.lock"
PACKAGE = "src/cnn_course"
LEFT_OUT = re.compile(r"__pycache__|/data/records/[^/]*\.(npz|old)$")  # as .gitignore has it
# What the archive needs of the programs: `tools.start` and `book.desk`, with what they import.
PROGRAMS = (
    *(f"tools/{name}.py" for name in ("__init__", "environment", "installing", "messages", "start")),
    *("tools/texts.json", "tools/python.sh"),
    *(f"book/{name}.py" for name in ("__init__", "desk", "kept", "languages", "pages", "sources", "texts")),
    STUDENT,
)
LICENSES = ("LICENSE", "LICENSE-TEXT")
WHEEL = b"Wheel-Version: 1.0\nGenerator: book.downloads\nRoot-Is-Purelib: true\nTag: py3-none-any\n"
PACKED = (".npz", ".png", ".whl")  # gain nothing from being compressed again
# As the start script says them (tools/start.py), and about how large an archive is, in MB: tests compare.
DOWNLOADED, DISK, SIZE = "450 MB", "1.9 GB", 23
MIRROR = "pip config set global.index-url "
GITHUB = re.compile(r"https://github\.com/([^/]+/[^/]+)")
# Where a notebook of a repository on GitHub can be run: what stands before its name, and after it before the path.
ELSEWHERE = (
    ("Colab", "https://colab.research.google.com/github", "blob/{}"),
    ("Binder", "https://mybinder.org/v2/gh", "{}?urlpath=lab/tree"),
)
FILLED = re.compile(r"\{\{([a-z-]+)\}\}")
DATE, UNIX = (1980, 1, 1, 0, 0, 0), 3  # of every entry, whenever and wherever it is made


def is_offered(root: Path) -> bool:
    """Tell whether there are archives: a book without a package that notebooks need has none."""
    return (root / LOCK).is_file()


def name_of(language: Language) -> str:
    """Return the name of the archive of a language, without its ending."""
    return f"cnn-course-{language.code}"


def sources_digest(root: Path) -> str:
    """Return a hash of everything that archives are made from, or "" if there are none."""
    if not is_offered(root):
        return ""
    folders = ("chapters", OWN, "book/explorers", "book/download", PACKAGE)
    files = {name: content for folder in folders for name, content in files_under(root / folder, folder).items()}
    single = [root / name for name in (PROJECT, LOCK, COURSE, "_toc.yml", *PROGRAMS, *LICENSES)]
    for path in [*filter(Path.is_file, single), *(root / "book").glob("*.py"), *(root / "book").glob("*.yml")]:
        files[path.relative_to(root).as_posix()] = path.read_bytes()
    return digest({name: content for name, content in files.items() if not LEFT_OUT.search(name)})


def archives(course: Course) -> dict[str, bytes]:
    """Return the archive of each language, by its name; explorers in them lead to the site if it has an address.

    Raises
    ------
    BookError
        If a page has no form in a notebook.
    """
    root, made = course.root, {}
    texts, (name, wheel) = load_texts(root, STUDENT), package_wheel(root)
    for language in course.languages:
        notebooks = notebooks_of(Selection(course, language), course.languages, texts, course.address)
        files = {f"course/{name}": wheel} | archive_files(root, language, notebooks, name)
        top = name_of(language)
        made[f"{top}.zip"] = zipped({f"{top}/{path}": content for path, content in files.items()})
    return made


def archive_files(root: Path, language: Language, notebooks: dict[str, NotebookNode], wheel: str) -> dict[str, bytes]:
    """Return what the archive of a language holds beside the wheel of this name, by its path."""
    about = {"language": language.code, "wheel": wheel, "notebooks": list(notebooks)}
    files = {
        "README.txt": readme(root, language).encode(),
        f"course/{ABOUT}": json.dumps(about, indent=1).encode(),
        "course/requirements.lock": (root / LOCK).read_bytes(),
        # Windows PowerShell 5 reads a script without this mark in the code page of the system.
        "start.ps1": b"\xef\xbb\xbf" + script(root, language, "start.ps1", "''").replace("\n", "\r\n").encode(),
        "start.sh": script(root, language, "start.sh", "'\\''").encode(),
    }
    files |= {f"course/{name}": (root / name).read_bytes() for name in PROGRAMS}
    files |= {name: (root / name).read_bytes() for name in LICENSES}
    for name, notebook in notebooks.items():
        files[f"course/notebooks/{name}.ipynb"] = render(Path(f"{name}.ipynb"), notebook).encode()
    return files


# What a chapter's page says -------------------------------------------------------------------------------------------


def page_context(root: Path, language: Language, config: dict[str, Any]) -> dict[str, Any]:
    """Return what the template ``run-it.html`` shows on the chapters of a language; nothing if there are no archives.

    In addresses stands ``{page}`` for the name of the chapter.
    """
    if not is_offered(root):
        return {}
    address, branch = repository(config)
    path = f"chapters/{language.code}/{{page}}.ipynb"
    github = GITHUB.fullmatch(address)
    return {
        "words": {
            name: own.get(language.code, own[ENGLISH]) for name, own in load_texts(root, DOWNLOAD)["page"].items()
        },
        "archive": name_of(language),
        "size": SIZE,
        "download": DOWNLOADED,
        "disk": DISK,
        "mirror": MIRROR,
        "repository": address,
        "source": f"{address}/blob/{branch}/{path}" if address else "",
        "links": {
            name: f"{start}/{github[1]}/{rest.format(branch)}/{path}" for name, start, rest in ELSEWHERE if github
        },
    }


# What it says ---------------------------------------------------------------------------------------------------------


def script(root: Path, language: Language, name: str, quote: str) -> str:
    """Return a start script that speaks a language; `quote` is how it writes an apostrophe in a text."""
    texts = load_texts(root, DOWNLOAD)

    def filled(match: re.Match) -> str:
        return text(texts, language.code, "download", match[1]).replace("'", quote)

    return FILLED.sub(filled, (root / "book/download" / name).read_text(encoding="utf-8"))


def readme(root: Path, language: Language) -> str:
    """Return the text that is to be read before anything is run."""
    texts = load_texts(root, DOWNLOAD)

    def say(name: str) -> str:
        return text(texts, language.code, "download", name)

    paragraphs = [
        language.title,
        say("intro"),
        "    sh start.sh 02\n    powershell -ExecutionPolicy Bypass -File start.ps1 02",
        say("first"),
        say("yours"),
        "    sh start.sh --fresh 02",
        say("mirror"),
        "    PIP_INDEX_URL=https://… sh start.sh 02\n    pip config set global.index-url https://…",
        say("offline"),
        "    sh start.sh --wheels",
        say("more"),
        "    sh start.sh --help",
        say("licenses"),
    ]
    return "\n\n".join(paragraphs) + "\n"


# The package ----------------------------------------------------------------------------------------------------------


def package_wheel(root: Path) -> tuple[str, bytes]:
    """Return name and content of the wheel of `cnn_course`, as the notebooks use it."""
    config = tomllib.loads((root / PROJECT).read_text(encoding="utf-8"))
    project = config["project"]
    stem = f"{project['name'].replace('-', '_')}-{project['version']}"
    files = package_files(root, config)
    info = f"{stem}.dist-info"
    files[f"{info}/METADATA"] = "\n".join([*metadata(project), ""]).encode()
    files[f"{info}/WHEEL"] = WHEEL
    files[f"{info}/licenses/LICENSE"] = (root / "LICENSE").read_bytes()
    files[f"{info}/RECORD"] = "".join([*record(files), f"{info}/RECORD,,\n"]).encode()
    return f"{stem}-py3-none-any.whl", zipped(files)


def record(files: dict[str, bytes]) -> Iterator[str]:
    """Yield the lines by which pip checks what a wheel holds."""
    for path, content in files.items():
        hashed = base64.urlsafe_b64encode(hashlib.sha256(content).digest()).rstrip(b"=").decode()
        yield f"{path},sha256={hashed},{len(content)}\n"


def package_files(root: Path, config: dict[str, Any]) -> dict[str, bytes]:
    """Return the files of the package, and those that pyproject.toml brings in from elsewhere, by path in the wheel."""
    files = files_under(root / PACKAGE, Path(PACKAGE).name)
    for source, target in config["tool"]["hatch"]["build"]["targets"]["wheel"]["force-include"].items():
        files |= files_under(root / source, target)
    return {name: content for name, content in sorted(files.items()) if not LEFT_OUT.search(name)}


def metadata(project: dict[str, Any]) -> Iterator[str]:
    """Yield the lines of the wheel's METADATA."""
    yield "Metadata-Version: 2.4"
    yield f"Name: {project['name']}"
    yield f"Version: {project['version']}"
    yield f"Summary: {project['description']}"
    yield "License-File: LICENSE"
    yield f"Requires-Python: {project['requires-python']}"
    yield from (f"Requires-Dist: {requirement}" for requirement in project["dependencies"])


def zipped(files: dict[str, bytes]) -> bytes:
    """Return an archive of files, the same bytes for the same files."""
    content = io.BytesIO()
    with zipfile.ZipFile(content, "w") as archive:
        for path, data in files.items():
            entry = zipfile.ZipInfo(path, DATE)
            entry.create_system, entry.external_attr = UNIX, 0o100644 << 16
            packing = zipfile.ZIP_STORED if path.endswith(PACKED) else zipfile.ZIP_DEFLATED
            archive.writestr(entry, data, compress_type=packing)
    return content.getvalue()
