import warnings

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from cnn_course import activations, models
from cnn_course.convolution import cross_correlate
from cnn_course.pooling import max_pool


@pytest.fixture(scope="module")
def model():
    return models.lenet5()


@pytest.fixture(scope="module")
def digits(mnist):
    return mnist.test.images[[0, 10, 15]]


def maps(model, digits, *layers):
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        return activations.feature_maps(model, digits, list(layers))


def test_shapes_of_several_layers_in_the_order_asked_for(model, digits):
    found = maps(model, digits, "conv3", "conv1", "logits")
    shapes = {name: values.shape for name, values in found.items()}
    assert list(shapes.items()) == [("conv3", (3, 8, 8, 16)), ("conv1", (3, 24, 24, 6)), ("logits", (3, 10))]
    assert all(isinstance(values, np.ndarray) for values in found.values())


def test_one_layer_alone(model, digits):
    assert maps(model, digits, "conv1")["conv1"].shape == (3, 24, 24, 6)


def test_maps_are_what_the_kernels_make(model, digits):
    found = maps(model, digits, "conv1", "pool2")
    expected = np.maximum(cross_correlate(digits, activations.kernels(model, "conv1")), 0)  # the bias is zero
    np.testing.assert_allclose(found["conv1"], expected, rtol=0, atol=1e-5)
    np.testing.assert_array_equal(found["pool2"], max_pool(found["conv1"]))


def test_dropout_is_off(model, digits):
    found = maps(model, digits, "flatten5", "dropout5")
    np.testing.assert_array_equal(found["flatten5"], found["dropout5"])


def test_last_layer_is_the_model(model, digits):
    np.testing.assert_array_equal(maps(model, digits, "logits")["logits"], model(digits, training=False))


def test_unknown_layer_names_those_there_are(model, digits):
    with pytest.raises(ValueError, match="lenet5 has no layer 'conv2'; its layers are conv1, pool2, conv3"):
        activations.feature_maps(model, digits, ["conv1", "conv2"])


def test_kernel_shapes(model):
    assert activations.kernels(model, "conv1").shape == (5, 5, 1, 6)
    assert activations.kernels(model, "conv3").shape == (5, 5, 6, 16)


def test_samples_are_values_of_their_layer_the_same_for_all_pictures(model, digits):
    samples = activations.sample_activations(model, digits, ["conv1", "dense6"], count=200, batch_size=2)
    full = maps(model, digits, "conv1", "dense6")
    kept = np.random.default_rng(0).permutation(24 * 24 * 6)[:200]
    np.testing.assert_allclose(samples["conv1"], full["conv1"].reshape(3, -1)[:, kept], rtol=0, atol=1e-6)
    np.testing.assert_allclose(np.sort(samples["dense6"]), np.sort(full["dense6"]), rtol=0, atol=1e-6)  # kept whole


def test_another_seed_samples_other_places(model, digits):
    first, second = (activations.sample_activations(model, digits, ["conv1"], seed=seed)["conv1"] for seed in (0, 1))
    assert first.shape == second.shape == (3, 1024)
    assert not np.array_equal(first, second)


@given(st.integers(0, 1000), st.integers(1, 20))
def test_shuffled_channels_are_found_again(seed, channels):
    numbers = np.random.default_rng(seed)
    maps = numbers.normal(size=(3, 5, 5, channels))
    maps /= np.sqrt(np.sum(maps**2, axis=(0, 1, 2)))  # then no product is larger than that of a map with itself
    shuffled = maps[..., numbers.permutation(channels)]
    np.testing.assert_array_equal(shuffled[..., activations.match_channels(maps, shuffled)], maps)


@given(st.integers(0, 1000))
def test_a_match_uses_every_channel_once(seed):
    one, other = np.random.default_rng(seed).uniform(size=(2, 4, 3, 3, 8))
    assert sorted(activations.match_channels(one, other)) == list(range(8))


def test_the_closest_pair_is_matched_first():
    one, other = np.array([[3.0, 2.0], [0.0, 1.0]]), np.array([[2.0, 3.0], [1.0, 0.0]])
    assert activations.match_channels(one, other).tolist() == [1, 0]  # 3 * 3, before 3 * 2


@pytest.mark.parametrize("shape", [(2, 4, 4, 3), (1, 4, 4, 2), (4, 4, 3)])
def test_maps_to_match_have_one_shape(shape):
    with pytest.raises(ValueError, match="of one shape"):
        activations.match_channels(np.zeros((1, 4, 4, 3)), np.zeros(shape))


@given(st.floats(0, 100, width=32))
def test_what_a_byte_can_hold(value):
    as_byte = np.array(value * 255).astype(np.int64).astype(np.uint8)
    assert activations.exceeds_byte(value) == (int(as_byte) != int(value * 255))


def test_a_byte_holds_everything_below_its_end():
    np.testing.assert_array_equal(
        activations.exceeds_byte([[0, 1], [255.9 / 255, 256 / 255]]), [[False, False], [False, True]]
    )


# Mosaics.


@pytest.mark.parametrize("channels", [1, 3, 8])
def test_random_kernels_are_gray_to_one_part_in_their_channels(channels):
    random = np.random.default_rng(0).normal(size=(3, 3, channels, 2000))
    assert activations.gray_share(random) == pytest.approx(1 / channels, abs=0.01)


def test_what_is_gray_and_what_is_color_add_up():
    random = np.random.default_rng(1).normal(size=(3, 3, 3, 4))
    color = random - random.mean(axis=2, keepdims=True)
    assert activations.gray_share(color) == pytest.approx(0, abs=1e-12)
    assert activations.gray_share(random - color) == pytest.approx(1)


@pytest.mark.parametrize("kernels", [np.zeros((3, 3, 3, 2)), np.ones((3, 3, 3))])
def test_kernels_without_a_share_are_refused(kernels):
    with pytest.raises(ValueError, match="Kernels of four axes, not all zero, are needed"):
        activations.gray_share(kernels)
