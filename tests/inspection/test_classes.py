"""Two names of one class are told; hard classes, useless features and rare classes are not."""

import numpy as np
import pytest
from sklearn.datasets import load_digits
from sklearn.metrics import roc_auc_score

from labelnoise.detect.predictors import PRED_PROBS, Features
from labelnoise.inspection import classes

DIGITS = load_digits()
ROWS = np.random.default_rng(0).permutation(1797)[:600]
PIXELS = DIGITS.images[ROWS].reshape(600, -1).astype(np.float32) / 16
TRUTH = DIGITS.target[ROWS]
ALONE = np.arange(600)


def split(share, seed=0):
    """Class 3 is also called 10."""
    again = np.random.default_rng(seed).random(600) < share
    return np.where((TRUTH == 3) & again, 10, TRUTH)


def told(labels, count, values=PIXELS, name="pixels"):
    return [pair[:2] for pair in classes.confused([Features(name, values)], labels, count, ALONE)]


@pytest.mark.parametrize("share", [0.5, 0.25])
def test_two_names_of_one_class(share):
    labels = split(share)
    (pair,) = classes.confused([Features("pixels", PIXELS)], labels, 11, ALONE)
    assert pair[:2] == (3, 10) and pair.area < classes.ALIKE
    labels[(ALONE < 100) & (TRUTH != 3)] = -1  # not labelled: not asked
    assert told(labels, 11) == [(3, 10)]


def test_of_noisy_labels_too():
    rng = np.random.default_rng(1)
    labels = np.where(rng.random(600) < 0.2, rng.integers(0, 11, 600), split(0.5))
    assert told(labels, 11) == [(3, 10)]


def test_ten_digits_are_ten_classes():
    assert told(TRUTH, 10) == []


def test_classes_that_overlap_are_two():
    """At a distance of two standard deviations one in six is nearer to the other class: an area of .92."""
    rng = np.random.default_rng(0)
    truth = np.arange(600) % 4
    center = np.array([[0, 0], [2, 0], [0, 9], [9, 9]])[truth]
    values = np.concatenate([center + rng.normal(size=(600, 2)), rng.normal(size=(600, 3))], axis=1)
    assert told(truth, 4, values, "encoded") == []
    one = np.where(truth == 1, 0, truth)
    assert told(np.where((one == 0) & (rng.random(600) < 0.5), 1, one), 4, values, "encoded") == [(0, 1)]


def test_features_that_see_nothing_say_nothing():
    assert told(split(0.5), 11, np.random.default_rng(0).normal(size=(600, 20)), "encoded") == []
    assert classes.confused([Features(PRED_PROBS, np.full((600, 11), 1 / 11))], split(0.5), 11, ALONE) == []
    assert told(np.full(600, -1), 10) == []


def test_a_rare_name_and_two_classes_are_not_judged():
    rare = TRUTH.copy()
    rare[np.flatnonzero(TRUTH == 3)[: classes.FEWEST - 1]] = 10
    assert told(rare, 11) == []
    assert told(np.random.default_rng(0).integers(0, 2, 600), 2) == []  # no others to be told from


def test_the_set_that_sees_the_classes_is_asked():
    noise = np.random.default_rng(0).normal(size=(600, 20)).astype(np.float32)
    raw = [Features("encoded", noise), Features("pixels", PIXELS)]
    assert [pair[:2] for pair in classes.confused(raw, split(0.5), 11, ALONE)] == [(3, 10)]


def test_copies_do_not_tell_two_names_apart():
    """Every digit twice with its name: only without its copy is a name unpredictable."""
    labels, values = np.tile(split(0.5), 2), np.tile(PIXELS, (2, 1))
    assert classes.confused([Features("pixels", values)], labels, 11, np.arange(1200)) == []
    (pair,) = classes.confused([Features("pixels", values)], labels, 11, np.tile(ALONE, 2))
    assert pair[:2] == (3, 10)


def test_of_many_examples_some_of_each_class_are_asked(monkeypatch):
    monkeypatch.setattr(classes, "MOST", 300)
    rows = classes._drawn(np.where(ALONE < 20, -1, TRUTH))
    assert len(rows) == 300 and rows.min() >= 20 and (np.diff(rows) > 0).all()
    shares = np.bincount(TRUTH[rows], minlength=10) / np.bincount(TRUTH[20:], minlength=10)
    assert (abs(shares - 300 / 580) < 0.03).all()
    assert told(split(0.5), 11) == [(3, 10)]


def test_area_with_ties_is_that_of_scikit_learn():
    rng = np.random.default_rng(0)
    values, positive = rng.integers(0, 6, 80), rng.random(80) < 0.3
    assert classes.area(values, positive) == pytest.approx(roc_auc_score(positive, values))
