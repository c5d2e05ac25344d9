"""Detection where classes are many: the predictors block by block, of each example the k likeliest classes.

What detector.py holds, an array [n, C] per predictor, is made for a block of examples at a time; what is kept of
it are KEPT classes: those of the largest mean probability, and the given and the rechecked one. Differences from
detector.py, which the limits of time ask for: no rounds; a probe up to PROBED classes only, of LEARNED examples at
most; the pool's weights and biases are those of FITTED examples, of each class its share; and what a predictor
says is the likeliest of the classes kept, which all share: its own likeliest class may be another.

Shape letters: n examples, C classes, M predictors, k classes kept, b examples of a block.
"""

from collections.abc import Iterator
from typing import NamedTuple

import numpy as np
from scipy.special import softmax

from labelnoise.detect import clearest, neighbours, pool_top, probe, ridge, topk
from labelnoise.detect.neighbours import Neighbours
from labelnoise.detect.predictors import CLIP, SHARPNESS, Prepared
from labelnoise.detect.sample import drawn
from labelnoise.detect.topk import TopK
from labelnoise.uncertainty import transition

MOST_CLASSES = 100  # of which whole arrays are kept,
MOST_VALUES = 2**25  # with so many probabilities of a predictor: 256 MiB
KEPT = 20
PROBED, LEARNED, FITTED = 100, 2**16, 60_000
VALUES = 2**21  # of a predictor in a block


class Block(NamedTuple):
    """Some examples, whole groups of them."""

    rows: np.ndarray  # int [b]
    groups: slice  # of Ridge.groups, those of two or more that lie here


def are_many(count: int, classes: int) -> bool:
    """Whether `count` examples of `classes` classes are detected here."""
    return classes > MOST_CLASSES or count * classes > MOST_VALUES


