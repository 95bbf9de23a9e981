"""Weights and pictures that ship with the package, as scripts for the explorers: a page at file:// loads nothing else.

Nothing here needs NumPy, which the environment of the site does not have.
"""

import ast
import base64
import hashlib
import json
import math
import struct
import zipfile
import zlib
from functools import cache
from itertools import cycle
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
KINDS = ("simd", "plain")  # of the programs that tools/compiler.py makes
# The photo network: its convolutions in the order of its plan, as `cnn_course.models.photo_net` builds it.
PHOTO_NET = ("photo_net.npz", "cats-dogs-photos", "one size, seed 9000")
PHOTO_CONVOLUTIONS = (
    *("stem", "block1_conv1", "block1_conv2", "block2_conv1", "block2_conv2", "block2_widen"),
    *("block3_conv1", "block3_conv2", "block3_widen", "block4_conv1", "block4_conv2", "block4_widen"),
)
EPSILON = 0.001  # what Keras adds to a variance before it takes the root
CALIBRATION = ("cats-dogs-calibration", "validation")  # what the network's probabilities are worth: record and run
# Pictures to begin with: their credits are in the README of the package's data.
SAMPLES = {"chelsea": "cat.png", "drawn-cat": "drawn-cat.png", "drawn-dog": "drawn-dog.png", "coffee": "coffee.png"}


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
        return program_scripts(root, explorer) | {"learning-digits.js": learning_script(root)}
    if explorer == "photograph":
        data = {"photograph-network.js": photo_script(root), "photograph-samples.js": samples_script(root)}
        return program_scripts(root, explorer) | data
    scripts = {f"{name}.js": weights_script(root, name) for name in ("lenet5-trained", "lenet5-untrained")}
    return scripts | {"digits.js": digits_script(root)}


def weights_script(root: Path, name: str) -> bytes:
    """Return the script that holds a network: names, shapes, the SHA-256 that was recorded, and the numbers."""
    arrays = recorded_arrays(root, *NETWORKS[name])
    content = b"".join(numbers for _, _, numbers in arrays.values())
    shapes = [
        [key.partition("/")[2], list(shape)] for key, (shape, _, _) in arrays.items()
    ]  # without the network's name
    return script(name, content, arrays=shapes)


def recorded_arrays(root: Path, file: str, record: str, run: str) -> dict[str, tuple[tuple[int, ...], str, bytes]]:
    """Return the weights in a file of the package, if their SHA-256 is the one that a run has recorded."""
    path = root / DATA / "weights" / file
    arrays = read_npz(path)
    sha256 = hashlib.sha256(b"".join(numbers for _, _, numbers in arrays.values())).hexdigest()
    if sha256 != recorded_run(root, record, run)["sha256"]:
        raise BookError(f"{place(path)}: its numbers are not those that were recorded.")
    return arrays


def recorded_run(root: Path, record: str, run: str) -> dict:
    """Return what a run has recorded."""
    return json.loads((root / DATA / f"records/{record}.json").read_text("utf-8"))["runs"][run]


@cache  # a build asks twice, and this takes half a second
def photo_script(root: Path) -> bytes:
    """Return the script that holds the photo network, and what its probabilities are worth.

    Each convolution and the normalization behind it are made one, its kernel before its biases; the dense layer comes
    last. Numbers have 16 bits.
    """
    arrays = recorded_arrays(root, *PHOTO_NET)
    weights = {name: struct.unpack(f"<{math.prod(shape)}f", raw) for name, (shape, _, raw) in arrays.items()}
    numbers = [number for name in PHOTO_CONVOLUTIONS for number in folded(weights, name)]
    numbers += weights["logits/kernel"] + weights["logits/bias"]
    worth = recorded_run(root, *CALIBRATION)
    if worth["sha256"] != recorded_run(root, *PHOTO_NET[1:])["sha256"]:
        name = CALIBRATION[0]
        raise BookError(f"{name}: of another network. Make it anew: python -m cnn_course.experiments {name} --again")
    return script("photograph-network", struct.pack(f"<{len(numbers)}e", *numbers), worth=worth)


def folded(weights: dict[str, tuple[float, ...]], name: str) -> list[float]:
    """Return kernel and biases of one convolution that does what a convolution and its normalization do.

    After training a normalization computes (x - mean) / sqrt(variance + epsilon) * gamma + beta, with fixed numbers for
    each map.
    """
    keys = ("gamma", "beta", "moving_mean", "moving_variance")
    gammas, betas, means, variances = (weights[f"{name}_norm/{key}"] for key in keys)
    factors = [gamma / math.sqrt(variance + EPSILON) for gamma, variance in zip(gammas, variances, strict=True)]
    kernel = [weight * factor for weight, factor in zip(weights[f"{name}/kernel"], cycle(factors), strict=False)]
    return kernel + [beta - mean * factor for beta, mean, factor in zip(betas, means, factors, strict=True)]


def samples_script(root: Path) -> bytes:
    """Return the script that holds the pictures to begin with: their files, one behind the other."""
    files = {name: read_file(root / DATA / file) for name, file in SAMPLES.items()}
    sizes = {name: len(content) for name, content in files.items()}
    return script("photograph-samples", b"".join(files.values()), sizes=sizes, files=SAMPLES)


def read_file(path: Path) -> bytes:
    """Return the content of a file of the package."""
    try:
        return path.read_bytes()
    except OSError as error:
        raise BookError(f"{place(path)}: cannot be read ({error}). In a clone: git checkout -- {DATA}") from error


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


def program_scripts(root: Path, explorer: str) -> dict[str, bytes]:
    """Return the scripts that hold the WebAssembly files of an explorer."""
    return {f"{explorer}-{kind}.js": program_script(root, f"{explorer}-{kind}") for kind in KINDS}


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
