"""A metric against the noise rate: one column per noise model, one row per metric and selection."""

import math
from itertools import pairwise
from typing import NamedTuple

import pandas as pd
from matplotlib.axes import Axes
from matplotlib.figure import Figure

from labelnoise.figures import cells, style, survivors

SPREAD = 0.34  # methods side by side take this share of the gap between two rates


class Row(NamedTuple):
    """One row of panels."""

    metric: str  # of the table `intervals`
    selection: str
    label: str  # y axis, with its unit
    scale: float  # 100 for percent


def draw(intervals: pd.DataFrame, rows: list[Row], methods: list[str]) -> Figure:
    """Mean and interval of every method in `methods`; each row of panels is repeated per network."""
    wanted = intervals[intervals["metric"].isin([row.metric for row in rows])]
    shown = cells.present(wanted, methods)
    styles = {m: s for m, s in style.method_styles(methods, cells.oracles(wanted)).items() if m in shown}
    networks = sorted(wanted["network"].unique())
    with style.context():
        # Rows of one metric share their axis, so that selections can be compared.
        sharey = "all" if len({row.metric for row in rows}) == 1 else "row"
        fig, grid = _grid(wanted, len(rows) * len(networks), sharey)
        pairs = [(row, network) for network in networks for row in rows]
        for line, (row, network) in zip(grid, pairs):
            part = cells.means(wanted[wanted["network"] == network], row.metric, row.selection)
            _row(line, part, row, styles, cells.noises(wanted))
            if len(networks) > 1:
                line[0].set_ylabel(f"{cells.name(network)}\n{row.label}")
        _legend(fig, grid)
    return fig


def _grid(table: pd.DataFrame, rows: int, sharey: str) -> tuple[Figure, list[list[Axes]]]:
    """Empty panels, wider where a noise model has several rates; named on top and at the bottom."""
    order = cells.noises(table)
    counts = table.groupby("noise")["noise_rate"].nunique()
    widths = [1.15 + 0.6 * counts[noise] for noise in order]
    fig = Figure(figsize=(1.0 + 1.05 * sum(widths), 2.9 * rows + 1.2), layout="constrained")
    grid = fig.subplots(rows, len(order), sharey=sharey, sharex="col", squeeze=False, width_ratios=widths)
    for top, bottom, noise in zip(grid[0], grid[-1], order):
        top.set_title(cells.name(noise) if noise != "none" else "no noise")
        bottom.set_xlabel("noise rate")
        rates = sorted(table.loc[table["noise"] == noise, "noise_rate"].unique())
        margin = 0.6 * _gap(rates)
        bottom.set_xlim(rates[0] - margin, rates[-1] + margin)
        bottom.set_xticks(rates, [f"{rate:g}" for rate in rates])
    return fig, grid


def _gap(rates: list[float]) -> float:
    """Smallest distance between two rates; any positive number does for a single one."""
    return min((b - a for a, b in pairwise(rates)), default=0.2)


def _row(axes: list[Axes], part: pd.DataFrame, row: Row, styles: dict, order: list[str]) -> None:
    axes[0].set_ylabel(row.label)
    for axis, noise in zip(axes, order):
        panel = part[part["noise"] == noise]
        rates = sorted(panel["noise_rate"].unique())
        spread = _gap(rates) * (SPREAD if len(rates) > 1 else 2.4 * SPREAD)
        for place, (method, look) in enumerate(styles.items()):
            shift = spread * ((place + 0.5) / len(styles) - 0.5)
            _line(axis, panel[panel["method"] == method], row.scale, shift, method, look)


def _line(
    axis: Axes, part: pd.DataFrame, scale: float, shift: float, method: str, look: style.MethodStyle
) -> None:
    """One method in one panel, moved sideways by `shift` so that its interval stays visible."""
    part = part.sort_values("noise_rate")
    mean = part["mean"] * scale
    # An interval around a skewed bootstrap may, rarely, leave out the mean; a bar cannot be negative.
    below, above = (mean - part["low"] * scale).clip(lower=0), (part["high"] * scale - mean).clip(lower=0)
    axis.errorbar(
        part["noise_rate"] + shift, mean, yerr=[below, above], label=cells.name(method),
        color=look.color, marker=look.marker, linestyle=look.linestyle, markerfacecolor=look.fill,
        elinewidth=1.1, capsize=2,
    )  # fmt: skip
    short = part["incomplete"]
    if short.any():
        where = part.loc[short, "noise_rate"] + shift
        axis.plot(where, mean[short], "x", color=style.BLACK, markersize=10, zorder=4, label=survivors.LABEL)


def _legend(fig: Figure, grid: list[list[Axes]]) -> None:
    found = dict(zip(*reversed(grid[0][0].get_legend_handles_labels())))
    crosses = [line for axis in fig.axes for line in axis.lines if line.get_label() == survivors.LABEL]
    found.pop(survivors.LABEL, None)  # last, wherever it was drawn first
    if crosses:
        found[survivors.LABEL] = crosses[0]
    labels, handles = list(found), list(found.values())
    lines = math.ceil(len(labels) / max(3, fig.get_figwidth() // 2.1))
    fig.legend(handles, labels, loc="outside lower center", ncols=math.ceil(len(labels) / lines), handlelength=3.2)
