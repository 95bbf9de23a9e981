"""Build the site: `python -m book.build` (or `make book`).

One tree of pages per language under one root, all from the same table of contents. Only what changed
is built; a build that fails leaves the last good site in place.
"""

from __future__ import annotations

import argparse
import contextlib
import hashlib
import io
import json
import re
import shutil
import sys
import time
from concurrent.futures import ProcessPoolExecutor
from dataclasses import dataclass
from pathlib import Path

import yaml

from book.glossary import glossary_page, load_glossary
from book.languages import BookError, Language, book_config, load_languages, message_catalogue

# Left out of the site: source maps, Sphinx's own notes, the icon script that course.css replaces.
UNUSED = shutil.ignore_patterns("*.map", ".buildinfo", "objects.inv", "fontawesome.js*")


@dataclass(frozen=True)
class Paths:
    """Where the sources of a book lie, and where it is built."""

    root: Path

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
        return self.book / "_build" / "work"

    @property
    def html(self) -> Path:
        """The site: the last build that succeeded."""
        return self.book / "_build" / "html"


def language_files(paths: Paths, language: Language, languages: list[Language]) -> dict[str, bytes]:
    """Return all files that make the tree of one language, by their path in the tree."""
    shared = yaml.safe_load((paths.root / "_config.yml").read_text("utf-8"))
    config = book_config(shared, language, languages)
    tree = paths.work / language.code
    sphinx = config["sphinx"]["config"]
    sphinx["templates_path"] = [str(paths.book / "_templates")]
    sphinx["locale_dirs"] = [str(tree / "locales")]
    rows = load_glossary(paths.book / "glossary.yml", languages)
    messages = f"locales/{language.sphinx_language}/LC_MESSAGES/sphinx.po"
    return {
        **_files_under(paths.chapters / language.code, "source"),
        **_files_under(paths.book / "_static", "source/_static"),
        "source/glossary.md": glossary_page(rows, language, languages).encode(),
        "_config.yml": yaml.safe_dump(config, allow_unicode=True).encode(),
        messages: message_catalogue(language.messages).encode(),
    }


def _files_under(folder: Path, prefix: str) -> dict[str, bytes]:
    if not folder.is_dir():
        raise BookError(f"the folder {folder} is missing (each language of languages.yml needs its chapters)")
    return {
        f"{prefix}/{path.relative_to(folder).as_posix()}": path.read_bytes()
        for path in sorted(folder.rglob("*"))
        if path.is_file() and not any(part.startswith(".") for part in path.relative_to(folder).parts)
    }


def digest(files: dict[str, bytes]) -> str:
    """Return a hash of the names and contents of `files`."""
    total = hashlib.sha256()
    for name, content in sorted(files.items()):
        total.update(f"{name} {len(content)}\n".encode())
        total.update(content)
    return total.hexdigest()


def machinery_digest(paths: Paths) -> str:
    """Return a hash of everything that shapes all pages: when it changes, no old tree is reused."""
    names = ["_config.yml", "_toc.yml", "requirements-book.lock", "book/languages.yml"]
    listed = [paths.root / name for name in names]
    program = [*Path(__file__).parent.glob("*.py"), *(paths.book / "_templates").rglob("*")]
    files = {str(path): path.read_bytes() for path in [*listed, *program] if path.is_file()}
    return digest(files | _files_under(paths.book / "_static", "_static"))


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


def run_sphinx(tree: Path, toc: Path) -> list[str]:
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
            confoverrides={"external_toc_path": str(toc), "latex_individualpages": False},
            force_all=True,
        )
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
    notebook = json.loads((tree / "source" / name).read_text("utf-8"))
    return f"{chapter}, cell `{notebook['cells'][int(cell) - 1].get('id', cell)}`: {message}"


