import numpy as np
import pytest
import scipy.signal
import tensorflow as tf
from hypothesis import assume, given, settings
from hypothesis import strategies as st

from cnn_course.convolution import (
    convolve,
    correlate_by_loops,
    cross_correlate,
    output_size,
    partial_maps,
    same_padding,
)

THOROUGH = settings(max_examples=300, deadline=None, derandomize=True)


@st.composite
def cases(draw):
    """Draw pictures, kernels that fit, and settings; sides, kernels, strides and dilations differ down and right."""
    pairs = st.tuples(st.integers(1, 3), st.integers(1, 3))
    padding = draw(st.sampled_from(["VALID", "SAME"]))
    strides, dilation = draw(pairs), draw(pairs)
    kernel_size = draw(st.tuples(st.integers(1, 5), st.integers(1, 5)))
    reach = [gap * (count - 1) + 1 for gap, count in zip(dilation, kernel_size, strict=True)]
    smallest = reach if padding == "VALID" else (1, 1)
    height, width = (least + draw(st.integers(0, 8)) for least in smallest)
    batch, channels, filters = draw(st.integers(1, 3)), draw(st.integers(1, 4)), draw(st.integers(1, 4))
    numbers = np.random.default_rng(draw(st.integers(0, 2**32 - 1)))
    images = numbers.uniform(-1, 1, (batch, height, width, channels)).astype(np.float32)
    kernels = numbers.uniform(-1, 1, (*kernel_size, channels, filters)).astype(np.float32)
    return images, kernels, {"strides": strides, "padding": padding, "dilation": dilation}


@THOROUGH
@given(cases())
def test_cross_correlate_equals_tensorflow(case):
    images, kernels, options = case
    expected = tf.nn.conv2d(images, kernels, options["strides"], options["padding"], dilations=options["dilation"])
    found = cross_correlate(images, kernels, **options)
    assert found.dtype == np.float32
    np.testing.assert_allclose(found, expected, rtol=0, atol=1e-5, strict=True)


@THOROUGH
@given(cases())
def test_loops_equal_tensorflow(case):
    images, kernels, _ = case
    assume(np.all(np.less_equal(kernels.shape[:2], images.shape[1:3])))
    expected = tf.nn.conv2d(images, kernels, 1, "VALID")
    found = correlate_by_loops(images[0], kernels[..., 0])
    np.testing.assert_allclose(found, expected[0, :, :, 0], rtol=0, atol=1e-5)
    if images.shape[3] == 1:
        np.testing.assert_array_equal(correlate_by_loops(images[0, :, :, 0], kernels[:, :, 0, 0]), found)


@THOROUGH
@given(cases())
def test_partial_maps_add_up_to_the_cross_correlation(case):
    images, kernels, options = case
    found, expected = partial_maps(images, kernels, **options), cross_correlate(images, kernels, **options)
    assert found.shape == (*expected.shape[:3], images.shape[3], kernels.shape[3])
    assert found.dtype == np.float32
    np.testing.assert_allclose(found.sum(axis=3), expected, rtol=0, atol=1e-5, strict=True)


@THOROUGH
@given(cases())
def test_partial_maps_in_one_row_equal_tensorflows_depthwise_convolution(case):
    images, kernels, options = case
    stride = options["strides"][0]  # TensorFlow wants equal strides, and no dilation beside them
    options |= {"strides": stride, "dilation": options["dilation"] if stride == 1 else 1}
    dilations = np.broadcast_to(options["dilation"], 2)
    expected = tf.nn.depthwise_conv2d(images, kernels, [1, stride, stride, 1], options["padding"], None, dilations)
    found = partial_maps(images, kernels, **options)
    np.testing.assert_allclose(found.reshape(expected.shape), expected, rtol=0, atol=1e-5)


def test_partial_maps_of_whole_numbers_are_exact():
    images = np.array([[[[255, 1]]]], np.uint8)
    found = partial_maps(images, np.array([[[[2, 3, -1], [5, 7, 0]]]]))
    assert found.dtype == np.int64
    np.testing.assert_array_equal(found[0, 0, 0], [[510, 765, -255], [5, 7, 0]])


def flipped_by_scipy(image, kernel, stride, padding, gap):
    """Convolve one channel: the full convolution, then the rows and columns that the padding keeps."""
    spread = np.zeros([g * (k - 1) + 1 for g, k in zip(gap, kernel.shape, strict=True)])
    spread[:: gap[0], :: gap[1]] = kernel
    full = scipy.signal.convolve2d(image.astype(float), spread, mode="full")
    kept = []
    for size, reach, step in zip(image.shape, spread.shape, stride, strict=True):
        if padding == "VALID":
            kept.append(slice(reach - 1, size, step))
        else:
            count = int(np.ceil(size / step))
            before = max((count - 1) * step + reach - size, 0) // 2
            kept.append(slice(reach - 1 - before, reach - before + (count - 1) * step, step))
    return full[tuple(kept)]


