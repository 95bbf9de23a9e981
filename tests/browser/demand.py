"""What becomes of the tests in a browser where there is none."""

import pytest

from tools.browser import missing, required


def demand_browser():
    """Skip a test if there is no browser, or fail it where CI demands one."""
    if lack := missing():
        (pytest.fail if required() else pytest.skip)(f"{lack}: see `make browser`")
