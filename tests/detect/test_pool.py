"""The pool of predictors against finite differences, another optimiser, Bayes by hand, and data from the model."""

import numpy as np
import pytest
from scipy.optimize import approx_fprime, minimize
from scipy.special import softmax

from labelnoise.detect import pool

FLOOR = 0.003
PAIR = np.array([[0.6, 0.4, 0.0], [0.0, 0.6, 0.4], [0.4, 0.0, 0.6]])
HELD = 0.97 * PAIR + 0.01


def drawn(count, matrix=HELD, seed=0):
    """q [n, C], true classes [n] drawn from it, given labels [n] drawn from rows of `matrix`."""
    rng = np.random.default_rng(seed)
    clean = softmax(3 * rng.standard_normal((count, len(matrix))), axis=1)
    true = (clean.cumsum(1) > rng.random((count, 1))).argmax(1)
    given = (matrix[true].cumsum(1) > rng.random((count, 1))).argmax(1)
    return clean, true, given


def penalized(theta, probs, given, matrix, floor):
    """The objective written out: ridge 5 on b, 2 on the logarithm of the sum of beta; a sum over examples."""
    weights, bias = theta[: len(probs)], theta[len(probs) :]
    z = sum(weight * np.log(of) for weight, of in zip(weights, probs)) + bias
    q = (1 - floor) * softmax(z, axis=1) + floor / len(matrix)
    likelihood = (q * matrix[:, given].T).sum(1)
    return 5 * (bias**2).sum() + 2 * np.log(weights.sum()) ** 2 - np.log(likelihood).sum()


def two(count=300, seed=0):
    """Two predictors that each err on their own, and labels."""
    clean, true, given = drawn(count, seed=seed)
    rng = np.random.default_rng(seed + 10)
    probs = [softmax(np.log(clean) + rng.standard_normal(clean.shape) * s, axis=1) for s in (0.5, 1.5)]
    return probs, true, given


@pytest.mark.parametrize("block", [pool.BLOCK, 20])  # of all examples, or of six
def test_gradient_is_that_of_finite_differences(block, monkeypatch):
    monkeypatch.setattr(pool, "BLOCK", block)
    probs, _, given = two(40)
    arguments = np.log(np.stack(probs)), HELD[:, given].T, 0.05
    at = np.array([0.7, 0.4, 0.3, -0.2, 0.1])
    numeric = approx_fprime(at, lambda theta: pool._objective(theta, *arguments)[0], 1e-7)
    value, gradient = pool._objective(at, *arguments)
    np.testing.assert_allclose(gradient, numeric, atol=1e-5)
    assert value == pytest.approx(penalized(at, probs, given, HELD, 0.05) / 40)


def test_fit_is_the_optimum_of_the_penalized_likelihood():
    probs, _, given = two()
    bounds = [(1e-9, None)] * 2 + [(None, None)] * 3
    options = {"xatol": 1e-8, "fatol": 1e-9, "maxiter": 5000, "maxfev": 5000}
    start = np.array([1, 0.2, 0, 0, 0])
    best = minimize(
        penalized, start, (probs, given, HELD, 0.05), method="Nelder-Mead", bounds=bounds, options=options
    )
    fit = pool.fit(probs, given, HELD, 0.05)
    np.testing.assert_allclose(fit.weights, best.x[:2], atol=5e-3)
    at = np.concatenate([fit.weights, [0, 0, 0]])
    z = np.log(fit.q - 0.05 / 3) - sum(weight * np.log(of) for weight, of in zip(fit.weights, probs))
    at[2:] = (z - z.mean(1, keepdims=True)).mean(0)  # b but for a constant, which its ridge holds at 0
    assert penalized(at, probs, given, HELD, 0.05) <= best.fun + 1e-3


@pytest.mark.parametrize("seed", range(4))
def test_fit_is_no_worse_than_its_start_or_a_predictor_alone(seed):
    probs, _, given = two(seed=seed)
    fit = pool.fit(probs, given, HELD, FLOOR)
    for weights in ([0.5, 0.5], [1, 1e-12], [1e-12, 1]):
        start = penalized(np.array([*weights, 0, 0, 0]), probs, given, HELD, FLOOR)
        assert fit.log_likelihood >= -start / len(given)  # without what the penalty adds


