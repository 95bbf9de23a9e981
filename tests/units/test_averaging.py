import keras
import numpy as np
import pytest

from cnn_course import models
from cnn_course.averaging import RunningAverage, statistics_of


def normalized():
    return keras.Sequential([keras.Input((3,)), keras.layers.BatchNormalization(name="norm"), keras.layers.Dense(2)])


def test_the_running_average_is_the_weighted_mean_of_all_weights_so_far():
    model, random, share = normalized(), np.random.default_rng(0), 0.6
    average = RunningAverage(model, share)
    expected = [weights.astype(np.float64) for weights in model.get_weights()]
    for step in range(20):
        model.set_weights([random.normal(size=weights.shape) for weights in expected])
        average.follow(step)
        kept = min(share, (1 + step) / (10 + step))
        for mean, weights in zip(expected, model.get_weights(), strict=True):
            mean += (1 - kept) * (weights - mean)
    for found, mean in zip(average.means, expected, strict=True):
        np.testing.assert_allclose(found.numpy(), mean, rtol=0, atol=1e-6)


def test_the_first_weights_are_soon_forgotten():
    """Though a share of 0.999 alone would keep 90 % of them after a hundred steps."""
    model = normalized()
    average = RunningAverage(model, 0.999)
    model.set_weights([np.full(weights.shape, 5.0) for weights in model.get_weights()])
    for step in range(100):
        average.follow(step)
    for mean in average.means:
        np.testing.assert_allclose(mean.numpy(), 5.0, rtol=0, atol=1e-3)


def test_a_model_has_the_averages_in_place_and_then_its_own_weights_again():
    model = normalized()
    average = RunningAverage(model, 0.5)
    before = average.means[0].numpy()
    own = [weights + 1 for weights in model.get_weights()]
    model.set_weights(own)
    with pytest.raises(KeyboardInterrupt), average.in_place():
        np.testing.assert_array_equal(model.get_weights()[0], before)
        raise KeyboardInterrupt
    for found, expected in zip(model.get_weights(), own, strict=True):
        np.testing.assert_array_equal(found, expected)


def test_statistics_are_the_plain_means_over_the_batches():
    model, batches = normalized(), np.random.default_rng(1).normal(2, 3, (7, 16, 3)).astype(np.float32)
    norm, own = model.get_layer("norm"), model.get_weights()
    momentum = norm.momentum
    with statistics_of(model, batches):
        np.testing.assert_allclose(norm.moving_mean, batches.mean(axis=(0, 1)), rtol=0, atol=1e-5)
        np.testing.assert_allclose(norm.moving_variance, batches.var(axis=1).mean(axis=0), rtol=1e-5)
    assert norm.momentum == momentum
    for found, expected in zip(model.get_weights(), own, strict=True):
        np.testing.assert_array_equal(found, expected)


def test_statistics_come_back_after_an_error():
    model = normalized()
    own, momentum = model.get_weights(), model.get_layer("norm").momentum
    good = np.ones((4, 3), np.float32)
    with pytest.raises(ValueError, match="shape"), statistics_of(model, [good, np.ones((4, 5), np.float32)]):
        pass
    assert model.get_layer("norm").momentum == momentum
    for found, expected in zip(model.get_weights(), own, strict=True):
        np.testing.assert_array_equal(found, expected)


def test_a_network_without_normalization_is_left_as_it_is():
    model = models.mlp()
    own = model.get_weights()
    with statistics_of(model, [np.ones((4, 28, 28, 1), np.float32)]):
        for found, expected in zip(model.get_weights(), own, strict=True):
            np.testing.assert_array_equal(found, expected)
