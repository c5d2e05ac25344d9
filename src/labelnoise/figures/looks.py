"""Rechecking in short: labels looked at per error found, and how often the band of errors left is right."""

import pandas as pd
from matplotlib.figure import Figure

from labelnoise import words
from labelnoise.figures import cells, style

SIZE = (4.9, 2.9)  # inches
NAMED = 2  # noise cells whose lines have a name: the most costly


def draw(budget: pd.DataFrame, left: pd.DataFrame) -> dict[str, Figure]:
    """Name -> figure, from the tables `budget` and `errors_left`; without known errors there is none."""
    rows = per_error(budget)
    held = covered(left)
    found = {"looks_per_error": _per_error(rows)} if len(rows) else {}
    return found | ({"looks_left": _left(held)} if len(held) else {})


def per_error(budget: pd.DataFrame) -> pd.DataFrame:
    """By noise cell and share rechecked, in the noise model's order and without errors of people: share of the
    errors found, and labels looked at per error found; means over seeds."""
    rows = budget[(budget["order"] == words.NOISE_MODEL) & (budget["rechecker_error"] == 0)]
    rows = rows[(rows["realised_rate"] > 0) & (rows["errors_found_share"] > 0) & (rows["rechecked_share"] > 0)]
    looks = rows["rechecked_share"] / (rows["errors_found_share"] * rows["realised_rate"])
    keys = ["noise", "noise_rate", "rechecked_share"]
    return rows.assign(looks=looks).groupby(keys)[["errors_found_share", "looks"]].mean().reset_index()


def covered(table: pd.DataFrame) -> pd.DataFrame:
    """Runs and budgets of known truth, with the columns `held` (whether the band holds it) and `more` (whether
    more are left than it says). Where everything was rechecked nothing is left to tell."""
    rows = table[table["truth"].notna() & (table["rechecked_share"] < 1)]
    return rows.assign(held=rows["truth"].between(rows["low"], rows["high"]), more=rows["truth"] > rows["high"])


def _per_error(rows: pd.DataFrame) -> Figure:
    parts = {cell: cells.at(rows, *cell) for cell in cells.cells(rows)}
    most = sorted(parts, key=lambda cell: -_until(parts[cell]))[:NAMED]
    colors = dict(zip(most, (style.VERMILION, style.BLUE), strict=False))
    with style.context():
        fig = Figure(figsize=SIZE, layout="constrained")
        axis = fig.subplots()
        for cell, part in parts.items():
            part = part[part["errors_found_share"] <= 0.99]
            color, name = colors.get(cell, style.GRAY), words.cell_name(*cell)
            look = {"linewidth": 2, "label": name, "zorder": 3} if cell in most else {"linewidth": 1}
            axis.plot(100 * part["errors_found_share"], part["looks"], color=color, **look)
        others = len(parts) - len(most)
        if others:
            axis.plot([], [], color=style.GRAY, label=f"{others} other noise cells")
        axis.set_ylim(0, 4)
        axis.set_xlim(0, 100)
        axis.axhline(1, color=style.BLACK, linewidth=1, linestyle="--")
        axis.set_xlabel("wrong labels found [%]")
        axis.set_ylabel("labels looked at per error")
        axis.legend(loc="upper left")
    return fig


def _until(part: pd.DataFrame) -> float:
    """Looks per error where about four fifths are found."""
    return part.loc[(part["errors_found_share"] - 0.8).abs().idxmin(), "looks"]


def _left(held: pd.DataFrame) -> Figure:
    """Share of runs whose band holds the truth, by the share rechecked."""
    found = held.groupby("rechecked_share")[["held", "more"]].mean()
    with style.context():
        fig = Figure(figsize=SIZE, layout="constrained")
        axis = fig.subplots()
        axis.plot(100 * found.index, 100 * found["held"], "o-", color=style.BLUE, label="band holds the truth")
        axis.plot(
            100 * found.index, 100 * found["more"], "x-", color=style.VERMILION, label="more left than it says"
        )
        axis.set_xlabel("labels rechecked [%]")
        axis.set_ylabel("runs [%]")
        axis.set_ylim(-3, 103)
        axis.legend()
    return fig
