"""The label-noise posterior against Bayes by hand, other optimisers, and data drawn from the model itself."""

import numpy as np
import pytest
from scipy.optimize import approx_fprime, minimize
from scipy.special import softmax

from labelnoise.uncertainty import posterior

FLOOR = 0.003
ASYMMETRIC = np.array([[0.7, 0.3, 0.0], [0.0, 0.9, 0.1], [0.0, 0.0, 1.0]])
pytestmark = pytest.mark.filterwarnings("error")


def drawn(count: int, matrix: np.ndarray, seed: int = 0) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """q [n, C], true classes [n] drawn from it, given labels [n] drawn from rows of `matrix`."""
    rng = np.random.default_rng(seed)
    clean = softmax(4 * rng.standard_normal((count, len(matrix))), axis=1)
    true = (clean.cumsum(1) > rng.random((count, 1))).argmax(1)
    given = (matrix[true].cumsum(1) > rng.random((count, 1))).argmax(1)
    return clean, true, given


def nobody(labels: np.ndarray) -> np.ndarray:
    return np.full(len(labels), -1)


def by_bayes(fit: posterior.Fit, probs: np.ndarray, labels: np.ndarray, floor: float) -> tuple[np.ndarray, float]:
    """The formulas of the module's head, at the fit's own beta, b and T."""
    clean = (1 - floor) * softmax(fit.beta * np.log(probs) + fit.bias, axis=1) + floor / probs.shape[1]
    joint = clean * fit.transition[:, labels].T
    return joint / joint.sum(1, keepdims=True), float(np.log(joint.sum(1)).mean())


def test_gradient_is_that_of_finite_differences():
    clean, true, given = drawn(40, ASYMMETRIC)
    known = np.where(np.arange(40) < 5, true, -1)
    channel = posterior._channel(ASYMMETRIC * 0.97 + 0.01, given, known)
    arguments = channel, np.log(clean.T), 0.05
    at = np.array([0.4, 0.3, -0.2, 0.1])
    numeric = approx_fprime(at, lambda theta: posterior._objective(theta, *arguments)[0], 1e-7)
    np.testing.assert_allclose(posterior._objective(at, *arguments)[1], numeric, atol=1e-5)


def test_held_transition_gives_the_optimum_of_the_penalized_likelihood():
    """Against Nelder-Mead on the objective written out: ridge 5 on b, 2 on log beta."""
    matrix = np.array([[0.8, 0.2], [0.1, 0.9]])
    clean, _, given = drawn(300, matrix)
    probs = softmax(0.5 * np.log(clean) + [0.4, 0], axis=1)

    def objective(theta):
        q = 0.9 * softmax(np.exp(theta[0]) * np.log(probs) + theta[1:], axis=1) + 0.05
        likelihood = (q * matrix[:, given].T).sum(1)
        return 2 * theta[0] ** 2 + 5 * (theta[1:] ** 2).sum() - np.log(likelihood).sum()

    best = minimize(objective, np.zeros(3), method="Nelder-Mead", options={"xatol": 1e-7, "fatol": 1e-9}).x
    fit = posterior.fit(probs, given, nobody(given), 0.1, matrix)
    np.testing.assert_allclose([np.log(fit.beta), *fit.bias], best, atol=2e-3)
    np.testing.assert_array_equal(fit.transition, matrix)


@pytest.mark.parametrize("transition", [None, ASYMMETRIC])
def test_posterior_and_likelihood_are_bayes(transition):
    clean, _, given = drawn(200, ASYMMETRIC)
    fit = posterior.fit(clean, given, nobody(given), FLOOR, transition)
    expected, likelihood = by_bayes(fit, clean, given, FLOOR)
    np.testing.assert_allclose(fit.posterior, expected, atol=1e-12)
    assert fit.log_likelihood == pytest.approx(likelihood)
    np.testing.assert_allclose(fit.transition.sum(1), 1)


def test_free_fit_finds_transition_rate_and_temperature():
    clean, true, given = drawn(6000, ASYMMETRIC)
    fit = posterior.fit(softmax(0.5 * np.log(clean), axis=1), given, nobody(given), FLOOR)
    np.testing.assert_allclose(fit.transition, ASYMMETRIC, atol=0.03)
    assert fit.beta == pytest.approx(2, abs=0.15)
    wrong = posterior.p_wrong(fit.posterior, given)
    assert wrong.mean() == pytest.approx((true != given).mean(), abs=0.015)
    tenth = wrong > 0.5  # calibrated
    assert wrong[tenth].mean() == pytest.approx((true != given)[tenth].mean(), abs=0.04)


