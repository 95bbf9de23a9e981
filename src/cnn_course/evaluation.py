"""How good a classifier is, and how sure we can be of it."""

import math
from dataclasses import dataclass

import numpy as np

from cnn_course.arrays import as_floats, as_inputs, as_labels
from cnn_course.cores import side_by_side

PIXELS_PER_PASS = 1000 * 28 * 28
STANDARD_NORMAL_975 = 1.959963984540054  # 95 % of a normal distribution lie within this many standard deviations


@dataclass(frozen=True)
class Accuracy:
    """A share of right answers with its 95 % Wilson interval.

    Attributes
    ----------
    correct, count : int
        Right answers out of all.

    Examples
    --------
    >>> print(Accuracy(9889, 10_000))
    98.89% (95% CI 98.67% to 99.08%)
    """

    correct: int
    count: int

    @property
    def estimate(self) -> float:
        """Share of right answers, 0 to 1."""
        return self.correct / self.count

    @property
    def interval(self) -> tuple[float, float]:
        """Lower and upper end of the 95 % Wilson interval, each 0 to 1."""
        return wilson_interval(self.correct, self.count)

    def __str__(self) -> str:
        """Write like ``98.89% (95% CI 98.67% to 99.08%)``."""
        low, high = self.interval
        return f"{self.estimate:.2%} (95% CI {low:.2%} to {high:.2%})"


def wilson_interval(correct: int, count: int) -> tuple[float, float]:
    """Bound the accuracy that ``correct`` right answers out of ``count`` speak for, at 95 % confidence.

    Returns
    -------
    (float, float)
        Lower and upper bound, each 0 to 1.

    Raises
    ------
    ValueError
        If ``count`` is not positive or ``correct`` is not between 0 and ``count``.

    References
    ----------
    E. B. Wilson, "Probable inference, the law of succession, and statistical inference", JASA 22 (1927).

    Examples
    --------
    >>> low, high = wilson_interval(9889, 10_000)
    >>> print(f"{low:.4f} {high:.4f}")
    0.9867 0.9908
    """
    if count <= 0 or not 0 <= correct <= count:
        raise ValueError(f"correct must be between 0 and count, and count positive, got {correct} of {count}.")
    z2 = STANDARD_NORMAL_975**2
    share = correct / count
    center = share + z2 / (2 * count)
    spread = STANDARD_NORMAL_975 * np.sqrt(share * (1 - share) / count + z2 / (4 * count**2))
    low, high = (center - spread) / (1 + z2 / count), (center + spread) / (1 + z2 / count)
    return min(max(float(low), 0.0), share), max(min(float(high), 1.0), share)  # whatever the rounding


def predict_classes(model, images, batch_size: int | None = None) -> np.ndarray:
    """Return the most likely class of each picture.

    Parameters
    ----------
    model : keras.Model
        Gives one score per class, shape (N, classes).
    images : ndarray, shape (N, height, width, channels)
        Of uint8, that stand for shares of 255, or of float32.
    batch_size : int, optional
        Pictures per pass: the feature maps of all pictures at once may not fit into memory. By default, as many as
        have the pixels of 1,000 digits.

    Returns
    -------
    ndarray of int64, shape (N,)

    Examples
    --------
    >>> from cnn_course.models import lenet5
    >>> predict_classes(lenet5(), np.zeros((3, 28, 28, 1), np.uint8)).shape
    (3,)
    """
    return _scores(model, images, batch_size).argmax(axis=-1)


def probabilities(model, images, *, mirrored: bool = False) -> np.ndarray:
    """Return how likely each class is for each picture: the softmax of the logits.

    Parameters
    ----------
    model : keras.Model
        From images to logits (N, classes).
    images : ndarray, shape (N, height, width, channels)
        As for `predict_classes`.
    mirrored : bool, default False
        Average with what the network says of the mirror images, so that left and right make no difference.

    Returns
    -------
    ndarray of float32, shape (N, classes)
        Each 0 to 1; the sum over the classes is 1.

    Examples
    --------
    >>> from cnn_course.models import lenet5
    >>> probabilities(lenet5(), np.zeros((1, 28, 28, 1))).sum().round(3)
    np.float32(1.0)
    """
    if mirrored:
        return (probabilities(model, images) + probabilities(model, images[:, :, ::-1])) / 2
    return softmax(_scores(model, images))


