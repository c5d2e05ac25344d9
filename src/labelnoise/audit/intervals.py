"""Exact limits of the number of wrong labels in a part of the data, from a sample without replacement.

Of each stratum the hypergeometric distribution gives limits that hold for every sample size, also where no error
was found: there the textbook interval of stratified sampling has width 0, and misses. Strata share the error of
the whole by Bonferroni: nothing is assumed of how they go together.

Shape letters: S strata.
"""

from typing import NamedTuple

import numpy as np
from scipy.stats import hypergeom, norm


class Counts(NamedTuple):
    """One part of the data, stratum by stratum: int [S] each; [..., S] for many answers to one sample."""

    size: np.ndarray  # labels
    answered: np.ndarray  # of them drawn at random and answered
    wrong: np.ndarray  # of those
    unsure: np.ndarray  # nobody can tell, or the file is gone: may be right or wrong


def by_stratum(counts: Counts, level: float) -> tuple[np.ndarray, np.ndarray]:
    """Least and most wrong labels of every stratum, int [..., S]: all hold together with probability `level`.

    A stratum's part of the error grows with the labels that one answer stands for, since there an error costs most
    width. That is known before any answer.
    """
    error = (1 - level) / 2 * _shares(counts.size, counts.answered)
    most = _most(counts.size, counts.answered, counts.wrong + counts.unsure, error)
    return counts.size - _most(counts.size, counts.answered, counts.answered - counts.wrong, error), most


def _shares(size: np.ndarray, answered: np.ndarray) -> np.ndarray:
    """Of the error [S]: what is known in full needs none, nor what has no answer, which may be anything."""
    weight = np.where((answered > 0) & (answered < size), size / np.maximum(answered, 1), 0)
    return weight / max(weight.sum(), 1)


def _most(size: np.ndarray, answered: np.ndarray, found: np.ndarray, error: np.ndarray) -> np.ndarray:
    """The most labels of a kind of which so few are `found` with a probability above `error`: by bisection, as
    that probability falls with their number."""
    first, end = np.broadcast_arrays(found, size - answered + found)
    while (first < end).any():
        middle = (first + end + 1) // 2
        holds = hypergeom.cdf(found, size, middle, answered) > error
        first, end = np.where(holds, middle, first), np.where(holds, end, np.maximum(middle - 1, first))
    return first


def estimates(counts: Counts) -> np.ndarray:
    """Wrong labels [S]; unsure ones count half. NaN where a stratum has labels and no answer."""
    return np.where((counts.size > 0) & (counts.answered == 0), np.nan, counts.size * _rates(counts))


def _rates(counts: Counts) -> np.ndarray:
    return (counts.wrong + counts.unsure / 2) / np.maximum(counts.answered, 1)


def textbook(counts: Counts, level: float) -> tuple[np.ndarray, np.ndarray]:
    """Estimate -+ z standard errors of stratified sampling (Cochran 1977, 5.5), [...]: shown beside, not relied
    on."""
    share, answered, middle = _rates(counts), counts.answered, estimates(counts).sum(-1)
    variance = share * (1 - share) / np.maximum(answered - 1, 1)
    parts = counts.size**2.0 * (1 - answered / np.maximum(counts.size, 1)) * variance
    half = norm.isf((1 - level) / 2) * np.sqrt(parts.sum(-1))
    return middle - half, middle + half
