"""Estimates of the share of wrong labels, against the truth where it is known."""

import pandas as pd
from matplotlib.axes import Axes
from matplotlib.figure import Figure

from labelnoise import words
from labelnoise.figures import cells, panels, style

CAPTIONS = {
    "noise_rate": (
        "Estimated share of wrong labels",
        "Mean over seeds, by estimator and noise cell. Bar: range between two models of the noise, one cautious, "
        "one that takes all doubt for noise. It is no confidence interval: the table below says how often it "
        "holds the truth. The line: the share that is wrong, where it is known.",
    ),
}
COLUMNS = 4
NARROWEST = 10  # points of an axis: what is nearly right must look so
FIRST = ["noise_model", "confident_joint", "disagreement"]


def draw(noise_rate: pd.DataFrame) -> Figure:
    """Estimate and range [%] of every estimator (rows); a panel per noise cell, a line at the realised rate.

    `noise_rate` is the table of that name; means over seeds of the estimate and of both ends of its
    range, which lies between two models of the noise.
    """
    order = estimators(noise_rate)
    items = cells.places(noise_rate)
    with style.context():
        fig, axes = panels.grid(len(items), COLUMNS, 2.5, 0.85 + 0.2 * len(order), sharey=True)
        for place, (axis, (network, cell)) in enumerate(zip(axes, items)):
            part = cells.at(noise_rate[noise_rate["network"] == network], *cell)
            _panel(axis, part, order)
            axis.set_title(cells.panel_title(noise_rate, network, cell))
            if place >= len(items) - COLUMNS:
                axis.set_xlabel("wrong labels [%]")
        dot = axes[0].plot(
            [],
            [],
            "o-",
            color=style.BLUE,
            label="estimate, bar: range between two models (no confidence interval)",
        )
        line = axes[0].plot([], [], color=style.VERMILION, linewidth=2, label="share that is wrong")
        known = noise_rate["realised_rate"].notna().any()
        fig.legend(handles=[*dot, *(line if known else [])], loc="outside upper center", ncols=2)
    return fig


def estimators(table: pd.DataFrame) -> list[str]:
    """The noise model's first, then the others by name."""
    have = set(table["estimator"])
    return [name for name in FIRST if name in have] + sorted(have - set(FIRST))


def _panel(axis: Axes, part: pd.DataFrame, order: list[str]) -> None:
    means = part.groupby("estimator")[["estimate", "low", "high"]].mean()
    for name, row in means.iterrows():
        place, color = order.index(name), style.BLUE if name == words.NOISE_MODEL else style.BLACK
        axis.plot([100 * row["low"], 100 * row["high"]], [place, place], color=color, linewidth=1.4)
        axis.plot(100 * row["estimate"], place, "o", color=color, markersize=4.5)
    truth = part["realised_rate"].mean()
    if pd.notna(truth):
        axis.axvline(100 * truth, color=style.VERMILION, linewidth=2, zorder=1.5)
    axis.set_yticks(range(len(order)), [words.name(name) for name in order])
    axis.set_ylim(len(order) - 0.4, -0.6)
    axis.margins(x=0.12)
    low, high = axis.get_xlim()
    rest = max(NARROWEST - (high - low), 0) / 2
    axis.set_xlim(max(low - rest, -1), high + rest)
