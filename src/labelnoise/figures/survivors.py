"""Which means leave out diverged seeds: a mean over the seeds that survived is too good to be compared."""

import pandas as pd

from labelnoise import words

CELL = ["network", "noise", "noise_rate", "metric"]
LABEL = "some seeds diverged"  # in legends


def counted(intervals: pd.DataFrame) -> pd.DataFrame:
    """`intervals` with seeds per row: of the cell, of the baseline, of the pair; and what is incomplete.

    `all_seeds` is the largest n_seeds of the cell and metric. `pair_seeds` is at most what the smaller side of
    the difference has, NaN where the cell lacks the baseline. Rows keep their order, not their index.
    """
    base = intervals[
        (intervals["method"] == words.BASELINE) & (intervals["selection"] == intervals["baseline_selection"])
    ]
    base = base[[*CELL, "baseline_selection", "n_seeds"]].rename(columns={"n_seeds": "base_seeds"})
    table = intervals.merge(base, on=[*CELL, "baseline_selection"], how="left")
    largest = table.groupby(CELL)["n_seeds"].transform("max")
    pair = table[["n_seeds", "base_seeds"]].min(axis=1, skipna=False)
    return table.assign(
        all_seeds=largest, pair_seeds=pair, incomplete=table["n_seeds"] < largest, pair_incomplete=pair < largest
    )


def compared(intervals: pd.DataFrame, metric: str, selection: str) -> pd.DataFrame:
    """Rows with a difference to cross-entropy, also where no seed is left for it; not cross-entropy to itself."""
    table = counted(intervals)
    wanted = (table["metric"] == metric) & (table["selection"] == selection)
    itself = (table["method"] == words.BASELINE) & (table["baseline_selection"] == selection)
    return table[wanted & ~itself & (table["diff"].notna() | table["pair_incomplete"])]
