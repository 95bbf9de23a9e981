"""Training to the same bits everywhere: in NumPy, and in any browser (``book/explorers/learning.c``).

Computers agree about a sum or a product of two float32 numbers, down to the last bit. They disagree about sums of many,
because rounding depends on the order, and about exp and log. Here every sum has an order: what a loop adds, it adds one
by one, and `eight_sums` takes a long sum of neighbors in the way of a processor that adds eight numbers at a time.
"""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass, replace
from numbers import Integral, Real

import numpy as np

from cnn_course.arrays import sha256
from cnn_course.datasets import Split, load_mnist
from cnn_course.invariance import scramble

TRAINING_DIGITS, SCORED_DIGITS = 8000, 1000  # as many as a page loads
MOST_PICTURES = 256  # of a batch
NETWORKS = ("lenet5", "mlp")
OPTIMIZERS = ("sgd", "momentum", "adam")
CONVOLUTIONS = ((5, 5, 1, 6), (5, 5, 6, 16))
DENSE = {"lenet5": (256, 120, 84, 10), "mlp": (784, 56, 10)}
Weights = list[np.ndarray]  # kernel and biases of each layer, in the order of Keras


@dataclass(frozen=True)
class Settings:
    """What decides every bit of a training.

    Attributes
    ----------
    network : {"lenet5", "mlp"}
        As `models.lenet5` and `models.mlp` build them, without dropout; the weights begin evenly distributed (Glorot).
    optimizer : {"sgd", "momentum", "adam"}
        With Keras' other settings, and a momentum of 0.9.
    learning_rate : float
        Positive.
    batch_size : int
        From 1 to 256.
    seed : int
        Of the first weights and of the order of the digits, from 0 to 2**32 - 1.
    scrambled : bool
        Whether the pixels of all digits change their places, as `invariance.scramble` moves them.

    Raises
    ------
    ValueError
        If one of them is something else.

    Examples
    --------
    >>> Settings(optimizer="adam", learning_rate=0.002).batch_size
    32
    """

    network: str = "lenet5"
    optimizer: str = "adam"
    learning_rate: float = 0.002
    batch_size: int = 32
    seed: int = 1
    scrambled: bool = False

    def __post_init__(self) -> None:
        """Refuse what nothing can be trained with."""
        rate = self.learning_rate
        demands = {
            "network": (self.network in NETWORKS, f"one of {', '.join(NETWORKS)}"),
            "optimizer": (self.optimizer in OPTIMIZERS, f"one of {', '.join(OPTIMIZERS)}"),
            "learning_rate": (isinstance(rate, Real) and 0 < rate < np.inf, "a positive number"),
            "batch_size": (_is_whole(self.batch_size, 1, MOST_PICTURES), f"a whole number from 1 to {MOST_PICTURES}"),
            "seed": (_is_whole(self.seed, 0, 2**32 - 1), "a whole number from 0 to 2**32 - 1"),
        }
        for name, (holds, demand) in demands.items():
            if not holds:
                raise ValueError(f"{name} must be {demand}, got {getattr(self, name)!r}.")


def _is_whole(value, least: int, most: int) -> bool:
    return isinstance(value, Integral) and not isinstance(value, bool) and least <= value <= most


@dataclass(frozen=True)
class Run:
    """What a training has reached.

    Attributes
    ----------
    losses : list of float
        The mean loss of each batch, before the step that it caused.
    weights : list of ndarray of float32
        Kernel and biases of each layer, as ``model.set_weights()`` of Keras takes them.
    """

    losses: list[float]
    weights: Weights

    @property
    def sha256(self) -> str:
        """The SHA-256 of the weights, which a page shows as well."""
        return sha256(self.weights)


def train(steps: int, settings: Settings | None = None, **changes) -> Run:
    """Train a network on the first 8,000 training digits of `datasets.load_mnist`, to the same bits everywhere.

    Parameters
    ----------
    steps : int
        How many batches to learn from.
    settings : Settings, optional
        Those of the book's page if left out.
    **changes
        Settings that differ, by their names.

    Returns
    -------
    Run

    Raises
    ------
    ValueError
        If a setting is none, or ``steps`` is no whole number of at least 0.

    Examples
    --------
    >>> run = train(2, seed=7)
    >>> len(run.losses), run.sha256[:8]
    (2, '6f8839ae')
    """
    if not _is_whole(steps, 0, 2**32):
        raise ValueError(f"steps must be a whole number of at least 0, got {steps!r}.")
    settings = replace(settings or Settings(), **changes)
    digits = training_digits(settings)
    random = random_bits(settings.seed)
    weights = first_weights(settings.network, random)
    optimizer = Optimizer(settings, weights)
    losses = []
    for _, chosen in zip(range(steps), batches(len(digits), settings.batch_size, random), strict=False):
        loss, gradient = loss_and_gradient(weights, digits.images[chosen], digits.labels[chosen])
        weights = optimizer.changed(weights, gradient)
        losses.append(loss)
    return Run(losses, weights)


