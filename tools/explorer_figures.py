"""Draw the figures that stand in the chapters where an explorer cannot run, and attach them to the English cells.

``.venv/bin/python -m tools.explorer_figures``, then ``make sync``. The tests draw them anew and compare.
"""

import base64
import io
from collections.abc import Callable
from functools import cache
from pathlib import Path

import matplotlib

matplotlib.use("agg")

import matplotlib.pyplot as plt
import numpy as np

from book.pages import read, write
from cnn_course import plots
from cnn_course.bitwise import Run, train
from cnn_course.convolution import cross_correlate, partial_maps
from cnn_course.datasets import load_mnist, load_smiley
from cnn_course.invariance import scramble
from cnn_course.pooling import max_pool

ENGLISH = Path(__file__).parents[1] / "chapters" / "en"


def correlated(picture: np.ndarray, kernel: np.ndarray, **settings) -> np.ndarray:
    """Return the map of one gray picture."""
    images, kernels = picture[np.newaxis, :, :, np.newaxis], kernel[:, :, np.newaxis, np.newaxis]
    return cross_correlate(images, kernels, **settings)[0, :, :, 0]


def by_hand() -> None:
    """Draw the last of the four windows of the first example."""
    picture = np.array([[1, 2, 3, 4], [4, 5, 6, 7], [7, 8, 9, 10], [1, 3, 5, 7]])
    kernel = np.array([[1, 0, 0], [0, 1, 0], [0, 0, 0]])
    named = {"picture": picture, "kernel": kernel, "map": correlated(picture, kernel)}
    plots.matrices(named, marked={"picture": (1, 1, 3, 3), "map": (1, 1, 1, 1)})


def windows() -> None:
    """Draw a map of stride 2."""
    picture = np.array([[1, 2, 0, 0, 0], [3, 0, 0, 1, 2], [0, 0, 0, 3, 0], [1, 0, 0, 1, 0], [0, 0, 0, 0, 0]])
    kernel = np.array([[1, 2], [3, 0]])
    named = {"picture": picture, "kernel": kernel, "map, stride 2": correlated(picture, kernel, strides=2)}
    plots.matrices(named, marked={"picture": (0, 2, 2, 2), "map, stride 2": (0, 1, 1, 1)})


def template() -> None:
    """Draw a bright square and what a diagonal kernel makes of it."""
    square, kernel = np.pad(np.ones((3, 3), int), 2), np.eye(3, dtype=int)
    named = {"picture": square, "kernel": kernel, "map": correlated(square, kernel, padding="SAME")}
    plots.matrices(named, marked={"picture": (2, 2, 3, 3), "map": (3, 3, 1, 1)})


def two_layers() -> None:
    """Draw what one number of a second map depends on."""
    picture, kernel = np.ones((7, 7), int), np.ones((3, 3), int)
    first = correlated(picture, kernel)
    named = {"picture": picture, "first map": first, "second map": correlated(first, kernel)}
    marked = {"picture": (1, 1, 5, 5), "first map": (1, 1, 3, 3), "second map": (1, 1, 1, 1)}
    plots.matrices(named, marked=marked)


def pooling() -> None:
    """Draw max pooling with windows that overlap."""
    picture = np.array([[1, 2, 0, 0], [3, 0, 0, 1], [0, 0, 0, 3], [1, 0, 0, 1]])
    pooled = max_pool(picture[np.newaxis, :, :, np.newaxis], 2, 1)[0, :, :, 0]
    named = {"picture": picture, "max pooling, stride 1": pooled}
    plots.matrices(named, marked={"picture": (1, 2, 2, 2), "max pooling, stride 1": (1, 2, 1, 1)})


def channels() -> None:
    """Draw what one map of chapter 7's second layer is made of, with the numbers of one pixel."""
    from cnn_course.activations import feature_maps  # here: the other figures need no TensorFlow
    from cnn_course.weights import load_smiley_channels

    row, column, chosen = 9, 12, 2  # where the explorer begins
    model = load_smiley_channels()
    entering = feature_maps(model, load_smiley()[np.newaxis], ["conv1"])["conv1"]
    kernels, biases = model.get_layer("conv2").get_weights()
    partial = partial_maps(entering, kernels, padding="SAME")[0, ..., chosen]
    total = partial.sum(axis=2)
    steps = {"sum": total, "+ bias": total + biases[chosen], "ReLU": np.maximum(total + biases[chosen], 0)}
    named = [(f"channel {channel}", entering[0, :, :, channel]) for channel in range(4)]
    named += [("partial map", partial[:, :, channel]) for channel in range(4)]
    named += steps.items()
    titles = [f"{name}\n{values[row, column]:.3f}" for name, values in named]
    framed = {number: [(row - 1, column - 1, 3, 3) if number < 4 else (row, column, 1, 1)] for number in range(11)}
    shown = [values for _, values in named]
    plots.images(shown, titles=titles, columns=4, signed=True, colorbar=True, framed=framed)


