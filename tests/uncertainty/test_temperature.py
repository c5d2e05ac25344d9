"""Temperatures that were put in are found again, and noise without T asks for too much doubt."""

import numpy as np
import pytest
from scipy.special import softmax

from labelnoise.noise import transition
from labelnoise.uncertainty import temperature

CLASSES = 5


def drawn(matrix, count=20_000):
    """Probabilities that are right, and noisy labels of the classes that are drawn from them."""
    rng = np.random.default_rng(0)
    probs = softmax(2 * rng.normal(size=(count, CLASSES)), axis=1)
    noisy = probs @ matrix
    return probs, np.minimum((noisy.cumsum(1) < rng.random((count, 1))).sum(1), CLASSES - 1)


def sharper(probs, by):
    powered = probs**by
    return powered / powered.sum(1, keepdims=True)


def test_scaling_by_hand():
    """At temperature 2 odds of 9 to 1 are 3 to 1."""
    np.testing.assert_allclose(temperature.scaled(np.array([[0.9, 0.1]]), 2.0), [[0.75, 0.25]])
    assert np.isnan(temperature.scaled(np.array([[0.9, 0.1]]), np.nan)).all()


def test_two_classes_by_hand():
    """Three of four labels are the class of probability .9: .75 is right, so odds of 9 become 3, and t = 2."""
    probs = np.array([[0.9, 0.1]] * 4)
    assert temperature.fit(probs, np.array([0, 0, 0, 1]), np.eye(2)) == pytest.approx(2, rel=1e-4)


def test_two_classes_through_t_by_hand():
    """A quarter flips: 5 of 8 labels are those of a class of probability .75, since .75 ** 2 + .25 ** 2 = .625."""
    probs, labels = np.array([[0.9, 0.1]] * 8), np.array([0] * 5 + [1] * 3)
    assert temperature.fit(probs, labels, transition.symmetric(2, 0.25)) == pytest.approx(2, rel=1e-4)


@pytest.mark.parametrize("matrix", [np.eye(CLASSES), transition.symmetric(CLASSES, 0.4)])
@pytest.mark.parametrize("by", [0.5, 3.0])
def test_what_was_put_in_comes_out_through_t(matrix, by):
    probs, labels = drawn(matrix)
    assert temperature.fit(sharper(probs, by), labels, matrix) == pytest.approx(by, rel=0.06)


def test_noisy_labels_as_they_are_ask_for_too_much_doubt():
    matrix = transition.symmetric(CLASSES, 0.4)
    probs, labels = drawn(matrix)
    assert temperature.fit(probs, labels, np.eye(CLASSES)) > 1.5


def test_saturated_probabilities_and_zeros_of_t_are_finite():
    probs, labels = np.eye(3, dtype=np.float32)[[0, 1, 2, 0]], np.array([0, 1, 1, 2])
    matrix = np.array([[1.0, 0, 0], [0, 1, 0], [0, 1, 0]])  # nothing becomes the third
    for channel in (np.eye(3), matrix):
        assert np.isfinite(temperature.scaled(probs, temperature.fit(probs, labels, channel))).all()


def test_what_is_not_finite_has_no_temperature():
    probs = np.full((2, 2), np.nan)
    assert np.isnan(temperature.fit(probs, np.array([0, 1]), np.eye(2)))
    assert np.isnan(temperature.fit(np.eye(2), np.array([0, 1]), np.full((2, 2), np.nan)))
