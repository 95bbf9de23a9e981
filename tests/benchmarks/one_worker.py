"""One of the workers that the group `workers` starts: trains, and writes times and weights.

Its argument is JSON: ``network``, ``epochs`` to train, ``core`` to stay on, ``folder`` for what is found, and where to
keep a ``checkpoint``.
"""

import json
import os
import sys
import time
from pathlib import Path

from cnn_course.runtime import make_reproducible

STEPS = 20  # an epoch of the photo network


def main(order: dict) -> None:
    """Train as ordered."""
    if order.get("core") is not None:
        os.sched_setaffinity(0, {order["core"]})
    make_reproducible()
    from cnn_course import workers

    strategy = workers.join()
    team = workers.Team(strategy)
    build, parts, recipe = {"lenet5": lenet5, "photo_net": photo_net}[order["network"]]()
    with strategy.scope():
        model = build()
    from cnn_course.training import fit

    ticks = [(time.perf_counter(), time.process_time())]

    def report(line: str) -> None:
        ticks.append((time.perf_counter(), time.process_time()))
        print(line, flush=True)
        if len(ticks) == order["epochs"] + 1:
            raise KeyboardInterrupt  # the rates of all epochs are those of the whole recipe

    checkpoint = Path(order["checkpoint"]) if "checkpoint" in order else None
    try:
        history = fit(model, *parts, recipe, report=report, checkpoint=checkpoint, strategy=strategy)
    except workers.WorkerLostError as error:
        raise SystemExit(str(error)) from None
    save(Path(order["folder"]) / f"{team.index}", model, {"ticks": ticks[: order["epochs"] + 1], "loss": history.loss})


def save(path: Path, model, found: dict) -> None:
    """Write what the parent compares."""
    import numpy as np

    np.savez(path.with_suffix(".npz"), *model.get_weights())
    path.with_suffix(".json").write_text(json.dumps(found))


def lenet5():
    """Return how to make LeNet-5, 1,600 digits, and the recipe that it ships with: 50 steps an epoch."""
    from dataclasses import replace

    from cnn_course import models
    from cnn_course.datasets import Split, load_mnist
    from cnn_course.recipes import LENET5_SHIPPED

    digits = load_mnist()
    train = Split(digits.train.images[:1600], digits.train.labels[:1600])
    validation = Split(digits.validation.images[:100], digits.validation.labels[:100])
    return (
        lambda: models.lenet5(**LENET5_SHIPPED.options),
        (train, validation),
        replace(LENET5_SHIPPED.recipe, batch_size=32, epochs=6),
    )


def photo_net():
    """Return how to make the photo network, random pictures, and its recipe: 20 steps an epoch."""
    import numpy as np

    from cnn_course import models
    from cnn_course.datasets import Split
    from cnn_course.recipes import PHOTO_NET, PHOTO_NET_SIZE

    count = STEPS * PHOTO_NET.batch_size
    images = np.random.default_rng(0).integers(0, 256, (count, PHOTO_NET_SIZE, PHOTO_NET_SIZE, 3), np.uint8)
    labels = np.arange(count) % 2
    return lambda: models.photo_net(PHOTO_NET_SIZE), (Split(images, labels), Split(images[:2], labels[:2])), PHOTO_NET


if __name__ == "__main__":
    main(json.loads(sys.argv[1]))
