"""Designed matrices against matrices written by hand; draws against binomial bounds."""

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from labelnoise.noise import transition

RATES = st.floats(0, 1)
CLASSES = st.integers(2, 12)
CIFAR10_MAP = {9: 1, 2: 0, 3: 5, 5: 3, 4: 7}


def assert_stochastic(matrix, num_classes):
    assert matrix.shape == (num_classes, num_classes)
    assert (matrix >= -1e-12).all()
    np.testing.assert_allclose(matrix.sum(1), 1.0, atol=1e-12)


@given(num_classes=CLASSES, rate=RATES)
@settings(deadline=None, max_examples=50)
def test_rows_sum_to_one(num_classes, rate):
    for matrix in (
        transition.none(num_classes),
        transition.random(num_classes),
        transition.symmetric(num_classes, rate),
        transition.symmetric_all(num_classes, rate),
        transition.pair_flip(num_classes, rate),
        transition.asymmetric(num_classes, rate, {0: 1}),
    ):
        assert_stochastic(matrix, num_classes)


def test_matrices_by_hand():
    np.testing.assert_allclose(
        transition.symmetric(3, 0.3), [[0.7, 0.15, 0.15], [0.15, 0.7, 0.15], [0.15, 0.15, 0.7]]
    )
    np.testing.assert_allclose(
        transition.symmetric_all(3, 0.3), [[0.8, 0.1, 0.1], [0.1, 0.8, 0.1], [0.1, 0.1, 0.8]]
    )
    np.testing.assert_allclose(transition.pair_flip(3, 0.45), [[0.55, 0.45, 0], [0, 0.55, 0.45], [0.45, 0, 0.55]])
    np.testing.assert_allclose(
        transition.asymmetric(3, 0.4, {2: 0, 0: 1}), [[0.6, 0.4, 0], [0, 1, 0], [0.4, 0, 0.6]]
    )
    np.testing.assert_allclose(transition.random(4), np.full((4, 4), 0.25))
    np.testing.assert_array_equal(transition.none(2), [[1, 0], [0, 1]])


@given(num_classes=CLASSES, rate=RATES)
@settings(deadline=None, max_examples=50)
def test_two_symmetric_conventions_convert(num_classes, rate):
    other = transition.symmetric(num_classes, rate * (num_classes - 1) / num_classes)
    np.testing.assert_allclose(transition.symmetric_all(num_classes, rate), other, atol=1e-12)


@given(num_classes=CLASSES, rate=RATES, sparsity=st.floats(0, 1), seed=st.integers(0, 2**32 - 1))
@settings(deadline=None, max_examples=200)
def test_class_dependent_is_valid_and_as_asked(num_classes, rate, sparsity, seed):
    matrix = transition.class_dependent(num_classes, rate, sparsity, np.random.default_rng(seed))
    assert_stochastic(matrix, num_classes)
    assert np.diag(matrix).mean() == pytest.approx(1 - rate, abs=1e-9)
    if rate > 1e-6:
        pairs = num_classes * (num_classes - 1)
        off_diagonal = matrix[~np.eye(num_classes, dtype=bool)]
        zeros = min(round(sparsity * pairs), pairs - num_classes)
        assert (off_diagonal == 0).sum() == zeros


def test_class_dependent_rows_differ():
    matrix = transition.class_dependent(10, 0.4, 0.4, np.random.default_rng(0))
    assert np.diag(matrix).std() > 0.05
    assert (matrix == 0).mean(1).std() > 0


@pytest.mark.parametrize(
    ("matrix", "expected"),
    [
        (transition.symmetric(10, 0.4), 0.4),
        (transition.symmetric_all(10, 0.4), 0.36),
        (transition.pair_flip(10, 0.45), 0.45),
        (transition.asymmetric(10, 0.4, CIFAR10_MAP), 0.2),
        (transition.random(10), 0.9),
        (transition.none(10), 0.0),
    ],
)
def test_realised_rate_within_binomial_bounds(matrix, expected):
    labels = np.repeat(np.arange(10), 2000)
    noisy = transition.sample(labels, matrix, np.random.default_rng(3))
    margin = 3.5 * np.sqrt(expected * (1 - expected) / len(labels))
    assert abs((noisy != labels).mean() - expected) <= margin


def test_sampled_shares_are_the_rows_of_the_matrix():
    """Every entry, not only the rate: a transposed matrix fails here."""
    matrix = transition.class_dependent(4, 0.5, 0.3, np.random.default_rng(1))
    labels = np.repeat(np.arange(4), 20000)
    noisy = transition.sample(labels, matrix, np.random.default_rng(2))
    shares = np.stack([np.bincount(noisy[labels == c], minlength=4) for c in range(4)]) / 20000
    assert (np.abs(shares - matrix) <= 4 * np.sqrt(matrix * (1 - matrix) / 20000)).all()
    assert np.abs(shares - matrix.T).max() > 0.05


def test_map_touches_only_its_classes():
    labels = np.repeat(np.arange(10), 500)
    noisy = transition.sample(labels, transition.asymmetric(10, 0.6, CIFAR10_MAP), np.random.default_rng(0))
    changed = set(zip(labels[noisy != labels].tolist(), noisy[noisy != labels].tolist()))
    assert changed == set(CIFAR10_MAP.items())


class AlmostOne:
    """Stands in for a generator whose every draw is the largest number below one."""

    def uniform(self, size):
        return np.full(size, np.nextafter(1.0, 0.0))


def test_sample_never_draws_what_has_no_probability():
    """Ten times 0.1 falls short of one in floating point; the last class has no probability."""
    rows = np.array([[0.1] * 10 + [0.0]])
    assert rows.cumsum()[-1] < 1
    assert transition.sample_rows(rows, AlmostOne()).tolist() == [9]
