"""The course that is made of the book: `course.yml` says which chapters, in which languages, and under which name.

This is the one place where pages are chosen: the site, the student edition and what is handed out ask a `Course`.
What it says about the text of a page is done by `book.selection`.
"""

import re
from dataclasses import dataclass, replace
from difflib import get_close_matches
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

from book.drafts import shown_files
from book.explorer_files import SHARED
from book.languages import Language, load_languages
from book.pages import ENGLISH, MADE, SUFFIXES, contents
from book.reading_files import number_of
from book.sources import BookError, fault, read_text, read_yaml
from book.texts import EXPLORERS, load_texts

FILE = "course.yml"
OWN = "own"  # the folder of a teacher's own pages, with one folder for each language
INDEX = "index"
TAKEN = (*MADE, "search", "404")  # names of pages that the build makes
NAME = re.compile(r"[A-Za-z0-9][A-Za-z0-9_-]*")
PICTURES = (".png", ".svg", ".jpg", ".jpeg", ".webp")
ALL = "all"
FOLDED, LEFT_OUT = "folded", "left out"

OPTIONAL_TEXT = {"type": ["string", "null"]}
CODES = {"type": "array", "items": {"type": "string"}}
LIST = {"type": ["array", "string"], "items": {"type": "string"}}
COURSE = {
    "type": "object",
    "properties": {
        "title": {"type": ["string", "object", "null"], "additionalProperties": {"type": "string", "minLength": 1}},
        "logo": OPTIONAL_TEXT,
        "address": OPTIONAL_TEXT,
        "languages": LIST,
        "chapters": {
            "type": ["array", "string"],
            "items": {"type": ["string", "object"], "additionalProperties": CODES},
        },
        "explorers": LIST,
        "solutions": {"enum": [FOLDED, LEFT_OUT]},
    },
    "additionalProperties": False,
}


@dataclass(frozen=True)
class Chapter:
    """A chapter of a course.

    Attributes
    ----------
    name
        Its file name, without the ending.
    number
        What the course calls it; None for a page that counts as no chapter.
    files
        Its file in each language that has it, by code.
    """

    name: str
    number: str | None
    files: dict[str, Path]


@dataclass(frozen=True)
class Course:
    """What `course.yml` says.

    Attributes
    ----------
    root
        The folder of the book.
    languages
        The languages, with the title of the course.
    chapters
        The chapters, in their order.
    chosen
        Whether the chapters are a list of the teacher's, and not those of the book.
    address
        Where the site will stand, with a slash at its end, or "".
    logo
        The file of a picture, or None.
    explorers
        The names of the explorers that are shown.
    solutions
        Whether solutions are shown.
    """

    root: Path
    languages: list[Language]
    chapters: list[Chapter]
    chosen: bool
    address: str
    logo: Path | None
    explorers: frozenset[str]
    solutions: bool

    @property
    def is_whole(self) -> bool:
        """Whether every page is as it stands in the book."""
        shown = explorer_names(self.root)
        return not self.chosen and self.solutions and self.explorers == shown

    def pages(self, language: Language) -> dict[str, Path]:
        """Return the pages of a language that people write, by name, in the order of the course."""
        first, code = first_page(self.root, language), language.code
        return first | {each.name: each.files[code] for each in self.chapters if code in each.files}

    def numbers(self) -> dict[str, str]:
        """Return the number of each chapter that has one, by name; it is the same in every language."""
        return {each.name: each.number for each in self.chapters if each.number}

    def languages_of(self, name: str) -> list[str]:
        """Return the codes of the languages that have a page."""
        files = next((each.files for each in self.chapters if each.name == name), None)
        return [each.code for each in self.languages if files is None or each.code in files]

    def named(self, asked: str) -> str:
        """Return the name of the chapter that `02`, or `02_convolution`, asks for.

        Raises
        ------
        BookError
            If the course has none.
        """
        names = [each.name for each in self.chapters]
        found = [name for name in names if asked in (name, name.partition("_")[0])]
        if not found:
            raise BookError(f"the course has no chapter `{asked}`; there is: {', '.join(names)}")
        return found[0]

    def contents(self, language: Language) -> dict[str, Any]:
        """Return the table of contents of a language, as `_toc.yml` would have it."""
        names = [name for name in self.pages(language) if name != INDEX]
        return {"format": "jb-book", "root": INDEX, "chapters": [{"file": name} for name in (*names, *MADE)]}


