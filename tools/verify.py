"""Say whether this machine gives the book's bits: ``python -m tools.verify``, what ``make verify`` runs.

A network is trained for 50 steps, and all of its weights are compared with those that were recorded on the machine that
made the book; then a few cells of each chapter run, and what the last one prints is compared with what the book shows.
``--record`` writes the weights down anew; commands of `cnn_course.experiments` do the same for what takes hours.
"""

import argparse
import contextlib
import hashlib
import io
import json
import linecache
import math
import os
import re
import sys
import time
import warnings
from collections.abc import Iterator
from dataclasses import dataclass
from functools import partial
from pathlib import Path
from types import CodeType

from book.languages import load_languages
from book.pages import ENGLISH, ROOT, pages, read
from book.sources import run_command
from book.student import known_language
from book.texts import STUDENT, load_texts, text

RECORD = Path(__file__).with_suffix(".json")
STEPS, SEED = 50, 9000
# What runs of each chapter, some seconds long; what the last cell prints is compared.
CELLS = {
    "01_image_properties": ("setup", "scrambled", "correlation"),
    "02_convolution": ("setup", "by-hand-figure", "loops", "source", "size-check", "flip-impulse", "flip-gradient"),
    "03_pooling": ("setup", "by-hand", "digit", "shift-exact", "shift-test-code", "shift-test"),
    "04a_learning": ("setup", "digits", "answer", "loss-curve"),
    "04_lenet5": ("setup", "data", "drawing", "recipe", "penalty"),
    "05_deep_mnist": ("setup", "layers"),
    "06_cats_and_dogs": ("setup", "drawings", "twins"),
    "07_keras_channels": ("setup", "smiley", "weights", "table-source", "table", "equality"),
    "08_activation_maximization": ("setup", "network", "borders-code", "borders", "gradient"),
    "09_photographs": ("setup", "photos", "looks"),
}
NUMBER = re.compile(r"[-+]?\d[\d,]*\.?\d*(?:e[-+]?\d+)?")
CLOSE = 0.01  # of a number's size: what other processors change in the last digits, with room to spare
EQUAL, NEAR, OTHER = "equal", "near", "other"  # names of texts, too


@dataclass(frozen=True)
class Finding:
    """How something compares with the book: `EQUAL`, `NEAR` by a share of the largest number, or `OTHER`."""

    verdict: str
    gap: float = 0.0
    said: str = ""


def compare_texts(found: str, book: str) -> Finding:
    """Compare what a cell printed with what the book shows: words must be equal, numbers may be near.

    >>> compare_texts("loss 0.3001", "loss 0.3000").verdict, compare_texts("True", "False").verdict
    ('near', 'other')
    """
    if found == book:
        return Finding(EQUAL)
    if NUMBER.sub("#", found).split() != NUMBER.sub("#", book).split():
        return Finding(OTHER, said=found)
    return compare_numbers(*([float(each.replace(",", "")) for each in NUMBER.findall(each)] for each in (found, book)))


def compare_numbers(found: list[float], book: list[float]) -> Finding:
    """Compare numbers, relative to the largest of the book's."""
    if len(found) != len(book) or not all(map(math.isfinite, found)):
        return Finding(OTHER)
    gap = max((abs(one - other) for one, other in zip(found, book, strict=True)), default=0.0)
    gap /= max(map(abs, book), default=0.0) or 1.0
    return Finding(NEAR if gap <= CLOSE else OTHER, gap)


# The weights --------------------------------------------------------------------------------------------------------


def trained() -> dict[str, object]:
    """Train LeNet-5 for some steps; return the hash of all its weights, and those of its first layer."""
    from cnn_course.datasets import Split, load_mnist
    from cnn_course.models import lenet5
    from cnn_course.recipes import Recipe
    from cnn_course.training import fit

    digits, model = load_mnist(), lenet5(seed=SEED)
    parts = (Split(part.images[:1600], part.labels[:1600]) for part in (digits.train, digits.validation))
    fit(model, *parts, Recipe("adam", 1e-3, batch_size=32, steps=STEPS, seed=SEED), report=None)
    weights = model.get_weights()
    digest = hashlib.sha256(b"".join(each.astype("<f4").tobytes() for each in weights)).hexdigest()
    return {"sha256": digest, "conv1": [float(value) for each in weights[:2] for value in each.ravel()]}


