"""What hand-ins are graded by: the checks of the exercises, as notebooks that nbgrader understands.

The check of an exercise stands in its cell, below the function that the student writes, and a student may have changed
it. So each gets a cell of its own, made from the page of the book: the rest of the cell, with `require`, which raises
an error, in the place of `check`.
"""

import ast
import re
from pathlib import Path

import nbformat.v4
from nbformat import NotebookNode

from book.edition import RECORD, has_check
from book.pages import normalize, parse_notebook
from book.sources import BookError, read_text

KERNEL = "course"  # the name of the kernel that runs hand-ins
CHECK, REQUIRE = "check", "require"  # of `cnn_course.notebook`
TEST = "test-"  # how the name of a test begins
SCHEMA = 3  # version of nbgrader's metadata


def source_of_test(source: str) -> str:
    r"""Return the cell of an exercise without the functions that it checks; it raises an error where they fail.

    What the functions write to stderr, warnings for instance, would count as failure, and is dropped.

    >>> print(source_of_test("def half(x):\n    return None\n\n\ncases = [((2,), 1)]\ncheck(half, cases)"))
    import contextlib, io
    with contextlib.redirect_stderr(io.StringIO()):
        from cnn_course.notebook import require
        cases = [((2,), 1)]
        require(half, cases)
    """
    tree = ast.parse(source)
    calls = [node for node in ast.walk(tree) if isinstance(node, ast.Call) and ast.unparse(node.func) == CHECK]
    asked = set().union(*(answers(call.args[0]) for call in calls))
    kept = [node for node in tree.body if not (isinstance(node, ast.FunctionDef) and node.name in asked)]
    lines = [f"from cnn_course.notebook import {REQUIRE}"]
    for node in kept:
        if not (isinstance(node, ast.ImportFrom) and node.module == "cnn_course.notebook"):
            lines += re.sub(rf"\b{CHECK}\(", f"{REQUIRE}(", ast.unparse(node)).splitlines()
    inside = "\n".join(f"    {line}" for line in lines)
    return f"import contextlib, io\nwith contextlib.redirect_stderr(io.StringIO()):\n{inside}"


def answers(checked: ast.expr) -> set[str]:
    """Return the names of the functions that are checked; one that wraps another is of the check.

    >>> sorted(answers(ast.parse("wrapped(half)", mode="eval").body))
    ['half']
    """
    every = list(ast.walk(checked))
    wrappers = {ast.unparse(node.func) for node in every if isinstance(node, ast.Call)}
    return {node.id for node in every if isinstance(node, ast.Name)} - wrappers


def exercises(page: NotebookNode) -> dict[str, str]:
    """Return the test of each exercise of a page that has a check, by the id of its cell."""
    cells = [cell for cell in page.cells if cell.cell_type == "code" and has_check(cell)]
    return {cell.id: source_of_test(cell.source) for cell in cells}


def gradable(notebook: NotebookNode, tests: dict[str, str]) -> NotebookNode:
    """Return a notebook with each test below the cell of its exercise, or at the end where a student deleted that.

    Only code is kept: nothing else is run.
    """
    waiting, cells = dict(tests), []
    for cell in notebook.cells:
        if cell.cell_type != "code":
            continue
        cells.append(nbformat.v4.new_code_cell(cell.source))
        if test := waiting.pop(cell.get("id"), None):
            cells.append(cell_of_test(cell.id, test))
    cells += [cell_of_test(name, test) for name, test in waiting.items()]
    made = nbformat.v4.new_notebook(cells=cells)
    made.metadata["kernelspec"] = {"name": KERNEL, "display_name": KERNEL, "language": "python"}
    return made


def cell_of_test(name: str, source: str) -> NotebookNode:
    """Return the cell of a test, worth one point; nbgrader puts it back where a student changed it."""
    marks = {"grade_id": f"{TEST}{name}", "grade": True, "points": 1, "locked": True, "solution": False, "task": False}
    return nbformat.v4.new_code_cell(source, metadata={"nbgrader": marks | {"schema_version": SCHEMA}})


def page_of(path: Path, known: list[str]) -> tuple[str, NotebookNode]:
    """Return the chapter that a hand-in is of, and the hand-in.

    Its name may have been changed; then it says itself which page it was made from.

    Raises
    ------
    BookError
        If it cannot be read, or is of no chapter.
    """
    notebook = parse_notebook(path, read_text(path))
    recorded = notebook.metadata.get(RECORD, {})
    recorded = recorded.get("page") if isinstance(recorded, dict) else None
    name = recorded if recorded in known else next((each for each in known if each in path.stem), None)
    if name is None:
        raise BookError(f"{path.name}: this is of no chapter of the course; put the name of one into its file name")
    return name, normalize(notebook)
