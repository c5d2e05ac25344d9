"""Where the noise is unknown: mean difference to early-stopped cross-entropy over all noises, and the worst."""

import pandas as pd
from matplotlib.axes import Axes
from matplotlib.figure import Figure

from labelnoise import words
from labelnoise.figures import style

CAPTIONS = {
    "unknown": (
        "Which method, if the noise is unknown",
        "Test accuracy less that of early-stopped cross-entropy, a mean over noise cells with wrong labels, "
        "with equal weight for each kind of noise; bars: t interval over seeds. Filled: may be the best of its "
        "panel (Hsu's comparisons with the best). Crosses: the one of these cells in which a method is worst. "
        "Dashed, below the line: oracles.",
    ),
}
ROW = 0.21  # inches


def draw(table: pd.DataFrame) -> Figure:
    """From the table `unknown`, in percentage points; a panel per network and selection, the best on top."""
    items = [(n, s) for n in sorted(table["network"].unique()) for s in words.HONEST]
    parts = [table[(table["network"] == n) & (table["selection"] == s)] for n, s in items]
    rows, several = max(map(len, parts)), table["network"].nunique() > 1
    with style.context():
        size = (10.5, (ROW * rows + 1.0) * len(parts) / len(words.HONEST) + 0.6)
        fig = Figure(figsize=size, layout="constrained")
        axes = fig.subplots(len(parts) // len(words.HONEST), len(words.HONEST), squeeze=False, sharex=True).flat
        for axis, (network, selection), part in zip(axes, items, parts, strict=True):
            _panel(axis, ordered(part))
            prefix = f"{words.name(network)}: " if several else ""
            axis.set_title(f"{prefix}{words.SELECTIONS[selection]}")
            axis.set_xlabel("difference [percentage points]")
        handles, labels = axes[0].get_legend_handles_labels()
        fig.legend(handles, labels, loc="outside upper center", ncols=len(labels), handlelength=3)
    return fig


def ordered(part: pd.DataFrame) -> pd.DataFrame:
    """Rows with the highest mean first; oracles, and methods without a mean, last."""
    told = part["oracle"].astype(bool)
    return part.assign(oracle=told).sort_values(["oracle", "diff", "method"], ascending=[True, False, True])


def _panel(axis: Axes, part: pd.DataFrame) -> None:
    axis.axvline(0, color=style.GRAY, linewidth=1)
    for place, row in enumerate(part.itertuples()):
        line = "--" if row.oracle else "-"
        axis.plot([100 * row.diff_low, 100 * row.diff_high], [place, place], line, color=style.BLUE, linewidth=1.2)
        face = style.BLUE if row.tied else "white"
        axis.plot(100 * row.diff, place, "o", color=style.BLUE, markersize=4.5, markerfacecolor=face)
        axis.plot(100 * row.worst_diff, place, "x", color=style.VERMILION, markersize=4.5)
    axis.plot([], [], "o-", color=style.BLUE, label="mean and t interval; filled: may be the best")
    axis.plot([], [], "x", color=style.VERMILION, label="worst noise cell")
    axis.set_yticks(range(len(part)), [words.name(method) for method in part["method"]])
    axis.set_ylim(len(part) - 0.4, -0.6)  # the first method on top
    if part["oracle"].any() and not part["oracle"].all():
        axis.axhline((~part["oracle"]).sum() - 0.5, color="#9A9A9A", linewidth=0.9)
