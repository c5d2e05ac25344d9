"""Instance-dependent noise against its equations, written out example by example."""

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from sklearn.datasets import load_digits

from labelnoise.noise import instance_dependent, transition

IMAGES, LABELS = load_digits(return_X_y=True)
IMAGES = np.round(IMAGES * 255 / 16).astype(np.uint8).reshape(-1, 1, 8, 8)


def rows(rate, seed=0, temperature=1.0):
    rng = np.random.default_rng(seed)
    return instance_dependent.rows(IMAGES, LABELS, 10, rate, 0.1, temperature, rng)


@pytest.mark.parametrize(("rate", "mean"), [(0.1, 0.129), (0.2, 0.206), (0.4, 0.400)])
def test_mean_flip_rate_of_the_truncated_normal(rate, mean):
    q = instance_dependent.flip_rates(rate, 0.1, 200_000, np.random.default_rng(0))
    assert q.mean() == pytest.approx(mean, abs=0.001)
    assert q.min() >= 0 and q.max() <= 1


@given(rate=st.floats(0, 1), seed=st.integers(0, 10_000))
@settings(deadline=None, max_examples=15)
def test_rows_are_distributions(rate, seed):
    probs = rows(rate, seed)
    assert (probs >= 0).all()
    np.testing.assert_allclose(probs.sum(1), 1.0, atol=1e-12)


def test_flip_rate_is_the_mean_of_q_and_not_the_nominal_rate():
    rng = np.random.default_rng(5)
    probs = np.concatenate([rows(0.1, seed) for seed in range(10)])
    labels = np.tile(LABELS, 10)
    wrong = 1 - probs[np.arange(len(labels)), labels]
    q = [instance_dependent.flip_rates(0.1, 0.1, len(LABELS), np.random.default_rng(s)) for s in range(10)]
    np.testing.assert_allclose(wrong, np.concatenate(q), atol=1e-12)
    flipped = (transition.sample_rows(probs, rng) != labels).mean()
    error = np.sqrt(0.129 * 0.871 / len(labels))
    assert abs(flipped - wrong.mean()) < 3.5 * error
    assert flipped - 0.1 > 5 * error


def test_rows_follow_the_equations_example_by_example():
    """Three classes, four pixels of which one is constant; W drawn after q, class by class."""
    data = np.random.default_rng(1)
    images = data.integers(0, 256, (30, 1, 2, 2)).astype(np.uint8)
    images[:, 0, 0, 0] = 7
    labels = data.integers(0, 3, 30)
    probs = instance_dependent.rows(images, labels, 3, 0.3, 0.1, 0.5, np.random.default_rng(2))

    rng = np.random.default_rng(2)
    q = instance_dependent.flip_rates(0.3, 0.1, 30, rng)
    w = rng.standard_normal((3, 4, 3))
    x = images.reshape(30, 4).astype(float)
    x = (x - x.mean(0)) / np.where(x.std(0) > 0, x.std(0), 1.0)
    for i, y in enumerate(labels):
        exponentials = np.exp(x[i] @ w[y] / np.sqrt(4) / 0.5)
        exponentials[y] = 0
        expected = q[i] * exponentials / exponentials.sum()
        expected[y] = 1 - q[i]
        np.testing.assert_allclose(probs[i], expected, atol=1e-12)


def largest_share_of_wrong(probs):
    wrong = probs.copy()
    wrong[np.arange(len(LABELS)), LABELS] = 0
    return wrong.max(1) / wrong.sum(1)


def test_as_published_has_one_wrong_class_per_image():
    published = instance_dependent.rows_as_published(IMAGES, LABELS, 10, 0.4, 0.1, np.random.default_rng(0))
    np.testing.assert_allclose(published.sum(1), 1.0, atol=1e-12)
    assert (largest_share_of_wrong(published) > 0.999).mean() > 0.95
    assert np.median(largest_share_of_wrong(rows(0.4))) < 0.6


def test_low_temperature_sharpens():
    assert np.median(largest_share_of_wrong(rows(0.4, temperature=0.01))) > 0.99


def test_class_means_by_hand():
    probs = np.array([[0.8, 0.1, 0.1], [0.6, 0.2, 0.2], [0.0, 0.0, 1.0]])
    means = instance_dependent.class_means(probs, np.array([0, 0, 2]), 3)
    np.testing.assert_allclose(means, [[0.7, 0.15, 0.15], [0, 1, 0], [0, 0, 1]])
