"""The label-noise posterior: P(true class | image, given label) from out-of-sample predictions and a T.

    q(y | x) = (1 - floor) softmax_y(beta log p(x) + b) + floor / C       clean class, before the label is seen
    P(y | x, g) = q(y | x) T[y, g] / sum_k q(k | x) T[k, g]               after it: the posterior, given label g

p are out of sample: what predicts never saw the label that it judges. beta and b undo how noise softens and shifts
them. The floor says that no image is beyond doubt: without it, predictions too sure of themselves find errors in
clean data. It should be small against C times the rarest off-diagonal entry of T worth finding.

T is found by EM from the same examples, or held: estimated elsewhere, say from the clearest images.

Shape letters: n examples, C classes.
"""

from typing import NamedTuple

import numpy as np
from numpy import ndarray as Array
from scipy.optimize import minimize

from labelnoise.uncertainty.transition import pairs

# They matter with few examples, where beta, b and T would run away; values found on digits.
PSEUDO_COUNTS = 3.0  # per row of T, towards symmetric noise at the current rate
RIDGE_BIAS, RIDGE_LOG_BETA = 5.0, 2.0  # times the squares, against a sum over examples

TOLERANCE = 1e-5  # nats per example between rounds of EM: at 1e-8 the rate of digits differs by .005 at most
ROUNDS = 200  # of EM
STEPS, STEPS_HELD = 5, 200  # in beta and b between two rounds, and where T is held

# p may be averages of float32 softmaxes: below its smallest normal number nothing can be told from zero, which has
# no log. The same for zeros of a T that is held.
SMALLEST = float(np.finfo(np.float32).tiny)


class Fit(NamedTuple):
    """The model fitted to one set of probabilities."""

    posterior: Array  # [n, C] P(true class | x, given label)
    transition: Array  # [C, C] P(given | true), rows sum to one
    log_likelihood: float  # of given labels and rechecks, mean per example [nats]
    beta: float
    bias: Array  # [C] b


def fit(probs: Array, labels: Array, known: Array, floor: float, transition: Array | None = None) -> Fit:
    """beta, b and T for finite `probs` [n, C] and given `labels` [n]; where `transition` is given, T is that.

    T free: EM for T (MAP), in turns with L-BFGS steps in beta and b on the likelihood itself (ECME: Liu and
    Rubin 1994), from the counts of (argmax, label). `known` [n] is the class that a rechecker named, -1 elsewhere:
    such an example has likelihood q_known T[known, given] and a one-hot posterior, so that rechecks chosen by
    image and label bias nothing. 0 < floor < 1.
    """
    log_p = np.ascontiguousarray(np.log(np.maximum(probs.T, SMALLEST, dtype=np.float64)))
    theta = np.zeros(1 + len(log_p))  # log beta, b
    if transition is None:
        theta, transition = _expectation_maximization(theta, log_p, labels, known, floor)
    else:
        theta = _calibrated(theta, _channel(transition, labels, known), log_p, floor, STEPS_HELD)
    posterior, likelihood = _bayes(_clean(theta, log_p, floor)[1], _channel(transition, labels, known))
    beta = float(np.exp(theta[0]))
    return Fit(np.ascontiguousarray(posterior.T), transition, float(np.log(likelihood).mean()), beta, theta[1:])


def p_wrong(posterior: Array, labels: Array) -> Array:
    """P(label wrong) [n]: the sum of `posterior` [n, C] over all classes but `labels` [n], exact where tiny."""
    others = posterior.copy()
    others[np.arange(len(labels)), labels] = 0
    return np.minimum(others.sum(1), 1)


def _expectation_maximization(theta, log_p, labels, known, floor) -> tuple[Array, Array]:
    """theta [1 + C] and T [C, C]."""
    guess = np.where(known >= 0, known, log_p.argmax(0))
    # a rate not below the floor: EM never leaves a T without off-diagonal entries
    matrix = _map_transition(pairs(guess, labels, len(log_p)), floor)
    last = -np.inf
    for _ in range(ROUNDS):
        channel = _channel(matrix, labels, known)
        theta = _calibrated(theta, channel, log_p, floor, STEPS)
        posterior, likelihood = _bayes(_clean(theta, log_p, floor)[1], channel)
        counts = np.stack([np.bincount(labels, row, len(log_p)) for row in posterior])
        matrix = _map_transition(counts, 0)
        mean = np.log(likelihood).mean()
        if abs(mean - last) < TOLERANCE:
            break
        last = mean
    return theta, matrix


def _calibrated(theta, channel, log_p, floor, steps) -> Array:
    """theta [1 + C] after at most `steps` of L-BFGS on the penalised likelihood, T held."""
    options = {"maxiter": steps, "ftol": 1e-9, "gtol": 1e-7}  # per example: far below TOLERANCE
    return minimize(_objective, theta, (channel, log_p, floor), "L-BFGS-B", jac=True, options=options).x


def _objective(theta, channel, log_p, floor) -> tuple[float, Array]:
    """Penalised -log likelihood per example and its gradient [1 + C]; `channel` [C, n] as `_channel` gives it.

    With s the softmax and L the likelihood, d log L / d logit_j = (1 - floor) s_j (A_j - sum_y s_y A_y) / L.
    """
    beta, bias = np.exp(theta[0]), theta[1:]
    soft, clean = _clean(theta, log_p, floor)
    likelihood = np.einsum("cm,cm->m", clean, channel)
    slope = np.multiply(soft, channel, out=clean)
    slope -= soft * slope.sum(0)
    slope *= (1 - floor) / likelihood
    value = RIDGE_LOG_BETA * theta[0] ** 2 + RIDGE_BIAS * (bias**2).sum() - np.log(likelihood).sum()
    by_log_beta = 2 * RIDGE_LOG_BETA * theta[0] - beta * np.einsum("cm,cm->", slope, log_p)
    gradient = np.append(by_log_beta, 2 * RIDGE_BIAS * bias - slope.sum(1))
    return value / len(likelihood), gradient / len(likelihood)


def _clean(theta, log_p, floor) -> tuple[Array, Array]:
    """softmax(beta log p + b) and q, both [C, n]: classes first, as sums over few of them are then fast."""
    soft = np.exp(theta[0]) * log_p
    soft += theta[1:, None]
    soft -= soft.max(0)
    np.exp(soft, out=soft)
    soft /= soft.sum(0)
    return soft, (1 - floor) * soft + floor / len(soft)


def _channel(transition, labels, known) -> Array:
    """P(given label and rechecker's answer | class) [C, n]: T[y, label], and nothing for a class ruled out."""
    channel = np.maximum(transition, SMALLEST)[:, labels]
    answered = np.flatnonzero(known >= 0)
    channel[:, answered] *= np.arange(len(channel))[:, None] == known[answered]
    return channel


def _bayes(clean, channel) -> tuple[Array, Array]:
    """Posterior [C, n] and likelihood [n] from q and channel [C, n]."""
    joint = clean * channel
    likelihood = joint.sum(0)
    return joint / likelihood, likelihood


def _map_transition(counts, least) -> Array:
    """T [C, C] from counts of (true, given), pseudo-counts towards symmetric noise at their rate, or `least`."""
    classes = len(counts)
    rate = max(1 - counts.trace() / counts.sum(), least)
    prior = np.full((classes, classes), rate / (classes - 1))
    np.fill_diagonal(prior, 1 - rate)
    total = counts + PSEUDO_COUNTS * prior
    return total / total.sum(1, keepdims=True)
