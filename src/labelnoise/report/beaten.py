"""Which methods beat early-stopped cross-entropy, where, and where none does; the table of ranks."""

import pandas as pd

from labelnoise import words
from labelnoise.figures import cells
from labelnoise.report import numbers
from labelnoise.report.accuracy import COMPARISONS, compared, outcome, split
from labelnoise.report.layout import GROUP, ROW, Table

EARLY = "best_noisy_val"


def score(intervals: pd.DataFrame, methods: list[str]) -> Table | None:
    """Number of noise cells in which a method is marked better or worse than cross-entropy, by family."""
    facts = {pair: compared(intervals, *pair) for pair in COMPARISONS}
    outcomes = ["better", "worse", "undecided"]
    if any(rows["pair_incomplete"].any() for rows in facts.values()):
        outcomes.append("incomplete")
    rows = [
        {GROUP: heading, ROW: words.name(method)} | _counts(facts, own, method, outcomes)
        for heading, own in split(pd.concat(facts.values()))
        for method in words.ordered(methods)
        if (own["method"] == method).any()
    ]
    if not rows:
        return None
    note = (
        f"{' / '.join(outcomes)}: noise cells in which the paired difference in test accuracy is above 0 and "
        f"marked, below 0 and marked, or not marked. Columns: epoch of the method, against that of cross-entropy. "
        f"Better and worse are {words.MARKED}"
    )
    if "incomplete" in outcomes:
        note += " Incomplete: seeds diverged on either side; counted as nothing else."
    return Table("score", "Better or worse than cross-entropy", note, pd.DataFrame(rows), {}, False)


def _counts(facts: dict, own: pd.DataFrame, method: str, outcomes: list[str]) -> dict[str, str]:
    """How many cells of a method have each outcome, per comparison; a dash where it is not compared."""
    found = {}
    for pair, table in facts.items():
        rows = table[(table["method"] == method) & table["network"].isin(own["network"])]
        ended = outcome(rows)
        counts = " / ".join(str((ended == word).sum()) for word in outcomes)
        found[_short(*pair)] = counts if len(rows) else "–"
    return found


def _short(selection: str, baseline_selection: str) -> str:
    """A comparison as the heading of a column."""
    return f"{words.SELECTIONS[selection]}, against {words.SELECTIONS[baseline_selection]}"


def winners(intervals: pd.DataFrame) -> Table | None:
    """Per noise cell: the methods without an oracle that are marked better than early-stopped cross-entropy."""
    found = {selection: _fair(compared(intervals, selection, EARLY)) for selection in ("last", EARLY)}
    everything = pd.concat(found.values())
    if everything.empty:
        return None
    base = cells.means(intervals, "test_accuracy", EARLY)
    rows = [
        {ROW: _place(everything, network, cell), "cross-entropy, early stopping": _accuracy(base, network, cell)}
        | {_heading(s): _better(part, network, cell) for s, part in found.items()}
        for network in sorted(everything["network"].unique())
        for cell in cells.cells(everything)
    ]
    note = (
        "Methods without an oracle that are better than cross-entropy with early stopping, the largest difference "
        f"first. They are {words.MARKED}"
    )
    return Table("winners", "What beats early-stopped cross-entropy", note, pd.DataFrame(rows), {}, False)


def _fair(rows: pd.DataFrame) -> pd.DataFrame:
    return rows[~rows["oracle"].astype(bool) & (rows["method"] != words.BASELINE)]


def _heading(selection: str) -> str:
    return f"better at {words.SELECTIONS[selection]}"


def _place(table: pd.DataFrame, network: str, cell: tuple[str, float]) -> str:
    prefix = f"{words.name(network)}: " if table["network"].nunique() > 1 else ""
    return prefix + words.cell_name(*cell)


def _at(rows: pd.DataFrame, network: str, cell: tuple[str, float]) -> pd.DataFrame:
    return rows[(rows["network"] == network) & (rows["noise"] == cell[0]) & (rows["noise_rate"] == cell[1])]


def _accuracy(means: pd.DataFrame, network: str, cell: tuple[str, float]) -> str:
    rows = _at(means[means["method"] == words.BASELINE], network, cell)
    return "–" if rows.empty else numbers.interval(rows).replace("\n", " ")


def _better(rows: pd.DataFrame, network: str, cell: tuple[str, float]) -> str:
    here = _at(rows, network, cell)
    won = here[outcome(here) == "better"].sort_values("diff", ascending=False)
    names = ", ".join(words.name(method) for method in won["method"])
    return f"{len(won)} of {len(here)}: {names}" if names else f"none of {len(here)}"


def ranks(table: pd.DataFrame) -> Table:
    """Mean rank of every method over noise cells, oracles apart."""
    order = table.sort_values(["mean_rank", "method"])
    told = order["oracle"].astype(bool)
    rows = [
        {GROUP: heading, ROW: words.name(r.method), "mean rank": _rank(r.mean_rank, ".1f"),
         "best": _rank(r.best, "g"), "worst": _rank(r.worst, "g"), "noise cells": f"{r.cells:g}",
         "mean accuracy [%]": numbers.percent(r.mean_accuracy),
         "early-stopped cross-entropy beaten": f"{r.beats_early_stopping:g}",
         "beaten by it": f"{r.loses_to_early_stopping:g}"}
        for heading, part in (("methods", order[~told]), (words.ORACLES, order[told]))
        for r in part.itertuples()
    ]  # fmt: skip
    note = (
        "Rank by mean test accuracy at the last epoch within each noise cell, 1 is best; averaged over cells. The "
        f"last two columns count cells.{_significance(table)}"
    )
    return Table("ranks", "Ranks over noise cells", note, pd.DataFrame(rows), {}, False)


def _rank(value: float, form: str) -> str:
    """An oracle has no rank."""
    return "–" if pd.isna(value) else format(value, form)


def _significance(table: pd.DataFrame) -> str:
    """Friedman's test and Nemenyi's critical difference, where there are enough cells and methods for them."""
    facts = table[["critical_difference", "friedman_p"]].iloc[0]
    if facts.isna().any():
        return ""
    return (
        f" Mean ranks that differ by less than {facts['critical_difference']:.1f} cannot be told apart (Nemenyi); "
        f"p = {facts['friedman_p']:.1g} that all methods are alike (Friedman). Both take noise cells as "
        "independent, though cells of one data set share its images: read them as a description."
    )
