"""A logistic regression on principal components, by folds: what confident learning is usually given.

Shape letters: n examples, D features, d components, C classes.
"""

import warnings

import numpy as np
from sklearn.exceptions import ConvergenceWarning
from sklearn.linear_model import LogisticRegression

FOLDS = 5
STRENGTHS = (0.003, 0.01, 0.1, 1.0)  # scikit-learn's C, of which the likelihood of one fold's labels chooses
ABSENT = 1e-4  # of a class that no label of the other folds names
CHOOSING = 6000  # labels at most by which the strength is chosen


def components(features: np.ndarray, most: int) -> np.ndarray:
    """float32 [n, d]: the first principal components of `features` [n, D], scaled by one factor to variance 1."""
    x = np.asarray(features, np.float32)
    x = x - x.mean(0)
    _, axes = np.linalg.eigh((x.T @ x).astype(np.float64) / len(x))
    count = max(1, min(most, x.shape[1], len(x) // 3))
    parts = x @ axes[:, : -count - 1 : -1].astype(np.float32)
    return parts / max(float(parts.std()), 1e-12)


def folds(group: np.ndarray, count: int, seed: int = 0) -> np.ndarray:
    """The fold [n] of every example, even folds of whole groups; `group` [n]: equal for members of one.

    Drawn example by example, and a group goes with its first member: a few copies move next to nothing but
    themselves. Where all folds are drawn anew the rounds may end elsewhere (Fashion-MNIST: AUPRC .88 or .80).
    """
    _, first, number = np.unique(group, return_index=True, return_inverse=True)
    drawn = np.random.default_rng(seed).permutation(len(group))[first] % count
    fold = np.empty(len(first), np.int64)
    for at, part in enumerate(np.array_split(np.argsort(drawn, kind="stable"), count)):
        fold[part] = at
    return fold[number]


def probabilities(
    parts: np.ndarray, labels: np.ndarray, classes: int, fold: np.ndarray, strength: float
) -> np.ndarray:
    """[n, C] of every example by the regression on the other folds' `labels` [n]."""
    out = np.full((len(labels), classes), ABSENT)
    for k in np.unique(fold):
        rest = fold != k
        _predict(out, parts, labels, rest, ~rest, strength)
    return out / out.sum(1, keepdims=True)


def strength(parts: np.ndarray, labels: np.ndarray, classes: int, fold: np.ndarray) -> float:
    """The one of STRENGTHS under which the labels of the first fold are likeliest, given the other folds; of many
    examples, by CHOOSING of each drawn at random, since they may be sorted by class."""
    order = np.random.default_rng(0).permutation(len(labels)) if len(labels) > CHOOSING else np.arange(len(labels))
    rest, first = order[fold[order] != 0][:CHOOSING], order[fold[order] == 0][:CHOOSING]
    likelihoods = []
    for value in STRENGTHS:
        out = np.full((len(labels), classes), ABSENT)
        _predict(out, parts, labels, rest, first, value)
        given = out[first] / out[first].sum(1, keepdims=True)
        likelihoods.append(np.log(given[np.arange(len(first)), labels[first]]).mean())
    return STRENGTHS[int(np.argmax(likelihoods))]


def _predict(out, parts, labels, rest, judged, value) -> None:
    """Fill the rows `judged` of `out`. A fold with a single class has nothing to learn: it keeps equal shares."""
    if len(np.unique(labels[rest])) < 2:
        return
    with warnings.catch_warnings():  # some steps more would not change what the pool makes of it
        warnings.simplefilter("ignore", ConvergenceWarning)
        model = LogisticRegression(C=value, max_iter=100, tol=1e-3).fit(parts[rest], labels[rest])
    rows = judged if judged.dtype != bool else np.flatnonzero(judged)
    out[np.ix_(rows, model.classes_)] = model.predict_proba(parts[rows])
