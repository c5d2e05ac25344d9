"""Which methods may be the best: multiple comparisons with the best (Hsu 1984), constrained, seeds as blocks.

Method i is ruled out where some method j beats it: mean_i - mean_j + d_i s_ij < 0, with s_ij the standard error
of the paired difference over seeds. Those that are left, "tied with the best", hold the best method with
probability `level`. Unlike in Hsu's paper methods have variances of their own, as some collapse now and then, and
pairs have their own s_ij. Then d_i, Dunnett's critical value against control i, has no table. It is simulated:
normal errors, independent but for a common shift of every seed, with the variance of each method in the sample.
One variance for all covers 83% of what it says where they differ tenfold; a t of the pair alone far less
(tests/statistics).

Shape letters: m methods, S seeds, D draws.
"""

from typing import NamedTuple

import numpy as np

from labelnoise.statistics import means

DRAWS = 4000  # of the simulation: its 95% quantile is then known to about 1%
BLOCK = 250  # of them at a time: 33 methods x 10 seeds are 660 kB


class Best(NamedTuple):
    """Of every method [m], its mean less the largest mean of the others: in the sample, and the constrained
    interval.

    NaN for methods that do not compete; bounds NaN where there is no interval.
    """

    mean: np.ndarray
    low: np.ndarray  # at most 0, and 0 where the method alone is left as the best
    high: np.ndarray  # at least 0, and 0 where the method is ruled out
    tied: np.ndarray  # bool, may be the best


def best(values: np.ndarray, level: float) -> Best:
    """Comparisons of `values` [m, S], of which large is good, with the best.

    A method with a seed that is not finite does not compete: its mean over the others is too good to be compared.
    With one seed, or one method, nothing is ruled out.
    """
    values = np.asarray(values, np.float64)
    competes = np.isfinite(values).all(1) & (values.shape[1] > 0)
    found = Best(*(np.full(len(values), np.nan) for _ in range(3)), competes)
    if competes.sum() < 2:
        return found
    own = values[competes]
    gap = means.moments(own[:, None] - own[None])  # [m, m], row less column
    others = ~np.eye(len(own), dtype=bool)
    found.mean[competes] = np.where(others, gap.mean, np.inf).min(1)
    if values.shape[1] < 2:
        return found
    margin = _critical(own, level, np.random.default_rng(0))[:, None] * gap.error
    reach = np.where(others, gap.mean + margin, np.inf).min(1)  # below 0: ruled out
    tied = reach >= 0
    rivals = np.where(others & tied, gap.mean - margin.T, np.inf).min(1)
    found.high[competes] = np.maximum(reach, 0)
    found.low[competes] = np.minimum(np.where(np.isinf(rivals), 0, rivals), 0)
    return found._replace(tied=_placed(tied, competes))


def _placed(tied: np.ndarray, competes: np.ndarray) -> np.ndarray:
    whole = np.zeros(len(competes), bool)
    whole[competes] = tied
    return whole


def _critical(values: np.ndarray, level: float, rng: np.random.Generator) -> np.ndarray:
    """Critical value [m] against each of `values` [m, S] as control: the quantile of the largest t of the
    others."""
    spread = (values - values.mean(0)).std(axis=1, ddof=1)
    blocks = [_largest(rng.normal(size=(BLOCK, *values.shape)) * spread[:, None]) for _ in range(DRAWS // BLOCK)]
    return np.quantile(np.concatenate(blocks), level, axis=0)


def _largest(errors: np.ndarray) -> np.ndarray:
    """[D, m]: the largest paired t of the others against each method, from errors [D, m, S]."""
    count = errors.shape[-1]
    centred = errors - errors.mean(-1, keepdims=True)
    products = centred @ centred.swapaxes(1, 2)
    squares = np.diagonal(products, axis1=1, axis2=2)
    variance = (squares[:, :, None] + squares[:, None] - 2 * products) / (count * (count - 1))
    mean = errors.mean(-1)
    gap = mean[:, None] - mean[:, :, None]  # [D, control, other]
    # a method against itself, and methods without a spread, differ by nothing
    ratio = np.divide(gap, np.sqrt(np.maximum(variance, 0)), out=np.zeros(gap.shape), where=variance > 0)
    return ratio.max(-1)
