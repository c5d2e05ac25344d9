"""Test accuracy against the noise rate, a row of panels per family of methods."""

import pandas as pd
from matplotlib.figure import Figure

from labelnoise import words
from labelnoise.figures import rates

CAPTIONS = {
    "accuracy": (
        "Test accuracy against noise rate",
        f"Mean over seeds, {words.BARS}; a row per family. {words.GRAY} Points of one rate stand side by side to "
        "keep bars visible.",
    ),
}


def draw(intervals: pd.DataFrame, methods: list[str], selection: str = "last") -> Figure:
    """Mean test accuracy [%] at `selection` with its interval, from the table `intervals`.

    Cross-entropy stands in every row in gray, at the last epoch and with early stopping; oracles are dashed.
    """
    if selection not in words.HONEST:
        raise ValueError(f"selection: {selection!r} is unknown; allowed: {', '.join(words.HONEST)}")
    label = f"test accuracy [%]\n{words.SELECTIONS[selection]}"
    return rates.draw(intervals, rates.Measure("test_accuracy", selection, label, 100), methods)
