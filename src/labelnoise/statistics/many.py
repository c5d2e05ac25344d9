"""Many paired comparisons at once: which may be called better or worse, and intervals of those.

Benjamini and Hochberg (1995): of the rows that are marked, the share that is marked wrongly is `q` at most, in
expectation. Proven for independent rows and for positive dependence; rows that share a baseline are two-sided t
tests of correlated numbers, for which it is checked by simulation (tests/statistics/test_many.py).
"""

import numpy as np

from labelnoise.statistics import means

Q = 0.05  # customary


def benjamini_hochberg(p: np.ndarray, q: float = Q) -> np.ndarray:
    """Marks (bool, of the shape of `p`) of the rows whose p is at most q k / m, k the largest rank that is.

    A row without p (NaN) was not tested: it is not marked, and does not count among the m.
    """
    tested = np.isfinite(p)
    ordered = np.sort(p[tested])
    below = np.flatnonzero(ordered <= q * np.arange(1, len(ordered) + 1) / max(len(ordered), 1))
    cut = ordered[below[-1]] if len(below) else -1.0
    return tested & (np.where(tested, p, np.inf) <= cut)


def selected_level(marked: int, tested: int, q: float = Q) -> float:
    """Level of each interval of `marked` rows that were picked from `tested` ones: 1 - q marked / tested.

    Benjamini and Yekutieli 2005: of the intervals shown, the share that misses is q at most, in expectation. Rows
    marked by `benjamini_hochberg` at the same q have intervals at this level that leave out 0. ValueError where
    none is marked.
    """
    if not 1 <= marked <= tested:
        raise ValueError(f"marked: {marked}, allowed: 1..{tested}")
    return 1 - q * marked / tested


def selected(of: means.Moments, tested: np.ndarray, q: float = Q) -> tuple[np.ndarray, means.Interval, np.ndarray]:
    """Marks, intervals and their levels [rows] of paired differences whose moments [rows] are given.

    tested: bool [rows], which take part in the comparison. Marked rows have intervals at `selected_level`, all
    others at 1 - q.
    """
    p = np.where(tested, means.p_of(of), np.nan)
    marked = benjamini_hochberg(p, q)
    picked = selected_level(int(marked.sum()), int(np.isfinite(p).sum()), q) if marked.any() else 1 - q
    level = np.where(marked, picked, 1 - q)
    return marked, means.around(of, level), level
