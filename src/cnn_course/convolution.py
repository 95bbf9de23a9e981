"""Cross-correlation and convolution of pictures, in NumPy.

Pictures have shape (batch, height, width, channels) and kernels (height, width, in_channels, out_channels), as in
TensorFlow. A *row* runs from left to right and a *column* from top to bottom.
"""

from numbers import Real

import numpy as np

from cnn_course.arrays import as_pictures

PADDINGS = ("VALID", "SAME")


def correlate_by_loops(picture, kernel):
    """Cross-correlate one picture with one kernel, window by window: slow, and easy to read.

    Parameters
    ----------
    picture : ndarray, shape (height, width) or (height, width, channels)
    kernel : ndarray, shape (kernel_height, kernel_width) or (kernel_height, kernel_width, channels)

    Returns
    -------
    ndarray of float64, shape (height - kernel_height + 1, width - kernel_width + 1)
        What :func:`cross_correlate` gives at stride 1 without padding.

    Raises
    ------
    ValueError
        If the channels differ, or the kernel is larger than the picture.

    Examples
    --------
    >>> picture = np.array([[1, 2, 3], [4, 5, 6]])
    >>> correlate_by_loops(picture, np.array([[1, 0], [0, 1]]))
    array([[6., 8.]])
    """
    _check_one(picture, kernel)
    height, width = kernel.shape[:2]
    rows = picture.shape[0] - height + 1
    columns = picture.shape[1] - width + 1
    sums = np.zeros((rows, columns))
    for row in range(rows):
        for column in range(columns):
            window = picture[row : row + height, column : column + width]
            sums[row, column] = np.sum(window * kernel)
    return sums


def cross_correlate(images, kernels, *, strides=1, padding="VALID", dilation=1):
    """Slide every kernel over every picture and sum the products, as a convolutional layer does.

    Parameters
    ----------
    images : array_like, shape (batch, height, width, in_channels)
    kernels : array_like, shape (kernel_height, kernel_width, in_channels, out_channels)
    strides : int or (int, int), default 1
        Steps down and to the right between neighboring windows.
    padding : {"VALID", "SAME"}, default "VALID"
        "VALID" uses only windows that lie inside the picture; "SAME" surrounds the picture with zeros so that the
        output has ``ceil(size / stride)`` rows and columns.
    dilation : int or (int, int), default 1
        Distance between the pixels that neighboring kernel weights multiply.

    Returns
    -------
    ndarray, shape (batch, out_height, out_width, out_channels)
        Equal to ``tf.nn.conv2d``. Whole numbers stay exact: integer inputs give int64.

    Raises
    ------
    ValueError
        If a shape does not fit, or a setting is out of range.

    References
    ----------
    V. Dumoulin and F. Visin, "A guide to convolution arithmetic for deep learning", 2016.

    Examples
    --------
    >>> picture = np.array([[1, 2, 3], [4, 5, 6]])[np.newaxis, :, :, np.newaxis]
    >>> diagonal = np.eye(2, dtype=int)[:, :, np.newaxis, np.newaxis]
    >>> cross_correlate(picture, diagonal)[0, :, :, 0]
    array([[6, 8]])
    """
    images, kernels = _matched(images, kernels)
    size = kernels.shape[:2]
    strides, dilation = pair(strides, "strides"), pair(dilation, "dilation")
    padded = pad(images, size, strides, padding, dilation, value=0)
    bands = _bands(padded, size[0], strides[0], dilation[0])
    places = padded.shape[2] - dilation[1] * (size[1] - 1)  # columns that can begin a window
    columns = kernels.transpose(1, 3, 0, 2).reshape(size[1], kernels.shape[3], -1)
    maps = 0
    for number, weights in enumerate(columns):  # each (out_channels, height * in_channels)
        start = number * dilation[1]
        maps += weights @ bands[..., start : start + places : strides[1]]
    return maps.swapaxes(2, 3)