def training_digits(settings: Settings) -> Split:
    """Return the digits to learn from."""
    train = load_mnist().train
    images = train.images[:TRAINING_DIGITS]
    return Split(scramble(images) if settings.scrambled else images, train.labels[:TRAINING_DIGITS])


def random_bits(seed: int) -> Iterator[int]:
    """Yield whole numbers of 32 bits: SplitMix (Steele, Lea and Flood, 2014), with the last steps of MurmurHash3.

    Examples
    --------
    >>> next(random_bits(1))
    2527132011
    """
    state, most = seed, 0xFFFFFFFF
    while True:
        state = state + 0x9E3779B9 & most
        bits = (state ^ state >> 16) * 0x85EBCA6B & most
        bits = (bits ^ bits >> 13) * 0xC2B2AE35 & most
        yield bits ^ bits >> 16


def first_weights(network: str, random: Iterator[int]) -> Weights:
    """Return evenly distributed kernels (X. Glorot and Y. Bengio, 2010), and biases of zero.

    Examples
    --------
    >>> [each.shape for each in first_weights("mlp", random_bits(1))]
    [(784, 56), (56,), (56, 10), (10,)]
    """
    dense = list(zip(DENSE[network], DENSE[network][1:], strict=False))
    weights = []
    for shape in [*(CONVOLUTIONS if network == "lenet5" else ()), *dense]:
        window = np.prod(shape[:-2], dtype=int)
        limit = np.sqrt(np.float32(6) / np.float32(window * (shape[-2] + shape[-1])))
        shares = np.array([(next(random) >> 8) * 2.0**-23 - 1 for _ in range(np.prod(shape))], np.float32)
        weights += [(shares * limit).reshape(shape), np.zeros(shape[-1], np.float32)]
    return weights


def batches(count: int, size: int, random: Iterator[int]) -> Iterator[list[int]]:
    """Yield which pictures come next, for ever; what is too few for a batch at the end is shuffled again.

    Examples
    --------
    >>> next(batches(5, 3, random_bits(1)))
    [3, 4, 2]
    """
    order = list(range(count))
    while True:
        for i in range(count - 1, 0, -1):
            j = next(random) % (i + 1)
            order[i], order[j] = order[j], order[i]
        for start in range(0, count - size + 1, size):
            yield order[start : start + size]


def loss_and_gradient(weights: Weights, images: np.ndarray, labels: np.ndarray) -> tuple[float, Weights]:
    """Return the mean cross-entropy of some pictures, and how it rises with each weight.

    Examples
    --------
    >>> weights = first_weights("lenet5", random_bits(1))
    >>> loss, gradient = loss_and_gradient(weights, np.zeros((3, 28, 28, 1), np.float32), np.array([1, 2, 3]))
    >>> round(loss, 4), gradient[-1].shape  # every class is as likely as the others
    (2.3026, (10,))
    """
    layers = list(zip(weights[::2], weights[1::2], strict=True))
    convolutions = [layer for layer in layers if layer[0].ndim == 4]
    denses = layers[len(convolutions) :]
    entering, winners = [images], []
    for kernel, biases in convolutions:
        pooled, winner = max_pool(convolve(entering[-1], kernel, biases))
        entering.append(relu(pooled))
        winners.append(winner)
    flat = [entering[-1].reshape(len(images), -1)]
    for number, layer in enumerate(denses, start=1):
        output = dense(flat[-1], *layer)
        flat.append(relu(output) if number < len(denses) else output)
    loss, slopes = cross_entropy(flat.pop(), labels)
    gradient = []
    for kernel, _ in reversed(denses):
        enters = flat.pop()
        gradient = [in_order(map(np.outer, enters, slopes)), in_order(slopes), *gradient]
        slopes = where_positive(enters, eight_sums(kernel, slopes)) if flat or convolutions else slopes
    for kernel, _ in reversed(convolutions):
        slopes = slopes.reshape(entering[-1].shape)
        slopes = where_positive(entering.pop(), slopes)
        slopes, *found = convolution_back(entering[-1], kernel, winners.pop(), slopes)
        gradient = [*found, *gradient]
    return loss, gradient


