from functools import partial

import keras
import numpy as np
import pytest
import tensorflow as tf

from cnn_course import learning, models


@pytest.fixture(scope="module")
def digits():
    random = np.random.default_rng(0)
    return random.random((7, 28, 28, 1), np.float32), random.integers(0, 10, 7)


def test_a_numerical_gradient_of_a_polynomial():
    weights = np.array([[1.0, -2.0], [0.5, 3.0]])
    slopes = learning.numerical_gradient(lambda w: float(np.sum(w**2) + 5 * w[0, 1]), weights)
    np.testing.assert_allclose(slopes, 2 * weights + [[0, 5], [0, 0]], atol=1e-8)


def test_a_numerical_gradient_leaves_the_weights_alone():
    weights = np.array([1.0, 2.0])
    learning.numerical_gradient(np.sum, weights)
    assert weights.tolist() == [1.0, 2.0]


@pytest.mark.parametrize("step", [0, -1e-3, float("nan")])
def test_a_step_that_goes_nowhere_is_refused(step):
    with pytest.raises(ValueError, match="step must be positive"):
        learning.numerical_gradient(np.sum, [1.0], step)


def test_the_mean_loss_is_that_of_keras(digits):
    images, labels = digits
    model = models.lenet5()
    expected = keras.losses.SparseCategoricalCrossentropy(from_logits=True)(labels, model(images))
    assert learning.mean_loss(model, images, labels) == pytest.approx(float(expected), rel=1e-6)


def test_gradients_are_named_like_the_layers_and_shaped_like_the_variables(digits):
    model = models.lenet5()
    found = learning.gradients(model, *digits)
    assert list(found)[:3] == ["conv1/kernel", "conv1/bias", "conv3/kernel"]
    assert [slope.shape for slope in found.values()] == [tuple(each.shape) for each in model.trainable_variables]


def test_gradients_are_the_slopes_that_moving_a_weight_shows(digits, monkeypatch):
    """In float64, so that a small step is not lost in rounding."""
    monkeypatch.setattr(keras.layers, "Dense", partial(keras.layers.Dense, dtype="float64"))
    model = models.mlp(hidden=3)
    bias = model.get_layer("hidden").bias

    def loss(values):
        bias.assign(values)
        return learning.mean_loss(model, *digits)

    before = bias.numpy()
    slopes = learning.numerical_gradient(loss, before, 1e-5)
    bias.assign(before)
    np.testing.assert_allclose(learning.gradients(model, *digits)["hidden/bias"], slopes, rtol=1e-5, atol=1e-8)


def test_parts_of_any_size_give_the_same(digits, monkeypatch):
    model = models.lenet5()
    whole, loss = learning.gradients(model, *digits), learning.mean_loss(model, *digits)
    monkeypatch.setattr(learning, "PICTURES_PER_PASS", 3)
    assert learning.mean_loss(model, *digits) == pytest.approx(loss, rel=1e-6)
    for name, slope in learning.gradients(model, *digits).items():
        np.testing.assert_allclose(slope, whole[name], rtol=1e-4, atol=1e-7)


def test_dropout_has_no_part_in_it(digits):
    model = models.lenet5(dropout=(0.5, 0.5))
    first, second = (learning.gradients(model, *digits)["logits/kernel"] for _ in range(2))
    tf.debugging.assert_equal(first, second)


@pytest.mark.parametrize("function", [learning.mean_loss, learning.gradients])
def test_one_class_for_each_picture(function, digits):
    images, labels = digits
    with pytest.raises(ValueError, match="6"):
        function(models.lenet5(), images, labels[:6])
    with pytest.raises(ValueError, match="10"):
        function(models.lenet5(), images, labels + 10)
    with pytest.raises(ValueError, match="at least one picture"):
        function(models.lenet5(), images[:0], labels[:0])


def test_bytes_stand_for_shares_of_255(digits):
    images, labels = digits
    pixels = np.round(images * 255).astype(np.uint8)
    model = models.lenet5()
    expected = learning.mean_loss(model, pixels.astype(np.float32) / 255, labels)
    assert learning.mean_loss(model, pixels, labels) == pytest.approx(expected, rel=1e-6)
