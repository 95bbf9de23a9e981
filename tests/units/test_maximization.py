import logging

import numpy as np
import pytest
import tensorflow as tf
from hypothesis import given, settings
from hypothesis import strategies as st

from cnn_course import activations, models
from cnn_course.maximization import activation, maximize

NUMBERS = np.random.default_rng(0)
DIRECTIONS = NUMBERS.normal(size=(3, 6, 5, 2)).astype(np.float32)
START = NUMBERS.uniform(0, 1, size=(3, 6, 5, 2)).astype(np.float32)


def linear(pictures):
    return tf.reduce_sum(pictures * DIRECTIONS, axis=[1, 2, 3])


def bent(pictures):
    """Neither linear nor the same for all pictures, with maxima inside and outside of [0, 1]."""
    return tf.reduce_sum(tf.sin(3 * pictures * DIRECTIONS), axis=[1, 2, 3])


def lengths(pictures):
    return np.sqrt(np.sum(np.square(pictures, dtype=np.float64), axis=(1, 2, 3)))


def assert_close(found, expected, tolerance=1e-5):
    np.testing.assert_allclose(found, expected, rtol=0, atol=tolerance)


# Where the best picture is known.


def test_plain_ascent_on_a_linear_objective_adds_the_gradient_up():
    found = maximize(linear, START, steps=50, step_size=0.02, normalized=False)
    assert found.dtype == np.float32
    assert_close(found, START + 50 * 0.02 * DIRECTIONS)


def test_within_bounds_a_linear_objective_is_best_at_the_bounds():
    found = maximize(linear, START, steps=300, step_size=10, bounds=(-1, 2))
    np.testing.assert_array_equal(found, np.where(DIRECTIONS > 0, 2, -1))


def test_within_a_radius_a_linear_objective_is_best_along_its_gradient():
    found = maximize(linear, START, steps=200, step_size=1, radius=4)
    assert_close(found, 4 * DIRECTIONS / lengths(DIRECTIONS).reshape(3, 1, 1, 1))


def test_the_l2_penalty_balances_a_linear_objective():
    found = maximize(linear, START, steps=200, step_size=0.1, normalized=False, l2=2)
    assert_close(found, DIRECTIONS / (2 * 2))


def test_total_variation_moves_neighbors_towards_each_other():
    pair = np.array([0.0, 1.0], np.float32).reshape(1, 1, 2, 1)
    found = maximize(lambda x: 0 * x[:, 0, 0, 0], pair, steps=3, step_size=0.1, normalized=False, total_variation=0.5)
    assert_close(found.ravel(), [0.15, 0.85])


def test_a_normalized_step_has_the_same_length_for_weak_and_strong_objectives():
    strength = tf.constant([1e-3, 1, 1e3])
    found = maximize(lambda x: strength * linear(x), START, steps=1, step_size=0.25)
    assert_close(lengths(found - START), [0.25] * 3)


def test_a_first_layer_unit_is_best_answered_by_its_kernel():
    model = models.lenet5()
    kernels = activations.kernels(model, "conv1")[:, :, 0]
    unit = activation(model, "conv1", range(6), place=(3, 7))
    start = np.zeros((6, 28, 28, 1))
    start[:, 3:8, 7:12, 0] = 0.1 * np.sign(kernels).transpose(2, 0, 1)  # so that no ReLU is silent
    found = maximize(unit, start, steps=200, step_size=0.1, radius=1)[..., 0]
    for channel in range(6):
        kernel = kernels[:, :, channel]
        assert_close(found[channel, 3:8, 7:12], kernel / np.linalg.norm(kernel))


# What holds for every objective.


@settings(max_examples=8, deadline=None)
@given(
    low=st.floats(-2, 0.4),
    width=st.floats(0.1, 3),
    radius=st.floats(0.1, 5),
    step_size=st.floats(0.01, 5),
    normalized=st.booleans(),
)
def test_pictures_stay_within_bounds_and_radius(low, width, radius, step_size, normalized):
    options = {"steps": 5, "step_size": step_size, "normalized": normalized}
    found = maximize(bent, START, bounds=(low, low + width), **options)
    assert found.min() >= np.float32(low)
    assert found.max() <= np.float32(low + width)
    assert lengths(maximize(bent, START, radius=radius, **options)).max() <= radius * (1 + 1e-6)


