"""Augmentation: training pictures changed at random, in ways that leave their class as it is."""

import math

import tensorflow as tf

from cnn_course.recipes import Recipe
from cnn_course.workers import Share


def augment(images, targets, recipe: Recipe, seed, share: Share | None = None):
    """Change a batch as a recipe says; what it does not set is left alone.

    Parameters
    ----------
    images : tensor of float32, shape (N, height, width, channels)
        Values in [0, 1].
    targets : tensor of float32, shape (N, classes)
        Shares of the classes.
    recipe : Recipe
    seed : (int, int)
        The same seed gives the same changes.
    share : workers.Share, optional
        The places of these pictures in a batch that others see the rest of: each is changed as it would be among all.
        With ``mixup`` the first is only blended with the second.

    Returns
    -------
    (tensor, tensor)
        Images and targets, of the same shapes; less the first with ``mixup`` and a share.
    """
    distortion = {"shift": recipe.shift, "rotation": recipe.rotation, "zoom": recipe.zoom}
    if any(distortion.values()):
        images = distort_randomly(images, **distortion, seed=seed, fill=recipe.fill, share=share)
    if recipe.flip:
        images = flip_randomly(images, seed=_derive(seed, 1), share=share)
    if recipe.brightness or recipe.contrast:
        light = {"brightness": recipe.brightness, "contrast": recipe.contrast}
        images = light_randomly(images, **light, seed=_derive(seed, 2), share=share)
    if recipe.mixup:
        images, targets = mix_randomly(images, targets, parameter=recipe.mixup, seed=_derive(seed, 3), share=share)
    return images, targets


def distort_randomly(images, *, shift: float, rotation: float, zoom: float, seed, fill: str = "constant", share=None):
    """Move, turn and resize each picture by its own random amounts (bilinear interpolation).

    Parameters
    ----------
    images : tensor of float32, shape (N, height, width, channels)
    shift : float
        Largest move down or up and to either side, in pixels.
    rotation : float
        Largest turn about the center in either direction, in degrees.
    zoom : float
        Largest change of size: 0.1 stands for sizes from 0.9 to 1.1.
    seed : (int, int)
        The same seed gives the same distortions.
    fill : {"constant", "reflect"}, default "constant"
        What comes in from outside the picture: zeros or its mirror image.
    share : workers.Share, optional
        As for `augment`.

    Returns
    -------
    tensor of float32, shape (N, height, width, channels)

    Examples
    --------
    >>> pictures = tf.ones([2, 8, 8, 1])
    >>> moved = distort_randomly(pictures, shift=3.0, rotation=0.0, zoom=0.0, seed=[1, 0])
    >>> moved.shape, bool(tf.reduce_sum(moved) < tf.reduce_sum(pictures))
    (TensorShape([2, 8, 8, 1]), True)
    """
    count, height, width = tf.unstack(tf.shape(images)[:3])
    drawn = tf.random.stateless_uniform([4, _all(images, share)], seed, -1.0, 1.0)
    right, down, turn, growth = tf.unstack(_of_share(drawn, share, axis=1), 4)
    angle, size = turn * (rotation * math.pi / 180), 1 + growth * zoom
    cos, sin = tf.cos(angle) / size, tf.sin(angle) / size
    x, y = tf.cast(width - 1, tf.float32) / 2, tf.cast(height - 1, tf.float32) / 2
    # Each output pixel says where in the old picture it comes from: turned and resized about the center, then moved.
    from_x = [cos, -sin, x - cos * x + sin * y + right * shift]
    from_y = [sin, cos, y - sin * x - cos * y + down * shift]
    return tf.raw_ops.ImageProjectiveTransformV3(
        images=images,
        transforms=tf.stack([*from_x, *from_y, tf.zeros([count]), tf.zeros([count])], axis=1),
        output_shape=[height, width],
        fill_value=0.0,
        interpolation="BILINEAR",
        fill_mode=fill.upper(),
    )


def flip_randomly(images, *, seed, share=None):
    """Mirror about half of the pictures left to right.

    Parameters
    ----------
    images : tensor of float32, shape (N, height, width, channels)
    seed : (int, int)
    share : workers.Share, optional
        As for `augment`.

    Returns
    -------
    tensor of float32, shape (N, height, width, channels)
    """
    mirrored = tf.random.stateless_uniform([_all(images, share), 1, 1, 1], seed) < 0.5
    return tf.where(_of_share(mirrored, share, axis=0), images[:, :, ::-1], images)


def light_randomly(images, *, brightness: float, contrast: float, seed, share=None):
    """Add a random number to each picture and stretch it about its mean by another; cut at 0 and 1.

    Parameters
    ----------
    images : tensor of float32, shape (N, height, width, channels)
        Values in [0, 1].
    brightness : float
        Largest number to add or subtract.
    contrast : float
        Largest change of the distances from the mean: 0.2 stands for factors from 0.8 to 1.2.
    seed : (int, int)
    share : workers.Share, optional
        As for `augment`.

    Returns
    -------
    tensor of float32, shape (N, height, width, channels)
        Values in [0, 1].
    """
    drawn = tf.random.stateless_uniform([2, _all(images, share), 1, 1, 1], seed, -1.0, 1.0)
    drawn = _of_share(drawn, share, axis=1)
    means = tf.reduce_mean(images, axis=[1, 2, 3], keepdims=True)
    changed = means + (images - means) * (1 + drawn[0] * contrast) + drawn[1] * brightness
    return tf.clip_by_value(changed, 0.0, 1.0)


def mix_randomly(images, targets, *, parameter: float, seed, share=None):
    """Blend each picture and its target with the one before it in the batch.

    Parameters
    ----------
    images : tensor of float32, shape (N, height, width, channels)
    targets : tensor of float32, shape (N, classes)
    parameter : float
        The share of a picture in its blend has the beta distribution with this parameter twice: near 0 or 1 for a
        small one.
    seed : (int, int)
    share : workers.Share, optional
        As for `augment`.

    Returns
    -------
    (tensor, tensor)

    References
    ----------
    H. Zhang et al., "mixup: beyond empirical risk minimization", 2018.
    """
    drawn = tf.random.stateless_gamma([2, _all(images, share)], seed, parameter)
    shares = (drawn[0] + 1e-6) / (drawn[0] + drawn[1] + 2e-6)  # two gamma variables give a beta one; never 0 / 0

    shares = shares if share is None else tf.gather(shares, share.places[1:])

    def blend(values, shape):
        own = tf.reshape(shares, shape)
        if share is None:
            return own * values + (1 - own) * tf.roll(values, 1, axis=0)
        return own * values[1:] + (1 - own) * values[:-1]

    return blend(images, [-1, 1, 1, 1]), blend(targets, [-1, 1])


def _all(images, share: Share | None):
    """Return how many pictures the whole batch has."""
    return tf.shape(images)[0] if share is None else share.count


def _of_share(drawn, share: Share | None, axis: int):
    """Return what was drawn for the pictures of a share."""
    return drawn if share is None else tf.gather(drawn, share.places, axis=axis)


def _derive(seed, number: int):
    """Return another seed for each kind of change, so that they are independent."""
    return [seed[0] + 1_000_003 * number, seed[1]]
