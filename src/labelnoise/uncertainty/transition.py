"""The noise matrix from a network trained on noisy labels: anchor points (Patrini et al. 2017, arXiv 1609.03683),
the confident joint (Northcutt et al. 2021, arXiv 1911.00068) and Dual-T (Yao et al. 2020, arXiv 2006.07805).

Shape letters: n examples, C classes; T[i, j] = P(noisy = j | clean = i), rows sum to one.
"""

import numpy as np

SMOOTHING = 0.5  # counts per row of the confident joint: .05 per cell of ten classes


def anchor_points(probs: np.ndarray, percentile: float) -> np.ndarray:
    """T [C, C] from noisy posteriors `probs` [n, C]: row i is the prediction at class i's anchor point.

    T_ij = p_j(x_i), x_i the example of largest p_i among those at or below the `percentile` of
    column i; 100 filters nothing. The filter removes outliers: a single over-confident example would make
    the row one-hot. It works on a copy of the column. The authors' code zeroes the table itself, so its
    later rows contain zeros where an earlier class filtered, and it also drops the example at the percentile.
    With so many classes that it would drop all examples of one, nothing is filtered (their code: CIFAR-100).
    NaN in `probs` gives NaN in T.
    """
    columns = probs.astype(np.float64).T  # [C, n]
    if 1 - percentile / 100 >= 1 / len(columns):
        percentile = 100
    limits = np.percentile(columns, percentile, axis=1, method="higher", keepdims=True)
    anchors = np.where(columns > limits, -np.inf, columns).argmax(axis=1)
    rows = columns.T[anchors]
    return rows / rows.sum(axis=1, keepdims=True)


