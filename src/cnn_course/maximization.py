"""Pictures that make a chosen number of a network large, found by gradient ascent on their pixels."""

from collections.abc import Callable, Sequence

import keras
import numpy as np
import tensorflow as tf

from cnn_course.activations import require_layers
from cnn_course.arrays import as_floats, as_inputs
from cnn_course.augmentation import distort_randomly

TINY = 1e-12  # keeps a length of zero from being divided by


def activation(model: keras.Model, layer: str, channels: Sequence[int], place: tuple[int, int] | None = None):
    """Return the objective for `maximize` that looks at one channel of a layer for each picture.

    Parameters
    ----------
    model : keras.Model
        Sequential or functional, with one input; dropout is off.
    layer : str
        Name of a layer whose output has shape (N, height, width, channels) or (N, channels).
    channels : sequence of int, length N
        The channel, or the class, of each picture.
    place : (int, int), optional
        Row and column of the unit to look at; by default the mean of the whole map.

    Returns
    -------
    callable
        From pictures (N, height, width, channels) to activations (N,).

    Raises
    ------
    ValueError
        If the model has no layer of that name, or the layer no such channel or place.

    Examples
    --------
    >>> from cnn_course.models import lenet5
    >>> objective = activation(lenet5(), "conv1", [0, 5])
    >>> objective(tf.zeros((2, 28, 28, 1))).shape
    TensorShape([2])
    """
    require_layers(model, [layer])
    output = model.get_layer(layer).output
    part = keras.Model(model.inputs[0], output)
    _refuse_outside(layer, output.shape, channels, place)

    def objective(pictures):
        if len(pictures) != len(channels):
            raise ValueError(
                f"There must be one of channels for each picture, got {len(channels)} for {len(pictures)}."
            )
        maps = part(pictures, training=False)
        if place:
            maps = maps[:, place[0], place[1]]
        elif len(maps.shape) == 4:
            maps = tf.reduce_mean(maps, axis=[1, 2])
        return tf.gather(maps, channels, batch_dims=1)

    return objective


def maximize(
    objective: Callable,
    start,
    *,
    steps: int,
    step_size: float,
    normalized: bool = True,
    bounds: tuple[float, float] | None = None,
    radius: float | None = None,
    l2: float = 0.0,
    total_variation: float = 0.0,
    shift: float = 0.0,
    rotation: float = 0.0,
    zoom: float = 0.0,
    seed: int = 9000,
) -> np.ndarray:
    """Climb from each picture to one for which the objective is larger.

    Parameters
    ----------
    objective : callable
        From pictures (N, height, width, channels) to one number for each, (N,), written in TensorFlow.
    start : array_like, shape (N, height, width, channels)
        Where to begin. A picture at which the objective has no slope stays as it is.
    steps : int
        At least 1.
    step_size : float
        Above 0: what the gradient is multiplied by in each step.
    normalized : bool, default True
        Scale the gradient of each picture to length 1 (the root of the sum of its squares) before that.
    bounds : (float, float), optional
        Clip the pixels to this range after each step.
    radius : float, optional
        Shorten pictures that are longer than this after each step.
    l2, total_variation : float, default 0
        Weights of two penalties, which are subtracted from the objective: the sum of the squared pixels, and the sum of
        the absolute differences between neighboring pixels.
    shift, rotation, zoom : float, default 0
        Show the objective every picture distorted by random amounts of up to these, anew in each step; see
        `augmentation.distort_randomly`.
    seed : int, default 9000
        Of the distortions.

    Returns
    -------
    ndarray of float32, shape (N, height, width, channels)

    Raises
    ------
    ValueError
        If an argument cannot be used, or the objective does not give one number for each picture.

    References
    ----------
    D. Erhan, Y. Bengio, A. Courville and P. Vincent, "Visualizing higher-layer features of a deep network", 2009.
    Penalties: K. Simonyan, A. Vedaldi and A. Zisserman, "Deep inside convolutional networks", 2013; A. Mahendran and
    A. Vedaldi, "Understanding deep image representations by inverting them", CVPR 2015. Distortions: A. Mordvintsev,
    C. Olah and M. Tyka, "Inceptionism", 2015.

    Examples
    --------
    >>> darkest_corner = lambda pictures: -pictures[:, 0, 0, 0]
    >>> found = maximize(darkest_corner, np.full((1, 2, 2, 1), 0.5), steps=1, step_size=0.25)
    >>> found[0, :, :, 0]
    array([[0.25, 0.5 ],
           [0.5 , 0.5 ]], dtype=float32)
    """
    pictures = tf.constant(as_floats(as_inputs(start)))
    _refuse_unusable(objective, pictures, steps, step_size, bounds, radius)
    distortion = {"shift": shift, "rotation": rotation, "zoom": zoom}

    def slope(pictures, step):
        with tf.GradientTape() as tape:
            tape.watch(pictures)
            seen = pictures
            if any(distortion.values()):
                seen = distort_randomly(pictures, **distortion, seed=[seed, step])
            height = objective(seen) - l2 * tf.reduce_sum(pictures**2, axis=[1, 2, 3])
            height -= total_variation * tf.image.total_variation(pictures)
        gradient = tape.gradient(height, pictures)
        return gradient / (_length(gradient) + TINY) if normalized else gradient

    def climb(pictures):
        for step in tf.range(steps):
            pictures += step_size * slope(pictures, step)
            if bounds:
                pictures = tf.clip_by_value(pictures, *bounds)
            if radius:
                pictures *= tf.minimum(1.0, radius / (_length(pictures) + TINY))
        return pictures

    # A concrete function, because TensorFlow warns of functions that are made again.
    return tf.function(climb).get_concrete_function(pictures)(pictures).numpy()


def _length(pictures):
    """Return the root of the sum of squares of each picture, shape (N, 1, 1, 1)."""
    return tf.sqrt(tf.reduce_sum(pictures**2, axis=[1, 2, 3], keepdims=True))


def _refuse_unusable(objective, pictures, steps, step_size, bounds, radius) -> None:
    if pictures.shape.rank != 4 or 0 in pictures.shape:
        raise ValueError(f"start must have shape (N, height, width, channels), got {tuple(pictures.shape)}.")
    if steps < 1 or step_size <= 0:
        raise ValueError(f"steps must be at least 1 and step_size positive, got {steps} and {step_size}.")
    if bounds and not bounds[0] < bounds[1]:
        raise ValueError(f"bounds must be (lowest, highest), got {bounds}.")
    if radius is not None and radius <= 0:
        raise ValueError(f"radius must be positive, got {radius}.")
    found = tuple(objective(pictures).shape)
    if found != (len(pictures),):
        raise ValueError(
            f"The objective must give one number for each of the {len(pictures)} pictures, shape ({len(pictures)},); "
            f"it gave shape {found}."
        )


def _refuse_outside(layer: str, shape: tuple, channels, place) -> None:
    *size, count = shape[1:]
    wrong = [channel for channel in channels if not 0 <= channel < count]
    if wrong:
        raise ValueError(f"{layer} has channels 0 to {count - 1}, not {wrong[0]}.")
    if place and not (len(size) == 2 and 0 <= place[0] < size[0] and 0 <= place[1] < size[1]):
        raise ValueError(f"{layer} has maps of shape {tuple(size)}, so there is no place {place}.")
