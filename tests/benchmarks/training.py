"""Pictures per second of `training.fit` and of plain `model.fit`, for the same model, batches, order and thread counts.

Both train in turn, A B A B; of each, the fastest epoch but the first counts, which leaves out tracing.
`training.fit` must validate, and does so on one picture; `model.fit` does not. They are compared number by number
without dropout, because `training.fit` draws its masks for each half of a batch. The share of the
machine's limit is floating-point operations per second, 3 x 2 x the products of one forward pass per picture, over
those of a product of two 2048x2048 matrices of float32 in the same run. `cats_dogs` is given random pictures.
"""

import math
import time
from collections.abc import Callable
from dataclasses import replace

import keras
import numpy as np
import tensorflow as tf

from cnn_course import models
from cnn_course.datasets import Split, load_mnist
from cnn_course.training import Recipe, fit
from tests.benchmarks.rows import Row
from tests.benchmarks.timing import clock

ROUNDS = 3
LIMIT = "matrix product"
MATRIX = 2048
TOLERANCE = 1e-5  # for the largest difference of two weights
OPTIMIZERS = {"sgd": keras.optimizers.SGD, "adam": keras.optimizers.Adam}


def measure(say: Callable[[str], None]) -> list[Row]:
    """Return the rows of all three networks, and the limit."""
    digits = load_mnist().train
    colors = Split(np.random.default_rng(0).random((160, 128, 128, 3), np.float32), np.arange(160) % 2)
    cases = [
        ("lenet5", models.lenet5, part(digits, 9600), Recipe("sgd", 0.07, batch_size=32, epochs=8), 2.0),
        ("deep_mnist", models.deep_mnist, part(digits, 1000), Recipe("adam", 1e-4, batch_size=50, epochs=3), None),
        ("cats_dogs", models.cats_dogs, colors, Recipe("adam", 1e-3, batch_size=32, epochs=3), None),
    ]
    rows, limits = [], []
    for name, build, split, recipe, target in cases:
        best = {"training.fit": math.inf, "model.fit": math.inf}
        for number in range(ROUNDS):
            say(f"{name}, round {number + 1} of {ROUNDS}")
            limits.append(matrix_product_rate())
            for how, train in (("training.fit", by_course), ("model.fit", by_keras)):
                best[how] = min(best[how], *train(build(), split, recipe))
        rate = {how: len(split) / seconds for how, seconds in best.items()}
        case = f"{name}, batch {recipe.batch_size}"
        operations = 3 * 2 * products_per_picture(build())
        rows += [
            Row(f"training.fit, {case}", rate["training.fit"], "pictures/s", "model.fit", rate["model.fit"], target),
            Row(f"training.fit, {case}", rate["training.fit"] * operations / 1e9, "GFLOP/s", LIMIT),
            equal_numbers(case, build, split, recipe),
        ]
    limit = max(limits)
    rows = [replace(row, against_value=limit) if row.against == LIMIT else row for row in rows]
    return [*rows, Row(f"product of two {MATRIX}x{MATRIX} matrices, float32", limit, "GFLOP/s")]


def part(split: Split, count: int) -> Split:
    """Return the first pictures."""
    return Split(split.images[:count], split.labels[:count])


def by_course(model: keras.Model, split: Split, recipe: Recipe) -> list[float]:
    """Train with `training.fit` and return the seconds of each epoch but the first."""
    ends = []
    fit(model, split, part(split, 1), recipe, report=lambda _: ends.append(time.perf_counter()))
    return np.diff(ends).tolist()


def by_keras(model: keras.Model, split: Split, recipe: Recipe) -> list[float]:
    """Train with plain `model.fit`, on the pictures in the order of the recipe's first epoch; return the same."""
    order = np.random.default_rng(recipe.seed).permutation(len(split))
    ends = []
    watch = keras.callbacks.LambdaCallback(on_epoch_end=lambda *_: ends.append(time.perf_counter()))
    loss = keras.losses.SparseCategoricalCrossentropy(from_logits=True)
    model.compile(OPTIMIZERS[recipe.optimizer](recipe.learning_rate), loss)
    model.fit(
        split.images[order],
        split.labels[order],
        batch_size=recipe.batch_size,
        epochs=recipe.epochs,
        shuffle=False,
        verbose=0,
        callbacks=[watch],
    )
    return np.diff(ends).tolist()


def equal_numbers(case: str, build: Callable[[], keras.Model], split: Split, recipe: Recipe) -> Row:
    """Train two equal models for one epoch, at most 100 batches, and return how far apart their weights end."""
    split = part(split, 100 * recipe.batch_size)
    once = replace(recipe, epochs=1)
    one, other = without_dropout(build()), without_dropout(build())
    by_course(one, split, once)
    by_keras(other, split, once)
    weights = zip(one.get_weights(), other.get_weights(), strict=True)
    difference = max(float(np.abs(mine - theirs).max()) for mine, theirs in weights)
    batches = math.ceil(len(split) / recipe.batch_size)
    name = f"largest difference of a weight after {batches} batches, training.fit to model.fit, {case}"
    return Row(name, difference, "", at_most=TOLERANCE)


def without_dropout(model: keras.Model) -> keras.Model:
    """Let a network that has not run yet drop nothing."""
    for layer in model.layers:
        if isinstance(layer, keras.layers.Dropout):
            layer.rate = 0.0
    return model


def products_per_picture(model: keras.Model) -> int:
    """Count the products of one forward pass: each weight once for every place where it is used."""
    total = 0
    for layer in model.layers:
        if hasattr(layer, "kernel"):
            places = math.prod(layer.output.shape[1:-1])  # of a feature map; 1 for a dense layer
            total += math.prod(layer.kernel.shape) * places
    return total


def matrix_product_rate() -> float:
    """Return the GFLOP/s of a product of large matrices, the best of five."""
    matrix = tf.random.stateless_uniform((MATRIX, MATRIX), (1, 2))
    tf.matmul(matrix, matrix)
    return 2 * MATRIX**3 / min(clock(lambda: tf.matmul(matrix, matrix).numpy()) for _ in range(5)) / 1e9
