"""Calibration on clean test images: three scores against the noise rate, and a reliability diagram."""

import pandas as pd
from matplotlib.axes import Axes
from matplotlib.figure import Figure

from labelnoise.figures import cells, panels, rates, style

METRICS = {
    "ece": ("ECE [%]", 100),  # Naeini et al. 2015: mean |accuracy - confidence| over bins
    "nll": ("NLL [nats]", 1),
    "brier": ("Brier score [0 to 2]", 1),  # Brier 1950, summed over classes
}


def draw(intervals: pd.DataFrame, methods: list[str], selection: str = "last") -> Figure:
    """ECE, negative log-likelihood and Brier score with intervals, from the table `intervals`."""
    rows = [rates.Row(metric, selection, label, scale) for metric, (label, scale) in METRICS.items()]
    return rates.draw(intervals, rows, methods)


def reliability(
    table: pd.DataFrame, methods: list[str], noise: str, noise_rate: float, selection: str = "last"
) -> Figure:
    """Accuracy against confidence per bin [%] in one noise cell, with Wilson intervals; a panel per method.

    `table` is the table `reliability`. Bars at the foot of a panel: share of predictions in the bin.
    """
    part = cells.at(table[table["selection"] == selection], noise, noise_rate)
    looks = style.method_styles(methods, cells.oracles(part))
    items = [(n, m) for n in sorted(part["network"].unique()) for m in cells.present(part, methods)]
    with style.context():
        fig, axes = panels.grid(len(items), 3, 2.9, 2.7, sharex=True, sharey=True)
        for place, (axis, (network, method)) in enumerate(zip(axes, items)):
            shown = part[(part["network"] == network) & (part["method"] == method)]
            _diagram(axis, shown, looks[method])
            prefix = f"{network}: " if part["network"].nunique() > 1 else ""
            axis.set_title(f"{prefix}{cells.name(method)} (n = {shown['count'].sum():.0f})")
            if place % 3 == 0:
                axis.set_ylabel("accuracy [%]")
            if place >= len(items) - 3:
                axis.set_xlabel("confidence [%]")
        handles, labels = axes[0].get_legend_handles_labels()
        fig.legend(handles, labels, loc="outside lower center", ncols=3)
        fig.suptitle(f"{cells.cell_name(noise, noise_rate)}, {cells.SELECTIONS[selection]}")
    return fig


def _diagram(axis: Axes, part: pd.DataFrame, look: style.MethodStyle) -> None:
    part = part[part["count"] > 0].sort_values("bin")
    x, y = 100 * part["confidence"], 100 * part["accuracy"]
    axis.bar(
        x, 100 * part["count"] / part["count"].sum(), width=3, color="#C4C4C4", label="share of predictions [%]"
    )
    axis.plot([0, 100], [0, 100], color=style.GRAY, linewidth=1, label="calibrated")
    bars = [(y - 100 * part["low"]).clip(lower=0), (100 * part["high"] - y).clip(lower=0)]
    axis.errorbar(
        x, y, yerr=bars, color=look.color, marker=look.marker, linestyle="none", markerfacecolor=look.fill,
        capsize=2, elinewidth=1.1, label="accuracy, Wilson interval",
    )  # fmt: skip
    axis.set_xlim(-2, 102)
    axis.set_ylim(-2, 102)
