"""The checks of this repository by name: what each looks at, and how it is asked what is wrong.

No check is written here. Where a check needs seconds to start, all its mutations are given to one start.
"""

import contextlib
import functools
import io
import re
import shutil
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from unittest import mock

from book import build, evidence, glossary, languages, lint, pages, rules, translations
from book.sources import BookError
from cnn_course import datasets
from tests.mutations import of_runs, unit_process
from tests.mutations.seeded import ROOT, Mutation, load, notebooks
from tests.plugin import tiny
from tests.site import checks, sample

SITE = ROOT / "book/_build/html"


# What is copied -----------------------------------------------------------------------------------------------------


def copy_pages(folder: Path) -> None:
    """Copy the chapters of all languages, and the glossary."""
    shutil.copytree(ROOT / "chapters", folder / "chapters")
    (folder / "book/explorers").mkdir(parents=True)
    for name in ("_toc.yml", "book/languages.yml", "book/glossary.yml", "book/explorers/texts.yml"):
        shutil.copy(ROOT / name, folder / name)


def copy_site(folder: Path) -> None:
    """Copy the site that `make book` left."""
    if not (SITE / "index.html").is_file():
        raise FileNotFoundError("there is no site to damage: run `make book` first")
    shutil.copytree(SITE, folder, dirs_exist_ok=True)


def copy_package(folder: Path) -> None:
    """Copy the package and its unit tests."""
    for name in ("src/cnn_course", "tests/units"):
        shutil.copytree(ROOT / name, folder / name, ignore=shutil.ignore_patterns("__pycache__"))
    for name in ("pyproject.toml", "tests/conftest.py"):
        shutil.copy(ROOT / name, folder / name)


def copy_explorers(folder: Path) -> None:
    """Copy the explorers with their tests in a browser, and what these import."""
    without = shutil.ignore_patterns("__pycache__", "_build")
    for name in ("src/cnn_course", "book", "tests/browser", "tools"):
        shutil.copytree(ROOT / name, folder / name, ignore=without)
    for name in ("pyproject.toml", "tests/conftest.py"):
        shutil.copy(ROOT / name, folder / name)


# How a check is asked -----------------------------------------------------------------------------------------------


def ask_notebook_rule(folder: Path, check: str) -> list[str]:
    """Ask one rule of book.rules, or that of the stored form, about every notebook."""
    name = check.partition(": ")[2]
    if name == "stored form":
        return [problem for path in notebooks(folder) for problem in rules.form_problems(path)]
    rule = getattr(rules, f"rule_{name}")
    return [line for path in notebooks(folder) for line in pages.described(path, list(rule(load(path))))]


def ask_glossary(folder: Path, check: str) -> list[str]:
    """Load the glossary as the build does."""
    try:
        return glossary.missing_terms(glossary.load_glossary(folder), languages.load_languages(folder))
    except BookError as error:
        return str(error).splitlines()


def ask_site_check(folder: Path, check: str) -> list[str]:
    """Ask one of the checks of the site; pages that are equal are parsed once."""
    with mock.patch.object(checks, "parse", lambda path: parse(path.read_text(encoding="utf-8"))):
        return getattr(checks, check.partition(": ")[2])(folder)


@functools.cache
def parse(html: str):
    """Parse a page, as `checks.parse` does."""
    return checks.BeautifulSoup(html, "html.parser")


def ask_build(folder: Path, check: str) -> list[str]:
    """Build the sample book, whose translations carry no records."""
    said = io.StringIO()
    with (
        mock.patch.object(build, "gate_problems", lambda root: []),
        contextlib.redirect_stderr(said),
        contextlib.redirect_stdout(io.StringIO()),
    ):
        built = build.build(folder)
    return [] if built else said.getvalue().splitlines()


def ask_dataset(folder: Path, check: str) -> list[str]:
    """Load MNIST from the copy."""
    with mock.patch.object(datasets, "MNIST_FILE", folder / "src/cnn_course/data/mnist.npz"):
        try:
            datasets.load_mnist()
        except (OSError, ValueError) as error:
            return [str(error)]
    return []


def ask_unit_tests(folder: Path, *tests: str) -> list[str]:
    """Run tests of the copy on what was copied, in a process of their own."""
    status, output = unit_process.run(folder, tests)
    failed = re.findall(r"^FAILED .*", output, re.MULTILINE)
    return failed or ([] if status == 0 else [output or f"the process ended with {status}"])


@dataclass(frozen=True)
class Catcher:
    """A check, or a family of checks.

    Attributes
    ----------
    copy : callable
        Writes what the check looks at into an empty folder.
    ask : callable
        Is given the folder and the name of the check, and returns what is wrong.
    """

    copy: Callable[[Path], None]
    ask: Callable[..., list[str]]


# By how the names of the checks begin.
CATCHERS = {
    "book.translations": Catcher(copy_pages, lambda folder, check: translations.check(folder)),
    "book.lint": Catcher(copy_pages, lambda folder, check: lint.check(folder)),
    "book.evidence": Catcher(copy_pages, lambda folder, check: evidence.check(folder)),
    "book.glossary": Catcher(copy_pages, ask_glossary),
    "book.build": Catcher(sample.write_book, ask_build),
    "book.rules": Catcher(copy_pages, ask_notebook_rule),
    "tests/notebooks": Catcher(copy_pages, ask_notebook_rule),
    "tests/site": Catcher(copy_site, ask_site_check),
    "tests/units": Catcher(copy_package, ask_unit_tests),
    "tests/browser": Catcher(copy_explorers, ask_unit_tests),
    "cnn_course.datasets": Catcher(copy_package, ask_dataset),
}


def catcher(check: str) -> Catcher:
    """Return who answers for a check."""
    return next(found for start, found in CATCHERS.items() if check.startswith(start))


def problems(mutation: Mutation, folder: Path) -> list[str]:
    """Make a copy in an empty folder, damage it, and return what the check says."""
    found = catcher(mutation.check)
    found.copy(folder)
    mutation.apply_to(folder)
    return found.ask(folder, mutation.check)


def problems_of_runs(mutations: list[Mutation], folder: Path) -> dict[str, list[str]]:
    """Return what `nbval_strict` says of each mutation, and under "original" what it says of the unmutated chapter."""
    for mutation in [None, *mutations]:
        name = slug(mutation.name) if mutation else "original"
        of_runs.copy_chapter(folder / "work" / name)
        if mutation:
            mutation.apply_to(folder / "work" / name)
        page = folder / "work" / name / "chapters/en" / of_runs.CHAPTER
        (folder / "runs" / name).mkdir(parents=True)
        shutil.move(page, folder / "runs" / name)  # siblings, so that the same code is run once
    done = tiny.run(folder / "runs")
    messages = {"original": [], **{mutation.name: [] for mutation in mutations}}
    if not done.count("passed"):
        raise RuntimeError(done.text)
    for name in messages:
        cells = [found for cell, found in done.cells.items() if cell.startswith(f"{slug(name)}/")]
        messages[name] += [message for outcome, message in cells if outcome in ("failure", "error")]
        if not cells:
            raise RuntimeError(f"{name!r} was not run:\n{done.text}")
    return messages


def slug(name: str) -> str:
    """Return the name of a folder."""
    return re.sub(r"\W+", "-", name)
