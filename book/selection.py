"""A page of the book as a course has it: what leads to a page that is left out becomes plain text, by rule.

- A link to a page that is left out loses its link, and keeps its words.
- "Chapter 4", in a link or not, becomes the number that the chapter has in the course; a chapter that is left out is
  called by its title. Not so where books of others are listed, which have chapters of their own.
- Of the list of chapters on the first page, the items of chapters that are left out go, the rest stands in the order of
  the course, and a teacher's own chapters are added, each with the beginning of its text.
- In the place of an explorer that is left out stands its picture.
- Where solutions are left out, what explains them goes, too, and a sentence says so.

Where nothing is left out, every page is as it stands in the book.
"""

import re
from functools import cached_property
from pathlib import Path

import nbformat
from nbformat import NotebookNode

from book.course import INDEX, OWN, Course
from book.drafts import shown_page
from book.edition import EXPLORER_BLOCK, SOLUTION
from book.explorer_files import NAMED as EXPLORER_NAME
from book.found import description
from book.languages import Language
from book.pages import ENGLISH, FIGURE_WORDS, LABEL, contents, pages, read, words
from book.reading_files import number_of, title_of
from book.sources import BookError, fault
from book.texts import READING, load_texts

EXERCISES, REFERENCES = "exercises", "references"  # ids of cells
OF_SOLUTION = ("why-", "solution-")  # how the id of a text begins that explains the solution above it
CODE_OR_LINK = r"(?P<code>```.*?```|`[^`\n]*`)|(?<!!)\[(?P<text>(?:[^\[\]]|\[[^\[\]]*\])*)\]\((?P<target>[^()\s]+)\)"
# Of the list of chapters; one that ends with its colon is a teacher's own, and not yet described.
ITEM = re.compile(r"^[-*] \[[^\]]*\]\((?P<name>[\w-]+)\)(?P<colon>[ \t]*[:：][ \t]*)?(?P<end>$)?", re.MULTILINE)
HEADING = re.compile(r"^#+ +(.+)$", re.MULTILINE)


