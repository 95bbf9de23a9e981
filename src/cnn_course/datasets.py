"""The pictures of the course. MNIST ships inside the package, so nothing is ever downloaded."""

import sys
from dataclasses import dataclass

import numpy as np
from PIL import Image
from tqdm import trange

from cnn_course import shipped
from cnn_course.arrays import as_floats
from cnn_course.drawings import draw
from cnn_course.photos import load_photos as load_photos  # public here: datasets.load_photos

MNIST_FILE = shipped.DATA / "mnist.npz"
MNIST_SHA256 = "39b9b1ffaa0ba4d8995a616551f0966941fe02a3fe79ba4a9db7373db16d53ad"
VALIDATION_SIZE = 5_000
SMALLEST_DRAWING = 16  # rows; below, an ear is a pixel or two
SMILEY_FILE = shipped.DATA / "smiley.txt"
SMILEY_SHA256 = "98d5b11fb7bf5858e777c018b34c73439a4197776c890bc62bee3336c34d5224"
CAT_FILE = shipped.DATA / "cat.png"
CAT_SHA256 = "e5a21f112a107f34672a4b8167c7f86dab03c937990fde0c18708426735768b2"


@dataclass(frozen=True)
class Split:
    """Pictures and their labels.

    Attributes
    ----------
    images : ndarray of float32, shape (N, height, width, channels)
        Values in [0, 1].
    labels : ndarray of int64, shape (N,)

    Examples
    --------
    >>> split = Split(np.zeros((2, 28, 28, 1), np.float32), np.array([7, 2]))
    >>> len(split)
    2
    """

    images: np.ndarray
    labels: np.ndarray

    def __len__(self) -> int:
        """Return the number of pictures."""
        return len(self.labels)


@dataclass(frozen=True)
class Drawings(Split):
    """Drawn cats and dogs, and where their ears are.

    Attributes
    ----------
    images : ndarray of uint8, shape (N, size, size, 3)
    labels : ndarray of int64, shape (N,)
        0 for a cat, 1 for a dog.
    ears : ndarray of bool, shape (N, size, size)
        The pixels that show an ear; where something is in front of it, they do not.
    """

    ears: np.ndarray


@dataclass(frozen=True)
class Dataset:
    """A data set in three parts: to learn from, to choose by, and to report on once."""

    train: Split
    validation: Split
    test: Split


def load_mnist() -> Dataset:
    """Load the MNIST handwritten digits.

    Returns
    -------
    Dataset
        55,000 training, 5,000 validation and 10,000 test digits of shape (28, 28, 1), float32 in [0, 1], with labels
        0 to 9. The validation part is the first 5,000 of the original 60,000 training digits.

    Raises
    ------
    FileNotFoundError
        If the data file is missing from the installed package.
    ValueError
        If the data file is damaged.

    References
    ----------
    Y. LeCun, C. Cortes and C. J. C. Burges, "The MNIST database of handwritten digits", 1998 (CC BY-SA 3.0).

    Examples
    --------
    >>> digits = load_mnist()
    >>> len(digits.train), len(digits.validation), len(digits.test)
    (55000, 5000, 10000)
    >>> digits.test.images.shape, digits.test.labels[:5]
    ((10000, 28, 28, 1), array([7, 2, 1, 0, 4]))
    """
    with np.load(shipped.read(MNIST_FILE, MNIST_SHA256), allow_pickle=False) as archive:
        train_images, test_images = (
            as_floats(archive[key][..., np.newaxis]) for key in ("train_images", "test_images")
        )
        train_labels, test_labels = (archive[key].astype(np.int64) for key in ("train_labels", "test_labels"))
    return Dataset(
        train=Split(train_images[VALIDATION_SIZE:], train_labels[VALIDATION_SIZE:]),
        validation=Split(train_images[:VALIDATION_SIZE], train_labels[:VALIDATION_SIZE]),
        test=Split(test_images, test_labels),
    )


