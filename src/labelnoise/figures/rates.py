"""A metric against the noise rate: one column of panels per noise model, one row per family of methods."""

from itertools import pairwise
from typing import NamedTuple

import pandas as pd
from matplotlib.axes import Axes
from matplotlib.figure import Figure

from labelnoise import words
from labelnoise.figures import cells, style, survivors

SPREAD = 0.42  # methods side by side take this share of the gap between two rates
UNRATED = ("given", "rechecked")  # noises whose nominal rate says nothing
# cross-entropy at its two selections, in gray behind every family: selection -> marker, line style
REFERENCES = {"last": ("o", "-"), "best_noisy_val": ("s", ":")}


class Line(NamedTuple):
    """One line of a panel, with what tells it apart."""

    label: str
    facts: pd.DataFrame  # rows of `cells.means` of one method and selection
    look: style.MethodStyle


class Measure(NamedTuple):
    """What is drawn."""

    metric: str  # of the table `intervals`
    selection: str
    label: str  # y axis, with its unit
    scale: float  # 100 for percent
    log: bool = False  # whether the y axis is logarithmic, for what a few methods have much more of


def draw(intervals: pd.DataFrame, measure: Measure, methods: list[str]) -> Figure:
    """Mean and interval of every method in `methods`, a row of panels per network and family.

    Every row shows cross-entropy too, in gray, at the last epoch and with early stopping. Oracles are dashed.
    """
    wanted = intervals[intervals["metric"] == measure.metric]
    rows = _rows(wanted, measure.selection, words.grouped(cells.present(wanted, methods)))
    with style.context():
        fig, grid = _grid(wanted, len(rows))
        for axes, (title, lines) in zip(grid, rows):
            axes[0].set_ylabel(measure.label)
            _row(axes, lines, measure.scale, cells.noises(wanted))
            if measure.log:
                axes[0].set_yscale("log", nonpositive="clip")  # of all: they share it
            _legend(axes, title)
    return fig


def _rows(table: pd.DataFrame, selection: str, groups: list) -> list[tuple[str, list[Line]]]:
    """(heading, lines) of every row of panels; cross-entropy has no row of its own."""
    rows = []
    for network in sorted(table["network"].unique()):
        part = table[table["network"] == network]
        references, oracles = _references(part), cells.oracles(part)
        prefix = f"{words.name(network)}\n" if table["network"].nunique() > 1 else ""
        for family, names in groups:
            own = [name for name in names if name != words.BASELINE]
            lines = [*references, *_lines(part, selection, own, oracles)]
            if own or len(groups) == 1:
                rows.append((prefix + family.title, lines))
    return rows


def _references(table: pd.DataFrame) -> list[Line]:
    found = []
    for selection, (marker, line) in REFERENCES.items():
        facts = cells.means(table, table["metric"].iloc[0], selection)
        look = style.MethodStyle(style.GRAY, marker, line, style.GRAY)
        label = f"{words.name(words.BASELINE)}, {words.SELECTIONS[selection]}"
        found.append(Line(label, facts[facts["method"] == words.BASELINE], look))
    return found


def _lines(table: pd.DataFrame, selection: str, methods: list[str], oracles: set[str]) -> list[Line]:
    facts = cells.means(table, table["metric"].iloc[0], selection)
    looks = style.method_styles(methods, oracles)
    return [Line(words.name(m), facts[facts["method"] == m], looks[m]) for m in methods]


def _grid(table: pd.DataFrame, rows: int) -> tuple[Figure, list[list[Axes]]]:
    """Empty panels, wider where a noise model has several rates; named on top and at the bottom."""
    order = cells.noises(table)
    counts = table.groupby("noise")["noise_rate"].nunique()
    widths = [1.15 + 0.6 * counts[noise] for noise in order]
    fig = Figure(figsize=(2.9 + 0.85 * sum(widths), 2.5 * rows + 0.5), layout="constrained")
    grid = fig.subplots(rows, len(order), sharey="all", sharex="col", squeeze=False, width_ratios=widths)
    for top, bottom, noise in zip(grid[0], grid[-1], order):
        top.set_title(words.noise_name(noise).replace(", ", ",\n"))
        bottom.set_xlabel("noise rate")
        rates = sorted(table.loc[table["noise"] == noise, "noise_rate"].unique())
        margin = 0.6 * _gap(rates)
        bottom.set_xlim(rates[0] - margin, rates[-1] + margin)
        bottom.set_xticks(rates, [f"{rate:g}" if noise not in UNRATED else "as given" for rate in rates])
    return fig, grid


def _gap(rates: list[float]) -> float:
    """Smallest distance between two rates; any positive number does for a single one."""
    return min((b - a for a, b in pairwise(rates)), default=0.2)


def _row(axes: list[Axes], lines: list[Line], scale: float, order: list[str]) -> None:
    for axis, noise in zip(axes, order):
        panels = [line.facts[line.facts["noise"] == noise].sort_values("noise_rate") for line in lines]
        rates = sorted(pd.concat(panels)["noise_rate"].unique())
        spread = _gap(rates) * (SPREAD if len(rates) > 1 else 2.4 * SPREAD)
        for place, (line, facts) in enumerate(zip(lines, panels)):
            _line(axis, facts, scale, spread * ((place + 0.5) / len(lines) - 0.5), line)


def _line(axis: Axes, part: pd.DataFrame, scale: float, shift: float, line: Line) -> None:
    """One line in one panel, moved sideways by `shift` so that its interval stays visible."""
    mean, look = part["mean"] * scale, line.look
    # ECE is 0 at least, and its interval resamples images: it may, rarely, leave out the mean. No bar is negative.
    below, above = (mean - part["low"] * scale).clip(lower=0), (part["high"] * scale - mean).clip(lower=0)
    axis.errorbar(
        part["noise_rate"] + shift, mean, yerr=[below, above], label=line.label,
        color=look.color, marker=look.marker, linestyle=look.linestyle, markerfacecolor=look.fill,
        elinewidth=1, capsize=1.5, markersize=4.5, linewidth=1.3,
    )  # fmt: skip
    if part["floor"].notna().any():  # of ECE alone
        axis.plot(part["noise_rate"] + shift, part["floor"] * scale, "_", color=look.color, markersize=7)
    short = part["incomplete"]
    if short.any():
        where = part.loc[short, "noise_rate"] + shift
        axis.plot(where, mean[short], "x", color=style.BLACK, markersize=9, zorder=4, label=survivors.LABEL)


def _legend(axes: list[Axes], title: str) -> None:
    """Beside its row: a family is read with its own legend, and colours start anew in each."""
    found = dict(zip(*reversed(axes[0].get_legend_handles_labels())))
    crosses = [line for axis in axes for line in axis.lines if line.get_label() == survivors.LABEL]
    found.pop(survivors.LABEL, None)  # last, wherever it was drawn first
    if crosses:
        found[survivors.LABEL] = crosses[0]
    axes[-1].legend(
        list(found.values()), list(found), title=title, loc="upper left", bbox_to_anchor=(1.03, 1.03),
        borderaxespad=0, handlelength=3, alignment="left", fontsize=9, labelspacing=0.35,
        title_fontproperties={"weight": "bold", "size": 10},
    )  # fmt: skip
