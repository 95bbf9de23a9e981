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


def layer_readouts(model: keras.Model, data: Dataset, layers: list[str]) -> dict[str, Accuracy]:
    """Measure for each layer how well a linear read-out tells the pictures apart.

    Parameters
    ----------
    model : keras.Model
    data : Dataset
        Fitted to the first 5,000 training pictures; the strength is chosen by 2,000 validation pictures, the result is
        measured on the 10,000 test pictures.
    layers : list of str
        Names of layers. Of each, 1,024 randomly chosen values are read, so that no layer profits from its size.

    Returns
    -------
    dict of str to Accuracy

    Examples
    --------
    >>> from cnn_course.datasets import load_mnist
    >>> from cnn_course.models import mlp
    >>> layer_readouts(mlp(), load_mnist(), ["hidden"])["hidden"].count
    10000
    """
    parts = []
    for name, count in DIGITS_READ.items():
        part = getattr(data, name)
        parts.append((sample_activations(model, part.images[:count], layers), part.labels[:count]))

    def read(layer):
        return read_out(*((features[layer], labels) for features, labels in parts))

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

    def score(fit, features, labels):
        weights, offsets = fit
        return accuracy(labels, np.argmax(features @ weights + offsets, axis=1))

    best = max(fit_readouts(*train), key=lambda fit: score(fit, *validation).correct)
    return score(best, *test)


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