def in_order(terms: Iterable[np.ndarray]) -> np.ndarray:
    """Return the sum of arrays, added one after the other.

    Examples
    --------
    >>> float(in_order(np.float32([1, 1e8, -1e8])))  # the other way around it would be 1
    0.0
    """
    total = np.float32(0)
    for term in terms:
        total = total + term
    return total


def eight_sums(kernel: np.ndarray, slopes: np.ndarray) -> np.ndarray:
    """Return the sum over ``j`` of ``kernel[i, j] * slopes[n, j]``, taken as eight sums that are added in pairs.

    Examples
    --------
    >>> eight_sums(np.ones((1, 20), np.float32), np.ones((1, 20), np.float32))
    array([[20.]], dtype=float32)
    """
    missing = ((0, 0), (0, -kernel.shape[1] % 8))
    kernel, slopes = np.pad(kernel, missing), np.pad(slopes, missing)
    sums = in_order(
        kernel[np.newaxis, :, start : start + 8] * slopes[:, np.newaxis, start : start + 8]
        for start in range(0, kernel.shape[1], 8)
    )
    pairs = sums[..., 0::2] + sums[..., 1::2]
    return (pairs[..., 0] + pairs[..., 1]) + (pairs[..., 2] + pairs[..., 3])


def relu(values: np.ndarray) -> np.ndarray:
    """Return values, and zero for the negative ones."""
    return np.where(values < 0, np.float32(0), values)


def where_positive(values: np.ndarray, slopes: np.ndarray) -> np.ndarray:
    """Return the slopes before ReLU: where it gave zero, nothing rises."""
    return np.where(values > 0, slopes, np.float32(0))


def dense(inputs: np.ndarray, kernel: np.ndarray, biases: np.ndarray) -> np.ndarray:
    """Return what a dense layer gives before its activation, shape (N, units)."""
    sums = np.tile(biases, (len(inputs), 1))
    for i, row in enumerate(kernel):
        sums += inputs[:, i, np.newaxis] * row
    return sums


def convolve(images: np.ndarray, kernel: np.ndarray, biases: np.ndarray) -> np.ndarray:
    """Return what a convolutional layer gives before its activation, shape (N, rows, columns, filters)."""
    rows, columns = (side - size + 1 for side, size in zip(images.shape[1:3], kernel.shape[:2], strict=True))
    sums = np.tile(biases, (len(images), rows, columns, 1))
    for down, across, channel in np.ndindex(kernel.shape[:3]):
        window = images[:, down : down + rows, across : across + columns, channel, np.newaxis]
        sums += window * kernel[down, across, channel]
    return sums


