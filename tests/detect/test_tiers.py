"""Tiers by hand, by brute force, and against a posterior that is calibrated."""

import numpy as np
import pytest

from labelnoise.detect import tiers
from labelnoise.detect.types import CUT, NO_TIER, RULE_A

BY_HAND = np.array([0.95, 1.0, 0.1, 0.98, 0.96, np.nan, 0.11])


def assigned(p_wrong, rule=RULE_A, cut=np.nan):
    return tiers.assign(p_wrong, tiers.chosen(p_wrong, rule, cut, 0.025), 0.1)


def test_by_hand():
    # P(right) in order: 0, .02, .04 (mean .02), then .05 makes the mean .0275
    np.testing.assert_array_equal(tiers.rule_a(BY_HAND, 0.025), [1, 3, 4])
    np.testing.assert_array_equal(assigned(BY_HAND), [1, 2, 0, 2, 2, 0, 1])


def test_the_gate_may_cut_or_withhold():
    np.testing.assert_array_equal(assigned(BY_HAND, CUT, 0.98), [1, 2, 0, 2, 1, 0, 1])
    np.testing.assert_array_equal(assigned(BY_HAND, CUT, 0.9), [2, 2, 0, 2, 2, 0, 1])
    np.testing.assert_array_equal(assigned(BY_HAND, NO_TIER), [1, 1, 0, 1, 1, 0, 1])
    np.testing.assert_array_equal(assigned(BY_HAND, "", 0.5), [1, 1, 0, 1, 1, 0, 1])  # nobody asked the gate


@pytest.mark.parametrize("seed", range(5))
def test_rule_a_is_the_largest_set(seed):
    p_wrong = np.random.default_rng(seed).beta(6, 0.3, 80)
    right = np.sort(1 - p_wrong)
    largest = max([k for k in range(1, 81) if right[:k].mean() <= 0.025], default=0)
    tier = assigned(p_wrong)
    assert (tier == 2).sum() == largest > 0
    assert p_wrong[tier == 2].min() >= p_wrong[tier != 2].max()


def test_a_label_that_readers_see_as_right_or_of_a_rare_class_is_never_obvious():
    p_low = np.array([0.99, 0.98, 0.97, 0.99, 0.2, 0.99])
    p_wrong = np.array([0.9, 0.5, 0.51, 0.4, 0.3, 0.9])
    may_be = tiers.eligible(p_low, p_wrong, np.array([0, 0, 0, 0, 0, 1]))
    np.testing.assert_array_equal(may_be, [0.99, np.nan, 0.97, np.nan, np.nan, np.nan])
    four = tiers.eligible(p_low, p_wrong, np.array([0, 0, 0, 0, 1, 1]))
    assert np.isnan(four).all()


def test_nothing_is_obvious_where_nothing_is_suspect():
    assert (assigned(np.full(50, 0.05)) == 0).all()
    assert (assigned(np.full(2, np.nan)) == 0).all()


def test_a_calibrated_posterior_keeps_its_promise():
    rng = np.random.default_rng(0)
    p_wrong = rng.beta(0.3, 0.3, 50_000)
    wrong = rng.random(50_000) < p_wrong
    assert wrong[tiers.rule_a(p_wrong, 0.025)].mean() == pytest.approx(0.975, abs=0.003)


def test_sure_needs_an_obvious_error_that_every_predictor_contradicts():
    predicted = np.array([[1, 1, 0, 1], [2, 0, 2, 1], [1, 1, 1, 2]])
    found = tiers.sure(predicted, np.array([0, 0, 0, 0]), np.array([2, 2, 2, 1], np.int8))
    np.testing.assert_array_equal(found, [True, False, False, False])


def rows(truth):
    given = np.array([0, 0, 0, 1, 1, 1, 1, 2])
    tier, sure = np.array([2, 2, 2, 1, 1, 0, 0, 0], np.int8), np.arange(8) < 1
    p_wrong = np.array([1.0, 0.98, 0.97, 0.5, 0.3, 0.0, 0.05, np.nan])
    suggestion = np.array([1, 2, 2, 0, 1, 1, 1, 2])
    within = tiers.members(tier, sure, np.isfinite(p_wrong))
    table = tiers.table_rows({"seed": 3}, within, p_wrong, suggestion, given, np.array(truth))
    assert (table["seed"] == 3).all() and list(table["tier"]) == ["sure", "obvious", "possible", "rest"]
    return table.set_index("tier")


def test_table_by_hand():
    """Sure is counted in obvious too; the last example has no label and is in no tier."""
    table = rows([1, 1, 0, 0, 1, 1, 1, 0])  # wrong: 0, 1 and 3
    assert list(table["count"]) == [1, 3, 2, 2]
    np.testing.assert_allclose(table["share_wrong"], [1, 2 / 3, 1 / 2, 0])
    np.testing.assert_allclose(table["errors_found_share"], [1 / 3, 2 / 3, 1 / 3, 0])
    np.testing.assert_allclose(table["stated"], [1, 2.95 / 3, 0.4, 0.025])
    np.testing.assert_allclose(table["suggestion_right"], [1, 1 / 2, 1, np.nan])


def test_shares_are_of_the_known_truth():
    table = rows([-1, 1, 0, -1, -1, 1, 1, -1])
    np.testing.assert_allclose(table["share_wrong"], [np.nan, 1 / 2, np.nan, 0])
    assert list(table["count"]) == [1, 3, 2, 2]
    assert rows([-1] * 8)[["share_wrong", "errors_found_share"]].isna().all(axis=None)
