"""The whole study as a table with colours: mean test accuracy of every method in every noise cell."""

from typing import NamedTuple

import matplotlib as mpl
import numpy as np
import pandas as pd
from matplotlib.axes import Axes
from matplotlib.figure import Figure

from labelnoise import words
from labelnoise.figures import cells, style

CAPTIONS = {
    "overview": (
        "Every method in every noise cell",
        "Mean test accuracy in % at the last epoch. Bold: highest of the column without oracles, cross-entropy "
        "with early stopping included.",
    ),
    "overview_early": (
        "Every method in every noise cell, early stopping",
        "The same at the epoch that does best on noisy validation labels.",
    ),
}
COLORS = "Blues"  # one hue, from light to dark: it survives gray print and colour blindness
ROW = 0.25  # inches
EARLY = "best_noisy_val"


class Block(NamedTuple):
    """Rows under one heading."""

    title: str
    rows: list[tuple[str, str]]  # method, selection


def draw(intervals: pd.DataFrame, methods: list[str], selection: str = "last") -> Figure:
    """Mean test accuracy [%] at `selection`, families apart, oracles last; from the table `intervals`.

    Bold: the highest of a noise cell but for oracles. Cross-entropy with early stopping stands there too. A
    cross: the mean leaves out diverged seeds. Network by network, one below the other.
    """
    table = intervals[intervals["metric"] == "test_accuracy"]
    facts = {name: cells.means(table, "test_accuracy", name) for name in {selection, EARLY}}
    shown = pd.concat(facts.values()).drop_duplicates(["network", "noise", "noise_rate", "method", "selection"])
    blocks = [(n, b) for n in sorted(set(shown["network"])) for b in _blocks(shown, methods, selection)]
    columns = cells.cells(shown)
    heights = [len(block.rows) for _, block in blocks]
    with style.context():
        size = (3.6 + 0.8 * len(columns), ROW * sum(heights) + 0.22 * len(blocks) + 1.1)
        fig = Figure(figsize=size, layout="constrained")
        axes = fig.subplots(len(blocks), 1, height_ratios=heights, squeeze=False)[:, 0]
        norm = mpl.colors.Normalize(100 * shown["mean"].min(), 100 * shown["mean"].max())
        for axis, (network, block) in zip(axes, blocks):
            part = shown[shown["network"] == network]
            image = _panel(axis, part, block, columns, norm)
            prefix = f"{words.name(network)}: " if shown["network"].nunique() > 1 else ""
            axis.text(-0.012, 1.0, f"{prefix}{block.title}", ha="right", va="bottom", fontweight="bold",
                      transform=axis.transAxes)  # fmt: skip
        _ticks(axes[0], columns)
        fig.colorbar(image, ax=list(axes), label="mean test accuracy [%]", shrink=0.5, aspect=40, pad=0.01)
        fig.suptitle(words.SELECTIONS[selection])
    return fig


def _blocks(table: pd.DataFrame, methods: list[str], selection: str) -> list[Block]:
    oracles = cells.oracles(table)
    groups = words.grouped(cells.present(table, methods))
    blocks = [Block(f.title, [(m, selection) for m in names if m not in oracles]) for f, names in groups]
    last = [(m, selection) for m in words.ordered(methods) if m in oracles]
    if selection != EARLY and (words.BASELINE, selection) in blocks[0].rows:
        blocks[0].rows.insert(1, (words.BASELINE, EARLY))
    return [block for block in [*blocks, Block(words.ORACLES.capitalize(), last)] if block.rows]


def _panel(axis: Axes, table: pd.DataFrame, block: Block, columns: list, norm: mpl.colors.Normalize):
    best = _best(table, block.rows[0][1])
    values = np.array([[_mean(table, row, cell) for cell in columns] for row in block.rows])
    image = axis.imshow(100 * values, cmap=COLORS, norm=norm, aspect="auto")
    for (y, row), (x, cell) in ((r, c) for r in enumerate(block.rows) for c in enumerate(columns)):
        text = _text(table, row, cell)
        dark = np.isfinite(values[y, x]) and norm(100 * values[y, x]) > 0.6
        bold = best.get(cell) == row
        axis.text(
            x, y, text, ha="center", va="center", fontsize=9, color="white" if dark else "black",
            fontweight="bold" if bold else "normal",
        )  # fmt: skip
    axis.set_yticks(range(len(block.rows)), [_label(*row, block) for row in block.rows])
    axis.set_xticks([])
    axis.tick_params(length=0)
    axis.grid(False)
    axis.spines[:].set_visible(False)
    return image


def _label(method: str, selection: str, block: Block) -> str:
    """Cross-entropy may stand there twice: then the second says at which selection."""
    early = selection == EARLY and any(other != EARLY for _, other in block.rows)
    return words.name(method) + (", early stopping" if early else "")


def _fact(table: pd.DataFrame, row: tuple[str, str], cell: tuple[str, float]) -> pd.DataFrame:
    where = (table["noise"] == cell[0]) & (table["noise_rate"] == cell[1])
    return table[where & (table["method"] == row[0]) & (table["selection"] == row[1])]


def _mean(table: pd.DataFrame, row: tuple[str, str], cell: tuple[str, float]) -> float:
    fact = _fact(table, row, cell)
    return np.nan if fact.empty else fact["mean"].iloc[0]


def _text(table: pd.DataFrame, row: tuple[str, str], cell: tuple[str, float]) -> str:
    fact = _fact(table, row, cell)
    if fact.empty or fact["mean"].isna().all():
        return "–"
    return f"{100 * fact['mean'].iloc[0]:.1f}" + ("×" if fact["incomplete"].iloc[0] else "")


def _best(table: pd.DataFrame, selection: str) -> dict[tuple[str, float], tuple[str, str]]:
    """Noise cell -> the row with the highest mean, but for oracles and for means that leave out seeds."""
    fair = table[~table["oracle"].astype(bool) & ~table["incomplete"] & table["mean"].notna()]
    fair = fair[(fair["selection"] == selection) | (fair["method"] == words.BASELINE)]
    top = fair.loc[fair.groupby(["noise", "noise_rate"])["mean"].idxmax()]
    return {(r.noise, r.noise_rate): (r.method, r.selection) for r in top.itertuples()}


def _ticks(axis: Axes, columns: list[tuple[str, float]]) -> None:
    labels = [words.cell_name(*cell).replace(" ", "\n") for cell in columns]
    axis.set_xticks(range(len(columns)), labels, fontsize=9)
    axis.tick_params(axis="x", labeltop=True, labelbottom=False)
