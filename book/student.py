"""Give a student notebooks to work in, and say how far they are: ``python -m book.student ready|progress``.

``make lab`` calls the first: it puts the student edition of every chapter (see `book.edition`) into ``my/zh``, say,
which git ignores. A notebook that is there is never overwritten: when the chapter has changed, this is said, and
``make lab FRESH=02`` brings the new one and keeps the old one in ``my/kept``. Only one that nobody has touched since it
was put there gives place by itself.
"""

import argparse
import locale
import os
import sys
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

from nbformat import NotebookNode

from book.edition import (
    EXERCISE,
    GLOSSARY,
    RECORD,
    Edition,
    fingerprint,
    glossary_notebook,
    has_check,
    labels,
    notebook_of,
)
from book.glossary import load_glossary
from book.kept import Kept
from book.languages import Language, load_languages
from book.pages import ROOT, pages, parse_notebook, write
from book.sources import BookError, read_text, run_command
from book.texts import PACKAGE, STUDENT, Texts, load_texts, text

FOLDER = "my"
CHOICE = "language"  # the file in it that holds the student's language


# Which language -----------------------------------------------------------------------------------------------------


def chosen_language(root: Path, asked: str, languages: list[Language], texts: Texts) -> Language:
    """Return the language to work in, and remember it.

    It is the one asked for, or the one remembered; else, where somebody sits at a terminal, the answer to a question,
    and elsewhere the language of the system.

    Raises
    ------
    BookError
        If the language asked for is not there.
    """
    known = {each.code: each for each in languages}
    system = known.get(system_language(), languages[0])
    if asked and asked not in known:
        raise BookError(text(texts, system.code, "lab", "unknown", name=asked, known=", ".join(known)))
    language = known.get(asked) or remembered(root, known)
    if language is None:
        language = ask(system, languages, texts) if sys.stdin.isatty() else system
    file = root / FOLDER / CHOICE
    file.parent.mkdir(exist_ok=True)
    file.write_text(language.code + "\n", encoding="utf-8")
    return language


def known_language(root: Path, languages: list[Language]) -> Language:
    """Return the language that is remembered, or the system's, without a question."""
    known = {each.code: each for each in languages}
    return remembered(root, known) or known.get(system_language(), languages[0])


def remembered(root: Path, known: dict[str, Language]) -> Language | None:
    """Return the language that a reader once chose."""
    file = root / FOLDER / CHOICE
    return known.get(file.read_text(encoding="utf-8").strip()) if file.is_file() else None


def system_language() -> str:
    """Return the code of the language that the system speaks, such as `zh`, or an empty string."""
    named = next((os.environ[name] for name in ("LC_ALL", "LC_MESSAGES", "LANG") if os.environ.get(name)), "")
    return (locale.normalize(named).partition(".")[0] or named)[:2].lower()


def ask(default: Language, languages: list[Language], texts: Texts) -> Language:
    """Ask at the terminal, in every language, until the answer is a number; return the language."""
    for number, each in enumerate(languages, start=1):
        print(f"{number}  {each.name}: {text(texts, each.code, 'lab', 'choose', name=default.name)}")
    while True:
        try:
            answer = input("> ").strip()
        except EOFError:  # Ctrl-D
            answer = ""
        if not answer:
            return default
        if answer.isdecimal() and 0 < int(answer) <= len(languages):
            return languages[int(answer) - 1]


# The notebooks ------------------------------------------------------------------------------------------------------


def made_notebooks(root: Path, language: Language, languages: list[Language], texts: Texts) -> dict[str, NotebookNode]:
    """Return the student edition of every page of a language, by its name, the glossary last."""
    rows = load_glossary(root)
    edition = Edition(root, language, texts, labels(root, rows), said_when_right(root))
    made = {name: notebook_of(edition, path) for name, path in pages(root, language.code).items()}
    return made | {GLOSSARY: glossary_notebook(edition, rows, languages)}


