"""Where a network looks: which places of a picture its answer hangs on, as maps that can be scored against a mask."""

import keras
import numpy as np
import tensorflow as tf

from cnn_course.activations import require_layers
from cnn_course.arrays import as_floats, as_inputs, as_labels, class_count
from cnn_course.cores import side_by_side

PICTURES_PER_PASS = 256  # of 64 x 64 pixels: their feature maps take some 130 MB


def log_odds(model: keras.Model, images, classes):
    """Say how much a network prefers one class to all others: log(p / (1 - p)); with two, the difference of the logits.

    Parameters
    ----------
    model : keras.Model
        From images to logits (N, classes), two or more.
    images : array_like of float32, shape (N, height, width, channels)
    classes : array_like of int, shape (N,)
        The class asked about, for each picture.

    Returns
    -------
    tensor of float32, shape (N,)

    Raises
    ------
    ValueError
        If pictures or classes do not fit the model or each other.

    Examples
    --------
    >>> from cnn_course.models import lenet5
    >>> log_odds(lenet5(), np.zeros((2, 28, 28, 1)), [3, 5]).shape
    TensorShape([2])
    """
    images, classes = _checked(model, images, classes)
    return _log_odds(model(images, training=False), classes)


def _checked(model: keras.Model, images, classes) -> tuple[np.ndarray, np.ndarray]:
    """Return the pictures as floats and a class for each of them."""
    images = as_floats(as_inputs(images, model))
    return images, as_labels(classes, count=len(images), classes=class_count(model), name="classes")


def _log_odds(logits, classes):
    asked = tf.one_hot(classes, logits.shape[-1], on_value=True, off_value=False)
    others = tf.where(asked, -np.inf, logits)
    return tf.reduce_sum(tf.where(asked, logits, 0.0), axis=-1) - tf.reduce_logsumexp(others, axis=-1)


def occlusion_map(
    model: keras.Model,
    images,
    classes,
    *,
    size: int,
    stride: int,
    gray: float = 0.5,
) -> np.ndarray:
    """Cover one place after the other with a gray square, and note by how much the log-odds of the class drop.

    Parameters
    ----------
    model : keras.Model
        From images to logits (N, classes).
    images : ndarray of float32, shape (N, height, width, channels)
        Values in [0, 1].
    classes : array_like of int, shape (N,)
        The class asked about, for each picture.
    size : int
        Rows and columns of the square.
    stride : int
        How far it moves at a time. Its moves must end exactly at the edges, and leave out no pixel.
    gray : float, default 0.5
        Value of the square, in all channels.

    Returns
    -------
    ndarray of float32, shape (N, height, width)
        For each pixel the mean drop over the squares that cover it; positive where the picture speaks for the class.

    Raises
    ------
    ValueError
        If the squares do not fit into the picture or leave pixels out, or pictures or classes do not fit the model.

    References
    ----------
    M. D. Zeiler and R. Fergus, "Visualizing and understanding convolutional networks", ECCV 2014, section 4.2.

    Examples
    --------
    >>> from cnn_course.models import lenet5
    >>> occlusion_map(lenet5(), np.zeros((1, 28, 28, 1)), [3], size=14, stride=7).shape
    (1, 28, 28)
    """
    images, classes = _checked(model, images, classes)
    squares = _squares(images.shape[1:3], size, stride)
    whole = log_odds(model, images, classes).numpy()
    pictures = zip(images, classes, whole, strict=True)

    def drops_of(picture):
        return _drops(model, *picture, squares, gray)

    drops = np.stack(side_by_side(drops_of, pictures))
    return np.tensordot(drops, squares / squares.sum(axis=0), 1).astype(np.float32)


def _squares(shape: tuple[int, int], size: int, stride: int) -> np.ndarray:
    """Return a mask for each position of the square: bool, shape (positions, height, width)."""
    if not 1 <= stride <= size <= min(shape) or any((length - size) % stride for length in shape):
        raise ValueError(
            f"Squares of size {size} at a stride of {stride} do not cover a picture of {shape[0]}x{shape[1]}: the "
            "stride must be at most the size, and divide what is left of a row and of a column after one square."
        )
    rows, columns = (range(0, length - size + 1, stride) for length in shape)
    masks = np.zeros((len(rows) * len(columns), *shape), bool)
    for mask, (row, column) in zip(masks, [(row, column) for row in rows for column in columns], strict=True):
        mask[row : row + size, column : column + size] = True
    return masks


def _drops(model: keras.Model, image, asked: int, whole: float, squares: np.ndarray, gray: float) -> np.ndarray:
    """Return for one picture by how much each square lowers the log-odds."""
    found = []
    for start in range(0, len(squares), PICTURES_PER_PASS):
        covers = squares[start : start + PICTURES_PER_PASS, :, :, np.newaxis]
        covered = np.where(covers, np.float32(gray), image)
        found.append(log_odds(model, covered, np.full(len(covered), asked)))
    return whole - np.concatenate(found)


