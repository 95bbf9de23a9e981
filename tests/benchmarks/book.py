"""`make book` in a fresh clone of the last commit: with the installation, again, and after a change of one chapter.

The clone is local, pip's cache is not used, packages come over the network. The change is a comment at the end of the
first cell of one chapter in every language. The last two are each the shortest of three.
"""

import os
import subprocess
import tempfile
from collections.abc import Callable
from pathlib import Path

from book import pages, translations
from book.languages import load_languages
from tests.benchmarks.notebooks import ROOT, chapters
from tests.benchmarks.rows import Row
from tests.benchmarks.timing import clock

COLD, WARM, CHANGED = 180, 5, 15  # seconds
TIMES = 3


def measure(say: Callable[[str], None]) -> list[Row]:
    """Return three rows."""
    with tempfile.TemporaryDirectory() as folder:
        clone = Path(folder) / "clone"
        say("fresh clone, with the installation")

        def cold():
            run(["git", "clone", "--quiet", "--no-hardlinks", str(ROOT), str(clone)], ROOT)
            make_book(clone)

        rows = [Row("make book, fresh clone with installation", clock(cold), "s", at_most=COLD)]
        say("no change")
        seconds = min(clock(lambda: make_book(clone)) for _ in range(TIMES))
        rows.append(Row("make book, no change", seconds, "s", at_most=WARM))
        name, times = chapters(clone)[0], []
        for number in range(TIMES):
            say(f"one change, {number + 1} of {TIMES}")
            change(clone, name, number)
            times.append(clock(lambda: make_book(clone)))
        return [*rows, Row("make book, one chapter changed in every language", min(times), "s", at_most=CHANGED)]


def make_book(clone: Path) -> None:
    """Build the site of the clone."""
    run(["make", "book"], clone)


def change(clone: Path, name: str, number: int) -> None:
    """Change one cell of a chapter in every language; the translations stay accepted."""
    for language in (each.code for each in load_languages(clone)):  # English first, and no drafts
        path = pages.pages(clone, language)[name]
        page = pages.read(path)
        page.cells[0].source += f"\n\n<!-- changed {number} -->"
        pages.write(path, page)
        if language != pages.ENGLISH:
            translations.accept(clone, language, name, [page.cells[0].id])


def run(command: list[str], folder: Path) -> None:
    """Run a program without a word, as a reader with an empty cache would.

    Raises
    ------
    RuntimeError
        If it fails.
    """
    environment = {name: value for name, value in os.environ.items() if not name.startswith("MAKE")}
    done = subprocess.run(
        command,
        cwd=folder,
        env=environment | {"PIP_NO_CACHE_DIR": "1"},
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
    )
    if done.returncode:
        raise RuntimeError(f"{' '.join(command)} failed:\n{done.stdout[-2000:]}")
