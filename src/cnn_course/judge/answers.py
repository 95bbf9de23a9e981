"""What the shipped photo network says of photographs, in words."""

from pathlib import Path

import keras
import numpy as np

from cnn_course import weights
from cnn_course.evaluation import accuracy, confusion_matrix, probabilities
from cnn_course.photos import CLASSES, Photos, Unlabeled, is_labeled, load_photos, load_unlabeled
from cnn_course.recipes import PHOTO_NET_SIZE


def judge(path: Path) -> str:
    """Let the shipped network classify a photograph or a folder, and write down what it says.

    Parameters
    ----------
    path : Path
        A folder with a layout of `datasets.load_photos` is scored; of another one, and of a single photograph, every
        answer is listed.

    Raises
    ------
    FileNotFoundError, ValueError
        If there is no readable photograph.
    """
    model = weights.load_photo_net()
    if is_labeled(path):
        return score(model, load_photos(path, PHOTO_NET_SIZE))
    return describe(model, load_unlabeled(path, PHOTO_NET_SIZE))


def score(model: keras.Model, photos: Photos) -> str:
    """Compare a network's answers with the labels of photographs.

    Parameters
    ----------
    model : keras.Model
        From images to logits (N, 2), as `weights.load_photo_net` gives it.
    photos : Photos

    Returns
    -------
    str
        Accuracy with its interval, confusion matrix, each photograph that was taken for the other animal, and the
        report of what was read.
    """
    shares = probabilities(model, photos.images, mirrored=True)
    found = shares.argmax(axis=-1)
    matrix = confusion_matrix(photos.labels, found, len(CLASSES))
    rows = [f"{name:>8}{row[0]:>8}{row[1]:>8}" for name, row in zip(CLASSES, matrix, strict=True)]
    wrong = np.flatnonzero(found != photos.labels)
    mistakes = [f"wrong: {answer(shares[number])}  {photos.paths[number]}" for number in wrong]
    header = f"{'true':>8}{'cat':>8}{'dog':>8}   (columns: predicted)"
    return "\n".join([f"accuracy {accuracy(photos.labels, found)}", header, *rows, *mistakes, str(photos.report)])


def answer(shares: np.ndarray) -> str:
    """Write what the network takes one photograph for, and how sure it is: ``dog  97%``.

    Examples
    --------
    >>> answer(np.array([0.03, 0.97]))
    'dog  97%'
    """
    return f"{CLASSES[shares.argmax()]} {shares.max():>4.0%}"


def describe(model: keras.Model, photos: Unlabeled) -> str:
    """Write a line with the answer for each photograph, and one for each file that could not be read."""
    shares = probabilities(model, photos.images, mirrored=True)
    answers = [f"{answer(share)}  {path}" for share, path in zip(shares, photos.paths, strict=True)]
    return "\n".join([*answers, *(f"skipped   {path}: {reason}" for path, reason in photos.skipped)])