def grad_cam(model: keras.Model, images, layer: str, classes) -> np.ndarray:
    """Add up the maps of a layer, each times the mean of its gradient; negative sums become zero.

    Parameters
    ----------
    model : keras.Model
        Sequential or functional, from images to logits (N, classes).
    images : array_like of float32, shape (N, height, width, channels)
    layer : str
        Name of a layer whose output has shape (N, rows, columns, channels).
    classes : array_like of int, shape (N,)
        The class asked about, for each picture. Its log-odds take the place of the paper's logit: a softmax depends
        on differences of logits only.

    Returns
    -------
    ndarray of float32, shape (N, rows, columns)

    Raises
    ------
    ValueError
        If the model has no layer of that name, its output is no feature maps, or pictures or classes do not fit.

    References
    ----------
    R. R. Selvaraju et al., "Grad-CAM: visual explanations from deep networks via gradient-based localization", ICCV
    2017.

    Examples
    --------
    >>> from cnn_course.models import lenet5
    >>> grad_cam(lenet5(), np.ones((1, 28, 28, 1)), "conv3", [3]).shape
    (1, 8, 8)
    """
    maps, gradients = _maps_and_gradients(model, images, layer, classes)
    return np.maximum(0, np.sum(maps * gradients.mean(axis=(1, 2), keepdims=True), axis=-1))


def hires_cam(model: keras.Model, images, layer: str, classes) -> np.ndarray:
    """Add up the maps of a layer, each place times its own gradient; negative sums become zero.

    Where a dense layer reads the flattened maps, a map may speak for a class in one place and against it in another.
    `grad_cam` averages that away. Parameters, result and errors as for `grad_cam`; the two are the same at maps whose
    means are all that one dense layer reads, and not at those before.

    References
    ----------
    R. L. Draelos and L. Carin, "Use HiResCAM instead of Grad-CAM for faithful explanations of convolutional neural
    networks", 2020.

    Examples
    --------
    >>> from cnn_course.models import lenet5
    >>> hires_cam(lenet5(), np.ones((1, 28, 28, 1)), "conv3", [3]).shape
    (1, 8, 8)
    """
    maps, gradients = _maps_and_gradients(model, images, layer, classes)
    return np.maximum(0, np.sum(maps * gradients, axis=-1))


def _maps_and_gradients(model: keras.Model, images, layer: str, classes) -> tuple[np.ndarray, np.ndarray]:
    """Return a layer's maps and the gradients of the log-odds with respect to them."""
    images, classes = _checked(model, images, classes)
    require_layers(model, [layer])
    output = model.get_layer(layer).output
    if len(output.shape) != 4:
        raise ValueError(f"{layer} gives no feature maps: its output has shape {output.shape}.")
    with tf.GradientTape() as tape:
        maps, logits = keras.Model(model.inputs[0], [output, model.outputs[0]])(images, training=False)
        odds = _log_odds(logits, classes)
    gradients = tape.gradient(odds, maps)
    if gradients is None:
        raise ValueError(f"The logits come from another output of {layer}: build {model.name} from a list of layers.")
    return maps.numpy(), gradients.numpy()


def share_inside(maps, masks) -> tuple[np.ndarray, np.ndarray]:
    """Say how much of each map's positive mass lies inside a mask, and how much of the picture the mask covers.

    Parameters
    ----------
    maps : array_like, shape (N, rows, columns)
        Negative values count as zero.
    masks : array_like of bool, shape (N, height, width)
        Height is a multiple of the rows, width one of the columns; a value of the map stands for a block of pixels.

    Returns
    -------
    shares, areas : ndarray of float64, shape (N,)
        Each 0 to 1. They are equal for a map that is the same everywhere. The share of a map without positive values
        is NaN.

    Raises
    ------
    ValueError
        If the shapes do not fit together.

    Examples
    --------
    >>> share_inside([[[1.0, 3.0]]], [[[False, True]]])
    (array([0.75]), array([0.5]))
    """
    maps, masks = np.maximum(0, np.asarray(maps, np.float64)), np.asarray(masks, bool)
    if maps.ndim != 3 or masks.ndim != 3 or len(maps) != len(masks) or any(np.mod(masks.shape, maps.shape)):
        raise ValueError(
            "maps must have shape (N, rows, columns) and masks (N, height, width), with height a multiple of rows and "
            f"width one of columns, got {maps.shape} and {masks.shape}."
        )
    count, rows, columns = maps.shape
    covered = masks.reshape(count, rows, masks.shape[1] // rows, columns, -1).mean(axis=(2, 4))
    inside, all_mass = (maps * covered).sum(axis=(1, 2)), maps.sum(axis=(1, 2))
    shares = np.divide(inside, all_mass, out=np.full(count, np.nan), where=all_mass > 0)
    return shares, masks.mean(axis=(1, 2))


def ratio_with_interval(shares, areas, *, resamples: int = 2000, seed: int = 0) -> tuple[float, float, float]:
    """Divide the mean share by the mean area, with a 95 % bootstrap interval over the pictures.

    Parameters
    ----------
    shares, areas : array_like, shape (N,)
        As `share_inside` returns them; pictures whose share is NaN are left out.
    resamples : int, default 2000
    seed : int, default 0

    Returns
    -------
    (float, float, float)
        Ratio, lower and upper bound. 1 is what a map that knows nothing would get.

    Raises
    ------
    ValueError
        If no picture is left.

    References
    ----------
    B. Efron, "Bootstrap methods: another look at the jackknife", The Annals of Statistics 7 (1979).

    Examples
    --------
    >>> ratio_with_interval([0.75, 0.75], [0.25, 0.25])
    (3.0, 3.0, 3.0)
    """
    pairs = np.stack([shares, areas], axis=1)
    pairs = pairs[~np.isnan(pairs[:, 0])]
    if len(pairs) == 0:
        raise ValueError("No picture has a map with positive values.")
    drawn = np.random.default_rng(seed).integers(len(pairs), size=(resamples, len(pairs)))
    inside, area = pairs[drawn].mean(axis=1).T
    low, high = np.percentile(inside / area, [2.5, 97.5])
    mean_inside, mean_area = pairs.mean(axis=0)
    return float(mean_inside / mean_area), float(low), float(high)
