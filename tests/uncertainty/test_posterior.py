"""The label-noise posterior against Bayes by hand, other optimisers, and data drawn from the model itself."""

import numpy as np
import pytest
from scipy.optimize import approx_fprime, minimize
from scipy.special import expit, logit, softmax
from scipy.stats import norm

from labelnoise.uncertainty import posterior, transition
from labelnoise.uncertainty.overlap import overlapping

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


def test_held_transition_gives_the_optimum_of_the_penalised_likelihood():
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
    """Rate 2/10; three pseudo-counts per row: (.8, .2) and (.2, .8). The recheck elsewhere is one more (0, 0)."""
    matrix = posterior._map_transition(np.array([[5.0, 1], [1, 3]]), np.array([[1.0, 0], [0, 0]]), 0)
    np.testing.assert_allclose(matrix, [[8.4 / 10, 1.6 / 10], [1.6 / 7, 5.4 / 7]])


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


def test_rows_without_probabilities_have_the_class_shares():
    clean, _, given = drawn(300, ASYMMETRIC)
    probs = clean.copy()
    probs[:50] = np.nan
    fit = posterior.fit(probs, given, nobody(given), FLOOR)
    q = (1 - FLOOR) * softmax(fit.beta * np.log(clean[50:]) + fit.bias, axis=1) + FLOOR / 3
    joint = q.mean(0) * fit.transition[:, given[:50]].T
    np.testing.assert_allclose(fit.posterior[:50], joint / joint.sum(1, keepdims=True))
    rest = posterior.fit(clean[50:], given[50:], nobody(given[50:]), FLOOR)
    np.testing.assert_allclose(fit.posterior[50:], rest.posterior)
    known = np.where(np.arange(300) < 50, 2, -1)
    fit = posterior.fit(probs, given, known, FLOOR)
    np.testing.assert_array_equal(fit.posterior[:50], np.tile([0, 0, 1.0], (50, 1)))
    assert fit.transition[2, 0] > rest.transition[2, 0] + 0.02


def test_no_probabilities_at_all_give_nan():
    labels = np.array([0, 1])
    nothing = np.full((2, 3), np.nan)
    first = posterior.first_round(np.stack([nothing, nothing]), labels, nobody(labels), FLOOR)
    assert np.isnan(first.posterior).all() and np.isnan(first.transition).all()
    second = posterior.second_round(nothing, nothing, nothing, labels, nobody(labels), FLOOR)
    assert np.isnan(second.p_wrong).all() and np.isnan(second.rate)


def test_window_of_the_highest_likelihood():
    clean, _, given = drawn(500, ASYMMETRIC)
    blurred = softmax(np.log(clean) + 3 * np.random.default_rng(1).standard_normal(clean.shape), axis=1)
    windows = np.stack([np.full_like(clean, np.nan), blurred, clean, np.full_like(clean, 1 / 3)])
    chosen = posterior.choose_window(windows, given, nobody(given), FLOOR)
    assert chosen.window == 2
    np.testing.assert_array_equal(chosen.posterior, posterior.fit(clean, given, nobody(given), FLOOR).posterior)
    first = posterior.first_round(windows, given, nobody(given), FLOOR)
    joint = transition.smoothed_confident_joint(clean, given, nobody(given))
    assert first.window == 2
    np.testing.assert_array_equal(first.transition, joint)
    np.testing.assert_array_equal(first.confident_joint, joint)
    held = posterior.fit(clean, given, nobody(given), FLOOR, joint)
    np.testing.assert_allclose(first.posterior, by_bayes(held, clean, given, FLOOR)[0])


def test_overlap_is_told_from_noise_by_the_clearest_examples():
    """Noise: clear images, three labels in ten name the next class. Overlap: no wrong label, but images of which
    nobody can tell the class for certain. The confident joint sees noise in both."""
    rng, count = np.random.default_rng(0), 900
    true = rng.integers(3, size=count)
    flipped = np.where(rng.random(count) < 0.3, (true + 1) % 3, true)
    noise = np.eye(3)[true] * 0.66 + 0.3 * np.eye(3)[(true + 1) % 3] + 0.04 / 3  # as networks see it
    overlap = softmax(2 * rng.standard_normal((count, 3)), axis=1)
    other = (overlap.cumsum(1) > rng.random((count, 1))).argmax(1)
    for probs, labels, expected in ((noise, flipped, False), (overlap, other, True)):
        joint = transition.smoothed_confident_joint(probs, labels, nobody(labels))
        assert 1 - joint.diagonal().mean() > 0.1
        assert overlapping(joint, probs, labels) is expected
        first = posterior.first_round(np.stack([probs]), labels, nobody(labels), FLOOR)
        np.testing.assert_array_equal(first.confident_joint, joint)
        free = posterior.fit(probs, labels, nobody(labels), FLOOR)
        np.testing.assert_array_equal(first.transition, free.transition if expected else joint)
        if expected:
            np.testing.assert_array_equal(first.posterior, free.posterior)
            assert first.transition.diagonal().mean() > joint.diagonal().mean() + 0.1


