"""What regularisers do to fitting and to generalising (Zhang et al. 2017, table 1)."""

from collections.abc import Iterable

import pandas as pd
from matplotlib.axes import Axes
from matplotlib.figure import Figure

from labelnoise.figures import conditions, panels, style

CAPTIONS = {
    "regularizers": (
        "What regularisers do to fitting and to generalising",
        "Each mark is a seed. A hollow triangle: labels that were not fitted until the last epoch.",
    ),
}
ORDER = (
    "none",
    "weight_decay",
    "dropout",
    "augmentation",
    "small_lr",
    "large_lr",
)  # from the top; others after them
SHIFTS = {"true_labels": 0.15, "random_labels": -0.15}  # beside the row of the regulariser


def draw(fit: pd.DataFrame, caps: dict[str, int]) -> Figure:
    """A row per network: epochs to fit, share of random labels fitted at the end, test accuracy with true labels.

    caps: epochs of the runs of each network; a run that did not fit stands there, as a hollow triangle.
    """
    table = fit[fit["condition"].isin(SHIFTS)]
    names = [name for name in ORDER if name in set(table["regularizer"])]
    names += sorted(set(table["regularizer"]) - set(ORDER))
    networks = conditions.networks(table)
    with style.context():
        fig, axes = panels.grid(3 * len(networks), 3, 2.9, 0.7 + 0.28 * len(names), sharey=True)
        for row, network in enumerate(networks):
            part, (epochs, fitted, tested) = table[table["network"] == network], axes[3 * row : 3 * row + 3]
            random = part["condition"] == "random_labels"
            _epochs(epochs, part, names, caps[network])
            rows = part[random], part[~random]
            _marks(fitted, rows[0], 100 * rows[0]["train_accuracy"], names, "random_labels")
            _marks(tested, rows[1], 100 * rows[1]["test_accuracy"], names, "true_labels")
            epochs.set_title(f"{conditions.name(network)}: epochs to fit")
            fitted.set_title("random labels fitted [%]")
            tested.set_title("test accuracy, true labels [%]")
        axes[0].set_yticks(range(len(names)), [name.replace("_", " ") for name in names])
        axes[0].set_ylim(len(names) - 0.5, -0.5)
        handles, labels = axes[0].get_legend_handles_labels()
        fig.legend(handles, labels, loc="outside lower center", ncols=3)
        fig.suptitle(f"a mark is a seed: {style.seeds(table)}")
    return fig


def _epochs(axis: Axes, part: pd.DataFrame, names: list[str], cap: int) -> None:
    axis.axvline(cap, color=style.GRAY, linewidth=1)
    axis.plot([], [], ">", color=style.GRAY, markerfacecolor="white", label="not fitted by the last epoch")
    for condition in SHIFTS:
        rows = part[part["condition"] == condition]
        late = rows[rows["censored"]]
        _marks(axis, rows, rows["epochs_to_fit"], names, condition, label=conditions.LOOKS[condition][0])
        _marks(axis, late, [cap] * len(late), names, condition, marker=">", markerfacecolor="white")
    axis.set_xlim(0, None)


def _marks(axis: Axes, rows: pd.DataFrame, values: Iterable, names: list[str], condition: str, **look) -> None:
    """A mark per run at its value, in the row of its regulariser."""
    _, color, _, marker = conditions.LOOKS[condition]
    places = [names.index(name) + SHIFTS[condition] for name in rows["regularizer"]]
    axis.plot(values, places, **{"color": color, "marker": marker, "linestyle": "none", "alpha": 0.8} | look)
