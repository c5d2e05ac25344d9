"""What networks can fit: training loss and accuracy per epoch (Zhang et al. 2017, arXiv 1611.03530, figure 1a)."""

import pandas as pd
from matplotlib.figure import Figure

from labelnoise import words
from labelnoise.figures import conditions, panels, style

CAPTIONS = {"fit": ("Fitting images and labels with and without a pattern", words.SPREAD)}
# column of the table: label of the axis, factor
QUANTITIES = {
    "train_loss": ("training loss [nats]", 1.0),
    "train_accuracy": ("given labels fitted [%]", 100.0),
    "test_accuracy": ("test accuracy [%]", 100.0),
}


def draw(fit_curves: pd.DataFrame) -> Figure:
    """A row per network; mean over seeds, band from the lowest to the highest seed."""
    items = [(network, column) for network in conditions.networks(fit_curves) for column in QUANTITIES]
    with style.context():
        fig, axes = panels.grid(len(items), len(QUANTITIES), 3.0, 2.4)
        for axis, (network, column) in zip(axes, items, strict=True):
            label, scale = QUANTITIES[column]
            conditions.lines(axis, fit_curves[fit_curves["network"] == network], column, scale)
            axis.set_title(conditions.name(network))
            axis.set_ylabel(label)
            axis.set_ylim((-2, 102) if scale > 1 else (0, None))
        for axis in axes[-len(QUANTITIES) :]:
            axis.set_xlabel("epoch")
        handles, labels = axes[0].get_legend_handles_labels()
        fig.legend(handles, labels, loc="outside lower center", ncols=len(labels), handlelength=3.2)
        fig.suptitle(style.mean_and_band(fit_curves))
    return fig
