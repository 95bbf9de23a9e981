"""The examples in the docstrings of `book` are true."""

import doctest
import importlib

import pytest


@pytest.mark.parametrize(
    "name",
    [
        "beside",
        "coverage",
        "drafts",
        "glossary",
        "grading",
        "languages",
        "lint",
        "pages",
        "rules",
        "sources",
        "sphinx_labels",
        "sphinx_mathml",
        "shared_files",
    ],
)
def test_examples(name):
    result = doctest.testmod(importlib.import_module(f"book.{name}"))
    assert result.attempted
    assert not result.failed
