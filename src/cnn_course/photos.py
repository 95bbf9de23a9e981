"""The reader's own photographs of cats and dogs, read from a folder once and kept on disk as small squares."""

import logging
import re
import stat
import sys
import tempfile
import unicodedata
import warnings
from collections.abc import Iterator
from contextlib import nullcontext
from dataclasses import dataclass
from pathlib import Path
from typing import BinaryIO, NamedTuple

import numpy as np
from PIL import Image, ImageOps, UnidentifiedImageError
from tqdm import tqdm

from cnn_course.messages import message
from cnn_course.quiet import silent_stderr

CLASSES = ("cat", "dog")  # in the order of their labels
FOLDER_NAME = re.compile(r"(cat|dog)s?", re.IGNORECASE)
FILE_NAME = re.compile(r"(cat|dog)s?(?![^\W\d_])", re.IGNORECASE)  # cat.0.jpg and Cat12.png, not category.png
FORMATS = ("JPEG", "PNG", "GIF", "WEBP", "BMP", "TIFF", "AVIF")  # no EPS: Pillow would start Ghostscript for it
REDUCING_GAP = 3.0  # shrink roughly to 3 times the wanted size, then filter; Pillow's documentation sees no difference

logging.getLogger("PIL").addHandler(logging.NullHandler())  # else Python prints Pillow's log to stderr


@dataclass(frozen=True)
class Report:
    """What became of the files in a folder of photographs.

    Attributes
    ----------
    used : dict of str to int
        How many pictures of each class, ``"cat"`` and ``"dog"``, were read.
    skipped : tuple of (Path, str)
        The files that were not used, relative to the folder, each with the reason.
    """

    used: dict[str, int]
    skipped: tuple[tuple[Path, str], ...]

    def __str__(self) -> str:
        """Write the counts in one line, then a line for each skipped file."""
        counts = ", ".join(f"{name}: {count:,}" for name, count in self.used.items())
        lines = [f"  {path.as_posix()!r}: {reason}" for path, reason in self.skipped]
        return "\n".join([f"{counts}, skipped: {len(lines):,}", *lines])


@dataclass(frozen=True)
class Photos:
    """Photographs with their labels. The pictures lie on disk, not in memory.

    Attributes
    ----------
    images : memmap of uint8, shape (N, image_size, image_size, 3)
        Read-only; the temporary file behind it has no name and is gone with the process.
    labels : ndarray of int64, shape (N,)
        0 for a cat, 1 for a dog; all cats come first.
    paths : tuple of Path
        The file of each picture.
    report : Report
        What was used and what was skipped.
    """

    images: np.memmap
    labels: np.ndarray
    paths: tuple[Path, ...]
    report: Report

    def __len__(self) -> int:
        """Return the number of pictures."""
        return len(self.labels)


def load_photos(directory: str | Path, image_size: int = 128) -> Photos:
    """Read photographs of cats and dogs from a folder.

    The folder holds either two folders, ``cats`` and ``dogs`` (or ``cat`` and ``dog``; folders inside them are read
    too), or files named like Kaggle's ``cat.0.jpg`` and ``dog.0.jpg``; upper and lower case are the same. The order is
    that of the names, cats first, with numbers in them counted: ``cat.2.jpg`` comes before ``cat.10.jpg``. Hidden
    files are ignored.

    A picture is turned upright as its EXIF data say, laid on white where it is transparent, and squashed to a square
    whatever its aspect ratio, as in the source notebook, so that all of it is kept; only the first frame of an
    animation counts. A file that cannot be read, is no picture, or has more pixels than
    ``PIL.Image.MAX_IMAGE_PIXELS`` is skipped, and named in the report.

    Parameters
    ----------
    directory : str or Path
    image_size : int, default 128
        Height and width of the squares.

    Returns
    -------
    Photos
        Of N readable pictures. Each takes ``3 * image_size**2`` bytes in Python's folder for temporary files, which
        the variable TMPDIR of the environment chooses.

    Raises
    ------
    FileNotFoundError
        If there is no such folder.
    ValueError
        If there is no readable picture of a cat, or none of a dog, or ``image_size`` is not positive.
    OSError
        If the temporary file does not fit on the disk.
    """
    directory = Path(directory).expanduser()
    if not directory.is_dir():
        layouts = message("photographs.layouts")
        raise FileNotFoundError(message("photographs.no-folder", folder=directory, layouts=layouts))
    files, others = _find(directory)
    images, paths, labels, unreadable = _read_all(files, image_size)
    skipped = tuple((path.relative_to(directory), reason) for path, reason in [*others, *unreadable])
    report = Report({name: labels.count(label) for label, name in enumerate(CLASSES)}, skipped)
    _require_all_classes(report, directory)
    return Photos(images, np.array(labels, np.int64), tuple(paths), report)