def test_the_objective_grows():
    found = maximize(bent, START, steps=100, step_size=0.05, bounds=(0, 1))
    assert np.all(bent(tf.constant(found)).numpy() > bent(tf.constant(START)).numpy() + 1)


def test_each_picture_climbs_by_itself():
    together = maximize(linear, START, steps=20, step_size=0.3, radius=2, l2=0.1, total_variation=0.01)
    for number in range(3):

        def alone(pictures, number=number):
            return tf.reduce_sum(pictures * DIRECTIONS[number], axis=[1, 2, 3])

        options = {"radius": 2, "l2": 0.1, "total_variation": 0.01}
        found = maximize(alone, START[number : number + 1], steps=20, step_size=0.3, **options)
        assert_close(found[0], together[number])


def test_where_there_is_no_slope_a_picture_stays():
    found = maximize(lambda x: tf.nn.relu(linear(x) - 1e6), START, steps=5, step_size=1)
    np.testing.assert_array_equal(found, START)


@pytest.mark.parametrize("distortion", [{"shift": 1}, {"rotation": 20}, {"zoom": 0.3}])
def test_distortions_come_from_the_seed(distortion):
    def climb(**options):
        return maximize(bent, START, steps=5, step_size=0.1, **options)

    found = climb(**distortion, seed=1)
    np.testing.assert_array_equal(found, climb(**distortion, seed=1))
    assert not np.array_equal(found, climb(**distortion, seed=2))
    assert not np.array_equal(found, climb())


def test_many_calls_log_nothing():
    lines = []
    handler = logging.Handler()
    handler.emit = lines.append
    tf.get_logger().addHandler(handler)
    for _ in range(8):  # TensorFlow warns of the sixth function that is made in the same place
        maximize(linear, START, steps=1, step_size=1)
    tf.get_logger().removeHandler(handler)
    assert lines == []


@pytest.mark.parametrize(
    ("change", "message"),
    [
        ({"start": START[0]}, r"start must have shape \(N, height, width, channels\), got \(6, 5, 2\)"),
        ({"start": START[:0]}, r"start must have shape .* got \(0, 6, 5, 2\)"),
        ({"steps": 0}, "steps must be at least 1"),
        ({"step_size": 0}, "step_size positive, got 3 and 0"),
        ({"bounds": (1, 0)}, r"bounds must be \(lowest, highest\), got \(1, 0\)"),
        ({"radius": 0}, "radius must be positive, got 0"),
        ({"objective": tf.reduce_sum}, r"one number for each of the 3 pictures, shape \(3,\); it gave shape \(\)"),
    ],
)
def test_what_cannot_be_used_is_refused(change, message):
    arguments = {"objective": linear, "start": START, "steps": 3, "step_size": 1} | change
    with pytest.raises(ValueError, match=message):
        maximize(**arguments)


# What is looked at.


@pytest.fixture(scope="module")
def model():
    return models.lenet5()


@pytest.fixture(scope="module")
def digits(mnist):
    return mnist.test.images[:3]


def test_objectives_are_activations(model, digits):
    maps = activations.feature_maps(model, digits, ["conv3", "logits"])
    unit = activation(model, "conv3", [5, 0, 15], place=(2, 7))(digits)
    assert_close(unit, [maps["conv3"][n, 2, 7, c] for n, c in enumerate([5, 0, 15])])
    channel = activation(model, "conv3", [5, 0, 15])(digits)
    assert_close(channel, [maps["conv3"][n, :, :, c].mean() for n, c in enumerate([5, 0, 15])])
    logit = activation(model, "logits", [9, 0, 3])(digits)
    assert_close(logit, [maps["logits"][n, c] for n, c in enumerate([9, 0, 3])])


def test_dropout_is_off(model, digits):
    logit = activation(model, "logits", [0, 1, 2])
    np.testing.assert_array_equal(logit(digits), logit(digits))


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        (("conv2", [0]), "lenet5 has no layer 'conv2'; its layers are conv1"),
        (("conv1", [0, 6]), "conv1 has channels 0 to 5, not 6"),
        (("logits", [-1]), "logits has channels 0 to 9, not -1"),
        (("conv1", [0], (0, 24)), r"conv1 has maps of shape \(24, 24\), so there is no place \(0, 24\)"),
        (("logits", [0], (0, 0)), r"logits has maps of shape \(\), so there is no place"),
    ],
)
def test_what_is_not_there_is_refused(model, arguments, message):
    with pytest.raises(ValueError, match=message):
        activation(model, *arguments)