def softmax(logits) -> np.ndarray:
    """Turn scores into probabilities: e to the power of each, divided by the sum of all these powers.

    Parameters
    ----------
    logits : array_like of float, shape (..., classes)

    Returns
    -------
    ndarray of float, shape (..., classes)
        Each 0 to 1; the sum over the classes is 1.

    References
    ----------
    I. Goodfellow, Y. Bengio and A. Courville, "Deep learning" (2016), section 6.2.2.3.

    Examples
    --------
    >>> softmax([0.0, 0.0, 0.0, 0.0]).tolist()
    [0.25, 0.25, 0.25, 0.25]
    """
    logits = np.asarray(logits)
    powers = np.exp(logits - logits.max(axis=-1, keepdims=True))  # shifted, so that none is too large for a float
    return powers / powers.sum(axis=-1, keepdims=True)


def cross_entropy(probabilities, labels) -> np.ndarray:
    """Return minus the logarithm of the probability that each right answer was given.

    Parameters
    ----------
    probabilities : array_like of float, shape (N, classes)
        Each 0 to 1.
    labels : array_like of int, shape (N,)
        The right classes, 0 to ``classes - 1``.

    Returns
    -------
    ndarray of float, shape (N,)
        At least 0, and 0 where the right answer was given all the probability.

    Raises
    ------
    ValueError
        If the shapes do not fit, or a label is no class.

    References
    ----------
    I. Goodfellow, Y. Bengio and A. Courville, "Deep learning" (2016), section 6.2.1.1.

    Examples
    --------
    >>> cross_entropy([[0.5, 0.5], [0.9, 0.1]], [0, 1]).round(4).tolist()
    [0.6931, 2.3026]
    """
    probabilities = np.asarray(probabilities)
    if probabilities.ndim != 2:
        raise ValueError(f"probabilities must have shape (N, classes), got {probabilities.shape}.")
    labels = as_labels(labels, count=len(probabilities), classes=probabilities.shape[1])
    return -np.log(probabilities[np.arange(len(labels)), labels])


