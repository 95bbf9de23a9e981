"""The long runs on photographs that the reader has to bring, and what they leave: a record and a network.

A folder of photographs for them holds ``train``, ``validation`` and ``test``, each with ``cats`` and ``dogs``. What is
in ``test`` decides nothing: it scores a network once, when all is decided. A function gives the runs of the experiment
of its name, for `records.run_missing`.
"""

import itertools
import time
from collections.abc import Callable
from dataclasses import replace
from functools import partial
from pathlib import Path

import keras
import numpy as np

from cnn_course import models, weights
from cnn_course.augmentation import augment
from cnn_course.averaging import statistics_of
from cnn_course.evaluation import accuracy, confusion_matrix, probabilities
from cnn_course.experiments.shared import Parts, Runs, count_correct, load_parts
from cnn_course.photos import CLASSES, Photos, load_photos
from cnn_course.recipes import (
    CATS_DOGS_SIZE,
    CATS_DOGS_SOURCE,
    CATS_DOGS_STEPS,
    PHOTO_NET,
    PHOTO_NET_FIRST,
    PHOTO_NET_FIRST_SIZE,
    PHOTO_NET_SECOND,
    PHOTO_NET_SIZE,
    PHOTO_NET_SWINGS,
    Recipe,
)
from cnn_course.records import checkpoint_path
from cnn_course.training import fit

ONE_SIZE_SEEDS = (9000,)
TWO_SIZES_SEEDS = (9000,)
LOOK_EVERY = 5  # epochs between two scores of weights that are not the averaged ones
LOOKED_AT = 16  # batches that batch statistics are made of anew
SURE = (0.5, 0.6, 0.7, 0.8, 0.9, 0.95, 1.0)  # where ranges of the probability of an answer end


def one_size(seed: int) -> str:
    """Return the key of a run at one size in the record ``cats-dogs-photos``."""
    return f"one size, seed {seed}"


def two_sizes(seed: int) -> str:
    """Return the key of a run that begins with small pictures."""
    return f"two sizes, seed {seed}"


def cats_dogs_source(photos: Path) -> Runs:
    """Train the network of the source by its recipe, for each of its numbers of steps."""
    parts = load_parts(photos, CATS_DOGS_SIZE)
    runs = {f"{steps:,} steps": replace(CATS_DOGS_SOURCE, steps=steps) for steps in CATS_DOGS_STEPS}
    return {
        run: lambda run=run, recipe=recipe: _train(
            models.cats_dogs(CATS_DOGS_SIZE), recipe, parts, checkpoint_path("cats-dogs-source", run)
        )
        for run, recipe in runs.items()
    }


def cats_dogs_photos(photos: Path) -> Runs:
    """Train `models.photo_net` by two recipes and with several seeds; save the weights of the one that ships."""
    parts = load_parts(photos, PHOTO_NET_SIZE, test=True)
    small = load_parts(photos, PHOTO_NET_FIRST_SIZE)
    plain = {one_size(seed): lambda seed=seed: _train_at_one_size(parts, seed) for seed in ONE_SIZE_SEEDS}
    return plain | {
        two_sizes(seed): lambda seed=seed: _train_at_two_sizes(small, parts, seed) for seed in TWO_SIZES_SEEDS
    }


def _train_at_one_size(parts: Parts, seed: int) -> dict:
    model, recipe = models.photo_net(PHOTO_NET_SIZE, seed=seed), replace(PHOTO_NET, seed=seed)
    result = _train(model, recipe, parts, checkpoint_path("cats-dogs-photos", one_size(seed)))
    return result | _finish(model, parts, one_size(seed))


def _train_at_two_sizes(small: Parts, parts: Parts, seed: int) -> dict:
    """Let large pictures begin with what small ones have taught: the weights do not depend on their size."""
    beginner, model = models.photo_net(PHOTO_NET_FIRST_SIZE, seed=seed), models.photo_net(PHOTO_NET_SIZE, seed=seed)
    first, run = replace(PHOTO_NET_FIRST, seed=seed), two_sizes(seed)
    before = _train(beginner, first, small, checkpoint_path("cats-dogs-photos", run, leg="first"))
    model.set_weights(beginner.get_weights())
    second = replace(PHOTO_NET_SECOND, seed=seed)
    result = _train(model, second, parts, checkpoint_path("cats-dogs-photos", run), measure=partial(_own_score, parts))
    return {"first": before} | result | _finish(model, parts, run)


def _finish(model: keras.Model, parts: Parts, run: str) -> dict:
    """Judge a network that is not to change any more, and save it if it is the one that ships."""
    if run == weights.PHOTO_NET_RUN:
        weights.save(model, weights.PHOTO_NET_FILE)
        print(f"weights saved in {weights.PHOTO_NET_FILE}")
    return {
        **_judge(model, parts.validation),
        "test": _judge(model, parts.test) | {"count": len(parts.test)},
        "sha256": weights.sha256(model.get_weights()),
    }