def partial_maps(images, kernels, *, strides=1, padding="VALID", dilation=1):
    """Cross-correlate every channel with its own grid of every kernel, and leave the results unsummed.

    Takes and raises what :func:`cross_correlate` does.

    Returns
    -------
    ndarray, shape (batch, out_height, out_width, in_channels, out_channels)
        What channel i contributes to map j. The sum over i is :func:`cross_correlate`; in one row, with map j of
        channel i at ``i * out_channels + j``, they are ``tf.nn.depthwise_conv2d``.

    Examples
    --------
    >>> two_channels = np.array([[[[1, 10]]]])  # a single pixel
    >>> partial_maps(two_channels, np.array([[[[2, 3], [4, 5]]]]))[0, 0, 0]
    array([[ 2,  3],
           [40, 50]])
    """
    images, kernels = _matched(images, kernels)
    options = {"strides": strides, "padding": padding, "dilation": dilation}
    channels = range(images.shape[3])
    maps = [cross_correlate(images[..., [i]], kernels[:, :, [i]], **options) for i in channels]
    return np.stack(maps, axis=3)


def convolve(images, kernels, *, strides=1, padding="VALID", dilation=1):
    """Convolve in the sense of mathematics: cross-correlate with the kernels turned by 180 degrees.

    Takes, returns and raises what :func:`cross_correlate` does.

    Examples
    --------
    >>> point = np.pad([[1]], 1)[np.newaxis, :, :, np.newaxis]
    >>> numbered = np.arange(1, 5).reshape(2, 2, 1, 1)
    >>> convolve(point, numbered)[0, :, :, 0]
    array([[1, 2],
           [3, 4]])
    """
    kernels = as_kernels(kernels)[::-1, ::-1]
    return cross_correlate(images, kernels, strides=strides, padding=padding, dilation=dilation)


