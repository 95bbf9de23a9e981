"""Keep every language's pages in step with the English ones, cell by cell.

English is the original. A page of another language has the same cells, with the same ids, in the same
order: code cells, their outputs and their metadata are equal; only the words differ (markdown text, and
the alt text and the caption of a figure). A translated cell records in its metadata, as ``translates``,
the hash of the English words it translates, so that a translation whose original has changed since is
found and named.

A page is a notebook (``.ipynb``) or a MyST markdown file (``.md``) cut into cells by block breaks such as
``+++ {"id": "welcome"}``. ``python -m book.translations check|sync|accept`` is the command line.
"""

import argparse
import copy
import hashlib
import json
import re
import sys
from collections import Counter
from collections.abc import Collection, Iterator
from dataclasses import dataclass
from pathlib import Path

import nbformat.v4
import yaml
from nbformat import NotebookNode

ROOT = Path(__file__).resolve().parents[1]
ENGLISH = "en"

COMMAND = ".venv-book/bin/python -m book.translations"

# The same on every machine: opening a notebook in another editor, or running it elsewhere, changes nothing.
NOTEBOOK_METADATA = {
    "kernelspec": {"display_name": "Python 3", "language": "python", "name": "python3"},
    "language_info": {"name": "python"},
}
# What editors write into cells: how the page was last looked at, and when it ran.
EDITOR_STATE = ("collapsed", "execution", "jp-MarkdownHeadingCollapsed", "scrolled", "trusted")

# Where a figure keeps its words in the metadata of its code cell.
FIGURE_WORDS = {"alt": "image", "caption": "figure"}

BLOCK_BREAK = re.compile(r"^\+\+\+[ \t]*(\{.*\})[ \t]*$", re.MULTILINE)
LABEL = re.compile(r"^\(([^()\s]+)\)=[ \t]*$", re.MULTILINE)
HEADING = re.compile(r"^(#{1,6})[ \t]", re.MULTILINE)
FENCE = re.compile(r"^(`{3,}|~{3,})([^\n]*\n.*?)^\1[ \t]*$", re.MULTILINE | re.DOTALL)
# The fences that hold code or a formula; other MyST directives, such as notes, hold text to translate.
CODE_DIRECTIVE = re.compile(r"(?!\{)|\{(math|code|code-block)\}")
NOT_WORDS = re.compile(
    r"""
    `[^`]*`                                  # inline code, and the content of a role
    | \{[\w:-]+\}                            # the name of a role or directive
    | \\begin\{(\w+\*?)\}.*?\\end\{\1\}      # formulas
    | \$\$.*?\$\$ | \$[^$]*\$
    | \]\([^)]*\) | <[^>]*> | https?://\S+   # link targets and HTML tags
    | ^\([^()\s]+\)=[ \t]*$                  # labels
    """,
    re.VERBOSE | re.MULTILINE | re.DOTALL,
)
# Names that keep their spelling in every language (LeNet-5, MNIST, TensorFlow) are not words.
WORD = re.compile(r"(?<![A-Za-z0-9])(?=[A-Za-z]{2})[A-Z]?[a-z]+(?![A-Za-z0-9])")


class TranslationError(Exception):
    """A request that cannot be met; the message says what to do instead."""


def place(path: Path) -> str:
    """Return the name of a file for messages: ``chapters/zh/02_convolution.ipynb``."""
    return "/".join(path.parts[-3:])


# Reading and writing pages ------------------------------------------------------------------------------------------


def languages(root: Path) -> list[str]:
    """Return the codes of the course's languages, English first, as ``book/languages.yml`` lists them."""
    return list(yaml.safe_load((root / "book" / "languages.yml").read_text(encoding="utf-8")))


def pages(root: Path, language: str) -> dict[str, Path]:
    """Return the pages of one language, by name (``02_convolution``), in order."""
    files = sorted((root / "chapters" / language).glob("[!._]*"))
    return {file.stem: file for file in files if file.suffix in (".ipynb", ".md")}


def read(path: Path) -> NotebookNode:
    """Read a page, without what editors and machines leave in it.

    Returns
    -------
    NotebookNode
        A notebook; a markdown file becomes one whose cells are its blocks.

    Raises
    ------
    TranslationError
        If the file cannot be read as a notebook or as markdown cut into blocks.
    """
    try:
        text = path.read_text(encoding="utf-8")
        return parse_markdown(text) if path.suffix == ".md" else normalise(nbformat.v4.reads(text))
    except (ValueError, KeyError, AttributeError) as error:
        raise TranslationError(f"{place(path)}: cannot be read ({error}); restore it from git") from error


