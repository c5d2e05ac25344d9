"""Comparisons with the best: by hand, against Dunnett's distribution, and how often the best is among those
left."""

import numpy as np
import pytest
from scipy import stats

from labelnoise.statistics import means, winners

LEVEL = 0.95


@pytest.mark.parametrize("apart", [0.4, 3.0])
def test_two_methods_are_a_one_sided_paired_t_test(apart):
    """With two, the critical value is t(.95, n - 1)."""
    values = np.random.default_rng(3).normal([[0.0], [apart]], 1, (2, 8))
    gap = values[1] - values[0]
    mean, half = gap.mean(), stats.t.ppf(0.95, 7) * gap.std(ddof=1) / 8**0.5
    found, tied = winners.best(values, LEVEL), mean < half
    np.testing.assert_allclose(found.mean, [-mean, mean])
    np.testing.assert_allclose(found.low, [-mean - half, mean - half if tied else 0], rtol=0.1)
    np.testing.assert_allclose(found.high, [half - mean if tied else 0, mean + half], rtol=0.1)
    assert found.tied.tolist() == [tied, True] and tied == (apart < 1)


def test_critical_value_is_dunnetts_where_methods_are_alike():
    """Equal variances and many seeds: Dunnett's one-sided value for four against a control, 2.16."""
    rng = np.random.default_rng(1)
    values = rng.normal(size=(5, 400))
    values /= (values - values.mean(0)).std(1, ddof=1)[:, None]
    found = winners._critical(values, LEVEL, rng)
    # scipy has Dunnett's test, whose p value at 2.16 is .05
    sample = [np.array([-1.0, 1.0] * 200) for _ in range(5)]
    error = np.std(sample[0], ddof=1) * (2 / 400) ** 0.5
    shifted = [one + 2.16 * error for one in sample[:4]]
    expected = stats.dunnett(*shifted, control=sample[4], alternative="greater", rng=rng).pvalue
    assert expected == pytest.approx(1 - LEVEL, abs=0.005)
    np.testing.assert_allclose(found, 2.16, atol=0.08)


def test_a_clear_winner_is_alone():
    values = np.array([[0.0], [1.0], [9.0]]) + np.random.default_rng(2).normal(size=(3, 10))
    found = winners.best(values, LEVEL)
    assert found.tied.tolist() == [False, False, True]
    assert found.low[2] == 0 and found.high[2] > 0
    assert (found.low[:2] < 0).all() and (found.high[:2] == 0).all()


def test_methods_that_diverged_do_not_compete_and_twins_tie():
    values = np.random.default_rng(3).normal(size=(4, 6))
    values[0] += 50
    values[0, 2] = np.nan
    values[2] = values[1] = values[1] + 40
    found = winners.best(values, LEVEL)
    assert found.tied.tolist() == [False, True, True, False]
    assert np.isnan([found.mean[0], found.low[0], found.high[0]]).all() and found.mean[1] == 0


@pytest.mark.parametrize("values", [np.array([[0.5], [0.9]]), np.array([[0.5, 0.6]])], ids=["seed", "method"])
def test_one_seed_or_one_method_rules_out_nothing(values):
    found = winners.best(values, LEVEL)
    assert found.tied.all() and np.isnan(found.low).all()


def test_equal_input_equal_bytes():
    values = np.random.default_rng(4).normal(size=(6, 5))
    for left, right in zip(winners.best(values, LEVEL), winners.best(values, LEVEL)):
        np.testing.assert_array_equal(left, right)


def one_variance(values: np.ndarray) -> np.ndarray:
    """What Hsu's paper has: bool [m], with one variance for all methods."""
    count, seeds = values.shape
    residual = values - values.mean(0) - values.mean(1, keepdims=True) + values.mean()
    freedom = (count - 1) * (seeds - 1)
    error = (2 * (residual**2).sum() / freedom / seeds) ** 0.5
    return values.mean(1) >= values.mean(1).max() - 2.6 * error  # Dunnett: 11 against a control, 108 degrees


@pytest.mark.parametrize(("seeds", "spreads"), [(10, (1, 1)), (10, (0.3, 3)), (5, (0.3, 3))])
def test_the_best_is_among_those_left(seeds, spreads, monkeypatch):
    """Twelve methods alike in the mean, the hardest case: either the one of least or that of most spread is
    best."""
    monkeypatch.setattr(winners, "DRAWS", 500)
    rng, ends = np.random.default_rng(5), [0, -1]
    spread = np.geomspace(*spreads, 12)[:, None]
    found = {"ours": [], "pairs": [], "one variance": []}
    for _ in range(300):
        values = spread * rng.normal(size=(12, seeds)) + 2 * rng.normal(size=seeds)
        found["ours"].append(winners.best(values, LEVEL).tied[ends])
        gaps = values[ends, None] - values
        found["pairs"].append((means.upper(gaps, 0.05) >= 0).all(1))  # every pair at 95%
        found["one variance"].append(one_variance(values)[ends])
    share = {name: np.mean(each) for name, each in found.items()}
    assert share["ours"] >= 0.94  # a standard error is .01
    assert share["pairs"] < 0.9
    assert (share["one variance"] < 0.9) == (spreads[0] < 1)


def test_methods_that_are_alike_in_every_seed_are_all_tied():
    found = winners.best(np.full((3, 6), 0.5), 0.95)
    assert found.tied.all() and (found.low == 0).all() and (found.high == 0).all()
