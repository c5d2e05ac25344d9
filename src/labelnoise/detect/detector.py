"""P(given label is wrong | image, label) from features, with two noise matrices.

Out-of-sample predictors, rounds where they help, and a pool through T: T low from the clearest examples, which
orders the list and makes the tiers, and T high, the confident joint, which takes all doubt for noise. The truth
about the rate lies between the two, or near them: a range between two models, no interval. Where the given labels
contradict T low, T high orders the list (`against_low`).

Shape letters: n examples, C classes, M predictors.
"""

from collections.abc import Callable
from typing import NamedTuple

import numpy as np
from scipy.special import expit, logit

from labelnoise.detect import clearest, many, pool, pool_top, predictors, rounds, topk
from labelnoise.detect.pool import Pooled
from labelnoise.detect.predictors import Features, Prediction, Prepared
from labelnoise.detect.sample import drawn
from labelnoise.detect.topk import Probs
from labelnoise.uncertainty import posterior
from labelnoise.uncertainty.transition import smoothed_confident_joint

PASSES = 2  # of T and the pool in turns
CERTAIN = 1e-9  # P(wrong) and P(right) are at least that where their logits are averaged


class Sets(NamedTuple):
    """All feature sets of some examples, without their labels."""

    raw: list[Features]
    prepared: list[Prepared]
    group: np.ndarray  # int [n] number of each example's group, 0, 1, ...; no two alike where there are no groups
    folds: dict[tuple[int, int], list]  # (set, ridge) -> its folds, made when rounds first ask
    parts: dict[bytes, "Sets"] | None = None  # those of some of the examples; None: not kept, as they take memory

    def independent(self) -> int:
        """How many examples there are, a group counted once."""
        return int(self.group.max()) + 1

    def weight(self) -> np.ndarray:
        """[n] of every example, in sums over them: those of a group weigh 1 together."""
        return 1 / np.bincount(self.group)[self.group]


class Labels(NamedTuple):
    """Labels of some examples."""

    given: np.ndarray  # int [n] as given
    known: np.ndarray  # int [n] the class that a rechecker named, -1 elsewhere
    classes: int

    def now(self) -> np.ndarray:
        """[n] with answers in place."""
        return np.where(self.known >= 0, self.known, self.given)

    def of(self, rows: np.ndarray) -> "Labels":
        """Those of the examples `rows` alone."""
        return Labels(self.given[rows], self.known[rows], self.classes)


class Detection(NamedTuple):
    """What the detector says."""

    lead: Pooled  # what orders the list: with T low, or with T high where the labels contradict T low
    low: Pooled  # with T low
    high: Pooled  # with T high
    predictions: list[Prediction]  # M, rounds included
    likelihoods: list[float]  # of the given labels under each predictor but rounds [nats], T free
    round: int  # 1: no further round was better
    strengths: list[float]  # of each set's probe
    many: bool  # the classes are many: no arrays [n, C] but what of them is kept (many.py)


def prepare(raw: list[Features], group: np.ndarray | None = None) -> Sets:
    """Factorise feature sets of the same n examples. group [n]: any numbers, equal for copies and the like."""
    count = len(raw[0].values)
    numbers = np.arange(count) if group is None else np.unique(group, return_inverse=True)[1]
    return Sets(raw, [predictors.prepare(one, numbers) for one in raw], numbers, {})


def plain(given: np.ndarray, classes: int) -> Labels:
    """Labels that nobody rechecked."""
    return Labels(given, np.full(len(given), -1), classes)


def detect(
    sets: Sets, labels: Labels, floor: float, strengths: list[float] | None = None, are_many: bool | None = None
) -> Detection:
    """The noise model of `labels` on `sets`. strengths: of the probes, where they have been chosen by other labels
    of the same examples, as for simulated worlds. are_many: whether many.py does it, None: by their number."""
    now, of = labels.now(), sets.prepared
    if many.are_many(len(now), labels.classes) if are_many is None else are_many:
        return _of_many(sets, labels, floor, strengths)
    if strengths is None:
        strengths = [predictors.strength(one, now, labels.classes, sets.group) for one in of]
    by_set = [
        predictors.predictions(one, now, labels.classes, sets.group, strength)
        for one, strength in zip(of, strengths, strict=True)
    ]
    made = [one for parts in by_set for one in parts]
    fits = [posterior.fit(one.probs, labels.given, labels.known, floor).log_likelihood for one in made]
    best = int(np.argmax(fits))
    further = _rounds(sets, labels, by_set, fits, floor)
    made += [Prediction(f"round {at + 2}", probs, None, None) for at, probs in enumerate(further[1:])]
    start = further[-1] if len(further) > 1 else made[best].probs
    probs, weight = [one.probs for one in made], sets.weight()

    def pooled(matrix: np.ndarray) -> Pooled:
        return pool.fit(probs, labels.given, matrix, floor, labels.known)

    low = _passes(pooled, start, lambda q: clearest.transition(q, labels.given, weight))
    high = _passes(pooled, made[best].probs, lambda q: smoothed_confident_joint(q, labels.given, labels.known))
    return Detection(_lead(low, high, sets), low, high, made, fits, max(1, len(further)), strengths, False)


