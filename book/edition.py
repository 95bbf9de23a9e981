"""The student edition: a page of the book as a notebook that is good to work in, in JupyterLab or another editor.

An editor knows less than the site. So captions and descriptions of figures become text, links lead to files, labels go,
what only the site can show becomes a link to it, and solutions are folded, with functions of their own names, so that
"run all" leaves a student's functions alone.
"""

import ast
import base64
import copy
import hashlib
import re
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import nbformat.v4
from nbformat import NotebookNode

from book.glossary import Row, other_names
from book.languages import Language
from book.pages import ENGLISH, LABEL, normalize, pages, read, render, words
from book.prose import PLACES, is_outside
from book.sources import BookError, fault
from book.texts import Texts, text

EXERCISE, SOLUTION = "exercise-", "solution"  # how the id of a cell begins; a tag
OWN = "_solution"  # what the functions of a solution end in
HIDDEN = "outputs_hidden"
RECORD = "cnn_course"  # where a notebook says what it was made from
GLOSSARY = "glossary"
SITE = "http://localhost:8000"  # where `make serve` shows the site
CODE_OR_LINK = re.compile(r"(```.*?```|`[^`\n]*`)|(?<=\])\(([^()\s]+)\)", re.DOTALL)
DROPDOWN = re.compile(r"^:::\{dropdown\} ([^\n]*)\n(.*?)^:::$", re.MULTILINE | re.DOTALL)
DIRECTIVE = re.compile(r"^(?:`{3,}|:{3,}|~{3,})\{[^\n]*", re.MULTILINE)
EXPLORER_BLOCK = re.compile(rf"{PLACES['explorer'].pattern}\s*(.*?)\s*</div>", re.DOTALL)
GUESS_BLOCK = re.compile(rf"{PLACES['place for a guess'].pattern}\s*</div>")
STRING = re.compile(r"""((?:\bf)?"[^"\n]*"|(?:\bf)?'[^'\n]*')""")
FILLED = re.compile(r"\{[^{}]*\}")  # in an f-string
PICTURE_TYPES = {".png": "image/png", ".jpg": "image/jpeg", ".svg": "image/svg+xml"}


@dataclass(frozen=True)
class Edition:
    """What the pages of one language are made into, and with what.

    Attributes
    ----------
    root
        The folder of the book.
    language
        The language.
    texts
        The file `book/student.yml`.
    places
        The page and the cell of each label.
    correct
        What the check says, in each language, when all is right.
    """

    root: Path
    language: Language
    texts: Texts
    places: dict[str, tuple[str, str]]
    correct: dict[str, str]

    def spoken(self, output: str) -> str:
        """Return an output in which the check says that all is right as it will say it to the reader."""
        pattern = re.sub(r"\\{([a-z]+)\\}", r"(?P<\1>\\d+)", re.escape(self.correct[ENGLISH]))
        own = self.correct.get(self.language.code, self.correct[ENGLISH])
        return re.sub(pattern, lambda found: own.format(**found.groupdict()), output)

    def say(self, name: str, /, **filled: object) -> str:
        """Return a text for notebooks in the language of the edition."""
        return text(self.texts, self.language.code, "notebook", name, **filled)


def labels(root: Path, rows: list[Row]) -> dict[str, tuple[str, str]]:
    """Return the page and the cell of each label, the same in every language."""
    found = {label(row): (GLOSSARY, label(row)) for row in rows}
    for name, path in pages(root, ENGLISH).items():
        found |= {each: (name, cell.id) for cell in read(path).cells for each in LABEL.findall(cell.source)}
    return found


def label(row: Row) -> str:
    """Return the label of a row of the glossary, which is also the id of its cell."""
    return f"term-{row['id']}"


# A page -------------------------------------------------------------------------------------------------------------


def notebook_of(edition: Edition, path: Path) -> NotebookNode:
    """Return a page of the book as a notebook for students.

    Raises
    ------
    BookError
        If the page cannot be read, or holds what has no form in a notebook.
    """
    cells, section = [], ""
    for cell in read(path).cells:
        if cell.cell_type == "markdown":
            section = next(reversed(LABEL.findall(cell.source)), section)
            cells.append(markdown_cell(edition, path, cell, section))
        else:
            cells += code_cells(edition, path, cell)
    rename_solutions(cells)
    speak(cells, edition.language)
    return recorded(cells, edition.language, path.stem)


