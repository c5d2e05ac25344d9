"""A share that is counted in every seed: purity of a tier, recall, labels fitted. Its interval stays within 0 and
1.

Shares of seeds differ by more than chance over examples would have it, and seeds have different counts. So seeds
are the sampling units: the pooled share on the scale of the logit, the variance of that by leaving out one seed
at a time (delete-one jackknife: Miller 1974), and t with seeds - 1 degrees of freedom. Half a count is added to
right and wrong (Haldane 1955; Anscombe 1956), since a seed left out may take all errors with it.

Where all are right, or none, nothing varies. The bound is then exact (Clopper and Pearson 1934), with seeds as
the trials and with examples as the trials, and the wider one stands. Below `FEWEST` seeds there is no interval:
the count and the range of the seeds are what can be said.

Shape letters: S seeds.
"""

from typing import NamedTuple

import numpy as np
from scipy.special import expit, logit, ndtri, stdtrit

FEWEST = 5  # seeds: a jackknife of four has three degrees of freedom and few values


class Counted(NamedTuple):
    """A share as it is counted, seed by seed."""

    hits: np.ndarray  # [S]
    counts: np.ndarray  # [S]


class Share(NamedTuple):
    """A pooled share and its interval; low and high are NaN below FEWEST seeds, all is NaN without an example."""

    share: float
    low: float
    high: float
    hits: int
    count: int
    seeds: int  # that have an example at all
    smallest: float  # share of a seed
    largest: float


def share(hits: np.ndarray, counts: np.ndarray, level: float) -> Share:
    """The share of `hits` [S] among `counts` [S] with a two-sided interval of `level`.

    Seeds without an example say nothing, and are left out.
    """
    hits, counts = (np.asarray(part)[np.asarray(counts) > 0] for part in (hits, counts))
    seeds, hit, count = len(counts), int(hits.sum()), int(counts.sum())
    if seeds == 0:
        return Share(np.nan, np.nan, np.nan, 0, 0, 0, np.nan, np.nan)
    bounds = interval(hits, counts, level) if seeds >= FEWEST else (np.nan, np.nan)
    each = hits / counts
    return Share(hit / count, *bounds, hit, count, seeds, float(each.min()), float(each.max()))


def interval(hits: np.ndarray, counts: np.ndarray, level: float) -> tuple[float, float]:
    """Bounds of the share of `hits` [S] among `counts` [S], all of them above 0, S at least 2."""
    hit, count, seeds = hits.sum(), counts.sum(), len(counts)
    if hit in (0, count):
        bounds = [exact(int(total * (hit > 0)), int(total), level) for total in (seeds, count)]
        return max(bounds, key=lambda pair: pair[1] - pair[0])
    without = _logit(hit - hits, count - counts)
    error = np.sqrt((seeds - 1) / seeds * ((without - without.mean()) ** 2).sum())
    half = stdtrit(seeds - 1, (1 + level) / 2) * error
    middle = _logit(hit, count)
    return float(expit(middle - half)), float(expit(middle + half))


def exact(hits: int, count: int, level: float) -> tuple[float, float]:
    """Clopper-Pearson bounds of a share of independent trials."""
    from scipy import stats  # takes a third of a second, which most stages do without

    found = stats.binomtest(hits, count).proportion_ci(level, method="exact")
    return float(found.low), float(found.high)


def wilson(hits: int, count: int, level: float) -> tuple[float, float]:
    """Wilson's (1927) score interval of a share of independent trials; NaN without a trial."""
    if count == 0:
        return np.nan, np.nan
    p, z = hits / count, ndtri(0.5 + 0.5 * level)
    denominator = 2 * (count + z**2)
    center = (2 * count * p + z**2) / denominator
    delta = z / denominator * np.sqrt(4 * count * p * (1 - p) + z**2)
    low, high = (0.0 if hits == 0 else center - delta), (1.0 if hits == count else center + delta)
    return float(low), float(high)


def _logit(hits: np.ndarray, counts: np.ndarray) -> np.ndarray:
    return logit((hits + 0.5) / (counts + 1))
