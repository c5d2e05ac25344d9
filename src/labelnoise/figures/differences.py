"""Paired difference to cross-entropy in every noise cell (a forest plot), methods sorted by family."""

import pandas as pd
from matplotlib.axes import Axes
from matplotlib.figure import Figure

from labelnoise import words
from labelnoise.figures import cells, panels, style, survivors

CAPTIONS = {
    "differences": (
        "Difference to cross-entropy",
        "Methods at the last epoch minus cross-entropy at the last epoch and with early stopping; bars: t "
        f"interval of the paired difference over seeds, 95%, wider where it is marked. Filled: {words.MARKED} "
        "Dashed: oracles. Families are separated by a line.",
    ),
}
# baseline selection: place beside the row, marker, colour
BASELINES = {"last": (-0.17, "o", style.BLUE), "best_noisy_val": (0.17, "s", style.VERMILION)}
COLUMNS = 3


def draw(intervals: pd.DataFrame, methods: list[str], selection: str = "last") -> Figure:
    """Test accuracy of a method at `selection` minus cross-entropy's [percentage points], with intervals.

    A filled marker: the difference is marked (column `differs`). Dashed: an oracle. Same seeds, splits and noise
    on both sides. A cross: seeds diverged on either side. A line above a row starts a family.
    """
    table = survivors.compared(intervals, "test_accuracy", selection)
    groups = words.grouped(cells.present(table, methods))
    order = [name for _, names in groups for name in names]
    items = [(n, cell) for n in sorted(table["network"].unique()) for cell in cells.cells(table)]
    with style.context():
        fig, axes = panels.grid(len(items), COLUMNS, 3.0, 1.0 + 0.21 * len(order), sharey=True)
        for place, (axis, (network, cell)) in enumerate(zip(axes, items)):
            _panel(axis, cells.at(table[table["network"] == network], *cell), order)
            _separate(axis, [len(names) for _, names in groups])
            prefix = f"{network}: " if table["network"].nunique() > 1 else ""
            axis.set_title(prefix + words.cell_name(*cell))
            if place >= len(items) - COLUMNS:
                axis.set_xlabel("difference [percentage points]")
        if table["pair_incomplete"].any():
            axes[0].plot([], [], "x", color=style.GRAY, markeredgewidth=2, label=survivors.LABEL)
        handles, labels = axes[0].get_legend_handles_labels()
        fig.legend(handles, labels, loc="outside upper center", ncols=2, handlelength=3)
    return fig


def _panel(axis: Axes, part: pd.DataFrame, order: list[str]) -> None:
    axis.axvline(0, color=style.GRAY, linewidth=1)
    for baseline, (shift, marker, color) in BASELINES.items():
        rows = part[part["baseline_selection"] == baseline]
        label = f"against cross-entropy, {words.SELECTIONS[baseline]}"
        axis.plot([], [], color=color, marker=marker, label=label)
        for row in rows.itertuples():
            _bar(axis, row, order.index(row.method) + shift, marker, color)
    axis.plot([], [], "D", color=style.GRAY, label="filled: better or worse")
    axis.plot([], [], "--", color=style.GRAY, label="dashed: oracle, given the truth")
    axis.set_yticks(range(len(order)), [words.name(method) for method in order])
    axis.set_ylim(len(order) - 0.4, -0.6)  # the first method on top


def _separate(axis: Axes, sizes: list[int]) -> None:
    """A line between two families."""
    for place in range(1, len(sizes)):
        axis.axhline(sum(sizes[:place]) - 0.5, color="#9A9A9A", linewidth=0.9)


def _bar(axis: Axes, row: tuple, place: float, marker: str, color: str) -> None:
    line = "--" if row.oracle else "-"
    axis.plot([100 * row.diff_low, 100 * row.diff_high], [place, place], line, color=color, linewidth=1.2)
    axis.plot(
        100 * row.diff,
        place,
        color=color,
        marker="x" if row.pair_incomplete else marker,
        markersize=6 if row.pair_incomplete else 3.8,
        markeredgewidth=1.8 if row.pair_incomplete else None,
        markerfacecolor=color if row.differs else "white",
    )
