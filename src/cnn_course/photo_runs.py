"""The long runs of chapter 6, on photographs that the reader has to bring, and what they leave: a record and a network.

A folder of photographs for them holds ``train`` and ``validation``, each with ``cats`` and ``dogs``.
"""

import time
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

import keras
import numpy as np

from cnn_course import models, weights
from cnn_course.datasets import load_photos
from cnn_course.evaluation import accuracy, confusion_matrix, probabilities
from cnn_course.photos import CLASSES
from cnn_course.recipes import CATS_DOGS_SIZE, CATS_DOGS_SOURCE, CATS_DOGS_STEPS, PHOTO_NET, PHOTO_NET_SIZE
from cnn_course.training import fit


def source_runs(photos: Path, checkpoint: Path) -> dict[str, Callable[[], dict]]:
    """Train the network of the source by its recipe, for each of its numbers of steps.

    Parameters
    ----------
    photos : Path
    checkpoint : Path
        Keeps the state of the run that is going on.

    Returns
    -------
    dict of str to callable
        For `experiments.run_missing`.
    """
    return {
        f"{steps:,} steps": lambda steps=steps: _train(
            models.cats_dogs(CATS_DOGS_SIZE), replace(CATS_DOGS_SOURCE, steps=steps), photos, checkpoint
        )[0]
        for steps in CATS_DOGS_STEPS
    }


def better_runs(photos: Path, checkpoint: Path) -> dict[str, Callable[[], dict]]:
    """Train `models.photo_net` and save its weights; parameters and result as for `source_runs`."""
    return {"photo_net": lambda: _train_photo_net(photos, checkpoint)}


def _train_photo_net(photos: Path, checkpoint: Path) -> dict:
    model = models.photo_net(PHOTO_NET_SIZE)
    result, validation = _train(model, PHOTO_NET, photos, checkpoint)
    weights.save(model, weights.PHOTO_NET_FILE)
    print(f"weights saved in {weights.PHOTO_NET_FILE}")
    return result | _judge(model, validation) | {"sha256": weights.sha256(model.get_weights())}


def _train(model: keras.Model, recipe, photos: Path, checkpoint: Path):
    """Train on the photographs; return what to record, without the best epoch's own results, and the validation part.

    The run may have been interrupted and resumed, so times are means over the epochs of this process.
    """
    size = model.input_shape[1]
    train, validation = (load_photos(photos / part, image_size=size) for part in ("train", "validation"))
    ticks = [(time.perf_counter(), time.process_time())]

    def report(line: str) -> None:
        ticks.append((time.perf_counter(), time.process_time()))
        print(line, flush=True)

    history = fit(model, train, validation, recipe, report=report, checkpoint=checkpoint)
    if history.interrupted:
        raise KeyboardInterrupt
    seconds, cpu_seconds = np.diff(ticks, axis=0).mean(axis=0).round(2).tolist()
    result = {
        "recipe": recipe.settings,
        "image_size": size,
        "photographs": [len(train), len(validation)],
        "loss": history.loss,
        "validation_accuracy": history.validation_accuracy,
        "correct_at_the_end": round(history.validation_accuracy[-1] * len(validation)),
        "best_epoch": history.best_epoch,
        "seconds_per_epoch": seconds,
        "processor_seconds_per_epoch": cpu_seconds,
    }
    return result, validation


def _judge(model: keras.Model, photos) -> dict:
    """Count right answers, from the pictures as they are and from the mean with their mirror images."""
    plain, both = classify(model, photos.images)
    return {
        "correct": accuracy(photos.labels, plain).correct,
        "correct_with_mirror": accuracy(photos.labels, both).correct,
        "confusion_with_mirror": confusion_matrix(photos.labels, both, len(CLASSES)).tolist(),
    }


def classify(model: keras.Model, images: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """Return the most likely class of each picture, without and with a look at its mirror image.

    Parameters
    ----------
    model : keras.Model
    images : ndarray of uint8 or float32, shape (N, height, width, 3)

    Returns
    -------
    plain, both : ndarray of int64, shape (N,)
        By the probabilities of the pictures, and by their mean with those of the mirror images.
    """
    plain, mirrored = probabilities(model, images), probabilities(model, images[:, :, ::-1])
    return plain.argmax(axis=-1), (plain + mirrored).argmax(axis=-1)


def evaluate(directory: Path) -> str:
    """Let the trained network classify a folder of photographs.

    Parameters
    ----------
    directory : Path
        With one of the layouts of `datasets.load_photos`.

    Returns
    -------
    str
        Accuracy with its interval, confusion matrix, and the report of what was read.
    """
    model, photos = weights.load_photo_net(), load_photos(directory, image_size=PHOTO_NET_SIZE)
    _, found = classify(model, photos.images)
    matrix = confusion_matrix(photos.labels, found, len(CLASSES))
    rows = [f"{name:>8}{row[0]:>8}{row[1]:>8}" for name, row in zip(CLASSES, matrix, strict=True)]
    header = f"{'true':>8}{'cat':>8}{'dog':>8}   (columns: predicted)"
    return "\n".join([f"accuracy {accuracy(photos.labels, found)}", header, *rows, str(photos.report)])
