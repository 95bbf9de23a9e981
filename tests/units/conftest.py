"""The units compute with the settings of the notebooks."""

from cnn_course.runtime import make_reproducible

make_reproducible()

import pytest  # noqa: E402

from cnn_course import datasets  # noqa: E402


@pytest.fixture(scope="session")
def mnist():
    return datasets.load_mnist()
