"""What every door of the package asks of pictures, labels and classes, checked in one place.

Bytes (uint8) that go into a network stand for shares of 255, at every door. NumPy's arithmetic on pictures, as in
`convolution` and `pooling`, keeps numbers as they are.
"""

import hashlib

import numpy as np

# Pictures are shares of 255, in [0, 1]; even standardized ones stay below this. Bytes given as floats do not.
LARGEST_INPUT = 16.0


def as_pictures(images) -> np.ndarray:
    """Return pictures as an array of numbers, shape (batch, height, width, channels).

    Raises
    ------
    ValueError
        If they have another shape, are empty, or are no numbers.

    Examples
    --------
    >>> as_pictures([[[[0.0], [1.0]]]]).shape
    (1, 1, 2, 1)
    """
    images = np.asarray(images)
    if images.ndim != 4:
        raise ValueError(
            f"images must have shape (batch, height, width, channels), got {images.shape}. "
            "Give one gray picture as picture[np.newaxis, :, :, np.newaxis]."
        )
    if 0 in images.shape[1:]:
        raise ValueError(f"images (batch, height, width, channels) must not be empty, got shape {images.shape}.")
    if images.dtype.kind not in "biuf":
        raise ValueError(f"images must be numbers, got {images.dtype}.")
    return images


def as_inputs(images, model=None) -> np.ndarray:
    """Return what a network is to see: bytes, which stand for shares of 255, or float32.

    Parameters
    ----------
    images : array_like of uint8, bool or float, shape (N, ...)
        A memory-mapped array of bytes stays on disk.
    model : keras.Model, optional
        Whose input the shape must fit. Other callables are not asked.

    Returns
    -------
    ndarray of uint8 or float32, shape (N, ...)

    Raises
    ------
    ValueError
        If the shape does not fit, the dtype is another one, or a number is not finite.

    Examples
    --------
    >>> as_inputs(np.array([[0.5, 1.0]])).dtype
    dtype('float32')
    """
    images = images if isinstance(images, np.ndarray) else np.asarray(images)
    _require_shape(images, model)
    if images.dtype == np.uint8:
        return images
    if images.dtype.kind not in "bf":
        raise ValueError(f"images must be floats in [0, 1] or bytes (uint8), got {images.dtype}.")
    images = images.astype(np.float32, copy=False)
    if not np.isfinite(images).all():
        place = tuple(int(index) for index in np.argwhere(~np.isfinite(images))[0])
        raise ValueError(f"images must be finite: there is {images[place]} at {place}.")
    return images


def as_training_inputs(images, model) -> np.ndarray:
    """Return what a network is to learn from: as :func:`as_inputs`, with values that can be shares of 255.

    Raises
    ------
    ValueError
        Also if the values are so large that they must be bytes given as floats.
    """
    images = as_inputs(images, model)
    largest = 0.0 if images.dtype == np.uint8 or images.size == 0 else float(np.abs(images).max())
    if largest > LARGEST_INPUT:
        raise ValueError(
            f"images reach {largest:g}: networks learn from values in [0, 1]. Divide by 255, or give bytes (uint8)."
        )
    return images


def _require_shape(images: np.ndarray, model) -> None:
    inputs = getattr(model, "inputs", None)
    if inputs is None:  # a plain function, or a model that takes its shape from the first pictures
        return
    if len(inputs) != 1:
        raise ValueError(f"{model.name} must have one input, it has {len(inputs)}.")
    wanted = tuple(inputs[0].shape)[1:]
    found = images.shape[1:]
    if len(found) == len(wanted) and all(want in (None, have) for want, have in zip(wanted, found, strict=True)):
        return
    hint = f" Read photographs with load_photos(..., image_size={wanted[0]})." if _is_other_size(found, wanted) else ""
    sizes = ", ".join(map(str, wanted))
    raise ValueError(f"{model.name} takes images of shape (N, {sizes}), got {images.shape}.{hint}")


