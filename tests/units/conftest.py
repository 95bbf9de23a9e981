"""The units compute with the settings of the notebooks."""

from cnn_course.runtime import make_reproducible

make_reproducible()

import numpy as np  # noqa: E402
import pytest  # noqa: E402
from PIL import Image  # noqa: E402

from cnn_course import datasets  # noqa: E402


@pytest.fixture(scope="session")
def mnist():
    return datasets.load_mnist()


@pytest.fixture
def write_photos(tmp_path):
    """Give a function that writes photographs, so many of each animal in each part: cats are bright, dogs are dark."""

    def write(**counts):
        for part, count in counts.items():
            for name, low, high in (("cat", 100, 256), ("dog", 0, 150)):
                (tmp_path / part / f"{name}s").mkdir(parents=True)
                for number in range(count):
                    random = np.random.default_rng([count, low, number])
                    pixels = random.integers(low, high, (20, 24, 3), dtype=np.uint8)
                    Image.fromarray(pixels).save(tmp_path / part / f"{name}s" / f"{name}.{number}.png")
        return tmp_path

    return write
