"""What the layers of a network make of a picture."""

import keras
import numpy as np


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
    """
    require_layers(model, layers)
    outputs = keras.Model(model.inputs[0], {name: model.get_layer(name).output for name in layers})
    return {name: np.asarray(maps) for name, maps in outputs(images, training=False).items()}


def kernels(model: keras.Model, layer: str) -> np.ndarray:
    """Return a layer's kernels: (height, width, in_channels, out_channels) for a convolution."""
    return np.asarray(model.get_layer(layer).kernel)


def require_layers(model: keras.Model, layers: list[str]) -> None:
    """Raise a ValueError that names the layers there are, if one of these is not among them."""
    known = [layer.name for layer in model.layers]
    for name in layers:
        if name not in known:
            raise ValueError(f"{model.name} has no layer {name!r}; its layers are {', '.join(known)}.")