def normalise(notebook: NotebookNode) -> NotebookNode:
    """Take out of a notebook, in place, what depends on the machine or the editor."""
    notebook.metadata = nbformat.from_dict(NOTEBOOK_METADATA)
    notebook.nbformat, notebook.nbformat_minor = 4, 5
    for cell in notebook.cells:
        for key in EDITOR_STATE:
            cell.metadata.pop(key, None)
    return notebook


def parse_markdown(text: str) -> NotebookNode:
    """Cut a markdown page at its block breaks; what stands before the first one is kept as ``metadata.head``."""
    head, *blocks = BLOCK_BREAK.split(text)
    cells = []
    for break_metadata, source in zip(blocks[::2], blocks[1::2], strict=True):
        metadata = json.loads(break_metadata)
        cell_id = metadata.pop("id", "")
        cells.append({"cell_type": "markdown", "id": cell_id, "metadata": metadata, "source": source.strip("\n")})
    return nbformat.from_dict({"cells": cells, "metadata": {"head": head.strip("\n")}})


def render(path: Path, page: NotebookNode) -> str:
    """Return the text of the file: the one form in which a page is stored."""
    if path.suffix == ".ipynb":
        return nbformat.v4.writes(page) + "\n"
    blocks = [page.metadata.head + "\n"] if page.metadata.head else []
    for cell in page.cells:
        mark = json.dumps({"id": cell.id, **cell.metadata}, ensure_ascii=False)
        blocks.append(f"+++ {mark}\n\n{cell.source}\n")
    return "\n".join(blocks)


def write(path: Path, page: NotebookNode) -> bool:
    """Store a page, if that changes the file, in one step: an interruption leaves the old file whole."""
    text = render(path, page)
    if path.exists() and path.read_text(encoding="utf-8") == text:
        return False
    path.parent.mkdir(parents=True, exist_ok=True)
    unfinished = path.with_name(f".{path.name}.unfinished")
    unfinished.write_text(text, encoding="utf-8", newline="\n")
    unfinished.replace(path)
    return True


# The words of a cell ------------------------------------------------------------------------------------------------


def words(cell: NotebookNode) -> dict[str, str]:
    """Return what a translator translates in a cell: its text, or the alt text and caption of its figure."""
    if cell.cell_type == "markdown":
        return {"text": cell.source}
    settings = cell.metadata.get("mystnb", {})
    return {name: settings[group][name] for name, group in FIGURE_WORDS.items() if name in settings.get(group, {})}


def digest(cell: NotebookNode) -> str:
    """Return the hash of a cell's words, by which its translations record what they translate."""
    return hashlib.sha256("\n".join(words(cell).values()).encode()).hexdigest()[:16]


def shared_metadata(cell: NotebookNode) -> NotebookNode:
    """Return the metadata that must be equal in every language."""
    metadata = copy.deepcopy(cell.metadata)
    if words(cell):
        metadata.pop("translates", None)
    for name, group in FIGURE_WORDS.items():
        metadata.get("mystnb", {}).get(group, {}).pop(name, None)
    return metadata


def holds_words(text: str) -> bool:
    """Tell whether there is something to translate: words, not only formulas, code, names and link targets."""
    return WORD.search(NOT_WORDS.sub(" ", without_code(text))) is not None


def without_code(text: str) -> str:
    """Return markdown text without its blocks of code and formulas; of other directives, the content stays."""
    return FENCE.sub(lambda fence: "" if CODE_DIRECTIVE.match(fence[2]) else fence[2], text)


def first_line(text: str) -> str:
    """Return enough of a text to recognise it."""
    line = text.strip().partition("\n")[0]
    return line if len(line) <= 60 else line[:57] + "..."


# The rules for one cell and its translation -------------------------------------------------------------------------


