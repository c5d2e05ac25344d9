"""Intervals of a metric that was measured once per seed: hierarchical bootstrap, and t over seeds.

One resample draws as many seeds as there are, with replacement (a draw is a slot), then for every slot the
items of that seed's test part, with replacement. Two slots with the same seed get different items. The same
resamples serve all methods, so that differences between methods are paired.

Diverged seeds: a seed whose metric is not finite is left out, in the mean as in every replicate, and
`n_seeds` tells how many are left; with none left all is NaN. A difference uses the seeds in which both sides
are finite.

Shape letters: S resamples, M items of a seed, K metrics worked out together.
"""

from collections.abc import Callable, Iterable, Iterator, Sequence
from typing import Any, NamedTuple

import numpy as np
from scipy import stats

Metric = Callable[[np.ndarray, Any], np.ndarray]  # weights [S, M], items of one seed -> [S] or [S, K]

BLOCK = 2**17  # weights worked on at a time: 1 MiB as float64, which stays in a core's cache


class Sample(NamedTuple):
    """One number's value per seed, and per slot of every resample."""

    seeds: np.ndarray  # [seeds]
    slots: np.ndarray  # [S, seeds]


class Summary(NamedTuple):
    """Mean over finite seeds with its bootstrap and its t interval."""

    mean: float
    low: float
    high: float
    t_low: float
    t_high: float


def sample(
    metric: Metric, items_per_seed: Iterable[Any], sizes: Sequence[int], count: int, rng: np.random.Generator
) -> Sample:
    """`metric` on every seed (all weights one) and on every slot of `count` resamples of len(sizes) seeds with
    sizes[s] items each; a last axis K stays where there is one.

    Seed by seed, and of a seed block by block: neither weights (10 seeds x 10,000 items x 2,000 resamples are 200
    MB even as bytes) nor the items of other seeds need be in memory. Equal `rng`: equal resamples.
    """
    drawn = rng.integers(len(sizes), size=(count, len(sizes)))  # [S, seeds] the seed of each slot
    slots, items = np.bincount(drawn.ravel(), minlength=len(sizes)).tolist(), iter(items_per_seed)
    values = [_of_seed(metric, next(items), size, rows, rng) for size, rows in zip(sizes, slots)]
    whole = np.empty((*drawn.shape, *values[0].shape[1:]))
    for seed, own in enumerate(values):
        whole[drawn == seed] = own[1:]
    return Sample(np.stack([own[0] for own in values]), whole)


def _of_seed(metric: Metric, items: Any, size: int, rows: int, rng: np.random.Generator) -> np.ndarray:
    """[1 + rows] or [1 + rows, K]: `metric` of one seed's items once each, then of `rows` draws."""
    parts = [metric(np.ones((1, size)), items)]
    parts += [metric(weights, items) for weights in item_weights(rows, size, rng)]
    return np.concatenate(parts)


def item_weights(rows: int, size: int, rng: np.random.Generator) -> Iterator[np.ndarray]:
    """How often each item occurs among `size` draws with replacement: [rows, size], in blocks of rows."""
    step = max(1, BLOCK // size)
    for start in range(0, rows, step):
        shape = (min(step, rows - start), size)
        draws = rng.integers(size, size=shape) + size * np.arange(shape[0])[:, None]
        yield np.bincount(draws.ravel(), minlength=draws.size).reshape(shape).astype(np.float64)


def finite_mean(values: np.ndarray, axis: int) -> np.ndarray:
    """Mean of the finite `values` along `axis`; NaN where there is none."""
    finite = np.isfinite(values)
    count, total = finite.sum(axis), np.where(finite, values, 0).sum(axis)
    return np.divide(total, count, out=np.full(np.shape(total), np.nan), where=count > 0)


def replicates(of: Sample) -> np.ndarray:
    """Bootstrap replicates [S] (or [S, K]): per resample, the mean over its slots."""
    return finite_mean(of.slots, axis=1)


def percentile_interval(values: np.ndarray, level: float) -> tuple[float, float]:
    """Percentile interval (Efron & Tibshirani 1993, ch. 13) of replicates `values` [S], NaN left out."""
    finite = values[np.isfinite(values)]
    if len(finite) == 0:
        return np.nan, np.nan
    low, high = np.quantile(finite, [(1 - level) / 2, (1 + level) / 2])
    return float(low), float(high)


def t_interval(values: np.ndarray, level: float, test_share: float) -> tuple[float, float]:
    """t interval of the mean of `values` [seeds], for training parts that overlap.

    Variance s² (1/n + n_test/n_train) (Nadeau & Bengio 2003): seeds that train on other folds of
    the same data are not independent. `test_share` is n_test/n_train. With a fixed official test split no
    fold is resampled, the correction does not apply and 0 is passed. NaN bounds for fewer than two finite
    values.
    """
    values = values[np.isfinite(values)]
    n = len(values)
    if n < 2:
        return np.nan, np.nan
    error = np.sqrt(values.var(ddof=1) * (1 / n + test_share))
    half = stats.t.ppf((1 + level) / 2, n - 1) * error
    return float(values.mean() - half), float(values.mean() + half)


def difference(left: Sample, right: Sample) -> Sample:
    """Paired difference: seed by seed and slot by slot."""
    return Sample(left.seeds - right.seeds, left.slots - right.slots)


def summary(values: Sample, level: float, test_share: float) -> Summary:
    """Mean over seeds with both intervals, of a Sample without K axis.

    The percentile interval is shifted by the bootstrap's bias, mean replicate minus mean. It is nil for means
    such as accuracy; but ECE is a sum of absolute values, which resampling inflates, so that its plain
    percentile interval may lie wholly above the ECE that was measured.
    """
    mean, replicate = finite_mean(values.seeds, axis=0), replicates(values)
    bootstrap = percentile_interval(replicate - (finite_mean(replicate, axis=0) - mean), level)
    return Summary(float(mean), *bootstrap, *t_interval(values.seeds, level, test_share))
