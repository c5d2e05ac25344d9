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


def twins(clean, people, classes=3):
    return Inputs(clean, np.zeros((len(clean), 1, 1, 1), np.uint8), classes, {}, {"crowd": people}, None)


def test_a_twin_is_as_wrong_in_every_class_and_blind_to_the_image():
    """Class 0: a third becomes 1; class 1: all become 2; class 2: all stay. Among people the wrong labels of class
    0 are the last ones."""
    clean = np.repeat([0, 1, 2], 3000)
    people = np.concatenate([np.repeat([0, 1], [2000, 1000]), np.repeat(2, 6000)])
    drawn = noise.draw("twin_crowd", 0.4, 0, twins(clean, people))
    np.testing.assert_allclose(drawn.transition, [[2 / 3, 1 / 3, 0], [0, 0, 1], [0, 0, 1]])
    assert (drawn.labels[3000:] == 2).all() and drawn.convention == "twin"
    shares = drawn.labels[:3000].reshape(3, 1000).mean(1)
    np.testing.assert_allclose(shares, 1 / 3, atol=3.5 * np.sqrt(2 / 9 / 1000))
    again, other = (noise.draw("twin_crowd", 0.4, seed, twins(clean, people)).labels for seed in (0, 1))
    assert (again == drawn.labels).all() and (other != drawn.labels).any()


def test_a_twin_needs_the_truth_and_labels_by_people():
    clean, people = np.array([0, 1, 2, -1]), np.array([0, 1, 2, 2])
    with pytest.raises(ValueError, match=r"noises\.twin_crowd: needs every clean label; allowed: human_crowd"):
        noise.allowed("mine", "twin_crowd", 0.1, twins(clean, people))
    with pytest.raises(
        ValueError, match=r"noises\.twin_worse: unknown noise; allowed: none, .*, twin_crowd, human_c"
    ):
        noise.allowed("mine", "twin_worse", 0.1, twins(people, people))
    noise.allowed("mine", "twin_crowd", 0.1, twins(people, people))