def load_smiley() -> np.ndarray:
    """Load the smiley: 25 by 25 pixels, 431 of them white (one) and 194 black (zero).

    Returns
    -------
    ndarray of float32, shape (25, 25, 1)

    Raises
    ------
    FileNotFoundError
        If the data file is missing from the installed package.
    ValueError
        If the data file is damaged.

    Examples
    --------
    >>> load_smiley().shape
    (25, 25, 1)
    """
    rows = shipped.read(SMILEY_FILE, SMILEY_SHA256).read().decode("ascii").split()
    return np.array([[[pixel] for pixel in row] for row in rows], np.float32)


def load_cat() -> np.ndarray:
    """Load a photograph of a cat's face, in color.

    Returns
    -------
    ndarray of float32, shape (170, 256, 3)
        Red, green and blue in [0, 1].

    Raises
    ------
    FileNotFoundError
        If the data file is missing from the installed package.
    ValueError
        If the data file is damaged.

    References
    ----------
    S. van der Walt, "Chelsea the cat" (CC0), from scikit-image, reduced by ``tools/import_cat.py``.

    Examples
    --------
    >>> cat = load_cat()
    >>> cat.shape
    (170, 256, 3)
    >>> red, green, blue = cat.mean(axis=(0, 1))
    >>> bool(red > green > blue)
    True
    """
    with Image.open(shipped.read(CAT_FILE, CAT_SHA256)) as photograph:
        return as_floats(np.asarray(photograph))


def load_drawings(count: int, image_size: int = 64, seed: int = 0) -> Drawings:
    """Draw cats with pointed ears and dogs with hanging ears; nothing is downloaded.

    Coat, pose, light, background and what is in the way do not depend on the animal. Each picture throws the dice for
    its own label, so that about half of them are cats. Picture ``i`` depends on ``seed`` and ``i`` only, not on
    ``count``; a larger ``image_size`` shows the same scene in more detail, apart from the grain.

    Parameters
    ----------
    count : int
        How many pictures, at least 1.
    image_size : int, default 64
        Rows and columns, at least 16.
    seed : int, default 0
        Not negative. Other seeds give other pictures: take one for training and another for validation.

    Returns
    -------
    Drawings

    Raises
    ------
    ValueError
        If the count, the size or the seed is too small.

    Examples
    --------
    >>> drawings = load_drawings(4, image_size=32)
    >>> drawings.images.shape, drawings.ears.shape, len(drawings.labels)
    ((4, 32, 32, 3), (4, 32, 32), 4)
    """
    for name, value, least in (("count", count, 1), ("image_size", image_size, SMALLEST_DRAWING), ("seed", seed, 0)):
        if value < least:
            raise ValueError(f"{name} must be at least {least}, got {value}.")
    images = np.empty((count, image_size, image_size, 3), np.uint8)
    ears = np.empty((count, image_size, image_size), bool)
    labels = np.empty(count, np.int64)
    for number in trange(count, desc="drawing", unit="picture", leave=False, disable=not sys.stderr.isatty()):
        images[number], ears[number], labels[number] = draw(seed, number, image_size)
    return Drawings(images, labels, ears)


def choose_evenly(labels, count: int, seed: int) -> np.ndarray:
    """Draw some pictures at random, as many of each class.

    Parameters
    ----------
    labels : array_like of int, shape (N,)
    count : int
        A multiple of the number of classes.
    seed : int
        Other seeds give other pictures.

    Returns
    -------
    ndarray of int64, shape (count,)
        Places in ``labels``, none twice.

    Raises
    ------
    ValueError
        If the count cannot be shared out evenly, or a class has too few pictures.

    Examples
    --------
    >>> labels = np.array([0, 0, 0, 1, 1, 1])
    >>> labels[choose_evenly(labels, 4, seed=1)].tolist()
    [0, 0, 1, 1]
    """
    labels = np.asarray(labels)
    classes, sizes = np.unique(labels, return_counts=True)
    each, rest = divmod(count, max(1, len(classes)))
    fewest = min(sizes, default=0)
    if each < 1 or rest or each > fewest:
        raise ValueError(
            f"count must be a multiple of {len(classes)}, the number of classes, and at most "
            f"{len(classes) * fewest}, got {count}."
        )
    random = np.random.default_rng(seed)
    return np.concatenate([random.permutation(np.flatnonzero(labels == label))[:each] for label in classes])
