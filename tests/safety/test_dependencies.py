"""What a package imports it declares in `pyproject.toml`, and does not find there by the grace of another package."""

import ast
import re
import sys
import tomllib
from importlib.metadata import packages_distributions
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]
PROJECT = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))
PLUGIN = tomllib.loads((ROOT / "packages/nbval-strict/pyproject.toml").read_text(encoding="utf-8"))
DECLARED = {
    "book": PROJECT["dependency-groups"]["book"],
    "src/cnn_course": PROJECT["project"]["dependencies"],
    "packages/nbval-strict/src": PLUGIN["project"]["dependencies"],
}
INSTALLED = packages_distributions()


def normal(name):
    """The one spelling of a distribution's name."""
    return re.sub(r"[-_.]+", "-", name).lower()


def names(requirements):
    """The distributions that requirements name."""
    return {normal(re.match(r"[\w.-]+", requirement)[0]) for requirement in requirements}


def imported(folder):
    """The packages that the modules in a folder import, wherever in them: neither Python's own nor the folder's."""
    found = set()
    for path in folder.rglob("*.py"):
        for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
            if isinstance(node, ast.Import):
                found |= {alias.name.partition(".")[0] for alias in node.names}
            elif isinstance(node, ast.ImportFrom) and node.level == 0:
                found.add(node.module.partition(".")[0])
    own = {folder.name, *(path.name for path in folder.iterdir() if path.is_dir())}
    return found - set(sys.stdlib_module_names) - own


def undeclared(folder, requirements):
    """List the imported packages that no distribution brings that is required by name."""
    required = names(requirements)
    brought_by = {package: set(map(normal, INSTALLED.get(package, ()))) for package in imported(folder)}
    return sorted(package for package, distributions in brought_by.items() if not distributions & required)


@pytest.mark.parametrize("folder", DECLARED)
def test_what_is_imported_is_declared(folder):
    assert undeclared(ROOT / folder, DECLARED[folder]) == []


# The rule itself ------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    "line", ["import yaml", "import os, yaml.nodes", "from yaml import nodes", "def f():\n    import yaml as y"]
)
def test_an_import_of_what_is_not_declared_is_found(tmp_path, line):
    (tmp_path / "deep").mkdir()
    (tmp_path / "deep" / "module.py").write_text(line + "\n", encoding="utf-8")
    assert undeclared(tmp_path, ["nbformat", "yaml"]) == ["yaml"]
    assert undeclared(tmp_path, ["PyYAML >= 6 ; python_version > '3.10'"]) == []


def test_what_is_not_installed_is_not_declared_either(tmp_path):
    (tmp_path / "module.py").write_text("import nowhere_to_be_found\n", encoding="utf-8")
    assert undeclared(tmp_path, ["nowhere_to_be_found"]) == ["nowhere_to_be_found"]


def test_the_own_modules_and_those_of_python_need_no_declaration(tmp_path):
    (tmp_path / "deep").mkdir()
    (tmp_path / "module.py").write_text(
        f"import json\nimport deep\nfrom . import yaml\nimport {tmp_path.name}\n", encoding="utf-8"
    )
    assert undeclared(tmp_path, []) == []
