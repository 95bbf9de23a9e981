"""How well a layer tells classes apart: what weighted sums of its values, one for each class, can read out of it.

The field calls such a read-out a linear probe.
"""

import keras
import numpy as np

from cnn_course.activations import sample_activations
from cnn_course.arrays import as_labels
from cnn_course.cores import side_by_side
from cnn_course.datasets import Dataset
from cnn_course.evaluation import Accuracy, accuracy

STRENGTHS = (0.001, 0.01, 0.1, 1.0)
DIGITS_READ = {"train": 5_000, "validation": 2_000, "test": 10_000}


def predict_by_layers(
    model: keras.Model,
    data: Dataset,
    layers: list[str],
    counts: dict[str, int] | None = None,
    values: int = 1024,
) -> dict[str, np.ndarray]:
    """Read out of each layer which classes the test pictures have.

    Parameters
    ----------
    model : keras.Model
    data : Dataset
    layers : list of str
        Names of layers.
    counts : dict of str to int, optional
        How many pictures of each part of the data to read; by default the first 5,000 training pictures to fit to,
        2,000 validation pictures to choose the strength of the penalty by, and 10,000 test pictures.
    values : int, default 1024
        How many randomly chosen values of each layer to read, so that no layer profits from its size.

    Returns
    -------
    dict of str to ndarray of int64, shape (N,)
        For each layer the classes of the test pictures, as the best linear read-out has them.

    Examples
    --------
    >>> from cnn_course.datasets import load_mnist
    >>> from cnn_course.models import mlp
    >>> predict_by_layers(mlp(), load_mnist(), ["hidden"])["hidden"].shape
    (10000,)
    """
    parts = []
    for name, count in (counts or DIGITS_READ).items():
        part = getattr(data, name)
        parts.append((sample_activations(model, part.images[:count], layers, count=values), part.labels[:count]))

    def read(layer: str) -> np.ndarray:
        train, validation, test = ((features[layer], labels) for features, labels in parts)
        return predict_by_readout(train, validation, test[0])

    return dict(zip(layers, side_by_side(read, layers), strict=True))


def read_out(train: tuple, validation: tuple, test: tuple) -> Accuracy:
    """Fit linear read-outs to the training part, choose one by the validation part, score it on the test part.

    Parameters
    ----------
    train, validation, test : (ndarray of float, shape (N, D); ndarray of int, shape (N,))
        Features and labels, 0 to 9.

    Examples
    --------
    >>> features, labels = np.eye(3), np.array([0, 1, 2])
    >>> read_out((features, labels), (features, labels), (features, labels)).correct
    3
    """
    features, labels = test
    return accuracy(labels, predict_by_readout(train, validation, features))


def predict_by_readout(train: tuple, validation: tuple, features) -> np.ndarray:
    """Fit linear read-outs to the training part, choose one by the validation part, and let it answer.

    Parameters
    ----------
    train, validation : (ndarray of float, shape (N, D); ndarray of int, shape (N,))
        Features and labels, 0 to 9.
    features : ndarray of float, shape (M, D)

    Returns
    -------
    ndarray of int64, shape (M,)
        The class whose sum is largest, for each row of ``features``.

    Examples
    --------
    >>> part = np.eye(3), np.array([0, 1, 2])
    >>> predict_by_readout(part, part, np.eye(3)[::-1]).tolist()
    [2, 1, 0]
    """

    def answer(fit: tuple, features) -> np.ndarray:
        weights, offsets = fit
        return np.argmax(features @ weights + offsets, axis=1)

    known, labels = validation
    best = max(fit_readouts(*train), key=lambda fit: accuracy(labels, answer(fit, known)).correct)
    return answer(best, features)


def fit_readouts(features, labels, strengths=STRENGTHS, classes: int = 10) -> list[tuple]:
    """Fit one weighted sum per class that should be 1 for its pictures and 0 for others: ridge regression.

    Parameters
    ----------
    features : ndarray of float, shape (N, D)
    labels : ndarray of int, shape (N,)
        0 to ``classes - 1``.
    strengths : sequence of float
        Of the penalty on the squared weights, as shares of the features' mean variance.
    classes : int, default 10

    Returns
    -------
    list of (ndarray of shape (D, classes), ndarray of shape (classes,))
        Weights and offsets for each strength, as float64.

    Raises
    ------
    ValueError
        If no feature differs between the pictures, or features and labels do not fit each other.

    References
    ----------
    G. Alain and Y. Bengio, "Understanding intermediate layers using linear classifier probes", 2016. A. E. Hoerl and
    R. W. Kennard, "Ridge regression: biased estimation for nonorthogonal problems", 1970.

    Examples
    --------
    >>> (weights, offsets), = fit_readouts(np.eye(3), np.array([0, 1, 2]), strengths=[0.1], classes=3)
    >>> weights.shape, offsets.shape
    ((3, 3), (3,))
    """
    features = _as_features(features)
    labels = as_labels(labels, count=len(features), classes=classes)
    mean = np.mean(features, axis=0, dtype=np.float64)
    centered = features - mean
    targets = np.eye(classes)[labels]
    shares = targets.mean(axis=0)
    products = centered.T @ centered
    size = np.trace(products) / len(products)
    if size == 0:
        raise ValueError("All pictures have the same features: there is nothing to read out.")
    fits = []
    for strength in strengths:
        penalty = strength * size * np.eye(len(products))
        weights = np.linalg.solve(products + penalty, centered.T @ (targets - shares))
        fits.append((weights, shares - mean @ weights))
    return fits


def _as_features(features) -> np.ndarray:
    features = np.asarray(features)
    if features.ndim != 2 or not np.isfinite(features).all():
        raise ValueError(f"features must be finite numbers of shape (N, D), got shape {features.shape}.")
    return features
