"""A sample book, built once; and the site that `make book` left."""

from pathlib import Path

import pytest

from book import build
from tests.site import sample

ROOT = Path(__file__).parents[2]


@pytest.fixture(scope="session")
def site():
    folder = ROOT / "book/_build/html"
    if not (folder / "index.html").is_file():
        pytest.fail("there is no site to check: run `make book` first")
    return folder


@pytest.fixture(scope="session")
def book_root(tmp_path_factory):
    """A book that was built; tests that change it put it back."""
    root = tmp_path_factory.mktemp("book")
    sample.write_book(root)
    with pytest.MonkeyPatch.context() as patch:
        # The sample's translations carry no records; the gate has tests of its own.
        patch.setattr(build, "gate_problems", lambda root: [])
        assert build.build(root)
        yield root
