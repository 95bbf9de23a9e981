"""Networks that have learned one thing and are used for another.

``cats-dogs-reused`` takes the shipped photo network for drawings. ``cats-dogs-transfer`` takes a network that has seen
more than a million photographs of ImageNet for 2,000 of cats and dogs; its weights are not shipped, and
``tools/convert_efficientnet.py`` says where they come from, and makes the file.
"""

from pathlib import Path

import keras
import numpy as np

from cnn_course import models, weights
from cnn_course.activations import feature_maps
from cnn_course.datasets import Drawings, Split, choose_evenly, load_drawings
from cnn_course.evaluation import accuracy
from cnn_course.experiments.shared import Parts, Runs, count_correct, load_parts
from cnn_course.photos import Photos
from cnn_course.readout import predict_by_readout
from cnn_course.recipes import (
    DRAWN_SIZE,
    LITE0_FINE_TUNING,
    LITE0_READ,
    LITE0_SIZE,
    LITE0_TRAINED_FROM,
    REUSED,
    REUSED_DRAWINGS,
    REUSED_EPOCH,
    Recipe,
)
from cnn_course.records import checkpoint_path
from cnn_course.training import fit

WEIGHTS_FILE = "efficientnet_lite0.npz"
WEIGHTS_SHA256 = "2a31b22f4582abd938d2a15feab17440d7ec3481a0dc4c5cfc624164ad169da4"
DRAWS = (1, 2, 3, 4, 5)  # of the few photographs that are read out from
PICTURES_PER_PASS = 50


REUSED_DRAWS = (1, 2, 3)  # of the few drawings that are learned from
REUSED_POOL = 1_200  # drawings that they are chosen from


def cats_dogs_reused() -> Runs:
    """Let the photo network go on with few drawings, and learn the same drawings from scratch."""
    pool, validation, test = (
        load_drawings(count, DRAWN_SIZE, seed) for seed, count in enumerate((REUSED_POOL, 200, 1_000))
    )
    return {
        f"{name}, {count:,} drawings, draw {draw}": lambda name=name, chosen=(count, draw): _train_few(
            name, choose_evenly(pool.labels, *chosen), pool, validation, test
        )
        for draw in REUSED_DRAWS
        for count in REUSED_DRAWINGS
        for name in REUSED
    }


def _train_few(name: str, chosen: np.ndarray, pool: Drawings, validation: Drawings, test: Drawings) -> dict:
    """Train on the chosen drawings, again and again until they make an epoch of the usual size."""
    shipped, recipe = weights.load_photo_net(), REUSED[name]
    model = models.photo_net(DRAWN_SIZE, seed=recipe.seed)
    if name == "fine-tuned":
        _take_over(model, shipped)
    else:
        for layer in _normalizations(model):
            layer.momentum = 0.9  # so few steps would leave the usual running statistics near their start
    repeated = np.resize(chosen, REUSED_EPOCH)
    history = fit(model, Split(pool.images[repeated], pool.labels[repeated]), validation, recipe)
    if history.interrupted:
        raise KeyboardInterrupt
    return {
        "recipe": recipe.settings,
        "photo_net": weights.sha256(shipped.get_weights()),
        "validation_accuracy": history.validation_accuracy,
        "test_correct": count_correct(model, test),
        "test_count": len(test.labels),
    }


def _take_over(model: keras.Model, trained: keras.Model) -> None:
    """Copy all weights but those of the answers, which become zero; keep the statistics that are normalized by."""
    for layer in model.layers:
        if layer.name == "logits":
            layer.set_weights([np.zeros(values.shape) for values in layer.weights])
        elif layer.weights:
            layer.set_weights(trained.get_layer(layer.name).get_weights())
    for layer in _normalizations(model):
        layer.trainable = False


def _normalizations(model: keras.Model) -> list[keras.layers.Layer]:
    return [layer for layer in model.layers if isinstance(layer, keras.layers.BatchNormalization)]


