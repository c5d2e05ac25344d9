"""Small multiples: one panel per item, in a grid that hides what is left over."""

import math

from matplotlib.axes import Axes
from matplotlib.figure import Figure

NARROWEST = 7.0  # inches: a single panel must leave room for legend and names of rows


def grid(count: int, columns: int, width: float, height: float, **shared) -> tuple[Figure, list[Axes]]:
    """A figure with `count` panels of `width` × `height` inches, at most `columns` side by side."""
    columns = min(columns, count)
    rows = math.ceil(count / columns)
    fig = Figure(figsize=(max(width * columns + 0.6, NARROWEST), height * rows + 0.9), layout="constrained")
    axes = list(fig.subplots(rows, columns, squeeze=False, **shared).flat)
    for spare in axes[count:]:
        spare.set_visible(False)
    for place in range(max(0, count - columns), count):
        axes[place].xaxis.set_tick_params(labelbottom=True)  # the lowest panel of a column may have spares below
    return fig, axes[:count]