def output_size(size: int, kernel_size: int, *, stride: int = 1, padding: str = "VALID", dilation: int = 1) -> int:
    """Count the windows that fit along one side of a picture.

    Parameters
    ----------
    size, kernel_size : int
        Pixels along this side of the picture and weights along this side of the kernel, at least 1.
    stride, padding, dilation
        As in :func:`cross_correlate`.

    Returns
    -------
    int
        ``(size - reach) // stride + 1`` for "VALID", where ``reach = dilation * (kernel_size - 1) + 1`` is the number
        of pixels from the kernel's first weight to its last; ``ceil(size / stride)`` for "SAME".

    Raises
    ------
    ValueError
        If the kernel reaches further than the picture and the padding is "VALID", or a number is not positive.

    Examples
    --------
    >>> output_size(28, 5), output_size(28, 5, padding="SAME"), output_size(28, 5, stride=2, dilation=3)
    (24, 28, 8)
    """
    _check_padding(padding)
    if min(size, kernel_size, stride, dilation) < 1:
        raise ValueError(
            "size, kernel_size, stride and dilation must be at least 1, "
            f"got {size}, {kernel_size}, {stride} and {dilation}."
        )
    if padding == "SAME":
        return -(-size // stride)
    reach = dilation * (kernel_size - 1) + 1
    if reach > size:
        raise ValueError(
            f"A kernel that reaches over {reach} pixels does not fit into {size} pixels. "
            'Use padding="SAME", a smaller kernel or a smaller dilation.'
        )
    return (size - reach) // stride + 1


def same_padding(size: int, kernel_size: int, *, stride: int = 1, dilation: int = 1) -> tuple[int, int]:
    """Return how many pixels "SAME" adds before and after one side; an odd one goes after.

    Examples
    --------
    >>> same_padding(4, 2), same_padding(5, 3)
    ((0, 1), (1, 1))
    """
    reach = dilation * (kernel_size - 1) + 1
    rows = output_size(size, kernel_size, stride=stride, padding="SAME", dilation=dilation)
    total = max((rows - 1) * stride + reach - size, 0)
    return total // 2, total - total // 2


def pad(images, kernel_size, strides, padding, dilation, *, value):
    """Surround pictures (batch, height, width, channels) with ``value`` as the padding asks, checking that they fit."""
    sides = list(zip(images.shape[1:3], kernel_size, strides, dilation, strict=True))
    for size, kernel, stride, gap in sides:
        output_size(size, kernel, stride=stride, padding=padding, dilation=gap)
    if padding == "VALID":
        return images
    borders = [same_padding(size, kernel, stride=stride, dilation=gap) for size, kernel, stride, gap in sides]
    return np.pad(images, [(0, 0), *borders, (0, 0)], constant_values=value)


def _bands(images, height, stride, gap):
    """Return, for each row of a feature map, the band of the picture that its windows lie in.

    Parameters
    ----------
    images : ndarray, shape (batch, height, width, channels)
    height, stride, gap : int
        Rows of a window, steps down between windows, distance between neighboring rows of a window.

    Returns
    -------
    ndarray, shape (batch, out_height, height * channels, width)
        A view: bands share their rows. They are copied only where ``gap`` is above 1 and there are several channels.
    """
    rows = np.ascontiguousarray(images.swapaxes(2, 3))
    batch, count, channels, width = rows.shape
    picture, down, channel, right = rows.strides  # bytes from one number to the next along each axis
    out_height = output_size(count, height, stride=stride, dilation=gap)
    shape = (batch, out_height, height, channels, width)
    bands = np.ndarray(shape, rows.dtype, rows, strides=(picture, down * stride, down * gap, channel, right))
    return bands.reshape(batch, out_height, height * channels, width)


def pair(value, name: str) -> tuple[int, int]:
    """Turn ``3`` or ``(3, 2)`` into (down, to the right), both at least 1."""
    both = tuple(value) if np.iterable(value) else (value, value)
    if len(both) != 2 or not all(isinstance(each, Real) and each >= 1 and each % 1 == 0 for each in both):
        raise ValueError(f"{name} must be one or two whole numbers of at least 1, got {value!r}.")
    return int(both[0]), int(both[1])


def as_kernels(kernels) -> np.ndarray:
    """Return the kernels as an array, or say which shape they must have."""
    kernels = np.asarray(kernels)
    if kernels.ndim != 4:
        raise ValueError(
            f"kernels must have shape (height, width, in_channels, out_channels), got {kernels.shape}. "
            "Give one kernel for gray pictures as kernel[:, :, np.newaxis, np.newaxis]."
        )
    if 0 in kernels.shape:
        raise ValueError(
            f"kernels (height, width, in_channels, out_channels) must not be empty, got shape {kernels.shape}."
        )
    return kernels


def _matched(images, kernels) -> tuple[np.ndarray, np.ndarray]:
    """Return pictures and kernels that fit each other, in one dtype wide enough for sums of products."""
    images, kernels = as_pictures(images), as_kernels(kernels)
    channels = images.shape[3]
    if kernels.shape[2] != channels:
        raise ValueError(
            f"images have {channels} channels, so kernels must have shape "
            f"(height, width, {channels}, out_channels), got {kernels.shape}."
        )
    dtype = np.result_type(images, kernels)
    if dtype.kind in "biu":  # small integers would wrap around
        dtype = np.dtype(np.int64)
    return images.astype(dtype, copy=False), kernels.astype(dtype, copy=False)


def _check_one(picture: np.ndarray, kernel: np.ndarray) -> None:
    """Refuse a picture and a kernel that have other axes or channels, or too small a picture."""
    fits = picture.ndim in (2, 3) and picture.ndim == kernel.ndim and picture.shape[2:] == kernel.shape[2:]
    if not fits or np.any(np.less(picture.shape, kernel.shape)) or 0 in kernel.shape:
        raise ValueError(
            "picture and kernel must both have shape (height, width), or both (height, width, channels) with as many "
            f"channels, and the kernel must fit into the picture; got {picture.shape} and {kernel.shape}."
        )


def _check_padding(padding: str) -> None:
    if padding not in PADDINGS:
        raise ValueError(f'padding must be "VALID" or "SAME", got {padding!r}.')