def _scores(model, images, batch_size: int | None = None) -> np.ndarray:
    images = as_inputs(images, model)
    batch_size = batch_size or max(1, PIXELS_PER_PASS // (images.shape[1] * images.shape[2]))

    def score(start: int):
        return model(as_floats(np.asarray(images[start : start + batch_size])), training=False)

    return np.concatenate(side_by_side(score, range(0, len(images), batch_size)))


def accuracy(labels, predictions) -> Accuracy:
    """Count right answers.

    Parameters
    ----------
    labels, predictions : array_like of int, shape (N,)
        True and predicted classes.

    Raises
    ------
    ValueError
        If the shapes differ, or are not (N,) with N at least 1.

    Examples
    --------
    >>> accuracy([0, 1, 2, 2], [0, 1, 2, 1]).estimate
    0.75
    """
    labels, predictions = _as_classes(labels, predictions)
    return Accuracy(correct=int(np.sum(labels == predictions)), count=len(labels))


@dataclass(frozen=True)
class Comparison:
    """On how many pictures only one of two classifiers was right.

    Attributes
    ----------
    only_one, only_other : int
        Pictures that the first classifier alone got right, and the second alone.
    count : int
        All pictures, those included that both got right or both wrong.

    Examples
    --------
    >>> compared = Comparison(only_one=30, only_other=70, count=10_000)
    >>> print(f"{compared.difference:.2%}")
    0.40%
    >>> print("{:.2%} to {:.2%}".format(*compared.interval))
    0.20% to 0.60%
    """

    only_one: int
    only_other: int
    count: int

    @property
    def difference(self) -> float:
        """Accuracy of the second classifier less that of the first, -1 to 1."""
        return (self.only_other - self.only_one) / self.count

    @property
    def interval(self) -> tuple[float, float]:
        """Lower and upper end of the 95 % interval of the difference, each -1 to 1.

        D. G. Bonett and R. M. Price, "Adjusted Wald confidence interval for a difference of binomial proportions based
        on paired data", Journal of Educational and Behavioral Statistics 37 (2012).
        """
        one, other = ((only + 1) / (self.count + 2) for only in (self.only_one, self.only_other))
        reach = STANDARD_NORMAL_975 * math.sqrt((one + other - (other - one) ** 2) / (self.count + 2))
        return max(other - one - reach, -1.0), min(other - one + reach, 1.0)

    @property
    def p_value(self) -> float:
        """Probability that tossed coins divide these pictures at least as unevenly, 0 to 1."""
        count, fewer = self.only_one + self.only_other, min(self.only_one, self.only_other)
        return min(1.0, 2 * sum(math.comb(count, heads) for heads in range(fewer + 1)) / 2**count)

    def __str__(self) -> str:
        """Write like ``only one right 25, only other right 51, p = 0.0038``."""
        return f"only one right {self.only_one}, only other right {self.only_other}, p = {self.p_value:.2g}"


def mcnemar(labels, one, other) -> Comparison:
    """Compare two classifiers on the same pictures by McNemar's test, exactly.

    Pictures that both get right, or both wrong, say nothing about which is better. If the two are equally good, each
    of the others is won by either with probability one half.

    Parameters
    ----------
    labels, one, other : array_like of int, shape (N,)
        True classes, and those that the two classifiers predict.

    Returns
    -------
    Comparison
        With both counts, the two-sided p-value of the exact binomial test, and the interval of the difference.

    Raises
    ------
    ValueError
        If the shapes differ, or are not (N,) with N at least 1.

    References
    ----------
    Q. McNemar, "Note on the sampling error of the difference between correlated proportions or percentages",
    Psychometrika 12 (1947). T. G. Dietterich, "Approximate statistical tests for comparing supervised classification
    learning algorithms", Neural Computation 10 (1998), section 3.1.

    Examples
    --------
    >>> compared = mcnemar([0, 0, 0, 1, 1, 1], [0, 0, 0, 1, 1, 0], [1, 1, 1, 1, 0, 1])
    >>> (compared.only_one, compared.only_other, compared.p_value)
    (4, 1, 0.375)
    """
    right, also_right = ((truth == found) for truth, found in (_as_classes(labels, one), _as_classes(labels, other)))
    return Comparison(int(np.sum(right & ~also_right)), int(np.sum(also_right & ~right)), count=len(right))


def confusion_matrix(labels, predictions, classes: int) -> np.ndarray:
    """Count how often each true class was taken for each class.

    Parameters
    ----------
    labels, predictions : array_like of int, shape (N,)
        True and predicted classes, 0 to ``classes - 1``.
    classes : int

    Returns
    -------
    ndarray of int64, shape (classes, classes)
        Row: true class. Column: predicted class.

    Raises
    ------
    ValueError
        If the shapes differ, or are not (N,) with N at least 1, or a class is not between 0 and ``classes - 1``.

    Examples
    --------
    >>> confusion_matrix([0, 0, 1], [0, 1, 1], classes=2)
    array([[1, 1],
           [0, 1]])
    """
    labels, predictions = _as_classes(labels, predictions, classes)
    matrix = np.zeros((classes, classes), np.int64)
    np.add.at(matrix, (labels, predictions), 1)
    return matrix


def _as_classes(labels, predictions, classes: int | None = None) -> tuple[np.ndarray, np.ndarray]:
    labels = as_labels(labels, classes=classes)
    predictions = as_labels(predictions, classes=classes, name="predictions")
    if len(labels) != len(predictions) or len(labels) == 0:
        raise ValueError(f"There must be as many labels as predictions, got {len(labels)} and {len(predictions)}.")
    return labels, predictions
