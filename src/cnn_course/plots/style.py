"""What all figures share: their width, colors and frames."""

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
NO_NUMBER = "#808080"  # how NaN is drawn in a picture


@contextmanager
def open_figure(rows: int, columns: int, height: float, **grid):
    """Open a figure in the course's style, give its axes as a flat list, and show it."""
    with plt.rc_context(STYLE):
        figure, axes = plt.subplots(
            rows, columns, figsize=(WIDTH, height), squeeze=False, layout="constrained", gridspec_kw=grid
        )
        yield figure, axes.ravel()
        plt.show()


def frame(axis, top: float, left: float, rows: int, columns: int, **options) -> None:
    """Frame a part of a picture, whose pixels lie at whole numbers."""
    line = {"fill": False, "edgecolor": COLORS[1], "linewidth": 2.5, "clip_on": False, "zorder": 3} | options
    axis.add_patch(plt.Rectangle((left - 0.5, top - 0.5), columns, rows, **line))


def common_range(pictures, signed: bool) -> tuple[float, float]:
    """Return the ends of the one scale on which all pictures are drawn; zero is its middle if it is signed."""
    values = [picture for picture in pictures if picture is not None]
    low, high = float(min(map(np.nanmin, values))), float(max(map(np.nanmax, values)))
    reach = max(-low, high)
    return (-reach, reach) if signed else (low, high)
