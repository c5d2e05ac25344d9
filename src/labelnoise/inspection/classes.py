"""Classes that features cannot tell apart, though they tell both from all others: two names of one class.

Of the examples of two classes, are those of one ordered before those of the other by the difference of their
scores, each predicted without itself? Where the two names were dealt out by chance, the area under the ROC curve
is about one half.

Measured with the limits below. CIFAR-10N with 9 and 18% errors, 300 to 3,000 images, patches and
efficientnet_lite0: of classes split in halves or 80 to 20 (cat, ship, dog) 41 of 120 told, from 1,000 images on 29
of 48; something else told in 3 of 160 runs, all of 300 images. Patches alone do not know these classes: cat and
dog, which they tell at areas of .5 to .69, would be called one in every third run without KNOWN. Digits, one split
in halves, up to 20% errors: 25 of 30 told with 600 images, 8 with 300; nothing else.

Shape letters: n examples, D features, C classes.
"""

from typing import NamedTuple

import numpy as np

from labelnoise.detect import predictors, ridge
from labelnoise.detect.predictors import PRED_PROBS, Features

ALIKE = 0.58  # area up to which two classes are one
SEEN = 0.75  # area of the two together against the others, from which on features see them
KNOWN = 0.9  # the same of the usual other class, from which on features know what these classes are about
FEWEST = 15  # examples of a class: with fewer the area is chance
MOST = 6000  # examples, drawn class by class
PARTNERS = 3  # classes nearest to each, which are looked at: C * C pairs would take minutes


class Pair(NamedTuple):
    """Two classes that look like one."""

    one: int
    other: int
    area: float  # under the curve of telling them apart


def confused(raw: list[Features], labels: np.ndarray, classes: int, group: np.ndarray) -> list[Pair]:
    """Pairs among `classes`, from feature sets and given `labels` [n], -1 where there is none. group [n]: members
    of one do not predict one another. The set that predicts the labels best is asked."""
    rows = _drawn(labels)
    sets = [one.of(rows) for one in raw if one.name != PRED_PROBS]
    if not len(rows) or not sets:
        return []
    numbers = np.unique(group[rows], return_inverse=True)[1]
    own, target = labels[rows], predictors.one_hot(labels[rows], classes)
    scores = min((_scores(one, target, numbers) for one in sets), key=lambda found: ((found - target) ** 2).mean())
    known = {number: area(scores[:, number], own == number) for number in _usual(own, classes)}
    pairs = [(one, other) for one, other in _candidates(scores, own) if _seen(scores, own, known, one, other)]
    told = [Pair(one, other, _apart(scores, own, one, other)) for one, other in pairs]
    return [pair for pair in told if pair.area <= ALIKE]


def _drawn(labels: np.ndarray) -> np.ndarray:
    """Positions of at most MOST examples that have a label, of each class its share."""
    rows = np.flatnonzero(labels >= 0)
    rows = rows[np.argsort(labels[rows], kind="stable")]
    take = np.unique(np.linspace(0, max(len(rows) - 1, 0), min(MOST, len(rows))).round().astype(int))
    return np.sort(rows[take])


def _scores(features: Features, target: np.ndarray, group: np.ndarray) -> np.ndarray:
    """Scores [n, C] of a ridge regression, each example's group left out."""
    own = predictors.settings(features.name)
    phi = ridge.kernel_features(predictors.scaled(features), own.sharpness[-1])
    return ridge.left_out(ridge.factorize(phi, own.penalties[-1], predictors.members(group)), target)


def _candidates(scores: np.ndarray, labels: np.ndarray) -> list[tuple[int, int]]:
    """Pairs of classes of FEWEST examples or more, one among the PARTNERS that score best with the other's."""
    usual, found = _usual(labels, scores.shape[1]), set()
    for one in usual:
        mean = scores[labels == one].mean(0)
        nearest = sorted((other for other in usual if other != one), key=lambda other: -mean[other])[:PARTNERS]
        found |= {(min(one, other), max(one, other)) for other in nearest}
    return sorted(found)


def _usual(labels: np.ndarray, classes: int) -> list[int]:
    """Classes of FEWEST examples or more, but not of all."""
    count = np.bincount(labels, minlength=classes)
    return np.flatnonzero((count >= FEWEST) & (count < len(labels))).tolist()


def _seen(scores: np.ndarray, labels: np.ndarray, known: dict[int, float], one: int, other: int) -> bool:
    """Whether features tell the two classes from the others, and these from one another."""
    both, others = np.isin(labels, (one, other)), [value for at, value in known.items() if at not in (one, other)]
    if both.all() or not others:
        return False
    return area(scores[:, one] + scores[:, other], both) >= SEEN and float(np.median(others)) >= KNOWN


def _apart(scores: np.ndarray, labels: np.ndarray, one: int, other: int) -> float:
    both = np.isin(labels, (one, other))
    return area(scores[both, one] - scores[both, other], labels[both] == one)


def area(values: np.ndarray, positive: np.ndarray) -> float:
    """Under the ROC curve of `values` [n] for the examples `positive`, bool [n]: both kinds occur."""
    count = int(positive.sum())
    _, place, alike = np.unique(values, return_inverse=True, return_counts=True)
    ranks = (np.cumsum(alike) - (alike - 1) / 2)[place]  # equal values share the mean of theirs
    return float((ranks[positive].sum() - count * (count + 1) / 2) / (count * (len(values) - count)))
