"""Long runs whose results the chapters show: made by one command, recorded run by run, resumed after an interruption.

``python -m cnn_course.experiments NAME`` runs what is still missing from the record of that name.
"""

import argparse
import json
import os
import platform
import time
from collections.abc import Callable
from dataclasses import replace
from importlib.metadata import version
from pathlib import Path

RECORDS = Path(__file__).parent / "data" / "records"
SEEDS = (1, 2, 3, 4, 5)
DEEP_MNIST_MAPS = ("conv1", "pool1", "conv2", "pool2")


def load_record(name: str, folder: Path = RECORDS) -> dict:
    """Return what an experiment has recorded.

    Parameters
    ----------
    name : str
        Of the experiment, such as ``"lenet5-recipes"``.
    folder : Path, optional
        Where records are kept; the package's own unless told.

    Returns
    -------
    dict
        ``command``, ``versions``, ``machine`` and ``runs``: one dict per finished run.

    Raises
    ------
    FileNotFoundError
        If there is no such record.
    """
    path = folder / f"{name}.json"
    if not path.exists():
        raise FileNotFoundError(f"There is no record {path}. Make it with: python -m cnn_course.experiments {name}")
    return json.loads(path.read_text(encoding="utf-8"))


def run_missing(name: str, tasks: dict[str, Callable[[], dict]], folder: Path = RECORDS) -> dict:
    """Run every task that the record does not hold yet and save after each, so that Ctrl-C loses one run at most.

    Parameters
    ----------
    name : str
        Of the experiment.
    tasks : dict of str to callable
        Each run's key in the record, and the function that does it and returns its result.
    folder : Path, optional
        Where to keep the record.

    Returns
    -------
    dict
        The complete record.
    """
    path = folder / f"{name}.json"
    runs = load_record(name, folder)["runs"] if path.exists() else {}
    for number, (key, task) in enumerate(tasks.items(), start=1):
        if key in runs:
            print(f"{number}/{len(tasks)} {key}: recorded")
            continue
        print(f"{number}/{len(tasks)} {key}: running")
        runs[key] = task()
        record = {"command": f"python -m cnn_course.experiments {name}", **_circumstances(), "runs": runs}
        _write_whole(path, json.dumps(record, indent=1) + "\n")
        checkpoint_path(name, folder).unlink(missing_ok=True)
    return load_record(name, folder)


def checkpoint_path(name: str, folder: Path = RECORDS) -> Path:
    """Say where an experiment may keep the state of a run: a file that is removed once the run is recorded."""
    return folder / f"{name}.npz"


def _circumstances() -> dict:
    return {
        "versions": {package: version(package) for package in ("keras", "numpy")}
        | {"python": platform.python_version(), "tensorflow": _tensorflow_version()},
        "machine": f"{platform.machine()}, {os.cpu_count()} cores, no GPU",
    }


def _tensorflow_version() -> str:
    import tensorflow as tf

    return tf.__version__


def _write_whole(path: Path, text: str) -> None:
    """Write beside the file and rename, so that an interruption leaves the old file or the new one."""
    path.parent.mkdir(parents=True, exist_ok=True)
    draft = path.with_suffix(".part")
    draft.write_text(text, encoding="utf-8")
    draft.replace(path)


def lenet5_recipes() -> dict[str, Callable[[], dict]]:
    """Train LeNet-5 with five seeds by each of the recipes that chapter 4 compares."""
    from cnn_course.datasets import load_mnist
    from cnn_course.recipes import LENET5_RECIPES

    data = load_mnist()
    return {
        f"{name}, seed {seed}": lambda chosen=chosen, seed=seed: _train_lenet5(data, *chosen, seed)
        for seed in SEEDS
        for name, chosen in LENET5_RECIPES.items()
    }


def _train_lenet5(data, dropout, recipe, seed: int) -> dict:
    from cnn_course.models import lenet5
    from cnn_course.training import fit

    model = lenet5(dropout=dropout, seed=seed)
    recipe = replace(recipe, seed=seed)
    start = time.perf_counter()
    history = fit(model, data.train, data.validation, recipe)
    seconds = round(time.perf_counter() - start, 1)
    return {"dropout": dropout, "recipe": recipe.settings, **_outcome(model, history, data.test), "seconds": seconds}


