"""Which examples are easy whatever the initial weights (Arpit et al. 2017, arXiv 1706.05394, figure 1).

Each example's share of initial weights from which it is right after one epoch, against the binomial distribution
that follows if all examples are equally hard.
"""

import numpy as np
import pandas as pd
from matplotlib.axes import Axes
from matplotlib.figure import Figure

from labelnoise.figures import conditions, panels, style

CAPTIONS = {
    "first_epoch": (
        "Which examples are easy from any initialisation",
        "Examples by the share of initialisations that get them right after one epoch, against what follows if "
        "all examples are equally hard (binomial).",
    ),
}
BINS = np.linspace(0, 1, 21)


def draw(first_epoch: pd.DataFrame) -> Figure:
    """A row per network, a column per condition; titles give the variance in units of the binomial's."""
    shown = [name for name in conditions.LOOKS if name in set(first_epoch["condition"])]
    items = [(network, condition) for network in conditions.networks(first_epoch) for condition in shown]
    with style.context():
        fig, axes = panels.grid(len(items), len(shown), 3.0, 2.4, sharex=True)
        for place, (axis, (network, condition)) in enumerate(zip(axes, items, strict=True)):
            part = first_epoch.query("network == @network and condition == @condition")
            _panel(axis, part, conditions.LOOKS[condition][1])
            label = conditions.LOOKS[condition][0]
            axis.set_title(f"{conditions.name(network)}, {label}\nvariance × {variance_ratio(part):.1f}")
            if place % len(shown) == 0:
                axis.set_ylabel("examples")
            if place >= len(items) - len(shown):
                axis.set_xlabel("initialisations that get it right")
        handles, labels = axes[0].get_legend_handles_labels()
        fig.legend(handles, labels, loc="outside lower center", ncols=2)
    return fig


def variance_ratio(part: pd.DataFrame) -> float:
    """Variance of the share over examples, over that of the binomial of the same mean: 1 for equally hard ones."""

    def variance(weights: pd.Series) -> float:
        mean = np.average(part["correct_share"], weights=weights)
        return float(np.average((part["correct_share"] - mean) ** 2, weights=weights))

    return variance(part["examples"]) / variance(part["binomial"])


def _panel(axis: Axes, part: pd.DataFrame, color: str) -> None:
    shares = (part["correct_share"] + 1e-9).clip(0, 1)  # else rounding puts some into the bin before their own
    found, _ = np.histogram(shares, BINS, weights=part["examples"])
    expected, _ = np.histogram(shares, BINS, weights=part["binomial"])
    axis.stairs(found, BINS, fill=True, color=color, alpha=0.5, label="examples")
    axis.stairs(expected, BINS, color=style.BLACK, linewidth=1.5, label="binomial: all equally hard")
    axis.xaxis.set_major_formatter(lambda value, _: f"{100 * value:.0f}%")