def first_maps(digit: np.ndarray, *, trained: bool = True) -> list[np.ndarray]:
    """Return what the six kernels of the first layer of LeNet-5 make of a digit."""
    from cnn_course.activations import feature_maps  # here: the other figures need no TensorFlow
    from cnn_course.weights import load_lenet5

    maps = feature_maps(load_lenet5(seed=1, trained=trained), digit, ["conv1"])["conv1"]
    return list(np.moveaxis(maps[0], -1, 0))


def three() -> np.ndarray:
    """Return the digit that the explorer shows at first."""
    return load_mnist().test.images[18:19]


def digit() -> None:
    """Draw a digit and its maps."""
    titles = ["digit", *(f"map {number}" for number in range(6))]
    plots.images([three()[0], *first_maps(three())], titles=titles, columns=7, value_range=(0, 1))


def scrambled_digit() -> None:
    """Draw a digit as it is and scrambled, each with its maps."""
    pictures = [picture for each in (three(), scramble(three())) for picture in (each[0], *first_maps(each))]
    titles = ["digit", *(f"map {number}" for number in range(6))]
    plots.images(pictures, titles=titles, row_titles=["", "scrambled"], columns=7, value_range=(0, 1))


def untrained_digit() -> None:
    """Draw the maps of a digit before and after training."""
    pictures = [*first_maps(three(), trained=False), *first_maps(three())]
    titles = [f"map {number}" for number in range(6)]
    plots.images(pictures, titles=titles, row_titles=["untrained", "trained"], columns=6, value_range=(0, 1))


@cache
def learned(steps: int, *, scrambled: bool = False) -> Run:
    """Return a training with the settings that the explorer begins with."""
    return train(steps, scrambled=scrambled)


def learning() -> None:
    """Draw the kernels of the first layer before and after 50 steps."""
    kernels = [learned(steps).weights[0][:, :, 0, number] for steps in (0, 50) for number in range(6)]
    titles = [f"kernel {number}" for number in range(6)]
    plots.images(kernels, titles=titles, row_titles=["step 0", "step 50"], columns=6, signed=True)


def learning_scrambled() -> None:
    """Draw how the loss falls for digits as they are, and for scrambled ones."""
    named = {"digits": learned(50), "scrambled digits": learned(50, scrambled=True)}
    means = {name: np.reshape(run.losses, (10, 5)).mean(axis=1) for name, run in named.items()}
    plots.curves(range(5, 51, 5), means, x_label="step", y_label="loss, mean of five batches")


# The page, the cell, and what draws its figure; the attachment is named after the cell.
FIGURES: dict[tuple[str, str], Callable[[], None]] = {
    ("02_convolution", "try-by-hand"): by_hand,
    ("02_convolution", "try-windows"): windows,
    ("02_convolution", "try-template"): template,
    ("02_convolution", "try-two-layers"): two_layers,
    ("03_pooling", "try-pooling"): pooling,
    ("07_keras_channels", "try-channels"): channels,
    ("04_lenet5", "draw"): digit,
    ("01_image_properties", "scramble-try"): scrambled_digit,
    ("05_deep_mnist", "digit-try"): untrained_digit,
    ("04_lenet5", "watch"): learning,
    ("01_image_properties", "scramble-watch"): learning_scrambled,
}


def drawn(draw: Callable[[], None]) -> bytes:
    """Return a figure as a PNG file."""
    plt.close("all")
    draw()
    content = io.BytesIO()
    plt.savefig(content, format="png", bbox_inches="tight", metadata={"Software": None})
    plt.close("all")
    return content.getvalue()


def main() -> None:
    """Write all figures into the English pages."""
    for (name, cell_id), draw in FIGURES.items():
        path = ENGLISH / f"{name}.ipynb"
        page = read(path)
        (cell,) = (cell for cell in page.cells if cell.id == cell_id)
        cell.attachments = {f"{cell_id}.png": {"image/png": base64.b64encode(drawn(draw)).decode()}}
        write(path, page)


if __name__ == "__main__":
    main()
