"""Small arrays as grids with their numbers written in: matrices, stacks of channels, a confusion matrix."""

from collections.abc import Mapping, Sequence

import matplotlib.pyplot as plt
import numpy as np

from cnn_course.plots.style import COLORS, NO_NUMBER, WIDTH, common_range, frame, open_figure

STACK_STEP = 0.55  # of a cell: how far each grid of a stack lies behind the one before it


def matrices(
    named: Mapping[str, np.ndarray],
    *,
    marked: Mapping[str, tuple] | None = None,
    indices: Mapping[str, tuple[str, str]] | None = None,
    columns: int | None = None,
    signed: bool = False,
) -> None:
    """Draw small matrices side by side with their numbers written in, the larger the darker.

    Parameters
    ----------
    named : mapping of str to ndarray of shape (rows, columns)
        Titles and matrices.
    marked : mapping of str to (int, int, int, int), optional
        Part to frame in the matrix of that title: top row, left column, rows, columns.
    indices : mapping of str to (str, str), optional
        Names of the row's and of the column's number, which are then written beside the matrix of that title.
    columns : int, optional
        Matrices in a row; by default all of them.
    signed : bool, default False
        Draw zero white, positive numbers red and negative ones blue.

    Raises
    ------
    ValueError
        If a title in ``marked`` or ``indices`` is that of no matrix.

    Examples
    --------
    >>> import numpy as np
    >>> matrices({"picture": np.eye(4), "kernel": np.eye(2)}, marked={"picture": (0, 1, 2, 2)})
    """
    marked, indices = _of_titles(marked, named), _of_titles(indices, named)
    columns = columns or len(named)
    shapes = [matrix.shape for matrix in named.values()]
    widths = [max(width for _, width in shapes[first::columns]) for first in range(columns)]
    tallest = [max(height for height, _ in shapes[first : first + columns]) for first in range(0, len(named), columns)]
    low, high = common_range([0, 1, *named.values()], signed)
    low, colors = (1.8 * low, "RdBu_r") if signed else (low, "Blues")
    cell = min(0.45, WIDTH / (sum(widths) + (2.0 if indices else 0.8) * columns))
    height = cell * sum(tallest) + (0.8 if indices else 0.4) * len(tallest)
    grid = {"width_ratios": widths, "height_ratios": tallest}
    with open_figure(len(tallest), columns, height, **grid) as (_, axes):
        for number, (axis, (title, matrix)) in enumerate(zip(axes, named.items(), strict=False)):
            axis.imshow(matrix, cmap=colors, vmin=low, vmax=1.8 * high)  # dark numbers stay readable on light colors
            _write_matrix(axis, title, matrix, size=min(10, 22 * cell))
            axis.set_ylim(tallest[number // columns] - 0.5, -0.5)  # so that the cells of all matrices are equally large
            if title in indices:
                _write_indices(axis, matrix, *indices[title])
            if title in marked:
                frame(axis, *marked[title])
        for axis in axes[len(named) :]:
            axis.axis("off")


def stacks(
    named: Mapping[str, np.ndarray], *, colors: Sequence[str] = COLORS, marked: Mapping[str, tuple] | None = None
) -> None:
    """Draw pictures and kernels of several channels as stacks of grids, the first channel in front.

    Parameters
    ----------
    named : mapping of str to ndarray of shape (rows, columns, channels)
        Titles and stacks; the numbers of the first channel are written in. A single channel is drawn gray.
    colors : sequence of str, optional
        Of the channels, as Matplotlib names them.
    marked : mapping of str to (int, int, int, int), optional
        Block to frame, through all channels, in the stack of that title: top row, left column, rows, columns.

    Raises
    ------
    ValueError
        If a stack has not three axes or more channels than there are colors, or a title in ``marked`` is that of none.

    Examples
    --------
    >>> import numpy as np
    >>> stacks({"picture": np.ones((5, 5, 3)), "map": np.ones((3, 3, 1))}, colors=["red", "green", "blue"])
    """
    marked = _of_titles(marked, named)
    for title, stack in named.items():
        if np.ndim(stack) != 3 or stack.shape[2] > len(colors):
            raise ValueError(
                f"{title} must have shape (rows, columns, channels) with at most {len(colors)} channels, the number "
                f"of colors; got {np.shape(stack)}."
            )
    sides = [np.add(stack.shape[:2], STACK_STEP * (stack.shape[2] - 1)) for stack in named.values()]
    tallest, widths = max(height for height, _ in sides), [width for _, width in sides]
    cell = min(0.45, WIDTH / (sum(widths) + 0.6 * len(widths)))
    with open_figure(1, len(named), cell * tallest + 0.4, width_ratios=widths) as (_, axes):
        for axis, (title, stack), width in zip(axes, named.items(), widths, strict=True):
            _draw_stack(axis, stack, colors, marked.get(title), size=min(10, 25 * cell))
            axis.set(title=title, aspect="equal")
            axis.set(xlim=(-0.6, width - 0.4), ylim=(stack.shape[0] - 0.4, stack.shape[0] - tallest - 0.6))
            axis.axis("off")


def confusion_matrix(matrix: np.ndarray, names: Sequence[str]) -> None:
    """Draw how often each true class (row) was taken for each class (column).

    Parameters
    ----------
    matrix : ndarray of int, shape (classes, classes)
    names : sequence of str
        Of the classes, one for each.

    Raises
    ------
    ValueError
        If there are not as many names as classes.

    Examples
    --------
    >>> confusion_matrix(np.array([[8, 2], [1, 9]]), ["cat", "dog"])
    """
    if len(names) != len(matrix):
        raise ValueError(f"Each class needs a name: got {len(names)} names for {len(matrix)} classes.")
    errors = matrix - np.diag(np.diag(matrix))
    with open_figure(1, 1, min(WIDTH, 0.8 * len(matrix) + 0.8)) as (_, (axis,)):
        axis.imshow(errors, cmap="Oranges", vmax=max(1, errors.max()) * 1.4)
        for (row, column), count in np.ndenumerate(matrix):
            weight = "bold" if row == column else "normal"
            size = min(13, 100 / len(matrix))
            axis.text(column, row, count or "·", ha="center", va="center", fontsize=size, fontweight=weight)
        axis.set_xticks(range(len(names)), names)
        axis.set_yticks(range(len(names)), names)
        axis.set(xlabel="predicted class", ylabel="true class")
        axis.spines[:].set_visible(False)
        axis.tick_params(length=0)


def _write_matrix(axis, title: str, matrix: np.ndarray, size: float) -> None:
    for (row, column), value in np.ndenumerate(matrix):
        axis.text(column, row, f"{value:g}", ha="center", va="center", fontsize=size)
    axis.set_title(title)
    axis.set_xticks(np.arange(matrix.shape[1] + 1) - 0.5, [])
    axis.set_yticks(np.arange(matrix.shape[0] + 1) - 0.5, [])
    axis.grid(color="white", linewidth=1)
    axis.tick_params(length=0)
    axis.spines[:].set_visible(False)


def _write_indices(axis, matrix: np.ndarray, row_name: str, column_name: str) -> None:
    """Write the numbers of rows and columns, at minor ticks: the major ones are the lines between the cells."""
    height, width = matrix.shape
    axis.xaxis.set(ticks_position="top", label_position="top")
    axis.set_yticks(range(height), range(height), minor=True)
    axis.set_xticks(range(width), range(width), minor=True)
    axis.tick_params(which="both", length=0)
    middle = 1 - height / 2 / (axis.get_ylim()[0] + 0.5)
    axis.set_ylabel(row_name, rotation=0, ha="right", va="center", y=middle, labelpad=8)
    axis.set_xlabel(column_name, labelpad=6)
    axis.title.set_fontweight("bold")


def _draw_stack(axis, stack: np.ndarray, colors: Sequence[str], block: tuple | None, size: float) -> None:
    """Draw the grids of a stack from the last to the first, each to the lower left of the one before."""
    rows, columns, depth = stack.shape
    colors = colors if depth > 1 else [NO_NUMBER]
    for channel in reversed(range(depth)):
        back, height = STACK_STEP * channel, {"zorder": 2 + depth - channel}
        left, top = back - 0.5, -back - 0.5
        axis.add_patch(plt.Rectangle((left, top), columns, rows, facecolor="white", **height))
        axis.add_patch(plt.Rectangle((left, top), columns, rows, facecolor=colors[channel], alpha=0.2, **height))
        lines = {"color": colors[channel], "linewidth": 0.8, **height}
        axis.hlines(top + np.arange(rows + 1), left, left + columns, **lines)
        axis.vlines(left + np.arange(columns + 1), top, top + rows, **lines)
        if block:
            frame(axis, block[0] - back, block[1] + back, *block[2:], **height)
    for (row, column), value in np.ndenumerate(stack[:, :, 0]):
        axis.text(column, row, f"{value:g}", ha="center", va="center", fontsize=size, zorder=3 + depth)


def _of_titles(parts: Mapping | None, named: Mapping) -> Mapping:
    """Return what belongs to some of the titles, having checked that these exist."""
    strangers = [title for title in parts or {} if title not in named]
    if strangers:
        raise ValueError(f"Nothing here has the title {', '.join(strangers)}; the titles are {', '.join(named)}.")
    return parts or {}
