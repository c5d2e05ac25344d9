"""The few numbers of a data set that the overview of all data sets shows: term and value."""

import pandas as pd

from labelnoise.figures import cells, scores
from labelnoise.figures import tiers as tiers_figure
from labelnoise.figures.survivors import BASELINE
from labelnoise.report import numbers


def numbers_of(tables: dict[str, pd.DataFrame], noise: str, rate: float) -> dict[str, str]:
    """Term and value, each about the noise cell that the report dwells on; what has no table is left out."""
    left_out = len(tables.get("left_out", []))
    files = {"files left out": f"{left_out}, as they cannot be read (listed under Noise)"} if left_out else {}
    return {**_accuracy(tables["intervals"], noise, rate), **_labels(tables, noise, rate), **files}


def _accuracy(intervals: pd.DataFrame, noise: str, rate: float) -> dict[str, str]:
    """Cross-entropy, and the method without an oracle that has the highest mean."""
    rows = cells.means(intervals, "test_accuracy", "last")
    rows = rows[~rows["incomplete"] & ~rows["oracle"].astype(bool)]
    if rows.empty:
        return {}
    cell = scores.chosen(rows, noise, rate)
    part = cells.at(rows, *cell)
    best = part.loc[part["mean"].idxmax()]
    shown = {
        "test accuracy, last epoch": _interval(best, f"{cells.name(best['method'])}, the highest of all methods")
    }
    base = part[part["method"] == BASELINE]
    if len(base):
        shown["test accuracy, cross-entropy"] = _interval(base.iloc[0], "")
    return {f"{term} ({cells.cell_name(*cell)})": value for term, value in shown.items()}


def _interval(row: pd.Series, told: str) -> str:
    low, high = numbers.percent(row["low"]), numbers.percent(row["high"])
    return f"{numbers.percent(row['mean'])}% [{low}, {high}]" + (f"; {told}" if told else "")


def _labels(tables: dict[str, pd.DataFrame], noise: str, rate: float) -> dict[str, str]:
    """Estimated share of wrong labels, and how many are flagged."""
    shown = {}
    rates = tables.get("noise_rate", pd.DataFrame(columns=["estimator"]))
    own = rates[rates["estimator"] == scores.PROPOSED]
    if len(own):
        cell = scores.chosen(own, noise, rate)
        mean = cells.at(own, *cell)[["estimate", "low", "high", "realised_rate"]].mean()
        truth = f"; truth {numbers.percent(mean['realised_rate'])}%" if pd.notna(mean["realised_rate"]) else ""
        value = _interval(mean.rename({"estimate": "mean"}), "")
        shown[f"wrong labels, estimated ({cells.cell_name(*cell)})"] = value + truth
    if "tiers" in tables and len(tables["tiers"]):
        pooled = tiers_figure.pooled(tables["tiers"])
        cell = scores.chosen(pooled, noise, rate)
        shown[f"label errors found ({cells.cell_name(*cell)})"] = _tiers(cells.at(pooled, *cell))
    return shown


def _tiers(part: pd.DataFrame) -> str:
    """Size of the tiers, and the share that is wrong where it is known."""
    said = []
    for tier in ("obvious", "possible"):
        row = part[part["tier"] == tier].iloc[0]
        right = f" ({row['share_wrong']:.1%} of them wrong)" if pd.notna(row["share_wrong"]) else ""
        said.append(f"{row['count'] / row['seeds']:,.0f} {tier}{right}")
    return ", ".join(said) + ", mean over seeds"
