"""Max and average pooling of pictures (batch, height, width, channels), in NumPy."""

import numpy as np
from numpy.lib.stride_tricks import sliding_window_view

from cnn_course import convolution
from cnn_course.arrays import as_pictures


def max_pool(images, size=2, strides=None, padding="VALID"):
    """Keep the largest value of every window, channel by channel.

    Parameters
    ----------
    images : array_like, shape (batch, height, width, channels)
    size : int or (int, int), default 2
        Rows and columns of a window.
    strides : int or (int, int), optional
        Steps down and to the right between windows; by default ``size``, so that windows tile the picture.
    padding : {"VALID", "SAME"}, default "VALID"
        "VALID" drops rows and columns that do not fill a window; "SAME" keeps them in smaller windows.

    Returns
    -------
    ndarray, shape (batch, out_height, out_width, channels)
        Of the dtype of ``images``; equal to ``tf.nn.max_pool2d``.

    Raises
    ------
    ValueError
        If the shape is not (batch, height, width, channels), or a window does not fit.

    Examples
    --------
    >>> max_pool(np.arange(16).reshape(1, 4, 4, 1))[0, :, :, 0]
    array([[ 5,  7],
           [13, 15]])
    """
    images = as_pictures(images)
    return _windows(images, size, strides, padding, value=_lowest(images.dtype)).max(axis=(4, 5))


def average_pool(images, size=2, strides=None, padding="VALID"):
    """Average every window, channel by channel.

    Takes and raises what :func:`max_pool` does. With "SAME", a window at the edge averages only the pixels it really
    holds, as ``tf.nn.avg_pool2d`` does.

    Returns
    -------
    ndarray of float, shape (batch, out_height, out_width, channels)

    Examples
    --------
    >>> average_pool(np.arange(16).reshape(1, 4, 4, 1))[0, :, :, 0]
    array([[ 2.5,  4.5],
           [10.5, 12.5]])
    """
    images = as_pictures(images)
    total = _windows(images, size, strides, padding, value=0).sum(axis=(4, 5))
    ones = np.ones_like(images[:1, :, :, :1])
    count = _windows(ones, size, strides, padding, value=0).sum(axis=(4, 5))
    return total / count


def _lowest(dtype: np.dtype):
    """Return what no number of a dtype is smaller than, so that padding never wins."""
    return {"f": -np.inf, "b": False}[dtype.kind] if dtype.kind in "fb" else np.iinfo(dtype).min


def _windows(images, size, strides, padding, value):
    """View the pooling windows: shape (batch, out_height, out_width, channels, *size)."""
    size = convolution.pair(size, "size")
    strides = size if strides is None else convolution.pair(strides, "strides")
    padded = convolution.pad(images, size, strides, padding, (1, 1), value=value)
    return sliding_window_view(padded, size, axis=(1, 2))[:, :: strides[0], :: strides[1]]
