"""What people who rechecked found in each tier, by the run before any answer.

Shape letters: N examples of the data set (training and test).
"""

import numpy as np
import pandas as pd

from labelnoise import results
from labelnoise.columns import Columns
from labelnoise.detect import tiers
from labelnoise.recheck.cell import Source
from labelnoise.recheck.detected import Detected, given_labels, key, run_before
from labelnoise.types import Dataset


def table(
    found: Detected, columns: Columns, dataset: Dataset, of: Source, answers: np.ndarray, level: float
) -> pd.DataFrame:
    """Table `audit`: how many labels of each tier turned out wrong, by the run before any answer.

    answers: int [N], -1 where not rechecked. No rows without answers.
    """
    if (answers < 0).all():
        return results.empty("audit")
    at = run_before(found, of)
    given = given_labels(dataset, columns, int(found.column[at]), of)
    answered = (answers >= 0) & (given >= 0) & np.isfinite(found.p_low[at])
    rows = []
    for tier, members in _members(found, at).items():
        within = members & answered
        wrong, count = int((within & (answers != given)).sum()), int(within.sum())
        low, high = tiers.wilson(wrong, count, level)
        share = wrong / count if count else np.nan
        facts = {"answered": count, "wrong": wrong, "share_wrong": share, "low": low, "high": high}
        rows.append(key(found, columns, at) | {"tier": tier} | facts)
    return pd.DataFrame(rows)


def _members(found: Detected, at: int) -> dict[str, np.ndarray]:
    """Tier -> bool [N]; sure ones are among the obvious."""
    tier = found.tier[at]
    codes = {"obvious": tiers.OBVIOUS, "possible": tiers.POSSIBLE, "rest": tiers.NONE}
    return {"sure": found.sure[at]} | {name: tier == code for name, code in codes.items()}
