"""Which means leave out diverged seeds: a mean over the seeds that survived is too good to be compared."""

import pandas as pd

from labelnoise import words

CELL = ["network", "noise", "noise_rate", "metric"]
LABEL = "some seeds diverged"  # in legends


def counted(intervals: pd.DataFrame) -> pd.DataFrame:
    """`intervals` with the seeds of its cell, and what is incomplete.

    `all_seeds` is the largest n_seeds of the cell and metric; a pair is incomplete where either side of the
    difference lost seeds. Rows keep their order, not their index.
    """
    table = intervals.reset_index(drop=True)
    largest = table.groupby(CELL)["n_seeds"].transform("max")
    return table.assign(
        all_seeds=largest, incomplete=table["n_seeds"] < largest, pair_incomplete=table["pair_seeds"] < largest
    )


def compared(intervals: pd.DataFrame, metric: str, selection: str) -> pd.DataFrame:
    """Rows with a difference to cross-entropy, also where no seed is left for it; not cross-entropy to itself."""
    table = counted(intervals)
    wanted = (table["metric"] == metric) & (table["selection"] == selection)
    itself = (table["method"] == words.BASELINE) & (table["baseline_selection"] == selection)
    return table[wanted & ~itself & table["pair_seeds"].notna()]
