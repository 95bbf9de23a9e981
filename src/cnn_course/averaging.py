"""Running averages: of a network's weights over many steps, and of its batch statistics, computed anew."""

from collections.abc import Iterator
from contextlib import contextmanager

import keras
import tensorflow as tf


class RunningAverage:
    """The running average of all weights of a model, those that batch normalization keeps included.

    Parameters
    ----------
    model : keras.Model
    share : float
        At least 0 and below 1: how much of the average stays at each step. Steps near the beginning replace more of
        it, so that the first weights, which no training has seen, are soon forgotten.

    Attributes
    ----------
    means : list of tf.Variable
        In the order of ``model.weights``.

    References
    ----------
    B. T. Polyak and A. B. Juditsky, "Acceleration of stochastic approximation by averaging", 1992. M. Tan and Q. V. Le,
    "EfficientNet", 2019, averages the statistics of batch normalization, too.

    Examples
    --------
    >>> import numpy as np
    >>> model = keras.Sequential([keras.Input((1,)), keras.layers.Dense(1, use_bias=False, kernel_initializer="zeros")])
    >>> average = RunningAverage(model, 0.5)
    >>> model.set_weights([np.ones((1, 1))])
    >>> average.follow(step=100)
    >>> average.means[0].numpy()
    array([[0.5]], dtype=float32)
    """

    def __init__(self, model: keras.Model, share: float) -> None:
        self._model, self._share = model, share
        self.means = [tf.Variable(weight.value, trainable=False) for weight in model.weights]

    def follow(self, step) -> None:
        """Take in the model's present weights, after the step of this number, counted from 0."""
        step = tf.cast(step, tf.float32)
        share = tf.minimum(self._share, (1 + step) / (10 + step))
        for mean, weight in zip(self.means, self._model.weights, strict=True):
            mean.assign_sub((1 - share) * (mean - weight.value))

    @contextmanager
    def in_place(self) -> Iterator[None]:
        """Let the model have the averages as its weights; it gets its own back."""
        own = self._model.get_weights()
        self._model.set_weights([mean.numpy() for mean in self.means])
        try:
            yield
        finally:
            self._model.set_weights(own)


@contextmanager
def statistics_of(model: keras.Model, batches) -> Iterator[None]:
    """Let batch normalization have the statistics of these batches, as the present weights make them.

    While a network learns, its running statistics are made of batches that weights of the past have seen.

    Parameters
    ----------
    model : keras.Model
        Afterwards it has its own statistics again.
    batches : iterable of ndarray or tensor, shape (N, height, width, channels)
        Of equal length: each counts the same.

    Examples
    --------
    >>> import numpy as np
    >>> model = keras.Sequential([keras.Input((1,)), keras.layers.BatchNormalization()])
    >>> with statistics_of(model, [np.full((2, 1), 3.0), np.full((2, 1), 5.0)]):
    ...     print(model.layers[0].moving_mean.numpy())
    [4.]
    """
    own = model.get_weights()
    normalizations = [layer for layer in model.layers if isinstance(layer, keras.layers.BatchNormalization)]
    momenta = [layer.momentum for layer in normalizations]
    try:
        for number, batch in enumerate(batches):
            for layer in normalizations:
                layer.momentum = number / (number + 1)  # so that the running mean is the plain one
            model(batch, training=True)
        yield
    finally:
        for layer, momentum in zip(normalizations, momenta, strict=True):
            layer.momentum = momentum
        model.set_weights(own)
