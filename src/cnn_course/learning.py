"""What a training step is made of, in small functions: the loss of some pictures and its gradient.

`training.fit` does the same inside TensorFlow's graph; these functions let chapter "How a network learns" look at it.
"""

from collections.abc import Callable, Iterator

import keras
import numpy as np
import tensorflow as tf

from cnn_course.arrays import as_floats, as_inputs, as_labels, class_count

PICTURES_PER_PASS = 1000  # the feature maps of all pictures at once may not fit into memory


def numerical_gradient(loss: Callable[[np.ndarray], float], weights, step: float = 1e-3) -> np.ndarray:
    """Estimate how steeply a loss rises with each weight, by moving one weight at a time up and down.

    Parameters
    ----------
    loss : callable
        From an array of the shape of ``weights`` to a number.
    weights : array_like of float, any shape
        Where to measure. They are not changed.
    step : float, default 1e-3
        How far to move a weight in each direction. The error grows with the square of ``step``, but rounding errors
        are divided by it: too small a step is as bad as too large a one.

    Returns
    -------
    ndarray of float64, shape as that of ``weights``
        For each weight the difference of two losses, divided by twice the step.

    Raises
    ------
    ValueError
        If ``step`` is not positive.

    References
    ----------
    I. Goodfellow, Y. Bengio and A. Courville, "Deep learning" (2016), section 11.5: centered differences.

    Examples
    --------
    >>> numerical_gradient(lambda w: w[0] ** 2 + 3 * w[1], [2.0, 1.0]).round(6).tolist()
    [4.0, 3.0]
    """
    if not step > 0:
        raise ValueError(f"step must be positive, got {step}.")
    weights = np.asarray(weights, float)
    slopes = np.zeros_like(weights)
    for place in np.ndindex(weights.shape):
        up, down = weights.copy(), weights.copy()
        up[place] += step
        down[place] -= step
        slopes[place] = (loss(up) - loss(down)) / (2 * step)
    return slopes


def mean_loss(model: keras.Model, images, labels) -> float:
    """Return the mean cross-entropy of some pictures, without dropout.

    Parameters
    ----------
    model : keras.Model
        From images to logits (N, classes).
    images : array_like of uint8 or float, shape (N, height, width, channels)
        At least one; bytes stand for shares of 255.
    labels : array_like of int, shape (N,)
        0 to ``classes - 1``.

    Raises
    ------
    ValueError
        If the pictures do not fit the model, or there is not one class for each of them.

    Examples
    --------
    A network that gives every class the same score has the loss of a blind guess, log 10.

    >>> blind = keras.Sequential([keras.Input((2, 2, 1)), keras.layers.Flatten(), keras.layers.Dense(10, "relu")])
    >>> round(mean_loss(blind, np.zeros((3, 2, 2, 1), np.float32), np.array([1, 2, 3])), 4)
    2.3026
    """
    return float(sum(share * _loss(model, *part) for share, *part in _parts(model, images, labels)))


def gradients(model: keras.Model, images, labels) -> dict[str, np.ndarray]:
    """Return the gradient of the mean cross-entropy for every trainable parameter, without dropout.

    Parameters
    ----------
    model, images, labels
        As for `mean_loss`.

    Returns
    -------
    dict of str to ndarray of float32
        Under names such as ``"conv1/kernel"``, in the order of the layers, each of the shape of that variable.

    Raises
    ------
    ValueError
        As `mean_loss` does.

    References
    ----------
    D. E. Rumelhart, G. E. Hinton and R. J. Williams, "Learning representations by back-propagating errors",
    Nature 323 (1986).

    Examples
    --------
    >>> model = keras.Sequential([keras.Input((2, 2, 1)), keras.layers.Flatten(), keras.layers.Dense(3, name="logits")])
    >>> slopes = gradients(model, np.ones((5, 2, 2, 1), np.float32), np.arange(5) % 3)
    >>> {name: slope.shape for name, slope in slopes.items()}
    {'logits/kernel': (4, 3), 'logits/bias': (3,)}
    """
    variables = {f"{layer.name}/{each.name}": each for layer in model.layers for each in layer.trainable_variables}
    total = [np.zeros(variable.shape, np.float32) for variable in variables.values()]
    for share, *part in _parts(model, images, labels):
        with tf.GradientTape() as tape:
            loss = _loss(model, *part)
        found = tape.gradient(loss, [variable.value for variable in variables.values()])
        total = [mine + share * np.asarray(slope) for mine, slope in zip(total, found, strict=True)]
    return dict(zip(variables, total, strict=True))


def _loss(model: keras.Model, images, labels):
    return tf.reduce_mean(
        tf.nn.sparse_softmax_cross_entropy_with_logits(labels=labels, logits=model(images, training=False))
    )


def _parts(model: keras.Model, images, labels) -> Iterator[tuple[np.float32, np.ndarray, np.ndarray]]:
    """Cut pictures and labels into passes, each with its share of all pictures."""
    images = as_inputs(images, model)
    labels = as_labels(labels, count=len(images), classes=class_count(model))
    if len(labels) == 0:
        raise ValueError("A loss needs at least one picture, got none.")
    for start in range(0, len(labels), PICTURES_PER_PASS):
        part = slice(start, start + PICTURES_PER_PASS)
        yield np.float32(len(labels[part]) / len(labels)), as_floats(images[part]), labels[part]
