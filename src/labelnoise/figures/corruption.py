"""Time to fit and test error against the share of corrupted labels (Zhang et al. 2017, figures 1b and 1c)."""

import pandas as pd
from matplotlib.axes import Axes
from matplotlib.figure import Figure

from labelnoise.figures import conditions, style

CAPTIONS = {
    "corruption": (
        "The more wrong labels, the longer it takes",
        "Epochs until practically all given labels are fitted, relative to true labels, and test error at the "
        "last epoch. Lines: means over seeds, dots: seeds; none where a run never fitted its labels.",
    ),
}
LABELS = ("true_labels", "corrupted_labels", "random_labels")  # the same images with more and more wrong labels
LOOKS = [(style.BLUE, "o", "-"), (style.VERMILION, "s", "--"), (style.GREEN, "^", "-.")]


def draw(fit: pd.DataFrame) -> Figure:
    """Left: epochs to fit; right: test error at the last epoch. Lines join means over seeds, dots are seeds."""
    table = fit[fit["condition"].isin(LABELS) & (fit["regularizer"] == "none")]
    with style.context():
        fig = Figure(figsize=(7.6, 3.6), layout="constrained")
        left, right = fig.subplots(1, 2)
        for look, network in zip(LOOKS, conditions.networks(table)):
            part = table[table["network"] == network]
            _line(left, part["corruption"], relative(part), conditions.name(network), look)
            _line(right, part["corruption"], 100 * (1 - part["test_accuracy"]), conditions.name(network), look)
        left.set_ylabel("epochs to fit, relative to true labels")
        right.set_ylabel("test error at the last epoch [%]")
        left.set_ylim(0, None)
        right.set_ylim(0, 100)
        for axis in (left, right):
            axis.set_xlabel("share of labels drawn anew")
        left.legend(loc="upper left")
        marks = f"large marks: mean of {style.seeds(table)}"
        fig.suptitle(f"{marks}, missing where one never fitted; dots: seeds")
    return fig


def relative(part: pd.DataFrame) -> pd.Series:
    """Epochs to fit over the mean of those with true labels; NaN where a run did not fit."""
    return part["epochs_to_fit"] / part.loc[part["corruption"] == 0, "epochs_to_fit"].mean()


def _line(axis: Axes, shares: pd.Series, values: pd.Series, label: str, look: tuple[str, str, str]) -> None:
    color, marker, line = look
    means = values.groupby(shares).agg(lambda seeds: seeds.mean(skipna=False))  # none where a seed never fitted
    axis.plot(means.index, means, color=color, marker=marker, linestyle=line, label=label)
    axis.plot(shares, values, ".", color=color, markersize=4, alpha=0.6)