@pytest.mark.parametrize("held", [False, True])
def test_second_round_averages_logits(held):
    clean, _, given = drawn(300, ASYMMETRIC)
    three = [softmax(scale * np.log(clean) + [0, 0, shift], axis=1) for scale, shift in [(1, 0), (0.3, 1), (2, 0)]]
    matrix = 0.97 * ASYMMETRIC + 0.01
    known = np.where(np.arange(300) < 2, (given + np.arange(300)) % 3, -1)  # right, wrong
    if held:
        second = posterior.second_round(*three, given, known, FLOOR, matrix)
        fits = [posterior.fit(probs, given, known, FLOOR, matrix) for probs in three]
    else:
        second = posterior.second_round(*three, given, known, FLOOR)
        fits = [posterior.fit(probs, given, known, FLOOR) for probs in three]
    rest = slice(2, None)
    wrong = [1 - fit.posterior[np.arange(300), given] for fit in fits]
    np.testing.assert_allclose(second.p_wrong[rest], expit(np.mean([logit(w[rest]) for w in wrong], 0)), rtol=1e-9)
    np.testing.assert_array_equal(second.p_wrong[:2], [0, 1])
    np.testing.assert_allclose(second.posterior.sum(1), 1)
    np.testing.assert_allclose(second.posterior[np.arange(300), given], 1 - second.p_wrong)
    mean = np.mean([fit.posterior for fit in fits], 0)
    one, two = (given + 1) % 3, (given + 2) % 3
    at = np.arange(300)[rest]
    ratio = second.posterior[at, one[rest]] / second.posterior[at, two[rest]]
    np.testing.assert_allclose(ratio, mean[at, one[rest]] / mean[at, two[rest]])
    np.testing.assert_allclose(second.transition, np.mean([fit.transition for fit in fits], 0))
    assert second.rate == second.p_wrong.mean()


def test_a_diverged_training_of_the_second_round_is_left_out():
    clean, _, given = drawn(200, ASYMMETRIC)
    second = posterior.second_round(clean, clean, np.full_like(clean, np.nan), given, nobody(given), FLOOR)
    both = posterior.second_round(clean, clean, clean, given, nobody(given), FLOOR)
    np.testing.assert_allclose(second.p_wrong, both.p_wrong)
    np.testing.assert_allclose(second.transition, both.transition)


def test_p_wrong_is_exact_where_tiny():
    values = posterior.p_wrong(np.array([[1.0, 1e-30, 2e-30], [0.25, 0.5, 0.25]]), np.array([0, 2]))
    np.testing.assert_allclose(values, [3e-30, 0.75], rtol=1e-12)


@pytest.mark.parametrize("classes", [2, 10, 200])
def test_clean_one_hot_data_have_no_errors(classes):
    """Some classes without an example, one with a single one, probabilities of exactly zero and one."""
    labels = np.append(np.repeat(np.arange(max(classes // 2, 1)), 5), classes - 1)
    probs = np.eye(classes, dtype=np.float32)[labels]
    first = posterior.first_round(np.stack([probs, probs]), labels, nobody(labels), FLOOR)
    second = posterior.second_round(probs, probs, probs, labels, nobody(labels), FLOOR)
    for values in (first.posterior, first.transition, first.confident_joint, second.posterior, second.transition):
        assert np.isfinite(values).all() and (values >= 0).all()
        np.testing.assert_allclose(values.sum(1), 1)
    assert second.p_wrong.max() < 0.01
    assert posterior.p_wrong(first.posterior, labels).max() < 0.05


def test_every_guess_wrong_and_a_held_matrix_with_zeros():
    labels = np.arange(20) % 4
    probs = np.eye(4)[(labels + 1) % 4]
    for matrix in (None, np.eye(4)):
        fit = posterior.fit(probs, labels, np.where(np.arange(20) < 4, (labels + 2) % 4, -1), FLOOR, matrix)
        assert np.isfinite(fit.posterior).all() and np.isfinite(fit.log_likelihood)
        np.testing.assert_allclose(fit.posterior.sum(1), 1)
        np.testing.assert_array_equal(fit.posterior[:4], np.eye(4)[(labels[:4] + 2) % 4])


def test_rate_interval_is_that_of_the_mean():
    """Against mean ± z s / sqrt(n); the blocks of weights do not show."""
    values = np.random.default_rng(0).beta(0.3, 1, 4000)
    low, high = posterior.rate_interval(values, 3000, np.random.default_rng(1), 0.9)
    half = norm.ppf(0.95) * values.std() / np.sqrt(len(values))
    np.testing.assert_allclose([low, high], [values.mean() - half, values.mean() + half], atol=0.1 * half)
    assert posterior.rate_interval(np.full(30, 0.2), 10, np.random.default_rng(0), 0.9) == pytest.approx(
        (0.2, 0.2)
    )


def test_transition_interval_repeats_the_weighted_counts(monkeypatch):
    """Against resampled indices counted one by one; row 2 has no mass."""
    rng = np.random.default_rng(0)
    table = np.append(rng.dirichlet([1, 1], 40), np.zeros((40, 1)), axis=1)
    labels = rng.integers(3, size=40)
    replicates = []
    draws = np.random.default_rng(5).integers(40, size=(60, 40))
    for draw in draws:
        counts = np.stack([table[draw][labels[draw] == g].sum(0) for g in range(3)], axis=1)
        counts[2] = [0, 0, 1]
        replicates.append(counts / counts.sum(1, keepdims=True))
    expected = np.quantile(replicates, [0.1, 0.9], axis=0)
    for block in (2**20, 40 * 7):  # one block; nine
        monkeypatch.setattr(posterior, "BLOCK", block)
        low, high = posterior.transition_interval(table, labels, 60, np.random.default_rng(5), 0.8)
        np.testing.assert_allclose([low, high], expected)


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
