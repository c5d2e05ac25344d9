"""The conditions of the memorisation study: their order, names and looks, and lines of means over seeds."""

import pandas as pd
from matplotlib.axes import Axes

from labelnoise.figures import style

# condition: name in the legend, colour, line style, marker
LOOKS = {
    "true_labels": ("true labels", style.BLACK, "-", "o"),
    "corrupted_labels": ("corrupted labels", style.ORANGE, (0, (5, 1)), "D"),
    "random_labels": ("random labels", style.VERMILION, "--", "s"),
    "shuffled_pixels": ("shuffled pixels", style.GREEN, "-.", "^"),
    "random_pixels": ("random pixels", style.BLUE, ":", "v"),
    "gaussian": ("Gaussian pixels", style.PURPLE, (0, (3, 1, 1, 1, 1, 1)), "P"),
}

NAMES = {
    "mlp": "MLP",
    "small_cnn": "small CNN",
    "resnet18": "ResNet-18",
    "resnet34": "ResNet-34",
    "resnet32": "ResNet-32",
    "preact_resnet18": "PreAct-ResNet-18",
    "preact_resnet32": "PreAct-ResNet-32",
    "cnn9": "9-layer CNN",
    "small_inception": "small Inception",
    "small_inception_plain": "small Inception without batch normalisation",
    "small_alexnet": "small AlexNet",
}


def networks(table: pd.DataFrame) -> list[str]:
    """Networks of a table, in the order of the alphabet."""
    return sorted(table["network"].unique())


def name(network: str) -> str:
    """A network as people write it."""
    return NAMES.get(network, network.replace("_", " "))


def lines(axis: Axes, part: pd.DataFrame, column: str, scale: float = 1.0, markers: bool = False) -> None:
    """A line per condition of `part` over its epochs: mean over seeds, band from the lowest to the highest."""
    for condition, (label, color, line, marker) in LOOKS.items():
        rows = part[part["condition"] == condition]
        if rows.empty:
            continue
        stats = scale * rows.groupby("epoch")[column].agg(["mean", "min", "max"]).dropna()
        shape = marker if markers else None
        axis.plot(stats.index, stats["mean"], color=color, linestyle=line, marker=shape, label=label)
        axis.fill_between(stats.index, stats["min"], stats["max"], color=color, alpha=0.15, linewidth=0)
