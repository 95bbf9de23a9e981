"""Build the site: `python -m book.build` (or `make book`).

One tree of pages per language under one root, all from the same table of contents. Only what changed
is built; a build that fails, or is interrupted, leaves the last good site in place.
"""

import argparse
import contextlib
import errno
import fcntl
import io
import json
import multiprocessing
import os
import re
import shutil
import signal
import sys
import threading
import time
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from multiprocessing import connection, resource_tracker
from pathlib import Path
from typing import Any

import imagesize
import yaml
from nbformat import NotebookNode

from book import downloads
from book.bundling import bundle
from book.course import FILE as COURSE
from book.course import OWN, Course, load_course
from book.drafts import draft_note
from book.explorer_files import FOLDER as EXPLORERS
from book.explorer_files import explorer_files
from book.files import digest, files_under, folder_digest
from book.found import course_data, descriptions, found_files
from book.glossary import glossary_page, load_glossary
from book.languages import Language, book_config, load_config, load_languages, merge, message_catalog
from book.pages import SUFFIXES, detach, left_out, render
from book.reading_files import chapters, edition, reading_files, reading_words, terms_script
from book.search_names import search_names
from book.selection import Selection
from book.shared_files import share
from book.sources import BookError, fault, place, run_command

DISK_ERRORS = (errno.ENOSPC, errno.EDQUOT, errno.EFBIG, errno.EROFS, errno.EACCES, errno.EIO)
BUILDERS = 2  # processes at a time
CONTENTS = "_toc.yml"  # of a tree: the table of contents of its language
DRAWING = "digit"  # the explorer that the page on which a language is chosen promises
# Left out of the site: source maps, Sphinx's own notes, what book.sphinx_search replaces, the theme's message catalogs,
# its icons, which course.css replaces, and what else of the theme no page names.
UNUSED = shutil.ignore_patterns(
    *("*.map", ".buildinfo", "objects.inv", "searchtools.js", "language_data.js", "locales"),
    *("vendor", "logo_*", "fontawesome.js*", "bootstrap.js*", "*-macros.html", "copybutton_funcs.js"),
    *("check-solid.svg", "copy-button.svg", "minus.png", "plus.png"),
)


Pages = dict[Path, NotebookNode]  # of a language, by their files


@dataclass(frozen=True)
class Paths:
    """Where the sources of a book lie, and where it is built.

    Attributes
    ----------
    root
        The folder of the sources.
    site, trees
        Names of the folders for the site, and for what it is put together from.
    """

    root: Path
    site: str = "html"
    trees: str = "work"

    @property
    def chapters(self) -> Path:
        """One folder of pages per language."""
        return self.root / "chapters"

    @property
    def book(self) -> Path:
        """Languages, glossary, templates, styles and this program."""
        return self.root / "book"

    @property
    def work(self) -> Path:
        """One staged and built tree per language, kept so that the next build has less to do."""
        return self.book / "_build" / self.trees

    @property
    def html(self) -> Path:
        """The site: the last build that succeeded."""
        return self.book / "_build" / self.site


def language_files(paths: Paths, course: Course, language: Language, own: Pages) -> dict[str, bytes]:
    """Return all files that make the tree of one language, by their path in the tree; `own` are its pages."""
    shared, languages = load_config(paths.root), course.languages
    named = {path.stem: page for path, page in own.items()}
    words = reading_words(paths.root, language)
    context = {
        "course_base": course.address,
        "course_chapters": chapters(named, language, course.numbers()),
        "course_data": course_data(languages, course.address) if course.address else "",
        "course_descriptions": descriptions(named, language, words),
        "course_edition": edition(paths.root, shared),
        "course_logo": logo_element(course),
        "course_pages": {each.name: course.languages_of(each.name) for each in course.chapters},
        "course_run": downloads.page_context(paths.root, language, shared),
        "reading_words": words,
    }
    config = book_config(merge(shared, {"sphinx": {"config": {"html_context": context}}}), language, languages)
    tree = paths.work / language.code
    sphinx = config["sphinx"]["config"]
    sphinx["templates_path"] = [str(paths.book / "_templates")]
    sphinx["locale_dirs"] = [str(tree / "locales")]
    rows, published = load_glossary(paths.root), load_languages(paths.root)
    sphinx["course_search_names"] = search_names(paths.root, rows, language, published + [language] * language.is_draft)
    sphinx["course_search_idle"] = sorted({word for each in languages for word in each.idle_words.split()})
    sphinx["course_search_excerpt"] = language.excerpt
    messages = f"locales/{language.sphinx_language}/LC_MESSAGES/sphinx.po"
    return {
        **page_files(paths, language.code, own),
        **logo_file(course),
        **files_under(paths.book / "_static", "source/_static"),
        **reading_files(paths.root),
        "source/glossary.md": glossary_page(rows, language, languages, draft_note(paths.root, language)).encode(),
        CONTENTS: yaml.safe_dump(course.contents(language)).encode(),
        "_config.yml": yaml.safe_dump(config, allow_unicode=True).encode(),
        messages: message_catalog(language.messages).encode(),
    }


