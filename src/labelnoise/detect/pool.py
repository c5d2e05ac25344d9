"""Several predictors as one, through the noise: q(y | x), and P(true class | x, given label).

    q(y | x) = (1 - floor) softmax_y(sum_m beta_m log p_m(x) + b) + floor / C,   beta_m >= 0
    P(given = g | x) = sum_y q(y | x) T[y, g]

beta and b maximise the likelihood of the given labels with T held: a predictor that repeats the noise is worth
little, one that sees through it much. Predictors are out of sample.

Shape letters: M predictors, n examples, C classes.
"""

from typing import NamedTuple

import numpy as np
from scipy.optimize import minimize

from labelnoise.detect.topk import Probs

SMALLEST = 1e-6  # of a probability: no single predictor rules a class out
RIDGE_BIAS, RIDGE_LOG_TOTAL = 5.0, 2.0  # times b^2 and (log sum beta)^2, against a sum over examples
STEPS = 150
LEAST_TOTAL = 1e-3  # of sum beta, so that its logarithm is finite
SMALLEST_CHANNEL = 1e-30  # as P(given | class): the logarithm of a likelihood must be finite
BLOCK = 2**18  # probabilities at a time in a step of the fit: 2 MiB


class Pooled(NamedTuple):
    """The pool with one T."""

    posterior: Probs  # [n, C] P(true class | x, given label)
    q: Probs  # [n, C] before the label is seen
    transition: np.ndarray  # [C, C] as held
    log_likelihood: float  # of the given labels, mean per example [nats]
    weights: np.ndarray  # [M] beta
    bias: np.ndarray  # [C] b


def fit(
    probs: list[np.ndarray],
    labels: np.ndarray,
    transition: np.ndarray,
    floor: float,
    known: np.ndarray | None = None,
) -> Pooled:
    """The pool of `probs`, M times [n, C], with given `labels` [n] and T = `transition` [C, C] held.

    known [n]: the class that a rechecker named, -1 elsewhere: no other class is possible there.
    """
    logs = _logs(probs)
    channel = np.maximum(transition, SMALLEST_CHANNEL)[:, labels].T.copy()
    if known is not None:
        answered = np.flatnonzero(known >= 0)
        channel[answered] *= np.arange(channel.shape[1]) == known[answered, None]
    count, _, classes = logs.shape
    start = np.concatenate([np.full(count, 1 / count), np.zeros(classes)])
    bounds = [(0, None)] * count + [(None, None)] * classes
    theta = minimize(
        _objective, start, (logs, channel, floor), "L-BFGS-B", jac=True, bounds=bounds, options={"maxiter": STEPS}
    ).x
    q = _before(theta, logs, floor)
    joint = q * channel
    likelihood = joint.sum(1)
    mean = float(np.log(likelihood).mean())
    return Pooled(joint / likelihood[:, None], q, transition, mean, theta[:count], theta[count:])


def pooled(probs: list[np.ndarray], weights: np.ndarray, bias: np.ndarray, floor: float) -> np.ndarray:
    """q [n, C] of `probs`, M times [n, C], with the `weights` [M] and `bias` [C] of other examples."""
    return _before(np.concatenate([weights, bias]), _logs(probs), floor)


def _logs(probs: list[np.ndarray]) -> np.ndarray:
    """[M, n, C]"""
    logs = np.empty((len(probs), *probs[0].shape))
    for of, out in zip(probs, logs):
        np.log(np.maximum(of, SMALLEST), out=out)
    return logs


def _before(theta: np.ndarray, logs: np.ndarray, floor: float) -> np.ndarray:
    """q [n, C]"""
    return (1 - floor) * _softmax(theta, logs) + floor / logs.shape[2]


def _softmax(theta: np.ndarray, logs: np.ndarray) -> np.ndarray:
    """[n, C]"""
    z = np.tensordot(theta[: len(logs)], logs, 1) + theta[len(logs) :]
    z -= z.max(1, keepdims=True)
    np.exp(z, out=z)
    z /= z.sum(1, keepdims=True)
    return z


def _objective(theta: np.ndarray, logs: np.ndarray, channel: np.ndarray, floor: float) -> tuple[float, np.ndarray]:
    """Penalised -log likelihood per example and its gradient [M + C].

    With s the softmax, A_y = s_y P(given | y) and L the likelihood, d log L / d logit_j is
    (1 - floor) (A_j - s_j sum_y A_y) / L. Examples are summed block by block.
    """
    count, step = len(logs), max(1, BLOCK // channel.shape[1])
    fits, by_weight, by_bias = 0.0, np.zeros(count), np.zeros(channel.shape[1])
    for start in range(0, len(channel), step):
        rows = slice(start, start + step)
        fit, slope = _fit_and_slope(theta, logs[:, rows], channel[rows], floor)
        fits += fit
        by_weight += np.tensordot(logs[:, rows], slope, ([1, 2], [0, 1]))
        by_bias += slope.sum(0)
    total, bias = max(float(theta[:count].sum()), LEAST_TOTAL), theta[count:]
    value = RIDGE_BIAS * (bias**2).sum() + RIDGE_LOG_TOTAL * np.log(total) ** 2 - fits
    by_weight = 2 * RIDGE_LOG_TOTAL * np.log(total) / total - by_weight
    gradient = np.concatenate([by_weight, 2 * RIDGE_BIAS * bias - by_bias])
    return value / len(channel), gradient / len(channel)


def _fit_and_slope(
    theta: np.ndarray, logs: np.ndarray, channel: np.ndarray, floor: float
) -> tuple[float, np.ndarray]:
    """log L of some examples together, and its derivative [., C] by their logits."""
    soft = _softmax(theta, logs)
    agree = soft * channel
    likelihood = (1 - floor) * agree.sum(1) + floor / channel.shape[1] * channel.sum(1)
    slope = (agree - soft * agree.sum(1, keepdims=True)) * ((1 - floor) / likelihood)[:, None]
    return np.log(likelihood).sum(), slope
