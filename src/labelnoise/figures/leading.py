"""The best methods where the noise is unknown: the table `unknown` in short, for the first screen."""

import pandas as pd
from matplotlib.figure import Figure

from labelnoise import words
from labelnoise.figures import style
from labelnoise.figures.unknown import ordered

SHOWN = 8  # methods of a panel
WIDTH, ROW = 5.8, 0.25  # inches
EARLY = "best_noisy_val"
FLOOR = -20  # percentage points: what is worse is drawn there, as an arrow


def draw(table: pd.DataFrame) -> dict[str, Figure]:
    """A figure per selection, early stopping first: name -> figure.

    Methods that know no truth and lost no seed, of the first network by name; the best by mean, and cross-entropy.
    No figure where that is the only one.
    """
    own = table[table["network"] == min(table["network"])]
    whole = own["n_seeds"] == own["n_seeds"].max()
    rows = ordered(own[whole & ~own["oracle"].astype(bool) & own["diff"].notna()])
    others = rows[rows["method"] != words.BASELINE]
    selections = [name for name in reversed(words.HONEST) if (others["selection"] == name).any()]
    return {f"leading_{name}": _draw(rows[rows["selection"] == name], name) for name in selections}


def shown(rows: pd.DataFrame) -> pd.DataFrame:
    """The best SHOWN of a selection, and cross-entropy where it is not among them."""
    base = rows[rows["method"] == words.BASELINE]
    best = rows.head(SHOWN)
    return best if words.BASELINE in set(best["method"]) else pd.concat([best, base])


def _draw(rows: pd.DataFrame, selection: str) -> Figure:
    part = shown(rows)
    with style.context():
        fig = Figure(figsize=(WIDTH, ROW * len(part) + 0.9), layout="constrained")
        axis = fig.subplots()
        axis.axvline(0, color=style.BLACK, linewidth=1)
        for place, row in enumerate(part.itertuples()):
            worst, far = 100 * row.worst_diff, 100 * row.worst_diff < FLOOR
            axis.plot([100 * row.diff_low, 100 * row.diff_high], [place] * 2, color=style.BLUE, linewidth=2)
            face = style.BLUE if row.tied else "white"
            axis.plot(100 * row.diff, place, "o", color=style.BLUE, markersize=7, markerfacecolor=face)
            if row.method != words.BASELINE or selection != EARLY:  # held against itself it is 0 everywhere
                axis.plot(max(worst, FLOOR), place, "<" if far else "x", color=style.VERMILION, markersize=6)
            axis.annotate(f"{row.trainings:.0f}×", (1.02, place), xycoords=("axes fraction", "data"), va="center")
        axis.set_yticks(range(len(part)), [words.name(method) for method in part["method"]], fontsize=10)
        axis.set_ylim(len(part) - 0.4, -0.6)  # the best on top
        axis.grid(axis="y", visible=False)
        axis.set_xlabel("points against early-stopped cross-entropy")
        axis.set_title(words.SELECTIONS[selection])
    return fig
