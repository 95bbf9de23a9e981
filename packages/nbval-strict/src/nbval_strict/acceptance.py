"""Store new outputs in a notebook, and nothing else; no moment at which the file is half written."""

import json
import re
from pathlib import Path

import nbformat
from nbformat.v4.rwbase import split_lines

from nbval_strict import saving


class AcceptanceError(Exception):
    """The outputs could not be stored; the notebook is as it was."""


def accept(path: Path, index: int, source: str, outputs: list, count: int | None) -> None:
    """Store the new outputs of a cell in its notebook.

    Everything else in the file stays as it is, and the file is replaced as a whole.

    Parameters
    ----------
    path : Path
        The notebook, of nbformat 4.
    index : int
        The place of the cell among all cells.
    source : str
        The code that gave the outputs: the cell must still have it.
    outputs : list of NotebookNode
        The new outputs.
    count : int or None
        The number of the execution; a number that is stored already is kept.

    Raises
    ------
    AcceptanceError
        If the notebook was changed since it was read, or is of an older format.
    """
    text = path.read_text(encoding="utf-8")
    page = json.loads(text)
    if page.get("nbformat") != 4:
        raise AcceptanceError(f"{path} is of format {page.get('nbformat')}: convert it to 4 first")
    cell = page["cells"][index] if index < len(page["cells"]) else {}
    if cell.get("cell_type") != "code" or "".join(cell.get("source", "")) != source:
        raise AcceptanceError(f"{path} was changed while its code ran: nothing was stored; run this again")
    cell["execution_count"] = cell.get("execution_count") or count
    cell["outputs"] = stored_form(outputs, cell["execution_count"])
    saving.replace(path, json.dumps(page, ensure_ascii=False, indent=indent_of(text)) + "\n" * text.endswith("\n"))


def stored_form(outputs: list, count: int | None) -> list:
    """Return outputs as a file holds them: texts as lists of lines, results with the number of the execution."""
    holder = nbformat.v4.new_notebook(cells=[nbformat.v4.new_code_cell(outputs=nbformat.from_dict(outputs))])
    for output in holder.cells[0].outputs:
        if output.output_type == "execute_result":
            output.execution_count = count
    outputs = split_lines(holder).cells[0].outputs
    return json.loads(json.dumps(outputs, sort_keys=True))  # Jupyter sorts the keys, too


def indent_of(text: str) -> int | str | None:
    """Return how a JSON file is indented."""
    found = re.match(r"\s*\{\r?\n([ \t]+)", text)
    return found[1] if found else None