def explorer_names(root: Path) -> frozenset[str]:
    """Return the names of all explorers of the book."""
    return frozenset(name for name in load_texts(root, EXPLORERS) if name != SHARED)


def first_page(root: Path, language: Language) -> dict[str, Path]:
    """Return the first page of a language, under its name: a teacher's own, or that of the book."""
    own = own_pages(root, language.code)
    return {name: path for name, path in (shown_files(root, language) | own).items() if name == INDEX}


def own_pages(root: Path, language: str) -> dict[str, Path]:
    """Return a teacher's own pages in a language, by name."""
    folder = root / OWN / language
    return {path.stem: path for path in sorted(folder.glob("*")) if path.suffix in SUFFIXES and path.is_file()}


# Reading the file ---------------------------------------------------------------------------------------------------


def load_course(root: Path, drafts: bool = False) -> Course:
    """Read `course.yml`; where there is none, the course is the whole book.

    Parameters
    ----------
    root
        The folder of the book.
    drafts
        Whether languages that are being translated belong to it even where it does not name them.

    Raises
    ------
    BookError
        If it cannot be read, or names what is not there; each line says what to do.
    """
    path = root / FILE
    return course_of(root, read_yaml(path, COURSE) if path.is_file() else {}, drafts)


def whole_book(root: Path, language: str) -> Course:
    """Return the course that is the whole book in one language, perhaps a draft: what its translators look at."""
    return course_of(root, {"languages": [language]})


def course_of(root: Path, given: dict[str, Any], drafts: bool = False) -> Course:
    """Return the course that is asked for, or raise all that is wrong with it."""
    wanted = Wanted(root, given)
    languages = wanted.languages(drafts)
    course = Course(
        root=root,
        languages=languages,
        chapters=wanted.chapters(languages),
        chosen=given.get("chapters", ALL) != ALL,
        address=wanted.address(),
        logo=wanted.logo(),
        explorers=wanted.explorers(),
        solutions=given.get("solutions", FOLDED) == FOLDED,
    )
    if wanted.problems:
        raise BookError("\n".join(wanted.problems))
    return course