def page_files(paths: Paths, language: str, own: Pages) -> dict[str, bytes]:
    """Return the pages of a language as they are to be built, and the pictures and other files beside them.

    Files that could be pages, but are not in the course, are left out; what an editor left in a page, too.
    """
    files = files_under(paths.chapters / language, "source") | files_under(paths.root / OWN / language, "source")
    others = {name: content for name, content in files.items() if not name.endswith(SUFFIXES)}
    for path, page in own.items():
        others |= {f"source/{name}": content for name, content in detach(path, page).items()}
        others[f"source/{path.name}"] = render(path, page).encode()
    return others


def logo_file(course: Course) -> dict[str, bytes]:
    """Return the picture beside the title, if there is one, by its path in the tree."""
    return {f"source/_static/{course.logo.name}": course.logo.read_bytes()} if course.logo else {}


def logo_element(course: Course) -> dict[str, Any]:
    """Return file name, width and height of the picture beside the title; nothing if there is none.

    Raises
    ------
    BookError
        If the picture does not say how large it is.
    """
    if not course.logo:
        return {}
    width, height = imagesize.get(course.logo)
    if width <= 0 or height <= 0:
        what = f"cannot find how large the logo {course.logo.name} is"
        raise BookError(fault(course.root / COURSE, what, None, "name another file; an SVG needs width and height"))
    return {"file": course.logo.name, "width": width, "height": height}


def machinery_digest(paths: Paths) -> str:
    """Return a hash of everything that shapes all pages: when it changes, no old tree is reused."""
    names = ["_config.yml", "_toc.yml", COURSE, "requirements-book.lock", "book/languages.yml"]
    listed = [paths.root / name for name in names]
    program = [*Path(__file__).parent.glob("*.py"), *(paths.book / "_templates").rglob("*")]
    files = {str(path): path.read_bytes() for path in [*listed, *program] if path.is_file()}
    for name in ("_static", "search"):
        files |= files_under(paths.book / name, name)
    return digest(files)


def stage(tree: Path, files: dict[str, bytes]) -> None:
    """Write the files that differ and remove those that are gone, so that Sphinx reads only what changed."""
    for name, content in files.items():
        path = tree / name
        if not path.is_file() or path.read_bytes() != content:
            path.parent.mkdir(parents=True, exist_ok=True)
            path.write_bytes(content)
    for path in (tree / "source").rglob("*"):
        if path.is_file() and path.relative_to(tree).as_posix() not in files:
            path.unlink()


def run_sphinx(tree: Path) -> list[str]:
    """Build the staged tree of one language; return Sphinx's warnings and errors (none: all is well).

    Pages whose source did not change are not read again, but all are written, so that sidebars
    and links between pages are always up to date and always checked.
    """
    from jupyter_book.sphinx import build_sphinx
    from sphinx.util.console import nocolor

    nocolor()
    log = io.StringIO()
    with contextlib.redirect_stdout(io.StringIO()), contextlib.redirect_stderr(log):
        status = build_sphinx(
            tree / "source",
            tree / "html",
            noconfig=True,
            path_config=tree / "_config.yml",
            confoverrides={"external_toc_path": str(tree / CONTENTS), "latex_individualpages": False},
            force_all=True,
        )
    # Sphinx tells of a disk that is full, say, by a traceback.
    for number in map(int, re.findall(r"^\s*\w+Error: \[Errno (\d+)\]", log.getvalue(), re.MULTILINE)):
        if number in DISK_ERRORS:
            raise OSError(number, os.strerror(number))
    problems = [line for line in log.getvalue().splitlines() if line.strip()]
    if status and not problems:
        problems = [f"the build failed: {status}"]
    return [explain(problem, tree) for problem in problems]


