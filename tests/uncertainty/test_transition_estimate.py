"""Anchor points, the confident joint and Dual-T on tables worked out by hand."""

import numpy as np
import pytest

from labelnoise.noise import transition as designed
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


# Two classes; thresholds are the means of p_label: (.9 + .8 + .2 + .7) / 4 = .65 and (.6 + .9 + .3) / 3 = .6.
CONFIDENT = np.array([[0.9, 0.1], [0.8, 0.2], [0.2, 0.8], [0.7, 0.3], [0.4, 0.6], [0.1, 0.9], [0.7, 0.3]])
CONFIDENT_LABELS = np.array([0, 0, 0, 0, 1, 1, 1])


def test_confident_joint_by_hand():
    """Counts [[3, 1], [1, 2]], rows scaled to 4 and 3 of 7 labels: Q is a seventh of them, T by column of Q."""
    matrix, prior = transition.confident_joint(CONFIDENT, CONFIDENT_LABELS)
    np.testing.assert_allclose(matrix, [[3 / 4, 1 / 4], [1 / 3, 2 / 3]])
    np.testing.assert_allclose(prior, [4 / 7, 3 / 7])
    assert transition.rate(matrix, prior) == pytest.approx(2 / 7)


def test_confident_joint_is_not_the_transpose():
    """A fifth of class 0 is called 1: T is [[.8, .2], [0, 1]], the reverse channel [[1, 0], [1/6, 5/6]]."""
    clean = np.repeat([0, 1], 50)
    labels = np.where(np.arange(100) < 10, 1, clean)
    matrix, prior = transition.confident_joint(np.eye(2)[clean] * 0.8 + 0.1, labels)
    np.testing.assert_allclose(matrix, [[0.8, 0.2], [0, 1]])
    np.testing.assert_allclose(prior, [0.5, 0.5])


def test_confident_joint_of_perfect_predictions_is_diagonal():
    labels = np.repeat([0, 1, 2], [5, 3, 2])
    for sure in (1.0, 0.7):  # the mean of five .7 is above .7
        probs = np.full((10, 3), (1 - sure) / 2)
        probs[np.arange(10), labels] = sure
        matrix, prior = transition.confident_joint(probs.astype(np.float32), labels)
        np.testing.assert_allclose(matrix, np.eye(3))
        np.testing.assert_allclose(prior, [0.5, 0.3, 0.2])


def test_confident_joint_equals_its_definition_example_by_example():
    rng = np.random.default_rng(0)
    probs, labels = rng.dirichlet(np.ones(4), 300), rng.integers(0, 4, 300)
    thresholds = [probs[labels == j, j].mean() for j in range(4)]
    counts = np.zeros((4, 4))
    for p, label in zip(probs, labels, strict=True):
        above = [j for j in range(4) if p[j] >= thresholds[j]]
        if above:
            counts[label, max(above, key=lambda j: p[j])] += 1
    joint = np.array([row / row.sum() * (labels == g).mean() for g, row in enumerate(counts)])
    matrix, prior = transition.confident_joint(probs, labels)
    np.testing.assert_allclose(matrix, joint.T / joint.sum(0)[:, None])
    np.testing.assert_allclose(prior, joint.sum(0))
    np.testing.assert_allclose(prior @ matrix, np.bincount(labels) / 300)


def test_confident_joint_seeks_the_largest_among_the_confident_classes():
    """Thresholds .7, .2, .1: the first class is the largest of the last example, but not a confident one."""
    probs = np.array([[0.9, 0.05, 0.05], [0.8, 0.2, 0.0], [0.9, 0.0, 0.1], [0.5, 0.3, 0.2]])
    matrix, prior = transition.confident_joint(probs, np.array([0, 1, 2, 0]))
    # Examples 0, 1 and 2 count for class 0, example 3 for class 1; labels 1 and 2 get one of their own class.
    joint = np.array([[1 / 2, 1 / 2, 0], [1 / 2, 1 / 2, 0], [1 / 2, 0, 1 / 2]]) * np.array([[2], [1], [1]]) / 4
    np.testing.assert_allclose(prior, joint.sum(0))
    np.testing.assert_allclose(matrix, joint.T / joint.sum(0)[:, None])


def test_confident_joint_keeps_a_class_without_labels():
    matrix, prior = transition.confident_joint(np.pad(CONFIDENT, ((0, 0), (0, 1))), CONFIDENT_LABELS)
    np.testing.assert_allclose(matrix, [[3 / 4, 1 / 4, 0], [1 / 3, 2 / 3, 0], [0, 0, 1]])
    np.testing.assert_allclose(prior, [4 / 7, 3 / 7, 0])