class Wanted:
    """What a teacher asks for, and what is wrong with it: all of it is told at once."""

    def __init__(self, root: Path, given: dict[str, Any]):
        self.root, self.given, self.problems = root, given, []

    def refuse(self, word: str, what: str, remedy: str) -> None:
        """Note what is wrong, at the first line outside comments that has a word."""
        lines = read_text(self.root / FILE).splitlines()
        named = (number for number, line in enumerate(lines, 1) if word and word in line.partition("#")[0])
        self.problems.append(fault(self.root / FILE, what, next(named, None), remedy))

    def unknown(self, kind: str, name: str, known: list[str], remedy: str = "take it out") -> None:
        """Note a name that is not known, with the one that was perhaps meant."""
        close = get_close_matches(name, known, n=1)
        meant = f"did you mean `{close[0]}`? " if close else ""
        self.refuse(name, f"there is no {kind} `{name}`", f"{meant or remedy + '; '}there is: {', '.join(known)}")

    def listed(self, part: str) -> list | None:
        """Return a list of the file; None for `all`."""
        value = self.given.get(part, ALL)
        if isinstance(value, list):
            for twice in sorted({str(each) for each in value if value.count(each) > 1}):
                self.refuse(part, f"`{part}` names {twice} twice", "take one of them out")
            return value
        if value != ALL:
            self.refuse(part, f"`{part}` is {value!r}", f"write `{ALL}`, or a list, one entry a line, each after `- `")
        return None

    def languages(self, drafts: bool) -> list[Language]:
        """Return the languages, under the title of the course; drafts if they are named, or all are wanted."""
        known = {each.code: each for each in load_languages(self.root, drafts=True)}
        usual = [code for code, each in known.items() if drafts or not each.is_draft]
        codes = self.listed("languages")
        if codes == []:
            self.refuse("languages", "`languages` is empty", f"write `{ALL}`, or one of: {', '.join(known)}")
        for code in codes or ():
            if code not in known:
                self.unknown("language", code, list(known))
        chosen = [known[code] for code in codes or usual if code in known]
        title = self.given.get("title") or {}
        if isinstance(title, dict):
            for code in title:
                if code not in known:
                    self.unknown("language", code, list(known))
        titles = title if isinstance(title, dict) else dict.fromkeys(known, title)
        return [replace(each, title=titles.get(each.code, each.title)) for each in chosen]

    def chapters(self, languages: list[Language]) -> list[Chapter]:
        """Return the chapters, with their numbers and files."""
        codes = [each.code for each in languages]
        book = {each.code: shown_files(self.root, each) for each in languages}
        own = {code: own_pages(self.root, code) for code in codes}
        names = [name for name in contents(self.root) if name != INDEX]
        entries = self.listed("chapters")
        if entries is None:
            return [Chapter(name, number_of(name), files_of(name, book, codes)) for name in names]
        found = []
        for entry in entries:
            for name, only in entry.items() if isinstance(entry, dict) else [(entry, codes)]:
                if files := self.files(name, only, names, book, own):
                    found.append(Chapter(name, str(len(found) + 1), files))
        if not found and not self.problems:
            self.refuse("chapters", "`chapters` names none", f"write `{ALL}`, or some of: {', '.join(names)}")
        return found

    def files(self, name: str, only: list[str], names: list[str], book: dict, own: dict) -> dict[str, Path]:
        """Return the files of a chapter that the list names, by language; note what is wrong with it."""
        there = [code for code in own if name in own[code]]
        for code in only:
            if code not in book:
                what = f"chapter `{name}` is asked for in `{code}`, which is no language of this course"
                self.refuse(name, what, f"write some of: {', '.join(book)}")
        if name in (INDEX, *TAKEN) or not NAME.fullmatch(name):
            remedy = "use letters, digits, _ and -, and no name that the site needs itself"
            self.refuse(name, f"no chapter can be called `{name}`", remedy)
        elif name in names and there:
            path = own[there[0]][name].relative_to(self.root).as_posix()
            self.refuse(name, f"`{name}` is a chapter of the book, and {path} has the same name", "rename yours")
        elif name in names:
            return files_of(name, book, only)
        elif files := files_of(name, own, only):
            return files
        elif there:
            what = f"{OWN} has `{name}` only in: {', '.join(there)}"
            self.refuse(name, what, "write one of these, or put a page there")
        else:
            known = [*names, *dict.fromkeys(each for code in own for each in own[code] if each != INDEX)]
            example = f"{OWN}/{(only or [ENGLISH])[0]}/{name}.ipynb"
            self.unknown("chapter", name, known, f"put your own notebook at {example}, or take it out")
        return {}

    def address(self) -> str:
        """Return the address of the site, with a slash at its end."""
        given = self.given.get("address") or ""
        parts = urlsplit(given)
        if given and (parts.scheme not in ("http", "https") or not parts.netloc or parts.query or parts.fragment):
            self.refuse(
                "address", f"the address `{given}` is not one", "write it whole, such as https://example.org/vision"
            )
        return given.rstrip("/") + "/" if given else ""

    def logo(self) -> Path | None:
        """Return the file of the picture beside the title."""
        given = self.given.get("logo")
        if not given:
            return None
        path = self.root / given
        if path.suffix.lower() not in PICTURES:
            self.refuse("logo", f"the logo `{given}` is no picture", f"name a file that ends in: {', '.join(PICTURES)}")
        elif not path.is_file():
            self.refuse("logo", f"there is no file `{given}`", "put it there, or name it as seen from this folder")
        return path

    def explorers(self) -> frozenset[str]:
        """Return the names of the explorers that are shown."""
        known = sorted(explorer_names(self.root))
        names = self.listed("explorers")
        for name in names or ():
            if name not in known:
                self.unknown("explorer", name, known)
        return frozenset(known if names is None else names)


def files_of(name: str, found: dict[str, dict[str, Path]], codes: list[str]) -> dict[str, Path]:
    """Return the file of a page in each of some languages that have it."""
    return {code: found[code][name] for code in codes if name in found.get(code, {})}
