"""The long runs on what ships with the package: digits and drawings.

A function gives the runs of the experiment of its name, for `records.run_missing`.
"""

import time
from collections.abc import Callable
from dataclasses import replace
from functools import partial
from pathlib import Path

import keras
import numpy as np

from cnn_course import models, weights
from cnn_course.activations import exceeds_byte, feature_maps, gray_share, kernels
from cnn_course.datasets import Dataset, Split, load_drawings, load_mnist
from cnn_course.evaluation import accuracy, mcnemar, predict_classes
from cnn_course.experiments.shared import Runs, count_correct
from cnn_course.invariance import scale, scramble, shift, shift_each_way
from cnn_course.readout import DIGITS_READ, predict_by_layers
from cnn_course.recipes import (
    CATS_DOGS_CURES,
    CATS_DOGS_DRAWN,
    DEEP_MNIST,
    DEEP_MNIST_EPOCH,
    DRAWN,
    DRAWN_BY_HEART,
    DRAWN_SIZE,
    LENET5_FAST,
    LENET5_RECIPES,
    LENET5_SHIPPED,
    MOVED_LESSONS,
    ONE_EPOCH,
    TILE_SIDES,
    Recipe,
    Training,
)
from cnn_course.records import checkpoint_path
from cnn_course.training import History, fit

SEEDS = (1, 2, 3, 4, 5)
DRAWN_SEEDS = (9000,)
DRAWN_BY_HEART_SEEDS = (9000, 9001, 9002)
DIRECTIONS = {"right": (0, 1), "left": (0, -1), "down": (1, 0), "up": (-1, 0)}
DISTANCES = (0, 1, 2, 3, 4)  # pixels that the test digits are moved by
MOVES = range(9)  # pixels
SIZES = (0.5, 0.6, 0.7, 0.8, 0.9, 1.0, 1.1, 1.2, 1.3, 1.4, 1.5)
COMPARED = {
    "dense": models.mlp,
    "larger dense": partial(models.mlp, hidden=360),  # as many parameters as the unshared one, but for 124
    "unshared": models.unshared_lenet5,
    "convolutional": partial(models.lenet5, dropout=(0.0, 0.0)),
}
DEEP_MNIST_MAPS = ("conv1", "pool1", "conv2", "pool2")
DEEP_MNIST_READ = (*DEEP_MNIST_MAPS, "dense1")
DEEP_MNIST_SOLVED = ("pool2", "dense1")


def scrambled_tiles() -> Runs:
    """Train networks that share weights, look at windows only, or do neither, on digits in tiles, for chapter 1."""
    data = load_mnist()
    return {
        f"{network}, tiles of {side}, seed {seed}": lambda build=build, side=side, seed=seed: _train_on_tiles(
            data, build, side, ONE_EPOCH, seed
        )
        for seed in SEEDS
        for network, build in COMPARED.items()
        for side in TILE_SIDES
    }


def _train_on_tiles(data: Dataset, build: Callable, side: int, recipe: Recipe, seed: int) -> dict:
    parts = (data.train, data.validation, data.test)
    tiled = Dataset(*(Split(scramble(part.images, side=side, seed=seed), part.labels) for part in parts))
    return _train_compared(tiled, build, recipe, seed)[1]


def moved_digits() -> Runs:
    """Train the networks of chapter 1 with and without moved and resized digits, and test them on such digits."""
    data = load_mnist()
    return {
        f"{network}, lesson: {lesson}, seed {seed}": lambda build=build, recipe=recipe, seed=seed: _train_and_move(
            data, build, recipe, seed
        )
        for seed in SEEDS
        for network, build in COMPARED.items()
        if network != "unshared"
        for lesson, recipe in MOVED_LESSONS.items()
    }


def _train_and_move(data: Dataset, build: Callable, recipe: Recipe, seed: int) -> dict:
    model, result = _train_compared(data, build, recipe, seed)

    def correct(images) -> int:
        return count_correct(model, Split(images, data.test.labels))

    return result | {
        "correct_when_moved": {str(move): correct(shift_each_way(data.test.images, move)) for move in MOVES},
        "correct_when_resized": {str(size): correct(scale(data.test.images, size)) for size in SIZES},
    }


def _train_compared(data: Dataset, build: Callable, recipe: Recipe, seed: int) -> tuple[keras.Model, dict]:
    model, recipe = build(seed=seed), replace(recipe, seed=seed)
    history = fit(model, data.train, data.validation, recipe)
    outcome = _outcome(model, history, data.test)
    return model, {"recipe": recipe.settings, "parameters": model.count_params(), **outcome}


def lenet5_recipes() -> Runs:
    """Train LeNet-5 with five seeds by each of the recipes that chapter 4 compares."""
    data = load_mnist()
    return {
        f"{name}, seed {seed}": lambda chosen=chosen, seed=seed: _train_lenet5(data, chosen, seed)[1]
        for seed in SEEDS
        for name, chosen in LENET5_RECIPES.items()
    }


