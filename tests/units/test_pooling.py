import numpy as np
import pytest
import tensorflow as tf
from hypothesis import given, settings
from hypothesis import strategies as st

from cnn_course.pooling import average_pool, max_pool

THOROUGH = settings(max_examples=300, deadline=None, derandomize=True)
SOURCE_IMAGE = np.array([[1, 2, 0, 0], [3, 0, 0, 1], [0, 0, 0, 3], [1, 0, 0, 1]]).reshape(1, 4, 4, 1)


@st.composite
def cases(draw):
    """Draw pictures of both signs (or only negative ones), a window that fits, strides and padding."""
    size = draw(st.tuples(st.integers(1, 4), st.integers(1, 4)))
    strides = draw(st.tuples(st.integers(1, 5), st.integers(1, 5)))
    padding = draw(st.sampled_from(["VALID", "SAME"]))
    smallest = size if padding == "VALID" else (1, 1)
    height, width = (least + draw(st.integers(0, 8)) for least in smallest)
    batch, channels = draw(st.integers(1, 3)), draw(st.integers(1, 4))
    numbers = np.random.default_rng(draw(st.integers(0, 2**32 - 1)))
    highest = draw(st.sampled_from([1.0, -0.1]))
    return numbers.uniform(-1, highest, (batch, height, width, channels)).astype(np.float32), size, strides, padding


@THOROUGH
@given(cases())
def test_max_pool_equals_tensorflow(case):
    np.testing.assert_array_equal(max_pool(*case), tf.nn.max_pool2d(*case), strict=True)


@THOROUGH
@given(cases())
def test_average_pool_equals_tensorflow(case):
    np.testing.assert_allclose(average_pool(*case), tf.nn.avg_pool2d(*case), rtol=0, atol=1e-5, strict=True)


@THOROUGH
@given(cases())
def test_relu_and_max_pool_commute(case):
    images, *options = case
    np.testing.assert_array_equal(relu(max_pool(images, *options)), max_pool(relu(images), *options))


def test_relu_and_average_pool_do_not_commute():
    images = np.array([[1.0, -3.0], [1.0, 1.0]]).reshape(1, 2, 2, 1)
    assert relu(average_pool(images)).item() == 0
    assert average_pool(relu(images)).item() == 0.75


def test_source_example_max():
    found = max_pool(SOURCE_IMAGE)
    assert found.shape == (1, 2, 2, 1)
    np.testing.assert_array_equal(found[0, :, :, 0], [[3, 1], [1, 3]])


def test_source_example_average():
    np.testing.assert_array_equal(average_pool(SOURCE_IMAGE)[0, :, :, 0], [[1.5, 0.25], [0.25, 1]])


def test_strides_are_the_size_unless_told():
    np.testing.assert_array_equal(max_pool(SOURCE_IMAGE, 2), max_pool(SOURCE_IMAGE, 2, strides=2))


def test_valid_drops_what_does_not_fill_a_window_and_same_keeps_it():
    row = np.arange(5.0).reshape(1, 1, 5, 1)
    assert max_pool(row, (1, 2)).ravel().tolist() == [1, 3]
    assert max_pool(row, (1, 2), padding="SAME").ravel().tolist() == [1, 3, 4]


def test_same_averages_only_real_pixels():
    ones = np.ones((1, 3, 3, 1))
    np.testing.assert_array_equal(average_pool(ones, 2, padding="SAME"), np.ones((1, 2, 2, 1)))


@pytest.mark.parametrize("dtype", [np.int8, np.uint8, np.int32, np.int64])
def test_max_pool_keeps_whole_numbers(dtype):
    lowest = np.full((1, 3, 3, 1), np.iinfo(dtype).min, dtype)
    found = max_pool(lowest, 2, padding="SAME")
    assert found.dtype == dtype
    assert np.all(found == np.iinfo(dtype).min)


def test_average_of_bytes_does_not_wrap_around():
    assert average_pool(np.full((1, 4, 4, 1), 255, np.uint8), 4).item() == 255.0


@pytest.mark.parametrize("pool", [max_pool, average_pool])
@pytest.mark.parametrize(
    ("shape", "options", "message"),
    [
        ((4, 4), {}, r"shape \(batch, height, width, channels\), got \(4, 4\)"),
        ((1, 0, 4, 1), {"padding": "SAME"}, "must not be empty"),
        ((1, 4, 4, 1), {"size": 5}, "reaches over 5 pixels does not fit into 4 pixels"),
        ((1, 4, 4, 1), {"size": 0}, "size must be one or two whole numbers"),
        ((1, 4, 4, 1), {"size": 1.5}, "size must be one or two whole numbers"),
        ((1, 4, 4, 1), {"strides": 0}, "strides must be one or two whole numbers"),
        ((1, 4, 4, 1), {"strides": -2}, "strides must be one or two whole numbers"),
        ((1, 4, 4, 1), {"padding": "same"}, 'padding must be "VALID" or "SAME"'),
    ],
)
def test_what_does_not_fit_is_refused(pool, shape, options, message):
    with pytest.raises(ValueError, match=message):
        pool(np.ones(shape), **options)


def relu(values):
    return np.maximum(values, 0)