class Unlabeled(NamedTuple):
    """Photographs that nobody has named.

    Attributes
    ----------
    images : memmap of uint8, shape (N, image_size, image_size, 3)
    paths : tuple of Path
        The file of each picture.
    skipped : tuple of (Path, str)
        The files that were not used, each with the reason.
    """

    images: np.memmap
    paths: tuple[Path, ...]
    skipped: tuple[tuple[Path, str], ...]


def load_unlabeled(path: str | Path, image_size: int = 128) -> Unlabeled:
    """Read one photograph, or all of a folder and the folders in it, as `load_photos` reads them.

    Parameters
    ----------
    path : str or Path
    image_size : int, default 128
        Height and width of the squares.

    Returns
    -------
    Unlabeled

    Raises
    ------
    FileNotFoundError
        If there is nothing of that name.
    ValueError
        If nothing of it is a readable picture.
    """
    path = Path(path).expanduser()
    if not path.exists():
        raise FileNotFoundError(message("photographs.nowhere", path=path))
    files = sorted(_walk(path), key=_natural_order) if path.is_dir() else [path]
    images, paths, _, skipped = _read_all([(0, file) for file in files], image_size)
    if not paths:
        reasons = "".join(f" {name}: {reason}." for name, reason in skipped[:1])
        raise ValueError(message("photographs.unreadable", path=path, reasons=reasons))
    return Unlabeled(images, tuple(paths), tuple(skipped))


def is_labeled(directory: Path) -> bool:
    """Tell whether the names in a folder say of some photographs that they show a cat, and of others a dog."""
    return directory.is_dir() and {label for label, _ in _find(directory)[0]} == set(range(len(CLASSES)))


def _find(directory: Path) -> tuple[list[tuple[int, Path]], list[tuple[Path, str]]]:
    """Return the label and path of every file that may be a picture, in order, and what is neither cat nor dog."""
    files, others = [], []
    for entry in directory.iterdir():
        if _is_hidden(entry):
            continue
        is_folder = _is_folder(entry)
        match = FOLDER_NAME.fullmatch(entry.name) if is_folder else FILE_NAME.match(entry.name)
        if match:
            label = CLASSES.index(match[1].lower())
            files += [(label, path) for path in (_walk(entry) if is_folder else [entry])]
        else:
            others.append((entry, message(f"photographs.{'folder' if is_folder else 'file'}-name")))
    return (
        sorted(files, key=lambda file: (file[0], _natural_order(file[1].relative_to(directory)))),
        sorted(others, key=lambda other: _natural_order(other[0])),
    )


def _walk(folder: Path) -> Iterator[Path]:
    """Yield the files in a folder and the folders in it; what cannot be entered is yielded too, to be reported."""
    try:
        entries = list(folder.iterdir())
    except OSError:
        entries = []
        yield folder
    for entry in entries:
        if _is_hidden(entry):
            continue
        if _is_folder(entry) and not entry.is_symlink():  # a link may lead round in circles
            yield from _walk(entry)
        else:
            yield entry


def _is_folder(path: Path) -> bool:
    try:
        return path.is_dir()
    except OSError:  # its folder may be listed but not entered: reading the file will say so
        return False


def _is_hidden(path: Path) -> bool:
    return path.name.startswith(".")


def _natural_order(path: Path) -> tuple:
    """Sort numbers in names by their value, and the rest alike on file systems that store é in one or two parts."""
    name = unicodedata.normalize("NFC", path.as_posix())
    parts = re.split(r"(\d+)", name.casefold())
    return [int(part) if place % 2 else part for place, part in enumerate(parts)], name, path.as_posix()