def compare_weights(found: dict, book: dict) -> Finding:
    """Compare all weights by their hash, and, if that differs, the first layer number by number."""
    return Finding(EQUAL) if found["sha256"] == book["sha256"] else compare_numbers(found["conv1"], book["conv1"])


# The chapters -------------------------------------------------------------------------------------------------------


def compare_chapter(path: Path, names: tuple[str, ...]) -> Finding:
    """Run some cells of a chapter in this process, and compare what the last one prints."""
    cells = {cell.id: cell for cell in read(path).cells if cell.cell_type == "code"}
    state: dict[str, object] = {"__name__": "__main__"}
    printed = ""
    for name in names:
        output = io.StringIO()
        with contextlib.redirect_stdout(output):
            try:
                exec(compiled(cells[name].source, f"<{path.stem}: {name}>"), state)
            except Exception as error:  # whatever goes wrong here is what the reader wants to know
                return Finding(OTHER, said=f"{name}: {type(error).__name__}: {error}")
        printed = output.getvalue()
    book = "".join(output.text for output in cells[names[-1]].outputs if output.get("name") == "stdout")
    return compare_texts(printed, book)


def compiled(source: str, name: str) -> CodeType:
    """Compile a cell as a notebook does: its source can be shown and read, which TensorFlow does with functions."""
    linecache.cache[name] = len(source), None, source.splitlines(keepends=True), name
    return compile(source, name, "exec")


# What is said -------------------------------------------------------------------------------------------------------


def verify(root: Path, language: str) -> Iterator[tuple[Finding | None, str]]:
    """Yield each finding with a line that tells it, and the line of the whole at the end."""
    say = partial(text, load_texts(root, STUDENT), language, "verify")
    book = json.loads(RECORD.read_text(encoding="utf-8"))
    yield None, say("begin")
    checks = {say("weights", steps=STEPS): lambda: compare_weights(trained(), book)}
    for name, path in pages(root, ENGLISH).items():
        if name in CELLS:
            checks[name] = partial(compare_chapter, path, CELLS[name])
    findings = []
    for name, check in checks.items():
        found = check()
        findings.append(found)
        yield found, f"{name}: {say(found.verdict, gap=f'{found.gap:.1e}')}"
        if found.said:
            yield None, found.said.rstrip()
    worst = max((each.verdict for each in findings), key=(EQUAL, NEAR, OTHER).index)
    yield None, say(f"all-{worst}")


def main(arguments: list[str] | None = None, root: Path = ROOT) -> int:
    """Verify, or record, from the command line; return the exit status: 1 if something is different."""
    parser = argparse.ArgumentParser(prog="python -m tools.verify", description=__doc__.partition("\n")[0])
    parser.add_argument("--record", action="store_true", help="write the weights of this machine down as the book's")
    record = parser.parse_args(arguments).record
    os.environ["MPLBACKEND"] = "Agg"  # figures are drawn, and not shown
    from cnn_course.runtime import make_reproducible

    make_reproducible()
    warnings.simplefilter("ignore")  # that Agg shows nothing

    def run() -> int:
        if record:
            RECORD.write_text(json.dumps(trained(), indent=1) + "\n", encoding="utf-8")
            return 0
        start, worst = time.monotonic(), 0
        for finding, line in verify(root, known_language(root, load_languages(root)).code):
            print(f"[{time.monotonic() - start:3.0f} s] {line}" if finding else line, flush=True)
            worst |= bool(finding and finding.verdict == OTHER)
        return worst

    return run_command(run, kept="nothing was changed; run it again")


if __name__ == "__main__":
    sys.exit(main())