@pytest.mark.parametrize("truth", [designed.symmetric(4, 0.4), designed.pair_flip(4, 0.45)])
def test_confident_joint_of_a_separable_problem_is_the_realised_matrix(truth):
    """p is the exact posterior of the labels: the right class is the only one at its threshold or the largest."""
    clean = np.arange(4000) % 4
    labels = designed.sample(clean, truth, np.random.default_rng(0))
    realised = np.array([np.bincount(labels[clean == i], minlength=4) / 1000 for i in range(4)])
    posterior = truth[clean] + 0.05 * np.eye(4)[clean]  # a little surer than it is, as networks are
    matrix, prior = transition.confident_joint(posterior / posterior.sum(1, keepdims=True), labels)
    np.testing.assert_allclose(matrix, realised, atol=0.02)
    np.testing.assert_allclose(prior, 0.25, atol=0.02)


def test_dual_t_by_hand():
    """Predictions 0, 0, 1, 1, 2, 2, labels 0, 1, 1, 1, 2, 0: T_b has rows (.5, .5, 0), (0, 1, 0), (.5, 0, .5)."""
    rows = np.array([[0.5, 0.5, 0], [0, 1, 0], [0.5, 0, 0.5]])
    expected = TABLE[[0, 2, 4]] @ rows
    np.testing.assert_allclose(transition.dual_t(TABLE, np.array([0, 1, 1, 1, 2, 0]), 100), expected)
    filtered = TABLE[[1, 3, 5]] @ rows
    np.testing.assert_allclose(transition.dual_t(TABLE, np.array([0, 1, 1, 1, 2, 0]), 80), filtered)


def test_dual_t_with_predictions_that_are_all_right_is_the_anchors_and_with_sure_ones_the_counts():
    labels = np.array([0, 0, 1, 1, 2, 2])
    np.testing.assert_allclose(transition.dual_t(TABLE, labels, 100), transition.anchor_points(TABLE, 100))
    sure = np.eye(3)[[0, 0, 1, 1, 2, 2]]
    counts = [[0.5, 0.5, 0], [0, 1, 0], [0.5, 0, 0.5]]
    np.testing.assert_allclose(transition.dual_t(sure, np.array([0, 1, 1, 1, 2, 0]), 100), counts)


def test_dual_t_of_a_class_that_is_never_predicted_has_rows_that_sum_to_one():
    probs = np.array([[0.9, 0.05, 0.05], [0.6, 0.3, 0.1], [0.2, 0.7, 0.1]])
    matrix = transition.dual_t(probs, np.array([0, 1, 1]), 100)
    np.testing.assert_allclose(matrix.sum(1), 1)
    np.testing.assert_allclose(
        matrix[0], 0.9 * np.array([0.5, 0.5, 0]) + 0.05 * np.array([0, 1, 0]) + [0, 0, 0.05]
    )


@pytest.mark.parametrize(
    ("matrix", "expected"),
    [
        (designed.none(10), 1),
        (designed.symmetric(10, 0.5), 2.25),
        (designed.symmetric(10, 0.8), 9),
        (designed.pair_flip(10, 0.45), 10),
        (designed.symmetric_all(10, 1.0), np.inf),
        (designed.pair_flip(10, 0.5), np.inf),
        (np.full((3, 3), np.nan), np.nan),
    ],
)
def test_condition_number_by_hand(matrix, expected):
    assert transition.condition_number(matrix) == pytest.approx(expected, nan_ok=True)


def test_condition_number_of_asymmetric_noise():
    """Numerically 5.5 for CIFAR-10's map at .4; singular at .5, where cats and dogs get the same labels."""
    cifar10 = {9: 1, 2: 0, 3: 5, 5: 3, 4: 7}
    assert transition.condition_number(designed.asymmetric(10, 0.4, cifar10)) == pytest.approx(5.5, abs=0.1)
    assert transition.condition_number(designed.asymmetric(10, 0.5, cifar10)) == np.inf


def test_smoothed_confident_joint_by_hand():
    """Thresholds .7 and .7. Label 0: three examples, two counted as 0, one as 1; label 1: both as 1.

    The last two are left out: one has no probabilities, and label 2 has no other example.
    """
    probs = np.array([[0.9, 0.1, 0], [0.95, 0.05, 0], [0.25, 0.75, 0], [0.3, 0.7, 0], [0.3, 0.7, 0], [np.nan] * 3])
    labels = np.array([0, 0, 0, 1, 1, 2])
    counts = np.array([[2, 0, 0], [1, 2, 0], [0, 0, 1]]) + 0.5 / 3
    expected = counts / counts.sum(1, keepdims=True)
    np.testing.assert_allclose(transition.smoothed_confident_joint(probs, labels, np.full(6, -1)), expected)
    known = np.array([-1, -1, 0, -1, -1, -1])  # the third is rechecked, and right
    counts = np.array([[3, 0, 0], [0, 2, 0], [0, 0, 1]]) + 0.5 / 3
    expected = counts / counts.sum(1, keepdims=True)
    np.testing.assert_allclose(transition.smoothed_confident_joint(probs, labels, known), expected)
