"""Test accuracy against the noise rate: early-stopped cross-entropy, the best three methods, the band of the rest.

A panel per kind of noise with several rates, and one for all kinds with a single one.
"""

import numpy as np
import pandas as pd
from matplotlib.axes import Axes
from matplotlib.figure import Figure

from labelnoise import words
from labelnoise.figures import cells, style, survivors

EARLY = "best_noisy_val"
BEST = 3  # methods with a line
LOOKS = [(style.BLUE, "o"), (style.GREEN, "s"), (style.PURPLE, "^")]
SIZE = (4.1, 2.7)  # inches
SINGLE = "single"  # the panel of kinds with one rate


def draw(intervals: pd.DataFrame) -> dict[str, Figure]:
    """Name -> figure, from the table `intervals`: both sides with early stopping, of the first network by name."""
    own = intervals[intervals["network"] == min(intervals["network"])]
    rows = cells.means(own, "test_accuracy", EARLY)
    rows = rows[~rows["oracle"].astype(bool)].merge(_marks(own), how="left")
    kinds = [kind for kind in cells.noises(rows) if kind != "none"] or ["none"]
    rates = rows.groupby("noise")["noise_rate"].nunique()
    several = [kind for kind in kinds if rates[kind] > 1]
    items = [(f"by_rate_{kind}", words.noise_name(kind), _of_kind(rows, kind)) for kind in several]
    alone = rows[rows["noise"].isin(set(kinds) - set(several))]
    if len(alone):
        places = {cell: at for at, cell in enumerate(cells.cells(alone))}
        at = [places[cell] for cell in zip(alone["noise"], alone["noise_rate"], strict=True)]
        items.append((f"by_rate_{SINGLE}", "one rate each" if len(places) > 1 else "", alone.assign(x=at)))
    names = best(rows)
    return {name: _draw(title, part, names, name.endswith(SINGLE)) for name, title, part in items}


def best(rows: pd.DataFrame) -> list[str]:
    """The methods with the highest mean over noise cells, each kind of noise alike; without lost seeds."""
    noisy = rows[(rows["noise"] != "none") & (rows["method"] != words.BASELINE)]
    complete = noisy.groupby("method").filter(lambda part: not part["incomplete"].any())
    means = complete.groupby(["method", "noise"])["mean"].mean().groupby("method").mean()
    return list(means.sort_values(ascending=False, kind="stable").index[:BEST])


def _marks(intervals: pd.DataFrame) -> pd.DataFrame:
    """Whether a method is marked better (1), worse (-1) or neither (0) by the whole matrix."""
    rows = survivors.compared(intervals, "test_accuracy", EARLY)
    rows = rows[rows["baseline_selection"] == EARLY]
    mark = np.sign(rows["diff"]) * rows["differs"].astype(bool)
    return rows[["noise", "noise_rate", "method"]].assign(mark=mark)


def _of_kind(rows: pd.DataFrame, kind: str) -> pd.DataFrame:
    """Rates of one kind, from no noise on."""
    part = rows[rows["noise"].isin([kind, "none"])]
    return part.assign(x=100 * part["noise_rate"])


def _draw(title: str, part: pd.DataFrame, names: list[str], apart: bool) -> Figure:
    """apart: kinds of noise side by side, which no line joins."""
    with style.context():
        fig = Figure(figsize=SIZE, layout="constrained")
        axis = fig.subplots()
        rest = part[~part["method"].isin([*names, words.BASELINE])]
        band = 100 * rest.groupby("x")["mean"].agg(["min", "max"])
        if apart:
            axis.vlines(band.index, band["min"], band["max"], color="#E4E4E4", linewidth=14)
        else:
            axis.fill_between(band.index, band["min"], band["max"], color="#E4E4E4", linewidth=0)
        ends = []
        for method, look in [(words.BASELINE, (style.BLACK, "D")), *zip(names, LOOKS, strict=False)]:
            rows = part[part["method"] == method].sort_values("x")
            if len(rows):
                ends.append((_line(axis, rows, look, apart), method, look))
        axis.set_title(title)
        axis.set_ylabel("test accuracy [%]")
        axis.set_ylim(top=101)
        _ticks(axis, part, apart)
        _labels(axis, ends)
    return fig


def _ticks(axis: Axes, part: pd.DataFrame, apart: bool) -> None:
    if not apart:
        axis.set_xlabel("noise rate [%]")
        axis.set_xticks(sorted(part["x"].unique()))
        return
    named = part.drop_duplicates("x").sort_values("x")
    texts = [words.cell_name(row.noise, row.noise_rate).replace(" ", "\n") for row in named.itertuples()]
    axis.set_xticks(named["x"], texts, fontsize=8)
    axis.set_xlim(-0.5, part["x"].max() + 0.5)


def _line(axis: Axes, rows: pd.DataFrame, look: tuple[str, str], apart: bool) -> float:
    """Means with their intervals; filled where marked better, white where undecided. Where the line ends."""
    color, marker = look
    line = "" if apart else "--" if color == style.BLACK else "-"
    axis.plot(rows["x"], 100 * rows["mean"], linestyle=line, color=color, linewidth=1.5)
    for row in rows.itertuples():
        axis.plot([row.x] * 2, [100 * row.low, 100 * row.high], color=color, linewidth=1)
        face = {1: color, -1: style.VERMILION}.get(row.mark, "white")
        axis.plot(row.x, 100 * row.mean, marker, color=color, markerfacecolor=face, markersize=6)
    return 100 * float(rows["mean"].iloc[-1])


def _labels(axis: Axes, ends: list) -> None:
    """Names beside the ends of lines, moved apart where they would lie on one another."""
    low, high = axis.get_ylim()
    step, at = (high - low) * 0.085, -np.inf
    for y, method, (color, _) in sorted(ends, key=lambda end: end[0]):
        at = max(y, at + step)
        axis.text(1.03, at, words.name(method), transform=axis.get_yaxis_transform(), color=color, va="center",
                  fontsize=9)  # fmt: skip