def _own_score(parts: Parts, model: keras.Model, epoch: int) -> int | None:
    """Count right answers of the present weights, where it is their average that is scored."""
    return None if epoch % LOOK_EVERY else count_correct(model, parts.validation)


def cats_dogs_calibration(photos: Path) -> Runs:
    """Count how often the network that ships is right, by the probability that it gives its answer."""
    validation = load_photos(photos / "validation", image_size=PHOTO_NET_SIZE)
    return {"validation": lambda: calibration(weights.load_photo_net(), validation)}


def calibration(model: keras.Model, photos: Photos) -> dict:
    """Compare the probabilities of a network's answers with how often these are right.

    Parameters
    ----------
    model : keras.Model
        From images to logits (N, 2).
    photos : Photos

    Returns
    -------
    dict
        ``sha256`` of the weights, ``count`` of the photographs, and ``ranges``: for each range of `SURE` its ends,
        ``from`` (which belongs to it) and ``to``, the ``count`` of the answers, how many are ``right``, and the
        ``mean`` of their probabilities (None where there are no answers).

    References
    ----------
    C. Guo, G. Pleiss, Y. Sun and K. Q. Weinberger, "On calibration of modern neural networks", ICML 2017.
    """
    shares = probabilities(model, photos.images)
    sure, right = shares.max(axis=-1), shares.argmax(axis=-1) == photos.labels
    places = np.digitize(sure, SURE[1:-1])
    ranges = []
    for place, (low, high) in enumerate(itertools.pairwise(SURE)):
        inside = places == place
        counted = {"count": int(inside.sum()), "right": int(right[inside].sum())}
        mean = round(float(sure[inside].mean()), 4) if inside.any() else None
        ranges.append({"from": low, "to": high, **counted, "mean": mean})
    return {"sha256": weights.sha256(model.get_weights()), "count": len(photos), "ranges": ranges}


def cats_dogs_swing(photos: Path) -> Runs:
    """Train on small photographs, at two rates, and score the weights of each epoch in four ways, for chapter 9."""
    parts = load_parts(photos, PHOTO_NET_FIRST_SIZE)
    return {
        run: lambda run=run, recipe=recipe: _train(
            models.photo_net(PHOTO_NET_FIRST_SIZE),
            recipe,
            parts,
            checkpoint_path("cats-dogs-swing", run),
            measure=partial(_score_in_other_ways, parts, recipe),
        )
        for run, recipe in ((f"rate {recipe.learning_rate}", recipe) for recipe in PHOTO_NET_SWINGS)
    }


def _score_in_other_ways(parts: Parts, recipe: Recipe, model: keras.Model, epoch: int) -> dict[str, int]:
    """Count right answers of the present weights, which are not the averaged ones, with three kinds of statistics.

    ``running`` are those that the network keeps. The present weights make the others: ``anew`` of training pictures as
    they are, ``anew_augmented`` of pictures as training shows them.
    """
    size = recipe.batch_size
    chosen = np.random.default_rng(epoch).permutation(len(parts.train))[: LOOKED_AT * size]
    batches = np.split(chosen, range(size, len(chosen), size))
    plain = [np.float32(parts.train.images[np.sort(batch)]) / 255 for batch in batches]
    targets = np.zeros((size, len(CLASSES)), np.float32)
    shown = [augment(batch, targets, recipe, [recipe.seed, epoch + number])[0] for number, batch in enumerate(plain)]
    found = {"running": count_correct(model, parts.validation)}
    for name, chosen in {"anew": plain, "anew_augmented": shown}.items():
        with statistics_of(model, chosen):
            found[name] = count_correct(model, parts.validation)
    return found


def _train(model: keras.Model, recipe: Recipe, parts: Parts, checkpoint: Path, measure: Callable | None = None) -> dict:
    """Train on the photographs; return what to record, without the best epoch's own results.

    The run may have been interrupted and resumed, so times are means over the epochs of this process.
    """
    ticks = [(time.perf_counter(), time.process_time())]

    def report(line: str) -> None:
        ticks.append((time.perf_counter(), time.process_time()))
        print(line, flush=True)

    history = fit(model, parts.train, parts.validation, recipe, report=report, measure=measure, checkpoint=checkpoint)
    if history.interrupted:
        raise KeyboardInterrupt
    seconds, cpu_seconds = np.diff(ticks, axis=0).mean(axis=0).round(2).tolist()
    return {
        "recipe": recipe.settings,
        "image_size": model.input_shape[1],
        "photographs": [len(parts.train), len(parts.validation)],
        "loss": history.loss,
        "validation_accuracy": history.validation_accuracy,
        **({"measured": history.measured} if measure else {}),
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
