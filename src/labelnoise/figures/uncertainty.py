"""Bootstrap uncertainty of examples with a wrong label against those with a right one.

Statistics come from out-of-bag predictions (Breiman 1996, "Out-of-bag estimation"): does the spread over
bags tell which labels are wrong?
"""

import pandas as pd
from matplotlib.axes import Axes
from matplotlib.figure import Figure

from labelnoise import words
from labelnoise.figures import cells, style

CAPTIONS = {
    "alternatives": (
        "The noise model beside scores that need networks",
        "AUPRC, and below it its 95% t interval over seeds, on the examples that networks "
        "trained on; scores by their mean over the cells that have them: bags and planted labels are there in "
        "few. A useless score has the noise rate, so compare within a column. Bold: highest of a column; framed: "
        "the noise model.",
    ),
    "uncertainty": (
        "Bootstrap uncertainty of right and wrong labels",
        "Out-of-bag; boxes: quartiles, whiskers: 5% and 95% quantile over examples, averaged over seeds. AUROC: "
        "chance that a wrong label looks more suspicious than a right one; high entropy and mutual information, "
        "and low self-confidence, count as suspicious.",
    ),
}
NARROWEST = 3.6  # inches: room for the legend
QUANTILES = ["q05", "q25", "q50", "q75", "q95"]
# labels: place beside the tick, colour, hatching
GROUPS = {"right": (-0.2, style.SKY, ""), "wrong": (0.2, style.VERMILION, "////")}


def draw(uncertainty: pd.DataFrame, alternatives: pd.DataFrame | None = None) -> Figure:
    """Boxes per noise cell: median, quartiles, 5% and 95% quantile, each averaged over seeds; a row per statistic.

    With the table `alternatives`, the AUROC of the statistic of the same name stands above each pair.
    """
    rows = [(n, s) for n in sorted(set(uncertainty["network"])) for s in sorted(set(uncertainty["statistic"]))]
    order = cells.cells(uncertainty)
    with style.context():
        width = max(NARROWEST, 1.2 + 1.05 * len(order))
        fig = Figure(figsize=(width, 2.3 * len(rows) + 1), layout="constrained")
        axes = fig.subplots(len(rows), 1, sharex=True, squeeze=False)[:, 0]
        for axis, (network, statistic) in zip(axes, rows):
            part = uncertainty[(uncertainty["network"] == network) & (uncertainty["statistic"] == statistic)]
            _panel(axis, part, order)
            _annotate(axis, _auroc(alternatives, network, statistic), order)
            axis.set_ylabel(statistic_label(statistic))
        axes[-1].set_xticks(range(len(order)), [_tick(*cell) for cell in order])
        axes[-1].set_xlabel("noise model and rate")
        handles = [axes[0].patches[0], axes[0].patches[-1]]
        fig.legend(handles, ["right labels", "wrong labels"], loc="outside upper center", ncols=2)
    return fig


def statistic_label(statistic: str) -> str:
    """Name and unit: entropies are measured in nats, probabilities have no unit."""
    bare = statistic.removeprefix("oob_")
    return words.name(bare) + (" [nats]" if bare in ("entropy", "mutual_information") else "")


def _tick(noise: str, rate: float) -> str:
    return words.cell_name(noise, rate).replace(" ", "\n")


def _panel(axis: Axes, part: pd.DataFrame, order: list[tuple[str, float]]) -> None:
    """The boxes of one statistic; a cell without wrong labels has no box for them."""
    for labels, (shift, color, hatch) in GROUPS.items():
        rows = part[(part["labels"] == labels) & (part["count"] > 0)]
        boxes = rows.groupby(["noise", "noise_rate"])[QUANTILES].mean().dropna()
        places = [order.index(cell) + shift for cell in boxes.index]
        stats = [dict(zip(["whislo", "q1", "med", "q3", "whishi"], row)) for row in boxes.to_numpy()]
        axis.bxp(
            stats, positions=places, widths=0.34, showfliers=False, patch_artist=True, manage_ticks=False,
            boxprops={"facecolor": color, "hatch": hatch, "edgecolor": "black", "linewidth": 0.8},
            medianprops={"color": "black", "linewidth": 1.8},
        )  # fmt: skip
    axis.set_xlim(-0.6, len(order) - 0.4)


def _auroc(alternatives: pd.DataFrame | None, network: str, statistic: str) -> pd.Series:
    """AUROC of one statistic per cell, averaged over seeds; empty where the table has none."""
    if alternatives is None:
        return pd.Series(dtype=float)
    part = alternatives[(alternatives["network"] == network) & (alternatives["score"] == statistic)]
    return part.groupby(["noise", "noise_rate"])["auroc"].mean().dropna()


def _annotate(axis: Axes, auroc: pd.Series, order: list[tuple[str, float]]) -> None:
    for cell, value in auroc.items():
        axis.annotate(
            f"AUROC {value:.2f}", (order.index(cell), 1.0), xycoords=("data", "axes fraction"),
            ha="center", va="bottom", fontsize=8.5,
        )  # fmt: skip
