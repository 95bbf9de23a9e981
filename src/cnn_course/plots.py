"""Figures made to be read: they draw the arrays they are given and compute nothing.

Every function draws one figure of the width of a phone's page and shows it. Pictures in one figure share one color
scale, so that equal colors mean equal numbers.
"""

from collections.abc import Mapping, Sequence
from contextlib import contextmanager

import matplotlib.pyplot as plt
import numpy as np

WIDTH = 5.4  # inches: with 10-point text, still readable when a phone shrinks the figure
STYLE = {
    "figure.dpi": 144,
    "font.size": 10,
    "axes.titlesize": 10,
    "axes.spines.top": False,
    "axes.spines.right": False,
    "figure.facecolor": "white",
    "savefig.facecolor": "white",
    "image.interpolation": "nearest",  # a pixel is a square of one color, and a noisy picture a third of the bytes
}
# Blue, orange, green and purple that readers with any color vision can tell apart (Okabe and Ito, 2008).
COLORS = ("#0072B2", "#D55E00", "#009E73", "#CC79A7")
FRAMES = (COLORS[1], COLORS[0], *COLORS[2:])
MARKERS = ("o", "s", "^", "D")
STACK_STEP = 0.55  # of a cell: how far each grid of a stack lies behind the one before it
DASHES = ("-", "--", "-.", ":")
BOX = {"boxstyle": "round,pad=0.35", "facecolor": "#E8F1F8", "edgecolor": "#0072B2"}
# A drawn network, in inches: a pixel of a map, how far the next map looks out from behind it to the right and above; a
# unit of a bar, and its height; how high a layer is at least, and a step always; where the words about a layer begin.
PIXEL, BEHIND = 0.028, (0.09, 0.03)
UNIT, BAR = 0.009, 0.12
LAYER_HEIGHT, STEP_HEIGHT, TEXT_LEFT = 0.24, 0.3, 2.6
NO_NUMBER = "#808080"  # how NaN is drawn in a picture


