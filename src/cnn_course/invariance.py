"""Moving, resizing and scrambling pictures, to measure what a network notices. NumPy only."""

import math
from numbers import Real

import numpy as np

from cnn_course.arrays import as_pictures


def shift(images, down: float, right: float) -> np.ndarray:
    """Move pictures; what leaves the frame is lost and zeros come in.

    Parameters
    ----------
    images : ndarray, shape (N, height, width, channels)
    down, right : float
        Pixels; negative numbers move up and to the left. Where a distance is not whole, the two nearest whole ones
        are blended in proportion (linear interpolation), which softens the picture a little.

    Returns
    -------
    ndarray
        Of the same shape and dtype.

    Raises
    ------
    ValueError
        If the pictures have another shape, a distance is no finite number, or pictures of whole numbers are to move
        by a part of a pixel.

    Examples
    --------
    >>> row = np.array([0.0, 8.0, 0.0, 0.0]).reshape(1, 1, 4, 1)
    >>> shift(row, 0, 1.25).ravel()
    array([0., 0., 6., 2.])
    """
    images = as_pictures(images)
    if not all(isinstance(distance, Real) and math.isfinite(distance) for distance in (down, right)):
        raise ValueError(f"Pictures move by a finite number of pixels, got {down} and {right}.")
    return _move(_move(images, 1, down), 2, right)


def _move(images, axis: int, distance: float) -> np.ndarray:
    whole = math.floor(distance)
    share = float(distance) - whole
    if not share:
        return _move_whole(images, axis, whole)
    if images.dtype.kind != "f":
        raise ValueError(
            f"Pictures of {images.dtype} move by whole pixels only, got {distance}. "
            "Turn bytes into shares with arrays.as_floats."
        )
    near, far = _move_whole(images, axis, whole), _move_whole(images, axis, whole + 1)
    return ((1 - share) * near + share * far).astype(images.dtype)


def _move_whole(images, axis: int, distance: int) -> np.ndarray:
    moved = np.zeros_like(images)
    before = (slice(None),) * axis
    moved[(*before, _target(distance))] = images[(*before, _target(-distance))]
    return moved


def shift_each_way(images, pixels: int) -> np.ndarray:
    """Move every fourth picture to the right, the next ones down, to the left and up.

    Parameters
    ----------
    images : ndarray, shape (N, height, width, channels)
    pixels : int
        How far.

    Returns
    -------
    ndarray
        Of the same shape and dtype; the pictures stay in their order.

    Examples
    --------
    >>> dot = np.zeros((4, 3, 3, 1), int)
    >>> dot[:, 1, 1] = 1
    >>> shift_each_way(dot, 1)[1, :, :, 0]
    array([[0, 0, 0],
           [0, 0, 0],
           [0, 1, 0]])
    """
    moved = np.empty_like(images)
    for first, (down, right) in enumerate([(0, 1), (1, 0), (0, -1), (-1, 0)]):
        moved[first::4] = shift(images[first::4], down * pixels, right * pixels)
    return moved


def _target(offset: int) -> slice:
    return slice(offset, None) if offset >= 0 else slice(None, offset)


def scale(images, factor: float) -> np.ndarray:
    """Enlarge or shrink what is in the pictures about their center, keeping the frame (bilinear interpolation).

    Parameters
    ----------
    images : ndarray of float, shape (N, height, width, channels)
    factor : float
        Above 1 enlarges. Beyond the frame the pictures are taken to be zero.

    Returns
    -------
    ndarray
        Of the same shape and dtype.

    Raises
    ------
    ValueError
        If the factor is not positive, or the pictures are no floats.

    Examples
    --------
    >>> scale(np.ones((1, 4, 4, 1)), 0.5)[0, :, 1, 0]
    array([0., 1., 1., 0.])
    """
    images = _as_float_pictures(images)
    if not 0 < factor < math.inf:
        raise ValueError(f"factor must be positive, got {factor}.")
    vertical, horizontal = (_resampling(size, factor) for size in images.shape[1:3])
    return np.einsum("yi,nijc,xj->nyxc", vertical, images, horizontal, optimize=True).astype(images.dtype)


