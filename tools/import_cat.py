"""Make ``src/cnn_course/data/cat.png`` from the photograph ``skimage/data/chelsea.png`` in scikit-image's wheel.

``pip download --no-deps scikit-image==0.26.0``, then ``python tools/import_cat.py scikit_image-0.26.0-….whl``. It was
run once; the photograph never changes. Its license stands in the wheel, in the docstring of ``skimage.data.chelsea``:
"No copyright restrictions. CC0 by the photographer (Stefan van der Walt)."
"""

import hashlib
import io
import sys
import zipfile
from pathlib import Path

import numpy as np
from PIL import Image

TARGET = Path(__file__).parents[1] / "src" / "cnn_course" / "data" / "cat.png"
SOURCE, SHA256 = "skimage/data/chelsea.png", "596aa1e7cb875eb79f437e310381d26b338a81c2da23439704a73c4651e8c4bb"
WIDTH = 256


def main() -> None:
    """Read the wheel named on the command line and write the photograph, smaller and without its metadata."""
    if len(sys.argv) != 2:
        sys.exit("Usage: python tools/import_cat.py WHEEL_OF_SCIKIT_IMAGE")
    with zipfile.ZipFile(sys.argv[1]) as wheel:
        content = wheel.read(SOURCE)
    if hashlib.sha256(content).hexdigest() != SHA256:
        sys.exit(f"{SOURCE} is not the original photograph: its SHA-256 is not {SHA256}.")
    with Image.open(io.BytesIO(content)) as photograph:
        size = WIDTH, round(WIDTH * photograph.height / photograph.width)
        pixels = np.asarray(photograph.convert("RGB").resize(size, Image.Resampling.LANCZOS))
    Image.fromarray(pixels).save(TARGET, optimize=True)
    print(f"{TARGET.name}: {pixels.shape}, SHA-256 {hashlib.sha256(TARGET.read_bytes()).hexdigest()}")


if __name__ == "__main__":
    main()