def confident_joint(pred_probs: np.ndarray, labels: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """T [C, C] and prior [C] of the true classes, from out-of-sample `pred_probs` [n, C] and `labels` [n].

    Northcutt et al. 2021, eq. 1-3: t_j is the mean p_j of the examples labelled j; an example counts into
    (its label, its class of largest p among those with p_l >= t_l), or nowhere if there is none. Each row of
    the counts is scaled to the number of its labels, which gives the joint Q[noisy, clean]; T is its transpose
    with rows normalised, the prior its column sums. From the authors' code: 1e-6 below a threshold counts, since
    the mean of equal values may round to above them, and every label has one confident example of its own class
    at least, so that no row is empty. Unlike there, the largest p is sought among the confident classes only,
    as the paper says, and Q is not rounded to whole examples. A class without labels has no threshold.
    """
    probs = pred_probs.astype(np.float64)
    classes = np.arange(probs.shape[1])
    ours = labels[:, None] == classes  # [n, C]
    thresholds = np.where(ours.any(0), (probs * ours).sum(0) / np.maximum(ours.sum(0), 1), np.inf)
    confident = probs >= thresholds - 1e-6
    guess = np.where(confident, probs, -np.inf).argmax(1)
    counted = confident.any(1)
    return of_confident(labels[counted], guess[counted], ours.mean(0))


def of_confident(labels: np.ndarray, guess: np.ndarray, share: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """As `confident_joint`, from labels [m] and guesses [m] of the confident examples, and the share [C] of each
    label among all."""
    counts = pairs(labels, guess, len(share))
    np.fill_diagonal(counts, np.maximum(counts.diagonal(), 1))
    joint = counts / counts.sum(1, keepdims=True) * share[:, None]
    return _stochastic(joint.T), joint.sum(0)


def smoothed_confident_joint(probs: np.ndarray, labels: np.ndarray, known: np.ndarray) -> np.ndarray:
    """T [C, C], the confident joint of `probs` [n, C] and `labels` [n], without zeros: forward losses take logs.

    The joint is scaled to the counts of the labels and smoothed by half a count per row. Rechecked examples count
    as their `known` class. NaN rows are left out. A class without labels gets one example, which is right.
    """
    classes = probs.shape[1]
    probs = np.where(known[:, None] >= 0, known[:, None] == np.arange(classes), probs)
    finite = np.isfinite(probs).all(1)
    if not finite.any():
        return np.full((classes, classes), np.nan)
    matrix, prior = confident_joint(probs[finite], labels[finite])
    return smoothed(matrix, prior, int(finite.sum()))


def smoothed(matrix: np.ndarray, prior: np.ndarray, count: int) -> np.ndarray:
    """`matrix` [C, C] of `count` examples with the `prior` [C], half a count more per row."""
    return _smoothed(count * prior[:, None] * matrix)


def dual_t(probs: np.ndarray, labels: np.ndarray, percentile: float) -> np.ndarray:
    """T [C, C] = T_a T_b from noisy posteriors `probs` [n, C] and `labels` [n] of the same examples.

    Yao et al. 2020: the prediction y' = argmax p is an intermediate class. T_a[i, j] = P(y' = j | clean = i) are
    anchor points, for which p is a posterior by definition; T_b[j, k] = P(noisy = k | y' = j) are counts, which
    need no calibrated p. Assumed is that y' says all that the clean class says. A class that is never predicted
    keeps its labels; the authors' code leaves T a row of zeros there, which is no channel.
    """
    return anchor_points(probs, percentile) @ _stochastic(pairs(probs.argmax(axis=1), labels, probs.shape[1]))


def pairs(rows: np.ndarray, columns: np.ndarray, classes: int) -> np.ndarray:
    """How often each pair (row, column) of classes occurs, [C, C]."""
    at = np.ravel_multi_index((rows, columns), (classes, classes))
    return np.bincount(at, minlength=classes**2).reshape(classes, classes).astype(float)


def _stochastic(counts: np.ndarray) -> np.ndarray:
    """`counts` [C, C] with rows that sum to one; an empty row is one-hot: nothing speaks for a flip."""
    totals = counts.sum(axis=1, keepdims=True)
    return np.where(totals > 0, counts / np.where(totals > 0, totals, 1), np.eye(len(counts)))


def _smoothed(counts: np.ndarray) -> np.ndarray:
    """Rows of `counts` [C, C] with half a count more, as shares; a class of less than one example gets a right one
    more."""
    counts = counts + SMOOTHING / len(counts) + np.diag(counts.sum(1) < 1)
    return counts / counts.sum(1, keepdims=True)


def prior(probs: np.ndarray) -> np.ndarray:
    """Share [C] of each class among the predictions argmax `probs` [n, C].

    An estimate of the share of the true classes. Counting the noisy labels would estimate prior @ T instead:
    under asymmetric noise that is too much of the classes that receive labels, while the network's argmax is
    right as long as the true label is the most frequent one for an image.
    """
    return np.bincount(probs.argmax(axis=1), minlength=probs.shape[1]) / len(probs)


def oversampled_prior(transition: np.ndarray, prior: np.ndarray) -> np.ndarray:
    """Share [C] of each true class among draws in which every noisy label is equally frequent.

    pi_j = sum_k q_k P(clean = j | noisy = k) with q uniform over the noisy labels that occur: not uniform, unless
    the noise is symmetric and the classes are balanced.
    """
    joint = prior[:, None] * transition  # clean, noisy
    noisy = joint.sum(axis=0)
    reverse = joint[:, noisy > 0] / noisy[noisy > 0]
    return reverse.mean(axis=1)


def rate(transition: np.ndarray, prior: np.ndarray) -> float:
    """Share of wrong labels 1 - sum_i prior_i T_ii, from `transition` [C, C] and `prior` [C]."""
    return float(1 - prior @ np.diag(transition))


def relative_l1(truth: np.ndarray, estimate: np.ndarray) -> float:
    """sum |T - T_hat| / sum |T| of two matrices [C, C]: 0 when equal, at most 2 (rows sum to one)."""
    return float(np.abs(truth - estimate).sum() / np.abs(truth).sum())


def condition_number(transition: np.ndarray) -> float:
    """Ratio of the largest to the smallest singular value of `transition` [C, C]; NaN where that is NaN.

    Bounds how much T^-1 (backward correction) amplifies an error. Infinite for a matrix that is
    singular to rounding.
    """
    if not np.isfinite(transition).all():
        return float("nan")
    values = np.linalg.svd(transition, compute_uv=False)  # descending
    singular = values[-1] <= len(values) * np.finfo(np.float64).eps * values[0]  # as in numpy's matrix_rank
    return float("inf") if singular else float(values[0] / values[-1])