@THOROUGH
@given(cases())
def test_convolve_equals_scipy(case):
    images, kernels, options = case
    expected = [
        [
            sum(
                flipped_by_scipy(image[:, :, channel], kernels[:, :, channel, out], *options.values())
                for channel in range(images.shape[3])
            )
            for out in range(kernels.shape[3])
        ]
        for image in images
    ]
    expected = np.moveaxis(np.array(expected), 1, -1)
    found = convolve(images, kernels, **options)
    assert found.shape == expected.shape
    np.testing.assert_allclose(found, expected, rtol=0, atol=1e-5)


@THOROUGH
@given(cases())
def test_output_size_is_the_real_shape(case):
    images, kernels, options = case
    expected = tuple(
        output_size(
            images.shape[1 + side],
            kernels.shape[side],
            stride=options["strides"][side],
            padding=options["padding"],
            dilation=options["dilation"][side],
        )
        for side in (0, 1)
    )
    assert cross_correlate(images, kernels, **options).shape[1:3] == expected


def test_same_padding_puts_the_odd_pixel_after():
    assert same_padding(4, 2) == (0, 1)
    assert same_padding(5, 3, stride=2) == (1, 1)
    assert same_padding(5, 1, stride=3) == (0, 0)


# The worked examples of source 000.

RAMP = np.array([[1, 2, 3, 4], [4, 5, 6, 7], [7, 8, 9, 10], [1, 3, 5, 7]])
DIAGONAL = np.diag([1, 1, 0])


def one(operation, image, kernel, **options):
    """Apply an operation to one gray picture and one kernel."""
    return operation(image[np.newaxis, :, :, np.newaxis], kernel[:, :, np.newaxis, np.newaxis], **options)[0, :, :, 0]


def test_source_example_valid():
    np.testing.assert_array_equal(one(cross_correlate, RAMP, DIAGONAL), [[6, 8], [12, 14]])


def test_source_example_same():
    expected = [[1, 2, 3, 4], [4, 6, 8, 10], [7, 12, 14, 16], [1, 10, 13, 16]]
    np.testing.assert_array_equal(one(cross_correlate, RAMP, DIAGONAL, padding="SAME"), expected)


def test_source_example_true_convolution():
    np.testing.assert_array_equal(one(convolve, RAMP, DIAGONAL), [[14, 16], [13, 16]])


def test_source_example_even_kernel():
    image = np.array([[1, 2, 0, 0, 0], [3, 0, 0, 1, 2], [0, 0, 0, 3, 0], [1, 0, 0, 1, 0], [0, 0, 0, 0, 0]])
    found = cross_correlate(image.reshape(1, 5, 5, 1), np.array([[1, 2], [3, 0]]).reshape(2, 2, 1, 1))
    assert found.shape == (1, 4, 4, 1)
    expected = [[14, 2, 0, 3], [3, 0, 2, 14], [3, 0, 6, 6], [1, 0, 2, 1]]
    np.testing.assert_array_equal(found[0, :, :, 0], expected)


# Whole numbers.


def test_integers_stay_exact():
    image, kernel = np.full((3, 3), 2**40 + 1), np.full((2, 2), 3)
    found = one(cross_correlate, image, kernel)
    assert found.dtype == np.int64
    assert np.all(found == 12 * (2**40 + 1))


@pytest.mark.parametrize("operation", [cross_correlate, convolve])
def test_bytes_do_not_wrap_around(operation):
    bright, ones = np.full((3, 3), 255, np.uint8), np.ones((3, 3), np.uint8)
    assert one(operation, bright, ones).item() == 9 * 255


def test_bytes_may_become_negative():
    bright, minus = np.full((3, 3), 255, np.uint8), np.full((3, 3), -1, np.int8)
    assert one(cross_correlate, bright, minus).item() == -9 * 255


def test_booleans_are_counted():
    assert one(cross_correlate, np.ones((3, 3), bool), np.ones((3, 3), bool)).item() == 9


def test_inputs_stay_as_they_are():
    images, kernels = np.arange(16.0).reshape(1, 4, 4, 1), np.arange(4.0).reshape(2, 2, 1, 1)
    convolve(images, kernels, padding="SAME")
    np.testing.assert_array_equal(images.ravel(), np.arange(16))
    np.testing.assert_array_equal(kernels.ravel(), np.arange(4))


def test_lists_are_pictures_too():
    assert cross_correlate([[[[1.0], [2.0]]]], [[[[3.0]]]]).ravel().tolist() == [3, 6]


