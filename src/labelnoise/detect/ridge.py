"""Kernel ridge regression on landmarks, and what it says of every example without that example's label.

With phi the features of the kernel on landmarks (Williams and Seeger 2001) and F = H Y, H = phi (phi' phi +
penalty I)^-1 phi', the prediction without example i is (F_i - h_i Y_i) / (1 - h_i), h the diagonal of H; without a
whole group g it is (I - H_gg)^-1 (F_g - H_gg Y_g): copies of an image do not vouch for one another's label. Exact
for the regression on fixed landmarks, whose choice sees no label.

Shape letters: n examples, D features, m landmarks, K columns of targets.
"""

from typing import NamedTuple

import numpy as np
from scipy.linalg import cho_factor, cho_solve, cholesky, solve_triangular

from labelnoise import scratch

MOST_LANDMARKS = 1500
OFFSET = 0.1  # added to the kernel: a constant function costs little, as a bias would
JITTER = 1e-6  # of the mean diagonal times m, the scale of the largest eigenvalue: copies make the kernel singular
BLOCK = 1000  # examples at a time


class Kernel(NamedTuple):
    """A kernel on landmarks: of other examples it gives the same features."""

    marks: np.ndarray  # float32 [m, D]
    scale: float  # times squared distances, in the exponent
    inverse: np.ndarray  # float32 [m, m] the transposed inverse of the Cholesky factor of the landmarks' kernel


class Ridge(NamedTuple):
    """One penalty's factorisation: targets may change, examples may not."""

    phi: np.ndarray  # float32 [n, m]
    factor: tuple  # Cholesky factor of phi' phi + penalty I
    leverage: np.ndarray  # [n] h
    groups: tuple[tuple[np.ndarray, np.ndarray], ...]  # (members, H_gg) of every group of two or more


def kernel_features(features: np.ndarray, sharpness: float, seed: int = 0) -> np.ndarray:
    """float32 [n, m] whose inner products are exp(-sharpness d / median d) + OFFSET on the landmarks, d the
    squared distances of `features` [n, D]; at most MOST_LANDMARKS landmarks, drawn at random."""
    of = kernel(features, sharpness, seed)
    return mapped(of.marks, of.scale, of.inverse, features)


def kernel(features: np.ndarray, sharpness: float, seed: int = 0) -> Kernel:
    """That of `kernel_features`."""
    rng = np.random.default_rng(seed)
    x = np.asarray(features, np.float32)
    marks = x[np.sort(rng.choice(len(x), min(MOST_LANDMARKS, len(x)), replace=False))]
    between = _squared(marks, marks)
    scale = -sharpness / max(float(np.median(between[between > 0])) if (between > 0).any() else 1.0, 1e-12)
    gram = np.exp(scale * between.astype(np.float64)) + OFFSET
    gram[np.diag_indices_from(gram)] += JITTER * len(gram)
    inverse = solve_triangular(cholesky(gram, lower=True), np.eye(len(gram)), lower=True).T.astype(np.float32)
    return Kernel(marks, scale, inverse)


def mapped(marks: np.ndarray, scale: float, matrix: np.ndarray, features: np.ndarray) -> np.ndarray:
    """float32 [n, K]: the kernel of `features` [n, D] with the landmarks, times `matrix` [m, K]: a kernel's
    inverse, or that times a regression's weights."""
    x = np.asarray(features, np.float32)
    out = scratch.empty((len(x), matrix.shape[1]))
    for start in range(0, len(x), BLOCK):
        rows = slice(start, start + BLOCK)
        out[rows] = (np.exp(scale * _squared(x[rows], marks)) + np.float32(OFFSET)) @ matrix
    return out


def _squared(a: np.ndarray, b: np.ndarray) -> np.ndarray:
    """Squared distances [len(a), len(b)]."""
    return np.maximum((a**2).sum(1)[:, None] + (b**2).sum(1) - 2 * a @ b.T, 0)


