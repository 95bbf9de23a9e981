"""The picture on the first page is an output of a notebook, as every other one is."""

import base64
from pathlib import Path

import nbformat

ROOT = Path(__file__).parents[2]
WELCOME = ROOT / "book/_static/welcome.png"
CHAPTER, CELL = ROOT / "chapters/en/01_image_properties.ipynb", "first-maps"


def test_the_picture_of_the_welcome_is_the_one_that_chapter_1_shows():
    (cell,) = (cell for cell in nbformat.read(CHAPTER, as_version=4).cells if cell.id == CELL)
    (output,) = cell.outputs
    shown = base64.b64decode(output.data["image/png"])
    assert WELCOME.read_bytes() == shown, f"save the picture of the cell {CELL} of {CHAPTER.name} as {WELCOME.name}"


def test_every_index_shows_it():
    for index in sorted((ROOT / "chapters").glob("*/index.md")):
        assert f"](_static/{WELCOME.name})" in index.read_text(encoding="utf-8"), index.parent.name
