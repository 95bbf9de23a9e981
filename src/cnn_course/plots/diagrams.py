"""How things follow from each other: numbers with their slopes, the layers of a network."""

from collections.abc import Mapping, Sequence

import matplotlib.pyplot as plt

from cnn_course.plots.style import COLORS, WIDTH, open_figure

BOX = {"boxstyle": "round,pad=0.35", "facecolor": "#E8F1F8", "edgecolor": "#0072B2"}
# A drawn network, in inches: a pixel of a map, how far the next map looks out from behind it to the right and above; a
# unit of a bar, and its height; how high a layer is at least, and a step always; where the words about a layer begin.
PIXEL, BEHIND = 0.028, (0.09, 0.03)
UNIT, BAR = 0.009, 0.12
LAYER_HEIGHT, STEP_HEIGHT, TEXT_LEFT = 0.24, 0.3, 2.6


def chains(paths: Sequence[Sequence[tuple[str, float, float | None]]]) -> None:
    """Draw numbers that depend on each other, one path a row: boxes, and on each arrow a slope.

    Parameters
    ----------
    paths : sequence of sequence of (name, value, slope)
        The boxes of each path from left to right; ``slope`` says how fast the next one grows with this one, and is
        None for the last.

    Raises
    ------
    ValueError
        If the paths have different numbers of boxes.

    Examples
    --------
    >>> chains([[("x", 2.0, 3.0), ("3 x", 6.0, 0.5), ("half of it", 3.0, None)]])
    """
    boxes = {len(path) for path in paths}
    if len(boxes) != 1:
        raise ValueError(f"Paths must have the same number of boxes, got {', '.join(map(str, sorted(boxes)))}.")
    with open_figure(1, 1, 0.95 * len(paths)) as (_, (axis,)):
        for row, path in enumerate(paths):
            for column, (name, value, slope) in enumerate(path):
                axis.text(column, row, f"{name}\n{value:.3g}", ha="center", va="center", bbox=BOX, fontsize=10)
                if slope is not None:
                    axis.annotate("", (column + 0.72, row), (column + 0.28, row), arrowprops={"arrowstyle": "->"})
                    axis.text(column + 0.5, row - 0.12, f"×{slope:.3g}", ha="center", va="bottom", color=COLORS[1])
        axis.set(xlim=(-0.3, boxes.pop() - 0.7), ylim=(len(paths) - 0.5, -0.5))
        axis.axis("off")


def network(layers: Mapping[str, tuple[int, ...]], *, steps: Sequence[str]) -> None:
    """Draw a network from top to bottom: what each layer gives, and what is done to it on the way to the next.

    Feature maps are drawn as a stack of squares, all to one scale; a layer of single units as a bar, as long as there
    are units.

    Parameters
    ----------
    layers : mapping of str to (height, width, channels) or (units,)
        Names and shapes of what the layers give, the picture first.
    steps : sequence of str
        What lies between each layer and the next: one fewer than there are layers.

    Raises
    ------
    ValueError
        If there are more or fewer steps, or a shape is of another length.

    Examples
    --------
    >>> network({"picture": (28, 28, 1), "hidden": (56,), "scores": (10,)}, steps=["weigh and add", "weigh and add"])
    """
    if len(steps) != len(layers) - 1:
        raise ValueError(f"{len(layers)} layers have {len(layers) - 1} steps between them, got {len(steps)}.")
    for name, shape in layers.items():
        if len(shape) not in (1, 3):
            raise ValueError(f"The shape of a layer is (height, width, channels) or (units,); {name} has {shape}.")
    heights = [max(LAYER_HEIGHT, _stack_height(shape)) for shape in layers.values()]
    with open_figure(1, 1, sum(heights) + STEP_HEIGHT * len(steps)) as (_, (axis,)):
        top = 0.0
        for (name, shape), height, step in zip(layers.items(), heights, [*steps, ""], strict=True):
            _draw_layer(axis, shape, top + height / 2)
            axis.text(TEXT_LEFT, top + height / 2, f"{name}: {_in_words(shape)}", va="center", fontsize=12)
            if step:
                _draw_step(axis, step, top + height)
            top += height + STEP_HEIGHT
        axis.set(xlim=(0, WIDTH), ylim=(top - STEP_HEIGHT, -0.02), aspect="equal")
        axis.axis("off")


def _stack_height(shape: tuple[int, ...]) -> float:
    """Return how many inches high a layer is drawn: its front map, and what looks out from behind it."""
    return PIXEL * shape[0] + BEHIND[1] * (shape[2] - 1) if len(shape) == 3 else BAR


def _draw_layer(axis, shape: tuple[int, ...], middle: float) -> None:
    style = {"facecolor": "#CCE3F0", "edgecolor": COLORS[0], "linewidth": 0.8}
    bottom = middle + _stack_height(shape) / 2
    if len(shape) == 1:
        axis.add_patch(plt.Rectangle((0.02, bottom - BAR), UNIT * shape[0], BAR, **style))
        return
    height, width, channels = PIXEL * shape[0], PIXEL * shape[1], shape[2]
    for channel in reversed(range(channels)):  # the first one in front
        corner = 0.02 + BEHIND[0] * channel, bottom - height - BEHIND[1] * channel
        axis.add_patch(plt.Rectangle(corner, width, height, **style))


def _draw_step(axis, step: str, top: float) -> None:
    arrow = {"arrowstyle": "-|>", "color": COLORS[1]}
    middle = top + STEP_HEIGHT / 2
    axis.annotate("", (0.25, top + STEP_HEIGHT - 0.04), (0.25, top + 0.04), arrowprops=arrow)
    axis.text(0.4, middle, step, va="center", fontsize=11)


def _in_words(shape: tuple[int, ...]) -> str:
    if len(shape) == 1:
        return f"{shape[0]} values"
    height, width, channels = shape
    return f"{channels} of {height}×{width}" if channels > 1 else f"{height}×{width}"
