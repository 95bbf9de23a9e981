"""Make what a teacher hands out: ``python -m book.assignment --chapters "02 03"`` (or ``make handout``).

A zip with the student edition of some chapters, without solutions, and beside it the key: the same notebooks with them.
Equal pages make equal files.
"""

import argparse
import sys
import zipfile
from dataclasses import replace
from pathlib import Path

import nbformat.v4

from book.course import Course, load_course
from book.edition import has_check
from book.languages import Language
from book.pages import ROOT
from book.selection import Selection
from book.sources import BookError, run_command
from book.student import notebooks_of
from book.texts import STUDENT, load_texts, text

FOLDER = "handout"
KEY = "-key"
LONG_AGO = (1980, 1, 1, 0, 0, 0)  # the date of every file in a zip


def hand_out(course: Course, language: Language, names: list[str]) -> list[str]:
    """Write the two files for some chapters; return a line on each.

    Raises
    ------
    BookError
        If the language does not have a chapter, or one has no form in a notebook.
    """
    for name in names:
        if name not in course.pages(language):
            known = ", ".join(course.languages_of(name))
            raise BookError(f"`{name}` is not there in `{language.code}`; there is: {known}")
    texts = load_texts(course.root, STUDENT)
    numbers = "-".join(name.partition("_")[0] for name in names)
    said = []
    for ending, solutions in (("", False), (KEY, True)):
        selection = Selection(replace(course, solutions=solutions), language, tuple(names))
        notebooks = notebooks_of(selection, course.languages, texts)
        files = {f"{name}.ipynb": nbformat.v4.writes(notebook) + "\n" for name, notebook in notebooks.items()}
        if not solutions:
            files["README.txt"] = text(texts, language.code, "handout", "readme", code=language.code) + "\n"
        path = course.root / FOLDER / f"{numbers}-{language.code}{ending}.zip"
        write_zip(path, files)
        count = sum(has_check(cell) for name in names for cell in notebooks[name].cells if cell.cell_type == "code")
        what = "the key" if solutions else f"to hand out, without solutions: {count} exercises that can be graded"
        said.append(f"{path.relative_to(course.root).as_posix()}: {what}")
    return said


def write_zip(path: Path, files: dict[str, str]) -> None:
    """Write a zip of texts in one step: an interruption leaves the old one whole."""
    path.parent.mkdir(exist_ok=True)
    unfinished = path.with_name(f".{path.name}.unfinished")
    try:
        with zipfile.ZipFile(unfinished, "w", zipfile.ZIP_DEFLATED) as archive:
            for name, content in files.items():
                archive.writestr(zipfile.ZipInfo(f"{path.stem}/{name}", LONG_AGO), content, zipfile.ZIP_DEFLATED)
        unfinished.replace(path)
    finally:
        unfinished.unlink(missing_ok=True)


def parse_arguments(arguments: list[str] | None) -> argparse.Namespace:
    """Read the command line."""
    parser = argparse.ArgumentParser(prog="python -m book.assignment", description=__doc__.partition("\n")[0])
    parser.add_argument("--chapters", required=True, help='"02 03", or names such as 02_convolution')
    parser.add_argument("--language", default="", help="zh; by default the first of the course")
    return parser.parse_args(arguments)


def main(arguments: list[str] | None = None, root: Path = ROOT) -> int:
    """Make a handout; return the exit status."""
    options = parse_arguments(arguments)

    def run() -> int:
        course = load_course(root)
        known = {each.code: each for each in course.languages}
        code = options.language or next(iter(known))
        if code not in known:
            raise BookError(f"the course has no language `{code}`; there is: {', '.join(known)}")
        names = [course.named(asked) for asked in options.chapters.replace(",", " ").split()]
        if not names:
            raise BookError('say which chapters: make handout CHAPTERS="02 03"')
        for line in hand_out(course, known[code], list(dict.fromkeys(names))):
            print(line)
        return 0

    return run_command(run, kept="each file is whole, as it was or as it was to be")


if __name__ == "__main__":
    sys.exit(main())
