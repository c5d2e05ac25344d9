"""The noise `given`: the labels that own data came with."""

import numpy as np
import pytest

from labelnoise import noise
from labelnoise.noise.types import Inputs

GIVEN = np.array([0, 1, 1, 2, 2, 0])
CLEAN = np.array([0, 1, 2, 2, -1, 0])
IMAGES = np.zeros((6, 1, 1, 1), np.uint8)


def inputs(clean):
    return Inputs(clean, IMAGES, 3, {}, {"given": GIVEN}, None)


def test_labels_as_given_whatever_the_seed():
    noise.allowed("folder", "given", 0.0, inputs(CLEAN))
    for seed in range(2):
        drawn = noise.draw("given", 0.0, seed, inputs(CLEAN))
        assert drawn.labels.tolist() == GIVEN.tolist() and drawn.convention == "given"
        np.testing.assert_allclose(drawn.transition, [[1, 0, 0], [0, 1, 0], [0, 0.5, 0.5]])


def test_injected_noise_needs_all_of_the_truth():
    with pytest.raises(
        ValueError, match=r"noises\.symmetric: needs every clean label; allowed: given \(or data that"
    ):
        noise.allowed("folder", "symmetric", 0.4, inputs(CLEAN))
    noise.allowed("folder", "symmetric", 0.4, inputs(GIVEN))


def test_other_data_have_no_given_labels():
    with pytest.raises(ValueError, match=r"datasets\.digits\.noises\.given: unknown noise; allowed: none"):
        noise.allowed("digits", "given", 0.0, inputs(GIVEN)._replace(human_labels={}))
    with pytest.raises(ValueError, match="unknown noise"):
        noise.allowed("folder", "human_given", 0.0, inputs(GIVEN))