def lenet5_weights() -> Runs:
    """Train and save the LeNet-5 networks that ship with the package, and what they were before."""
    data = load_mnist()
    seeds = weights.LENET5_SEEDS
    trained = {weights.lenet5_run(seed): lambda seed=seed: _train_shipped_lenet5(data, seed) for seed in seeds}
    before = {weights.lenet5_run(seed, trained=False): lambda seed=seed: _save_untrained(seed) for seed in seeds}
    return trained | before


def _save_untrained(seed: int) -> dict:
    model = models.lenet5(**LENET5_SHIPPED.options, seed=seed)
    return {**LENET5_SHIPPED.options, "sha256": weights.save(model, weights.lenet5_file(seed, trained=False))}


def _train_shipped_lenet5(data: Dataset, seed: int) -> dict:
    model, result = _train_lenet5(data, LENET5_SHIPPED, seed)
    return result | {"sha256": weights.save(model, weights.lenet5_file(seed))}


def smiley_weights() -> Runs:
    """Save the untrained network of chapter 7, whose maps its explorer shows."""
    return {weights.SMILEY_RUN: _save_smiley}


def _save_smiley() -> dict:
    model = models.smiley_channels(seed=weights.SMILEY_SEED)
    model.get_layer("conv2").bias.assign(weights.SMILEY_BIASES)
    return {"biases": weights.SMILEY_BIASES, "sha256": weights.save(model, weights.SMILEY_FILE)}


def lenet5_pooling() -> Runs:
    """Train LeNet-5 with five seeds for each way to make its maps smaller, for chapter 3, and move the test digits."""
    data = load_mnist()
    return {
        f"{pooling}, seed {seed}": lambda pooling=pooling, seed=seed: _train_pooled(data, pooling, LENET5_FAST, seed)
        for seed in SEEDS
        for pooling in models.LENET5_POOLINGS
    }


def _train_pooled(data: Dataset, pooling: str, chosen: Training, seed: int) -> dict:
    model, result = _train_lenet5(data, Training({**chosen.options, "pooling": pooling}, chosen.recipe), seed)
    return {
        **result,
        "parameters": model.count_params(),
        "products": models.products(model),
        "distances": DISTANCES,
        "moved_correct": {
            direction: [
                count_correct(model, Split(shift(data.test.images, far * down, far * right), data.test.labels))
                for far in DISTANCES
            ]
            for direction, (down, right) in DIRECTIONS.items()
        },
    }


def lenet5_separable() -> Runs:
    """Train LeNet-5 with five seeds and a depthwise separable second convolution, for chapter 7.

    The ordinary ones, by the same recipe, are the runs "max" of :func:`lenet5_pooling`.
    """
    data = load_mnist()
    return {f"seed {seed}": lambda seed=seed: _train_separable(data, LENET5_FAST, seed) for seed in SEEDS}


def _train_separable(data: Dataset, chosen: Training, seed: int) -> dict:
    model, result = _train_lenet5(data, Training({**chosen.options, "separable": True}, chosen.recipe), seed)
    return {**result, "parameters": model.count_params(), "products": models.products(model)}


def _train_lenet5(data: Dataset, chosen: Training, seed: int) -> tuple[keras.Model, dict]:
    model = models.lenet5(**chosen.options, seed=seed)
    recipe = replace(chosen.recipe, seed=seed)
    start = time.perf_counter()
    history = fit(model, data.train, data.validation, recipe)
    seconds = round(time.perf_counter() - start, 1)
    result = {**chosen.options, "recipe": recipe.settings, **_outcome(model, history, data.test), "seconds": seconds}
    return model, result


def deep_mnist() -> Runs:
    """Train Deep MNIST for the 20,000 steps of its tutorial, which chapter 5 has no time for."""
    run = f"{DEEP_MNIST.steps:,} steps"
    return {run: lambda: _train_deep_mnist(load_mnist(), DEEP_MNIST, checkpoint_path("deep-mnist", run))}


def _train_deep_mnist(data: Dataset, recipe: Recipe, checkpoint: Path) -> dict:
    model = models.deep_mnist()
    history = fit(model, data.train, data.validation, recipe, checkpoint=checkpoint)
    outcome = _outcome(model, history, data.test)
    maps = feature_maps(model, data.test.images[:1000], list(DEEP_MNIST_MAPS))
    return {
        "dropout": model.get_layer("dropout").rate,
        "recipe": recipe.settings,
        "loss": history.loss,
        **outcome,
        "readout_correct": _read_out(model, data),
        "share_beyond_byte": {name: float(exceeds_byte(values).mean()) for name, values in maps.items()},
    }


def deep_mnist_seeds() -> Runs:
    """Train Deep MNIST for one epoch from five starts, and read out the layers of each before and after."""
    data = load_mnist()
    return {f"seed {seed}": lambda seed=seed: _train_and_read(data, DEEP_MNIST_EPOCH, seed) for seed in SEEDS}


