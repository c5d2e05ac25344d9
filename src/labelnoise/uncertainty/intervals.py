"""Intervals of a metric that was measured once per seed: hierarchical bootstrap, and t over seeds.

One resample draws as many seeds as there are, with replacement (a draw is a slot), then for every slot the
items of that seed's test part, with replacement. Two slots with the same seed get different items. The same
resamples serve all methods, so that differences between methods are paired.

Diverged seeds: a seed whose metric is not finite is left out, in the mean as in every replicate, and
`n_seeds` tells how many are left; with none left all is NaN. A difference uses the seeds in which both sides
are finite.

Shape letters: S resamples, M items of a seed, K metrics worked out together.
"""

from collections.abc import Callable, Sequence
from typing import Any, NamedTuple

import numpy as np
from scipy import stats

Metric = Callable[[np.ndarray, Any], np.ndarray]  # weights [S, M], items of one seed -> [S] or [S, K]

BLOCK = 2**17  # weights worked on at a time: 1 MiB as float64, which stays in a core's cache


class Resamples(NamedTuple):
    """Draws of seeds and items; the weights are grouped by seed, so that one product serves all slots."""

    drawn: np.ndarray  # int [S, seeds] the seed that each slot drew
    weights: list[np.ndarray]  # per seed: uint8 [slots that drew it, in row order of `drawn`, M]


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


def resamples(count: int, sizes: Sequence[int], rng: np.random.Generator) -> Resamples:
    """`count` resamples of len(sizes) seeds with sizes[s] items each.

    Weights are bytes (10 seeds x 10,000 items x 2,000 resamples: 200 MB); a byte suffices, because an item
    drawn more than 255 times has probability below 1e-500 where there are more items than that.
    """
    drawn = rng.integers(len(sizes), size=(count, len(sizes)))
    slots = np.bincount(drawn.ravel(), minlength=len(sizes))
    return Resamples(drawn, [_item_weights(int(rows), size, rng) for rows, size in zip(slots, sizes)])


def _item_weights(rows: int, size: int, rng: np.random.Generator) -> np.ndarray:
    """uint8 [rows, size]: how often each item occurs among `size` draws with replacement."""
    weights = np.empty((rows, size), np.uint8)
    for part in _blocks(rows, size):
        block = weights[part]
        draws = rng.integers(size, size=block.shape) + size * np.arange(len(block))[:, None]
        block[:] = np.bincount(draws.ravel(), minlength=block.size).reshape(block.shape)
    return weights


def _blocks(rows: int, size: int) -> list[slice]:
    step = max(1, BLOCK // size)
    return [slice(start, start + step) for start in range(0, rows, step)]


def sample(metric: Metric, items_per_seed: Sequence[Any], drawn: Resamples) -> Sample:
    """`metric` on every seed (all weights one) and on every slot; a last axis K stays where there is one."""
    sizes = [weights.shape[1] for weights in drawn.weights]
    seeds = np.concatenate([metric(np.ones((1, m)), items) for m, items in zip(sizes, items_per_seed)])
    slots = np.empty((*drawn.drawn.shape, *seeds.shape[1:]))
    for seed, (weights, items) in enumerate(zip(drawn.weights, items_per_seed)):
        values = [metric(weights[part].astype(np.float64), items) for part in _blocks(*weights.shape)]
        if values:
            slots[drawn.drawn == seed] = np.concatenate(values)
    return Sample(seeds, slots)


def finite_mean(values: np.ndarray, axis: int) -> np.ndarray:
    """Mean of the finite `values` along `axis`; NaN where there is none."""
    finite = np.isfinite(values)
    count, total = finite.sum(axis), np.where(finite, values, 0).sum(axis)
    return np.divide(total, count, out=np.full(np.shape(total), np.nan), where=count > 0)


def replicates(metric: Metric, items_per_seed: Sequence[Any], drawn: Resamples) -> np.ndarray:
    """Bootstrap replicates [S] (or [S, K]): per resample, the mean of `metric` over its slots."""
    return finite_mean(sample(metric, items_per_seed, drawn).slots, axis=1)


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
    mean, replicate = finite_mean(values.seeds, axis=0), finite_mean(values.slots, axis=1)
    bootstrap = percentile_interval(replicate - (finite_mean(replicate, axis=0) - mean), level)
    return Summary(float(mean), *bootstrap, *t_interval(values.seeds, level, test_share))
