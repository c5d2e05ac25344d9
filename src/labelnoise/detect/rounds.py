"""Rounds: predictions from labels that were corrected by the round before, cross-fitted.

For each of five folds, on the other folds alone: predict each label from the others, correct the labels through T,
train on the corrected ones, and so on; the fold is predicted by every round and never had a part in one. Without
that, corrected targets would carry an example's own label back to its neighbours, and every further round would
look better.

Shape letters: n examples, C classes, r of the n outside a fold.
"""

from collections.abc import Callable
from typing import NamedTuple

import numpy as np

from labelnoise import scratch
from labelnoise.detect import clearest, pool, probe, ridge
from labelnoise.detect.predictors import one_hot
from labelnoise.detect.ridge import Ridge

MOST = 5
FOLDS = 5


class Fold(NamedTuple):
    """One fold's factorisation; labels may change.

    The rows [r, m] of the rest are gathered when they are needed: those of five folds are four times the whole,
    which is the largest array of all where there are many examples.
    """

    rest: np.ndarray  # positions [r]
    out: np.ndarray  # positions of the fold
    ridge: Ridge  # of the rest, with the rows `phi` [n, m] of all examples

    def of_rest(self) -> Ridge:
        """The regression with the rest's own rows."""
        return self.ridge._replace(phi=scratch.taken(self.ridge.phi, self.rest))


def folds(of: Ridge, penalty: float, group: np.ndarray) -> list[Fold]:
    """Five folds of the ridge regression `of`, drawn group by group."""
    fold, whole, made = probe.folds(group, FOLDS), ridge.gram(of.phi), []
    for k in range(FOLDS):
        out, rest = np.flatnonzero(fold == k), np.flatnonzero(fold != k)
        if len(out) and len(rest):
            inner = _within(of.groups, rest)
            own = whole - ridge.gram(scratch.taken(of.phi, out))
            made.append(Fold(rest, out, ridge.factorize_rows(of.phi, rest, penalty, inner, own)))
    return made


def _within(groups: tuple, rest: np.ndarray) -> list[np.ndarray]:
    """Positions in `rest` of the groups that lie there: folds are drawn group by group."""
    place = np.full(rest.max() + 1, -1)
    place[rest] = np.arange(len(rest))
    inside = [members for members, _ in groups if members.max() < len(place) and (place[members] >= 0).all()]
    return [place[members] for members in inside]


def chain(
    made: list[Fold],
    to_probs: Callable[[np.ndarray], np.ndarray],
    phi: np.ndarray,
    labels: np.ndarray,
    now: np.ndarray,
    classes: int,
    floor: float,
    weight: np.ndarray | None = None,
) -> list[np.ndarray]:
    """Probabilities [n, C] of every round; the last is the best, or the first where no second is better.

    labels [n]: as given; now [n]: with a rechecker's answers in place. to_probs: from a ridge's scores. weight
    [n]: as in clearest.transition. A round is better where the given labels are likelier under it, with its own T
    low; the first that is not ends the chain.
    """
    weight = np.ones(len(labels)) if weight is None else weight
    targets = [one_hot(now[fold.rest], classes) for fold in made]
    best, kept = -np.inf, []
    for _ in range(MOST):
        scores = np.zeros((len(labels), classes))
        for fold, target in zip(made, targets):
            scores[fold.out] = phi[fold.out] @ ridge.weights(fold.of_rest(), target)
        probs = to_probs(scores)
        fit = pool.fit([probs], labels, clearest.transition(probs, labels, weight), floor)
        if fit.log_likelihood <= best:
            break
        best = fit.log_likelihood
        kept.append(probs)
        for at, fold in enumerate(made):  # one by one: those of all folds are four times `probs`
            targets[at] = _corrected(fold, targets[at], to_probs, labels, weight, floor)
    return kept


def _corrected(
    fold: Fold, target: np.ndarray, to_probs: Callable, labels: np.ndarray, weight: np.ndarray, floor: float
) -> np.ndarray:
    """Posterior [r, C] of the examples outside a fold, from predictions that leave each of them out."""
    probs, own = to_probs(ridge.left_out(fold.of_rest(), target)), labels[fold.rest]
    return pool.fit([probs], own, clearest.transition(probs, own, weight[fold.rest]), floor).posterior