def images(
    pictures: Sequence,
    *,
    titles: Sequence[str] = (),
    row_titles: Sequence[str] = (),
    columns: int | None = None,
    signed: bool = False,
    value_range: tuple[float, float] | None = None,
    colorbar: bool = False,
    framed: Mapping[int, Sequence[tuple]] | None = None,
) -> None:
    """Draw pictures on a grid: gray ones all on one scale, color ones as they are.

    Parameters
    ----------
    pictures : sequence of ndarray, each of shape (height, width), (height, width, 1) or (height, width, 3)
        Three channels are red, green and blue in [0, 1]. None leaves a place empty; NaN, as between the parts of a
        mosaic, is drawn in middle gray.
    titles : sequence of str, optional
        One above each picture, or each place left empty.
    row_titles : sequence of str, optional
        One to the left of each row, which makes the figure a table: ``titles`` are then those of its columns.
    columns : int, optional
        Pictures in a row; all of them unless told.
    signed : bool, default False
        Draw zero white, positive numbers red and negative ones blue, instead of black to white.
    value_range : (float, float), optional
        Numbers drawn darkest and lightest; the smallest and largest of all pictures unless told.
    colorbar : bool, default False
        Draw the scale below the pictures.
    framed : mapping of int to sequence of (int, int, int, int), optional
        Parts to frame in the picture of that number, counted from 0: top row, left column, rows, columns. The first one
        is orange, the next ones blue, green and purple.

    Raises
    ------
    ValueError
        If there are more or fewer titles than what they belong to, or an array has not the shape of a picture;
        or there is no picture of a number in ``framed``, or there are more parts in it than colors.

    Examples
    --------
    >>> import numpy as np
    >>> images([np.eye(3), 1 - np.eye(3)], titles=["a line", "the rest"])
    """
    pictures = [None if picture is None else _flat(picture) for picture in pictures]
    for number, parts in (framed or {}).items():
        if number not in range(len(pictures)) or len(parts) > len(FRAMES):
            raise ValueError(
                f"There are {len(pictures)} pictures, in each of which at most {len(FRAMES)} parts can be framed; "
                f"got {len(parts)} parts of picture {number}."
            )
    columns = columns or len(pictures)
    rows = -(-len(pictures) // columns)
    _require_titles(titles, row_titles, len(pictures), rows, columns)
    gray = [picture for picture in pictures if picture is not None and picture.ndim == 2]
    scale = plt.Normalize(*(value_range or _common_range(gray or [0, 1], signed)))
    colors = plt.get_cmap("RdBu_r" if signed else "gray").with_extremes(bad=NO_NUMBER)
    side = WIDTH / columns
    tallest = max(picture.shape[0] / picture.shape[1] for picture in pictures if picture is not None)
    title_height = 0.22 if titles else 0.0
    every_row, once = (0.0, title_height) if row_titles else (title_height, 0.0)
    height = rows * (side * tallest + every_row) + once + (0.6 if colorbar else 0.0)
    with _figure(rows, columns, height) as (figure, axes):
        for axis, picture, title in zip(axes, pictures, [*titles, *[""] * len(pictures)], strict=False):
            if picture is not None:
                drawn = axis.imshow(picture, cmap=colors, norm=scale)
                axis.set_title(title, fontsize=min(10, 13 * side), pad=3)
        for number, parts in (framed or {}).items():
            for part, color in zip(parts, FRAMES, strict=False):
                _frame(axes[number], *part, edgecolor=color)
        for axis, title in zip(axes[::columns], row_titles, strict=bool(row_titles)):
            axis.text(-0.12, 0.5, title, transform=axis.transAxes, rotation=90, ha="center", va="center")
        for axis in axes:
            axis.axis("off")
        if colorbar:
            figure.colorbar(drawn, ax=list(axes), orientation="horizontal", shrink=0.6, aspect=30, pad=0.02)


def _require_colors(named: Mapping) -> None:
    if len(named) > len(COLORS):
        raise ValueError(f"A figure holds at most {len(COLORS)} curves, got {len(named)}.")


def _require_titles(titles, row_titles, pictures: int, rows: int, columns: int) -> None:
    """Refuse titles that do not belong to as many pictures, or to as many rows and columns of a table."""
    if row_titles and len(row_titles) != rows:
        raise ValueError(f"Each row needs a title: got {len(row_titles)} row_titles for {rows} rows.")
    if row_titles and titles and len(titles) != columns:
        raise ValueError(f"In a table each column needs a title: got {len(titles)} titles for {columns} columns.")
    if titles and not row_titles and len(titles) != pictures:
        raise ValueError(
            f"Each picture needs a title: got {len(titles)} titles for {pictures} pictures. "
            "For titles of columns only, give row_titles too."
        )


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
        Matrices in a row; all of them unless told.
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
    low, high = _common_range([0, 1, *named.values()], signed)
    low, colors = (1.8 * low, "RdBu_r") if signed else (low, "Blues")
    cell = min(0.45, WIDTH / (sum(widths) + (2.0 if indices else 0.8) * columns))
    height = cell * sum(tallest) + (0.8 if indices else 0.4) * len(tallest)
    grid = {"width_ratios": widths, "height_ratios": tallest}
    with _figure(len(tallest), columns, height, **grid) as (_, axes):
        for number, (axis, (title, matrix)) in enumerate(zip(axes, named.items(), strict=False)):
            axis.imshow(matrix, cmap=colors, vmin=low, vmax=1.8 * high)  # dark numbers stay readable on light colors
            _write_matrix(axis, title, matrix, size=min(10, 22 * cell))
            axis.set_ylim(tallest[number // columns] - 0.5, -0.5)  # so that the cells of all matrices are equally large
            if title in indices:
                _write_indices(axis, matrix, *indices[title])
            if title in marked:
                _frame(axis, *marked[title])
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
    with _figure(1, len(named), cell * tallest + 0.4, width_ratios=widths) as (_, axes):
        for axis, (title, stack), width in zip(axes, named.items(), widths, strict=True):
            _draw_stack(axis, stack, colors, marked.get(title), size=min(10, 22 * cell))
            axis.set(title=title, aspect="equal")
            axis.set(xlim=(-0.6, width - 0.4), ylim=(stack.shape[0] - 0.4, stack.shape[0] - tallest - 0.6))
            axis.axis("off")


def curves(
    x,
    named: Mapping[str, Sequence],
    *,
    x_label: str,
    y_label: str,
    y_range=None,
    y_scale: str = "linear",
    hues: Sequence[int] | None = None,
) -> None:
    """Draw one line per name over common x values.

    Parameters
    ----------
    x : sequence of numbers or of str, length N
        Names stand at equal distances.
    named : mapping of str to sequence of numbers of length N, or of (estimate, low, high) of length N
        Triples are drawn with their intervals.
    x_label, y_label : str
    y_range : (float, float), optional
    y_scale : {"linear", "log"}, default "linear"
    hues : sequence of int, optional
        Which color each name has, 0 to 3, so that lines of one run can share one: the second of a color is dashed,
        the third dash-dotted. A color each unless told.

    Raises
    ------
    ValueError
        If there are more names than colors, or more or fewer hues than names.

    Examples
    --------
    >>> curves([0, 1, 2], {"a": [3, 2, 1], "b": [1, 1, 1]}, x_label="x", y_label="y")
    """
    _require_colors(named)
    hues = list(range(len(named))) if hues is None else list(hues)
    if len(hues) != len(named):
        raise ValueError(f"There are {len(named)} curves and {len(hues)} hues.")
    with _figure(1, 1, 3.2) as (_, (axis,)):
        axis.set_yscale(y_scale)
        for index, ((name, values), marker) in enumerate(zip(named.items(), MARKERS, strict=False)):
            values = np.asarray(values, float)
            middle = values if values.ndim == 1 else values[:, 0]
            color, dashes = COLORS[hues[index]], DASHES[hues[:index].count(hues[index])]
            axis.plot(x, middle, color=color, linestyle=dashes, marker=marker, markersize=5, label=name)
            if values.ndim == 2:
                axis.fill_between(x, values[:, 1], values[:, 2], color=color, alpha=0.2, linewidth=0)
        axis.set(xlabel=x_label, ylabel=y_label, ylim=y_range, xticks=list(x))
        axis.grid(alpha=0.3)
        axis.legend(frameon=False)


def lines(
    named: Mapping[str, tuple],
    *,
    x_label: str,
    y_label: str,
    points: Mapping[str, tuple[float, float]] | None = None,
    y_range=None,
    y_scale: str = "linear",
) -> None:
    """Draw smooth curves, each over x values of its own, and mark points.

    Parameters
    ----------
    named : mapping of str to (x, y), two sequences of numbers of one length
        The first is drawn solid, the others dashed, dash-dotted and dotted.
    x_label, y_label : str
    points : mapping of str to (x, y), optional
        Text and place of points to mark.
    y_range : (float, float), optional
    y_scale : {"linear", "log"}, default "linear"

    Raises
    ------
    ValueError
        If there are more names than colors, or a curve has more x values than y values or fewer.

    Examples
    --------
    >>> lines({"the square": ([0, 1, 2], [0, 1, 4])}, x_label="x", y_label="y", points={"here": (1, 1)})
    """
    _require_colors(named)
    for name, (x, y) in named.items():
        if len(x) != len(y):
            raise ValueError(f"{name!r} has {len(x)} x values and {len(y)} y values.")
    with _figure(1, 1, 3.2) as (_, (axis,)):
        axis.set_yscale(y_scale)
        for (name, (x, y)), color, dashes in zip(named.items(), COLORS, DASHES, strict=False):
            axis.plot(x, y, color=color, linestyle=dashes, linewidth=2, label=name)
        for text, place in (points or {}).items():
            axis.plot(*place, "o", color="black", markersize=6, zorder=5)
            axis.annotate(text, place, xytext=(6, 7), textcoords="offset points")
        axis.set(xlabel=x_label, ylabel=y_label, ylim=y_range)
        axis.grid(alpha=0.3)
        if len(named) > 1:
            axis.legend(frameon=False)


def bars(names: Sequence[str], panels: Mapping[str, Sequence[float]], *, marked: int | None = None) -> None:
    """Draw the same things by several measures: one row of bars for each, with the numbers written on them.

    Parameters
    ----------
    names : sequence of str
        What the bars stand for, below the last row.
    panels : mapping of str to sequence of numbers
        Title of each row, and its numbers: as many as names.
    marked : int, optional
        Which bar to draw in another color.

    Raises
    ------
    ValueError
        If a row has more or fewer numbers than there are names.

    Examples
    --------
    >>> bars(["cat", "dog"], {"score": [2, -1], "share": [0.95, 0.05]}, marked=0)
    """
    for title, values in panels.items():
        if len(values) != len(names):
            raise ValueError(f"There are {len(names)} names, but {title!r} has {len(values)} numbers.")
    with _figure(len(panels), 1, 1.6 * len(panels) + 0.2) as (_, axes):
        for axis, (title, values) in zip(axes, panels.items(), strict=True):
            colors = [COLORS[1] if index == marked else COLORS[0] for index in range(len(names))]
            drawn = axis.bar(names, values, color=colors)
            axis.bar_label(drawn, [f"{value:.2f}" for value in values], fontsize=9, padding=2)
            axis.set_title(title)
            axis.margins(y=0.25)
            axis.axhline(0, color="black", linewidth=0.8)
            axis.set_yticks([])
            axis.tick_params(length=0)
            axis.spines[["left", "bottom"]].set_visible(False)


def scatter(panels: Mapping[str, np.ndarray], *, center: tuple[float, float], x_label: str, y_label: str) -> None:
    """Draw clouds of points beside each other, on the same axes, and a cross at one place in each.

    Parameters
    ----------
    panels : mapping of str to ndarray of shape (N, 2)
        Title and points of each cloud.
    center : (float, float)
        Where the cross stands.
    x_label, y_label : str

    Examples
    --------
    >>> scatter({"wide": np.eye(2), "narrow": np.eye(2) / 9}, center=(0, 0), x_label="x", y_label="y")
    """
    columns = min(2, len(panels))
    rows = -(-len(panels) // columns)
    everything = np.concatenate([center - np.zeros((1, 2)), *panels.values()])
    reach = 1.05 * np.abs(everything).max()
    with _figure(rows, columns, rows * (WIDTH / columns) + 0.1) as (_, axes):
        for axis in axes[len(panels) :]:
            axis.axis("off")
        for axis, (title, points) in zip(axes, panels.items(), strict=False):
            axis.plot(*np.asarray(points).T, ".", color=COLORS[0], markersize=4, alpha=0.5)
            axis.plot(*center, "+", color=COLORS[1], markersize=14, markeredgewidth=2.5)
            axis.set(title=title, xlim=(-reach, reach), ylim=(-reach, reach), xlabel=x_label, ylabel=y_label)
            axis.set_aspect("equal")
            axis.grid(alpha=0.3)


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
    with _figure(1, 1, 0.95 * len(paths)) as (_, (axis,)):
        for row, path in enumerate(paths):
            for column, (name, value, slope) in enumerate(path):
                axis.text(column, row, f"{name}\n{value:.3g}", ha="center", va="center", bbox=BOX, fontsize=10)
                if slope is not None:
                    axis.annotate("", (column + 0.72, row), (column + 0.28, row), arrowprops={"arrowstyle": "->"})
                    axis.text(column + 0.5, row - 0.12, f"×{slope:.3g}", ha="center", va="bottom", color=COLORS[1])
        axis.set(xlim=(-0.45, boxes.pop() - 0.55), ylim=(len(paths) - 0.5, -0.5))
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
    with _figure(1, 1, sum(heights) + STEP_HEIGHT * len(steps)) as (_, (axis,)):
        top = 0.0
        for (name, shape), height, step in zip(layers.items(), heights, [*steps, ""], strict=True):
            _draw_layer(axis, shape, top + height / 2)
            axis.text(TEXT_LEFT, top + height / 2, f"{name}: {_in_words(shape)}", va="center", fontsize=12)
            if step:
                _draw_step(axis, step, top + height)
            top += height + STEP_HEIGHT
        axis.set(xlim=(0, WIDTH), ylim=(top - STEP_HEIGHT, -0.02), aspect="equal")
        axis.axis("off")


def confusion_matrix(matrix: np.ndarray, names: Sequence[str]) -> None:
    """Draw how often each true class (row) was taken for each class (column).

    Parameters
    ----------
    matrix : ndarray of int, shape (classes, classes)
    names : sequence of str
        Of the classes.

    Examples
    --------
    >>> confusion_matrix(np.array([[8, 2], [1, 9]]), ["cat", "dog"])
    """
    errors = matrix - np.diag(np.diag(matrix))
    with _figure(1, 1, min(WIDTH, 0.8 * len(matrix) + 0.8)) as (_, (axis,)):
        axis.imshow(errors, cmap="Oranges", vmax=max(1, errors.max()) * 1.4)
        for (row, column), count in np.ndenumerate(matrix):
            weight = "bold" if row == column else "normal"
            size = min(13, 90 / len(matrix))
            axis.text(column, row, count or "·", ha="center", va="center", fontsize=size, fontweight=weight)
        axis.set_xticks(range(len(names)), names)
        axis.set_yticks(range(len(names)), names)
        axis.set(xlabel="predicted class", ylabel="true class")
        axis.spines[:].set_visible(False)
        axis.tick_params(length=0)


def mosaic(maps, *, columns: int = 8, gap: int = 1) -> np.ndarray:
    """Lay the maps of one picture out row by row, as one array.

    Parameters
    ----------
    maps : ndarray, shape (height, width, channels)
    columns : int, default 8
        Maps in a row.
    gap : int, default 1
        Pixels between neighbors.

    Returns
    -------
    ndarray of float, shape (rows * (height + gap) - gap, columns * (width + gap) - gap)
        NaN in the gaps and after the last map: `plots.images` draws it in middle gray, whatever the scale.

    Raises
    ------
    ValueError
        If ``maps`` has another shape, ``columns`` is not positive or ``gap`` is negative.

    Examples
    --------
    >>> mosaic(np.ones((2, 2, 3)), columns=3).shape
    (2, 8)
    """
    maps = np.asarray(maps)
    if maps.ndim != 3 or maps.size == 0:
        raise ValueError(f"maps must have shape (height, width, channels), got {maps.shape}.")
    if columns < 1 or gap < 0:
        raise ValueError(f"columns must be at least 1 and gap at least 0, got {columns}, {gap}.")
    height, width, channels = maps.shape
    rows = -(-channels // columns)
    down, right = height + gap, width + gap  # from one map to the next
    number = np.result_type(maps, np.float32)
    tiled = np.full((rows * down - gap, columns * right - gap), np.nan, number)
    for channel in range(channels):
        top, left = channel // columns * down, channel % columns * right
        tiled[top : top + height, left : left + width] = maps[:, :, channel]
    return tiled


@contextmanager
def _figure(rows: int, columns: int, height: float, **grid):
    """Open a figure in the course's style, give its axes as a flat list, and show it."""
    with plt.rc_context(STYLE):
        figure, axes = plt.subplots(
            rows, columns, figsize=(WIDTH, height), squeeze=False, layout="constrained", gridspec_kw=grid
        )
        yield figure, axes.ravel()
        plt.show()


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
    axis.tick_params(which="both", length=0, labelsize=9)
    middle = 1 - height / 2 / (axis.get_ylim()[0] + 0.5)
    axis.set_ylabel(row_name, rotation=0, ha="right", va="center", y=middle)
    axis.set_xlabel(column_name)


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
            _frame(axis, block[0] - back, block[1] + back, *block[2:], **height)
    for (row, column), value in np.ndenumerate(stack[:, :, 0]):
        axis.text(column, row, f"{value:g}", ha="center", va="center", fontsize=size, zorder=3 + depth)


def _of_titles(parts: Mapping | None, named: Mapping) -> Mapping:
    """Return what belongs to some of the titles, having checked that these exist."""
    strangers = [title for title in parts or {} if title not in named]
    if strangers:
        raise ValueError(f"Nothing here has the title {', '.join(strangers)}; the titles are {', '.join(named)}.")
    return parts or {}


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


def _frame(axis, top: float, left: float, rows: int, columns: int, **options) -> None:
    line = {"fill": False, "edgecolor": COLORS[1], "linewidth": 2.5, "clip_on": False, "zorder": 3} | options
    axis.add_patch(plt.Rectangle((left - 0.5, top - 0.5), columns, rows, **line))


def _flat(picture) -> np.ndarray:
    picture = np.asarray(picture)
    if picture.ndim != 2 and picture.shape[2:] not in ((1,), (3,)):
        raise ValueError(
            f"pictures must have shape (height, width), (height, width, 1) or (height, width, 3), got {picture.shape}."
        )
    return picture if picture.shape[2:] == (3,) else picture.reshape(picture.shape[:2])


def _common_range(pictures, signed: bool) -> tuple[float, float]:
    values = [picture for picture in pictures if picture is not None]
    low, high = float(min(map(np.nanmin, values))), float(max(map(np.nanmax, values)))
    reach = max(-low, high)
    return (-reach, reach) if signed else (low, high)