class Selection:
    """The pages of a course in one language.

    Parameters
    ----------
    course
        The course.
    language
        The language.
    only
        The chapters that are wanted, where these are not all of the course: links lead to no other.
    """

    def __init__(self, course: Course, language: Language, only: tuple[str, ...] = ()):
        self.course, self.language, self.only = course, language, only

    def pages(self) -> dict[Path, NotebookNode]:
        """Return the pages as the course has them, by their files, in its order.

        Raises
        ------
        BookError
            If a page cannot be read.
        """
        if self.course.is_whole and not self.only:
            return self.originals
        return {path: self.selected(path, page) for path, page in self.originals.items()}

    @cached_property
    def originals(self) -> dict[Path, NotebookNode]:
        """The pages before anything is left out."""
        root, files = self.course.root, self.course.pages(self.language)
        chosen = (path for name, path in files.items() if name in (self.only or files))
        return {path: shown_page(root, self.language, path) for path in chosen}

    @cached_property
    def named(self) -> dict[str, NotebookNode]:
        """The pages before anything is left out, by their names."""
        return {path.stem: page for path, page in self.originals.items()}

    @cached_property
    def book(self) -> dict[str, NotebookNode]:
        """All pages of the book, by their names; those that the language does not have, in English."""
        files = pages(self.course.root, ENGLISH) | pages(self.course.root, self.language.code)
        return {name: self.originals.get(path) or read(path) for name, path in files.items()}

    @cached_property
    def labels(self) -> dict[str, str]:
        """The page of each label of the book and the course; those of terms are not among them."""
        every = (self.book | self.named).items()
        return {label: name for name, page in every for cell in page.cells for label in LABEL.findall(cell.source)}

    @cached_property
    def titles(self) -> dict[str, str]:
        """The title of each chapter of the book, by the number that the book gives it."""
        return {number: title_of(page) for name, page in self.book.items() if (number := number_of(name))}

    @cached_property
    def every(self) -> frozenset[str]:
        """The names of all pages of the book and the course, whether they are there or not."""
        return frozenset([*contents(self.course.root), *(each.name for each in self.course.chapters)])

    @cached_property
    def numbers(self) -> dict[str, str]:
        """The number of each chapter in the course, by the number that the book gives it."""
        book, given = contents(self.course.root), self.course.numbers()
        return {number_of(name): given[name] for name in book if name in given}

    @cached_property
    def reference(self) -> re.Pattern[str]:
        """How a text of the language calls a chapter by its number."""
        before, after = (re.escape(part).replace(r"\ ", r"\s?") for part in self.said("chapter").split("{number}"))
        first = f"[{before[0].lower()}{before[0].upper()}]" if before[:1].isalpha() else before[:1]
        return re.compile(rf"(?P<before>{first}{before[1:]})(?P<number>\d+[a-z]?)(?P<after>{after})(?![\d.]*\d)")

    def said(self, name: str) -> str:
        """Return a text about the course in the language, with braces for what is to be filled in."""
        named = load_texts(self.course.root, READING)["course"][name]
        return named.get(self.language.code, named[ENGLISH])

    # A page

    def selected(self, path: Path, page: NotebookNode) -> NotebookNode:
        """Return a page as the course has it; the one given is not changed."""
        page = nbformat.from_dict(page)
        is_own = OWN in path.relative_to(self.course.root).parts[:1]
        if is_own:
            complete(path, page)
        if not self.course.solutions:
            self.leave_out_solutions(page)
        for cell in page.cells:
            if cell.cell_type == "markdown":
                cell.source = EXPLORER_BLOCK.sub(self.explorer, cell.source)
                if path.stem == INDEX and self.course.chosen:
                    cell.source = self.chapter_list(cell.source)
            self.reword(cell, path.stem, numbered=not is_own and cell.get("id") != REFERENCES)
            if cell.cell_type == "markdown" and path.stem == INDEX:
                cell.source = ITEM.sub(self.described, cell.source)  # a teacher's words stay as they are
        return page

    def reword(self, cell: NotebookNode, page: str, numbered: bool) -> None:
        """Bring links, and numbers of chapters if asked to, in the words of a cell of a page, in place, in line."""

        def change(found: re.Match[str]) -> str:
            if found["code"]:
                return found[0]
            if found["target"]:
                inside = self.label(found["text"], found["target"], page) if numbered else found["text"]
                return f"[{inside}]({found['target']})" if self.leads_somewhere(found["target"]) else inside
            return self.called(found) if numbered else found[0]

        parts = re.compile(f"{CODE_OR_LINK}|{self.reference.pattern}", re.DOTALL)
        for name, source in words(cell).items():
            changed = parts.sub(change, source)
            if name == "text":
                cell.source = changed
            else:
                cell.metadata["mystnb"][FIGURE_WORDS[name]][name] = changed

    def page_of(self, target: str) -> str | None:
        """Return the page of the book or the course to which a link leads, or None."""
        page = self.labels.get(target[1:]) if target.startswith("#") else target.partition("#")[0]
        return page if page in self.every else None

    def leads_somewhere(self, target: str) -> bool:
        """Tell whether a link leads to a page that is there, or is none between pages of the course."""
        page = self.page_of(target)
        return page is None or page in self.named

    def label(self, inside: str, target: str, page: str) -> str:
        """Return the words of a link on a page.

        A number alone, as in a table of chapters, is that of a chapter; the last and the next chapter are called by
        their numbers where they are others in the course.
        """
        if inside in self.titles:
            return self.numbers.get(inside, self.titles[inside])
        steps = {self.said("last"): -1, self.said("next"): 1}
        step, named = steps.get(inside[:1].lower() + inside[1:]), self.page_of(target)
        if step is None or named is None:
            return self.reference.sub(self.called, inside)
        order = list(self.course.numbers())
        if named in order and order.index(named) - order.index(page) == step:
            return inside
        said = self.said("chapter").format(number=number_of(named))
        return self.reference.sub(self.called, said[0].upper() + said[1:] if inside[:1].isupper() else said)

    def called(self, found: re.Match[str]) -> str:
        """Return how the course calls a chapter of which a text gives the number in the book."""
        number = found["number"]
        if number in self.numbers:
            return f"{found['before']}{self.numbers[number]}{found['after']}"
        if number not in self.titles:
            return found[0]
        gone = self.said("left-out").format(title=self.titles[number])
        return gone[0].upper() + gone[1:] if found["before"][:1].isupper() else gone

    def chapter_list(self, source: str) -> str:
        """Return a text whose list of chapters, if it has one, is that of the course."""
        lines = source.split("\n")
        matches = ((place, ITEM.match(line)) for place, line in enumerate(lines))
        items = {match["name"]: (place, match["colon"]) for place, match in matches if match}
        items = {name: item for name, item in items.items() if name in self.every and name != INDEX}
        if not items:
            return source
        places = {place for place, _ in items.values()}
        colon = next((colon for _, colon in items.values() if colon), ": ")
        new = {name: f"- [{title_of(page)}]({name}){colon}" for name, page in self.named.items() if name != INDEX}
        own = [lines[items[name][0]] if name in items else item for name, item in new.items()]
        first = min(places)
        rest = [line for place, line in enumerate(lines[first:], first) if place not in places]
        return "\n".join([*lines[:first], *own, *rest])

    def described(self, found: re.Match[str]) -> str:
        """Return an item that `chapter_list` made, with the beginning of the chapter's text."""
        if not found["colon"] or found["end"] is None or found["name"] not in self.named:
            return found[0]
        about = description(self.named[found["name"]])
        return found[0] + about if about else found[0].removesuffix(found["colon"])

    def explorer(self, found: re.Match[str]) -> str:
        """Return an explorer, or, if it is left out, the picture that stands in it."""
        return found[0] if EXPLORER_NAME.search(found[0])[1] in self.course.explorers else found["inside"]

    def leave_out_solutions(self, page: NotebookNode) -> None:
        """Take solutions out of a page, in place, with what explains them, and say so where the exercises begin."""
        kept, was_solution = [], False
        for cell in page.cells:
            is_solution = SOLUTION in cell.metadata.get("tags", [])
            explains = was_solution and cell.cell_type == "markdown" and cell.get("id", "").startswith(OF_SOLUTION)
            was_solution = is_solution
            if not is_solution and not explains:
                kept.append(cell)
        for cell in kept:
            if len(kept) < len(page.cells) and cell.get("id") == EXERCISES:
                cell.source += f"\n\n*{self.said('without-solutions')}*"
        page.cells = kept


def complete(path: Path, page: NotebookNode) -> None:
    """Give a teacher's own page, in place, what pages of the book have: ids of cells, and words for figures.

    Raises
    ------
    BookError
        If it has no title.
    """
    heading = title_of(page)
    if not heading:
        raise BookError(fault(path, "the page has no title", None, "begin it with a line such as `# Homework`"))
    for place, cell in enumerate(page.cells, 1):
        if not cell.get("id"):
            cell["id"] = f"cell-{place}"
        if cell.cell_type == "markdown":
            heading = next(reversed(HEADING.findall(cell.source)), heading)
        elif any("image/png" in output.get("data", {}) for output in cell.get("outputs", ())):
            cell.metadata.setdefault("mystnb", {}).setdefault("image", {}).setdefault("alt", heading)
