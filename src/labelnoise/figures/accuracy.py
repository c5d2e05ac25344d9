"""Test accuracy against the noise rate, a row of panels per family of methods."""

import pandas as pd
from matplotlib.figure import Figure

from labelnoise.figures import cells, rates

HONEST = ["last", "best_noisy_val"]  # selections that need no clean label


def draw(intervals: pd.DataFrame, methods: list[str], selection: str = "last") -> Figure:
    """Mean test accuracy [%] at `selection` with its interval, from the table `intervals`.

    Cross-entropy stands in every row in gray, at the last epoch and with early stopping; oracles are dashed.
    """
    if selection not in HONEST:
        raise ValueError(f"selection: {selection!r} is unknown; allowed: {', '.join(HONEST)}")
    label = f"test accuracy [%]\n{cells.SELECTIONS[selection]}"
    return rates.draw(intervals, rates.Measure("test_accuracy", selection, label, 100), methods)