def test_posterior_and_likelihood_are_bayes():
    probs, _, given = two()
    fit = pool.fit(probs, given, HELD, FLOOR)
    joint = np.array([[q[y] * HELD[y, g] for y in range(3)] for q, g in zip(fit.q, given)])
    np.testing.assert_allclose(fit.posterior, joint / joint.sum(1, keepdims=True), atol=1e-12)
    assert fit.log_likelihood == pytest.approx(np.log(joint.sum(1)).mean())
    np.testing.assert_array_equal(fit.transition, HELD)
    assert fit.q.min() >= FLOOR / 3


def test_one_calibrated_predictor_is_left_as_it_is():
    """Then beta is 1, and P(true class) is Bayes on the given probabilities."""
    clean, true, given = drawn(6000)
    fit = pool.fit([clean], given, HELD, FLOOR)
    assert fit.weights == pytest.approx([1], abs=0.06)
    joint = clean * HELD[:, given].T
    difference = np.abs(fit.posterior - joint / joint.sum(1, keepdims=True))
    assert difference.mean() < 0.01 and difference.max() < 0.1
    wrong = 1 - fit.posterior[np.arange(6000), given]
    assert wrong.mean() == pytest.approx((true != given).mean(), abs=0.015)


def test_a_predictor_without_knowledge_has_no_weight():
    """One that says nothing, one that is sure of a class drawn at random, and one that repeats the noise: it
    predicts the label that an example of its class gets."""
    clean, _, given = drawn(4000)
    rng = np.random.default_rng(1)
    flat = np.full_like(clean, 1 / 3)
    guessed = 0.9 * np.eye(3)[rng.integers(3, size=4000)] + 0.1 / 3
    noisy = clean @ HELD
    for useless in (flat, guessed, noisy):
        fit = pool.fit([useless, clean], given, HELD, FLOOR)
        assert fit.weights[0] < 0.08 and fit.weights[1] == pytest.approx(1, abs=0.08)


def test_without_knowledge_of_the_noise_its_repetition_is_taken():
    """What T is for: held at none, the predictor of given labels wins."""
    clean, _, given = drawn(4000)
    fit = pool.fit([clean @ HELD, clean], given, np.eye(3), FLOOR)
    assert fit.weights[0] > 0.8 > 0.2 > fit.weights[1]


def test_rechecked_examples_are_what_the_rechecker_said():
    probs, true, given = two()
    known = np.where(np.arange(300) < 60, true, -1)
    fit = pool.fit(probs, given, HELD, FLOOR, known)
    np.testing.assert_array_equal(fit.posterior[:60], np.eye(3)[true[:60]])
    likelihood = np.append(
        fit.q[np.arange(60), true[:60]] * HELD[true[:60], given[:60]],
        [(q * HELD[:, g]).sum() for q, g in zip(fit.q[60:], given[60:])],
    )
    assert fit.log_likelihood == pytest.approx(np.log(likelihood).mean())
    np.testing.assert_array_equal(
        pool.fit(probs, given, HELD, FLOOR, np.full(300, -1)).posterior,
        pool.fit(probs, given, HELD, FLOOR).posterior,
    )


def test_zeros_anywhere_leave_everything_finite():
    """Probabilities of exactly 0 and 1 that are all against the labels, and a T without off-diagonal entries."""
    given = np.arange(30) % 3
    fit = pool.fit([np.eye(3)[(given + 1) % 3], np.eye(3)[given]], given, np.eye(3), FLOOR)
    assert np.isfinite(fit.posterior).all() and np.isfinite(fit.log_likelihood)
    np.testing.assert_allclose(fit.posterior.sum(1), 1)


def test_same_input_same_bytes():
    probs, _, given = two()
    one, again = (pool.fit(probs, given, HELD, FLOOR) for _ in range(2))
    assert one.posterior.tobytes() == again.posterior.tobytes()
