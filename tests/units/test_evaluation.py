import numpy as np
import pytest
import scipy.special
from hypothesis import given
from hypothesis import strategies as st
from scipy.stats import binomtest

from cnn_course.evaluation import (
    Accuracy,
    Comparison,
    accuracy,
    confusion_matrix,
    cross_entropy,
    mcnemar,
    predict_classes,
    probabilities,
    softmax,
    wilson_interval,
)


@pytest.mark.parametrize("count", [1, 2, 3, 10, 97, 1000, 10_000])
def test_wilson_interval_equals_scipy(count):
    for correct in np.unique(np.linspace(0, count, 40).astype(int)):
        expected = binomtest(int(correct), count).proportion_ci(confidence_level=0.95, method="wilson")
        np.testing.assert_allclose(wilson_interval(int(correct), count), expected, rtol=0, atol=1e-12)


@pytest.mark.parametrize("correct", [0, 1, 5, 6])
def test_wilson_interval_stays_within_0_and_1(correct):
    low, high = wilson_interval(correct, 6)
    assert 0 <= low <= correct / 6 <= high <= 1


def test_the_published_result_of_source_000():
    result = Accuracy(correct=9889, count=10_000)
    assert result.estimate == 0.9889
    assert [round(100 * end, 2) for end in result.interval] == [98.67, 99.08]
    assert str(result) == "98.89% (95% CI 98.67% to 99.08%)"


@pytest.mark.parametrize(("correct", "count"), [(0, 0), (-1, 5), (6, 5), (1, -5)])
def test_impossible_counts(correct, count):
    with pytest.raises(ValueError, match=f"got {correct} of {count}"):
        wilson_interval(correct, count)


def test_accuracy_counts_right_answers():
    assert accuracy([0, 1, 2, 3], [0, 1, 2, 0]) == Accuracy(correct=3, count=4)


def test_confusion_matrix_has_true_classes_in_rows():
    matrix = confusion_matrix([0, 0, 0, 1, 2], [0, 1, 1, 1, 0], classes=3)
    np.testing.assert_array_equal(matrix, [[1, 2, 0], [0, 1, 0], [1, 0, 0]])


def test_confusion_matrix_agrees_with_accuracy():
    numbers = np.random.default_rng(0)
    labels, predictions = numbers.integers(0, 10, (2, 1000))
    matrix = confusion_matrix(labels, predictions, classes=10)
    assert matrix.sum() == 1000
    assert np.trace(matrix) == accuracy(labels, predictions).correct
    np.testing.assert_array_equal(matrix.sum(axis=1), np.bincount(labels))


@pytest.mark.parametrize(("labels", "predictions"), [([0, 3], [0, 1]), ([0, 1], [0, 3]), ([-1, 0], [0, 0])])
def test_confusion_matrix_refuses_unknown_classes(labels, predictions):
    with pytest.raises(ValueError, match="must be between 0 and 2, got"):
        confusion_matrix(labels, predictions, classes=3)


@pytest.mark.parametrize("shapes", [((4,), (5,)), ((4,), (4, 10)), ((4, 10), (4, 10)), ((0,), (0,)), ((), ())])
@pytest.mark.parametrize("measure", [accuracy, lambda *pair: confusion_matrix(*pair, classes=10)])
def test_shapes_that_do_not_fit(shapes, measure):
    with pytest.raises(ValueError, match=r"must have shape \(N,\), got|must be as many labels as predictions"):
        measure(*(np.zeros(shape, int) for shape in shapes))


class Echo:
    """A model whose answer is written in the picture; it remembers what it was given."""

    def __init__(self):
        self.batches, self.training = [], []

    def __call__(self, images, training):
        self.batches.append(len(images))
        self.training.append(training)
        return np.eye(10)[images.astype(int).ravel()]


def test_predictions_in_order_and_in_batches():
    model, answers = Echo(), np.arange(25) % 10
    np.testing.assert_array_equal(
        predict_classes(model, answers.reshape(25, 1, 1, 1).astype(float), batch_size=10), answers
    )
    assert model.batches == [10, 10, 5]
    assert not any(model.training)


