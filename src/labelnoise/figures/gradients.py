"""Gradient norm at the logits, per example, through each noise layer, by the confidence of the prediction."""

import pandas as pd
from matplotlib.axes import Axes
from matplotlib.figure import Figure

from labelnoise.figures import panels, style

CAPTIONS = {
    "gradients": (
        "Gradient of one example through noise layers",
        "Norm of the gradient at the logits by the confidence of the prediction; lines: closed forms, dots: "
        "automatic differentiation.",
    ),
}
# layer: name in the legend, colour, line style
LAYERS = {
    "cross_entropy": ("cross-entropy", style.BLACK, "-"),
    "linear": ("linear, all of T positive", style.BLUE, "--"),
    "linear_sparse": ("linear, T with zeros", style.SKY, "-."),
    "nonlinear_kappa": ("nonlinear, W = κI", style.VERMILION, (0, (5, 1, 1, 1, 1, 1))),
    "nonlinear_identity": ("nonlinear, W = I", style.ORANGE, ":"),
}
RELATIONS = {"agree": "the label is the predicted class", "disagree": "the label is another class"}
TICKS = [0.01, 0.1, 0.5, 0.9, 0.99, 0.999]


def draw(gradients: pd.DataFrame) -> Figure:
    """Norm of dL/dz from the table `gradients`: the closed form as a line, autograd as dots on every third point.

    Confidence is drawn in log-odds, since a network that memorises lives near 1.
    """
    with style.context():
        fig, axes = panels.grid(len(RELATIONS), 2, 4.2, 3.2, sharex=True, sharey=True)
        for axis, (relation, title) in zip(axes, RELATIONS.items()):
            _panel(axis, gradients[gradients["relation"] == relation])
            axis.set_title(title)
            axis.set_xlabel("confidence of the prediction")
        axes[0].set_ylim(bottom=0)  # of both panels, and only now: it stops the axis from growing
        axes[0].set_ylabel("norm of the gradient\nat the logits")
        handles, labels = axes[0].get_legend_handles_labels()
        fig.legend(handles, labels, loc="outside lower center", ncols=3, handlelength=3.6)
        fig.suptitle("Gradient of one example: closed form (lines) and autograd (dots)")
    return fig


def _panel(axis: Axes, part: pd.DataFrame) -> None:
    for layer, (label, color, line) in LAYERS.items():
        rows = part[part["layer"] == layer].sort_values("confidence")
        axis.plot(rows["confidence"], rows["closed_form"], color=color, linestyle=line, label=label)
        dots = rows.iloc[::3]
        axis.plot(dots["confidence"], dots["norm"], color=color, linestyle="none", marker="o", markersize=3.5)
    axis.set_xscale("logit")
    ticks = [
        tick for tick in TICKS if tick >= part["confidence"].min()
    ]  # 1 / C; a tick outside would widen the axis
    axis.set_xticks(ticks, [f"{tick:g}" for tick in ticks])
    axis.set_xticks([], minor=True)