def _is_other_size(found: tuple, wanted: tuple) -> bool:
    return len(found) == len(wanted) == 3 and found[2] == wanted[2] == 3


def as_floats(images: np.ndarray) -> np.ndarray:
    """Turn bytes into the shares of 255 that networks take; leave other numbers as they are.

    Parameters
    ----------
    images : ndarray of uint8 or float32

    Returns
    -------
    ndarray of float32
        Of the same shape; values in [0, 1] if they were bytes.

    Examples
    --------
    >>> as_floats(np.array([0, 51, 255], np.uint8))
    array([0. , 0.2, 1. ], dtype=float32)
    """
    return images.astype(np.float32) / np.float32(255) if images.dtype == np.uint8 else images


def as_labels(labels, *, count: int | None = None, classes: int | None = None, name: str = "labels") -> np.ndarray:
    """Return labels as whole numbers, one for each picture.

    Parameters
    ----------
    labels : array_like of int, shape (N,)
    count : int, optional
        How many there must be.
    classes : int, optional
        They must be 0 to ``classes - 1``.
    name : str, default "labels"
        For the message.

    Returns
    -------
    ndarray of int, shape (N,)

    Raises
    ------
    ValueError
        If they are no whole numbers, have another shape, or are out of range.

    Examples
    --------
    >>> as_labels([3, 1], classes=10)
    array([3, 1])
    """
    labels = np.asarray(labels)
    if labels.ndim == 2 and labels.shape[1] == 1:
        raise ValueError(f"{name} must have shape (N,), got {labels.shape}. Take {name}[:, 0].")
    if labels.ndim == 2:
        raise ValueError(
            f"{name} must have shape (N,), got {labels.shape}. "
            f"Turn scores or one-hot rows (N, classes) into classes with {name}.argmax(axis=1)."
        )
    if labels.ndim != 1:
        raise ValueError(f"{name} must have shape (N,), got {labels.shape}.")
    if labels.dtype.kind not in "biu" and labels.size:
        raise ValueError(f"{name} must be whole numbers (int), got {labels.dtype}.")
    if count is not None and len(labels) != count:
        raise ValueError(f"There must be one of {name} for each picture: got {len(labels)} for {count} pictures.")
    if classes is not None and len(labels) and not 0 <= labels.min() <= labels.max() < classes:
        raise ValueError(f"{name} must be between 0 and {classes - 1}, got {labels.min()} to {labels.max()}.")
    return labels


def class_count(model) -> int:
    """Return how many classes a classifier tells apart.

    Raises
    ------
    ValueError
        If its output is not (N, classes) with at least two classes.
    """
    shape = tuple(model.output_shape)
    if len(shape) != 2 or shape[1] is None or shape[1] < 2:
        raise ValueError(
            f"{model.name} must give one score for each of at least two classes, shape (N, classes); it gives {shape}."
        )
    return shape[1]


def sha256(weights: list[np.ndarray]) -> str:
    """Return the SHA-256 of the numbers of a network, by which records, book and pages know it again.

    Parameters
    ----------
    weights : list of ndarray
        As ``model.get_weights()`` gives them.

    Returns
    -------
    str
        64 hexadecimal digits, of the bytes of all numbers as float32, in the order of the variables.

    Examples
    --------
    >>> sha256([np.zeros(2), np.ones((1, 1))])[:8]
    'caccb9a8'
    """
    return hashlib.sha256(as_bytes(weights)).hexdigest()


def as_bytes(weights: list[np.ndarray]) -> bytes:
    """Return the numbers of a network as files, pages and their SHA-256 have them: float32, variable by variable.

    Parameters
    ----------
    weights : list of ndarray
        As ``model.get_weights()`` gives them.

    Returns
    -------
    bytes
        Four for each number, the lowest first.

    Examples
    --------
    >>> as_bytes([np.ones(1), np.zeros((1, 1))]).hex()
    '0000803f00000000'
    """
    return b"".join(np.asarray(values, "<f4").tobytes() for values in weights)