def put(root: Path, language: Language, fresh: str, languages: list[Language], texts: Texts) -> Iterator[str]:
    """Put notebooks where there are none, renew untouched ones; yield what there is to say, as soon as it is done.

    Parameters
    ----------
    fresh
        The chapters to bring back as they were made, such as ``02 03_pooling``; a copy of the student's is kept.

    Raises
    ------
    BookError
        If a page has no form in a notebook, or a chapter to bring back is not there; nothing is written then.
    """

    def say(name: str, /, **filled: object) -> str:
        return text(texts, language.code, "lab", name, **filled)

    made = made_notebooks(root, language, languages, texts)
    wanted = dict(chosen(made, asked, say) for asked in fresh.replace(",", " ").split())
    kept, new = Kept(root), 0
    for name, notebook in made.items():
        path = root / FOLDER / language.code / f"{name}.ipynb"
        file = path.relative_to(root).as_posix()
        if not path.exists():
            new += write(path, notebook)
        elif name in wanted:
            untouched = is_untouched(path)
            copy = None if untouched else kept.keep(path)
            write(path, notebook)
            yield say("fresh", file=file) if untouched else say("kept", file=file, copy=copy)
        elif recorded(path).get("made") != notebook.metadata[RECORD]["made"]:
            if is_untouched(path):
                write(path, notebook)
                yield say("renewed", file=file)
            else:
                yield say("changed", file=file, number=name.partition("_")[0])
    if new:
        yield say("made", folder=f"{FOLDER}/{language.code}", count=new)


def chosen(made: dict[str, NotebookNode], asked: str, say) -> tuple[str, str]:
    """Return the name of the page that `02`, or `02_convolution`, asks for."""
    found = [name for name in made if asked in (name, name.partition("_")[0])]
    if not found:
        raise BookError(say("nothing", name=asked, known=", ".join(made)))
    return found[0], asked


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


# Progress -----------------------------------------------------------------------------------------------------------


@dataclass(frozen=True)
class Exercise:
    """An exercise in a student's notebook, and what the check last said: `solved`, `tried` or `untried`."""

    cell: str
    state: str


def exercises(root: Path, path: Path) -> list[Exercise]:
    """Return the exercises of a notebook that have a check.

    Raises
    ------
    BookError
        If it cannot be read.
    """
    right = tuple(words.partition("{")[0] for words in said_when_right(root).values())
    found = []
    for cell in parse_notebook(path, read_text(path)).cells:
        if cell.cell_type == "code" and has_check(cell):
            said = "".join(output.get("text", "") for output in cell.outputs)
            ran = bool(cell.outputs)
            solved = any(line.startswith(right) for line in said.splitlines())
            found.append(Exercise(cell.id, "solved" if solved else "tried" if ran else "untried"))
    return found


def said_when_right(root: Path) -> dict[str, str]:
    """Return what the check says, in each language, when all is right."""
    return load_texts(root, PACKAGE)["check"]["correct"]


def progress(root: Path, language: Language, texts: Texts) -> Iterator[str]:
    """Yield a line for each exercise in a student's notebooks, and one for all."""

    def say(name: str, /, **filled: object) -> str:
        return text(texts, language.code, "progress", name, **filled)

    every = []
    for name in pages(root, language.code):
        path = root / FOLDER / language.code / f"{name}.ipynb"
        if not path.exists():
            continue
        try:
            found = exercises(root, path)
        except BookError:
            yield f"{path.relative_to(root).as_posix()}: {say('unreadable')}"
            continue
        every += found
        for each in found:
            yield f"{name}  {each.cell.removeprefix(EXERCISE)}: {say(each.state)}"
    if not every:
        yield say("none")
        return
    yield say("total", solved=sum(each.state == "solved" for each in every), count=len(every))
    yield say("how")


# The command line ---------------------------------------------------------------------------------------------------


def parse_arguments(arguments: list[str] | None) -> argparse.Namespace:
    """Read the command line."""
    parser = argparse.ArgumentParser(prog="python -m book.student", description=__doc__.partition("\n")[0])
    commands = parser.add_subparsers(dest="command", required=True)
    ready = commands.add_parser("ready", help="put the notebooks into my, where they are not there yet")
    told = commands.add_parser("progress", help="list the exercises, solved and not")
    for command in (ready, told):
        command.add_argument("--language", default="", help="zh; remembered for the next time")
    ready.add_argument("--fresh", default="", help="chapters to bring back: 02, or 02_convolution")
    return parser.parse_args(arguments)


def main(arguments: list[str] | None = None, root: Path = ROOT) -> int:
    """Run one of the two commands; return the exit status."""
    options = parse_arguments(arguments)

    def run() -> int:
        languages, texts = load_languages(root), load_texts(root, STUDENT)
        language = chosen_language(root, options.language, languages, texts)
        if options.command == "progress":
            lines = progress(root, language, texts)
        else:
            lines = put(root, language, options.fresh, languages, texts)
        for line in lines:
            print(line, flush=True)
        return 0

    return run_command(run, kept="every notebook is whole, as it was or as it was to be")


if __name__ == "__main__":
    sys.exit(main())
