"""How complex the learned function is, epoch by epoch (Arpit et al. 2017, arXiv 1706.05394, sections 3 and 4).

Critical sample ratio: share of training examples with another predicted class within a box of some radius. Gini
coefficient of the loss sensitivity: 0 where the loss depends on all examples alike, 1 where on one alone.
"""

import pandas as pd
from matplotlib.figure import Figure

from labelnoise import words
from labelnoise.figures import conditions, panels, style

CAPTIONS = {
    "complexity": (
        "Complexity of what was learned",
        "Left: share of training images with another predicted class close by. Right: how unequally the loss "
        f"depends on the examples. {words.SPREAD}",
    ),
}


def draw(complexity: pd.DataFrame, radius: float) -> Figure:
    """A row per network: critical sample ratio at `radius`, and the Gini coefficient; means over seeds."""
    table = complexity[complexity["radius"] == radius]
    if table.empty:
        have = ", ".join(f"{value:g}" for value in sorted(complexity["radius"].unique()))
        raise ValueError(f"radius: no rows for {radius:g}; the table has {have}")
    networks = conditions.networks(table)
    with style.context():
        fig, axes = panels.grid(2 * len(networks), 2, 3.7, 2.5)
        for row, network in enumerate(networks):
            part, (ratio, gini) = table[table["network"] == network], axes[2 * row : 2 * row + 2]
            conditions.lines(ratio, part, "critical_sample_ratio", 100, markers=True)
            conditions.lines(gini, part, "sensitivity_gini", markers=True)
            ratio.set_ylabel(f"critical samples [%]\nat radius {radius:g}")
            gini.set_ylabel("Gini coefficient of\nloss sensitivity")
            ratio.set_ylim(-2, 102)
            for axis in (ratio, gini):
                axis.set_title(conditions.name(network))
                axis.set_xscale("log", base=2)
                axis.xaxis.set_major_formatter("{x:g}")
        for axis in axes[-2:]:
            axis.set_xlabel("epoch")
        handles, labels = axes[0].get_legend_handles_labels()
        fig.legend(handles, labels, loc="outside lower center", ncols=len(labels), handlelength=3.2)
        fig.suptitle(style.mean_and_band(table))
    return fig