@dataclass(frozen=True)
class Pair:
    """An English cell, its translation, and the command that records that the translation is right."""

    english: NotebookNode
    translation: NotebookNode
    accept: str

    @property
    def recorded(self) -> str | None:
        """The hash of the English words that the translation was made from."""
        return self.translation.metadata.get("translates")

    @property
    def untranslated(self) -> list[str]:
        """The names of the words that are still the English ones, or empty."""
        english = {name: text.strip() for name, text in words(self.english).items() if holds_words(text)}
        own = {name: text.strip() for name, text in words(self.translation).items()}
        return [name for name, text in english.items() if name in own and own[name] in ("", text)]

    @property
    def acceptable(self) -> bool:
        """Whether the translation differs from the English and records another state of it, or none."""
        differs = words(self.translation) != words(self.english)
        return differs and not self.untranslated and self.recorded != digest(self.english)


def rule_type(pair: Pair) -> str | None:
    """Demand that a cell has the type that it has in English."""
    own, english = pair.translation.cell_type, pair.english.cell_type
    return None if own == english else f"is a {own} cell, in English a {english} cell; run `make sync`"


def rule_code(pair: Pair) -> str | None:
    """Demand that code is equal in every language."""
    if pair.english.cell_type == "markdown" or pair.translation.source == pair.english.source:
        return None
    return "the code differs from the English; change it in English only, then run `make sync`"


def rule_outputs(pair: Pair) -> str | None:
    """Demand that outputs, execution counts and attached pictures are equal in every language."""
    copied = ("outputs", "execution_count", "attachments")
    if all(pair.translation.get(key) == pair.english.get(key) for key in copied):
        return None
    return "the outputs or attachments differ from the English; run `make sync`"


def rule_metadata(pair: Pair) -> str | None:
    """Demand that metadata, such as tags, are equal in every language, save the words in them."""
    if shared_metadata(pair.translation) == shared_metadata(pair.english):
        return None
    return "the tags or other metadata differ from the English; run `make sync`"


def rule_figure(pair: Pair) -> str | None:
    """Demand that a figure has alt text and caption where it has them in English, and only there."""
    own, english = words(pair.translation), words(pair.english)
    if missing := sorted(english.keys() - own.keys()):
        return f"the figure has no {' and no '.join(missing)}; run `make sync`, then translate it"
    if extra := sorted(own.keys() - english.keys()):
        return f"the figure's {' and '.join(extra)} is not there in English; add it there, or run `make sync`"
    return None


def rule_untranslated(pair: Pair) -> str | None:
    """Demand that no words are left in English, or left out."""
    if not pair.untranslated:
        return None
    name = pair.untranslated[0]
    line = first_line(words(pair.english)[name])
    return f"the {name} is not translated ({line!r}); write it, then run `{pair.accept}`"


def rule_unrecorded(pair: Pair) -> str | None:
    """Demand that a translation records which English words it translates."""
    if pair.recorded is not None or not pair.acceptable:
        return None
    return f"nothing records which English text this translates; compare the two, then run `{pair.accept}`"


def rule_stale(pair: Pair) -> str | None:
    """Demand that a translation was made from the English words as they are now."""
    if pair.recorded in (None, digest(pair.english)) or pair.untranslated:
        return None
    return f"the English has changed since this was translated; update it, then run `{pair.accept}`"


def rule_labels(pair: Pair) -> str | None:
    """Demand that markdown defines the labels that it defines in English: links rely on them."""
    own, english = (sorted(LABEL.findall(without_code(cell.source))) for cell in (pair.translation, pair.english))
    if pair.english.cell_type != "markdown" or own == english:
        return None
    return f"the labels are {own}, in English {english}; write the same `(label)=` lines"


def rule_headings(pair: Pair) -> str | None:
    """Demand that markdown has headings of the levels that it has in English."""
    own, english = (HEADING.findall(without_code(cell.source)) for cell in (pair.translation, pair.english))
    if pair.english.cell_type != "markdown" or own == english:
        return None
    return f"the headings are {own}, in English {english}; write headings of the same levels"


CELL_RULES = (
    rule_code,
    rule_outputs,
    rule_metadata,
    rule_figure,
    rule_untranslated,
    rule_unrecorded,
    rule_stale,
    rule_labels,
    rule_headings,
)


# The rules for pages ------------------------------------------------------------------------------------------------

# A problem of a page: the id of the cell, or None for the page as a whole, and the message.
Problem = tuple[str | None, str]


def ids(page: NotebookNode) -> list[str]:
    """Return the ids of a page's cells in order, "" for a cell that has none."""
    return [cell.get("id", "") for cell in page.cells]


