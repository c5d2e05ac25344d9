"""Noise on ambiguous images: the ranking by hand, a model fitted apart, and what varies with the seed."""

import hashlib

import numpy as np
import pytest
from scipy.special import softmax
from sklearn.datasets import load_digits
from sklearn.linear_model import LogisticRegression

from labelnoise import noise
from labelnoise.noise import ambiguous
from labelnoise.noise.types import Inputs

IMAGES, LABELS = load_digits(return_X_y=True)
IMAGES = np.round(IMAGES * 255 / 16).astype(np.uint8).reshape(-1, 1, 8, 8)[:600]
LABELS = LABELS[:600]
INPUTS = Inputs(LABELS, IMAGES, 10, {}, {}, None)


def draw(rate, seed=0):
    return noise.draw("ambiguous", rate, seed, INPUTS).labels


def test_other_class_and_margin_by_hand():
    """Right and sure, right and unsure, wrong (the clean class is second), and one that rounding floors."""
    probs = np.array([[0.7, 0.2, 0.1], [0.4, 0.25, 0.35], [0.6, 0.3, 0.1], [0.0, 1e-9, 1.0]])
    other, margins = ambiguous.other_classes(probs, np.array([0, 0, 1, 2]))
    assert other.tolist() == [1, 2, 0, 1]
    expected = [np.log(0.7 / 0.2), np.log(0.4 / 0.35), np.log(0.3 / 0.6), np.log(1 / 1e-4)]
    np.testing.assert_allclose(margins, expected, atol=1e-12)


def test_differences_beyond_the_rounding_change_nothing():
    rng = np.random.default_rng(0)
    probs = np.round(softmax(rng.normal(0, 2, (200, 4)), axis=1), 4)
    labels = rng.integers(0, 4, 200)
    same = ambiguous.other_classes(probs + rng.uniform(-4e-5, 4e-5, probs.shape), labels)[1]
    # two classes equal to four decimals may change places, and their margin stays
    np.testing.assert_array_equal(same, ambiguous.other_classes(probs, labels)[1])


def test_out_of_fold_is_a_model_of_the_other_folds():
    """The first fold of a shuffle with seed 0, fitted here without a pipeline."""
    probs = ambiguous.out_of_fold(IMAGES, LABELS, 10)
    order = np.random.RandomState(0).permutation(600)
    held, rest = order[:120], order[120:]
    x = IMAGES.reshape(600, -1).astype(float)
    deviation = np.where(x[rest].std(0) > 0, x[rest].std(0), 1)
    x = (x - x[rest].mean(0)) / deviation
    model = LogisticRegression(tol=1e-8, max_iter=5000).fit(x[rest], LABELS[rest])
    np.testing.assert_allclose(probs[held], model.predict_proba(x[held]), atol=1e-3)


def test_a_class_without_examples_is_no_label():
    images, labels = IMAGES[LABELS != 3], LABELS[LABELS != 3]
    probs = ambiguous.out_of_fold(images, labels, 12)
    assert probs.shape == (len(labels), 12) and (probs[:, [3, 10, 11]] == 0).all()
    np.testing.assert_allclose(probs.sum(1), 1.0)
    drawn = ambiguous.labels(images, labels, 12, 0.5, np.random.default_rng(0))
    assert not np.isin(drawn, [3, 10, 11]).any()


@pytest.mark.parametrize("rate", [0.0, 0.1, 0.25, 0.5])
def test_the_rate_is_the_share_of_labels_that_change(rate):
    assert (draw(rate) != LABELS).sum() == round(rate * 600)


def test_errors_lie_on_the_ambiguous_images():
    """Far more ambiguous than the rest, and every wrong label is the model's best other class."""
    drawn = draw(0.1)
    other, margins = ambiguous.other_classes(ambiguous.out_of_fold(IMAGES, LABELS, 10), LABELS)
    wrong = drawn != LABELS
    np.testing.assert_array_equal(drawn[wrong], other[wrong])
    # jitter has a standard deviation of .5: nothing far from the threshold changes sides
    threshold = np.sort(margins)[60]
    assert margins[wrong].max() < threshold + 2.5 and wrong[margins < threshold - 2.5].all()


def test_jitter_makes_seeds_differ_and_the_ambiguous_core_stays():
    first, second = (draw(0.1, seed) != LABELS for seed in (0, 1))
    assert 30 <= (first & second).sum() < 60


def test_same_seed_gives_the_same_bytes():
    hashes = {hashlib.sha256(draw(0.2, 3).tobytes()).hexdigest() for _ in range(2)}
    assert len(hashes) == 1 and draw(0.2, 3).dtype == np.int64


def test_transition_is_the_realised_one():
    drawn = noise.draw("ambiguous", 0.2, 0, INPUTS)
    for clean in range(10):
        shares = np.bincount(drawn.labels[clean == LABELS], minlength=10) / (clean == LABELS).sum()
        np.testing.assert_allclose(drawn.transition[clean], shares)
    assert drawn.convention == "other_classes" and "0.2" in drawn.definition


def test_rates_above_a_half_are_refused():
    with pytest.raises(ValueError, match=r"^datasets\.digits\.noises\.ambiguous: rate 0\.6 .*allowed: 0 to 0\.5"):
        noise.allowed("digits", "ambiguous", 0.6, INPUTS)


def test_clean_labels_are_left_as_they_are():
    before = LABELS.copy()
    draw(0.5)
    np.testing.assert_array_equal(LABELS, before)
