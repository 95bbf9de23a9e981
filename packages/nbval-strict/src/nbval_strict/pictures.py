"""Pictures of outputs: decoded, compared, and written out where they differ."""

import base64
import io
from itertools import zip_longest
from pathlib import Path

import numpy as np
from PIL import Image

KINDS = ("image/png", "image/jpeg")


def of_outputs(outputs) -> list[str]:
    """Return the pictures of a cell's outputs, in base64, in their order."""
    return [output["data"][kind] for output in outputs for kind in KINDS if kind in output.get("data", {})]


def pairs(stored, new) -> list[tuple[str | None, str | None]]:
    """Return the pictures of stored and of new outputs, side by side; None where one is missing."""
    return list(zip_longest(of_outputs(stored), of_outputs(new)))


def decode(encoded: str) -> np.ndarray:
    """Decode a picture in base64.

    Returns
    -------
    ndarray of uint8, shape (height, width, 4)
        Red, green, blue and opacity of each pixel.

    Raises
    ------
    ValueError
        If it is no picture, or a damaged one.
    """
    try:
        with Image.open(io.BytesIO(base64.b64decode(encoded))) as picture:
            return np.asarray(picture.convert("RGBA"))
    except (OSError, ValueError, SyntaxError) as error:
        raise ValueError(f"cannot be decoded: {error}") from error


def problem(stored: str | None, new: str | None, tolerance: float) -> str:
    """Say how a picture differs from the stored one, if there are both; empty if they agree."""
    if stored is None or new is None:
        return "is not stored" if stored is None else "is stored, but not drawn now"
    return "" if stored == new else compare(stored, new, tolerance)


def compare(expected: str, got: str, tolerance: float) -> str:
    """Say how a picture differs from the stored one.

    Parameters
    ----------
    expected, got : str
        The pictures in base64.
    tolerance : float
        Largest root of the mean squared difference, in levels of 0 to 255; at 0 every pixel must be equal.

    Returns
    -------
    str
        Empty if the pictures agree.
    """
    try:
        pixels, new_pixels = decode(expected), decode(got)
    except ValueError as error:
        return str(error)
    if pixels.shape != new_pixels.shape:
        (height, width), (new_height, new_width) = pixels.shape[:2], new_pixels.shape[:2]
        return f"is {new_width}x{new_height} pixels, the stored one {width}x{height}"
    distance = np.abs(pixels.astype(int) - new_pixels)
    level = np.sqrt(np.mean(distance**2))
    if level <= tolerance:
        return ""
    changed = np.count_nonzero(distance.any(axis=-1))
    return (
        f"differs in {changed:,} of {distance[..., 0].size:,} pixels,\n"
        f"by at most {distance.max()} levels; root mean square {level:.3g}, allowed {tolerance:g}"
    )


def difference(pixels: np.ndarray, new_pixels: np.ndarray) -> np.ndarray:
    """Draw where two pictures differ: black where they agree, white at the largest difference.

    What only one of them has, because they differ in size, counts as a difference.
    """
    shape = np.maximum(pixels.shape, new_pixels.shape)
    padded = np.full((2, *shape), -255)
    for canvas, picture in zip(padded, (pixels, new_pixels), strict=True):
        canvas[: picture.shape[0], : picture.shape[1]] = picture
    distance = np.abs(padded[0] - padded[1]).max(axis=-1)
    return (distance * 255 // max(distance.max(), 1)).astype(np.uint8)


def encoded_difference(expected: str, got: str) -> str:
    """Return the picture of the difference as PNG in base64; empty if one of the two cannot be decoded."""
    try:
        drawn = difference(decode(expected), decode(got))
    except ValueError:
        return ""
    file = io.BytesIO()
    Image.fromarray(drawn).save(file, format="png")
    return base64.b64encode(file.getvalue()).decode()


def write(folder: Path, number: int, expected: str | None, got: str | None) -> list[Path]:
    """Write a stored picture, the new one and their difference into a folder, as far as they can be decoded.

    Parameters
    ----------
    folder : Path
        Is made if it does not exist.
    number : int
        Which picture of the cell this is, from 1; it is part of the names from the second on.
    expected, got : str or None
        The pictures in base64; None if there is none.

    Returns
    -------
    list of Path
        The files that were written.
    """
    drawn = {}
    for name, encoded in {"expected": expected, "got": got}.items():
        try:
            drawn[name] = decode(encoded or "")
        except ValueError:
            continue
    if len(drawn) == 2:
        drawn["difference"] = difference(*drawn.values())
    folder.mkdir(parents=True, exist_ok=True)
    paths = names(folder, number)
    for name, pixels in drawn.items():
        Image.fromarray(pixels).save(paths[name])
    return [paths[name] for name in drawn]


def remove(folder: Path) -> None:
    """Remove what `write` wrote into a folder before."""
    for name in ("expected", "got", "difference"):
        for path in folder.glob(f"{name}*.png"):
            path.unlink()


def names(folder: Path, number: int) -> dict[str, Path]:
    """Return the paths of the expected picture, the new one and the difference."""
    suffix = "" if number == 1 else f"-{number}"
    return {name: folder / f"{name}{suffix}.png" for name in ("expected", "got", "difference")}