def rule_ids(page: NotebookNode) -> Iterator[Problem]:
    """Demand that each cell has an id, and no two have the same."""
    for position, cell in enumerate(page.cells, start=1):
        if not cell.get("id"):
            yield None, f"the cell number {position} ({first_line(cell.source)!r}) has no id; give it one, in words"
    for cell_id, count in Counter(ids(page)).items():
        if cell_id and count > 1:
            yield cell_id, f"{count} cells have this id; give each its own"


def rule_english_only(page: NotebookNode) -> Iterator[Problem]:
    """Demand that English cells record no translation: they are the originals."""
    for cell in page.cells:
        if "translates" in cell.metadata:
            yield cell.get("id"), "English cells record no translation; delete `translates` from the cell's metadata"


def rule_english_head(page: NotebookNode) -> Iterator[Problem]:
    """Demand that all text of a markdown page stands in a block; only front matter may stand before the first."""
    head = page.metadata.get("head", "")
    if head and not head.startswith("---"):
        yield None, f'text before the first block; put a line like `+++ {{"id": "start"}}` before {first_line(head)!r}'


def rule_head(english: NotebookNode, page: NotebookNode) -> Iterator[Problem]:
    """Demand that the front matter of a markdown page is equal in every language."""
    if page.metadata != english.metadata:
        yield None, "what stands before the first block differs from the English; run `make sync`"


def rule_missing(english: NotebookNode, page: NotebookNode) -> Iterator[Problem]:
    """Demand that no cell is missing."""
    for cell_id in ids(english):
        if cell_id not in ids(page):
            yield cell_id, "is missing; run `make sync`, then translate it"


def rule_extra(english: NotebookNode, page: NotebookNode) -> Iterator[Problem]:
    """Demand that no cell stands only in the translation."""
    for cell_id in ids(page):
        if cell_id and cell_id not in ids(english):
            yield cell_id, "is not in the English page; add it there first, or remove it here with `make sync`"


def rule_order(english: NotebookNode, page: NotebookNode) -> Iterator[Problem]:
    """Demand that the cells stand in the order of the English page."""
    expected = [cell_id for cell_id in ids(english) if cell_id in ids(page)]
    found = list(dict.fromkeys(cell_id for cell_id in ids(page) if cell_id in expected))
    for wanted, cell_id in zip(expected, found, strict=False):
        if wanted != cell_id:
            yield cell_id, f"stands where the English page has the cell {wanted}; run `make sync`"
            return


def check_english(page: NotebookNode) -> list[Problem]:
    """Return what is wrong with an English page as an original."""
    return [problem for rule in (rule_ids, rule_english_only, rule_english_head) for problem in rule(page)]


def check_translation(english: NotebookNode, page: NotebookNode, accept: str) -> list[Problem]:
    """Return what is wrong with a translated page."""
    problems = list(rule_ids(page))
    for rule in (rule_head, rule_missing, rule_extra, rule_order):
        problems += rule(english, page)
    for pair in pairs(english, page, accept):
        # A cell of another type breaks every other rule too; one message is enough.
        messages = [rule_type(pair)] if rule_type(pair) else [rule(pair) for rule in CELL_RULES]
        problems += [(pair.english.id, message) for message in messages if message]
    return problems


def pairs(english: NotebookNode, page: NotebookNode, accept: str) -> list[Pair]:
    """Match the cells of a page with the English ones by id."""
    originals = {cell.get("id"): cell for cell in english.cells}
    return [
        Pair(originals[cell.id], cell, f"{accept} {cell.id}")
        for cell in page.cells
        if cell.get("id") and cell.id in originals
    ]


# The three commands -------------------------------------------------------------------------------------------------


def check(root: Path = ROOT) -> list[str]:
    """Check every page of every language.

    Parameters
    ----------
    root
        The folder that holds ``chapters``.

    Returns
    -------
    list of str
        One line for each problem, grouped by file: the file, the cell, what is wrong and how to put it
        right. Empty if every language is complete and up to date.
    """
    originals = pages(root, ENGLISH)
    problems = []
    for language in languages(root):
        found = pages(root, language)
        for name in sorted(originals.keys() | found.keys()):
            path = found.get(name) or root / "chapters" / language / originals[name].name
            try:
                page_problems = check_page(originals.get(name), path, accept_command(language, name))
            except TranslationError as error:
                problems.append(str(error))
            else:
                problems += described(path, page_problems)
    return list(dict.fromkeys(problems))  # an unreadable English page is found once for each language