def recorded(cells: list[NotebookNode], language: Language, name: str) -> NotebookNode:
    """Put cells together as a notebook that says which page it is, and the hash of what it was made as."""
    notebook = normalize(nbformat.v4.new_notebook(cells=cells))
    notebook.metadata[RECORD] = {"page": name, "language": language.code, "made": fingerprint(notebook)}
    return notebook


def fingerprint(notebook: NotebookNode) -> str:
    """Return a hash of a notebook's cells, without the traces of an editor."""
    bare = normalize(copy.deepcopy(notebook))
    return hashlib.sha256(render(Path("any.ipynb"), bare).encode()).hexdigest()[:16]


def markdown(cell_id: str, source: str, attachments: dict | None = None) -> NotebookNode:
    """Return a new markdown cell."""
    cell = nbformat.v4.new_markdown_cell(source, id=cell_id)
    if attachments:
        cell.attachments = attachments
    return cell


def markdown_cell(edition: Edition, path: Path, cell: NotebookNode, section: str) -> NotebookNode:
    """Return a markdown cell as an editor can show it; `section` is the label of the section it stands in."""
    attachments = dict(cell.get("attachments", {}))
    source = LABEL.sub("", cell.source).strip("\n")
    source = EXPLORER_BLOCK.sub(lambda found: explorer_text(edition, path.stem, section, found[1]), source)
    source = GUESS_BLOCK.sub(edition.say("guess"), source)
    source = DROPDOWN.sub(lambda found: folded(found[1], found[2].strip("\n")), source)
    if unknown := DIRECTIVE.search(source):
        raise BookError(
            fault(path, f"cell {cell.id}: {unknown[0]} has no form in a notebook", None, "write plain markdown")
        )
    return markdown(cell.id, relinked(edition, path, source, attachments), attachments)


def explorer_text(edition: Edition, name: str, section: str, inside: str) -> str:
    """Return the picture that stands for an explorer, and a sentence that leads to it."""
    address = f"{SITE}/{edition.language.code}/{name}.html#{section}"
    return f"{inside}\n\n{edition.say('explorer', address=f'<{address}>')}"


def folded(title: str, content: str) -> str:
    """Return text that opens with a click."""
    return f"<details>\n<summary>{title}</summary>\n\n{content}\n\n</details>"


def relinked(edition: Edition, path: Path, source: str, attachments: dict) -> str:
    """Return markdown whose links lead to notebooks; pictures that it names are added to the attachments."""
    return CODE_OR_LINK.sub(lambda found: found[1] or f"({linked(edition, path, found[2], attachments)})", source)


def linked(edition: Edition, path: Path, target: str, attachments: dict) -> str:
    """Return where a link leads in the student edition."""
    if is_outside(target) or target.startswith("attachment:"):
        return target
    if target.startswith("#"):
        name, cell = edition.places.get(target[1:], ("", ""))
        if not name:
            raise BookError(fault(path, f"the link {target} leads nowhere", None, "write the label of a section"))
        return f"{name}.ipynb#cell-id={cell}"
    kind = PICTURE_TYPES.get(Path(target).suffix)
    if kind:
        file = next((each for each in (path.parent / target, edition.root / "book" / target) if each.is_file()), None)
        if file is None:
            raise BookError(fault(path, f"there is no picture {target}", None, "put it there, or take it out"))
        attachments[file.name] = {kind: base64.b64encode(file.read_bytes()).decode()}
        return f"attachment:{file.name}"
    return f"{target}.ipynb"


