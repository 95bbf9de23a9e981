"""Networks that ship with the package, so that a chapter need not train what it only looks at.

``python -m cnn_course.experiments`` makes them anew from their recipes (``lenet5-weights``, ``smiley-weights``,
``cats-dogs-photos``), and records the SHA-256 of their numbers. The unit tests make all but the last anew, too, and
compare every bit.
"""

from pathlib import Path

import keras
import numpy as np

from cnn_course import models, shipped
from cnn_course.arrays import as_bytes as as_bytes  # public here: weights.as_bytes
from cnn_course.arrays import sha256 as sha256
from cnn_course.recipes import LENET5_SHIPPED, PHOTO_NET_SIZE
from cnn_course.records import load_record

FOLDER = shipped.DATA / "weights"
PHOTO_NET_FILE = FOLDER / "photo_net.npz"
PHOTO_NET_RUN = "one size, seed 9000"  # chosen by the validation photographs
LENET5_SEEDS = (1, 2)
SMILEY_FILE = FOLDER / "smiley-channels.npz"
SMILEY_SEED = 34  # chapter 7 says why: none of its maps is empty
SMILEY_BIASES = (0.5, -0.5, -0.25, 0.25, 0.5, 0.25)  # of conv2; Keras begins with zeros, which nobody sees
SMILEY_RUN = f"seed {SMILEY_SEED}, untrained"


def load_lenet5(seed: int, *, trained: bool = True) -> keras.Model:
    """Load a LeNet-5 that was trained by the better recipe of chapter 4, or what it was before.

    Parameters
    ----------
    seed : {1, 2}
        Of its first weights, and of the order and the distortions of its training digits.
    trained : bool, default True
        With False, the network that training began with.

    Returns
    -------
    keras.Model
        As `models.lenet5` builds it.

    Raises
    ------
    ValueError
        If there is none of that seed, or its file is damaged.
    FileNotFoundError
        If the file is missing from the installed package.

    Examples
    --------
    >>> load_lenet5(seed=1).name
    'lenet5'
    """
    if seed not in LENET5_SEEDS:
        raise ValueError(f"There is no trained LeNet-5 of seed {seed}; there are {', '.join(map(str, LENET5_SEEDS))}.")
    model = models.lenet5(**LENET5_SHIPPED.options, seed=seed)
    run = load_record("lenet5-weights")["runs"][lenet5_run(seed, trained)]
    restore(model, lenet5_file(seed, trained), run["sha256"])
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

    Examples
    --------
    >>> load_photo_net().count_params()
    888930
    """
    model = models.photo_net(PHOTO_NET_SIZE)
    restore(model, PHOTO_NET_FILE, load_record("cats-dogs-photos")["runs"][PHOTO_NET_RUN]["sha256"])
    return model


def load_smiley_channels() -> keras.Model:
    """Load the untrained network of chapter 7, with the biases that it has there.

    Returns
    -------
    keras.Model
        As `models.smiley_channels` builds it.

    Raises
    ------
    ValueError
        If its file is damaged.
    FileNotFoundError
        If the file is missing from the installed package.

    Examples
    --------
    >>> load_smiley_channels().get_layer("conv2").bias.numpy()
    array([ 0.5 , -0.5 , -0.25,  0.25,  0.5 ,  0.25], dtype=float32)
    """
    model = models.smiley_channels(seed=SMILEY_SEED)
    restore(model, SMILEY_FILE, load_record("smiley-weights")["runs"][SMILEY_RUN]["sha256"])
    return model


def save(model: keras.Model, path: Path) -> str:
    """Write the weights of a model, by their names, into a file that ends in ``.npz``; return their SHA-256."""
    path.parent.mkdir(parents=True, exist_ok=True)
    draft = path.with_suffix(".part.npz")  # renamed when complete: an interruption leaves the old file whole
    np.savez_compressed(draft, **{variable.path: np.asarray(variable) for variable in model.weights})
    draft.replace(path)
    return sha256(model.get_weights())


def restore(model: keras.Model, path: Path, expected_sha256: str) -> None:
    """Give a model the weights that :func:`save` wrote.

    Raises
    ------
    FileNotFoundError, ValueError
        If the file is missing, or is not the one of that SHA-256.
    """
    content = shipped.read(path)
    try:
        with np.load(content, allow_pickle=False) as archive:
            weights = [archive[variable.path] for variable in model.weights]
    except Exception as error:  # zip, header and value errors alike
        raise shipped.damaged(path, str(error)) from error
    if sha256(weights) != expected_sha256:
        raise shipped.damaged(path, "its numbers have changed")
    model.set_weights(weights)


def lenet5_file(seed: int, trained: bool = True) -> Path:
    """Return where the weights of a seed are kept, trained or as they were before."""
    return FOLDER / (f"lenet5-{seed}.npz" if trained else f"lenet5-{seed}-untrained.npz")


def lenet5_run(seed: int, trained: bool = True) -> str:
    """Return the key under which the run that made these weights is recorded."""
    return f"seed {seed}" if trained else f"seed {seed}, untrained"
