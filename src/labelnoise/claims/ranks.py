"""A rank summary of all methods over the noise settings, from the table `intervals`.

Methods that are told the truth are not ranked; cross-entropy with early stopping competes under a name of its own.
Friedman's test and Nemenyi's critical difference take cells as independent, which cells of one data set are not:
they describe, they decide nothing (Demsar 2006).
"""

import numpy as np
import pandas as pd
from scipy import stats

CELL = ["network", "noise", "noise_rate"]
EARLY = "cross_entropy_early"
LEVEL = 0.95  # of the critical difference, the level at which it is customarily given


def table(intervals: pd.DataFrame) -> pd.DataFrame:
    """Table `ranks`: a row per method, by test accuracy at the last epoch."""
    rows = intervals.query("metric == 'test_accuracy' and baseline_selection == 'best_noisy_val'")
    early = rows.query("method == 'cross_entropy' and selection == 'best_noisy_val'").assign(method=EARLY)
    rows = pd.concat([rows.query("selection == 'last'"), early])
    differs = rows["differs"].astype(bool)
    oracle = rows.groupby("method")["oracle"].first().astype(bool)
    means = rows.set_index([*CELL, "method"])["mean"].unstack("method")
    # a method whose every seed diverged in a cell is last there
    ranks = means[oracle.index[~oracle]].rank(axis=1, ascending=False, na_option="bottom")
    found = {
        "oracle": oracle,
        "cells": means.notna().sum(),
        "mean_rank": ranks.mean(),
        "best": ranks.min(),
        "worst": ranks.max(),
        "mean_accuracy": means.mean(),
        "beats_early_stopping": (differs & (rows["diff"] > 0)).groupby(rows["method"]).sum(),
        "loses_to_early_stopping": (differs & (rows["diff"] < 0)).groupby(rows["method"]).sum(),
    }
    return pd.DataFrame(found).rename_axis("method").reset_index().assign(**_comparison(ranks))


def _comparison(ranks: pd.DataFrame) -> dict[str, float]:
    """Critical difference of mean ranks (Nemenyi) and p value (Friedman) of ranks [cells, methods]."""
    count, methods = ranks.shape
    if count < 2 or methods < 3:
        return {"critical_difference": np.nan, "friedman_p": np.nan}
    quantile = stats.studentized_range.ppf(LEVEL, methods, np.inf) / np.sqrt(2)
    return {
        "critical_difference": float(quantile * np.sqrt(methods * (methods + 1) / (6 * count))),
        "friedman_p": float(stats.friedmanchisquare(*ranks.T.to_numpy()).pvalue),
    }
