"""What the labels of similar examples say: weighted votes of the nearest neighbours, the example left out.

Shape letters: n examples, D features, k neighbours, C classes.
"""

from typing import NamedTuple

import numpy as np

from labelnoise import scratch
from labelnoise.detect import cells, topk

BLOCK = 1000  # examples at a time, of many examples fewer:
COSINES = 2**25  # as many at a time are 128 MiB
EVERY = scratch.ROWS  # rows of which all pairs are looked at
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
    float32; those of the same `group` come last, with -inf. Of more than EVERY rows most
    of the nearest (cells.py)."""
    x = _of_length_one(features)
    if len(x) > EVERY:
        return cells.nearest(x, count, group)
    index, cosine = np.empty((len(x), count), np.int32), np.empty((len(x), count), np.float32)
    step = max(1, min(BLOCK, COSINES // len(x)))
    for start in range(0, len(x), step):
        near = x[start : start + step] @ x.T
        near[np.arange(len(near)), start + np.arange(len(near))] = -np.inf
        if group is not None:
            near[group[start : start + step, None] == group] = -np.inf
        at = slice(start, start + len(near))
        index[at], cosine[at] = topk.largest(near, count)
    return index, cosine


def _of_length_one(features: np.ndarray) -> np.ndarray:
    out = scratch.empty(features.shape)
    for at in scratch.blocks(len(features)):
        x = np.asarray(features[at], np.float32)
        out[at] = x / np.maximum(np.linalg.norm(x, axis=1, keepdims=True), 1e-12)
    return out


def probabilities(found: Neighbours, labels: np.ndarray, classes: int) -> np.ndarray:
    """[n, C]: the share of the votes for each class, `k` votes in all and PRIOR more for all classes together."""
    n, k = found.index.shape
    votes = labels[found.index] + classes * np.arange(n)[:, None]
    share = np.bincount(votes.ravel(), found.weight.ravel().astype(np.float64), n * classes).reshape(n, classes)
    total = share.sum(1, keepdims=True)
    share = np.divide(share * k, total, out=np.zeros_like(share), where=total > 0)
    return (share + PRIOR / classes) / (share.sum(1, keepdims=True) + PRIOR)
