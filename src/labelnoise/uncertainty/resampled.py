"""Intervals about test images: a metric of each seed's run, after its images are drawn anew with replacement.

Seeds stay as they are, so such an interval is about the networks that were trained, not about others. It is for
what a mean over seeds with its t interval says nothing of: a calibration error, whose bias comes from the number
of images.

Seed by seed, and of a seed block by block: neither weights (10 seeds x 10,000 items x 2,000 resamples are 200 MB
even as bytes) nor the items of other seeds need be in memory.

Shape letters: D resamples, S seeds, M items of a seed, K metrics worked out together.
"""

from collections.abc import Callable, Iterable, Iterator, Sequence
from typing import Any

import numpy as np

Metric = Callable[[np.ndarray, Any], np.ndarray]  # weights [D, M], items of one seed -> [D, K]

BLOCK = 2**15  # weights worked on at a time: 256 KiB as float64, which stay in a core's cache


def images(
    metric: Metric, items_per_seed: Iterable[Any], sizes: Sequence[int], count: int, rng: np.random.Generator
) -> tuple[np.ndarray, np.ndarray]:
    """`metric` of every seed [S, K], all weights one, and of `count` resamples of its items [count, S, K].

    Every metric of a seed sees the same resamples. Equal `rng`: equal resamples.
    """
    items = iter(items_per_seed)
    whole = np.stack([_of_seed(metric, next(items), size, count, rng) for size in sizes], axis=1)
    return whole[0], whole[1:]


def _of_seed(metric: Metric, items: Any, size: int, rows: int, rng: np.random.Generator) -> np.ndarray:
    """[1 + rows, K]: `metric` of one seed's items once each, then of `rows` draws."""
    drawn = [metric(weights, items) for weights in item_weights(rows, size, rng)]
    return np.concatenate([metric(np.ones((1, size)), items), *drawn])


def item_weights(rows: int, size: int, rng: np.random.Generator) -> Iterator[np.ndarray]:
    """How often each item occurs among `size` draws with replacement: [rows, size], in blocks of rows."""
    step = max(1, BLOCK // size)
    for start in range(0, rows, step):
        shape = (min(step, rows - start), size)
        draws = rng.integers(size, size=shape) + size * np.arange(shape[0])[:, None]
        yield np.bincount(draws.ravel(), minlength=draws.size).reshape(shape).astype(np.float64)
