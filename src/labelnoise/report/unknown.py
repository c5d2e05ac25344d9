"""The report on what to take where kind and rate of the noise are unknown."""

import pandas as pd

from labelnoise import words
from labelnoise.figures.unknown import ordered
from labelnoise.report import numbers
from labelnoise.report.layout import GROUP, ROW, Table

EARLY = "best_noisy_val"
WHEN = {EARLY: "with early stopping", "last": "at the last epoch"}


def table(found: pd.DataFrame, level: float) -> Table:
    """A row per method, the highest mean first, oracles apart."""
    several = found["network"].nunique() > 1
    rows = [
        {GROUP: (f"{words.name(network)}: " if several else "") + _heading(selection, row.oracle)} | _row(row)
        for network in sorted(found["network"].unique())
        for selection in WHEN
        for row in ordered(_at(found, network, selection)).itertuples()
    ]
    note = (
        "Test accuracy less that of early-stopped cross-entropy on the same seeds, in percentage points: mean "
        f"over noise cells with wrong labels, every kind of noise alike, and its {level:.0%} t interval over "
        "seeds. Worst: lowest mean of such a cell, and of which. Regret: how far below the method that is best on "
        "the other half of the seeds. Trainings: networks trained for one answer, with first runs and folds that "
        f"its estimates wait for. May be the best: Hsu's comparisons with the best at {level:.0%}, among methods "
        "at the same epoch and early-stopped cross-entropy."
    )
    if (found["n_seeds"] < found["n_seeds"].max()).any():
        note += " n: seeds, where others diverged; such a method is no rival of the others."
    return Table("unknown", "Which method, if the noise is unknown", note, pd.DataFrame(rows), {}, False)


def _heading(selection: str, oracle: bool) -> str:
    return f"{words.SELECTIONS[selection]}{f': {words.ORACLES}' if oracle else ''}"


def _at(found: pd.DataFrame, network: str, selection: str) -> pd.DataFrame:
    whole = found["n_seeds"].max()
    rows = found[(found["network"] == network) & (found["selection"] == selection)]
    return rows.assign(lost=rows["n_seeds"] < whole)


def _row(row: tuple) -> dict[str, str]:
    itself = row.method == words.BASELINE and row.selection == EARLY  # what all are held against: it is 0
    worst = {"worst": points(row.worst_diff), "with": words.cell_name(row.worst_noise, row.worst_rate)}
    interval = "–" if pd.isna(row.diff_low) else f"[{points(row.diff_low)}, {points(row.diff_high)}]"
    return {
        ROW: words.name(row.method) + (f" (n={row.n_seeds:.0f})" if row.lost else ""),
        "mean": points(row.diff), "interval": "–" if itself else interval,
        **(dict.fromkeys(worst, "–") if itself else worst),
        "regret": points(row.regret).removeprefix("+"), "trainings": f"{row.trainings:.0f}",
        "may be the best": "yes" if row.tied else "–" if row.oracle or row.lost else "no",
    }  # fmt: skip


def points(difference: float) -> str:
    """A difference of shares in percentage points; a dash where there is none."""
    return "–" if pd.isna(difference) else f"{100 * difference:+z.1f}".replace("-", "−")


def sentences(found: pd.DataFrame, level: float) -> list[str]:
    """What to tell someone who does not know the noise: what choosing gains, and which methods may be the best."""
    several, said = found["network"].nunique() > 1, []
    for network in sorted(found["network"].unique()):
        rivals = {selection: _rivals(_at(found, network, selection)) for selection in WHEN}
        rivals = {name: rows for name, rows in rivals.items() if (rows["method"] != words.BASELINE).any()}
        prefix = f"{words.name(network)}: " if several else ""
        said += [prefix + text for text in (_gained(rivals), _best(rivals, level)) if text]
    return said


def _rivals(rows: pd.DataFrame) -> pd.DataFrame:
    return ordered(rows[~rows["oracle"].astype(bool) & ~rows["lost"]])


def _gained(rivals: dict[str, pd.DataFrame]) -> str:
    """Regret and mean difference sum to it, whichever method they are of."""
    gains = {selection: (rows["regret"] + rows["diff"]).iloc[0] for selection, rows in rivals.items()}
    told = [f"by {points(gain)} points {WHEN[name]}" for name, gain in gains.items() if pd.notna(gain)]
    if not told:
        return ""
    return (
        "If you do not know the noise, and take the method that is best on half of the seeds: test accuracy on "
        f"the other half changes, against early-stopped cross-entropy, {' and '.join(told)} (mean over noise "
        "cells with wrong labels, every kind of noise alike)."
    )


def _best(rivals: dict[str, pd.DataFrame], level: float) -> str:
    told = [_tied(name, rows) for name, rows in rivals.items() if len(rows) > 1]
    return f"These may be the best of all ({level:.0%}): {'; '.join(told)}." if told else ""


def _tied(selection: str, rows: pd.DataFrame) -> str:
    """How many, and the cheapest of them: the one with the highest mean where several cost as little."""
    tied, count = rows[rows["tied"].astype(bool)], numbers.counted(len(rows), "method")
    if tied.empty:
        return f"{WHEN[selection]} none of {count}, since early-stopped cross-entropy beats them"
    cheap = tied.loc[tied["trainings"].idxmin()]
    worst = words.cell_name(cheap["worst_noise"], cheap["worst_rate"])
    among = "among them" if tied["method"].eq(words.BASELINE).any() else "not among them"
    cost = numbers.counted(int(cheap["trainings"]), "training")
    return (
        f"{WHEN[selection]} {len(tied)} of {count}, cross-entropy {among}; of the "
        f"cheapest the best is {words.name(cheap['method'])} ({cost}; "
        f"{points(cheap['diff'])} points on average, {points(cheap['worst_diff'])} with {worst}, its worst)"
    )