def turn(images, degrees: float) -> np.ndarray:
    """Turn what is in the pictures about their center, keeping the frame (bilinear interpolation).

    Parameters
    ----------
    images : ndarray of float, shape (N, height, width, channels)
    degrees : float
        Counterclockwise. Beyond the frame the pictures are taken to be zero.

    Returns
    -------
    ndarray
        Of the same shape and dtype.

    Raises
    ------
    ValueError
        If the angle is no finite number, or the pictures are no floats.

    Examples
    --------
    >>> corner = np.array([[1.0, 0.0], [0.0, 0.0]]).reshape(1, 2, 2, 1)
    >>> turn(corner, 90).round(6).reshape(2, 2)
    array([[0., 0.],
           [1., 0.]])
    """
    images = _as_float_pictures(images)
    if not math.isfinite(degrees):
        raise ValueError(f"Pictures turn by a finite number of degrees, got {degrees}.")
    height, width = images.shape[1:3]
    cosine, sine = math.cos(math.radians(degrees)), math.sin(math.radians(degrees))
    y, x = np.arange(height)[:, np.newaxis] - (height - 1) / 2, np.arange(width) - (width - 1) / 2
    # Where each pixel comes from: the old place is the new one, turned back.
    rows, columns = cosine * y + sine * x, cosine * x - sine * y
    return _sample(images, rows + (height - 1) / 2, columns + (width - 1) / 2).astype(images.dtype)


def _as_float_pictures(images) -> np.ndarray:
    """Return pictures whose pixels can be blended: means of bytes would be cut off."""
    images = as_pictures(images)
    if images.dtype.kind != "f":
        raise ValueError(f"images must be floats, got {images.dtype}. Turn bytes into shares with arrays.as_floats.")
    return images


def _sample(images, rows, columns) -> np.ndarray:
    """Return what lies between the pixels, at places (rows, columns): means of the four around, by nearness."""
    top, left = np.floor(rows).astype(int), np.floor(columns).astype(int)
    framed = np.pad(images, [(0, 0), (1, 1), (1, 1), (0, 0)])  # zeros stand for all that lies outside
    sampled = 0
    for down, right in ((0, 0), (0, 1), (1, 0), (1, 1)):
        weights = (1 - abs(rows - top - down)) * (1 - abs(columns - left - right))
        y, x = np.clip(top + down, -1, images.shape[1]) + 1, np.clip(left + right, -1, images.shape[2]) + 1
        sampled = sampled + weights[..., np.newaxis] * framed[:, y, x]
    return sampled


def _resampling(size: int, factor: float) -> np.ndarray:
    """Return the matrix (size, size) whose row i holds the weights of the old pixels in new pixel i."""
    center = (size - 1) / 2
    sources = (np.arange(size) - center) / factor + center
    return np.maximum(0, 1 - np.abs(sources[:, np.newaxis] - np.arange(size)))


def scramble(images, *, side: int = 1, seed: int = 0) -> np.ndarray:
    """Cut pictures into square tiles and lay them in another order, the same one for every picture.

    Parameters
    ----------
    images : ndarray, shape (N, height, width, channels)
    side : int, default 1
        Rows and columns of a tile: with 1 every pixel moves by itself.
    seed : int, default 0
        The same seed, side and size of picture give the same order.

    Returns
    -------
    ndarray
        Of the same shape and dtype, with the same values in other places.

    Raises
    ------
    ValueError
        If the tiles do not fit the pictures.

    Examples
    --------
    >>> images = np.arange(16).reshape(1, 4, 4, 1)
    >>> sorted(scramble(images, side=2).ravel()) == list(range(16))
    True
    """
    images = as_pictures(images)
    count, height, width, channels = images.shape
    if side < 1 or height % side or width % side:
        raise ValueError(f"Tiles of {side}×{side} pixels do not fill pictures of {height}×{width}.")
    places = np.arange(height * width).reshape(height // side, side, width // side, side).swapaxes(1, 2)
    tiles = places.reshape(-1, side, side)
    generator = np.random.default_rng(seed)
    order = generator.permutation(len(tiles))
    while len(tiles) > 1 and np.array_equal(order, np.arange(len(tiles))):  # of four tiles one order in 24 is the old
        order = generator.permutation(len(tiles))
    came_from = tiles[order].reshape(places.shape).swapaxes(1, 2).ravel()
    return images.reshape(count, height * width, channels)[:, came_from].reshape(images.shape)
