"""What methods are told of the noise."""

import numpy as np
import pytest

from labelnoise.uncertainty import given, transition

RNG = np.random.default_rng(0)
PROBS = RNG.dirichlet(np.ones(3), (2, 40)).astype(np.float32)
LABELS = np.where(np.arange(40) < 10, -1, RNG.integers(0, 3, (2, 40)))


def test_only_images_that_are_not_tested_on_count():
    found = given.estimate(PROBS, LABELS, 97)
    matrix, prior = transition.anchor_points(PROBS[1, 10:], 97), transition.prior(PROBS[1, 10:])
    np.testing.assert_array_equal(found["transition"][1], matrix)
    np.testing.assert_array_equal(found["prior"][1], prior)
    assert found["rate"][1] == pytest.approx(1 - sum(prior[i] * matrix[i, i] for i in range(3)))
    other = PROBS.copy()
    other[:, :10] = 1 / 3
    np.testing.assert_array_equal(given.estimate(other, LABELS, 97)["transition"], found["transition"])


def test_a_diverged_first_run_says_nothing():
    broken = PROBS.copy()
    broken[0] = np.nan
    found = given.estimate(broken, LABELS, 97)
    assert all(np.isnan(found[name][0]).all() and np.isfinite(found[name][1]).all() for name in found)
