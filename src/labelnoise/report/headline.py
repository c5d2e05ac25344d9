"""The few numbers of a data set that the overview of all data sets shows: term and value."""

import pandas as pd

from labelnoise import results, words
from labelnoise.figures import cells
from labelnoise.report import gate, noise_kind, numbers


def numbers_of(
    tables: dict[str, pd.DataFrame], noise: str, rate: float, listed: pd.Series | None
) -> dict[str, str]:
    """Term and value, each about the noise cell that the report dwells on; what has no table is left out.

    listed: the row of the table `gate` whose labels people get a list of."""
    left_out = len(tables.get("left_out", []))
    files = {"files left out": f"{left_out}, as they cannot be read (listed under Noise)"} if left_out else {}
    labels = {**_labels(tables, noise, rate), **_list(tables, listed)}
    best = tables.get("best", results.empty("best"))
    return {**labels, **_accuracy(tables["intervals"], best, noise, rate), **files}


def _accuracy(intervals: pd.DataFrame, best: pd.DataFrame, noise: str, rate: float) -> dict[str, str]:
    """Cross-entropy, and the method without an oracle that has the highest mean with what ties with it. The winner
    has no interval of its own: of many methods it is the one that was lucky too."""
    rows = cells.means(intervals, "test_accuracy", "last")
    rows = rows[~rows["incomplete"] & ~rows["oracle"].astype(bool)]
    if rows.empty:
        return {}
    cell = cells.chosen(rows, noise, rate)
    part = cells.at(rows, *cell)
    top = part.loc[part["mean"].idxmax()]
    told = f"{numbers.percent(top['mean'])}%; {words.name(top['method'])}, the highest of all methods"
    shown = {"test accuracy, last epoch": told + _tied(best, cell, top["network"])}
    base = part[part["method"] == words.BASELINE]
    if len(base):
        row = base.iloc[0]
        within = numbers.bounds(row["low"], row["high"], numbers.percent).replace("\n", " ")
        shown["test accuracy, cross-entropy"] = f"{numbers.percent(row['mean'])}%{within}"
    return {f"{term} ({words.cell_name(*cell)})": value for term, value in shown.items()}


def _tied(best: pd.DataFrame, cell: tuple[str, float], network: str) -> str:
    """How many may be the best, by comparisons with the best."""
    here = (best["noise"] == cell[0]) & (best["noise_rate"] == cell[1]) & (best["network"] == network)
    rows = best[here & (best["contest"] == "last")]
    return f" ({rows['tied'].sum():.0f} of {len(rows)} tied with the best)" if len(rows) else ""


def _labels(tables: dict[str, pd.DataFrame], noise: str, rate: float) -> dict[str, str]:
    """Share of wrong labels, as a range between two models."""
    rates = tables.get("noise_rate", pd.DataFrame(columns=["estimator"]))
    own = rates[rates["estimator"] == words.NOISE_MODEL]
    if own.empty:
        return {}
    cell = cells.chosen(own, noise, rate)
    truth = cells.at(own, *cell)["realised_rate"].mean()
    known = f"; in truth {numbers.percent(truth)}%" if pd.notna(truth) else ""
    value = noise_kind.how_much(own, tables.get("gate"), cell) + known
    return {f"wrong labels ({words.cell_name(*cell)})": value}


def _list(tables: dict[str, pd.DataFrame], listed: pd.Series | None) -> dict[str, str]:
    """What the list that people get holds: of one noise cell and seed, as the list itself has it."""
    if listed is None or tables.get("tiers", pd.DataFrame()).empty:
        return {}
    term = f"list to recheck ({gate.run_name(listed)})"
    if listed["verdict"] in gate.UNTIERED:
        return {term: gate.UNTIERED[listed["verdict"]]}
    part = cells.at(tables["tiers"], listed["noise"], listed["noise_rate"])
    part = part[(part["seed"] == listed["seed"]) & (part["network"] == listed["network"])].set_index("tier")
    if part.empty:
        return {}
    counts = part["count"]
    right = part.loc["obvious", "share_wrong"]
    wrong = f"; {right:.1%} of the obvious are wrong" if pd.notna(right) else ""
    return {
        term: f"{counts['obvious']:,.0f} obvious errors ({counts['sure']:,.0f} of them sure), "
        f"{counts['possible']:,.0f} possible{wrong}"
    }