def _train_and_read(data: Dataset, recipe: Recipe, seed: int) -> dict:
    """Compare a trained network with read-outs of its own start that have seen the same training digits."""
    model, recipe = models.deep_mnist(seed=seed), replace(recipe, seed=seed)
    everything = DIGITS_READ | {"train": len(data.train)}
    solved = predict_by_layers(model, data, list(DEEP_MNIST_SOLVED), everything, values=7 * 7 * 64)
    untrained = _read_out(model, data)
    history = fit(model, data.train, data.validation, recipe)
    outcome, trained = _outcome(model, history, data.test), predict_classes(model, data.test.images)
    return {
        "recipe": recipe.settings,
        "loss": history.loss,
        **outcome,
        "readout_correct": {"untrained": untrained, "trained": _read_out(model, data)},
        "solved": {layer: _paired(data.test.labels, trained, found) for layer, found in solved.items()},
    }


def _paired(labels: np.ndarray, trained: np.ndarray, solved: np.ndarray) -> dict[str, int]:
    compared = mcnemar(labels, trained, solved)
    correct = accuracy(labels, solved).correct
    return {"correct": correct, "only_trained": compared.only_one, "only_solved": compared.only_other}


def _read_out(model: keras.Model, data: Dataset) -> dict[str, int]:
    """Return how many test digits a read-out of each layer of Deep MNIST gets right."""
    found = predict_by_layers(model, data, list(DEEP_MNIST_READ))
    return {name: accuracy(data.test.labels[: len(each)], each).correct for name, each in found.items()}


def cats_dogs_drawings() -> Runs:
    """Train the network of chapter 6 on drawings, as it is and with what is to help its big dense layer.

    As a control for what its kernels become, it also learns some drawings by heart, with their labels and with others.
    """
    parts = (load_drawings(count, DRAWN_SIZE, seed) for seed, count in enumerate(DRAWN.values()))
    data = Dataset(**dict(zip(DRAWN, parts, strict=True)))
    some = Split(data.train.images[:DRAWN_BY_HEART], data.train.labels[:DRAWN_BY_HEART])
    by_heart = {
        f"{labels} labels, seed {seed}": lambda shuffled=shuffled, seed=seed: _learn_by_heart(
            some, CATS_DOGS_DRAWN, seed, shuffled=shuffled
        )
        for seed in DRAWN_BY_HEART_SEEDS
        for labels, shuffled in {"true": False, "shuffled": True}.items()
    }
    cures = {
        f"{name}, seed {seed}": partial(_train_drawn, data, cure, seed, f"{name}, seed {seed}")
        for seed in DRAWN_SEEDS
        for name, cure in CATS_DOGS_CURES.items()
    }
    return by_heart | cures


def _train_drawn(data: Dataset, cure: Training, seed: int, run: str) -> dict:
    model = models.cats_dogs(data.train.images.shape[1], **cure.options, seed=seed)
    recipe = replace(cure.recipe, seed=seed)
    history = fit(model, data.train, data.validation, recipe, checkpoint=checkpoint_path("cats-dogs-drawings", run))
    wrong = np.flatnonzero(predict_classes(model, data.test.images) != data.test.labels)
    return {
        "options": cure.options,
        "recipe": recipe.settings,
        "parameters": model.count_params(),
        "loss": history.loss,
        **_outcome(model, history, data.test),
        "test_wrong": wrong.tolist(),
        "train_correct": count_correct(model, data.train),
        "train_count": len(data.train),
    }


def _learn_by_heart(drawn: Split, recipe: Recipe, seed: int, *, shuffled: bool) -> dict:
    """Train on few drawings until their labels are known, and say how gray the first kernels have become."""
    model, recipe = models.cats_dogs(drawn.images.shape[1], seed=seed), replace(recipe, seed=seed)
    labels = np.random.default_rng(seed).permutation(drawn.labels) if shuffled else drawn.labels
    learned = Split(drawn.images, labels)
    start = kernels(model, "conv1")
    history = fit(model, learned, learned, recipe)
    if history.interrupted:
        raise KeyboardInterrupt
    end = kernels(model, "conv1")
    return {
        "recipe": recipe.settings,
        "drawings": len(learned),
        "loss": history.loss,
        "train_accuracy": history.validation_accuracy,
        "best_epoch": history.best_epoch,
        "gray_share": {"before": gray_share(start), "after": gray_share(end), "change": gray_share(end - start)},
        "correlation": float(np.corrcoef(start.ravel(), end.ravel())[0, 1]),
    }


def _outcome(model: keras.Model, history: History, test: Split) -> dict:
    """Say how a training went and how good the model is now; half a training is no result."""
    if history.interrupted:
        raise KeyboardInterrupt
    result = accuracy(test.labels, predict_classes(model, test.images))
    print(f"test accuracy {result}")
    return {
        "validation_accuracy": history.validation_accuracy,
        "best_epoch": history.best_epoch,
        "test_correct": result.correct,
        "test_count": result.count,
    }
