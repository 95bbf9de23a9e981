"""Weights and pictures that ship with the package, as scripts for the explorers: a page at file:// loads nothing else.

Nothing here needs NumPy, which the environment of the site does not have.
"""

import ast
import base64
import hashlib
import json
import math
import zipfile
import zlib
from functools import cache
from pathlib import Path

from book.sources import BookError, place

DATA = Path("src/cnn_course/data")
# File, record and run of each network. LeNet-5: the one that is shown, and what it was before training.
NETWORKS = {
    "lenet5-trained": ("lenet5-1.npz", "lenet5-weights", "seed 1"),
    "lenet5-untrained": ("lenet5-1-untrained.npz", "lenet5-weights", "seed 1, untrained"),
    "smiley-channels": ("smiley-channels.npz", "smiley-weights", "seed 34, untrained"),
}
# Places in the test set, from 0 to 9: the first of each digit, and one of each that the trained network misreads. And
# where each pixel of a scrambled digit comes from: what `cnn_course.invariance.scramble` makes of range(784).
CHOSEN = Path("book/explorers/digits.json")
PIXELS = 28 * 28
# What "Watch it learn" learns from, and what it is scored on: the first of the course's training and validation parts.
LEARNED, SCORED = slice(5000, 13000), slice(0, 1000)  # in MNIST's own training part
PROGRAMS = ("learning-simd", "learning-plain")  # made by tools/compiler.py


def network_scripts(root: Path, explorer: str) -> dict[str, bytes]:
    """Return the scripts with weights and pictures for an explorer, by the names of their files.

    Raises
    ------
    BookError
        If a file of the package is missing, damaged, or not the one whose SHA-256 was recorded.
    """
    if explorer == "channels":
        return {"smiley-channels.js": weights_script(root, "smiley-channels"), "smiley.js": smiley_script(root)}
    if explorer == "learning":
        programs = {f"{name}.js": program_script(root, name) for name in PROGRAMS}
        return programs | {"learning-digits.js": learning_script(root)}
    scripts = {f"{name}.js": weights_script(root, name) for name in ("lenet5-trained", "lenet5-untrained")}
    return scripts | {"digits.js": digits_script(root)}


def weights_script(root: Path, name: str) -> bytes:
    """Return the script that holds a network: names, shapes, the SHA-256 that was recorded, and the numbers."""
    file, recorded, run = NETWORKS[name]
    arrays = read_npz(root / DATA / "weights" / file)
    record = json.loads((root / DATA / f"records/{recorded}.json").read_text("utf-8"))["runs"][run]
    content = b"".join(numbers for _, _, numbers in arrays.values())
    if hashlib.sha256(content).hexdigest() != record["sha256"]:
        raise BookError(f"{place(root / DATA / 'weights' / file)}: its numbers are not those that were recorded.")
    shapes = [
        [key.partition("/")[2], list(shape)] for key, (shape, _, _) in arrays.items()
    ]  # without the network's name
    return script(name, content, arrays=shapes)


def smiley_script(root: Path) -> bytes:
    """Return the script that holds the smiley: a byte for each pixel, 1 for white and 0 for black."""
    rows = (root / DATA / "smiley.txt").read_text("utf-8").split()
    return script("smiley", bytes(int(pixel) for row in rows for pixel in row), side=len(rows))


def digits_script(root: Path) -> bytes:
    """Return the script that holds some test digits: places in the test set, labels, and a byte for each pixel."""
    arrays = read_npz(root / DATA / "mnist.npz", ("test_images", "test_labels"))
    (_, _, pixels), (_, _, labels) = arrays["test_images"], arrays["test_labels"]
    chosen = json.loads((root / CHOSEN).read_text("utf-8"))
    places = [*chosen["first"], *chosen["misread"]]
    content = b"".join(pixels[PIXELS * index : PIXELS * (index + 1)] for index in places)
    return script("digits", content, places=places, labels=[labels[index] for index in places], order=chosen["order"])


@cache  # a build asks twice, and this takes a second
def learning_script(root: Path) -> bytes:
    """Return the script that holds the digits to learn from and to be scored on: all pixels, then all labels, packed.

    The SHA-256 is that of the packed bytes, which a browser unpacks itself.
    """
    arrays = read_npz(root / DATA / "mnist.npz", ("train_images", "train_labels"))
    (_, _, pixels), (_, _, labels) = arrays["train_images"], arrays["train_labels"]
    parts = [pixels[PIXELS * part.start : PIXELS * part.stop] for part in (LEARNED, SCORED)]
    parts += [labels[part] for part in (LEARNED, SCORED)]
    order = json.loads((root / CHOSEN).read_text("utf-8"))["order"]
    return script("learning-digits", zlib.compress(b"".join(parts), 9), order=order)


def program_script(root: Path, name: str) -> bytes:
    """Return the script that holds a WebAssembly file."""
    path = root / "book/explorers" / f"{name}.wasm"
    try:
        return script(name, path.read_bytes())
    except OSError as error:
        raise BookError(f"{place(path)}: cannot be read ({error}). Make it: python -m tools.compiler") from error


def script(name: str, content: bytes, **about) -> bytes:
    """Return a script that puts bytes, their SHA-256 and what else is to be known about them into ``cnn.data``."""
    about |= {"sha256": hashlib.sha256(content).hexdigest(), "base64": base64.b64encode(content).decode()}
    values = json.dumps(about, separators=(",", ":"))
    return f"var cnn = cnn || {{}};\n(cnn.data = cnn.data || {{}})[{json.dumps(name)}] = {values};\n".encode()


def read_npz(path: Path, names: tuple[str, ...] = ()) -> dict[str, tuple[tuple[int, ...], str, bytes]]:
    """Return shape, dtype and bytes of the arrays that NumPy wrote into a file, or of some of them, in their order."""
    try:
        with zipfile.ZipFile(path) as archive:
            found = [name.removesuffix(".npy") for name in archive.namelist()]
            return {name: read_npy(archive.read(f"{name}.npy")) for name in names or found}
    except (OSError, KeyError, ValueError, zipfile.BadZipFile) as error:
        raise BookError(f"{place(path)}: cannot be read ({error}). In a clone: git checkout -- {DATA}") from error


def read_npy(content: bytes) -> tuple[tuple[int, ...], str, bytes]:
    """Return shape, dtype and bytes of one array in NumPy's format: a header, which is a dict of Python, and the bytes.

    Raises
    ------
    ValueError
        If it is something else.
    """
    if content[:8] != b"\x93NUMPY\x01\x00":
        raise ValueError("not an array that NumPy wrote")
    end = 10 + int.from_bytes(content[8:10], "little")
    header, values = ast.literal_eval(content[10:end].decode("latin-1")), content[end:]
    shape, dtype = header["shape"], header["descr"]
    if header["fortran_order"] or len(values) != math.prod(shape) * int(dtype[2:]):
        raise ValueError("an array in another order, or cut off")
    return shape, dtype, values
