"""The figures that stand where an explorer cannot run are drawn by the package, and their numbers are its own."""

import base64
from pathlib import Path

import nbformat
import pytest

from tools.explorer_figures import FIGURES, drawn

CHAPTERS = Path(__file__).parents[2] / "chapters"


@pytest.mark.parametrize(("name", "cell_id"), FIGURES)
def test_the_figure_of_an_explorer_is_drawn_by_the_package(name, cell_id):
    expected = drawn(FIGURES[name, cell_id])
    for path in sorted(CHAPTERS.glob(f"*/{name}.ipynb")):
        (cell,) = (cell for cell in nbformat.read(path, as_version=4).cells if cell.id == cell_id)
        attached = base64.b64decode(cell.attachments[f"{cell_id}.png"]["image/png"])
        assert attached == expected, f"{path}: run `python -m tools.explorer_figures`, then `make sync`"


def test_every_explorer_has_a_figure_drawn_here():
    pages = [(path.stem, nbformat.read(path, as_version=4)) for path in sorted((CHAPTERS / "en").glob("*.ipynb"))]
    found = {(name, cell.id) for name, page in pages for cell in page.cells if "data-explorer=" in cell.source}
    assert found == set(FIGURES)