def deep_mnist() -> dict[str, Callable[[], dict]]:
    """Train Deep MNIST for the 20,000 steps of its tutorial, which chapter 5 has no time for."""
    from cnn_course.datasets import load_mnist
    from cnn_course.recipes import DEEP_MNIST

    return {"20,000 steps": lambda: _train_deep_mnist(load_mnist(), DEEP_MNIST, checkpoint_path("deep-mnist"))}


def _train_deep_mnist(data, recipe, checkpoint: Path) -> dict:
    from cnn_course import models
    from cnn_course.activations import exceeds_byte, feature_maps
    from cnn_course.readout import layer_readouts
    from cnn_course.training import fit

    model = models.deep_mnist()
    history = fit(model, data.train, data.validation, recipe, checkpoint=checkpoint)
    outcome = _outcome(model, history, data.test)
    maps = feature_maps(model, data.test.images[:1000], list(DEEP_MNIST_MAPS))
    return {
        "dropout": model.get_layer("dropout").rate,
        "recipe": recipe.settings,
        "loss": history.loss,
        **outcome,
        "readout_correct": {
            name: result.correct for name, result in layer_readouts(model, data, [*DEEP_MNIST_MAPS, "dense1"]).items()
        },
        "share_beyond_byte": {name: float(exceeds_byte(values).mean()) for name, values in maps.items()},
    }


def tf_keras_vis() -> dict[str, Callable[[], dict]]:
    """Let the package tf-keras-vis maximise the ten logits of the LeNet-5 of seed 1, for chapter 8.

    It is no dependency of the course: ``pip install tf-keras-vis==0.8.7`` before, in an environment of its own.
    """
    import keras
    import numpy as np
    import tensorflow as tf
    from tf_keras_vis.activation_maximization import ActivationMaximization
    from tf_keras_vis.activation_maximization.input_modifiers import Rotate2D
    from tf_keras_vis.utils.scores import CategoricalScore

    from cnn_course.weights import load_lenet5

    def pictures(brightest: float, **settings) -> dict:
        keras.utils.set_random_seed(1)
        start = np.random.default_rng(1).uniform(0, brightest, size=(10, 28, 28, 1))
        climb = ActivationMaximization(load_lenet5(seed=1))
        found = climb(CategoricalScore(list(range(10))), seed_input=start, input_range=(0.0, 1.0), **settings)
        pixels = np.round(255 * np.asarray(found)).astype(np.uint8)
        return {"tf-keras-vis": version("tf-keras-vis"), "pixels": [picture.tobytes().hex() for picture in pixels]}

    def clipped(picture):
        return tf.clip_by_value(picture, 0.0, 1.0)

    adapted = {"input_modifiers": [clipped, Rotate2D(degree=1)], "optimizer": keras.optimizers.RMSprop(0.02, 0.999)}
    return {"as it comes": lambda: pictures(1.0), "adapted": lambda: pictures(0.05, **adapted)}


def cats_dogs_source(photos: Path) -> dict[str, Callable[[], dict]]:
    """Train the source's network for chapter 6 on photographs, by its recipe, for each of its numbers of steps."""
    from cnn_course.photo_runs import source_runs

    return source_runs(photos, checkpoint_path("cats-dogs-source"))


def cats_dogs_photos(photos: Path) -> dict[str, Callable[[], dict]]:
    """Train a better network for chapter 6 on photographs, and save its weights."""
    from cnn_course.photo_runs import better_runs

    return better_runs(photos, checkpoint_path("cats-dogs-photos"))


