"""The long runs on photographs that the reader has to bring, and what they leave: a record and a network.

A folder of photographs for them holds ``train`` and ``validation``, each with ``cats`` and ``dogs``. A function gives
the runs of the experiment of its name, for `records.run_missing`.
"""

import time
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path
from typing import NamedTuple

import keras
import numpy as np

from cnn_course import models, weights
from cnn_course.datasets import load_photos
from cnn_course.evaluation import accuracy, confusion_matrix, probabilities
from cnn_course.photos import CLASSES, Photos
from cnn_course.recipes import CATS_DOGS_SIZE, CATS_DOGS_SOURCE, CATS_DOGS_STEPS, PHOTO_NET, PHOTO_NET_SIZE, Recipe
from cnn_course.records import checkpoint_path
from cnn_course.training import fit


class Parts(NamedTuple):
    """The photographs to learn from, and those that choose the best epoch."""

    train: Photos
    validation: Photos


def cats_dogs_source(photos: Path) -> dict[str, Callable[[], dict]]:
    """Train the network of the source by its recipe, for each of its numbers of steps."""
    parts, checkpoint = _load(photos, CATS_DOGS_SIZE), checkpoint_path("cats-dogs-source")
    return {
        f"{steps:,} steps": lambda steps=steps: _train(
            models.cats_dogs(CATS_DOGS_SIZE), replace(CATS_DOGS_SOURCE, steps=steps), parts, checkpoint
        )
        for steps in CATS_DOGS_STEPS
    }


def cats_dogs_photos(photos: Path) -> dict[str, Callable[[], dict]]:
    """Train `models.photo_net` and save its weights."""
    parts, checkpoint = _load(photos, PHOTO_NET_SIZE), checkpoint_path("cats-dogs-photos")
    return {"photo_net": lambda: _train_photo_net(parts, checkpoint)}


def _load(photos: Path, size: int) -> Parts:
    return Parts(*(load_photos(photos / part, image_size=size) for part in Parts._fields))


def _train_photo_net(parts: Parts, checkpoint: Path) -> dict:
    model = models.photo_net(PHOTO_NET_SIZE)
    result = _train(model, PHOTO_NET, parts, checkpoint)
    sha256 = weights.save(model, weights.PHOTO_NET_FILE)
    print(f"weights saved in {weights.PHOTO_NET_FILE}")
    return result | _judge(model, parts.validation) | {"sha256": sha256}


def _train(model: keras.Model, recipe: Recipe, parts: Parts, checkpoint: Path) -> dict:
    """Train on the photographs; return what to record, without the best epoch's own results.

    The run may have been interrupted and resumed, so times are means over the epochs of this process.
    """
    ticks = [(time.perf_counter(), time.process_time())]

    def report(line: str) -> None:
        ticks.append((time.perf_counter(), time.process_time()))
        print(line, flush=True)

    history = fit(model, *parts, recipe, report=report, checkpoint=checkpoint)
    if history.interrupted:
        raise KeyboardInterrupt
    seconds, cpu_seconds = np.diff(ticks, axis=0).mean(axis=0).round(2).tolist()
    return {
        "recipe": recipe.settings,
        "image_size": model.input_shape[1],
        "photographs": [len(part) for part in parts],
        "loss": history.loss,
        "validation_accuracy": history.validation_accuracy,
        "correct_at_the_end": round(history.validation_accuracy[-1] * len(parts.validation)),
        "best_epoch": history.best_epoch,
        "seconds_per_epoch": seconds,
        "processor_seconds_per_epoch": cpu_seconds,
    }


def _judge(model: keras.Model, photos: Photos) -> dict:
    """Count right answers, from the pictures as they are and from the mean with their mirror images."""
    plain = probabilities(model, photos.images).argmax(axis=-1)
    both = probabilities(model, photos.images, mirrored=True).argmax(axis=-1)
    return {
        "correct": accuracy(photos.labels, plain).correct,
        "correct_with_mirror": accuracy(photos.labels, both).correct,
        "confusion_with_mirror": confusion_matrix(photos.labels, both, len(CLASSES)).tolist(),
    }
