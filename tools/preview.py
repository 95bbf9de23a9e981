"""Show one language while it is being translated: ``python -m tools.preview ko`` (or ``make preview LANGUAGE=ko``).

A language that is not there is begun: an entry in ``book/languages.yml``, as a draft, and the first page, with the
English text in every cell. Only that language is built, into a folder of its own; what is still wrong with it is
listed, and hinders nothing. The preview follows what is saved, until Ctrl-C.
"""

import argparse
import sys
import threading
import time
from collections.abc import Iterator
from pathlib import Path

from book import lint, rules, translations
from book.beside import translator_files
from book.build import (
    Paths,
    alone,
    build_changed,
    is_current,
    language_files,
    machinery_digest,
    publish,
    selected_pages,
)
from book.course import Course, whole_book
from book.coverage import SETTINGS, table
from book.languages import begin_language
from book.pages import ENGLISH, ROOT, contents
from book.sources import BookError, place, run_command
from book.texts import FILES
from tools.serve import opened

PAUSE = 0.5  # seconds between two looks at the files


def begin(root: Path, code: str, name: str) -> Iterator[str]:
    """Begin a language, and a page of it, where they are not there yet; yield what was written.

    Raises
    ------
    BookError
        If there is no such language or page.
    """
    if code == ENGLISH:
        raise BookError("English is what the others are translated from; `make serve` shows it")
    if code not in translations.languages(root):
        language = begin_language(root, code)
        yield f"{SETTINGS}: {code} ({language.name}) is added as a draft; what it leaves out there is shown in English"
    for page in dict.fromkeys((contents(root)[0], *([name] if name else ()))):
        if path := translations.begin_page(root, code, page):
            yield f"{place(path)}: written, with the English text in every cell; write yours over it"


def problems(root: Path, code: str) -> list[str]:
    """Return what is wrong with what is done of a language; of a published one, what is not done, too."""
    found = [*translations.check(root, code), *rules.check(root, code), *lint.check(root, code)]
    return [line for line in dict.fromkeys(found) if line.startswith(f"chapters/{code}/") or f" {code}: " in line]


def show(root: Path, code: str) -> bool:
    """Build a language into the preview; say what is wrong with it; return whether there is something to look at."""
    paths = Paths(root, "preview", "preview-trees")
    for line in problems(root, code):
        print(line, flush=True)
    with alone(paths.work.parent):
        build_preview(paths, whole_book(root, code))
    return (paths.html / code / "index.html").is_file()


def build_preview(paths: Paths, course: Course) -> None:
    """Build the pages of the one language of a course that changed, and the pages for its translators."""
    (language,), pages = course.languages, selected_pages(course)
    files = language_files(paths, course, language, pages[language.code])
    machinery, tree = machinery_digest(paths), paths.work / language.code
    if not is_current(tree, files, machinery):
        print("building …", flush=True)
        build_changed(paths, [language.code], {language.code: files}, machinery)
    if (tree / "html" / "index.html").is_file():  # where Sphinx warned, there is a page to look at all the same
        publish(paths, course, pages, translator_files(paths.root, language))


def saved(root: Path, code: str) -> dict[Path, int]:
    """Return what a preview is made from, each with when it was saved."""
    names = ("_toc.yml", "_config.yml", SETTINGS, "book/glossary.yml", *FILES)
    files = [
        *(root / "chapters" / code).glob("*"),
        *(root / "chapters" / ENGLISH).glob("*"),
        *map(root.joinpath, names),
    ]
    return {path: path.stat().st_mtime_ns for path in files if path.is_file() and not path.name.startswith(".")}


def follow(root: Path, code: str) -> None:
    """Build again whenever something is saved, until Ctrl-C; a page that cannot be read is named."""
    before = saved(root, code)
    while True:
        time.sleep(PAUSE)
        now = saved(root, code)
        if now == before:
            continue
        changed = sorted(place(path) for path in now.keys() | before.keys() if now.get(path) != before.get(path))
        print(f"saved: {', '.join(changed)}", flush=True)
        before = now
        try:
            show(root, code)
            print("done: reload the page", flush=True)
        except BookError as error:
            print(error, flush=True)


def preview(root: Path, options: argparse.Namespace) -> int:
    """Begin, build and serve a language; return the exit status."""
    if not options.language:
        print("\n".join(table(root)))
        print(
            "\nOne of them, or a new one: make preview LANGUAGE=ko; a page of it: make preview LANGUAGE=ko PAGE=index"
        )
        return 0
    for line in begin(root, options.language, options.page):
        print(line, flush=True)
    if not show(root, options.language):
        return 1
    folder = Paths(root, "preview").html
    if options.once:
        print(f"done: open {folder / 'index.html'}")
        return 0
    try:
        server = opened(options.port, options.address, folder, f"make preview LANGUAGE={options.language}")
    except (ValueError, OSError) as error:
        raise BookError(str(error)) from error
    threading.Thread(target=server.serve_forever, daemon=True).start()
    address = f"http://localhost:{server.server_port}"
    print(f"the pages: {address}/{options.language}/index.html")
    print(f"beside the English, and how far they are: {address}/")
    print("This follows what you save; stop with Ctrl-C.", flush=True)
    try:
        follow(root, options.language)
    except KeyboardInterrupt:
        print()
    return 0


def main(arguments: list[str] | None = None, root: Path = ROOT) -> int:
    """Show a language from the command line; return the exit status."""
    parser = argparse.ArgumentParser(prog="python -m tools.preview", description=__doc__.partition("\n")[0])
    parser.add_argument("language", nargs="?", default="", help="ko; without one, how far all languages are")
    parser.add_argument("--page", default="", help="a page to begin, such as 02_convolution")
    parser.add_argument("--port", default="", help="the first free one from 8000 if none is named")
    parser.add_argument("--address", default="", help="0.0.0.0 lets other machines look, too")
    parser.add_argument("--once", action="store_true", help="build, and do not serve")
    options = parser.parse_args(arguments)
    return run_command(lambda: preview(root, options), kept="every page is whole; run it again")


if __name__ == "__main__":
    sys.exit(main())