def cats_dogs_drawings() -> dict[str, Callable[[], dict]]:
    """Train the network of chapter 6 on drawings, as it is and with what is to help its big dense layer."""
    from cnn_course.datasets import Dataset, load_drawings
    from cnn_course.recipes import CATS_DOGS_CURES, DRAWN, DRAWN_SIZE

    parts = (load_drawings(count, DRAWN_SIZE, seed) for seed, count in enumerate(DRAWN.values()))
    data = Dataset(**dict(zip(DRAWN, parts, strict=True)))
    return {
        name: lambda options=options, recipe=recipe: _train_drawn(data, options, recipe)
        for name, (options, recipe) in CATS_DOGS_CURES.items()
    }


def _train_drawn(data, options: dict, recipe) -> dict:
    from cnn_course import models
    from cnn_course.evaluation import accuracy, predict_classes
    from cnn_course.training import fit

    model = models.cats_dogs(data.train.images.shape[1], **options)
    history = fit(model, data.train, data.validation, recipe, checkpoint=checkpoint_path("cats-dogs-drawings"))
    learned = accuracy(data.train.labels, predict_classes(model, data.train.images))
    return {
        "options": options,
        "recipe": recipe.settings,
        "parameters": model.count_params(),
        "loss": history.loss,
        **_outcome(model, history, data.test),
        "train_correct": learned.correct,
        "train_count": learned.count,
    }


def _outcome(model, history, test) -> dict:
    """Say how a training went and how good the model is now; half a training is no result."""
    from cnn_course.evaluation import accuracy, predict_classes

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


EXPERIMENTS = {
    "lenet5-recipes": lenet5_recipes,
    "deep-mnist": deep_mnist,
    "tf-keras-vis": tf_keras_vis,
    "cats-dogs-drawings": cats_dogs_drawings,
}
ON_PHOTOGRAPHS = {"cats-dogs-source": cats_dogs_source, "cats-dogs-photos": cats_dogs_photos}


def main() -> None:
    """Run the experiment named on the command line."""
    options = _parse_arguments()

    from cnn_course.runtime import make_reproducible

    make_reproducible()
    if options.evaluate:
        from cnn_course.photo_runs import evaluate

        print(_or_exit(lambda: evaluate(options.evaluate)))
        return
    if options.again:
        (RECORDS / f"{options.name}.json").unlink(missing_ok=True)
        checkpoint_path(options.name).unlink(missing_ok=True)
    try:
        _or_exit(lambda: run_missing(options.name, _tasks(options)))
    except KeyboardInterrupt:
        kept = "Finished runs are recorded"
        if checkpoint_path(options.name).exists():
            kept += f", and the finished epochs of the run that was going on are in {checkpoint_path(options.name)}"
        raise SystemExit(f"\nInterrupted. {kept}; the same command goes on from there.") from None


def _parse_arguments() -> argparse.Namespace:
    parser = argparse.ArgumentParser(prog="python -m cnn_course.experiments", description=__doc__)
    parser.add_argument("name", choices=[*EXPERIMENTS, *ON_PHOTOGRAPHS], help="what to run")
    parser.add_argument("--again", action="store_true", help="forget the record and run everything anew")
    parser.add_argument(
        "--photos",
        type=Path,
        default=Path("photos"),
        help="for cats-dogs-…: a folder with train and validation, each with cats and dogs (default: photos)",
    )
    parser.add_argument(
        "--evaluate",
        type=Path,
        metavar="DIRECTORY",
        help="for cats-dogs-photos: train nothing, let the trained network classify the photographs of a folder",
    )
    options = parser.parse_args()
    if options.evaluate and options.name != "cats-dogs-photos":
        parser.error("--evaluate goes with cats-dogs-photos only")
    return options


def _tasks(options: argparse.Namespace) -> dict[str, Callable[[], dict]]:
    if options.name in ON_PHOTOGRAPHS:
        return ON_PHOTOGRAPHS[options.name](options.photos)
    return EXPERIMENTS[options.name]()


def _or_exit(work: Callable):
    """Turn what is wrong with the files that the reader named into one clear line instead of a traceback."""
    try:
        return work()
    except (FileNotFoundError, ValueError) as error:
        raise SystemExit(str(error)) from None


if __name__ == "__main__":
    main()