def gram(phi: np.ndarray) -> np.ndarray:
    """[m, m] phi' phi of `phi` [n, m]."""
    if scratch.whole(len(phi)):
        return phi.T @ phi
    return sum((phi[at].T @ phi[at]).astype(np.float64) for at in scratch.blocks(len(phi)))


def factorize(
    phi: np.ndarray, penalty: float, groups: list[np.ndarray] = (), known: np.ndarray | None = None
) -> Ridge:
    """The ridge regression on `phi` [n, m]; groups: positions of the members of each. known: phi' phi, if it
    is."""
    return factorize_rows(phi, np.arange(len(phi)), penalty, groups, gram(phi) if known is None else known)


def factorize_rows(
    phi: np.ndarray, chosen: np.ndarray, penalty: float, groups: list[np.ndarray], gram: np.ndarray
) -> Ridge:
    """The ridge regression on the rows `chosen` of `phi` [n, m], of which no copy is made: the Ridge has all of
    `phi`. groups: positions within `chosen`; gram [m, m]: of the chosen rows."""
    matrix = gram.astype(np.float64)
    matrix = (matrix + matrix.T) / 2
    matrix[np.diag_indices_from(matrix)] += penalty
    factor = cho_factor(matrix, lower=True, overwrite_a=True, check_finite=False)
    lower = np.tril(factor[0]).astype(np.float32)
    leverage = np.empty(len(chosen))
    for start in range(0, len(chosen), 4 * BLOCK):
        rows = slice(start, start + 4 * BLOCK)
        half = solve_triangular(lower, phi[chosen[rows]].T, lower=True, check_finite=False)
        leverage[rows] = (half.astype(np.float64) ** 2).sum(0)
    hats = tuple((members, _hat(lower, phi[chosen[members]])) for members in groups)
    return Ridge(phi, factor, leverage, hats)


def _hat(lower: np.ndarray, phi: np.ndarray) -> np.ndarray:
    """H_gg [g, g] of the rows `phi` [g, m]."""
    half = solve_triangular(lower, phi.T, lower=True, check_finite=False).astype(np.float64)
    return half.T @ half


def weights(ridge: Ridge, targets: np.ndarray) -> np.ndarray:
    """The regression's weights float32 [m, K] for `targets` [n, K]."""
    if scratch.whole(len(targets)):
        return solved(ridge, ridge.phi.T @ targets.astype(np.float32))
    parts = scratch.blocks(len(targets))
    return solved(ridge, sum(ridge.phi[at].T @ targets[at].astype(np.float32) for at in parts))


def weights_of_labels(ridge: Ridge, labels: np.ndarray, classes: int) -> np.ndarray:
    """Those for one-hot targets of `labels` [n], which are never made: sums of rows class by class."""
    order = np.argsort(labels, kind="stable")
    sums = np.zeros((ridge.phi.shape[1], classes), np.float32)
    for at in scratch.blocks(len(order), 4 * BLOCK):
        rows = order[at]
        own, first = np.unique(labels[rows], return_index=True)
        sums[:, own] += np.add.reduceat(ridge.phi[rows], first).T
    return solved(ridge, sums)


def solved(ridge: Ridge, products: np.ndarray) -> np.ndarray:
    """Weights float32 [m, K] from phi' Y [m, K]."""
    return cho_solve(ridge.factor, products.astype(np.float64)).astype(np.float32)


def left_out(ridge: Ridge, targets: np.ndarray) -> np.ndarray:
    """Predictions [n, K] of every example from `targets` [n, K] of those outside its group."""
    fitted = (ridge.phi @ weights(ridge, targets)).astype(np.float64)
    out = (fitted - ridge.leverage[:, None] * targets) / (1 - ridge.leverage)[:, None]
    for members, hat in ridge.groups:
        out[members] = np.linalg.solve(np.eye(len(members)) - hat, fitted[members] - hat @ targets[members])
    return out
