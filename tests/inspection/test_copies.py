"""Groups: copies and the owner's together; that they let the errors be found which copies hide."""

import numpy as np
import pytest
from made_images import features, pictures
from sklearn.datasets import load_digits
from sklearn.metrics import average_precision_score

from labelnoise.detect import detector
from labelnoise.detect.predictors import PRED_PROBS, Features
from labelnoise.features import pictures as shown
from labelnoise.inspection import copies, exact

RNG = np.random.default_rng(0)


def found(images, groups=None, content=None):
    content = exact.numbers(exact.digests(images)) if content is None else content
    return copies.find([Features("encoded", features(images))], content, shown.of_array(images[:, None]), groups)


def test_copies_and_groups_of_the_owner_are_joined():
    """0 and 1 exactly, 2 nearly, as the owner says 2 and 5, and 7 and 8."""
    images = pictures(40)
    images[1] = images[0]
    images[2] = np.clip(images[0].astype(int) + RNG.integers(-9, 10, images[0].shape), 0, 255)
    groups = np.full(40, -1)
    groups[[2, 5]], groups[[7, 8]] = 31, 4
    got = found(images, groups)
    assert got.group.tolist() == [0, 0, 0, 1, 2, 0, 3, 4, 4, *range(5, 36)]
    assert got.copied.tolist() == [0, 0, 0, *range(1, 38)] and got.same.tolist() == got.copied.tolist()
    expected = ["exact", "exact", "near", "", "", "given", "", "given", "given"]
    assert got.match.tolist() == expected + [""] * 31
    alone = found(images)
    assert alone.group.tolist() == alone.copied.tolist() == got.copied.tolist()


def test_a_picture_stored_thirty_times_hides_no_near_copy():
    images = pictures(60)
    images[30:] = images[0]
    images[1] = np.clip(images[0].astype(int) + RNG.integers(-9, 10, images[0].shape), 0, 255)
    got = found(images)
    assert np.flatnonzero(got.group == 0).tolist() == [0, 1, *range(30, 60)]
    assert len(np.unique(got.group)) == 29


def test_all_the_same():
    got = found(np.repeat(pictures(1), 30, axis=0))
    assert (got.group == 0).all() and (got.match == "exact").all()


def test_a_copy_by_any_feature_set_counts_but_not_by_probabilities():
    x, y = RNG.normal(size=(2, 100, 30)).astype(np.float32)
    x[50], y[60] = x[0] + 0.01, y[1] + 0.01
    probs = np.full((100, 4), 0.25)
    raw = [Features("one", x), Features("other", y), Features(PRED_PROBS, probs)]
    got = copies.find(raw, np.arange(100), None, None)
    assert np.flatnonzero(got.match == "near").tolist() == [0, 1, 50, 60]
    assert got.group[50] == got.group[0] and got.group[60] == got.group[1]
    assert got.same.tolist() == list(range(100))  # features alone do not say that it is the same example
    alone = copies.find(raw[2:], np.arange(100), None, None)
    assert alone.group.tolist() == list(range(100)) and (alone.match == "").all()


def test_digits_are_no_copies_of_one_another():
    """A fixed ratio of .65 would join 970 of them."""
    data = load_digits()
    images = data.images.astype(np.uint8)
    raw = [Features("pixels", images.reshape(len(images), -1) / 16)]
    got = copies.find(raw, exact.numbers(exact.digests(images)), shown.of_array(images[:, None]), None)
    assert len(np.unique(got.group)) >= len(images) - 5


def test_errors_on_images_that_are_stored_four_times_are_found():
    """300 digits, 7% wrong, each stored four times with one grey level more or less."""
    data, rng = load_digits(), np.random.default_rng(0)
    rows, wrong = rng.permutation(1797)[:300], np.arange(300) < 21
    labels = np.where(wrong, (data.target[rows] + rng.integers(1, 10, 300)) % 10, data.target[rows])
    levels = [15 * data.images[rows] + rng.integers(-1, 2, (300, 8, 8)) for _ in range(4)]
    images = np.clip(np.concatenate(levels), 0, 240).astype(np.uint8)
    raw = [Features("pixels", images.reshape(1200, -1).astype(np.float32) / 240)]
    got = copies.find(raw, exact.numbers(exact.digests(images)), shown.of_array(images[:, None]), None)
    np.testing.assert_array_equal(got.group, np.tile(np.arange(300), 4))

    def judged(group, count):
        own = detector.plain(np.tile(labels, 4)[:count], 10)
        sets = detector.prepare([raw[0].of(np.arange(count))], group)
        return detector.p_wrong(detector.detect(sets, own, 0.003).lead, own)

    grouped, once, apart = judged(got.group, 1200), judged(None, 300), judged(None, 1200)
    score = average_precision_score(np.tile(wrong, 4), grouped)
    assert score > 0.95 and score == pytest.approx(average_precision_score(wrong, once), abs=0.02)
    assert (
        grouped.mean() == pytest.approx(0.07, abs=0.015) and apart.mean() < 0.01
    )  # apart, copies say all is right
