"""Shares over seeds: bounds by hand, within 0 and 1, and how often they cover where seeds differ."""

import numpy as np
import pytest
from scipy.special import expit, logit
from scipy.stats import beta, binomtest, t

from labelnoise.statistics import means, proportions


def test_pooled_share_and_its_jackknife_by_hand():
    hits, counts = np.array([8, 9, 7, 10, 9]), np.array([10, 10, 10, 12, 11])
    found = proportions.share(hits, counts, 0.95)
    assert (found.share, found.hits, found.count, found.seeds) == (43 / 53, 43, 53, 5)
    assert (found.smallest, found.largest) == (0.7, 0.9)
    left = [logit((43 - h + 0.5) / (53 - n + 1)) for h, n in zip(hits, counts)]
    half = t.ppf(0.975, 4) * (0.8 * sum((x - sum(left) / 5) ** 2 for x in left)) ** 0.5
    np.testing.assert_allclose([found.low, found.high], expit(logit(43.5 / 54) + np.array([-half, half])))


@pytest.mark.parametrize("right", [True, False])
def test_all_or_none_right_has_the_wider_exact_bound(right):
    """Six seeds as trials: (.025)^(1/6) is the lower bound of six of six."""
    counts = np.array([20, 30, 10, 25, 15, 40])
    found = proportions.share(counts * right, counts, 0.95)
    bound = beta.ppf(0.025, 6, 1)
    assert bound == pytest.approx(0.025 ** (1 / 6))
    np.testing.assert_allclose([found.low, found.high], [bound, 1] if right else [0, 1 - bound])


def test_few_seeds_have_a_count_and_a_range_alone():
    found = proportions.share(np.array([3, 4, 5, 5]), np.array([5, 5, 5, 5]), 0.95)
    assert np.isnan([found.low, found.high]).all()
    assert found[3:] == (17, 20, 4, 0.6, 1.0) and found.share == 0.85


def test_seeds_without_an_example_say_nothing():
    full = proportions.share(np.array([4, 5, 3, 4, 2]), np.array([5, 5, 5, 5, 5]), 0.95)
    more = proportions.share(np.array([4, 0, 5, 3, 4, 2, 0]), np.array([5, 0, 5, 5, 5, 5, 0]), 0.95)
    assert more == full
    assert proportions.share(np.zeros(3, int), np.zeros(3, int), 0.95).seeds == 0


def test_one_seed_with_all_errors_stays_finite():
    found = proportions.share(np.array([50, 50, 49, 50, 50]), np.full(5, 50), 0.95)
    assert 0 < found.low < 0.996 < found.high < 1


def test_wilson_by_its_formula():
    z, k, n = 1.959963984540054, 57, 60
    center = (k + z**2 / 2) / (n + z**2)
    half = z / (n + z**2) * np.sqrt(k * (n - k) / n + z**2 / 4)
    assert proportions.wilson(k, n, 0.95) == pytest.approx((center - half, center + half))
    assert np.isnan(proportions.wilson(0, 0, 0.95)).all()


@pytest.mark.parametrize("hits", [0, 1, 17, 29, 30])
@pytest.mark.parametrize("level", [0.9, 0.95])
def test_wilson_is_that_of_scipy_to_the_last_digit(hits, level):
    assert proportions.wilson(hits, 30, level) == binomtest(hits, 30).proportion_ci(level, method="wilson")


def drawn(rng: np.random.Generator, truth: float, spread: float, seeds: int) -> tuple[np.ndarray, np.ndarray]:
    """hits and counts [S] of seeds that have shares of their own: beta, with the intraclass correlation
    `spread`."""
    counts = rng.integers(25, 75, seeds)
    of = 1 / spread - 1
    return rng.binomial(counts, rng.beta(truth * of, (1 - truth) * of, seeds)), counts


@pytest.mark.parametrize(("truth", "spread", "seeds"), [(0.97, 0.02, 10), (0.99, 0.01, 10), (0.6, 0.03, 5)])
def test_covers_where_seeds_differ(truth, spread, seeds):
    rng = np.random.default_rng(0)
    hold = {"jackknife": 0, "wilson": 0}
    outside = 0
    for _ in range(1000):
        hits, counts = drawn(rng, truth, spread, seeds)
        of, pooled = proportions.share(hits, counts, 0.95), proportions.wilson(hits.sum(), counts.sum(), 0.95)
        hold["jackknife"] += of.low <= truth <= of.high
        hold["wilson"] += pooled[0] <= truth <= pooled[1]
        assert 0 <= of.low <= of.share <= of.high <= 1
        outside += means.interval(hits / counts, 0.95).high > 1
    assert hold["jackknife"] >= 930  # of 1000; a standard error is 7
    assert hold["wilson"] < 920  # examples taken as independent
    assert (outside > 100) == (truth > 0.9)  # t of the shares leaves the scale
