"""Means over seeds and their paired differences: the plain t interval (Student 1908), n - 1 degrees of freedom.

What it is about: the mean over noise draws, initial weights and batch orders on the data set at hand. Seeds that
test on different folds of it are taken as independent: on resampled differences of the study's own runs this
covers as often as it says (table `coverage`). Other data are not meant; a second data set speaks for those.

A seed whose number is not finite has diverged and is left out; a difference uses the seeds that both sides have.
Fewer than two seeds have no interval.

Shape letters: S seeds, always the last axis.
"""

from typing import NamedTuple

import numpy as np
from scipy import special


class Interval(NamedTuple):
    """Mean over finite seeds and its bounds, each of the shape of the values without S; NaN where there is
    none."""

    mean: np.ndarray
    low: np.ndarray
    high: np.ndarray


class Moments(NamedTuple):
    """What a t interval is made of, each of the shape of the values without S."""

    count: np.ndarray  # finite seeds
    mean: np.ndarray  # NaN without one
    error: np.ndarray  # standard error of the mean, NaN with fewer than two


def moments(values: np.ndarray) -> Moments:
    """Count, mean and standard error over the finite seeds of `values` [..., S]."""
    values = np.asarray(values, np.float64)
    finite = np.isfinite(values)
    count = finite.sum(-1)
    mean = _over(np.where(finite, values, 0).sum(-1), count)
    off = np.where(finite, values - mean[..., None], 0)
    return Moments(count, mean, np.sqrt(_over((off**2).sum(-1), (count - 1) * count)))


def mean(values: np.ndarray) -> np.ndarray:
    """Mean over the finite seeds of `values` [..., S]; NaN where there is none."""
    return moments(values).mean


def interval(values: np.ndarray, level: float | np.ndarray) -> Interval:
    """Two-sided t interval of the mean of `values` [..., S]; `level` in 0..1, one or of the shape without S."""
    return around(moments(values), level)


def around(of: Moments, level: float | np.ndarray) -> Interval:
    """The same from the moments."""
    half = _quantile((1 + np.asarray(level)) / 2, of.count) * of.error
    return Interval(of.mean, of.mean - half, of.mean + half)


def lower(values: np.ndarray, alpha: float | np.ndarray) -> np.ndarray:
    """One-sided lower bound of the mean of `values` [..., S], which lies above the mean with probability
    `alpha`."""
    of = moments(values)
    return of.mean - _quantile(1 - np.asarray(alpha), of.count) * of.error


def upper(values: np.ndarray, alpha: float | np.ndarray) -> np.ndarray:
    """One-sided upper bound of the mean of `values` [..., S], which lies below the mean with probability
    `alpha`."""
    return -lower(-np.asarray(values, np.float64), alpha)


def difference(left: np.ndarray, right: np.ndarray) -> np.ndarray:
    """Paired difference [..., S], seed by seed; NaN where either side is not finite."""
    found = np.isfinite(left) & np.isfinite(right)
    return np.subtract(left, right, out=np.full(np.shape(found), np.nan), where=found)


def p_of(of: Moments) -> np.ndarray:
    """Two-sided p of a mean of 0; NaN with fewer than two finite seeds. Seeds that all agree have no spread: p is
    0, or 1 where they agree on 0."""
    ratio = np.full(of.mean.shape, np.inf)
    np.divide(np.abs(of.mean), of.error, out=ratio, where=of.error > 0)
    ratio = np.where((of.error == 0) & (of.mean == 0), 0, ratio)
    return np.where(of.count < 2, np.nan, 2 * special.stdtr(np.maximum(of.count - 1, 1), -ratio))


def _quantile(share: np.ndarray, count: np.ndarray) -> np.ndarray:
    return special.stdtrit(np.maximum(count - 1, 1), share)  # of one seed the error is NaN


def _over(total: np.ndarray, count: np.ndarray) -> np.ndarray:
    return np.divide(total, count, out=np.full(np.shape(total), np.nan), where=count > 0)
