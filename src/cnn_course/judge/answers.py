"""What the shipped photo network says of photographs, in words."""

import sys
from dataclasses import dataclass
from pathlib import Path

import keras
import numpy as np
from tqdm import tqdm

from cnn_course.evaluation import accuracy, confusion_matrix, probabilities
from cnn_course.messages import message
from cnn_course.photos import CLASSES, is_labeled, load_photos, load_unlabeled
from cnn_course.recipes import PHOTO_NET_SIZE
from cnn_course.records import load_record

PART = 64  # photographs between two moves of the progress bar


@dataclass(frozen=True)
class Judged:
    """Photographs with what a network says of them.

    Attributes
    ----------
    images : ndarray of uint8, shape (N, side, side, 3)
        As the network gets them.
    paths : tuple of Path
        The file of each.
    shares : ndarray of float32, shape (N, 2)
        The probabilities of cat and dog.
    labels : ndarray of int64, shape (N,), or None
        0 for a cat, 1 for a dog, where the names of files or folders say so.
    skipped : tuple of (Path, str)
        The files that were not used, each with the reason.
    """

    images: np.ndarray
    paths: tuple[Path, ...]
    shares: np.ndarray
    labels: np.ndarray | None
    skipped: tuple[tuple[Path, str], ...]

    @property
    def answers(self) -> np.ndarray:
        """The class with the larger probability, for each photograph."""
        return self.shares.argmax(axis=-1)


def judge(model: keras.Model, path: Path) -> Judged:
    """Let a network judge a photograph, or all in a folder.

    Parameters
    ----------
    model : keras.Model
        From images to logits (N, 2), as `weights.load_photo_net` gives it.
    path : Path
        The labels of a folder with a layout of `datasets.load_photos` are read, too.

    Raises
    ------
    FileNotFoundError, ValueError
        If there is no readable photograph.
    """
    if is_labeled(path):
        photos = load_photos(path, PHOTO_NET_SIZE)
        skipped = tuple((path / file, reason) for file, reason in photos.report.skipped)
        return Judged(photos.images, photos.paths, _shares(model, photos.images), photos.labels, skipped)
    photos = load_unlabeled(path, PHOTO_NET_SIZE)
    return Judged(photos.images, photos.paths, _shares(model, photos.images), None, photos.skipped)


def _shares(model: keras.Model, images: np.ndarray) -> np.ndarray:
    starts = range(0, len(images), PART)
    shown = tqdm(starts, message("judge.progress"), leave=False, disable=len(starts) < 2 or not sys.stderr.isatty())
    return np.concatenate([probabilities(model, images[start : start + PART]) for start in shown])


def tell(judged: Judged) -> str:
    """Write a line with the answer for each photograph, and one for each file that could not be read."""
    lines = [f"{answer(shares)}  {path}" for shares, path in zip(judged.shares, judged.paths, strict=True)]
    return "\n".join([*lines, *_skipped(judged)])


def score(judged: Judged) -> str:
    """Write how many answers are right: accuracy with its interval, confusion matrix, each mistake, what was skipped.

    Parameters
    ----------
    judged : Judged
        With labels.
    """
    found = accuracy(judged.labels, judged.answers)
    low, high = (f"{end:.2%}" for end in found.interval)
    names = [message(f"judge.{name}") for name in CLASSES]
    matrix = confusion_matrix(judged.labels, judged.answers, len(CLASSES))
    rows = [f"{name:>8}{row[0]:>8}{row[1]:>8}" for name, row in zip(names, matrix, strict=True)]
    mistakes = [
        message("judge.wrong", answer=answer(judged.shares[number]), path=judged.paths[number])
        for number in np.flatnonzero(judged.answers != judged.labels)
    ]
    lines = [message("judge.accuracy", share=f"{found.estimate:.2%}", low=low, high=high, count=f"{found.count:,}")]
    lines += [f"{'':8}{names[0]:>8}{names[1]:>8}   ({message('judge.columns')})", *rows]
    return "\n".join([*lines, *mistakes, *_skipped(judged)])


def _skipped(judged: Judged) -> list[str]:
    return [message("judge.skipped", path=path, reason=reason) for path, reason in judged.skipped]


def answer(shares: np.ndarray) -> str:
    """Write what the network takes one photograph for, and how sure it is.

    Examples
    --------
    >>> answer(np.array([0.03, 0.97]))
    'dog  97%'
    """
    return f"{message(f'judge.{CLASSES[shares.argmax()]}')} {shares.max():>4.0%}"


def worth(share: float) -> str:
    """Write how often the network is right when it is as sure as that, and that it knows nothing but cats and dogs.

    Parameters
    ----------
    share : float
        The probability of the answer, from 0.5 to 1.

    Examples
    --------
    >>> print(worth(0.97).splitlines()[0])
    Of the 1,000 validation photographs, 322 got an answer with 95 to 100%; 320 of these answers (99%) are right.
    """
    record = load_record("cats-dogs-calibration")["runs"]["validation"]
    inside = next(each for each in reversed(record["ranges"]) if share >= each["from"])
    filled = {"count": inside["count"], "right": inside["right"], "share": f"{inside['right'] / inside['count']:.0%}"}
    ends = {"low": f"{100 * inside['from']:.0f}", "high": f"{inside['to']:.0%}", "all": f"{record['count']:,}"}
    return "\n".join([message("judge.worth", **filled, **ends), message("judge.neither")])