def code_cells(edition: Edition, path: Path, cell: NotebookNode) -> list[NotebookNode]:
    """Return a code cell, with a sentence before a solution, and caption and description after a figure."""
    tags = cell.metadata.get("tags", [])
    own = nbformat.v4.new_code_cell(cell.source, id=cell.id, metadata={"tags": tags} if tags else {})
    if has_check(own):
        return [own]  # not yet run: what the check says is for the student to find out
    own.outputs, own.execution_count = copy.deepcopy(cell.outputs), cell.execution_count
    for output in own.outputs:
        if "text" in output:
            output.text = edition.spoken(output.text)
    is_solution = SOLUTION in tags
    if is_solution or cell.metadata.get("jupyter", {}).get(HIDDEN):
        own.metadata["jupyter"] = {"source_hidden": is_solution, HIDDEN: True}
    before = [markdown(f"{cell.id}-folded", edition.say("solution"))] if is_solution else []
    known = words(cell)
    if not known:
        return [*before, own]
    about = (
        f"**{edition.say('figure')}** {known.get('caption', '')}\n\n{folded(edition.say('description'), known['alt'])}"
    )
    if is_solution:  # under a folded figure the caption would tell what is in it
        about = folded(edition.say("caption"), about)
    return [*before, own, markdown(f"{cell.id}-caption", relinked(edition, path, about, {}))]


def has_check(cell: NotebookNode) -> bool:
    """Tell whether a code cell is an exercise whose answer is checked; others are for the student to judge."""
    return cell.get("id", "").startswith(EXERCISE) and "check(" in cell.source


# Solutions ----------------------------------------------------------------------------------------------------------


def rename_solutions(cells: list[NotebookNode]) -> None:
    """Give the functions of solutions, in place, names of their own where an exercise has a function of that name."""
    asked: set[str] = set()
    for cell in cells:
        if cell.cell_type != "code":
            continue
        if cell.id.startswith(EXERCISE):
            asked |= set(functions(cell.source))
        elif SOLUTION in cell.metadata.get("tags", []):
            cell.source = renamed(cell.source, asked & set(functions(cell.source)))


def functions(source: str) -> Iterator[str]:
    """Yield the names of the functions that code defines at its top."""
    yield from (node.name for node in ast.parse(source).body if isinstance(node, ast.FunctionDef))


def renamed(source: str, names: set[str]) -> str:
    """Return code in which some functions have names of their own.

    >>> renamed('check(half, half_cases); print("half", f"half: {half(3)}")', {"half"})
    'check(half_solution, half_cases); print("half", f"half: {half_solution(3)}")'
    """
    if not names:
        return source
    # Not an attribute, and not the name of an argument.
    name = re.compile(rf"(?<![\w.])({'|'.join(sorted(names))})\b(?!\s*=(?!=))")
    parts = STRING.split(source)  # code and texts by turns
    for place, part in enumerate(parts):
        if place % 2 == 0:
            parts[place] = name.sub(rf"\1{OWN}", part)
        elif part.startswith("f"):
            parts[place] = FILLED.sub(lambda code: name.sub(rf"\1{OWN}", code[0]), part)
    return "".join(parts)


def speak(cells: list[NotebookNode], language: Language) -> None:
    """Let the first code cell choose, in place, the language in which the package tells the reader something."""
    first = next((cell for cell in cells if cell.cell_type == "code"), None)
    if first is not None and language.code != ENGLISH and first.source.startswith("from cnn_course."):
        first.source = "from cnn_course.messages import speak\n" + first.source + f'\nspeak("{language.code}")'


# The glossary -------------------------------------------------------------------------------------------------------


def glossary_notebook(edition: Edition, rows: list[Row], languages: list[Language]) -> NotebookNode:
    """Return the glossary as a notebook, a cell for each term, so that links can lead to it."""
    language = edition.language
    texts = language.glossary
    cells = [markdown("title", f"# {texts['title']}\n\n{texts['intro']}")]
    for row in sorted(rows, key=lambda row: row[ENGLISH]["term"].casefold()) if language.code == ENGLISH else rows:
        own = row[language.code]
        names = other_names(own["term"], own.get("also") or [])
        lines = [f"## {own['term']}", own["definition"]]
        lines += [texts["also"] + texts["separator"].join(names)] if names else []
        lines.append(" · ".join(f"{each.name}: {row[each.code]['term']}" for each in languages if each != language))
        source = relinked(edition, edition.root / "book" / "glossary.yml", "\n\n".join(lines), {})
        cells.append(markdown(label(row), source))
    return recorded(cells, language, GLOSSARY)
