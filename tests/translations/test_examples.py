"""The examples in the docstrings of `book` are true."""

import doctest
import importlib

import pytest


@pytest.mark.parametrize("name", ["glossary", "pages", "rules", "sources", "sphinx_mathml", "sphinx_search"])
def test_examples(name):
    result = doctest.testmod(importlib.import_module(f"book.{name}"))
    assert result.attempted
    assert not result.failed
