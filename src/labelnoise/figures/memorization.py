"""Learning curves in one noise cell: what is generalised, what is memorised, and when.

The measures are those of Zhang et al. 2017 (arXiv 1611.03530) and Arpit et al. 2017 (arXiv 1706.05394):
the share of training examples, with a right or a wrong label, on which the network predicts that label.
"""

import math

import pandas as pd
from matplotlib.axes import Axes
from matplotlib.figure import Figure
from matplotlib.ticker import MaxNLocator

from labelnoise import words
from labelnoise.figures import cells, panels, style

CAPTIONS = {
    "memorization": (
        "Learning curves in one noise cell",
        f"{words.SPREAD} Methods as chosen in params.yaml; each with the epochs of all its rounds.",
    ),
}
# column: name in the legend, colour, line style
QUANTITIES = {
    "test_accuracy": ("test accuracy", style.BLACK, "-"),
    "fitted_clean": ("right labels fitted", style.BLUE, "--"),
    "fitted_wrong": ("wrong labels fitted", style.VERMILION, "-."),
    "recovered": ("wrong labels recovered", style.GREEN, ":"),
}


def draw(curves: pd.DataFrame, methods: list[str], noise: str, noise_rate: float) -> Figure:
    """Mean over seeds [%] per epoch, with a band from the lowest to the highest seed; a panel per method.

    `curves` is the table of that name, `methods` those to show; ValueError when it has no such noise cell.
    """
    part = cells.at(curves[curves["method"].isin(methods)], noise, noise_rate)
    oracles = cells.oracles(part)
    known = [column for column in QUANTITIES if curves[column].notna().any()]  # without the truth: test accuracy
    items = [(n, m) for n in sorted(part["network"].unique()) for m in cells.present(part, methods)]
    with style.context():
        fig, axes = panels.grid(len(items), 3, 3.1, 2.4, sharey=True)
        for place, (axis, (network, method)) in enumerate(zip(axes, items)):
            _panel(axis, part[(part["network"] == network) & (part["method"] == method)], known)
            oracle = " (given the truth)" if method in oracles and "oracle" not in method else ""
            prefix = f"{network}: " if part["network"].nunique() > 1 else ""
            axis.set_title(prefix + words.name(method) + oracle)
            if place % 3 == 0:
                axis.set_ylabel("share of examples [%]")
            if place >= len(items) - 3:
                axis.set_xlabel("epoch")
        handles, labels = axes[0].get_legend_handles_labels()
        lines = math.ceil(len(labels) / max(1, fig.get_figwidth() // 2.1))
        columns = math.ceil(len(labels) / lines)
        fig.legend(handles, labels, loc="outside lower center", ncols=columns, handlelength=3.2)
        fig.suptitle(_title(part, noise, noise_rate))
    return fig


def _title(part: pd.DataFrame, noise: str, noise_rate: float) -> str:
    return f"{words.cell_name(noise, noise_rate)}: {style.mean_and_band(part)}"


def _panel(axis: Axes, part: pd.DataFrame, columns: list[str]) -> None:
    by_epoch = part.groupby("epoch")
    for column in columns:
        label, color, line = QUANTITIES[column]
        share = 100 * by_epoch[column].agg(["mean", "min", "max"]).dropna()
        axis.plot(share.index, share["mean"], color=color, linestyle=line, label=label)
        axis.fill_between(share.index, share["min"], share["max"], color=color, alpha=0.15, linewidth=0)
    axis.set_ylim(-2, 102)
    # an axis of its own: rounds make many epochs of some
    axis.xaxis.set_major_locator(MaxNLocator(5, integer=True))