def blocks(group: np.ndarray, classes: int) -> Iterator[Block]:
    """All examples, group by group; group [n]: numbers 0, 1, ..."""
    order = np.argsort(group, kind="stable")
    ends = np.cumsum(np.bincount(group))
    several = np.append(0, np.cumsum(np.bincount(group) > 1))
    step, first = max(1, VALUES // classes), 0
    while first < len(ends):
        start = ends[first - 1] if first else 0
        last = max(first + 1, int(np.searchsorted(ends, start + step, "right")))
        yield Block(order[start : ends[last - 1]], slice(several[first], several[last]))
        first = last


def left_out(of: ridge.Ridge, weights: np.ndarray, labels: np.ndarray, block: Block) -> np.ndarray:
    """Scores float32 [b, C] as ridge.left_out, with `weights` [m, C] of the `labels` [n]."""
    rows, classes = block.rows, weights.shape[1]
    fitted, own = of.phi[rows] @ weights, np.arange(len(rows))
    out = fitted.copy()
    out[own, labels[rows]] -= of.leverage[rows].astype(np.float32)
    out /= (1 - of.leverage[rows]).astype(np.float32)[:, None]
    if of.groups[block.groups]:
        place = dict(zip(rows.tolist(), own.tolist(), strict=True))
        for members, hat in of.groups[block.groups]:
            here = [place[at] for at in members.tolist()]
            target = np.zeros((len(members), classes))
            target[np.arange(len(members)), labels[members]] = 1
            out[here] = np.linalg.solve(np.eye(len(members)) - hat, fitted[here] - hat @ target)
    return out


def evidence(
    prepared: list[Prepared],
    labels: np.ndarray,
    forced: np.ndarray,
    classes: int,
    group: np.ndarray,
    strengths: list[float],
) -> tuple[list[str], list[TopK]]:
    """Names of all predictors and what they say, from `labels` [n], each example's own (and its group's) left out.
    forced [2, n]: classes that are kept whatever is said of them."""
    names, readers = zip(*_readers(prepared, labels, classes, group, strengths), strict=True)
    made: list[TopK] = []
    for block in blocks(group, classes):
        said = [part for reader in readers for part in reader(block)]
        at = _candidates(said, forced[:, block.rows], classes)
        for place, part in enumerate(said):
            one = topk.kept(part, at)
            if place == len(made):
                made.append(_empty(len(labels), at.shape[1], classes, made))
            made[place].at[block.rows], made[place].probs[block.rows] = one.at, one.probs
            made[place].rest[block.rows] = one.rest
    return [name for part in names for name in part], made


def _empty(count: int, kept: int, classes: int, made: list[TopK]) -> TopK:
    """Room for one predictor; all share their classes."""
    at = made[0].at if made else np.empty((count, kept), np.int32)
    return TopK(at, np.empty((count, kept), np.float32), np.empty(count, np.float32), classes)


def _candidates(said: list[np.ndarray], forced: np.ndarray, classes: int) -> np.ndarray:
    """int [b, k] classes by the mean of what is said [b, C], the `forced` ones [2, b] first."""
    if classes <= KEPT:
        return np.tile(np.arange(classes), (len(said[0]), 1))
    total = np.sum(said, axis=0)
    for one in forced:
        total[np.arange(len(one)), one] = len(said) + 1
    return topk.largest(total, KEPT)[0]


def _readers(prepared: list[Prepared], labels, classes, group, strengths) -> Iterator[tuple]:
    """(names, block -> what each of these says [b, C])"""
    for one, strength in zip(prepared, strengths, strict=True):
        name = one.name
        if one.given is not None:
            yield (name,), lambda block, own=one.given: [np.array(own[block.rows], np.float32)]
            continue
        for of, penalty in zip(one.ridges, one.penalties, strict=True):
            own = f"{name} ridge {penalty:g}"
            yield (own, f"{own} clipped"), _ridge_reader(of, labels, classes)
        if np.isfinite(strength):
            yield (f"{name} probe",), _probe_reader(one, labels, classes, group, strength)
        yield (f"{name} neighbours",), _neighbour_reader(one.near, labels, classes)


def _ridge_reader(of: ridge.Ridge, labels: np.ndarray, classes: int):
    weights = ridge.weights_of_labels(of, labels, classes)

    def read(block: Block) -> list[np.ndarray]:
        scores = left_out(of, weights, labels, block)
        clipped = np.maximum(scores, np.float32(CLIP))
        clipped /= clipped.sum(1, keepdims=True)
        scores *= np.float32(SHARPNESS)
        return [softmax(scores, 1), clipped]

    return read


def _probe_reader(one: Prepared, labels: np.ndarray, classes: int, group: np.ndarray, strength: float):
    fold = probe.folds(group, probe.FOLDS)
    models = probe.models(one.parts, labels, fold, strength, LEARNED)
    return lambda block: [probe.read(models, one.parts, fold, classes, block.rows).astype(np.float32)]


def _neighbour_reader(near: Neighbours, labels: np.ndarray, classes: int):
    def read(block: Block) -> list[np.ndarray]:
        own = Neighbours(near.index[block.rows], near.weight[block.rows])
        return [neighbours.probabilities(own, labels, classes).astype(np.float32)]

    return read


def high(probs: TopK, labels: np.ndarray, known: np.ndarray) -> np.ndarray:
    """T [C, C] as transition.smoothed_confident_joint, of what is kept."""
    matrix, prior = confident_joint(probs, labels, known)
    return transition.smoothed(matrix, prior, len(labels))


def confident_joint(probs: TopK, labels: np.ndarray, known: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """As transition.confident_joint, of what is kept: T [C, C] and the prior [C]; what is `known` [n] for sure."""
    own = np.where(known >= 0, known == labels, topk.of_label(probs, labels))
    count = np.bincount(labels, minlength=probs.classes)
    limits = np.where(count > 0, np.bincount(labels, own, len(count)) / np.maximum(count, 1), np.inf)
    confident = probs.probs >= limits[probs.at] - 1e-6
    guess = topk.likeliest(probs._replace(probs=np.where(confident, probs.probs, -np.inf)))
    counted, guess = confident.any(1) | (known >= 0), np.where(known >= 0, known, guess)
    return transition.of_confident(labels[counted], guess[counted], count / len(labels))


def fits(probs: list[TopK], labels, known, floor: float, weight: np.ndarray) -> list[float]:
    """How likely the given labels are under each predictor alone [nats], with its own T low."""
    chosen = drawn(labels, FITTED, 0)
    own = [topk.taken(one, chosen) for one in probs]
    rows, all_of = np.arange(len(chosen)), (labels[chosen], known[chosen])
    return [
        pool_top.fit(
            [one], all_of[0], clearest.transition(one, all_of[0], weight[chosen]), floor, all_of[1], rows
        ).log_likelihood
        for one in own
    ]
