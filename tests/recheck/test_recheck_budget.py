"""Budgets by hand and by simulation; the stop rule against scipy and against draws of what it assumes."""

import numpy as np
import pytest
from scipy import stats

from labelnoise import results
from labelnoise.recheck import budget

KEY = {"network": "mlp", "noise": "symmetric", "noise_rate": 0.4, "realised_rate": 0.4, "seed": 0}
WRONG = np.array([1, 0, 1, 0, 0, 0, 1, 0, 0, 1], bool)


def test_order_puts_the_most_suspect_first_and_nan_last():
    found = budget.order(np.array([0.1, np.nan, 0.9, -np.inf, 0.5]), 0)
    np.testing.assert_array_equal(found, [2, 4, 0, 3, 1])


def test_ties_are_broken_by_the_seed_alone():
    score = np.repeat([0.0, 1.0], 50)
    found = budget.order(score, 3)
    np.testing.assert_array_equal(found, budget.order(score, 3))
    assert set(found[:50]) == set(range(50, 100)) and list(found[:50]) != sorted(found[:50])
    assert list(found) != list(budget.order(score, 4))


def test_curve_of_a_perfect_rechecker_by_hand():
    score = np.array([9, 8, 7, 6, 5, 4, 3, 2, 1, 0.0])  # finds errors at positions 1, 3, 7, 10
    found = budget.curves({"noise_model": score}, WRONG, 0.0, 0)
    np.testing.assert_allclose(found["noise_model"], np.array([0, 1, 1, 2, 2, 2, 2, 3, 3, 3, 4]) / 4)
    np.testing.assert_allclose(found["oracle"], np.minimum(np.arange(11), 4) / 4)
    np.testing.assert_allclose(found["random"], np.arange(11) / 10)
    assert budget.needed(found["noise_model"], 0.5) == 0.3
    assert budget.needed(found["oracle"], 0.8) == 0.4
    assert budget.needed(found["random"], 0.95) == 1.0


def test_a_rechecker_who_errs_repairs_less_and_breaks():
    slipped = np.array([1, 1, 0, 0, 0, 0, 0, 0, 0, 0], bool)
    gain = budget.gains(WRONG, slipped)
    np.testing.assert_array_equal(gain, [0, -1, 1, 0, 0, 0, 1, 0, 0, 1])
    np.testing.assert_array_equal(budget.curve(gain, np.arange(10)), [0, 0, -1, 0, 0, 0, 0, 1, 1, 1, 2])
    assert np.isnan(budget.needed(budget.curve(gain, np.arange(10)) / 4, 0.8))


def test_random_order_is_the_mean_of_random_orders():
    rng = np.random.default_rng(0)
    gain = budget.gains(WRONG, budget.slips(10, 0.3, 1))
    drawn = np.mean([budget.curve(gain, rng.permutation(10)) for _ in range(20_000)], 0)
    np.testing.assert_allclose(budget.expected_curve(gain), drawn, atol=0.03)


def test_slips_come_at_their_rate_and_grow_with_it():
    few, many = budget.slips(100_000, 0.05, 0), budget.slips(100_000, 0.1, 0)
    assert few.mean() == pytest.approx(0.05, abs=0.003) and many.mean() == pytest.approx(0.1, abs=0.004)
    assert not (few & ~many).any() and not budget.slips(1000, 0.0, 0).any()


def test_no_order_beats_the_oracle_and_all_end_alike():
    rng = np.random.default_rng(0)
    wrong = rng.random(500) < 0.3
    scores = {name: rng.normal(size=500) + at * wrong for at, name in enumerate(budget.SCORES)}
    found = budget.curves(scores, wrong, 0.0, 0)
    for curve in found.values():
        assert (curve <= found["oracle"] + 1e-12).all() and curve[-1] == pytest.approx(1)


