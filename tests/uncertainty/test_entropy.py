"""Entropy and mutual information in their limits, and against scipy."""

import numpy as np
import pytest
from scipy import stats

from labelnoise.uncertainty import entropy


def streamed(members):
    """OutOfBag of `members` [B, N, C], all of them out of bag."""
    count = np.full(members.shape[1], len(members))
    return entropy.from_sums(members.sum(0), entropy.entropy(members).sum(0), count)


def test_entropy_agrees_with_scipy():
    probs = np.random.default_rng(0).dirichlet(np.ones(5), 6)
    np.testing.assert_allclose(entropy.entropy(probs), stats.entropy(probs, axis=1))


def test_identical_members_share_no_information():
    members = np.tile(np.random.default_rng(0).dirichlet(np.ones(4), 5), (3, 1, 1))
    result = streamed(members)
    np.testing.assert_allclose(result.mutual_information, 0, atol=1e-12)
    assert (result.mutual_information >= 0).all()
    np.testing.assert_allclose(result.entropy, stats.entropy(members[0], axis=1))


def test_two_certain_members_that_disagree():
    result = streamed(np.array([[[1.0, 0, 0]], [[0, 1.0, 0]]]))
    np.testing.assert_allclose(result.probs, [[0.5, 0.5, 0]])
    assert result.entropy[0] == pytest.approx(np.log(2))
    assert result.mutual_information[0] == pytest.approx(np.log(2))


def test_mutual_information_by_hand():
    members = np.array([[[0.9, 0.1]], [[0.5, 0.5]]])
    expected = stats.entropy([0.7, 0.3]) - (stats.entropy([0.9, 0.1]) + np.log(2)) / 2
    assert streamed(members).mutual_information[0] == pytest.approx(expected)


def test_rounding_gives_no_negative_information():
    probs = np.array([[0.7, 0.3]])
    result = entropy.from_sums(probs, entropy.entropy(probs) + 1e-9, np.array([1]))
    assert result.mutual_information[0] == 0


def test_never_out_of_bag_is_nan():
    result = entropy.from_sums(np.array([[0.6, 0.4], [0, 0]]), np.array([0.5, 0]), np.array([1, 0]))
    assert np.isnan(result.probs[1]).all()
    assert np.isnan(result.entropy[1])
    assert np.isnan(result.mutual_information[1])
    assert np.isfinite(result.probs[0]).all()
