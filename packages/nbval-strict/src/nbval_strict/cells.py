"""What a code cell must keep to, beside having the stored outputs."""

import re

from nbval_strict import tolerances
from nbval_strict.compare import Problem

REASON = re.compile(r"^[ \t]*#[ \t]*not checked:[ \t]*(\S.*)$", re.IGNORECASE | re.MULTILINE)


def name(cell, number: int) -> str:
    """Return the id of a cell, or its number among the code cells where it has none (before nbformat 4.5)."""
    return cell.get("id") or f"cell-{number}"


def ignored(options) -> str:
    """Say how nbval leaves a cell out by a tag or a comment, or return an empty string."""
    if options["skip"]:
        return "skipped"
    return "" if options["check"] else "run, but its output is ignored"


def reason(cell) -> str:
    """Return why a cell is ignored, from its line ``# Not checked: <the reason>``; empty if it has none."""
    found = REASON.search(cell.source)
    return found[1].strip() if found else ""


def never_run(cell) -> bool:
    """Tell whether the stored cell has never been run."""
    return cell.execution_count is None


def wrote_stderr(outputs) -> bool:
    """Tell whether an output is text on stderr."""
    return any(output.get("name") == "stderr" for output in outputs)


def stored_problems(cell, options) -> list[Problem]:
    """List what is wrong with a cell as it is stored, and how to mend it.

    Parameters
    ----------
    cell : NotebookNode
        The stored cell.
    options : mapping
        What nbval found in the cell's tags and comments.
    """
    problems = []
    if not cell.source.strip():
        problems.append(Problem("The cell is empty.\nRemove it."))
    elif never_run(cell) and not options["skip"]:
        text = "The cell was never run.\nRun the notebook from the top and store it with its outputs."
        problems.append(Problem(text, acceptable=True))
    if wrote_stderr(cell.outputs):
        text = "The stored output has text on stderr.\nMend what the code warns of, and run the cell again."
        problems.append(Problem(text, acceptable=True))
    if ignored(options) and not reason(cell):
        text = f"The cell is {ignored(options)}, and nothing says why.\nRemove the tag or the comment, or add the line"
        problems.append(Problem(f"{text}\n# Not checked: <the reason>"))
    return problems + [Problem(text) for text in tolerances.problems(cell)]


def new_problems(cell, outputs) -> list[Problem]:
    """List what is wrong with the outputs of a run, apart from their content.

    Parameters
    ----------
    cell : NotebookNode
        The stored cell.
    outputs : list of NotebookNode
        The outputs of the run.
    """
    problems = []
    if wrote_stderr(outputs):
        written = "".join(output.text for output in outputs if output.get("name") == "stderr")
        problems.append(Problem("The code writes to stderr.\nMend what it warns of:\n" + written.rstrip()))
    if outputs and not cell.outputs and not never_run(cell):
        text = "No output is stored, but the code has some now.\nRun the cell again and store it."
        problems.append(Problem(text, acceptable=True))
    if cell.outputs and not outputs:
        text = "Outputs are stored, but the code has none now.\nRun the cell again and store it."
        problems.append(Problem(text, acceptable=True))
    return problems
