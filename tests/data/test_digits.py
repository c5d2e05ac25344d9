"""The digits: shape, values, folds."""

from types import SimpleNamespace

import numpy as np
import pytest
from sklearn.datasets import load_digits

from labelnoise.data import digits


def load(folds=5):
    return digits.load("digits", SimpleNamespace(folds=folds), None)


def test_images_and_labels_are_those_of_scikit_learn():
    dataset = load()
    assert dataset.images.shape == (1797, 1, 8, 8)
    assert dataset.images.dtype == np.uint8
    assert dataset.images.max() == 16
    np.testing.assert_array_equal(dataset.images.reshape(1797, 64), load_digits().data)
    np.testing.assert_array_equal(dataset.clean_labels, load_digits().target)


def test_five_folds_are_disjoint_and_cover_all_images():
    folds = load().test_fold
    parts = [np.flatnonzero(folds == fold) for fold in range(5)]
    assert sorted(map(len, parts)) == [359, 359, 359, 360, 360]
    assert sorted(np.concatenate(parts)) == list(range(1797))


def test_folds_are_shuffled_not_stratified_and_fixed():
    dataset = load()
    np.testing.assert_array_equal(dataset.test_fold, load().test_fold)
    assert not np.array_equal(dataset.test_fold, np.arange(1797) % 5)
    per_fold = np.array([np.bincount(dataset.clean_labels[dataset.test_fold == fold]) for fold in range(5)])
    assert np.ptp(per_fold, axis=0).max() > 2  # a stratified split has at most 1


def test_asymmetric_map_is_patrini():
    assert load().asymmetric_map == {7: 1, 2: 7, 5: 6, 6: 5, 3: 8}


@pytest.mark.parametrize("folds", [1, 1798])
def test_impossible_folds_name_the_key(folds):
    with pytest.raises(ValueError, match=rf"datasets\.digits\.data\.folds: {folds} .*2\.\.1797"):
        load(folds)