def explain(problem: str, tree: Path) -> str:
    """Name the chapter, and the cell if it is a notebook, instead of the staged copy.

    MyST-NB gives 10,000 x cell + line as the line of a notebook; the line is not exact, the cell is.
    """
    source = f"{tree / 'source'}/"
    problem = problem.replace(source, f"chapters/{tree.name}/")
    if "'term-" in problem:
        problem += " (each term needs a row in book/glossary.yml)"
    located = re.match(rf"(chapters/{tree.name}/(\S+\.ipynb)):(\d+)\d{{4}}: (.*)", problem)
    if not located:
        return problem
    chapter, name, cell, message = located.groups()
    notebook = json.loads((tree / "source" / name).read_text(encoding="utf-8"))
    return f"{chapter}, cell `{notebook['cells'][int(cell) - 1].get('id', cell)}`: {message}"


def build_language(tree: Path, files: dict[str, bytes], machinery: str) -> list[str]:
    """Bring the tree of one language up to date; return the problems.

    A tree that failed, or whose build was interrupted (it has no stamp), is built from nothing:
    Sphinx would not repeat the warnings of pages that it has already read.
    """
    stamp = tree / "stamp"
    if _read(tree / "machinery") != machinery or not stamp.is_file():
        shutil.rmtree(tree, ignore_errors=True)
    stamp.unlink(missing_ok=True)
    stage(tree, files)
    problems = run_sphinx(tree)
    if not problems:
        (tree / "machinery").write_text(machinery, encoding="utf-8")
        stamp.write_text(tree_stamp(tree, files), encoding="utf-8")
    return problems


def tree_stamp(tree: Path, files: dict[str, bytes]) -> str:
    """Return what says from what a tree was built, and what came of it."""
    return f"{digest(files)} {folder_digest(tree / 'html')}"


def is_current(tree: Path, files: dict[str, bytes], machinery: str) -> bool:
    """Tell whether the tree of a language was built from just these files by just this program, and is whole."""
    return _read(tree / "machinery") == machinery and _read(tree / "stamp") == tree_stamp(tree, files)


def _read(stamp: Path) -> str:
    """Return what a stamp says; one that is missing or damaged says nothing that could be true."""
    return stamp.read_text(encoding="utf-8", errors="replace") if stamp.is_file() else ""


def publish(paths: Paths, course: Course, pages: dict[str, Pages], more: dict[str, bytes] | None = None) -> None:
    """Put the trees, the root page and more files together beside the old site, then change places with it."""
    languages = course.languages
    new, old = (paths.html.with_name(f"{paths.site}.{age}") for age in ("new", "old"))
    for leftover in (new, old):
        shutil.rmtree(leftover, ignore_errors=True)
    for language in languages:
        shutil.copytree(paths.work / language.code / "html", new / language.code, ignore=UNUSED)
    share(new, [language.code for language in languages])
    scripts = explorer_files(paths.root, languages, every(pages))
    stage(new, {f"{EXPLORERS}/{name}": content for name, content in scripts.items()})
    stage(new, files_under(paths.book / "search", "search"))
    rows = load_glossary(paths.root)
    stage(new, {f"{each.code}/_static/terms.js": terms_script(rows, each).encode() for each in languages})
    bundle(new, [language.code for language in languages])
    stage(new, found_files(course, edition(paths.root, load_config(paths.root))["date"]))
    stage(new, {"index.html": root_page(paths, course).encode(), **(more or {})})
    if paths.html.exists():
        paths.html.rename(old)
    new.rename(paths.html)
    shutil.rmtree(old, ignore_errors=True)


def archives(paths: Paths, course: Course) -> dict[str, bytes]:
    """Return what readers run at home, by path in the site: that of the last site, if it would be the same."""
    stamp, folder = paths.work / "archives", paths.html / downloads.FOLDER
    sources = downloads.sources_digest(paths.root)
    if not sources:
        return {}
    made_from = " ".join([sources, *(each.code for each in course.languages)])
    if _read(stamp) == f"{made_from} {folder_digest(folder)}":
        return files_under(folder, downloads.FOLDER)
    made = downloads.archives(course)
    stamp.write_text(f"{made_from} {digest(made)}", encoding="utf-8")
    return {f"{downloads.FOLDER}/{name}": content for name, content in made.items()}


