"""The networks of the course, as Keras models that return one score (logit) per class."""

import itertools
from collections.abc import Iterator

import keras
from keras import layers

DIGIT_SHAPE = (28, 28, 1)


def lenet5(*, dropout: tuple[float, float] = (0.2, 0.1), seed: int = 9000) -> keras.Model:
    """Build the small LeNet-5 that today's tutorials use: 44,426 parameters.

    It keeps the layer sizes of the network of 1998 but not its trainable subsampling, its sparse third layer or its
    RBF output.

    Parameters
    ----------
    dropout : (float, float), default (0.2, 0.1)
        Shares of values dropped while training: of the 256 flattened maps, and after the first dense layer.
    seed : int, default 9000
        Fixes the starting weights and the dropout.

    Returns
    -------
    keras.Model
        From images (N, 28, 28, 1) in [0, 1] to logits (N, 10).

    References
    ----------
    Y. LeCun, L. Bottou, Y. Bengio and P. Haffner, "Gradient-based learning applied to document recognition",
    Proceedings of the IEEE 86 (1998), section II.
    """
    initializers = _initializers(seed)
    return keras.Sequential(
        [
            keras.Input(DIGIT_SHAPE),
            layers.Conv2D(6, 5, activation="relu", kernel_initializer=next(initializers), name="conv1"),
            layers.MaxPooling2D(name="pool2"),
            layers.Conv2D(16, 5, activation="relu", kernel_initializer=next(initializers), name="conv3"),
            layers.MaxPooling2D(name="pool4"),
            layers.Flatten(name="flatten5"),
            layers.Dropout(dropout[0], seed=seed, name="dropout5"),
            layers.Dense(120, activation="relu", kernel_initializer=next(initializers), name="dense6"),
            layers.Dropout(dropout[1], seed=seed + 1, name="dropout6"),
            layers.Dense(84, activation="relu", kernel_initializer=next(initializers), name="dense7"),
            layers.Dense(10, kernel_initializer=next(initializers), name="logits"),
        ],
        name="lenet5",
    )


def mlp(*, hidden: int = 56, seed: int = 9000) -> keras.Model:
    """Build a network of dense layers only, with about as many parameters as LeNet-5: 44,530.

    Parameters
    ----------
    hidden : int, default 56
        Units of the hidden layer.
    seed : int, default 9000
        Fixes the starting weights.

    Returns
    -------
    keras.Model
        From images (N, 28, 28, 1) in [0, 1] to logits (N, 10).
    """
    initializers = _initializers(seed)
    return keras.Sequential(
        [
            keras.Input(DIGIT_SHAPE),
            layers.Flatten(name="flatten"),
            layers.Dense(hidden, activation="relu", kernel_initializer=next(initializers), name="hidden"),
            layers.Dense(10, kernel_initializer=next(initializers), name="logits"),
        ],
        name="mlp",
    )


def _initializers(seed: int) -> Iterator[keras.initializers.Initializer]:
    """Yield one initializer per layer: normal with standard deviation 0.1, cut at two of them.

    Explicit seeds make a model's first weights independent of what was built before it.
    """
    for layer_seed in itertools.count(100 * seed):
        yield keras.initializers.TruncatedNormal(stddev=0.1, seed=layer_seed)
