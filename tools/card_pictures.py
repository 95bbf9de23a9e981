"""Make the pictures of the cards on the first page from the chapters' own figures: `book/_static/cards/NAME.png`.

``.venv/bin/python -m tools.card_pictures``. The tests make them anew and compare.
"""

import base64
import io
from pathlib import Path

from PIL import Image, ImageChops

from book.pages import contents, pages, read
from book.reading_files import number_of

ROOT = Path(__file__).parents[1]
CARDS = ROOT / "book" / "_static" / "cards"
SIZE = (360, 216)
COLORS = 32
# Which figure, by the id of its cell; of a chapter that is not here, the first.
FIGURES = {
    "01_image_properties": "scrambled",
    "02_convolution": "color-filters",
    "03_pooling": "digit",
    "04a_learning": "frames",
    "04_lenet5": "maps-first",
    "05_deep_mnist": "mosaic-digits",
    "06_cats_and_dogs": "drawings",
    "07_keras_channels": "smiley",
    "08_activation_maximization": "final",
    "09_photographs": "chelsea",
}


def figure(name: str) -> Image.Image:
    """Return the figure of a chapter that stands for it.

    Raises
    ------
    LookupError
        If the chapter has no such figure.
    """
    cells = [cell for cell in read(pages(ROOT, "en")[name]).cells if cell.cell_type == "code"]
    for cell in cells:
        for output in cell.outputs:
            if "image/png" in output.get("data", {}) and FIGURES.get(name, cell.id) == cell.id:
                return Image.open(io.BytesIO(base64.b64decode(output.data["image/png"]))).convert("RGB")
    raise LookupError(f"{name} has no figure {FIGURES.get(name, '')}; name another in tools/card_pictures.py")


def card(picture: Image.Image) -> Image.Image:
    """Return the middle of a figure, without its white margin, in the shape of a card."""
    ground = Image.new("RGB", picture.size, "white")
    picture = picture.crop(ImageChops.difference(picture, ground).getbbox())
    width, height = picture.size
    scale = max(SIZE[0] / width, SIZE[1] / height)
    picture = picture.resize((max(SIZE[0], round(width * scale)), max(SIZE[1], round(height * scale))))
    left, top = (picture.width - SIZE[0]) // 2, (picture.height - SIZE[1]) // 2
    return picture.crop((left, top, left + SIZE[0], top + SIZE[1])).quantize(COLORS)


def names() -> list[str]:
    """Return the chapters, as the table of contents lists them."""
    return [name for name in contents(ROOT) if number_of(name)]


def main() -> None:
    """Write the pictures of all chapters, and take away those of others."""
    CARDS.mkdir(exist_ok=True)
    for path in CARDS.glob("*.png"):
        path.unlink()
    for name in names():
        card(figure(name)).save(CARDS / f"{name}.png", optimize=True)


if __name__ == "__main__":
    main()
