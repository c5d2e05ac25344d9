"""Patrini's estimator on tables worked out by hand."""

import numpy as np
import pytest

from labelnoise.uncertainty import transition

TABLE = np.array(
    [
        [0.90, 0.06, 0.04],  # largest p_0
        [0.80, 0.15, 0.05],  # second p_0
        [0.10, 0.85, 0.05],  # largest p_1
        [0.30, 0.60, 0.10],  # second p_1
        [0.02, 0.03, 0.95],  # largest p_2
        [0.20, 0.20, 0.60],  # second p_2
    ]
)


def test_without_filter_rows_are_the_largest_predictions():
    np.testing.assert_allclose(transition.anchor_points(TABLE, 100), TABLE[[0, 2, 4]])


def test_filter_drops_the_largest_of_each_column():
    """Of six values the 80th percentile is the second largest, so each top one is an outlier."""
    np.testing.assert_allclose(transition.anchor_points(TABLE, 80), TABLE[[1, 3, 5]])


def test_filter_leaves_the_table_as_it_was():
    """Row 0 is class 0's outlier and class 1's anchor: filtered in place, it would read 0, .45, .05."""
    table = np.array(
        [
            [0.50, 0.45, 0.05],  # largest p_0, second p_1
            [0.45, 0.30, 0.25],  # second p_0
            [0.10, 0.85, 0.05],  # largest p_1
            [0.20, 0.10, 0.70],  # largest p_2
            [0.30, 0.15, 0.55],  # second p_2
        ]
    )
    before = table.copy()
    np.testing.assert_allclose(transition.anchor_points(table, 75), before[[1, 0, 4]])
    np.testing.assert_array_equal(table, before)


def test_rows_sum_to_one_even_for_rounded_float32():
    probs = np.random.default_rng(0).dirichlet(np.ones(10), 200).astype(np.float32) * np.float32(1.001)
    result = transition.anchor_points(probs, 97)
    assert result.dtype == np.float64
    np.testing.assert_allclose(result.sum(1), 1, atol=1e-12)


def test_perfect_posterior_gives_back_an_asymmetric_matrix():
    truth = np.array([[0.7, 0.3, 0.0], [0.0, 0.9, 0.1], [0.2, 0.0, 0.8]])
    clean = np.vstack([np.tile(np.eye(3), (20, 1)), np.random.default_rng(0).dirichlet(np.ones(3), 100)])
    estimate = transition.anchor_points(clean @ truth, 100)
    np.testing.assert_allclose(estimate, truth)
    assert transition.relative_l1(truth, estimate) == pytest.approx(0, abs=1e-12)


def test_prior_and_rate_by_hand():
    """Predictions 0, 0, 1, 1, 2, 2, so each class a third; T_ii .9, .85, .95."""
    prior = transition.prior(TABLE)
    np.testing.assert_allclose(prior, [1 / 3] * 3)
    estimate = transition.anchor_points(TABLE, 100)
    assert transition.rate(estimate, prior) == pytest.approx(1 - (0.9 + 0.85 + 0.95) / 3)
    assert transition.rate(estimate, np.array([0, 1.0, 0])) == pytest.approx(0.15)


def test_prior_keeps_classes_that_are_never_predicted():
    np.testing.assert_allclose(transition.prior(np.array([[0.9, 0.05, 0.05]] * 4)), [1, 0, 0])


def test_relative_l1_by_hand():
    assert transition.relative_l1(np.eye(2), np.array([[0.8, 0.2], [0, 1]])) == pytest.approx(0.4 / 2)
    assert transition.relative_l1(np.eye(2), np.eye(2)[::-1]) == 2


def test_diverged_network_gives_nan():
    assert np.isnan(transition.anchor_points(np.full((5, 3), np.nan), 97)).all()
