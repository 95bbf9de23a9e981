"""What the long runs have in common: the photographs they are given, and how a network is scored on pictures."""

from collections.abc import Callable
from pathlib import Path
from typing import NamedTuple

import keras

from cnn_course.datasets import Split
from cnn_course.evaluation import accuracy, predict_classes
from cnn_course.photos import Photos, load_photos

Runs = dict[str, Callable[[], dict]]


class Parts(NamedTuple):
    """The photographs to learn from, those that choose, and, where they are asked for, those that decide."""

    train: Photos
    validation: Photos
    test: Photos | None = None


def load_parts(photos: Path, image_size: int, *, test: bool = False) -> Parts:
    """Load the folders of photographs that an experiment is for; those of the test only where it scores them."""
    names = Parts._fields if test else Parts._fields[:2]
    return Parts(*(load_photos(photos / name, image_size=image_size) for name in names))


def count_correct(model: keras.Model, part: Split | Photos) -> int:
    """Count the pictures that a network names right."""
    return accuracy(part.labels, predict_classes(model, part.images)).correct
