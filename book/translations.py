"""Keep every language's pages in step with the English ones: ``python -m book.translations check|sync|accept``.

The rules are those of `book.correspondence`. ``sync`` copies what is not words from English, and keeps a copy of what
a person would lose by that; ``accept`` records that a translation is right.
"""

import argparse
import copy
import sys
from collections.abc import Collection, Iterator
from pathlib import Path

import nbformat.v4
from nbformat import NotebookNode

from book.correspondence import check_english, check_translation, digest, ids, pairs, rule_untranslated
from book.explorer_files import unknown_explorers
from book.glossary import load_glossary, missing_terms
from book.kept import Kept, committed, losses
from book.languages import load_languages
from book.pages import (
    ENGLISH,
    FIGURE_WORDS,
    ROOT,
    SUFFIXES,
    Problem,
    contents,
    described,
    left_out,
    pages,
    read,
    words,
    write,
)
from book.sources import BookError, fault, place, read_text, run_command
from book.texts import FILES, load_texts, missing_texts

COMMAND = ".venv-book/bin/python -m book.translations"
# How the id of a cell begins that a reader fills in; its solution follows in a cell of its own.
EXERCISE = "exercise-"


def languages(root: Path) -> list[str]:
    """Return the codes of the course's languages, English first, as `book/languages.yml` lists them."""
    return [language.code for language in load_languages(root)]


def check(root: Path = ROOT) -> list[str]:
    """Check every page of every language, then the glossary and the texts of the explorers.

    Parameters
    ----------
    root
        The folder that holds ``chapters``.

    Returns
    -------
    list of str
        One line for each problem, grouped by file: the file, the cell, what is wrong and how to put it
        right. Empty if every language is complete and up to date.

    Raises
    ------
    BookError
        If the languages, the table of contents, the glossary or the texts of the explorers cannot be read.
    """
    every = load_languages(root)
    problems = list(missing_originals(root))
    originals = pages(root, ENGLISH)
    for language in every:
        found = pages(root, language.code)
        for name, original in originals.items():
            path = found.get(name) or root / "chapters" / language.code / original.name
            try:
                problems += described(path, with_commands(path, check_page(original, path)))
            except BookError as error:
                problems += str(error).splitlines()
    problems += missing_terms(load_glossary(root), every)
    for file in FILES:
        problems += missing_texts(load_texts(root, file), every, file)
    problems += unknown_explorers(root)
    return list(dict.fromkeys(problems))  # an unreadable English page is found once for each language


def missing_originals(root: Path) -> Iterator[str]:
    """Yield the pages of the table of contents that are not there in English."""
    path = root / "_toc.yml"
    for name in contents(root):
        if name not in pages(root, ENGLISH):
            lines = read_text(path).splitlines()
            line = next((number for number, text in enumerate(lines, start=1) if name in text), None)
            files = " or ".join(f"chapters/{ENGLISH}/{name}{suffix}" for suffix in SUFFIXES)
            yield fault(path, f"there is no page `{name}`", line, f"write {files}, or take it out")


def check_page(original: Path, path: Path) -> list[Problem]:
    """Return what is wrong with one page of one language, which may be missing."""
    if not path.exists() or path.suffix != original.suffix:
        return [Problem(None, "the page is missing in this language; run `make sync`, then translate it")]
    if path == original:
        return check_english(read(path))
    return check_translation(read(original), read(path))


def with_commands(path: Path, problems: list[Problem]) -> list[Problem]:
    """Return the problems of a translated page with the command that ends the work on each."""
    start = f"{COMMAND} accept {path.parent.name} {path.stem}"
    return [
        Problem(each.cell, f"{each.message}, then run `{start} {each.cell}`") if each.accept else each
        for each in problems
    ]


