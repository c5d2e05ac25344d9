"""Which methods may be the best in a noise cell: comparisons with the best (statistics.winners), seeds as blocks.

Methods compete at the same selection of the epoch; at the last epoch cross-entropy with early stopping competes
too, under the name that it has in the table `ranks`. Oracles do not compete, nor do methods that lost a seed in
the cell.
"""

import pandas as pd

from labelnoise.statistics import winners
from labelnoise.uncertainty import cells
from labelnoise.words import BASELINE, HONEST

EARLY = "best_noisy_val"
PLACE = ["network", "noise", "noise_rate"]


def table(accuracy: pd.DataFrame, level: float) -> pd.DataFrame:
    """Table `best`, from the table `accuracy`: a row per method that competes and by which selection it does."""
    honest = accuracy[~accuracy["oracle"].astype(bool) & accuracy["selection"].isin(HONEST)]
    parts = [
        _of(_contest(part, contest), level).assign(contest=contest, realised_rate=part["realised_rate"].mean(),
                                                   **dict(zip(PLACE, place, strict=True)))
        for place, part in honest.groupby(PLACE) for contest in HONEST
    ]  # fmt: skip
    return cells.joined("best", parts)


def _contest(rows: pd.DataFrame, contest: str) -> pd.DataFrame:
    """Who competes at the selection `contest`."""
    early = (rows["method"] == BASELINE) & (rows["selection"] == EARLY)
    return rows[(rows["selection"] == contest) | early]


def _of(rows: pd.DataFrame, level: float) -> pd.DataFrame:
    """[method x selection]: behind the best of the others, its interval, and whether it may be the best."""
    values = rows.pivot(index=["method", "selection"], columns="seed", values="test_accuracy").dropna()
    found = winners.best(values.to_numpy(float), level)
    columns = {"ahead": found.mean, "low": found.low, "high": found.high, "tied": found.tied}
    return pd.DataFrame(columns, index=values.index).reset_index()
