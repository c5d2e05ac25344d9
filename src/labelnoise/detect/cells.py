"""Nearest neighbours of very many rows: most of them, in a fraction of the time.

All pairs of 100,000 rows take minutes, those of a million hours. So rows are put into cells around means
(k-means: Lloyd 1982), and the neighbours of a row are looked for in the CELLS nearest to it alone (Sivic and
Zisserman 2003).

Measured with 500 of 100,000 rows of 64 columns, in 100 cells: 95% of the 50 nearest are found where the rows lie
near a surface of 12 dimensions, as features of encoders do, 41% where they spread in all 64; of 20,000 rows, in 20
cells, 99% and 79%. More rows were not measured.

Shape letters: n rows, D columns, k neighbours, g cells, r rows that ask a cell.
"""

import numpy as np

from labelnoise import scratch
from labelnoise.detect import topk

PER_CELL, CELLS = 1000, 10  # rows of a cell, about, and cells in which neighbours are looked for
STEPS = 3  # of k-means
COSINES = 2**25  # as many at a time are 128 MiB


def nearest(x: np.ndarray, count: int, group: np.ndarray | None) -> tuple[np.ndarray, np.ndarray]:
    """Positions int32 [n, count] of near other rows of `x` [n, D], of length 1 each, nearest first, and their
    cosines float32; -inf for those of the same `group` [n], and where too few rows were looked at."""
    means = _means(x, max(1, len(x) // PER_CELL))
    asked = _asked(x, means, min(CELLS, len(means)))
    members, rows = _sorted(asked[:, 0], len(means)), _sorted(asked.ravel(), len(means))
    index, cosine = np.zeros((len(x), count), np.int32), np.full((len(x), count), -np.inf, np.float32)
    for inside, asking in zip(members, rows, strict=True):
        for at in scratch.blocks(len(asking), max(1, COSINES // max(len(inside), 1))):
            _look(x, asking[at] // asked.shape[1], inside, group, index, cosine)
    return index, cosine


def _means(x: np.ndarray, count: int) -> np.ndarray:
    """float32 [g, D] of length 1."""
    rng = np.random.default_rng(0)
    means = np.array(x[np.sort(rng.choice(len(x), count, replace=False))])
    for _ in range(STEPS):
        sums, cell = np.zeros_like(means), _asked(x, means, 1)[:, 0]
        for at in scratch.blocks(len(x)):
            np.add.at(sums, cell[at], x[at])
        length = np.linalg.norm(sums, axis=1, keepdims=True)
        means = np.where(length > 0, sums / np.maximum(length, 1e-12), means)  # an empty cell stays where it is
    return means


def _asked(x: np.ndarray, means: np.ndarray, count: int) -> np.ndarray:
    """int32 [n, count] the nearest cells of each row, nearest first."""
    found = np.empty((len(x), count), np.int32)
    for at in scratch.blocks(len(x), max(1, COSINES // len(means))):
        found[at] = topk.largest(x[at] @ means.T, count)[0]
    return found


def _sorted(cell: np.ndarray, count: int) -> list[np.ndarray]:
    """Positions of the entries of `cell` with each of the values 0..count."""
    order = np.argsort(cell, kind="stable")
    return np.split(order, np.cumsum(np.bincount(cell, minlength=count))[:-1])


def _look(x, rows, inside, group, index, cosine) -> None:
    """Keep the nearest of what the `rows` [r] have and the rows `inside` a cell."""
    if not len(inside):
        return
    near = x[rows] @ x[inside].T
    near[rows[:, None] == inside if group is None else group[rows, None] == group[inside]] = -np.inf
    place, value = topk.largest(near, min(cosine.shape[1], len(inside)))
    both = np.concatenate([cosine[rows], value], axis=1)
    names = np.concatenate([index[rows], inside[place].astype(np.int32)], axis=1)
    place, cosine[rows] = topk.largest(both, cosine.shape[1])
    index[rows] = np.take_along_axis(names, place, 1)
