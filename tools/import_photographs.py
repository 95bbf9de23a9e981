"""Make the pictures to begin with in ``src/cnn_course/data``: two photographs from scikit-image's wheel, two drawings.

``pip download --no-deps scikit-image==0.26.0``, then ``python tools/import_photographs.py
scikit_image-0.26.0-….whl``. It was run once; the photographs never change. Their licenses stand in the wheel, in the
docstrings of ``skimage.data.chelsea`` and ``skimage.data.coffee``: "No copyright restrictions. CC0 by the photographer
(Stefan van der Walt)", and the same of Rachel Michetti.
"""

import hashlib
import io
import sys
import zipfile
from pathlib import Path

import numpy as np
from PIL import Image

from cnn_course.datasets import load_drawings

DATA = Path(__file__).parents[1] / "src" / "cnn_course" / "data"
SOURCES = {  # what it becomes: where it is in the wheel, and its SHA-256
    "cat.png": (
        "skimage/data/chelsea.png",
        "596aa1e7cb875eb79f437e310381d26b338a81c2da23439704a73c4651e8c4bb",
    ),
    "coffee.png": (
        "skimage/data/coffee.png",
        "cc02f8ca188b167c775a7101b5d767d1e71792cf762c33d6fa15a4599b5a8de7",
    ),
}
WIDTH = 256
DRAWN = {"drawn-cat.png": 0, "drawn-dog.png": 1}  # a drawing of each label


def main() -> None:
    """Read the wheel named on the command line and write the pictures, smaller and without metadata."""
    if len(sys.argv) != 2:
        sys.exit("Usage: python tools/import_photographs.py WHEEL_OF_SCIKIT_IMAGE")
    with zipfile.ZipFile(sys.argv[1]) as wheel:
        for name, (source, sha256) in SOURCES.items():
            save(name, reduced(wheel.read(source), source, sha256))
    drawings = load_drawings(8, image_size=WIDTH // 2)
    for name, label in DRAWN.items():
        save(name, drawings.images[drawings.labels.tolist().index(label)])


def reduced(content: bytes, source: str, sha256: str) -> np.ndarray:
    """Return the pixels of a photograph, `WIDTH` of them in a row."""
    if hashlib.sha256(content).hexdigest() != sha256:
        sys.exit(f"{source} is not the original photograph: its SHA-256 is not {sha256}.")
    with Image.open(io.BytesIO(content)) as photograph:
        size = WIDTH, round(WIDTH * photograph.height / photograph.width)
        return np.asarray(photograph.convert("RGB").resize(size, Image.Resampling.LANCZOS))


def save(name: str, pixels: np.ndarray) -> None:
    """Write a picture and tell its SHA-256."""
    Image.fromarray(pixels).save(DATA / name, optimize=True)
    print(f"{name}: {pixels.shape}, SHA-256 {hashlib.sha256((DATA / name).read_bytes()).hexdigest()}")


if __name__ == "__main__":
    main()
