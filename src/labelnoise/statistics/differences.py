"""Paired differences in a table: which of them are marked as better or worse, and their intervals.

A table is made cell by cell; which rows are marked hangs on all of them together. So cells leave behind what a t
interval is made of (mean, standard error, seeds), and the whole table is marked at the end.
"""

import numpy as np
import pandas as pd

from labelnoise.statistics import many, means


def unmarked(left: np.ndarray | None, right: np.ndarray | None) -> dict[str, float]:
    """Columns of one row, from both sides [S]: mean of the paired difference, its standard error, and seeds; all
    NaN where a side is missing (None)."""
    if left is None or right is None:
        return dict.fromkeys(("diff", "error", "pair_seeds"), np.nan)
    of = means.moments(means.difference(left, right))
    return {"diff": float(of.mean), "error": float(of.error), "pair_seeds": int(of.count)}


def marked(table: pd.DataFrame, together: list[str], comparable: pd.Series, level: float) -> pd.DataFrame:
    """`table` with the intervals of its differences and the column `differs`, and without `error`.

    together: columns of keys whose rows are one matrix of comparisons (Benjamini and Hochberg, q = 1 - level).
    comparable: bool, which rows take part; others are not marked, and their intervals are at `level`. The
    intervals of marked rows are at many.selected_level, since sentences pick them; `diff_level` says so. A table
    without rows is left as it is.
    """
    if table.empty:
        return table
    parts = [_matrix(part, comparable[part.index], 1 - level) for _, part in table.groupby(together, sort=False)]
    return table.drop(columns="error").join(pd.concat(parts))


def _matrix(rows: pd.DataFrame, comparable: pd.Series, q: float) -> pd.DataFrame:
    of = means.Moments(*(rows[name].to_numpy(np.float64) for name in ("pair_seeds", "diff", "error")))
    marks, interval, level = many.selected(of, comparable.to_numpy(bool), q)
    columns = {"diff_low": interval.low, "diff_high": interval.high, "diff_level": level, "differs": marks}
    return pd.DataFrame(columns, index=rows.index)
