"""A student's desk: notebooks are put there, and nothing that is the student's is overwritten.

`book.student` does it in a clone, with notebooks that it makes from the chapters. In the archive that the site offers
(`book.downloads`), ``python -m book.desk`` does it with the notebooks that the archive brings; for that it needs no
more of the book than this module and those that it imports.
"""

import argparse
import copy
import hashlib
import json
import sys
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

from nbformat import NotebookNode

from book.kept import Kept
from book.pages import ROOT, normalize, parse_notebook, render, write
from book.sources import BookError, read_text, run_command
from book.texts import STUDENT, Texts, load_texts, text

FOLDER = "my"
RECORD = "cnn_course"  # where a notebook says what it was made from
ABOUT = "course.json"  # in the archive: its language, its notebooks in their order, its wheel


@dataclass(frozen=True)
class Desk:
    """Where a student works, and how the program speaks there.

    Attributes
    ----------
    root
        The folder that holds ``my``.
    language
        The code of the language.
    texts
        The file `book/student.yml`.
    command
        What brings a chapter back as it was, with ``{number}`` for the chapter.
    """

    root: Path
    language: str
    texts: Texts
    command: str

    def say(self, name: str, /, **filled: object) -> str:
        """Return a text in the language of the student."""
        return text(self.texts, self.language, "lab", name, **filled)

    def path(self, name: str) -> Path:
        """Return where a notebook lies."""
        return self.root / FOLDER / self.language / f"{name}.ipynb"


def put_notebooks(desk: Desk, made: dict[str, NotebookNode], fresh: str = "") -> Iterator[str]:
    """Put notebooks where there are none, renew untouched ones; yield what there is to say, as soon as it is done.

    Parameters
    ----------
    desk
        Where to put them.
    made
        The notebooks as they were made, by name.
    fresh
        The chapters to bring back as they were made, such as ``02 03_pooling``; a copy of the student's is kept.

    Raises
    ------
    BookError
        If a chapter to bring back is not there; nothing is written then.
    """
    wanted = [chosen(desk, made, asked) for asked in fresh.replace(",", " ").split()]
    kept, new = Kept(desk.root), 0
    for name, notebook in made.items():
        path = desk.path(name)
        file = path.relative_to(desk.root).as_posix()
        if not path.exists():
            new += write(path, notebook)
        elif name in wanted:
            untouched = is_untouched(path)
            copy_of = None if untouched else kept.keep(path)
            write(path, notebook)
            yield desk.say("fresh", file=file) if untouched else desk.say("kept", file=file, copy=copy_of)
        elif recorded(path).get("made") != notebook.metadata[RECORD]["made"]:
            if is_untouched(path):
                write(path, notebook)
                yield desk.say("renewed", file=file)
            else:
                command = desk.command.format(number=name.partition("_")[0])
                yield desk.say("changed", file=file, command=command)
    if new:
        yield desk.say("made", folder=f"{FOLDER}/{desk.language}", count=new)


def chosen(desk: Desk, made: dict[str, NotebookNode], asked: str) -> str:
    """Return the name of the page that `02`, or `02_convolution`, asks for."""
    found = [name for name in made if asked in (name, name.partition("_")[0])]
    if not found:
        raise BookError(desk.say("nothing", name=asked, known=", ".join(made)))
    return found[0]


def fingerprint(notebook: NotebookNode) -> str:
    """Return a hash of a notebook's cells, without the traces of an editor."""
    bare = normalize(copy.deepcopy(notebook))
    return hashlib.sha256(render(Path("any.ipynb"), bare).encode()).hexdigest()[:16]


def stored(path: Path) -> NotebookNode | None:
    """Return a student's notebook as it is stored; None if it cannot be read."""
    try:
        return parse_notebook(path, read_text(path))
    except BookError:
        return None


def recorded(path: Path) -> dict[str, str]:
    """Return what a notebook says it was made from; nothing where an editor lost that."""
    notebook = stored(path)
    return dict(notebook.metadata.get(RECORD, {})) if notebook else {}


def is_untouched(path: Path) -> bool:
    """Tell whether a notebook is, to the byte, what was put there."""
    notebook = stored(path)
    return notebook is not None and notebook.metadata.get(RECORD, {}).get("made") == fingerprint(notebook)


# In the archive -----------------------------------------------------------------------------------------------------


def main(arguments: list[str] | None = None, course: Path = ROOT) -> int:
    """Put the notebooks of the archive whose folder is `course` on the desk; return the exit status."""
    parser = argparse.ArgumentParser(prog="python -m book.desk", description=__doc__.partition("\n")[0])
    parser.add_argument("command", help="what brings a chapter back, with {number}")
    parser.add_argument("--fresh", default="", help="chapters to bring back: 02, or 02_convolution")
    options = parser.parse_args(arguments)

    def run() -> int:
        about = json.loads(read_text(course / ABOUT))
        paths = [course / "notebooks" / f"{name}.ipynb" for name in about["notebooks"]]
        made = {path.stem: parse_notebook(path, read_text(path)) for path in paths}
        desk = Desk(course.parent, about["language"], load_texts(course, STUDENT), options.command)
        for line in put_notebooks(desk, made, options.fresh):
            print(line, flush=True)
        return 0

    return run_command(run, kept="every notebook is whole, as it was or as it was to be")


if __name__ == "__main__":
    sys.exit(main())