def build_language(tree: Path, toc: Path, files: dict[str, bytes], machinery: str) -> list[str]:
    """Bring the tree of one language up to date; return the problems.

    A tree that failed, or whose build was interrupted (it has no stamp), is built from nothing:
    Sphinx would not repeat the warnings of pages that it has already read.
    """
    stamp = tree / "stamp"
    if _read(tree / "machinery") != machinery or not stamp.is_file():
        shutil.rmtree(tree, ignore_errors=True)
    stamp.unlink(missing_ok=True)
    stage(tree, files)
    problems = run_sphinx(tree, toc)
    if problems:
        shutil.rmtree(tree)
    else:
        (tree / "machinery").write_text(machinery)
        stamp.write_text(digest(files))
    return problems


def is_current(tree: Path, files: dict[str, bytes], machinery: str) -> bool:
    """Tell whether the tree of a language was built from just these files by just this program."""
    return _read(tree / "machinery") == machinery and _read(tree / "stamp") == digest(files)


def _read(stamp: Path) -> str:
    return stamp.read_text() if stamp.is_file() else ""


def publish(paths: Paths, languages: list[Language]) -> None:
    """Put the trees and the root page together beside the old site, then change places with it."""
    new, old = paths.html.with_name("html.new"), paths.html.with_name("html.old")
    for leftover in (new, old):
        shutil.rmtree(leftover, ignore_errors=True)
    for language in languages:
        shutil.copytree(paths.work / language.code / "html", new / language.code, ignore=UNUSED)
    (new / "index.html").write_text(root_page(paths.book / "_templates", languages), "utf-8")
    if paths.html.exists():
        paths.html.rename(old)
    new.rename(paths.html)
    shutil.rmtree(old, ignore_errors=True)


def root_page(templates: Path, languages: list[Language]) -> str:
    """Return the page on which a reader chooses a language."""
    from jinja2 import Environment, FileSystemLoader

    environment = Environment(loader=FileSystemLoader(templates), autoescape=True, trim_blocks=True)
    return environment.get_template("root.html").render(languages=languages)


def translation_problems(root: Path) -> list[str]:
    """Ask the translation gate and the lint: a page that lags, or that reads badly, must not be published."""
    from book import lint, translations

    # A page that cannot be read is named by both.
    return list(dict.fromkeys([*translations.check(root), *lint.check(root)]))


def build(root: Path) -> bool:
    """Build the book under `root`; return whether the site is now up to date.

    Raises
    ------
    BookError
        If a source of the book is wrong; the site is left as it was.
    """
    paths = Paths(root)
    languages = load_languages(paths.book / "languages.yml")
    files = {each.code: language_files(paths, each, languages) for each in languages}
    machinery = machinery_digest(paths)
    changed = [code for code in files if not is_current(paths.work / code, files[code], machinery)]
    published = paths.work / "published"
    site = machinery + "".join(digest(tree) for tree in files.values())
    if not changed and (paths.html / "index.html").is_file() and _read(published) == site:
        print(f"nothing changed: {paths.html / 'index.html'}")
        return True
    if problems := translation_problems(root):
        return report("the translations", problems)
    if not build_changed(paths, changed, files, machinery):
        return False
    publish(paths, languages)
    published.write_text(site)
    print(f"done: open {paths.html / 'index.html'}")
    return True


def build_changed(paths: Paths, changed: list[str], files: dict[str, dict[str, bytes]], machinery: str) -> bool:
    """Build the languages that changed, two at a time; return whether all succeeded."""
    success = True
    start = time.monotonic()
    # A fresh process for each: Sphinx keeps the messages of the language that it built before.
    with ProcessPoolExecutor(max_workers=2, max_tasks_per_child=1) as pool:
        jobs = {
            code: pool.submit(build_language, paths.work / code, paths.root / "_toc.yml", files[code], machinery)
            for code in changed
        }
        for code, job in jobs.items():
            problems = job.result()
            if problems:
                success = report(code, problems)
            else:
                print(f"{code}: built ({time.monotonic() - start:.0f} s)", flush=True)
    return success


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
    try:
        return 0 if build(parser.parse_args().root.resolve()) else 1
    except BookError as error:
        report("the book's sources", str(error).splitlines())
        return 1


if __name__ == "__main__":
    sys.exit(main())