def check_page(original: Path | None, path: Path, accept: str) -> list[Problem]:
    """Return what is wrong with one page of one language, which may be missing."""
    if original is None:
        return [(None, "has no English original; add that first, or delete this file")]
    if not path.exists() or path.suffix != original.suffix:
        return [(None, "the page is missing in this language; run `make sync`, then translate it")]
    if path == original:
        return check_english(read(path))
    return check_translation(read(original), read(path), accept)


def described(path: Path, problems: list[Problem]) -> list[str]:
    """Return a line for each problem of a page."""
    return [
        f"{place(path)}: cell {cell_id}: {message}" if cell_id else f"{place(path)}: {message}"
        for cell_id, message in problems
    ]


def accept_command(language: str, name: str) -> str:
    """Return the command that records that translations in a page are right."""
    return f"{COMMAND} accept {language} {name}"


def sync(root: Path = ROOT, names: Collection[str] | None = None) -> list[str]:
    """Bring every language's pages in step with the English ones; words already translated are kept.

    Code, outputs and metadata are copied from English. A new cell, or a new page, is added with its English
    words and without a record, so that `check` names it until it is translated. A file is written only if it
    changes, and none is if a page cannot be read or an English page is not fit to be copied.

    Parameters
    ----------
    root
        The folder that holds ``chapters``.
    names
        The pages, such as ``02_convolution``; all if not given.

    Returns
    -------
    list of str
        The files written, and the whole text of each translated cell that was removed because its English
        original is gone.

    Raises
    ------
    TranslationError
        If a page cannot be read, or an English page has problems.
    """
    results, removals = {}, []
    for name, original in pages(root, ENGLISH).items():
        if names is not None and name not in names:
            continue
        english = results[original] = read(original)
        if problems := described(original, check_english(english)):
            raise TranslationError("\n".join(problems))
        for language in languages(root)[1:]:
            path = original.parents[1] / language / original.name
            page = read(path) if path.exists() else nbformat.v4.new_notebook()
            results[path], removed = synced(english, page)
            removals += described(path, [(cell.get("id"), f"removed:\n{cell.source}") for cell in removed])
    return [f"{place(path)}: written" for path, page in results.items() if write(path, page)] + removals


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
    TranslationError
        If there is no such language, page or cell, or a cell still has the English words.
    """
    choose("language", [language], languages(root)[1:])
    found = pages(root, language)
    choose("page", [name], found.keys() & pages(root, ENGLISH).keys())
    page = read(found[name])
    candidates = {
        pair.english.id: pair
        for pair in pairs(read(pages(root, ENGLISH)[name]), page, accept_command(language, name))
        if words(pair.english)
    }
    choose("cell", cell_ids, candidates.keys())
    chosen = [candidates[cell_id] for cell_id in cell_ids] or [p for p in candidates.values() if p.acceptable]
    if refusals := [(pair.english.id, rule_untranslated(pair)) for pair in chosen if pair.untranslated]:
        raise TranslationError("\n".join(described(found[name], refusals)))
    changed = [pair for pair in chosen if pair.recorded != digest(pair.english)]
    for pair in changed:
        pair.translation.metadata.translates = digest(pair.english)
    write(found[name], page)
    return [pair.english.id for pair in changed]


def choose(kind: str, names: Collection[str], known: Collection[str]) -> None:
    """Refuse names that are not known, and say which are."""
    for name in names:
        if name not in known:
            raise TranslationError(f"there is no {kind} {name!r}; there is: {', '.join(sorted(known))}")


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
    try:
        if options.command == "accept":
            accepted = accept(root, options.language, options.page, options.cells)
            print(f"accepted: {', '.join(accepted) or 'nothing, all is up to date'}")
            return 0
        if options.command == "sync":
            for line in sync(root):
                print(line, file=sys.stderr)
        problems = check(root)
    except TranslationError as error:
        print(error, file=sys.stderr)
        return 1
    for line in problems:
        print(line)
    print(f"{len(problems)} to translate or put right", file=sys.stderr)
    # What is left after a sync is the work of translators, not a failure of the sync.
    return 1 if problems and options.command == "check" else 0


if __name__ == "__main__":
    sys.exit(main())
