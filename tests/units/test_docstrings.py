"""The examples in the docstrings run, and every function that a chapter calls has one."""

import ast
import doctest
import importlib
import inspect
import json
import pkgutil
from pathlib import Path

import pytest

import cnn_course

CHAPTERS = Path(__file__).parents[2] / "chapters" / "en"
MODULES = sorted(
    module.name
    for module in pkgutil.walk_packages(cnn_course.__path__, "cnn_course.")
    if not module.name.endswith("__main__")
)


def used_by_chapters():
    """Yield the name of each function or class of the package that the code cells of a chapter take from it."""
    for path in sorted(CHAPTERS.glob("*.ipynb")):
        cells = json.loads(path.read_text(encoding="utf-8"))["cells"]
        code = "\n".join("".join(cell["source"]) for cell in cells if cell["cell_type"] == "code")
        tree = ast.parse(code)
        modules = {}
        for node in ast.walk(tree):
            if isinstance(node, ast.ImportFrom) and (node.module or "").startswith("cnn_course"):
                for alias in node.names:
                    if node.module == "cnn_course":
                        modules[alias.asname or alias.name] = f"cnn_course.{alias.name}"
                    else:
                        yield node.module, alias.name
        for node in ast.walk(tree):
            if isinstance(node, ast.Attribute) and isinstance(node.value, ast.Name) and node.value.id in modules:
                yield modules[node.value.id], node.attr


@pytest.mark.parametrize("name", MODULES)
def test_examples_run(name):
    result = doctest.testmod(importlib.import_module(name), optionflags=doctest.NORMALIZE_WHITESPACE)
    assert result.failed == 0


@pytest.mark.parametrize(("module", "name"), sorted(set(used_by_chapters())))
def test_what_a_chapter_calls_has_an_example(module, name):
    found = getattr(importlib.import_module(module), name)
    if inspect.isfunction(found) or inspect.isclass(found):
        assert ">>> " in (found.__doc__ or ""), f"{module}.{name} needs an example in its docstring"
