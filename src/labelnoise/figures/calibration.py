"""Calibration on clean test images: three scores against the noise rate, and a reliability diagram."""

import textwrap

import pandas as pd
from matplotlib.axes import Axes
from matplotlib.figure import Figure

from labelnoise import words
from labelnoise.figures import cells, panels, rates, style

NOTE = f"On test images at the last epoch, lower is better; {words.BARS}. {words.GRAY}"
CAPTIONS = {
    "ece": (
        "Expected calibration error against noise rate",
        "On test images at the last epoch, lower is better; debiased. Bars: 95% interval that resamples test "
        "images, for the networks at hand. Short lines: what calibrated networks with the same confidences stay "
        f"below as often. {words.GRAY}",
    ),
    "nll": ("Negative log-likelihood against noise rate", f"{NOTE} Logarithmic axis."),
    "brier": ("Brier score against noise rate", NOTE),
    "reliability": (
        "Reliability diagram of one noise cell",
        "Accuracy against confidence, all seeds pooled, with Wilson intervals per bin (test images taken as "
        "independent). Below the diagonal: over-confident. Gray bars: share of predictions in the bin. Hollow: "
        "oracles.",
    ),
}
METRICS = {
    "ece": ("ECE [%]", 100),  # root of the mean squared distance of accuracy and confidence over bins, debiased
    "nll": ("NLL [nats]", 1),
    "brier": ("Brier score [0 to 2]", 1),  # Brier 1950, summed over classes
}
COLUMNS = 6  # reliability diagrams side by side


def draw(intervals: pd.DataFrame, methods: list[str], metric: str, selection: str = "last") -> Figure:
    """One of METRICS with its interval, from the table `intervals`; a row of panels per family of methods."""
    label, scale = METRICS[metric]
    return rates.draw(intervals, rates.Measure(metric, selection, label, scale, metric == "nll"), methods)


def reliability(
    table: pd.DataFrame, methods: list[str], noise: str, noise_rate: float, selection: str = "last"
) -> Figure:
    """Accuracy against confidence per bin [%] in one noise cell, with Wilson intervals; a panel per method.

    `table` is the table `reliability`. Bars at the foot of a panel: share of predictions in the bin.
    """
    part = cells.at(table[table["selection"] == selection], noise, noise_rate)
    order, oracles = words.ordered(cells.present(part, methods)), cells.oracles(part)
    items = [(n, m) for n in sorted(part["network"].unique()) for m in order]
    with style.context():
        fig, axes = panels.grid(len(items), COLUMNS, 1.75, 1.85, sharex=True, sharey=True)
        for place, (axis, (network, method)) in enumerate(zip(axes, items)):
            shown = part[(part["network"] == network) & (part["method"] == method)]
            _diagram(axis, shown, method in oracles)
            prefix = f"{network}: " if part["network"].nunique() > 1 else ""
            axis.set_title(f"{prefix}{textwrap.fill(words.name(method), 18)}", fontsize=9)
            if place % COLUMNS == 0:
                axis.set_ylabel("accuracy [%]")
            if place >= len(items) - COLUMNS:
                axis.set_xlabel("confidence [%]")
        handles, labels = axes[0].get_legend_handles_labels()
        fig.legend(handles, labels, loc="outside lower center", ncols=min(3, len(items)))
        fig.suptitle(f"{words.cell_name(noise, noise_rate)}, {words.SELECTIONS[selection]}")
    return fig


def _diagram(axis: Axes, part: pd.DataFrame, oracle: bool) -> None:
    part = part[part["count"] > 0].sort_values("bin")
    x, y = 100 * part["confidence"], 100 * part["accuracy"]
    axis.bar(
        x, 100 * part["count"] / part["count"].sum(), width=3, color="#C4C4C4", label="share of predictions [%]"
    )
    axis.plot([0, 100], [0, 100], color=style.GRAY, linewidth=1, label="calibrated")
    bars = [(y - 100 * part["low"]).clip(lower=0), (100 * part["high"] - y).clip(lower=0)]
    axis.errorbar(
        x, y, yerr=bars, color=style.BLUE, marker="o", markersize=3.5, linestyle="none", capsize=1.5,
        markerfacecolor="white" if oracle else style.BLUE, elinewidth=1, label="accuracy, Wilson interval",
    )  # fmt: skip
    axis.set_xlim(-2, 102)
    axis.set_ylim(-2, 102)
    axis.set_xticks([0, 50, 100])
    axis.set_yticks([0, 50, 100])
