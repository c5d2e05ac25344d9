"""Thresholds worked out by hand, and coverage where the truth is known."""

import numpy as np
import pytest
from sklearn.isotonic import IsotonicRegression

from labelnoise.noise import transition
from labelnoise.uncertainty import conformal

CLASSES, LEVEL = 10, 0.9
PROBS = np.array([[0.5, 0.3, 0.2], [0.1, 0.15, 0.75]])


def test_scores_by_hand():
    """Sets are those of 1 - p, and of the summed probability of the class and all that are more probable."""
    np.testing.assert_allclose(conformal.least_ambiguous(PROBS), PROBS * -1)
    summed = [[0.5, 0.8, 1.0], [1.0, 0.9, 0.75]]
    np.testing.assert_allclose(conformal.adaptive(PROBS) + 1, summed)


def test_scores_keep_small_probabilities_apart():
    probs = np.array([[1.0, 1e-20, 1e-30]], np.float32)
    for score in conformal.SCORES.values():
        assert (np.diff(score(probs)[0]) > 0).all()


@pytest.mark.parametrize(("count", "expected"), [(9, 9), (10, 10), (19, 18), (20, 19), (99, 90)])
def test_without_noise_it_is_the_split_conformal_quantile(count, expected):
    """The ceil((n + 1) level)-th smallest score of the labels: 9, 10 of 9, 10; 18 of 19; 19 of 20; 90 of 99."""
    scores = np.stack([np.arange(1, count + 1), 1000 + np.arange(count)], 1).astype(float)
    order = np.random.default_rng(0).permutation(count)
    assert conformal.threshold(scores[order], np.zeros(count, int), np.eye(2), LEVEL) == expected


@pytest.mark.parametrize("matrix", [np.eye(2), transition.symmetric(2, 0.4)])
def test_too_few_labels_put_every_class_into_every_set(matrix):
    """Of 8 labels even the largest score is the one of 8 / 9 only."""
    scores = np.arange(16.0).reshape(8, 2)
    assert conformal.threshold(scores, np.arange(8) % 2, matrix, LEVEL) == np.inf
    assert conformal.sets(scores, np.inf).all()


def test_distribution_by_hand():
    """Two classes, 1/4 flips either way: T^-1 = [[1.5, -.5], [-.5, 1.5]].

    Scores 1 and 4 of the first example, labelled 0; 3 and 2 of the second, labelled 1. Summed over t = 1..4 and
    halved: 1.5, 3, 2.5, 2 -> .75, 1.5, 1.25, 1. The last three fall, so they are their mean 1.25, at most 1.
    """
    matrix = np.array([[0.75, 0.25], [0.25, 0.75]])
    at, share = conformal.distribution(np.array([[1.0, 4.0], [3.0, 2.0]]), np.array([0, 1]), matrix)
    np.testing.assert_array_equal(at, [1, 2, 3, 4])
    np.testing.assert_allclose(share, [0.75, 1, 1, 1])


def test_equal_scores_are_one_step():
    at, share = conformal.distribution(np.array([[0.0, 2.0], [0.0, 0.0]]), np.array([0, 1]), np.eye(2))
    np.testing.assert_array_equal(at, [0, 2])
    np.testing.assert_allclose(share, [1, 1])


def test_labels_drawn_anew_from_all_classes_have_a_closed_form():
    """Penso, Goldberger and Fetaya 2025: (share of labels in the sets - rate * mean size / C) / (1 - rate)."""
    rng, rate = np.random.default_rng(0), 0.3
    scores, labels = rng.normal(size=(200, CLASSES)), rng.integers(0, CLASSES, 200)
    at, share = conformal.distribution(scores, labels, transition.symmetric_all(CLASSES, rate))
    hits = [(scores[np.arange(200), labels] <= t).mean() for t in at]
    sizes = [(scores <= t).sum(1).mean() for t in at]
    raw = (np.array(hits) - rate * np.array(sizes) / CLASSES) / (1 - rate)
    np.testing.assert_allclose(share, IsotonicRegression(y_min=0, y_max=1).fit_transform(at, raw), atol=1e-9)


def test_class_dependent_noise_by_hand():
    """Class 0 keeps its label, half of class 1 becomes 0: T^-1 = [[1, 0], [-1, 2]].

    Two labels of 1 and two of 0 then stand for four examples of class 1, whose score is 1: a label of 1 counts
    twice for it and takes back one label of 0. So the scores 9 of class 0 cancel.
    """
    matrix = np.array([[1.0, 0.0], [0.5, 0.5]])
    scores, labels = np.array([[9.0, 1.0]] * 4), np.array([0, 0, 1, 1])
    at, share = conformal.distribution(scores, labels, matrix)
    np.testing.assert_array_equal(at, [1, 9])
    np.testing.assert_allclose(share, [1, 1])


def test_what_cannot_be_known_is_missing():
    flat = np.full((2, 2), 0.5)
    assert np.isnan(conformal.threshold(-PROBS[:, :2], np.array([0, 1]), flat, LEVEL))
    assert np.isnan(conformal.threshold(np.full((2, 2), np.nan), np.array([0, 1]), np.eye(2), LEVEL))


def drawn(rng, count, scale=3.0):
    """Probabilities and classes that are drawn from them, so that the truth is known."""
    logits = rng.normal(size=(count, CLASSES)) * scale
    probs = np.exp(logits) / np.exp(logits).sum(1, keepdims=True)
    return probs, _draw(rng, probs)


def _draw(rng, probs):
    return np.minimum((probs.cumsum(1) < rng.random((len(probs), 1))).sum(1), probs.shape[1] - 1)


@pytest.mark.parametrize("score", conformal.SCORES.values())
@pytest.mark.parametrize(
    "matrix",
    [transition.symmetric(CLASSES, 0.4), transition.pair_flip(CLASSES, 0.3)],
    ids=["symmetric", "pair flip"],
)
def test_noisy_labels_make_sets_cover_too_often_and_the_matrix_repairs_it(score, matrix):
    """Of 200 calibrations with 2,000 labels: within four standard errors of the level, and by a tenth above it."""
    rng, naive, corrected, clean = np.random.default_rng(1), [], [], []
    probs, classes = drawn(rng, 20_000)
    own = score(probs)[np.arange(len(classes)), classes]
    for _ in range(200):
        told, truth = drawn(rng, 2000)
        noisy, scores = _draw(rng, matrix[truth]), score(told)
        for found, labels, channel in (
            (naive, noisy, np.eye(CLASSES)), (corrected, noisy, matrix), (clean, truth, np.eye(CLASSES))
        ):  # fmt: skip
            found.append((own <= conformal.threshold(scores, labels, channel, LEVEL)).mean())
    chance = np.sqrt(LEVEL * (1 - LEVEL) / len(own))
    for found in (corrected, clean):
        error = np.hypot(np.std(found) / np.sqrt(len(found)), chance)
        assert np.mean(found) == pytest.approx(LEVEL, abs=4 * error)
    assert np.mean(naive) > LEVEL + 0.08 and np.std(corrected) > np.std(clean)
