"""Numbers over axes: curves, bars and clouds of points."""

from collections.abc import Mapping, Sequence

import numpy as np

from cnn_course.plots.style import COLORS, WIDTH, open_figure

MARKERS = ("o", "s", "^", "D")
DASHES = ("-", "--", "-.", ":")


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
        Triples are drawn with their intervals. A shorter sequence, as of a training that was interrupted, ends early.
    x_label, y_label : str
    y_range : (float, float), optional
    y_scale : {"linear", "log"}, default "linear"
    hues : sequence of int, optional
        Which color each name has, 0 to 3, so that lines of one run can share one: the second of a color is dashed,
        the third dash-dotted. By default, a color each.

    Raises
    ------
    ValueError
        If there are more names than colors, more or fewer hues than names, or more values than x.

    Examples
    --------
    >>> curves([0, 1, 2], {"a": [3, 2, 1], "b": [1, 1, 1]}, x_label="x", y_label="y")
    """
    _require_colors(named)
    hues = list(range(len(named))) if hues is None else list(hues)
    if len(hues) != len(named):
        raise ValueError(f"There are {len(named)} curves and {len(hues)} hues.")
    x = list(x)
    longest = max(map(len, named.values()), default=0)
    if longest > len(x):
        raise ValueError(f"There are {longest} values over {len(x)} x values.")
    with open_figure(1, 1, 3.2) as (_, (axis,)):
        axis.set_yscale(y_scale)
        for index, ((name, values), marker) in enumerate(zip(named.items(), MARKERS, strict=False)):
            values = np.asarray(values, float)
            middle = values if values.ndim == 1 else values[:, 0]
            color, dashes = COLORS[hues[index]], DASHES[hues[:index].count(hues[index])]
            axis.plot(x[: len(middle)], middle, color=color, linestyle=dashes, marker=marker, markersize=5, label=name)
            if values.ndim == 2:
                axis.fill_between(x[: len(middle)], values[:, 1], values[:, 2], color=color, alpha=0.2, linewidth=0)
        axis.set(xlabel=x_label, ylabel=y_label, ylim=y_range, xticks=x)
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
    with open_figure(1, 1, 3.2) as (_, (axis,)):
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
    with open_figure(len(panels), 1, 1.6 * len(panels) + 0.2) as (_, axes):
        for axis, (title, values) in zip(axes, panels.items(), strict=True):
            colors = [COLORS[1] if index == marked else COLORS[0] for index in range(len(names))]
            drawn = axis.bar(names, values, color=colors)
            axis.bar_label(drawn, [f"{value:.2f}" for value in values], padding=2)
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
    with open_figure(rows, columns, rows * (WIDTH / columns) + 0.1) as (_, axes):
        for axis in axes[len(panels) :]:
            axis.axis("off")
        for axis, (title, points) in zip(axes, panels.items(), strict=False):
            axis.plot(*np.asarray(points).T, ".", color=COLORS[0], markersize=4, alpha=0.5)
            axis.plot(*center, "+", color=COLORS[1], markersize=14, markeredgewidth=2.5)
            axis.set(title=title, xlim=(-reach, reach), ylim=(-reach, reach), xlabel=x_label, ylabel=y_label)
            axis.set_aspect("equal")
            axis.grid(alpha=0.3)


def _require_colors(named: Mapping) -> None:
    if len(named) > len(COLORS):
        raise ValueError(f"A figure holds at most {len(COLORS)} curves, got {len(named)}.")
