"""The whole study as a table: mean test accuracy of every method in every noise cell, coloured where it is better
or worse than early-stopped cross-entropy."""

from typing import NamedTuple

import matplotlib as mpl
import numpy as np
import pandas as pd
from matplotlib.axes import Axes
from matplotlib.figure import Figure

from labelnoise import words
from labelnoise.figures import cells, style, survivors

CAPTIONS = {
    "overview": (
        "Every method in every noise cell",
        "Mean test accuracy in % at the last epoch. Blue: better than early-stopped cross-entropy, orange: worse, "
        f"white: undecided; {words.MARKED} Bold: highest of the column without oracles, cross-entropy with early "
        "stopping included.",
    ),
    "overview_early": (
        "Every method in every noise cell, early stopping",
        "The same at the epoch that does best on noisy validation labels.",
    ),
}
# between these two hues everybody can tell
COLORS = mpl.colors.LinearSegmentedColormap.from_list("difference", [style.VERMILION, "#FFFFFF", style.BLUE])
DARK = 0.38  # from white, of all between the two: from here on letters are white
MOST = 30  # points of difference that have the full colour
ROW = 0.25  # inches
EARLY = "best_noisy_val"
KEYS = ["network", "noise", "noise_rate", "method"]


class Block(NamedTuple):
    """Rows under one heading."""

    title: str
    rows: list[tuple[str, str]]  # method, selection


def draw(intervals: pd.DataFrame, methods: list[str], selection: str = "last") -> Figure:
    """Mean test accuracy [%] at `selection`, families apart, oracles last; from the table `intervals`.

    Colour: the difference to early-stopped cross-entropy, where the whole table marks it. Bold: the highest of a
    noise cell but for oracles. Cross-entropy with early stopping stands there too. A cross: the mean leaves out
    diverged seeds. Network by network, one below the other.
    """
    table = intervals[intervals["metric"] == "test_accuracy"]
    facts = {name: cells.means(table, "test_accuracy", name) for name in {selection, EARLY}}
    shown = pd.concat(facts.values()).drop_duplicates([*KEYS, "selection"])
    shown = shown.drop(columns=["diff", "differs"]).merge(_marked(table), "left", [*KEYS, "selection"])
    blocks = [(n, b) for n in sorted(set(shown["network"])) for b in _blocks(shown, methods, selection)]
    columns = cells.cells(shown)
    heights = [len(block.rows) for _, block in blocks]
    with style.context():
        size = (3.6 + 0.8 * len(columns), ROW * sum(heights) + 0.22 * len(blocks) + 1.1)
        fig = Figure(figsize=size, layout="constrained")
        axes = fig.subplots(len(blocks), 1, height_ratios=heights, squeeze=False)[:, 0]
        norm = mpl.colors.Normalize(-MOST, MOST, clip=True)
        for axis, (network, block) in zip(axes, blocks):
            part = shown[shown["network"] == network]
            image = _panel(axis, part, block, columns, norm)
            prefix = f"{words.name(network)}: " if shown["network"].nunique() > 1 else ""
            axis.text(-0.012, 1.0, f"{prefix}{block.title}", ha="right", va="bottom", fontweight="bold",
                      transform=axis.transAxes)  # fmt: skip
        _ticks(axes[0], columns)
        label = "points against early-stopped\ncross-entropy; white: undecided"
        fig.colorbar(image, ax=list(axes), label=label, shrink=0.5, aspect=40, pad=0.01)
        fig.suptitle(words.SELECTIONS[selection])
    return fig


def _marked(table: pd.DataFrame) -> pd.DataFrame:
    """Differences to early-stopped cross-entropy: 0 where they are undecided."""
    rows = pd.concat([survivors.compared(table, "test_accuracy", selection) for selection in words.HONEST])
    rows = rows[rows["baseline_selection"] == EARLY]
    shown = rows["diff"].where(rows["differs"].astype(bool) & ~rows["pair_incomplete"], 0.0)
    return rows[[*KEYS, "selection"]].assign(shown=shown)


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
    values = np.array([[_shown(table, row, cell) for cell in columns] for row in block.rows])
    image = axis.imshow(100 * values, cmap=COLORS, norm=norm, aspect="auto", interpolation="none")
    for (y, row), (x, cell) in ((r, c) for r in enumerate(block.rows) for c in enumerate(columns)):
        text = _text(table, row, cell)
        dark = abs(norm(100 * values[y, x]) - 0.5) > DARK
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


def _shown(table: pd.DataFrame, row: tuple[str, str], cell: tuple[str, float]) -> float:
    """The difference that is coloured; 0 where there is none."""
    fact = _fact(table, row, cell)["shown"].fillna(0.0)
    return 0.0 if fact.empty else fact.iloc[0]


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