def test_no_pictures_give_no_maps():
    assert cross_correlate(np.ones((0, 5, 5, 1)), np.ones((2, 2, 1, 3))).shape == (0, 4, 4, 3)


# What does not fit is refused, and the message says what would.

IMAGES, KERNELS = (2, 5, 6, 3), (3, 3, 3, 4)
PICTURE_SHAPE = r"images must have shape \(batch, height, width, channels\)"
KERNEL_SHAPE = r"kernels must have shape \(height, width, in_channels, out_channels\)"


@pytest.mark.parametrize("operation", [cross_correlate, convolve, partial_maps])
@pytest.mark.parametrize(
    ("images", "kernels", "message"),
    [
        ((5, 6), KERNELS, PICTURE_SHAPE + r", got \(5, 6\)"),
        ((5, 6, 3), KERNELS, PICTURE_SHAPE + r", got \(5, 6, 3\)"),
        ((1, 2, 5, 6, 3), KERNELS, PICTURE_SHAPE),
        ((), KERNELS, PICTURE_SHAPE),
        (IMAGES, (3, 3), KERNEL_SHAPE + r", got \(3, 3\)"),
        (IMAGES, (3,), KERNEL_SHAPE + r", got \(3,\)"),
        (IMAGES, (), KERNEL_SHAPE),
        (IMAGES, (3, 3, 1, 4), r"shape \(height, width, 3, out_channels\), got \(3, 3, 1, 4\)"),
        (IMAGES, (3, 3, 4, 3), r"shape \(height, width, 3, out_channels\), got \(3, 3, 4, 3\)"),
        (IMAGES, (6, 3, 3, 4), "reaches over 6 pixels does not fit into 5 pixels"),
        (IMAGES, (3, 7, 3, 4), "reaches over 7 pixels does not fit into 6 pixels"),
        (IMAGES, (0, 3, 3, 4), r"kernels \(height, width, in_channels, out_channels\) must not be empty"),
        (IMAGES, (3, 3, 3, 0), r"kernels .* must not be empty, got shape \(3, 3, 3, 0\)"),
        ((2, 0, 6, 3), KERNELS, r"images \(batch, height, width, channels\) must not be empty"),
        ((2, 5, 6, 0), (3, 3, 0, 4), "must not be empty"),
    ],
)
def test_shapes_that_do_not_fit(operation, images, kernels, message):
    with pytest.raises(ValueError, match=message):
        operation(np.ones(images), np.ones(kernels))


@pytest.mark.parametrize(
    ("picture", "kernel"),
    [
        ((5,), (3,)),
        ((5, 5), (3, 3, 1)),
        ((5, 5, 3), (3, 3)),
        ((5, 5, 3), (3, 3, 1)),
        ((1, 5, 5, 3), (3, 3, 3, 1)),
        ((5, 5), (6, 3)),
        ((5, 5), (3, 6)),
        ((5, 5), (0, 3)),
    ],
)
def test_loops_refuse_what_does_not_fit(picture, kernel):
    with pytest.raises(ValueError, match=r"the kernel must fit into the picture; got \(.* and \("):
        correlate_by_loops(np.ones(picture), np.ones(kernel))


@pytest.mark.parametrize("name", ["strides", "dilation"])
@pytest.mark.parametrize("value", [0, -1, 1.5, (1, 0), (2, -1), (1, 2.5), (1, 1, 1), (2,), (), "2", None, float("nan")])
def test_steps_that_are_no_whole_numbers(name, value):
    with pytest.raises(ValueError, match=f"{name} must be one or two whole numbers of at least 1, got"):
        cross_correlate(np.ones(IMAGES), np.ones(KERNELS), **{name: value})


@pytest.mark.parametrize("padding", ["same", "valid", "FULL", "", None, 1])
def test_unknown_padding(padding):
    with pytest.raises(ValueError, match='padding must be "VALID" or "SAME", got'):
        cross_correlate(np.ones(IMAGES), np.ones(KERNELS), padding=padding)


def test_dilation_that_reaches_too_far():
    with pytest.raises(ValueError, match="reaches over 7 pixels does not fit into 5 pixels"):
        cross_correlate(np.ones(IMAGES), np.ones(KERNELS), dilation=3)


@pytest.mark.parametrize("numbers", [(0, 3, 1, 1), (5, 0, 1, 1), (5, 3, 0, 1), (5, 3, -1, 1), (5, 3, 1, 0)])
@pytest.mark.parametrize("padding", ["VALID", "SAME"])
def test_output_size_needs_positive_numbers(numbers, padding):
    size, kernel_size, stride, dilation = numbers
    with pytest.raises(ValueError, match="must be at least 1, got"):
        output_size(size, kernel_size, stride=stride, padding=padding, dilation=dilation)