def _read_all(
    files: list[tuple[int, Path]], image_size: int
) -> tuple[np.memmap, list[Path], list[int], list[tuple[Path, str]]]:
    """Return all readable pictures, on disk, with their paths and labels, and the other files with the reason."""
    if image_size < 1:
        raise ValueError(message("photographs.size", size=image_size))
    with tempfile.TemporaryFile() as store:
        paths, labels, unreadable = _store_all(files, image_size, store)
        # An empty file cannot be mapped.
        shape = len(paths), image_size, image_size, 3
        images = np.memmap(store, np.uint8, "r", shape=shape) if paths else np.empty(shape, np.uint8)
    return images, paths, labels, unreadable


def _store_all(
    files: list[tuple[int, Path]], image_size: int, store: BinaryIO
) -> tuple[list[Path], list[int], list[tuple[Path, str]]]:
    """Append each readable picture to ``store``; return their paths and labels, and the others with the reason."""
    paths, labels, unreadable = [], [], []
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")  # damaged EXIF data, for instance: the picture is good nevertheless
        warnings.simplefilter("error", Image.DecompressionBombWarning)
        for label, path in tqdm(files, "photographs", unit="file", leave=False, disable=not sys.stderr.isatty()):
            try:
                picture = _read(path, image_size)
            except Exception as error:  # Pillow raises almost anything on a damaged file: struct.error, SyntaxError …
                unreadable.append((path, _reason(path, error)))
            else:
                store.write(picture)
                paths.append(path)
                labels.append(label)
    store.flush()
    return paths, labels, unreadable


def _read(path: Path, image_size: int) -> bytes:
    """Return the ``3 * image_size**2`` bytes of a picture."""
    state = path.stat()
    if stat.S_ISDIR(state.st_mode):
        raise ValueError(message("photographs.closed"))
    if not stat.S_ISREG(state.st_mode):  # opening a pipe would wait for ever
        raise ValueError(message("photographs.no-file"))
    if state.st_size == 0:
        raise ValueError(message("photographs.empty"))
    with Image.open(path, formats=FORMATS) as image:
        image.draft(None, 2 * (round(REDUCING_GAP * image_size),))  # a JPEG can be decoded small
        with silent_stderr() if image.format == "TIFF" else nullcontext():
            image.load()
        upright = _as_rgb(_upright(image))
        return upright.resize(2 * (image_size,), Image.Resampling.BICUBIC, reducing_gap=REDUCING_GAP).tobytes()


def _as_rgb(image: Image.Image) -> Image.Image:
    """Turn a picture of any mode into 8-bit RGB."""
    if image.mode.startswith("I;16"):
        return Image.fromarray((np.asarray(image) >> 8).astype(np.uint8)).convert("RGB")  # Pillow would clip at 255
    if image.mode in ("I", "F"):
        raise ValueError(message("photographs.bits"))
    if image.has_transparency_data:
        image = image.convert("RGBA")
        image = Image.alpha_composite(Image.new("RGBA", image.size, "white"), image)
    return image.convert("RGB")


def _upright(image: Image.Image) -> Image.Image:
    """Turn a picture as its EXIF data say that the camera was held."""
    try:
        return ImageOps.exif_transpose(image)
    except Exception:  # damaged EXIF data: the picture is good nevertheless
        return image


def _reason(path: Path, error: Exception) -> str:
    """Say in one line why a file was skipped."""
    if isinstance(error, UnidentifiedImageError):
        if path.suffix.lower() in (".heic", ".heif"):
            return message("photographs.heic")
        return message("photographs.no-picture", formats=", ".join(FORMATS))
    if isinstance(error, Image.DecompressionBombError | Image.DecompressionBombWarning):
        return message("photographs.pixels", count=f"{Image.MAX_IMAGE_PIXELS:,}")
    reason = error.strerror if isinstance(error, OSError) and error.strerror else str(error)
    return " ".join(reason.split()) or type(error).__name__


def _require_all_classes(report: Report, directory: Path) -> None:
    missing = [name for name, count in report.used.items() if count == 0]
    if missing:
        path, reason = report.skipped[0] if report.skipped else (None, "")
        example = message("photographs.example", path=repr(path.as_posix()), reason=reason) if path else ""
        animals = missing[0] if len(missing) == 1 else message("photographs.either", one=missing[0], other=missing[1])
        counted, layouts = f"{len(report.skipped):,}", message("photographs.layouts")
        filled = {"animals": animals, "folder": directory, "count": counted, "example": example, "layouts": layouts}
        raise ValueError(message("photographs.missing", **filled))
