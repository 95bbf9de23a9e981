"""One of the workers of test_workers.py: trains what the test trains alone, and writes what came out."""

import json
import sys
from argparse import Namespace
from pathlib import Path
from typing import ClassVar

from cnn_course.runtime import make_reproducible

make_reproducible()

from cnn_course import workers  # noqa: E402

strategy = workers.join()

import keras  # noqa: E402
import numpy as np  # noqa: E402

from cnn_course import experiments, models, records, weights  # noqa: E402
from cnn_course.datasets import Split, load_mnist  # noqa: E402
from cnn_course.experiments import __main__ as command  # noqa: E402
from cnn_course.recipes import ONE_CYCLE, Recipe  # noqa: E402
from cnn_course.training import fit  # noqa: E402

FIFTY_STEPS = Recipe(**ONE_CYCLE.settings | {"epochs": 1, "batch_size": 32})
CHANGES = {"shift": 2.0, "rotation": 5.0, "flip": True, "brightness": 0.1, "contrast": 0.1, "mixup": 0.3}
ALL_AT_ONCE = Recipe("sgd", 0.02, batch_size=9, epochs=2, l2=0.01, label_smoothing=0.1, average=0.5, **CHANGES)


def digits(count: int) -> tuple[Split, Split]:
    """Return so many digits to train on, and 99 to validate on."""
    mnist = load_mnist()
    validation = Split(mnist.validation.images[:99], mnist.validation.labels[:99])
    return Split(mnist.train.images[:count], mnist.train.labels[:count]), validation


def normalizing(dropout: float = 0.0) -> keras.Model:
    """Return a small network with batch normalization."""
    first, last = (keras.initializers.GlorotUniform(seed=seed) for seed in range(2))
    return keras.Sequential(
        [
            keras.Input((28, 28, 1)),
            keras.layers.Conv2D(4, 5, strides=3, kernel_initializer=first),
            keras.layers.BatchNormalization(momentum=0.5),
            keras.layers.ReLU(),
            keras.layers.Flatten(),
            keras.layers.Dropout(dropout, seed=3),
            keras.layers.Dense(10, kernel_initializer=last),
        ],
        name="normalizing",
    )


class Watched(np.memmap):
    """Pictures on disk that remember which of them were read."""

    read: ClassVar[set[int]] = set()

    def __getitem__(self, places):
        if isinstance(places, np.ndarray):
            Watched.read.update(places.tolist())
        return np.asarray(super().__getitem__(places))


def on_disk(split: Split, path: Path) -> Split:
    """Return the same pictures as bytes of a file."""
    pictures = np.round(split.images * 255).astype(np.uint8)
    pictures.tofile(path)
    return Split(np.memmap(path, np.uint8, "r", shape=pictures.shape), split.labels)


def experiment(folder: Path, team: workers.Team) -> list[str]:
    """Make two runs of an experiment together; return the files of this worker's folder of records."""
    train, validation = digits(16)

    def run(seed):
        model = models.mlp(seed=seed)
        history = fit(model, train, validation, Recipe("sgd", 0.1, batch_size=8, epochs=1, seed=seed), report=None)
        weights.save(model, records.RECORDS / f"seed-{seed}.npz")
        return {"loss": history.loss}

    records.RECORDS = folder / f"records-{team.index}"
    experiments.tasks = lambda name, photos: {f"seed {seed}": lambda seed=seed: run(seed) for seed in (1, 2)}
    with strategy.scope():
        options = Namespace(name="deep-mnist", photos=None, again=False, run="*2")
        command._take_part(options, team)
    return sorted(path.name for path in records.RECORDS.glob("*"))


def main(folder: Path) -> None:
    """Train, and write the weights and what else can be compared."""
    team = workers.Team(strategy)
    found = {"index": team.index, "said": team.from_chief(f"from {team.index}".encode()).decode()}
    found["total"] = team.total([team.index, 10]).tolist()

    with strategy.scope():
        lenet5 = models.lenet5(dropout=(0.0, 0.0))
        small, dropping, refused = normalizing(), normalizing(dropout=0.5), models.mlp()
    found["lenet5"] = vars(fit(lenet5, *digits(1600), FIFTY_STEPS, report=None, strategy=strategy))

    train, validation = digits(28)  # the last batch has one picture: fewer than workers
    disk = on_disk(train, folder / f"pictures-{team.index}")
    disk = Split(disk.images.view(Watched), disk.labels)
    checkpoint = folder / "only-there" / "half.npz" if team.is_chief else folder / "nowhere" / "half.npz"
    read = []
    measure = lambda *_: read.append(sorted(Watched.read))  # noqa: E731
    found["small"] = vars(fit(small, disk, validation, ALL_AT_ONCE, report=None, measure=measure, strategy=strategy))
    found["read"] = read[0]  # in the first epoch

    recipe = Recipe("adam", 0.01, batch_size=8, epochs=3)
    whole = fit(dropping, train, validation, recipe, report=None, strategy=strategy)
    kept = dropping.get_weights()
    with strategy.scope():
        dropping = normalizing(dropout=0.5)
    lines = []

    def report(line):
        lines.append(line)
        if len(lines) == 2:
            raise KeyboardInterrupt

    half = fit(dropping, train, validation, recipe, report=report, strategy=strategy, checkpoint=checkpoint)
    with strategy.scope():
        again = normalizing(dropout=0.5)
    rest = fit(again, train, validation, recipe, report=None, strategy=strategy, checkpoint=checkpoint)
    found["epochs"] = [len(half.loss), len(rest.loss)]
    found["resumed"] = whole == rest and all(map(np.array_equal, kept, again.get_weights()))
    found["files"] = sorted(path.parent.name for path in folder.glob("*/half.npz"))

    other = Recipe("sgd", 0.1, batch_size=8, steps=1 + team.index)
    try:
        fit(refused, train, validation, other, report=None, strategy=strategy)
    except ValueError as error:
        found["refused"] = str(error)
    found["records"] = experiment(folder, team)
    arrays = {"lenet5": lenet5, "small": small}
    arrays = {f"{name} {n}": w for name, model in arrays.items() for n, w in enumerate(model.get_weights())}
    np.savez(folder / f"weights-{team.index}.npz", **arrays)
    (folder / f"found-{team.index}.json").write_text(json.dumps(found))


if __name__ == "__main__":
    main(Path(sys.argv[1]))
