"""The state of a training that was interrupted: one file, without pickle, from which the same bits come out."""

import hashlib
import json
from dataclasses import asdict
from pathlib import Path
from typing import BinaryIO

import numpy as np

from cnn_course.arrays import OnDemand, sha256
from cnn_course.recipes import Recipe

PICTURES_AT_ONCE = 1000


def fingerprint(*splits) -> str:
    """Return a hash of all pictures and labels of some splits, by which a checkpoint knows its data again.

    Examples
    --------
    >>> from cnn_course.datasets import Split
    >>> split = Split(np.zeros((2, 4, 4, 1), np.float32), np.array([0, 1]))
    >>> fingerprint(split) == fingerprint(split), fingerprint(split) == fingerprint(split, split)
    (True, False)
    """
    digest = hashlib.sha256()
    for split in splits:
        for array in (split.images, split.labels):
            digest.update(f"{array.dtype}{array.shape}".encode())
            if isinstance(array, OnDemand):
                digest.update(array.identity())
                continue
            for start in range(0, len(array), PICTURES_AT_ONCE):  # those of a memory-mapped array stay on disk
                digest.update(np.ascontiguousarray(array[start : start + PICTURES_AT_ONCE]))
    return digest.hexdigest()


def summary(weights: list[np.ndarray], recipe: Recipe, *splits) -> bytes:
    """Return a hash of what several workers have to be given alike; of the pictures, only how many, and their size.

    Examples
    --------
    >>> from cnn_course.datasets import Split
    >>> split, recipe = Split(np.zeros((2, 4, 4, 1), np.float32), np.array([0, 1])), Recipe("sgd", 0.1, 2, 1)
    >>> summary([np.zeros(3)], recipe, split) == summary([np.ones(3)], recipe, split)
    False
    """
    given = [sha256(weights), recipe.settings, *((split.images.shape, split.labels.tolist()) for split in splits)]
    return hashlib.sha256(repr(given).encode()).digest()


def save(path: Path, variables, best_weights, recipe: Recipe, data: str, history) -> None:
    """Write the state beside the file and rename, so that an interruption leaves the old state or the new one.

    Parameters
    ----------
    path : Path
        Ends in ``.npz``.
    variables : list of keras.Variable
        Of the model and its optimizer: weights, moments, step count, states of random generators.
    best_weights : list of ndarray
        Of the best epoch so far.
    recipe : Recipe
    data : str
        The :func:`fingerprint` of the data.
    history : training.History
    """
    arrays = {f"variable {number}": np.asarray(variable) for number, variable in enumerate(variables)}
    arrays |= {f"best {number}": weights for number, weights in enumerate(best_weights)}
    path.parent.mkdir(parents=True, exist_ok=True)
    draft = path.with_suffix(".part.npz")
    np.savez(draft, recipe=json.dumps(recipe.settings), data=data, history=json.dumps(asdict(history)), **arrays)
    draft.replace(path)


def restore(file: BinaryIO, name: str, variables, recipe: Recipe, data: str) -> tuple[dict, list[np.ndarray]]:
    """Give the variables the values they had and return the history and the best weights.

    Parameters
    ----------
    file : file
        What :func:`save` wrote.
    name : str
        Of that file, for the message.
    variables : list of keras.Variable
        As given to :func:`save`.
    recipe : Recipe
    data : str
        The :func:`fingerprint` of the data that the training is to go on with; empty for a worker that leaves this
        question to the first one.

    Returns
    -------
    (dict, list of ndarray)
        Fields of the history; the weights of the best epoch so far.

    Raises
    ------
    ValueError
        If the file cannot be read, or was written by another recipe, from other data or for another model.
    """
    fix = f"Delete {name} to begin anew, or go on with what wrote it."
    try:
        with np.load(file, allow_pickle=False) as archive:
            arrays = dict(archive)
    except Exception as error:  # zip, header and value errors alike: the file is no checkpoint
        raise ValueError(f"{name} is no checkpoint, or a damaged one ({error}). {fix}") from error
    if Recipe(**json.loads(str(arrays.pop("recipe")))) != recipe:
        raise ValueError(f"{name} was written by another recipe. {fix}")
    if str(arrays.pop("data", "")) != data != "":
        raise ValueError(f"{name} was written from other pictures or labels. {fix}")
    history = json.loads(str(arrays.pop("history")))
    saved = [values for name, values in arrays.items() if name.startswith("variable")]
    if [values.shape for values in saved] != [tuple(variable.shape) for variable in variables]:
        raise ValueError(f"{name} was written for another model. {fix}")
    for variable, values in zip(variables, saved, strict=True):
        variable.assign(values)
    return history, [values for name, values in arrays.items() if name.startswith("best")]
