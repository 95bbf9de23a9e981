"""Figures made to be read: they draw the arrays they are given and compute nothing.

Every function draws one figure of the width of a phone's page and shows it. Pictures in one figure share one color
scale, so that equal colors mean equal numbers.
"""

from cnn_course.plots.charts import bars, curves, lines, scatter
from cnn_course.plots.diagrams import chains, network
from cnn_course.plots.grids import confusion_matrix, matrices, stacks
from cnn_course.plots.pictures import images, mosaic
from cnn_course.plots.style import COLORS, STYLE, WIDTH

__all__ = [
    "COLORS",
    "STYLE",
    "WIDTH",
    "bars",
    "chains",
    "confusion_matrix",
    "curves",
    "images",
    "lines",
    "matrices",
    "mosaic",
    "network",
    "scatter",
    "stacks",
]