def cats_dogs_transfer(photos: Path) -> Runs:
    """Read out the last maps of EfficientNet-Lite0, and train its last blocks; score each result on test once."""
    pretrained = load_pretrained(photos / WEIGHTS_FILE, LITE0_SIZE)
    parts = load_parts(photos, LITE0_SIZE, test=True)
    return {
        "read out": lambda: _read_out(pretrained, parts),
        "fine-tuned": lambda: _fine_tune(
            pretrained, parts, LITE0_FINE_TUNING, checkpoint_path("cats-dogs-transfer", "fine-tuned")
        ),
    }


def load_pretrained(path: Path, image_size: int) -> keras.Model:
    """Build EfficientNet-Lite0 with its ImageNet weights.

    Parameters
    ----------
    path : Path
        The file that ``tools/convert_efficientnet.py`` makes.
    image_size : int
        Rows and columns of the pictures it is to see.

    Raises
    ------
    FileNotFoundError, ValueError
        If there is no such file, or it holds other numbers.
    """
    if not path.is_file():
        raise FileNotFoundError(
            f"There is no file {path}: weights learned from ImageNet are not part of the course. "
            "The first lines of tools/convert_efficientnet.py say how to make it."
        )
    model = models.efficientnet_lite0(image_size)
    try:
        with np.load(path, allow_pickle=False) as archive:
            values = [archive[variable.path] for variable in model.weights]
    except Exception as error:  # zip, header and key errors alike
        raise ValueError(f"{path} cannot be read ({error}). Make it anew: tools/convert_efficientnet.py") from error
    if weights.sha256(values) != WEIGHTS_SHA256:
        raise ValueError(f"{path} holds other numbers than expected. Make it anew: tools/convert_efficientnet.py")
    model.set_weights(values)
    return model


def _read_out(model: keras.Model, parts: Parts) -> dict:
    """Read cat or dog out of the last maps, from few photographs, drawn anew several times, and from all."""
    train, validation, test = ((_means(model, part), part.labels) for part in parts)
    runs = {}
    for count in LITE0_READ:
        draws = DRAWS if count < len(parts.train) else DRAWS[:1]
        chosen = [choose_evenly(parts.train.labels, count, seed) for seed in draws]
        found = [predict_by_readout([each[some] for each in train], validation, test[0]) for some in chosen]
        runs[str(count)] = [accuracy(parts.test.labels, each).correct for each in found]
    return {"image_size": model.input_shape[1], **_sizes(parts), "draws": DRAWS, "test_correct": runs}


def _means(model: keras.Model, photos: Photos) -> np.ndarray:
    """Return the mean of each last map, a part of the photographs after the other."""
    starts = range(0, len(photos), PICTURES_PER_PASS)
    passes = (photos.images[start : start + PICTURES_PER_PASS] for start in starts)
    return np.concatenate([feature_maps(model, images, ["means"])["means"] for images in passes])


def _fine_tune(pretrained: keras.Model, parts: Parts, recipe: Recipe, checkpoint: Path) -> dict:
    """Give the network two answers that know nothing yet, and train them together with its last blocks."""
    model = models.efficientnet_lite0(pretrained.input_shape[1], classes=2)
    _take_over(model, pretrained)
    for layer in model.layers[: model.layers.index(model.get_layer(LITE0_TRAINED_FROM))]:
        layer.trainable = False
    history = fit(model, parts.train, parts.validation, recipe, checkpoint=checkpoint)
    if history.interrupted:
        raise KeyboardInterrupt
    return {
        "recipe": recipe.settings,
        "image_size": model.input_shape[1],
        **_sizes(parts),
        "trained": int(sum(np.prod(variable.shape) for variable in model.trainable_variables)),
        "loss": history.loss,
        "validation_accuracy": history.validation_accuracy,
        "best_epoch": history.best_epoch,
        "test_correct": count_correct(model, parts.test),
    }


def _sizes(parts: Parts) -> dict:
    return {"photographs": [len(part) for part in parts]}
