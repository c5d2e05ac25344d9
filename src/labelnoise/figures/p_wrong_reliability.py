"""Is the stated probability that a label is wrong the share that is wrong? A reliability diagram per score."""

import pandas as pd
from matplotlib.axes import Axes
from matplotlib.figure import Figure

from labelnoise import words
from labelnoise.figures import cells, style
from labelnoise.statistics import proportions

CAPTIONS = {
    "p_wrong_reliability": (
        "Does P(wrong) = 70% mean 70% wrong?",
        "Share of wrong labels against the stated probability, in bins, with 95% Wilson intervals; first rows: "
        "all noise cells pooled, then one of them. Points above the diagonal: more labels are wrong than stated, "
        "the probability is too low. Points below it: fewer are wrong than stated, too many labels are "
        "suspected. Bars: examples in a bin, on a logarithmic axis.",
    ),
}
SHOWN = [
    "noise_model", "noise_model_mean", "noise_model_high", "ridge_self_confidence", "probe_self_confidence",
    "neighbours_self_confidence",
]  # fmt: skip
KEYS = ["network", "score", "bin"]
LEVEL = 0.95  # of the intervals, as the caption has it


def draw(reliability: pd.DataFrame, noise: str, noise_rate: float) -> Figure:
    """Share of wrong labels against stated P(label wrong) [%]: all noise cells pooled, and one cell below.

    `reliability` is the table `detection_reliability`. Bars: Wilson intervals, examples taken as independent.
    Below each diagram: how many examples a bin holds, on a logarithmic axis.
    """
    shown = reliability[reliability["score"].isin(SHOWN)]
    rows = [("all noise cells", pooled(shown))]
    if ((shown["noise"] == noise) & (shown["noise_rate"] == noise_rate)).any():
        rows.append((words.cell_name(noise, noise_rate), cells.at(shown, noise, noise_rate)))
    rows = [
        (n, heading, part[part["network"] == n]) for heading, part in rows for n in sorted(set(part["network"]))
    ]
    order = [score for score in SHOWN if score in set(shown["score"])]
    with style.context():
        fig = Figure(figsize=(0.9 + 1.9 * len(order), 0.5 + 2.9 * len(rows)), layout="constrained")
        grid = fig.subplots(
            2 * len(rows), len(order), squeeze=False, sharex=True, height_ratios=[3, 1.1] * len(rows)
        )
        for place, (network, heading, part) in enumerate(rows):
            prefix = f"{network}: " if reliability["network"].nunique() > 1 else ""
            upper, lower = grid[2 * place], grid[2 * place + 1]
            for column, score in enumerate(order):
                _diagram(upper[column], part[part["score"] == score])
                _counts(lower[column], part[part["score"] == score], part["count"].max())
                for axis in (upper[column], lower[column]):
                    axis.tick_params(labelleft=column == 0)
            upper[0].set_ylabel(f"{prefix}{heading}\nshare wrong [%]")
            lower[0].set_ylabel("examples")
        for column, score in enumerate(order):
            grid[0][column].set_title(_title(score), fontsize=10)
            grid[-1][column].set_xlabel("stated P(wrong) [%]")
        handles, labels = grid[0][0].get_legend_handles_labels()
        fig.legend(handles, labels, loc="outside lower center", ncols=2)
    return fig


def _title(score: str) -> str:
    """Its name without what all of them state, on two lines where it is long."""
    return words.name(score).removesuffix(": self-confidence").replace(", ", ",\n")


def pooled(reliability: pd.DataFrame) -> pd.DataFrame:
    """One row per network, score and bin over all noise cells: count, stated, share_wrong and Wilson interval."""
    part = reliability[reliability["count"] > 0]
    part = part.assign(stated=part["stated"] * part["count"], wrong=part["share_wrong"] * part["count"])
    total = part.groupby(KEYS, as_index=False)[["count", "stated", "wrong"]].sum()
    counted = zip(total["wrong"].round().astype(int), total["count"].astype(int))
    bounds = [proportions.wilson(wrong, count, LEVEL) for wrong, count in counted]
    return total.assign(
        stated=total["stated"] / total["count"], share_wrong=total["wrong"] / total["count"],
        low=[low for low, _ in bounds], high=[high for _, high in bounds],
    )  # fmt: skip


def _diagram(axis: Axes, part: pd.DataFrame) -> None:
    part = part[part["count"] > 0].sort_values("bin")
    x, y = 100 * part["stated"], 100 * part["share_wrong"]
    bars = [(y - 100 * part["low"]).clip(lower=0), (100 * part["high"] - y).clip(lower=0)]
    axis.plot([0, 100], [0, 100], color=style.GRAY, linewidth=1, label="as stated")
    axis.errorbar(
        x, y, yerr=bars, color=style.BLUE, marker="o", markersize=3.5, linestyle="none", capsize=1.5,
        elinewidth=1, label="share of wrong labels, 95% Wilson interval",
    )  # fmt: skip
    axis.set_xlim(-3, 103)
    axis.set_ylim(-3, 103)
    axis.set_xticks([0, 50, 100])
    axis.set_yticks([0, 50, 100])


def _counts(axis: Axes, part: pd.DataFrame, most: float) -> None:
    part = part[part["count"] > 0]
    axis.bar(100 * part["stated"], part["count"], width=4, color="#9A9A9A")
    axis.set_yscale("log")
    axis.set_ylim(0.8, 2 * most)
