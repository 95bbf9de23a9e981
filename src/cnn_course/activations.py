"""What the layers of a network make of a picture."""

import keras
import numpy as np

from cnn_course.arrays import as_floats, as_inputs
from cnn_course.cores import side_by_side


def feature_maps(model: keras.Model, images, layers: list[str]) -> dict[str, np.ndarray]:
    """Run pictures through a network and keep what comes out of the named layers.

    Parameters
    ----------
    model : keras.Model
        Sequential or functional, with one input.
    images : ndarray, shape (N, height, width, channels)
    layers : list of str
        Names of layers of the model.

    Returns
    -------
    dict of str to ndarray
        For each name the layer's output for all pictures, shape (N, ...), dropout off.

    Raises
    ------
    ValueError
        If the model has no layer of that name.

    Examples
    --------
    >>> from cnn_course.models import lenet5
    >>> maps = feature_maps(lenet5(), np.zeros((2, 28, 28, 1)), ["conv1", "pool2"])
    >>> maps["conv1"].shape, maps["pool2"].shape
    ((2, 24, 24, 6), (2, 12, 12, 6))
    """
    part, images = _up_to(model, layers), as_floats(as_inputs(images, model))
    return {name: np.asarray(maps) for name, maps in part(images, training=False).items()}


def _up_to(model: keras.Model, layers: list[str]) -> keras.Model:
    """Return the part of a network that gives what comes out of the named layers."""
    require_layers(model, layers)
    return keras.Model(model.inputs[0], {name: model.get_layer(name).output for name in layers})


def sample_activations(
    model: keras.Model, images, layers: list[str], *, count: int = 1024, seed: int = 0, batch_size: int = 1000
) -> dict[str, np.ndarray]:
    """Run pictures through a network and keep some randomly chosen values of each layer, the same for all pictures.

    Parameters
    ----------
    model : keras.Model
    images : ndarray, shape (N, height, width, channels)
    layers : list of str
        Names of layers of the model.
    count : int, default 1024
        Values to keep of a layer; a smaller layer is kept whole.
    seed : int, default 0
        Fixes which.
    batch_size : int, default 1000
        Pictures per pass: the feature maps of all pictures at once may not fit into memory.

    Returns
    -------
    dict of str to ndarray
        For each name an array of shape (N, count or less).

    Examples
    --------
    >>> from cnn_course.models import lenet5
    >>> sample_activations(lenet5(), np.zeros((2, 28, 28, 1)), ["conv1"], count=100)["conv1"].shape
    (2, 100)
    """
    part, images = _up_to(model, layers), as_inputs(images, model)

    def sample(start: int) -> dict[str, np.ndarray]:
        outputs = part(as_floats(images[start : start + batch_size]), training=False)
        return {name: _choose(np.asarray(maps), count, seed) for name, maps in outputs.items()}

    samples = side_by_side(sample, range(0, len(images), batch_size))
    return {name: np.concatenate([values[name] for values in samples]) for name in layers}


def _choose(maps: np.ndarray, count: int, seed: int) -> np.ndarray:
    """Keep the same random values of each picture, shape (N, count or less)."""
    values = maps.reshape(len(maps), -1)
    return values[:, np.random.default_rng(seed).permutation(values.shape[1])[:count]]


def kernels(model: keras.Model, layer: str) -> np.ndarray:
    """Return a layer's kernels: (height, width, in_channels, out_channels) for a convolution.

    Raises
    ------
    ValueError
        If the model has no layer of that name, or the layer no kernels.

    Examples
    --------
    >>> from cnn_course.models import lenet5
    >>> kernels(lenet5(), "conv3").shape
    (5, 5, 6, 16)
    """
    require_layers(model, [layer])
    if not hasattr(model.get_layer(layer), "kernel"):
        having = [each.name for each in model.layers if hasattr(each, "kernel")]
        raise ValueError(f"{layer} has no kernels; these layers have: {', '.join(having)}.")
    return np.asarray(model.get_layer(layer).kernel)


def gray_share(kernels) -> float:
    """Say how much of some kernels is the same in all their input channels: 1 if they see brightness only.

    Parameters
    ----------
    kernels : array_like, shape (height, width, in_channels, out_channels)
        Not all zero.

    Returns
    -------
    float
        Of their energy, the sum of the squared weights, the share that is left when each weight is replaced by the
        mean over the channels. Independent random weights have 1 / in_channels on average.

    Raises
    ------
    ValueError
        If they have another shape, or are all zero.

    Examples
    --------
    >>> gray_share(np.ones((3, 3, 3, 2))), gray_share([[[[1.0], [-1.0]]]])
    (1.0, 0.0)
    """
    kernels = np.asarray(kernels, np.float64)
    if kernels.ndim != 4 or not kernels.any():
        raise ValueError(f"Kernels of four axes, not all zero, are needed; these have shape {kernels.shape}.")
    gray = np.broadcast_to(kernels.mean(axis=2, keepdims=True), kernels.shape)
    return float(np.square(gray).sum() / np.square(kernels).sum())


def require_layers(model: keras.Model, layers: list[str]) -> None:
    """Raise a ValueError that names the layers there are, if one of these is not among them or a model by itself."""
    known = [layer.name for layer in model.layers]
    for name in layers:
        if name not in known:
            raise ValueError(f"{model.name} has no layer {name!r}; its layers are {', '.join(known)}.")
        if isinstance(model.get_layer(name), keras.Model):  # Keras keeps its output apart from that of the whole
            raise ValueError(
                f"{name} is a model inside {model.name}, and its maps cannot be reached from there. "
                f"Build {model.name} from its layers, or look at model.get_layer({name!r}) by itself."
            )


def match_channels(one, other) -> np.ndarray:
    """Find for each channel of some maps the one of other maps that is most like it, no channel twice.

    The pair of channels with the largest sum of products, over all pictures and places, goes first; both are then out
    of the game.

    Parameters
    ----------
    one, other : ndarray, shape (..., channels)
        Maps of the same pictures, such as (N, height, width, channels).

    Returns
    -------
    ndarray of int64, shape (channels,)
        ``other[..., order]`` has the channels of ``other`` in the order of those of ``one``.

    Raises
    ------
    ValueError
        If the shapes differ.

    References
    ----------
    Y. Li, J. Yosinski, J. Clune, H. Lipson and J. Hopcroft, "Convergent learning: do different neural networks learn
    the same representations?", 2016, section 3.1.

    Examples
    --------
    >>> maps = np.eye(3)[np.newaxis]
    >>> match_channels(maps, maps[..., [2, 0, 1]])
    array([1, 2, 0])
    """
    one, other = (np.asarray(maps, np.float64) for maps in (one, other))
    if one.shape != other.shape:
        raise ValueError(f"Maps must be of one shape, got {one.shape} and {other.shape}.")
    channels = one.shape[-1]
    products = one.reshape(-1, channels).T @ other.reshape(-1, channels)
    order = np.zeros(channels, np.int64)
    for _ in range(channels):
        row, column = np.unravel_index(products.argmax(), products.shape)
        order[row] = column
        products[row, :] = products[:, column] = -np.inf
    return order


def exceeds_byte(maps) -> np.ndarray:
    """Say which values lie beyond what a byte can hold when 1.0 is written as 255: those of at least 256/255.

    Returns
    -------
    ndarray of bool, shape as that of ``maps``

    Examples
    --------
    >>> exceeds_byte([0.5, 1.0, 1.1])
    array([False, False,  True])
    """
    return np.asarray(maps) * 255 >= 256