def recover(paths: Paths) -> None:
    """Put the last good site back where a build was ended between taking it away and putting the new one there."""
    old = paths.html.with_name(f"{paths.site}.old")
    if old.is_dir() and not paths.html.exists():
        old.rename(paths.html)


def root_page(paths: Paths, course: Course) -> str:
    """Return the page on which a reader chooses a language."""
    from jinja2 import Environment, FileSystemLoader

    environment = Environment(loader=FileSystemLoader(paths.book / "_templates"), autoescape=True, trim_blocks=True)
    languages, base = course.languages, course.address
    words = {each.code: reading_words(paths.root, each) for each in languages}
    data = course_data(languages, base) if base else ""
    draws = DRAWING in course.explorers
    return environment.get_template("root.html").render(
        languages=languages, words=words, base=base, data=data, draws=draws
    )


def gate_problems(root: Path) -> list[str]:
    """Ask the gates: a page that lags, reads badly or cannot be read by everyone must not be published."""
    from book import evidence, lint, rules, translations

    # A page that cannot be read is named by each of them.
    found = [*translations.check(root), *rules.check(root), *lint.check(root)]
    try:
        found += evidence.check(root)
    except BookError as error:
        found += str(error).splitlines()
    return list(dict.fromkeys(found))


@contextlib.contextmanager
def alone(folder: Path) -> Iterator[None]:
    """Wait until no other build works in a folder. The lock goes with the process, however that ends."""
    folder.mkdir(parents=True, exist_ok=True)
    with (folder / "lock").open("a") as lock:
        try:
            fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except OSError as error:
            if error.errno not in (errno.EAGAIN, errno.EACCES):
                raise
            print("another build of this book is running; this one waits for it (Ctrl-C: do not wait)", flush=True)
            fcntl.flock(lock, fcntl.LOCK_EX)
        yield


def build(root: Path, drafts: bool = False) -> bool:
    """Build the book under `root`; return whether the site is now up to date.

    Parameters
    ----------
    root
        The folder of the book.
    drafts
        Whether languages that are being translated are on the site, too.

    Raises
    ------
    BookError
        If a source of the book is wrong; the site is left as it was.
    """
    paths = Paths(root)
    with alone(paths.work.parent):
        return build_alone(paths, drafts)


def build_alone(paths: Paths, drafts: bool) -> bool:
    """Build the book while no other build does."""
    recover(paths)
    course = load_course(paths.root, drafts)
    for path in left_out(paths.root, [each.code for each in load_languages(paths.root, drafts=True)]):
        print(f"left out, as _toc.yml does not list it: {place(path)}")
    state = site_state(paths, course)
    if state and _read(paths.work / "published") == state:
        print(f"nothing changed: {paths.html / 'index.html'}")
        return True
    if problems := gate_problems(paths.root):
        return report("the pages", problems)
    pages = selected_pages(course)
    files = {each.code: language_files(paths, course, each, pages[each.code]) for each in course.languages}
    machinery = machinery_digest(paths)
    changed = [code for code in files if not is_current(paths.work / code, files[code], machinery)]
    with ThreadPoolExecutor(1) as beside:  # while the last language is built, one of two processors has nothing to do
        made = beside.submit(archives, paths, course)
        if not build_changed(paths, changed, files, machinery):
            return False
    publish(paths, course, pages, made.result())
    (paths.work / "published").write_text(site_state(paths, course), encoding="utf-8")
    print(f"done: open {paths.html / 'index.html'}")
    return True


def selected_pages(course: Course) -> dict[str, Pages]:
    """Return the pages of each language, by its code, as the course has them."""
    return {each.code: Selection(course, each).pages() for each in course.languages}


def every(pages: dict[str, Pages]) -> list[NotebookNode]:
    """Return the pages of all languages."""
    return [page for own in pages.values() for page in own.values()]


def site_state(paths: Paths, course: Course) -> str:
    """Return a hash of the sources and of the site itself, or "" if a source cannot be read; the gates say which."""
    try:
        pages = selected_pages(course)
        files = [digest(language_files(paths, course, each, pages[each.code])) for each in course.languages]
        files.append(digest(explorer_files(paths.root, course.languages, every(pages))))
    except BookError:
        return ""
    return " ".join([machinery_digest(paths), *files, downloads.sources_digest(paths.root), folder_digest(paths.html)])


