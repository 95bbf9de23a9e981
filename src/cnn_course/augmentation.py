"""Augmentation: training pictures changed at random, in ways that leave their class as it is."""

import math

import tensorflow as tf

from cnn_course.recipes import Recipe


def augment(images, targets, recipe: Recipe, seed):
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

    Returns
    -------
    (tensor, tensor)
        Images and targets, of the same shapes.
    """
    distortion = {"shift": recipe.shift, "rotation": recipe.rotation, "zoom": recipe.zoom}
    if any(distortion.values()):
        images = distort_randomly(images, **distortion, seed=seed, fill=recipe.fill)
    if recipe.flip:
        images = flip_randomly(images, seed=_derive(seed, 1))
    if recipe.brightness or recipe.contrast:
        seed_of_light = _derive(seed, 2)
        images = light_randomly(images, brightness=recipe.brightness, contrast=recipe.contrast, seed=seed_of_light)
    if recipe.mixup:
        images, targets = mix_randomly(images, targets, parameter=recipe.mixup, seed=_derive(seed, 3))
    return images, targets


def distort_randomly(images, *, shift: float, rotation: float, zoom: float, seed, fill: str = "constant"):
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
    right, down, turn, growth = tf.unstack(tf.random.stateless_uniform([4, count], seed, -1.0, 1.0))
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


def flip_randomly(images, *, seed):
    """Mirror about half of the pictures left to right.

    Parameters
    ----------
    images : tensor of float32, shape (N, height, width, channels)
    seed : (int, int)

    Returns
    -------
    tensor of float32, shape (N, height, width, channels)
    """
    mirrored = tf.random.stateless_uniform([tf.shape(images)[0], 1, 1, 1], seed) < 0.5
    return tf.where(mirrored, images[:, :, ::-1], images)


def light_randomly(images, *, brightness: float, contrast: float, seed):
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

    Returns
    -------
    tensor of float32, shape (N, height, width, channels)
        Values in [0, 1].
    """
    drawn = tf.random.stateless_uniform([2, tf.shape(images)[0], 1, 1, 1], seed, -1.0, 1.0)
    means = tf.reduce_mean(images, axis=[1, 2, 3], keepdims=True)
    changed = means + (images - means) * (1 + drawn[0] * contrast) + drawn[1] * brightness
    return tf.clip_by_value(changed, 0.0, 1.0)


def mix_randomly(images, targets, *, parameter: float, seed):
    """Blend each picture and its target with the next one of the batch.

    Parameters
    ----------
    images : tensor of float32, shape (N, height, width, channels)
    targets : tensor of float32, shape (N, classes)
    parameter : float
        The share of a picture in its blend has the beta distribution with this parameter twice: near 0 or 1 for a
        small one.
    seed : (int, int)

    Returns
    -------
    (tensor, tensor)

    References
    ----------
    H. Zhang et al., "mixup: beyond empirical risk minimization", 2018.
    """
    drawn = tf.random.stateless_gamma([2, tf.shape(images)[0]], seed, parameter)
    shares = (drawn[0] + 1e-6) / (drawn[0] + drawn[1] + 2e-6)  # two gamma variables give a beta one; never 0 / 0

    def blend(values, shape):
        share = tf.reshape(shares, shape)
        return share * values + (1 - share) * tf.roll(values, 1, axis=0)

    return blend(images, [-1, 1, 1, 1]), blend(targets, [-1, 1])


def _derive(seed, number: int):
    """Return another seed for each kind of change, so that they are independent."""
    return [seed[0] + 1_000_003 * number, seed[1]]
