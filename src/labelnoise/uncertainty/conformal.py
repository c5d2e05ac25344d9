"""Prediction sets that hold the true class with a given probability, calibrated on labels that may be wrong.

A class k is in the set of an image x where its score s(x, k) is at most tau. Split conformal prediction takes for
tau a quantile of the scores of given labels (Vovk et al. 2005). Where labels are wrong that quantile is the one of
another distribution: noise that spreads over all classes makes sets too large (Einbinder et al. 2024, JMLR 25,
first as arXiv 2209.14295), and they cover too often.

With labels that err by T[i, j] = P(noisy = j | clean = i), whatever the image, the distribution of the true
class's score follows from those of all classes, label by label (Sesia, Wang and Tong 2023, arXiv 2309.05092; over
all classes together Bortolotti et al. 2025, arXiv 2501.18060, whose estimate it is up to notation):

    P(s(X, Y) <= t) = E[ sum_k T^-1[noisy, k] 1{s(X, k) <= t} ],  since  sum_j T[i, j] T^-1[j, k] = 1{i = k}.

T = I is split conformal prediction, and labels drawn anew from all classes give the estimate of Penso, Goldberger
and Fetaya 2025 (arXiv 2501.12749). The weights may be negative, so the mean over few labels need not rise with t.
These papers take the first t at which it reaches the level, or add a margin for chance. Here it is made to rise by
least squares (isotonic regression), without a margin. That choice is ours, made after a look at simulated labels:
with 144 of them and 80% symmetric noise the first t covers .78 to .82 on average where .9 is asked for, the rising
mean .85 to .88.

Shape letters: n calibration examples, M examples, C classes.
"""

import numpy as np
from scipy.optimize import isotonic_regression

from labelnoise.uncertainty import transition

ROUNDING = 1e-9  # of a mean of weights: what must be reached may be exactly a share of the examples


def least_ambiguous(probs: np.ndarray) -> np.ndarray:
    """Scores [M, C] of `probs` [M, C] that give the smallest sets on average (Sadinle, Lei and Wasserman 2019).

    Theirs is 1 - p. Here it is -p: the same sets, and small p are not rounded to one value.
    """
    return -probs.astype(np.float64)


def adaptive(probs: np.ndarray) -> np.ndarray:
    """Scores [M, C] of `probs` [M, C] that give larger sets to harder images (Romano, Sesia and Candes 2020).

    Theirs is the probability of the class and of all more probable ones. Here it is less that of all less probable
    ones, which differs by 1; nothing is drawn at random.
    """
    order = np.argsort(probs, axis=1, kind="stable")
    rising = np.take_along_axis(probs.astype(np.float64), order, 1)
    below = np.pad(np.cumsum(rising, 1)[:, :-1], ((0, 0), (1, 0)))
    scores = np.empty_like(below)
    np.put_along_axis(scores, order, -below, 1)
    return scores


SCORES = {"least_ambiguous": least_ambiguous, "adaptive": adaptive}


def threshold(scores: np.ndarray, labels: np.ndarray, matrix: np.ndarray, level: float) -> float:
    """tau from `scores` [n, C] of examples with `labels` [n], which err by `matrix` [C, C].

    Infinite where n labels are too few for the level: then every class is in every set. NaN where the scores are
    not finite, or the matrix has no inverse: then nothing is known of the true classes.
    """
    if not (np.isfinite(scores).all() and np.isfinite(transition.condition_number(matrix))):
        return float("nan")
    at, share = distribution(scores, labels, matrix)
    reached = share >= level * (1 + 1 / len(labels)) - ROUNDING
    return float(at[reached.argmax()]) if reached.any() else float("inf")


def distribution(scores: np.ndarray, labels: np.ndarray, matrix: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """Distinct values t of `scores` [n, C], rising, and the estimate of P(true class's score <= t) at each."""
    weights = np.linalg.inv(matrix)[labels]  # [n, C], rows sum to one
    at, place, count = np.unique(scores, return_inverse=True, return_counts=True)
    share = np.cumsum(np.bincount(place.ravel(), weights.ravel())) / len(labels)
    return at, isotonic_regression(share, weights=count).x.clip(0, 1)


def sets(scores: np.ndarray, tau: float) -> np.ndarray:
    """bool [M, C]: which classes are in the sets of examples with `scores` [M, C]."""
    return scores <= tau