@pytest.mark.parametrize(
    ("count", "size", "batches"), [(2500, 28, [1000, 1000, 500]), (100, 128, [47, 47, 6]), (2, 2000, [1, 1])]
)
def test_a_pass_holds_the_pixels_of_a_thousand_digits(count, size, batches):
    model = Echo()
    images = np.broadcast_to(np.float32(0), (count, size, size, 1))
    model_of_corners = lambda part, training: model(part[:, :1, :1], training)  # noqa: E731
    predict_classes(model_of_corners, images)
    assert model.batches == batches


def test_bytes_are_shares_of_255():
    seen = []
    predict_classes(lambda part, training: seen.append(part) or np.eye(len(part)), np.full((3, 1, 1, 1), 51, np.uint8))
    np.testing.assert_array_equal(seen[0], np.full((3, 1, 1, 1), np.float32(0.2)))


def test_probabilities_are_the_softmax_of_the_logits():
    logits = np.random.default_rng(0).normal(0, 5, (7, 4)).astype(np.float32)
    found = probabilities(lambda part, training: logits, np.zeros((7, 1, 1, 1), np.float32))
    assert found.dtype == np.float32
    np.testing.assert_allclose(found, scipy.special.softmax(logits, axis=1), rtol=1e-5)


@pytest.mark.parametrize("size", [1e-3, 1.0, 30.0, 1e4])
def test_softmax_equals_scipy_whatever_the_size(size):
    logits = np.random.default_rng(1).normal(0, size, (5, 4))
    np.testing.assert_allclose(softmax(logits), scipy.special.softmax(logits, axis=1), atol=1e-12)
    np.testing.assert_allclose(softmax(logits + 7), softmax(logits), atol=1e-9)


def test_cross_entropy_looks_at_the_right_answer_only():
    found = cross_entropy([[0.2, 0.5, 0.3], [1.0, 0.0, 0.0]], [1, 0])
    np.testing.assert_allclose(found, [np.log(2), 0])


@pytest.mark.parametrize(
    ("probabilities", "labels", "message"),
    [
        ([0.5, 0.5], [0, 1], r"shape \(N, classes\), got \(2,\)"),
        ([[0.5, 0.5]], [0, 1], "2"),
        ([[0.5, 0.5]], [2], "2"),
        ([[0.5, 0.5]], [-1], "-1"),
    ],
)
def test_cross_entropy_needs_a_class_for_each_picture(probabilities, labels, message):
    with pytest.raises(ValueError, match=message):
        cross_entropy(probabilities, labels)


@pytest.mark.parametrize(("one", "other"), [(0, 0), (0, 1), (3, 3), (3, 4), (25, 51), (0, 12), (600, 500)])
def test_mcnemar_is_the_exact_binomial_test(one, other):
    found = Comparison(one, other, 10_000).p_value
    assert found == pytest.approx(binomtest(one, one + other).pvalue if one + other else 1.0, rel=1e-9)
    assert found == Comparison(other, one, 10_000).p_value


def test_mcnemar_counts_the_pictures_that_one_alone_gets_right():
    labels = [0, 1, 2, 0, 1, 2]
    assert mcnemar(labels, [0, 1, 2, 1, 1, 0], [0, 1, 0, 0, 2, 0]) == Comparison(2, 1, count=6)
    assert str(Comparison(25, 51, 10_000)) == "only one right 25, only other right 51, p = 0.0038"


@given(st.integers(0, 300), st.integers(0, 300))
def test_the_interval_of_a_difference_turns_with_its_sides(one, other):
    compared, turned = Comparison(one, other, 1000), Comparison(other, one, 1000)
    low, high = compared.interval
    assert -1 <= low < high <= 1
    assert (-high, -low) == pytest.approx(turned.interval)
    assert compared.difference == -turned.difference == pytest.approx((other - one) / 1000)


@pytest.mark.parametrize("shares", [(0.01, 0.01, 0.98), (0.02, 0.05, 0.93), (0.0, 0.03, 0.97)])
def test_the_interval_of_a_difference_holds_it_in_95_percent_of_repetitions(shares):
    drawn = np.random.default_rng(0).multinomial(500, shares, size=4000)
    intervals = np.array([Comparison(int(one), int(other), 500).interval for one, other, _ in drawn])
    difference = shares[1] - shares[0]
    held = np.mean((intervals[:, 0] <= difference) & (difference <= intervals[:, 1]))
    assert 0.94 <= held <= 0.985


def test_mcnemar_needs_the_same_pictures():
    with pytest.raises(ValueError, match="got 3 and 2"):
        mcnemar([0, 1, 2], [0, 1, 2], [0, 1])
