"""What the labels of similar examples say: weighted votes of the nearest neighbours, the example left out.

Shape letters: n examples, D features, k neighbours, C classes.
"""

from typing import NamedTuple

import numpy as np

BLOCK = 1000  # examples at a time, of many examples fewer:
COSINES = 2**25  # as many at a time are 128 MiB
SORTED = 100  # of them at a time, as positions take twice the memory of cosines
PRIOR = 0.5  # votes that are shared out over all classes


class Neighbours(NamedTuple):
    """The k nearest of every example by cosine, nearest first."""

    index: np.ndarray  # int32 [n, k]
    weight: np.ndarray  # float32 [n, k] of their votes; 0 for members of the example's own group


def graph(features: np.ndarray, count: int, temperature: float, group: np.ndarray | None = None) -> Neighbours:
    """`count` neighbours of each row of `features` [n, D], weighted exp((cosine - 1) / temperature); `group` [n]:
    a number per example, neighbours of the same group do not vote."""
    index, cosine = nearest(features, count, group)
    return Neighbours(index, np.exp((cosine - 1) / np.float32(temperature)))


def nearest(features: np.ndarray, count: int, group: np.ndarray | None = None) -> tuple[np.ndarray, np.ndarray]:
    """Positions int32 [n, count] of the nearest other rows of `features` [n, D], nearest first, and their cosines
    float32; those of the same `group` come last, with -inf."""
    x = np.asarray(features, np.float32)
    x = x / np.maximum(np.linalg.norm(x, axis=1, keepdims=True), 1e-12)
    index, cosine = np.empty((len(x), count), np.int32), np.empty((len(x), count), np.float32)
    step = max(1, min(BLOCK, COSINES // len(x)))
    for start in range(0, len(x), step):
        near = x[start : start + step] @ x.T
        near[np.arange(len(near)), start + np.arange(len(near))] = -np.inf
        if group is not None:
            near[group[start : start + step, None] == group] = -np.inf
        for row in range(0, len(near), SORTED):
            part = near[row : row + SORTED]
            at = slice(start + row, start + row + len(part))
            index[at], cosine[at] = _largest(part, count)
    return index, cosine


def _largest(near: np.ndarray, count: int) -> tuple[np.ndarray, np.ndarray]:
    """Columns [b, count] of the largest entries of each row of `near` [b, n], and these; largest first."""
    column = np.argpartition(-near, count - 1, axis=1)[:, :count]
    value = np.take_along_axis(near, column, 1)
    order = np.argsort(-value, axis=1, kind="stable")
    return np.take_along_axis(column, order, 1), np.take_along_axis(value, order, 1)


def probabilities(found: Neighbours, labels: np.ndarray, classes: int) -> np.ndarray:
    """[n, C]: the share of the votes for each class, `k` votes in all and PRIOR more for all classes together."""
    n, k = found.index.shape
    votes = labels[found.index] + classes * np.arange(n)[:, None]
    share = np.bincount(votes.ravel(), found.weight.ravel().astype(np.float64), n * classes).reshape(n, classes)
    total = share.sum(1, keepdims=True)
    share = np.divide(share * k, total, out=np.zeros_like(share), where=total > 0)
    return (share + PRIOR / classes) / (share.sum(1, keepdims=True) + PRIOR)
