"""Pictures side by side, and many maps as one picture."""

from collections.abc import Mapping, Sequence

import matplotlib.pyplot as plt
import numpy as np

from cnn_course.plots.style import COLORS, NO_NUMBER, WIDTH, common_range, frame, open_figure

FRAMES = (COLORS[1], COLORS[0], *COLORS[2:])


def images(
    pictures: Sequence,
    *,
    titles: Sequence[str] = (),
    row_titles: Sequence[str] = (),
    columns: int | None = None,
    signed: bool = False,
    signed_colors: str = "RdBu_r",
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
        Pictures in a row; by default all of them.
    signed : bool, default False
        Draw zero white, positive numbers red and negative ones blue, instead of black to white.
    signed_colors : str, default "RdBu_r"
        Matplotlib's name of other colors for that, such as "PuOr" (negative orange, positive purple) where the numbers
        themselves are about red and blue.
    value_range : (float, float), optional
        Numbers drawn darkest and lightest; by default the smallest and largest of all pictures.
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
    scale = plt.Normalize(*(value_range or common_range(gray or [0, 1], signed)))
    colors = plt.get_cmap(signed_colors if signed else "gray").with_extremes(bad=NO_NUMBER)
    side = WIDTH / columns
    tallest = max(picture.shape[0] / picture.shape[1] for picture in pictures if picture is not None)
    title_height = 0.22 if titles else 0.0
    every_row, once = (0.0, title_height) if row_titles else (title_height, 0.0)
    height = rows * (side * tallest + every_row) + once + (0.6 if colorbar else 0.0)
    with open_figure(rows, columns, height) as (figure, axes):
        for axis, picture, title in zip(axes, pictures, [*titles, *[""] * len(pictures)], strict=False):
            if picture is not None:
                drawn = axis.imshow(picture, cmap=colors, norm=scale)
                axis.set_title(title, fontsize=min(10, 15 * side), pad=3)
        for number, parts in (framed or {}).items():
            for part, color in zip(parts, FRAMES, strict=False):
                frame(axes[number], *part, edgecolor=color)
        for axis, title in zip(axes[::columns], row_titles, strict=bool(row_titles)):
            axis.text(-0.12, 0.5, title, transform=axis.transAxes, rotation=90, ha="center", va="center")
        for axis in axes:
            axis.axis("off")
        if colorbar:
            figure.colorbar(drawn, ax=list(axes), orientation="horizontal", shrink=0.6, aspect=30, pad=0.02)


def mosaic(maps, *, columns: int = 8, gap: int = 1, zoom: int = 1) -> np.ndarray:
    """Lay the maps of one picture out row by row, as one array.

    Parameters
    ----------
    maps : ndarray, shape (height, width, channels)
    columns : int, default 8
        Maps in a row.
    gap : int, default 1
        Pixels between neighbors.
    zoom : int, default 1
        Draw each value as a square of so many pixels, which makes the gaps between small maps thinner.

    Returns
    -------
    ndarray of float, shape (rows * (zoom * height + gap) - gap, columns * (zoom * width + gap) - gap)
        NaN in the gaps and after the last map: `plots.images` draws it in middle gray, whatever the scale.

    Raises
    ------
    ValueError
        If ``maps`` has another shape, ``columns`` or ``zoom`` is not positive or ``gap`` is negative.

    Examples
    --------
    >>> mosaic(np.ones((2, 2, 3)), columns=3).shape
    (2, 8)
    """
    maps = np.asarray(maps)
    if maps.ndim != 3 or maps.size == 0:
        raise ValueError(f"maps must have shape (height, width, channels), got {maps.shape}.")
    if columns < 1 or gap < 0 or zoom < 1:
        got = f"got {columns}, {zoom}, {gap}"
        raise ValueError(f"columns and zoom must be at least 1 and gap at least 0, {got}.")
    maps = maps.repeat(zoom, axis=0).repeat(zoom, axis=1)
    height, width, channels = maps.shape
    rows = -(-channels // columns)
    down, right = height + gap, width + gap  # from one map to the next
    number = np.result_type(maps, np.float32)
    tiled = np.full((rows * down - gap, columns * right - gap), np.nan, number)
    for channel in range(channels):
        top, left = channel // columns * down, channel % columns * right
        tiled[top : top + height, left : left + width] = maps[:, :, channel]
    return tiled


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


def _flat(picture) -> np.ndarray:
    picture = np.asarray(picture)
    if picture.ndim != 2 and picture.shape[2:] not in ((1,), (3,)):
        raise ValueError(
            f"pictures must have shape (height, width), (height, width, 1) or (height, width, 3), got {picture.shape}."
        )
    return picture if picture.shape[2:] == (3,) else picture.reshape(picture.shape[:2])
