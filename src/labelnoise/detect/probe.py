"""A logistic regression on principal components, by folds: what confident learning is usually given.

Shape letters: n examples, D features, d components, C classes.
"""

import warnings
from typing import Any

import numpy as np

from labelnoise import scratch

FOLDS = 5
STRENGTHS = (0.003, 0.01, 0.1, 1.0)  # scikit-learn's C, of which the likelihood of one fold's labels chooses
ABSENT = 1e-4  # of a class that no label of the other folds names
CHOOSING = 6000  # labels at most by which the strength is chosen


def components(features: np.ndarray, most: int) -> np.ndarray:
    """float32 [n, d]: the first principal components of `features` [n, D], scaled by one factor to variance 1."""
    parts, whole = list(scratch.blocks(len(features))), scratch.whole(len(features))
    mean = np.asarray(features, np.float32).mean(0) if whole else _mean(features, parts)
    cross = sum(_cross(_centred(features[at], mean)) for at in parts)
    _, axes = np.linalg.eigh(cross / len(features))
    count = max(1, min(most, features.shape[1], len(features) // 3))
    found = scratch.empty((len(features), count))
    for at in parts:
        found[at] = _centred(features[at], mean) @ axes[:, : -count - 1 : -1].astype(np.float32)
    square = 0 if whole else sum((found[at] ** 2).sum(dtype=float) for at in parts)
    deviation = found.std() if whole else np.sqrt(square / found.size)
    found /= max(float(deviation), 1e-12)
    return found


def _mean(features: np.ndarray, parts: list[slice]) -> np.ndarray:
    return (sum(features[at].sum(0, dtype=np.float64) for at in parts) / len(features)).astype(np.float32)


def _centred(features: np.ndarray, mean: np.ndarray) -> np.ndarray:
    return np.asarray(features, np.float32) - mean


def _cross(x: np.ndarray) -> np.ndarray:
    """float64 [D, D] x' x of centred rows."""
    return (x.T @ x).astype(np.float64)


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


def models(parts: np.ndarray, labels: np.ndarray, fold: np.ndarray, strength: float, most: int) -> list[Any]:
    """LogisticRegression of each fold, on at most `most` examples of the other folds; None where these have one
    class."""
    found, order = [], np.random.default_rng(0).permutation(len(labels))
    for k in range(FOLDS):
        rest = np.sort(order[fold[order] != k][:most])
        found.append(_fitted(parts, labels, rest, strength) if len(np.unique(labels[rest])) > 1 else None)
    return found


def read(models: list, parts: np.ndarray, fold: np.ndarray, classes: int, rows: np.ndarray) -> np.ndarray:
    """[b, C] of the examples `rows` [b], as `probabilities`."""
    out = np.full((len(rows), classes), ABSENT)
    for k, model in enumerate(models):
        own = np.flatnonzero(fold[rows] == k)
        if model is not None and len(own):
            out[np.ix_(own, model.classes_)] = model.predict_proba(parts[rows[own]])
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
    model = _fitted(parts, labels, rest, value)
    rows = judged if judged.dtype != bool else np.flatnonzero(judged)
    out[np.ix_(rows, model.classes_)] = model.predict_proba(parts[rows])


def _fitted(parts: np.ndarray, labels: np.ndarray, rows: np.ndarray, strength: float) -> Any:
    from sklearn.exceptions import ConvergenceWarning  # most of a second, which stages that fit none do without
    from sklearn.linear_model import LogisticRegression

    with warnings.catch_warnings():  # some steps more would not change what the pool makes of it
        warnings.simplefilter("ignore", ConvergenceWarning)
        return LogisticRegression(C=strength, max_iter=100, tol=1e-3).fit(parts[rows], labels[rows])
