"""The table of data sets."""

from types import SimpleNamespace

import numpy as np
import pytest

from labelnoise import data

ALL = SimpleNamespace(source=None, crop=None, folds=5, subset=None, imbalance=1.0)


def test_unknown_name_lists_the_known_ones():
    with pytest.raises(ValueError, match=r"study\.datasets: .*'svhn'.*digits.*cifar100"):
        data.load("svhn", ALL, None)


def test_subset_and_imbalance_are_applied():
    changed = SimpleNamespace(source=None, crop=None, folds=5, subset=1000, imbalance=1.0)
    small = data.load("digits", changed, None)
    assert np.bincount(small.test_fold).tolist() == [250] * 5
    tail = data.load("digits", SimpleNamespace(source=None, crop=None, folds=5, subset=None, imbalance=10.0), None)
    sizes = np.bincount(tail.clean_labels)
    assert sizes[0] == 178 and sizes[9] == 18  # scikit-learn has 178 zeros, and enough of the others
    assert len(data.load("digits", ALL, None).images) == 1797


def test_the_centre_of_images_is_cut_out():
    whole = data.load("digits", ALL, None)
    cut = data.load("digits", SimpleNamespace(**vars(ALL) | {"crop": 5}), None)
    # 3 pixels are left out: 1 above and left, 2 below and right
    np.testing.assert_array_equal(cut.images, whole.images[:, :, 1:6, 1:6])
    assert cut.images.flags.c_contiguous and cut.clean_labels is not None
    same = data.load("digits", SimpleNamespace(**vars(ALL) | {"crop": 8}), None)
    np.testing.assert_array_equal(same.images, whole.images)


def test_a_crop_that_is_too_large_is_one_line():
    with pytest.raises(ValueError, match=r"datasets\.digits\.data\.crop: 9 is more than the images have, 8 x 8"):
        data.load("digits", SimpleNamespace(**vars(ALL) | {"crop": 9}), None)