def _of_many(sets: Sets, labels: Labels, floor: float, strengths: list[float] | None) -> Detection:
    given, known, now, weight = labels.given, labels.known, labels.now(), sets.weight()
    if strengths is None:
        probed = labels.classes <= many.PROBED
        strengths = [
            predictors.strength(one, now, labels.classes, sets.group) if probed else np.nan
            for one in sets.prepared
        ]
    names, made = many.evidence(sets.prepared, now, np.stack([given, now]), labels.classes, sets.group, strengths)
    fits, chosen = many.fits(made, given, known, floor, weight), drawn(now, many.FITTED, 0)
    best = made[int(np.argmax(fits))]

    def pooled(matrix: np.ndarray) -> Pooled:
        return pool_top.fit(made, given, matrix, floor, known, chosen)

    low = _passes(pooled, best, lambda q: clearest.transition(q, given, weight))
    high = _passes(pooled, best, lambda q: many.high(q, given, known))
    said = [Prediction(name, probs, None, None) for name, probs in zip(names, made, strict=True)]
    return Detection(_lead(low, high, sets), low, high, said, fits, 1, strengths, True)


def _lead(low: Pooled, high: Pooled, sets: Sets) -> Pooled:
    return high if against_low(low, high, sets.independent()) > 0 else low


def against_low(low: Pooled, high: Pooled, independent: int) -> float:
    """By how many nats the given labels are likelier with T high than its C (C - 1) free entries explain (Akaike
    1974); above 0 T low is contradicted. Features never did that; probabilities of networks trained by uneven
    folds did, whose clearest examples are chosen by the fold.
    independent: how many examples count, as a copy says nothing new."""
    classes = len(low.bias)
    return independent * (high.log_likelihood - low.log_likelihood) - classes * (classes - 1)


def _passes(pooled: Callable[[np.ndarray], Pooled], q: Probs, matrix: Callable[[Probs], np.ndarray]) -> Pooled:
    for _ in range(PASSES):
        fit = pooled(matrix(q))
        q = fit.q
    return fit


def _rounds(
    sets: Sets, labels: Labels, by_set: list[list[Prediction]], fits: list[float], floor: float
) -> list[np.ndarray]:
    """Rounds of the likeliest ridge regression; none where there is no features' set. Sets may share a name."""
    each = [(at, one) for at, parts in enumerate(by_set) for one in parts]
    ridges = [(fit, at, one) for fit, (at, one) in zip(fits, each) if one.ridge is not None]
    if not ridges:
        return []
    _, at, chosen = max(ridges, key=lambda ridge: ridge[0])
    of, key = sets.prepared[at], (at, chosen.ridge)
    if key not in sets.folds:
        sets.folds[key] = rounds.folds(of.ridges[chosen.ridge], of.penalties[chosen.ridge], sets.group)
    phi = of.ridges[chosen.ridge].phi
    given, now, classes = labels.given, labels.now(), labels.classes
    return rounds.chain(sets.folds[key], chosen.scores, phi, given, now, classes, floor, sets.weight())


def p_wrong(fit: Pooled, labels: Labels) -> np.ndarray:
    """P(label wrong) [n] of the labels in use: of a rechecked one, which is right now, 0."""
    wrong = topk.others(fit.posterior, labels.given)
    return np.where(labels.known >= 0, 0.0, wrong)


def between(low: np.ndarray, high: np.ndarray) -> np.ndarray:
    """The mean of the logits of two P(wrong) [n]."""
    return expit((logit(low.clip(CERTAIN, 1 - CERTAIN)) + logit(high.clip(CERTAIN, 1 - CERTAIN))) / 2)