def sync(root: Path = ROOT, names: Collection[str] | None = None) -> list[str]:
    """Bring every language's pages in step with the English ones; words already translated are kept.

    Code, outputs and metadata are copied from English. A new cell, or a new page, is added with its English
    words and without a record, so that `check` names it until it is translated. A file is written only if it
    changes, and none is if a page cannot be read or an English page is not fit to be copied. What a person would lose
    is copied to ``my/kept`` before.

    Parameters
    ----------
    root
        The folder that holds ``chapters``.
    names
        The pages, such as ``02_convolution``; all if not given.

    Returns
    -------
    list of str
        The files written, the English code cells among them that differ from the last commit, the whole text of what
        was removed or replaced (see `book.kept.losses`), and where the copies are.

    Raises
    ------
    BookError
        If a page cannot be read, or an English page has problems, or somebody filled in one of its exercises.
    """
    results, lost, spread = {}, {}, []
    for name, original in pages(root, ENGLISH).items():
        if names is not None and name not in names:
            continue
        english = results[original] = read(original)
        if problems := described(original, check_english(english) + solved_exercises(original, english)):
            raise BookError("\n".join(problems))
        for language in languages(root)[1:]:
            path = original.parents[1] / language / original.name
            page = read(path) if path.exists() else nbformat.v4.new_notebook()
            results[path], removed = synced(english, page)
            lost[path] = list(losses(path, page, results[path], removed))
        spread += described(original, changed_code(original, english))
    kept = Kept(root)
    said = spread
    for path, losses_of_page in lost.items():
        if losses_of_page:
            said += [*losses_of_page, f"{place(path)}: a copy of the page as it was: {kept.keep(path)}"]
    written = [f"{place(path)}: written" for path, page in results.items() if write(path, page)]
    return (written + said) if written else []


def changed_code(path: Path, english: NotebookNode) -> list[Problem]:
    """Return the code cells of an English page that differ from the last commit: the other languages get them, too."""
    before = committed(path)
    sources = {cell.get("id"): cell.source for cell in before.cells} if before else {}
    return [
        Problem(cell.id, "the code differs from the last commit, here and now in every other language")
        for cell in english.cells
        if cell.cell_type == "code" and sources.get(cell.id, cell.source) != cell.source
    ]


def solved_exercises(path: Path, english: NotebookNode) -> list[Problem]:
    """Return the exercises that somebody filled in: a solution must not become what every language asks."""
    message = (
        "this exercise differs from the last commit, so it is not copied to the other languages; if that is your own "
        "solution, move it to a cell of a copy of the page (in JupyterLab: Duplicate) and undo it here; if the course "
        "is to ask something else, commit the English page first"
    )
    return [
        Problem(problem.cell, message) for problem in changed_code(path, english) if problem.cell.startswith(EXERCISE)
    ]


def synced(english: NotebookNode, page: NotebookNode) -> tuple[NotebookNode, list[NotebookNode]]:
    """Return the English page with the words of a translation, and the translation's cells that it left over."""
    result = copy.deepcopy(english)
    left_over = list(page.cells)
    for cell in result.cells:
        translation = find_translation(cell, left_over, ids(english))
        if translation is not None:
            left_over.remove(translation)
            copy_words(translation, cell)
    return result, left_over


def find_translation(english: NotebookNode, cells: list[NotebookNode], kept_ids: list[str]) -> NotebookNode | None:
    """Find the translation of an English cell: by its id, or, if it was renamed, by the hash recorded."""
    for cell in cells:
        if cell.get("id") == english.id and cell.cell_type == english.cell_type:
            return cell
    for cell in cells:
        if cell.get("id") not in kept_ids and cell.metadata.get("translates") == digest(english):
            return cell
    return None


def copy_words(source: NotebookNode, target: NotebookNode) -> None:
    """Put the words of a translated cell, and what they translate, into a copy of the English cell."""
    if target.cell_type == "markdown":
        target.source = source.source
    for name in words(target).keys() & words(source).keys() & FIGURE_WORDS.keys():
        target.metadata.mystnb[FIGURE_WORDS[name]][name] = words(source)[name]
    if words(target) and "translates" in source.metadata:
        target.metadata.translates = source.metadata.translates