def build_changed(paths: Paths, changed: list[str], files: dict[str, dict[str, bytes]], machinery: str) -> bool:
    """Build the languages that changed, two at a time; return whether all succeeded."""
    success = True
    start = time.monotonic()
    waiting, running = list(changed), {}
    try:
        while waiting or running:
            while waiting and len(running) < BUILDERS:
                code = waiting.pop(0)
                arguments = (paths.work / code, files[code], machinery)
                running[start_builder(arguments)] = code
            for answer in connection.wait(list(running)):
                code = running.pop(answer)
                if problems := received(answer):
                    success = report(code, problems)
                else:
                    print(f"{code}: built ({time.monotonic() - start:.0f} s)", flush=True)
    finally:
        for process in multiprocessing.active_children():
            process.terminate()
            process.join()
    return success


def start_builder(arguments: tuple) -> connection.Connection:
    """Build a language in a fresh process (Sphinx keeps the messages of the one before); return where it answers."""
    os.environ["PYTHONHASHSEED"] = "0"  # of that process: equal pages give equal files, the search index too
    spawn = multiprocessing.get_context("spawn")
    answer, theirs = spawn.Pipe()
    # Ctrl-C is for this process, which ends its builders; they inherit that the signal is blocked. The tracker of
    # multiprocessing lets the signal in again when it starts, so it is started before.
    resource_tracker.ensure_running()
    signal.pthread_sigmask(signal.SIG_BLOCK, {signal.SIGINT})
    try:
        spawn.Process(target=run_builder, args=(theirs,)).start()
    finally:
        signal.pthread_sigmask(signal.SIG_UNBLOCK, {signal.SIGINT})
    theirs.close()
    # Not as arguments of the process: if this one is killed while it sends them, the other would print a traceback.
    with contextlib.suppress(BrokenPipeError):  # it has ended already: its answer is missing, too
        answer.send(arguments)
    return answer


def received(answer: connection.Connection) -> list[str]:
    """Return the problems that a builder reports; an error of the disk is raised here."""
    try:
        problems = answer.recv()
    except EOFError as error:
        raise BookError("a process that builds ended too early, perhaps for want of memory; build again") from error
    if isinstance(problems, OSError):
        raise problems
    return problems


def run_builder(parent: connection.Connection) -> None:
    """Build a language in this process, by the arguments that the parent sends, and send back the problems."""
    end_with_parent()
    try:
        arguments = parent.recv()
    except (EOFError, ConnectionResetError):  # the parent is gone
        return
    try:
        parent.send(build_language(*arguments))
    except OSError as error:
        parent.send(error)


def end_with_parent() -> None:
    """End this process when the one that started it is gone, even if that was killed."""

    def wait() -> None:
        multiprocessing.parent_process().join()
        os._exit(1)

    threading.Thread(target=wait, daemon=True).start()


def report(what: str, problems: list[str]) -> bool:
    """Print what is wrong and what to do; return False, for the caller to pass on."""
    print(f"{what}: {len(problems)} to put right", file=sys.stderr)
    for problem in problems:
        print(f"  {problem}", file=sys.stderr)
    print("Put these right and build again; the last good site is untouched.", file=sys.stderr)
    return False


def main() -> int:
    """Build the book from the command line."""
    parser = argparse.ArgumentParser(prog="python -m book.build", description="Build the site in all languages.")
    parser.add_argument(
        "--root", type=Path, default=Path(__file__).parents[1], help="folder of the book's sources (default: this one)"
    )
    parser.add_argument("--drafts", action="store_true", help="with the languages that are being translated")
    options = parser.parse_args()
    root = options.root.resolve()

    def build_and_tell() -> int:
        try:
            return 0 if build(root, options.drafts) else 1
        except BookError as error:
            report("the book's sources", str(error).splitlines())
        except OSError as error:
            what = f"cannot use {error.filename or 'a file of the build'}: {error.strerror}"
            report("the build", [f"{what}; is the disk full, or may it not be written to?"])
        return 1

    return run_command(build_and_tell, kept="the last good site is untouched")


if __name__ == "__main__":
    sys.exit(main())