def max_pool(maps: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """Return the largest number of each window of 2×2, and which one it was: the first of equals, row by row.

    Examples
    --------
    >>> pooled, winners = max_pool(np.float32([[1, 2], [4, 4]]).reshape(1, 2, 2, 1))
    >>> pooled.item(), winners.item()
    (4.0, 2)
    """
    windows = np.stack([maps[:, row::2, column::2] for row in (0, 1) for column in (0, 1)])
    return windows.max(axis=0), windows.argmax(axis=0)


def convolution_back(images: np.ndarray, kernel: np.ndarray, winners: np.ndarray, slopes: np.ndarray):
    """Return the slopes of what entered a convolution, of its kernel, and of its biases.

    Parameters
    ----------
    images : ndarray of float32, shape (N, height, width, channels)
        What entered.
    kernel : ndarray of float32, shape (rows, columns, channels, filters)
    winners : ndarray of int, shape (N, height, width, filters)
        Which number of its window the pooling took.
    slopes : ndarray of float32, of the same shape
        How the loss rises with that number; with the others it does not.
    """
    pictures, down, across = np.ogrid[: len(images), : kernel.shape[0], : kernel.shape[1]]
    image_slopes = np.zeros_like(images)
    kernel_slopes = np.zeros((len(images), *kernel.shape), np.float32)
    bias_slopes = np.zeros((len(images), kernel.shape[3]), np.float32)
    for row, column, number in np.ndindex(slopes.shape[1:]):
        slope = slopes[:, row, column, number].reshape(-1, 1, 1, 1)
        winner = winners[:, row, column, number].reshape(-1, 1, 1)
        window = pictures, 2 * row + winner // 2 + down, 2 * column + winner % 2 + across
        bias_slopes[:, number] += slope[:, 0, 0, 0]
        kernel_slopes[..., number] += slope * images[window]
        image_slopes[window] += slope * kernel[..., number]
    return image_slopes, in_order(kernel_slopes), in_order(bias_slopes)


def cross_entropy(logits: np.ndarray, labels: np.ndarray) -> tuple[float, np.ndarray]:
    """Return the mean cross-entropy, and how it rises with each logit."""
    count = np.float32(len(logits))
    logits = logits - logits.max(axis=1, keepdims=True)
    powers = exponential(logits)
    sums = in_order(powers.T)[:, np.newaxis]
    right = np.arange(logits.shape[1]) == labels[:, np.newaxis]
    losses = logarithm(sums[:, 0]) - logits[right]
    return float(in_order(losses) / count), (powers / sums - right.astype(np.float32)) / count


def exponential(x: np.ndarray) -> np.ndarray:
    """Return exp(x) for x <= 0: a power of two times a polynomial (S. L. Moshier, Cephes).

    Examples
    --------
    >>> exponential(np.float32([-1]))
    array([0.36787945], dtype=float32)
    """
    x = np.asarray(x, np.float32)
    n = np.floor(np.maximum(x, -87) * np.float32(1.44269504) + np.float32(0.5))
    r = (x - n * np.float32(0.693359375)) - n * np.float32(-2.12194440e-4)
    p = np.float32(1.9875691500e-4)
    for factor in (1.3981999507e-3, 8.3334519073e-3, 4.1665795894e-2, 1.6666665459e-1, 5.0000001201e-1):
        p = p * r + np.float32(factor)
    power = (n.astype(np.int32) + 127 << 23).view(np.float32)
    return np.where(x < -87, np.float32(0), (p * r * r + r + 1) * power)


def logarithm(x: np.ndarray) -> np.ndarray:
    """Return log(x) for x >= 1, in the same way.

    Examples
    --------
    >>> logarithm(np.float32([1, 10]))
    array([0.       , 2.3025851], dtype=float32)
    """
    bits = np.asarray(x, np.float32).view(np.int32)
    n = ((bits >> 23) - 126).astype(np.float32)
    m = (bits & 0x7FFFFF | 0x3F000000).view(np.float32)  # from 0.5 to 1
    is_small = m < np.float32(0.707106781)
    n, m = np.where(is_small, n - 1, n), np.where(is_small, m + m, m) - 1
    p = np.float32(7.0376836292e-2)
    for factor in (
        -1.1514610310e-1, 1.1676998740e-1, -1.2420140846e-1, 1.4249322787e-1,
        -1.6668057665e-1, 2.0000714765e-1, -2.4999993993e-1, 3.3333331174e-1,
    ):  # fmt: skip
        p = p * m + np.float32(factor)
    square = m * m
    rest = p * m * square + n * np.float32(-2.12194440e-4) - np.float32(0.5) * square
    return m + rest + n * np.float32(0.693359375)


class Optimizer:
    """SGD, with or without a momentum of 0.9, or Adam: as those of Keras."""

    def __init__(self, settings: Settings, weights: Weights) -> None:
        self.kind, self.rate = settings.optimizer, np.float32(settings.learning_rate)
        self.first, self.second = ([np.zeros_like(each) for each in weights] for _ in range(2))
        self.power1 = self.power2 = np.float32(1)

    def changed(self, weights: Weights, gradient: Weights) -> Weights:
        """Return the weights after a step."""
        self.power1, self.power2 = self.power1 * np.float32(0.9), self.power2 * np.float32(0.999)
        return [self._one(number, *pair) for number, pair in enumerate(zip(weights, gradient, strict=True))]

    def _one(self, number: int, weight: np.ndarray, slope: np.ndarray) -> np.ndarray:
        first, second = self.first[number], self.second[number]
        if self.kind == "sgd":
            return weight - self.rate * slope
        if self.kind == "momentum":
            self.first[number] = np.float32(0.9) * first - self.rate * slope
            return weight + self.first[number]
        self.first[number] = first = first + (slope - first) * np.float32(0.1)
        self.second[number] = second = second + (slope * slope - second) * np.float32(0.001)
        rate = self.rate * np.sqrt(1 - self.power2) / (1 - self.power1)
        return weight - rate * first / (np.sqrt(second) + np.float32(1e-7))
