"""The estimated noise matrix T[i, j] = P(given label j | true class i) of one noise cell, beside the truth."""

import matplotlib as mpl
import numpy as np
import pandas as pd
from matplotlib.axes import Axes
from matplotlib.figure import Figure

from labelnoise.figures import cells, style

CAPTIONS = {
    "noise_matrix": (
        "Noise matrix T",
        "How often an image of a class is given which label, by the noise model, in one noise cell: % of the "
        "true class, mean over seeds, with the range between two models. Of many classes, the largest confusions "
        "alone. Beside it the truth, where it is known.",
    ),
}
LARGEST = 12  # classes whose matrix can be read with its ranges
MOST = 24  # entries of the dot plot
COLORS = "Blues"


def draw(matrix: pd.DataFrame, noise: str, noise_rate: float) -> Figure:
    """T in % with the range between two models: a map up to LARGEST classes, else the largest confusions as dots.

    `matrix` is the table `noise_matrix`; of several networks the first is shown. The truth stands beside it.
    """
    part = cells.at(matrix, noise, noise_rate)
    part = part[part["network"] == min(part["network"])]
    return heat(part) if part["clean"].nunique() <= LARGEST else dots(part)


def class_order(names: set[str]) -> list[str]:
    """Class names in order: by number where all are numbers, else by name."""
    return sorted(names, key=int if all(name.isdigit() for name in names) else str)


def heat(part: pd.DataFrame) -> Figure:
    """Rows: true class, columns: given label; the range between two models below each estimate."""
    order = class_order(set(part["clean"]) | set(part["given"]))
    known = part["truth"].notna().any()
    wide = {n: _wide(part, n, order) for n in ("estimate", "low", "high", "truth")}
    with style.context():
        side = 1.5 + 0.56 * len(order)
        fig = Figure(figsize=((2 if known else 1) * side + 0.8, 0.86 * side + 0.6), layout="constrained")
        axes = fig.subplots(1, 2 if known else 1, squeeze=False)[0]
        image = _map(axes[0], wide["estimate"], order)
        _texts(axes[0], wide["estimate"], (wide["low"], wide["high"]))
        axes[0].set_title("estimate and range [%]")
        axes[0].set_ylabel("true class")
        if known:
            _map(axes[1], wide["truth"], order)
            _texts(axes[1], wide["truth"], None)
            axes[1].set_title("truth [%]")
        fig.colorbar(image, ax=list(axes), label="share of the true class [%]", shrink=0.7, aspect=30, pad=0.01)
    return fig


def _wide(part: pd.DataFrame, column: str, order: list[str]) -> np.ndarray:
    return 100 * part.pivot(index="clean", columns="given", values=column).reindex(order, columns=order).to_numpy()


def _map(axis: Axes, values: np.ndarray, order: list[str]) -> mpl.image.AxesImage:
    # The square root brings out rates of a few percent, which matter here; the diagonal stays the darkest.
    image = axis.imshow(values, cmap=COLORS, norm=mpl.colors.PowerNorm(0.5, 0, 100))
    long = max(len(name) for name in order) > 3
    names = [style.plain(name) for name in style.shortened(order).values()]
    axis.set_xticks(range(len(order)), names, rotation=40 if long else 0, ha="right" if long else "center")
    axis.set_yticks(range(len(order)), names)
    axis.set_xlabel("given label")
    axis.tick_params(length=0)
    axis.grid(False)
    axis.spines[:].set_visible(False)
    return image


def _texts(axis: Axes, values: np.ndarray, bounds: tuple[np.ndarray, np.ndarray] | None) -> None:
    for (y, x), value in np.ndenumerate(values):
        if np.isfinite(value):
            color = "white" if value > 36 else "black"  # 36% is at 0.6 of the square-root scale
            axis.text(
                x, y, number(value), ha="center", va="bottom" if bounds else "center", fontsize=9, color=color
            )
            if bounds:
                interval = f"{number(bounds[0][y, x])}–{number(bounds[1][y, x])}"
                axis.text(x, y + 0.07, interval, ha="center", va="top", fontsize=6.5, color=color)


def number(percent: float) -> str:
    """One decimal below ten, none above: three characters at most."""
    return f"{percent:.1f}" if percent < 9.95 else f"{percent:.0f}"


def confusions(part: pd.DataFrame, most: int) -> pd.DataFrame:
    """The `most` largest entries off the diagonal, the largest first; equal ones by name."""
    off = part[part["clean"] != part["given"]]
    return off.sort_values(["estimate", "clean", "given"], ascending=[False, True, True]).head(most)


def dots(part: pd.DataFrame) -> Figure:
    """The largest confusions with their ranges, and the truth as hollow squares."""
    shown, short = confusions(part, MOST), style.shortened(class_order(set(part["clean"]) | set(part["given"])))
    pairs = [style.plain(f"{short[row.clean]} → {short[row.given]}") for row in shown.itertuples()]
    with style.context():
        fig = Figure(figsize=(7.5, 1.3 + 0.24 * len(shown)), layout="constrained")
        axis = fig.subplots()
        for place, row in enumerate(shown.itertuples()):
            axis.plot([100 * row.low, 100 * row.high], [place, place], color=style.BLUE, linewidth=1.4)
        places = range(len(shown))
        axis.plot(100 * shown["estimate"], places, "o", color=style.BLUE, label="estimate and range")
        if shown["truth"].notna().any():
            axis.plot(
                100 * shown["truth"], places, "s", color=style.VERMILION, markerfacecolor="none", label="truth"
            )
        axis.set_yticks(places, pairs)
        axis.set_ylim(len(shown) - 0.4, -0.6)
        axis.set_xlabel("share of the true class that is given this label [%]")
        axis.set_xlim(left=min(0, axis.get_xlim()[0]))
        fig.legend(loc="outside upper center", ncols=2)
    return fig
