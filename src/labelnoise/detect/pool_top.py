"""The pool of pool.py where of each example k classes are kept.

The classes that are not kept are alike: each has its share of what is left, no bias, and the mean of the other
entries of T in the column of the given label. So R of them are one term more, with log R added to its logit.
Where all classes are kept it is the pool itself.

Shape letters: M predictors, n examples, C classes, k of them kept, R = C - k, s = k + 1 terms.
"""

from collections.abc import Iterator
from typing import NamedTuple

import numpy as np
from scipy.optimize import minimize

from labelnoise import scratch
from labelnoise.detect.pool import (
    LEAST_TOTAL,
    RIDGE_BIAS,
    RIDGE_LOG_TOTAL,
    SMALLEST,
    SMALLEST_CHANNEL,
    STEPS,
    Pooled,
)
from labelnoise.detect.topk import TopK

BLOCK = 2**14  # examples at a time
NOTHING = -1e30  # logit of the others where there are none


class Part(NamedTuple):
    """Some examples, as the fit reads them."""

    logs: np.ndarray  # [M, n, s]
    at: np.ndarray  # int [n, s] number of the bias; C: none
    channel: np.ndarray  # [n, s] P(given label | class)
    offset: np.ndarray  # [s] added to logits
    share: np.ndarray  # [s] of the floor


def fit(
    probs: list[TopK],
    labels: np.ndarray,
    transition: np.ndarray,
    floor: float,
    known: np.ndarray,
    chosen: np.ndarray,
) -> Pooled:
    """As pool.fit, of M `probs` that keep the same classes, among them each example's given and known one. Weights
    and biases are those of the examples `chosen`; all are read with them."""
    matrix = np.maximum(transition, SMALLEST_CHANNEL)
    parts = list(_parts(probs, labels, matrix, known, chosen))
    count, classes = len(probs), len(matrix)
    start = np.concatenate([np.full(count, 1 / count), np.zeros(classes)])
    bounds = [(0, None)] * count + [(None, None)] * classes
    options = {"maxiter": STEPS}
    theta = minimize(_objective, start, (parts, floor), "L-BFGS-B", jac=True, bounds=bounds, options=options).x
    return _read(theta, probs, labels, matrix, floor, known)._replace(transition=transition)


def _parts(probs: list[TopK], labels, matrix, known, rows: np.ndarray) -> Iterator[Part]:
    """Of the examples `rows`, block by block."""
    classes, k = len(matrix), probs[0].at.shape[1]
    others = classes - k
    offset = np.append(np.zeros(k), np.log(others) if others else NOTHING)
    share = np.append(np.ones(k), others) / classes
    total = matrix.sum(0)
    for block in scratch.blocks(len(rows), BLOCK):
        own = rows[block]
        at = probs[0].at[own]
        logs = np.empty((len(probs), len(own), k + 1))
        for one, out in zip(probs, logs):
            out[:, :k], out[:, k] = one.probs[own], one.rest[own] / max(others, 1)
        np.log(np.maximum(logs, SMALLEST, out=logs), out=logs)
        kept = matrix[at, labels[own, None]]
        rest = np.maximum(total[labels[own]] - kept.sum(1), 0) / max(others, 1)
        channel = np.concatenate([kept, np.maximum(rest, SMALLEST_CHANNEL)[:, None]], 1)
        answered = np.flatnonzero(known[own] >= 0)
        channel[answered, :k] *= at[answered] == known[own][answered, None]
        channel[answered, k] = 0
        yield Part(logs, np.concatenate([at, np.full((len(own), 1), classes)], 1), channel, offset, share)


def _softmax(theta: np.ndarray, part: Part) -> np.ndarray:
    """[n, s]"""
    count = len(part.logs)
    z = np.tensordot(theta[:count], part.logs, 1)
    z += np.append(theta[count:], 0)[part.at]
    z += part.offset
    z -= z.max(1, keepdims=True)
    np.exp(z, out=z)
    z /= z.sum(1, keepdims=True)
    return z


def _objective(theta: np.ndarray, parts: list[Part], floor: float) -> tuple[float, np.ndarray]:
    """Penalised -log likelihood per example and its gradient [M + C], as in pool.py."""
    count = len(parts[0].logs)
    fits, examples, by_weight, by_bias = 0.0, 0, np.zeros(count), np.zeros(len(theta) - count + 1)
    for part in parts:
        soft = _softmax(theta, part)
        agree = soft * part.channel
        likelihood = (1 - floor) * agree.sum(1) + floor * (part.share * part.channel).sum(1)
        slope = (agree - soft * agree.sum(1, keepdims=True)) * ((1 - floor) / likelihood)[:, None]
        fits, examples = fits + np.log(likelihood).sum(), examples + len(slope)
        by_weight += np.tensordot(part.logs, slope, ([1, 2], [0, 1]))
        by_bias += np.bincount(part.at.ravel(), slope.ravel(), len(by_bias))
    total, bias = max(float(theta[:count].sum()), LEAST_TOTAL), theta[count:]
    value = RIDGE_BIAS * (bias**2).sum() + RIDGE_LOG_TOTAL * np.log(total) ** 2 - fits
    by_weight = 2 * RIDGE_LOG_TOTAL * np.log(total) / total - by_weight
    gradient = np.concatenate([by_weight, 2 * RIDGE_BIAS * bias - by_bias[:-1]])
    return value / examples, gradient / examples


def _read(theta: np.ndarray, probs: list[TopK], labels, matrix, floor: float, known) -> Pooled:
    """All examples with the weights and biases `theta` [M + C]."""
    before, after, fits = [], [], 0.0
    for part in _parts(probs, labels, matrix, known, np.arange(len(labels))):
        q = (1 - floor) * _softmax(theta, part) + floor * part.share
        joint = q * part.channel
        likelihood = joint.sum(1)
        fits += float(np.log(likelihood).sum())
        before.append(q.astype(np.float32))
        after.append((joint / likelihood[:, None]).astype(np.float32))
    at, classes = probs[0].at, len(matrix)

    def kept(parts: list[np.ndarray]) -> TopK:
        whole = np.concatenate(parts)
        return TopK(at, whole[:, :-1], whole[:, -1], classes)

    count = len(probs)
    return Pooled(kept(after), kept(before), matrix, fits / len(labels), theta[:count], theta[count:])
