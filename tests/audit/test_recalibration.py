"""P(wrong) set right by two numbers: against a grid, against many answers, and what few may move."""

import numpy as np
import pytest
from scipy.stats import norm

from labelnoise.audit import recalibration


def drawn(shift, slope, count=400, seed=0):
    """P(wrong) of which logit P' = shift + slope logit P is true."""
    rng = np.random.default_rng(seed)
    score = rng.normal(-1, 2, count)
    wrong = rng.random(count) < 1 / (1 + np.exp(-(shift + slope * score)))
    return 1 / (1 + np.exp(-score)), wrong


def log_posterior(p_wrong, wrong, a, c):
    """Bernoulli likelihood and normal priors as densities; a, c: [...]."""
    odds = p_wrong / (1 - p_wrong)
    after = np.exp(a)[..., None] * odds ** np.exp(c)[..., None]
    chance = np.where(wrong, after, 1) / (1 + after)
    return np.log(chance).sum(-1) + norm(0, 1.5).logpdf(a) + norm(0, 0.5).logpdf(c)


@pytest.mark.parametrize(("shift", "slope"), [(0, 1), (-1.5, 0.7), (1, 1.6)])
def test_the_mode_is_that_of_a_grid(shift, slope):
    p_wrong, wrong = drawn(shift, slope, 60)
    a, c = recalibration.fitted(p_wrong, wrong)
    grid = np.meshgrid(np.linspace(-3, 3, 241), np.linspace(-1.5, 1.5, 241), indexing="ij")
    value = log_posterior(p_wrong, wrong, *grid)
    best = np.unravel_index(value.argmax(), value.shape)
    assert abs(grid[0][best] - a) < 0.03 and abs(grid[1][best] - c) < 0.02
    assert log_posterior(p_wrong, wrong, np.array(a), np.array(c)) >= value.max() - 1e-9


def test_many_answers_find_what_is_true():
    a, c = recalibration.fitted(*drawn(-1.5, 0.7, 20000))
    assert a == pytest.approx(-1.5, abs=0.1) and np.exp(c) == pytest.approx(0.7, abs=0.05)


def test_few_answers_move_little_and_none_nothing():
    assert recalibration.fitted(np.empty(0), np.empty(0, bool)) == (0, 0)
    a, c = recalibration.fitted(np.array([0.9, 0.02]), np.array([True, False]))
    assert abs(a) < 0.3 and abs(c) < 0.2
    every, _ = recalibration.fitted(np.full(60, 0.02), np.ones(60, bool))  # though the prior gives way in the end
    assert every > 2


def test_applied_by_hand_and_in_the_same_order():
    p_wrong = np.array([0.5, 0.8, np.nan, 0.2])
    found = recalibration.applied(p_wrong, (np.log(3), np.log(2)))
    np.testing.assert_allclose(found, [3 / 4, 48 / 49, np.nan, 3 / 19])  # odds 1, 4 and 1/4: squared, times 3
    np.testing.assert_allclose(recalibration.applied(p_wrong, (0.0, 0.0)), p_wrong)
    many = np.random.default_rng(0).random(200)
    after = recalibration.applied(many, (-2.0, -1.0))
    np.testing.assert_array_equal(np.argsort(after), np.argsort(many))


def test_certain_ones_have_a_logit():
    found = recalibration.applied(np.array([0.0, 1.0]), (0.5, 0.2))
    assert 0 < found[0] < 1e-5 and 1 - 1e-5 < found[1] < 1
    assert np.isfinite(recalibration.fitted(np.array([0.0, 1.0]), np.array([True, False]))).all()