def accept(root: Path, language: str, name: str, cell_ids: Collection[str] = ()) -> list[str]:
    """Record that translated cells are right for the English words as they are now.

    Parameters
    ----------
    root
        The folder that holds ``chapters``.
    language, name
        The page, such as ``"zh"`` and ``"02_convolution"``.
    cell_ids
        The cells. If none are given: every cell whose words differ from the English and whose record is
        missing or out of date.

    Returns
    -------
    list of str
        The ids of the cells whose record changed.

    Raises
    ------
    BookError
        If there is no such language, page or cell, or a cell still has the English words.
    """
    choose("language", [language], languages(root)[1:])
    found = pages(root, language)
    choose("page", [name], found.keys() & pages(root, ENGLISH).keys())
    page = read(found[name])
    candidates = {
        pair.english.id: pair for pair in pairs(read(pages(root, ENGLISH)[name]), page) if words(pair.english)
    }
    choose("cell", cell_ids, candidates.keys())
    chosen = [candidates[cell_id] for cell_id in cell_ids] or [p for p in candidates.values() if p.acceptable]
    if refusals := [problem for pair in chosen for problem in rule_untranslated(pair)]:
        raise BookError("\n".join(described(found[name], with_commands(found[name], refusals))))
    changed = [pair for pair in chosen if pair.recorded != digest(pair.english)]
    for pair in changed:
        pair.translation.metadata.translates = digest(pair.english)
    write(found[name], page)
    return [pair.english.id for pair in changed]


def choose(kind: str, names: Collection[str], known: Collection[str]) -> None:
    """Refuse names that are not known, and say which are."""
    for name in names:
        if name not in known:
            raise BookError(f"there is no {kind} {name!r}; there is: {', '.join(sorted(known))}")


def parse_arguments(arguments: list[str] | None) -> argparse.Namespace:
    """Read the command line."""
    parser = argparse.ArgumentParser(prog="python -m book.translations", description=__doc__.partition("\n")[0])
    commands = parser.add_subparsers(dest="command", required=True)
    commands.add_parser("check", help="list what is missing or out of date")
    commands.add_parser("sync", help="copy code, outputs and tags from English, and list what to translate")
    accepting = commands.add_parser("accept", help="record that translated cells are right")
    accepting.add_argument("language", help="zh")
    accepting.add_argument("page", help="02_convolution")
    accepting.add_argument("cells", nargs="*", help="valid-by-hand; all that were changed if none are named")
    return parser.parse_args(arguments)


def main(arguments: list[str] | None = None, root: Path = ROOT) -> int:
    """Run one of the three commands; return the exit status."""
    options = parse_arguments(arguments)

    def run() -> int:
        if options.command == "accept":
            return accept_and_tell(root, options)
        if options.command == "sync":
            said = sync(root)
            for line in said:
                print(line, file=sys.stderr)
            done = "done" if said else "nothing to do: every page has what the English has"
            print(done, file=sys.stderr)
        return check_and_tell(root, options.command)

    return run_command(run, kept="every page is whole, as it was or as it was to be")


def accept_and_tell(root: Path, options: argparse.Namespace) -> int:
    """Accept translations, and list what is left to do on the page: the same that `check` says."""
    accepted = accept(root, options.language, options.page, options.cells)
    print(f"accepted: {', '.join(accepted) or 'nothing'}")
    start = f"chapters/{options.language}/{options.page}."
    left = [line for line in check(root) if line.startswith(start)]
    for line in left:
        print(line)
    print(f"{len(left)} to translate or put right on this page", file=sys.stderr)
    return 1 if left and not options.cells else 0


def check_and_tell(root: Path, command: str) -> int:
    """List what is to be put right, and which files are not part of the book."""
    for path in left_out(root, languages(root)):
        print(f"left out, as _toc.yml does not list it: {place(path)}", file=sys.stderr)
    problems = check(root)
    for line in problems:
        print(line)
    print(f"{len(problems)} to translate or put right", file=sys.stderr)
    # What is left after a sync is the work of translators, not a failure of the sync.
    return 1 if problems and command == "check" else 0


if __name__ == "__main__":
    sys.exit(main())
