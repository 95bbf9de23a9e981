"""Pictures per second that `training.fit` trains on a GPU, by the size of the batch; the fastest of four epochs counts.

LeNet-5 learns MNIST, the photo network random pictures of 96x96 pixels. An epoch is 20 batches. Whether two trainings
from one seed end with the same bits is measured, too. TensorFlow's package for processors alone, which the course
installs, sees no GPU: docs/many-machines.md says what to install.
"""

import math
import time
from collections.abc import Callable
from dataclasses import replace

import numpy as np

from cnn_course import models
from cnn_course.arrays import sha256
from cnn_course.datasets import Split, load_mnist
from cnn_course.recipes import LENET5_SHIPPED, PHOTO_NET, PHOTO_NET_SIZE
from cnn_course.runtime import gpu_names
from cnn_course.training import fit
from tests.benchmarks.rows import Row

BATCHES = (32, 128, 512, 2048)
STEPS = 20
EPOCHS = 5


def measure(say: Callable[[str], None]) -> list[Row]:
    """Return the rows; none where there is no GPU."""
    names = gpu_names()
    if not names:
        say("TensorFlow sees no GPU here: nothing is measured, old results stay")
        return []
    device = names[0]  # training uses the first, unless there is a strategy
    digits = load_mnist().train
    random = np.random.default_rng(0)
    images = random.integers(0, 256, (STEPS * BATCHES[-1], PHOTO_NET_SIZE, PHOTO_NET_SIZE, 3), np.uint8)
    photos = Split(images, np.arange(len(images)) % 2)
    cases = {
        "LeNet-5": (lambda: models.lenet5(**LENET5_SHIPPED.options), digits, LENET5_SHIPPED.recipe),
        "photo network": (lambda: models.photo_net(PHOTO_NET_SIZE), photos, PHOTO_NET),
    }
    rows = []
    for name, (build, split, recipe) in cases.items():
        for batch in BATCHES:
            say(f"{name}, batch {batch}, on {device}")
            found = [train(build(), part(split, batch), replace(recipe, batch_size=batch, epochs=EPOCHS)) for _ in "ab"]
            rate = STEPS * batch / min(seconds for seconds, _ in found)
            same = "same bits twice" if len({bits for _, bits in found}) == 1 else "other bits each time"
            rows.append(Row(f"{name}, batch {batch}, on {device}, {same}", rate, "pictures/s"))
    return rows


def part(split: Split, batch: int) -> Split:
    """Return the pictures of one epoch, some of them twice where there are too few."""
    chosen = np.arange(STEPS * batch) % len(split)
    return Split(split.images[chosen], split.labels[chosen])


def train(model, split: Split, recipe) -> tuple[float, str]:
    """Return the seconds of the fastest epoch but the first, and the hash of the weights at the end."""
    few, ends = Split(split.images[:2], split.labels[:2]), []
    fit(model, split, few, recipe, report=lambda _: ends.append(time.perf_counter()))
    return (min(np.diff(ends)) if len(ends) > 1 else math.nan), sha256(model.get_weights())
