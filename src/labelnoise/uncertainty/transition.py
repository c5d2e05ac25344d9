"""The noise matrix from a network trained on noisy labels: Patrini et al. 2017 (arXiv 1609.03683).

Shape letters: n examples, C classes; T[i, j] = P(noisy = j | clean = i), rows sum to one.
"""

import numpy as np


def anchor_points(probs: np.ndarray, percentile: float) -> np.ndarray:
    """T [C, C] from noisy posteriors `probs` [n, C]: row i is the prediction at class i's anchor point.

    T_ij = p_j(x_i), x_i the example of largest p_i among those at or below the `percentile` of
    column i; 100 filters nothing. The filter removes outliers: a single over-confident example would make
    the row one-hot. It works on a copy of the column. The authors' code zeroes the table itself, so its
    later rows contain zeros where an earlier class filtered, and it also drops the example at the percentile.
    NaN in `probs` gives NaN in T.
    """
    columns = probs.astype(np.float64).T  # [C, n]
    limits = np.percentile(columns, percentile, axis=1, method="higher", keepdims=True)
    anchors = np.where(columns > limits, -np.inf, columns).argmax(axis=1)
    rows = columns.T[anchors]
    return rows / rows.sum(axis=1, keepdims=True)


def prior(probs: np.ndarray) -> np.ndarray:
    """Share [C] of each class among the predictions argmax `probs` [n, C].

    An estimate of the share of the true classes. Counting the noisy labels would estimate prior @ T instead:
    under asymmetric noise that is too much of the classes that receive labels, while the network's argmax is
    right as long as the true label is the most frequent one for an image.
    """
    return np.bincount(probs.argmax(axis=1), minlength=probs.shape[1]) / len(probs)


def rate(transition: np.ndarray, prior: np.ndarray) -> float:
    """Share of wrong labels 1 - sum_i prior_i T_ii, from `transition` [C, C] and `prior` [C]."""
    return float(1 - prior @ np.diag(transition))


def relative_l1(truth: np.ndarray, estimate: np.ndarray) -> float:
    """sum |T - T_hat| / sum |T| of two matrices [C, C]: 0 when equal, at most 2 (rows sum to one)."""
    return float(np.abs(truth - estimate).sum() / np.abs(truth).sum())
