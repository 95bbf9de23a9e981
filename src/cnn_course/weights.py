"""Trained networks that ship with the package, so that a chapter need not train what it only looks at.

``tools/train_weights.py`` trains them anew from their recipes. The unit tests do so too, and compare every bit.
"""

import hashlib
from dataclasses import replace
from pathlib import Path

import keras
import numpy as np

from cnn_course import models
from cnn_course.datasets import load_mnist
from cnn_course.experiments import load_record
from cnn_course.recipes import LENET5_RECIPES, PHOTO_NET_SIZE
from cnn_course.training import History, fit

FOLDER = Path(__file__).parent / "data" / "weights"
PHOTO_NET_FILE = FOLDER / "photo_net.npz"
LENET5_RECIPE = "one cycle, distorted digits"
# Of all weights of each network, by its seed.
LENET5_SHA256 = {
    1: "8f374c5806670e9922e77df606b6ac93532b66c36a846155fe2797c0df47b684",
    2: "5872359ececc8c4075c15ee62069db4ab0e0ab6a25cbbe5e68edbcf05f6c96ed",
}


def load_lenet5(seed: int) -> keras.Model:
    """Load a LeNet-5 that was trained by the better recipe of chapter 4.

    Parameters
    ----------
    seed : {1, 2}
        Of its first weights, and of the order and the distortions of its training digits.

    Returns
    -------
    keras.Model
        As `models.lenet5` builds it, with trained weights.

    Raises
    ------
    ValueError
        If there is none of that seed, or its file is damaged.
    FileNotFoundError
        If the file is missing from the installed package.
    """
    if seed not in LENET5_SHA256:
        raise ValueError(f"There is no trained LeNet-5 of seed {seed}; there are {', '.join(map(str, LENET5_SHA256))}.")
    model = _new_lenet5(seed)
    restore(model, lenet5_file(seed), LENET5_SHA256[seed])
    return model


def load_photo_net() -> keras.Model:
    """Load the network that ``python -m cnn_course.experiments cats-dogs-photos`` trained on 2,000 photographs.

    Returns
    -------
    keras.Model
        As `models.photo_net` builds it, for pictures of `recipes.PHOTO_NET_SIZE` pixels a side.

    Raises
    ------
    ValueError
        If its file is damaged.
    FileNotFoundError
        If the file, or the record of the run that made it, is missing from the installed package.
    """
    model = models.photo_net(PHOTO_NET_SIZE)
    restore(model, PHOTO_NET_FILE, load_record("cats-dogs-photos")["runs"]["photo_net"]["sha256"])
    return model


def save(model: keras.Model, path: Path) -> None:
    """Write the weights of a model, by their names, into a file that ends in ``.npz``."""
    np.savez_compressed(path, **{variable.path: np.asarray(variable) for variable in model.weights})


def restore(model: keras.Model, path: Path, expected_sha256: str) -> None:
    """Give a model the weights that :func:`save` wrote.

    Raises
    ------
    FileNotFoundError, ValueError
        If the file is missing, or is not the one of that SHA-256.
    """
    fix = "Reinstall cnn_course, or in a clone run: git checkout -- src/cnn_course/data"
    try:
        with np.load(path, allow_pickle=False) as archive:
            weights = [archive[variable.path] for variable in model.weights]
    except FileNotFoundError:
        raise FileNotFoundError(f"The file of weights {path} is missing. {fix}") from None
    except Exception as error:  # zip, header and value errors alike
        raise ValueError(f"The file of weights {path} is damaged ({error}). {fix}") from error
    if sha256(weights) != expected_sha256:
        raise ValueError(f"The file of weights {path} is damaged: its numbers have changed. {fix}")
    model.set_weights(weights)


def train_lenet5(seed: int, **options) -> tuple[keras.Model, History]:
    """Train the network that `load_lenet5` loads.

    Parameters
    ----------
    seed : int
    **options
        Handed to `training.fit`.

    Returns
    -------
    (keras.Model, History)
    """
    digits, model = load_mnist(), _new_lenet5(seed)
    recipe = replace(LENET5_RECIPES[LENET5_RECIPE][1], seed=seed)
    return model, fit(model, digits.train, digits.validation, recipe, **options)


def _new_lenet5(seed: int) -> keras.Model:
    return models.lenet5(dropout=LENET5_RECIPES[LENET5_RECIPE][0], seed=seed)


def lenet5_file(seed: int) -> Path:
    """Return where the weights of a seed are kept."""
    return FOLDER / f"lenet5-{seed}.npz"


def sha256(weights: list[np.ndarray]) -> str:
    """Return the SHA-256 of the numbers of a network, in the order of its variables."""
    return hashlib.sha256(b"".join(np.asarray(values, "<f4").tobytes() for values in weights)).hexdigest()
