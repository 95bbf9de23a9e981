"""The function that the tiny notebooks draw with."""

import base64

import pytest

from tests.plugin.tiny import DRAW, result


@pytest.fixture(scope="session")
def draw():
    """The function that the notebooks draw with; returns the output that shows the picture."""
    names = {}
    exec(DRAW, names)

    def output(*arguments):
        data = base64.b64encode(names["draw"](*arguments).data).decode()
        return result("<IPython.core.display.Image object>", **{"image/png": data})

    return output