def test_tables():
    curves, price = budget.budget_rows(KEY, {"noise_model": np.arange(10.0)}, WRONG, [0.0, 0.1], 0)
    curves, price = results.check("budget", curves), results.check("budget_needed", price)
    assert len(curves) == 2 * 3 * 51 and len(price) == 2 * 3 * 3
    half = curves.query("order == 'noise_model' and rechecker_error == 0 and rechecked_share == 0.5")
    assert half["errors_found_share"].item() == 0.5  # of the last five examples two are wrong
    assert all(len(part) == 0 for part in budget.budget_rows(KEY, {}, np.zeros(5, bool), [0.0], 0))


def test_errors_left_of_equal_probabilities_are_binomial():
    estimate, low, high = budget.errors_left(np.arange(40), [np.full(40, 0.3)], [0.0, 0.5, 1.0], 0.95).T
    np.testing.assert_allclose(estimate, [12, 6, 0])
    for at, left in enumerate((40, 20)):
        assert (low[at], high[at]) == tuple(stats.binom(left, 0.3).ppf([0.025, 0.975]))
    assert low[2] == high[2] == 0


def test_errors_left_covers_what_it_says():
    """Labels that are wrong with their own probability: the interval holds the count in 95% of draws at least."""
    rng = np.random.default_rng(0)
    p_wrong = rng.beta(0.3, 0.8, 300)
    kept = np.sort(p_wrong)[:240]
    estimate, low, high = budget.errors_left(np.argsort(-p_wrong), [p_wrong], [0.2], 0.95)[0]
    drawn = (rng.random((20_000, 240)) < kept).sum(1)
    assert estimate == pytest.approx(drawn.mean(), rel=0.01)
    assert 0.95 <= ((low <= drawn) & (drawn <= high)).mean() < 0.975
    np.testing.assert_allclose([low, high], np.quantile(drawn, [0.025, 0.975]), atol=1)


def test_errors_left_lie_between_all_models_in_the_order_of_rechecking():
    rising = np.linspace(0.1, 0.3, 40)
    ranked = np.arange(40)[::-1]
    models = [rising, np.full(40, 0.1), np.full(40, 0.6)]
    estimate, low, high = budget.errors_left(ranked, models, [0.5], 0.95)[0]
    assert estimate == pytest.approx(rising[:20].sum())
    assert (low, high) == (stats.binom(20, 0.1).ppf(0.025), stats.binom(20, 0.6).ppf(0.975))
    other = np.where(np.arange(40) < 20, 0.9, 0.0)  # sees all errors where the first sees the fewest
    assert budget.errors_left(ranked, [rising, other], [0.5], 0.95)[0][2] == stats.binom(20, 0.9).ppf(0.975)


def test_errors_left_of_many_labels_are_those_of_all_their_chances():
    """What is left out of the distribution's ends changes no quantile."""
    p_wrong = np.random.default_rng(1).beta(0.2, 1.5, 3000)
    _, low, high = budget.errors_left(np.argsort(-p_wrong), [p_wrong], [0.0], 0.999)[0]
    mass = np.ones(1)
    for p in p_wrong:
        mass = np.convolve(mass, [1 - p, p])
    below = np.cumsum(mass)
    assert (low, high) == (np.argmax(below >= 0.0005), np.argmax(below >= 0.9995))


def test_errors_left_beside_the_truth():
    p_wrong = np.array([0.9, 0.1, 0.8, 0.0, 0.2, 0.0, 0.3, 0.1, 0.0, 0.05])
    ranked = budget.order(p_wrong, 0)
    table = results.check("errors_left", budget.errors_left_rows(KEY, ranked, [p_wrong], WRONG, 0.95))
    row = table[table["rechecked_share"] == 0.2].iloc[0]  # 0 and 2 rechecked, both wrong
    assert (row["estimate"], row["truth"]) == (pytest.approx(0.75), 2)
    assert table["truth"].iloc[-1] == table["estimate"].iloc[-1] == 0
    assert budget.errors_left_rows(KEY, ranked, [p_wrong], None, 0.95)["truth"].isna().all()
