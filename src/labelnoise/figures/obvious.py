"""The list in short: what obvious errors hold in every noise cell, and what a stated P(wrong) is worth."""

import pandas as pd
from matplotlib.figure import Figure

from labelnoise.figures import cells, style
from labelnoise.figures.tiers import pooled

SIZE = (5.4, 0.2, 0.8)  # inches: width, height of a row, and of the rest
READ = ["noise_model_mean", "noise_model"]  # what lists state, by the gate: the first that a table has is told


def draw(tiers: pd.DataFrame, reliability: pd.DataFrame) -> dict[str, Figure]:
    """Name -> figure, from the tables `tiers` and `detection_reliability`; a table without rows has none."""
    rows = pooled(tiers) if len(tiers) else tiers
    rows = rows[(rows["tier"] == "obvious") & rows["errors_found_share"].notna()] if len(rows) else rows
    found = {"obvious_cells": _cells(rows)} if len(rows) else {}
    score = next((name for name in READ if (reliability["score"] == name).any()), None)
    return found | ({"obvious_stated": _stated(reliability[reliability["score"] == score])} if score else {})


def _cells(rows: pd.DataFrame) -> Figure:
    items = cells.places(rows)
    with style.context():
        fig = Figure(figsize=(SIZE[0], SIZE[1] * len(items) + SIZE[2] + 0.3), layout="constrained")
        axis = fig.subplots()
        for place, (network, cell) in enumerate(items):
            row = cells.at(rows[rows["network"] == network], *cell).iloc[0]
            axis.plot(100 * row["errors_found_share"], place, "D", color=style.BLACK, markersize=5)
            if pd.notna(row["share_wrong"]):
                ends = ["low", "high"] if pd.notna(row["low"]) else ["smallest", "largest"]
                axis.plot([100 * row[end] for end in ends], [place] * 2, color=style.BLUE, linewidth=2)
                axis.plot(100 * row["share_wrong"], place, "o", color=style.BLUE, markersize=7)
            count = f"{row['count']:,.0f}"
            axis.annotate(count, (1.02, place), xycoords=("axes fraction", "data"), va="center", fontsize=8)
        names = [cells.panel_title(rows, *item).replace("\n", " ") for item in items]
        axis.set_yticks(range(len(items)), names)
        axis.set_ylim(len(items) - 0.4, -0.6)
        axis.set_xlim(-3, 103)
        axis.set_xlabel("%")
        key = [axis.plot([], [], "o-", color=style.BLUE, label="obvious errors that are wrong")[0],
               axis.plot([], [], "D", color=style.BLACK, label="of all errors")[0]]  # fmt: skip
        fig.legend(handles=key, loc="outside upper center", ncols=2)
    return fig


def _stated(rows: pd.DataFrame) -> Figure:
    """All noise cells and seeds pooled; the size of a point says how many labels it has."""
    rows = rows[rows["count"] > 0]
    weight = rows["count"]
    sums = rows.assign(stated=rows["stated"] * weight, share_wrong=rows["share_wrong"] * weight)
    found = sums.groupby("bin")[["stated", "share_wrong", "count"]].sum()
    with style.context():
        fig = Figure(figsize=(4.1, 3.1), layout="constrained")
        axis = fig.subplots()
        axis.plot([0, 100], [0, 100], "--", color=style.GRAY, linewidth=1)
        x, y = (100 * found[name] / found["count"] for name in ("stated", "share_wrong"))
        axis.plot(x, y, "o-", color=style.BLUE, markersize=6)
        axis.set_xlabel("stated P(wrong) [%]")
        axis.set_ylabel("share that is wrong [%]")
        axis.annotate("says too little", (4, 96), va="top", color=style.GRAY)
        axis.annotate("says too much", (98, 4), ha="right", color=style.GRAY)
    return fig