def test_pseudo_counts_by_hand():
    """Rate 2/10; three pseudo-counts per row: (.8, .2) and (.2, .8)."""
    matrix = posterior._map_transition(np.array([[5.0, 1], [1, 3]]), 0)
    np.testing.assert_allclose(matrix, [[7.4 / 9, 1.6 / 9], [1.6 / 7, 5.4 / 7]])


def test_rechecked_rows_are_one_hot_and_count_in_the_transition():
    clean, true, given = drawn(600, ASYMMETRIC)
    true = np.where(given == 2, 0, true)  # rechecks that say what the probabilities do not
    known = np.where(np.arange(600) % 2 == 0, true, -1)
    fit, without = (posterior.fit(clean, given, k, FLOOR) for k in (known, nobody(given)))
    np.testing.assert_array_equal(fit.posterior[::2], np.eye(3)[true[::2]])
    assert fit.transition[0, 2] > without.transition[0, 2] + 0.1
    np.testing.assert_array_equal(posterior.p_wrong(fit.posterior, given)[::2], (true != given)[::2])


def test_rechecks_chosen_by_suspicion_do_not_bias_the_rate():
    clean, true, given = drawn(6000, ASYMMETRIC)
    wrong = posterior.p_wrong(posterior.fit(clean, given, nobody(given), FLOOR).posterior, given)
    known = np.where(wrong > np.quantile(wrong, 0.9), true, -1)
    fit = posterior.fit(clean, given, known, FLOOR)
    assert posterior.p_wrong(fit.posterior, given).mean() == pytest.approx((true != given).mean(), abs=0.015)
    np.testing.assert_allclose(fit.transition, ASYMMETRIC, atol=0.03)


def test_p_wrong_is_exact_where_tiny():
    values = posterior.p_wrong(np.array([[1.0, 1e-30, 2e-30], [0.25, 0.5, 0.25]]), np.array([0, 2]))
    np.testing.assert_allclose(values, [3e-30, 0.75], rtol=1e-12)


@pytest.mark.parametrize("classes", [2, 10, 200])
def test_clean_one_hot_data_have_no_errors(classes):
    """Some classes without an example, one with a single one, probabilities of exactly zero and one."""
    labels = np.append(np.repeat(np.arange(max(classes // 2, 1)), 5), classes - 1)
    probs = np.eye(classes, dtype=np.float32)[labels]
    fit = posterior.fit(probs, labels, nobody(labels), FLOOR)
    for values in (fit.posterior, fit.transition):
        assert np.isfinite(values).all() and (values >= 0).all()
        np.testing.assert_allclose(values.sum(1), 1)
    assert posterior.p_wrong(fit.posterior, labels).max() < 0.01


def test_every_guess_wrong_and_a_held_matrix_with_zeros():
    labels = np.arange(20) % 4
    probs = np.eye(4)[(labels + 1) % 4]
    for matrix in (None, np.eye(4)):
        fit = posterior.fit(probs, labels, np.where(np.arange(20) < 4, (labels + 2) % 4, -1), FLOOR, matrix)
        assert np.isfinite(fit.posterior).all() and np.isfinite(fit.log_likelihood)
        np.testing.assert_allclose(fit.posterior.sum(1), 1)
        np.testing.assert_array_equal(fit.posterior[:4], np.eye(4)[(labels[:4] + 2) % 4])


def test_same_input_same_bytes():
    clean, _, given = drawn(200, ASYMMETRIC)
    one, two = (posterior.fit(clean.astype(np.float32), given, nobody(given), FLOOR) for _ in range(2))
    assert one.posterior.tobytes() == two.posterior.tobytes() and one.posterior.dtype == np.float64


def test_a_start_without_errors_is_left():
    """Every label is the argmax, so that the counts say T = I, from which EM could not move: T_ij = 0 stays 0."""
    labels = np.arange(200) % 2
    probs = np.where(np.eye(2)[labels] > 0, 0.55, 0.45)
    fit = posterior.fit(probs, labels, nobody(labels), FLOOR)
    assert fit.transition[0, 1] > 1e-12
