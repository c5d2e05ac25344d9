"""How well suspicion scores rank wrong labels before right ones: every score in every noise cell."""

import matplotlib as mpl
import numpy as np
import pandas as pd
from matplotlib.axes import Axes
from matplotlib.figure import Figure
from matplotlib.patches import Rectangle

from labelnoise import words
from labelnoise.figures import cells, panels, style

CAPTIONS = {
    "detection": (
        "Finding wrong labels: every score in every noise cell",
        "AUPRC, and below it its 95% t interval over seeds; scores by their mean. A useless "
        "score has the noise rate, so compare within a column. Bold: highest of a column; framed: the noise "
        "model.",
    ),
    "detection_differences": (
        "Noise model minus each other score",
        "Difference in AUPRC, paired by run, and its t interval over seeds, 95%, wider where it is marked; "
        f"right of 0 the noise model is better. Filled: marked {words.MARKED_SCORES}. The axis is linear up to "
        "0.05 and logarithmic beyond.",
    ),
}
COLORS = "Blues"  # one hue, from light to dark: it survives gray print and colour blindness
COLUMNS = 4
NEAR = 0.05  # differences below this are drawn to scale, larger ones logarithmically


def overview(intervals: pd.DataFrame, metric: str = "auprc") -> Figure:
    """`metric` of every score (rows, best mean on top) in every noise cell, with its interval below.

    `intervals` is the table `detection_intervals`. Bold: highest of a column; framed: the noise model.
    """
    table = intervals[(intervals["metric"] == metric) & intervals["mean"].notna()]
    items = cells.places(table)
    order = cells.by_mean(table)
    mean, low, high = (_wide(table, name, order, items) for name in ("mean", "low", "high"))
    with style.context():
        fig = Figure(figsize=(3.7 + 0.86 * len(items), 1.6 + 0.38 * len(order)), layout="constrained")
        axis = fig.subplots()
        image = axis.imshow(mean, cmap=COLORS, vmin=0, vmax=1, aspect="auto")
        for (y, x), value in np.ndenumerate(mean):
            if np.isfinite(value):
                _cell(axis, x, y, (value, low[y, x], high[y, x]), value == np.nanmax(mean[:, x]))
        _frame(axis, order, len(items))
        labels = [cells.panel_title(table, *item).replace(" ", "\n") for item in items]
        axis.set_xticks(range(len(items)), labels)
        axis.tick_params(axis="x", labeltop=True, labelbottom=False)
        fig.colorbar(
            image, ax=axis, label=f"{words.COLUMNS[metric]} (below it: interval)", shrink=0.5, aspect=35, pad=0.01
        )
    return fig


def _wide(table: pd.DataFrame, column: str, order: list[str], items: list) -> np.ndarray:
    """[scores, panels] of one column; NaN where a score was not computed."""
    wide = table.pivot(index="score", columns=["network", "noise", "noise_rate"], values=column)
    return wide.reindex(order).reindex(columns=[(n, *cell) for n, cell in items]).to_numpy()


def _cell(axis: Axes, x: int, y: int, fact: tuple[float, float, float], best: bool) -> None:
    mean, low, high = fact
    dark = mpl.colors.Normalize(0, 1)(mean) > 0.6
    look = {"ha": "center", "color": "white" if dark else "black"}
    axis.text(
        x, y - 0.03, f"{mean:.2f}", va="bottom", fontsize=9.5, fontweight="bold" if best else "normal", **look
    )
    if np.isfinite(low):  # one seed has no interval
        axis.text(x, y + 0.06, f"{low:.2f}–{high:.2f}", va="top", fontsize=7.2, **look)


def _frame(axis: Axes, order: list[str], width: int) -> None:
    axis.set_yticks(range(len(order)), [words.name(score) for score in order])
    if words.NOISE_MODEL in order:
        place = order.index(words.NOISE_MODEL)
        axis.get_yticklabels()[place].set_fontweight("bold")
        frame = Rectangle((-0.5, place - 0.5), width, 1, fill=False, edgecolor=style.VERMILION, linewidth=2.2)
        frame.set_clip_on(False)
        axis.add_patch(frame)
    axis.tick_params(length=0)
    axis.grid(False)
    axis.spines[:].set_visible(False)


def differences(intervals: pd.DataFrame, metric: str = "auprc") -> Figure:
    """Noise model minus each other score in `metric`, paired by run, with intervals; a panel per noise cell.

    A filled marker: the difference is marked (column `differs`). Scores in the order of `overview`, so the
    closest rivals on top.
    """
    table = intervals[(intervals["metric"] == metric) & intervals["diff"].notna()]
    order = cells.by_mean(table[table["score"] != words.NOISE_MODEL])
    items = cells.places(table)
    with style.context():
        fig, axes = panels.grid(len(items), COLUMNS, 2.5, 0.9 + 0.18 * len(order), sharey=True, sharex=True)
        for place, (axis, (network, cell)) in enumerate(zip(axes, items)):
            part = cells.at(table[table["network"] == network], *cell)
            _forest(axis, part[part["score"] != words.NOISE_MODEL], order)
            # linear near 0, where the rivals are: a score that finds nothing must not squeeze them
            axis.set_xscale("symlog", linthresh=NEAR, linscale=1.5)
            axis.set_xticks([-NEAR, 0, NEAR, 0.5], [f"−{NEAR}", "0", str(NEAR), "0.5"])
            axis.minorticks_off()
            axis.set_title(cells.panel_title(table, network, cell))
            if place >= len(items) - COLUMNS:
                axis.set_xlabel(f"difference in {words.COLUMNS[metric]}")
        fig.legend(handles=_key(), loc="outside upper center", ncols=2)
    return fig


def _forest(axis: Axes, part: pd.DataFrame, order: list[str]) -> None:
    axis.axvline(0, color=style.GRAY, linewidth=1)
    for row in part.itertuples():
        worse = row.differs and row.diff < 0
        color = style.VERMILION if worse else style.BLUE
        place = order.index(row.score)
        axis.plot([row.diff_low, row.diff_high], [place, place], color=color, linewidth=1.2)
        face = color if row.differs else "white"
        axis.plot(row.diff, place, "s" if worse else "o", color=color, markersize=4, markerfacecolor=face)
    axis.set_yticks(range(len(order)), [words.name(score) for score in order])
    axis.set_ylim(len(order) - 0.4, -0.6)  # the first score on top


def _key() -> list[mpl.lines.Line2D]:
    looks = [
        ("o", style.BLUE, style.BLUE, "the noise model is better"),
        ("s", style.VERMILION, style.VERMILION, "the noise model is worse"),
        ("o", style.BLUE, "white", "undecided"),
    ]
    return [
        mpl.lines.Line2D([], [], linestyle="none", marker=m, color=color, markerfacecolor=face, label=label)
        for m, color, face, label in looks
    ]
