"""Test accuracy against the noise rate, at the last epoch and with early stopping."""

import pandas as pd
from matplotlib.figure import Figure

from labelnoise.figures import cells, rates

HONEST = ["last", "best_noisy_val"]  # selections that need no clean label


def draw(intervals: pd.DataFrame, methods: list[str], selection: str = "last") -> Figure:
    """Mean test accuracy [%] with its interval, from the table `intervals`.

    The first row of panels shows `selection`, the second the other one of `last` and `best_noisy_val`.
    `methods` fixes order and style; oracles are dashed.
    """
    if selection not in HONEST:
        raise ValueError(f"selection: {selection!r} is unknown; allowed: {', '.join(HONEST)}")
    order = [selection, *(other for other in HONEST if other != selection)]
    rows = [rates.Row("test_accuracy", s, f"test accuracy [%]\n{cells.SELECTIONS[s]}", 100) for s in order]
    return rates.draw(intervals, rows, methods)
