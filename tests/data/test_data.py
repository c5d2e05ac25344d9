"""The table of data sets."""

from types import SimpleNamespace

import numpy as np
import pytest

from labelnoise import data

ALL = SimpleNamespace(source=None, folds=5, subset=None, imbalance=1.0)


def test_unknown_name_lists_the_known_ones():
    with pytest.raises(ValueError, match=r"study\.datasets: .*'svhn'.*digits.*cifar100"):
        data.load("svhn", ALL, None)


def test_subset_and_imbalance_are_applied():
    changed = SimpleNamespace(source=None, folds=5, subset=1000, imbalance=1.0)
    small = data.load("digits", changed, None)
    assert np.bincount(small.test_fold).tolist() == [250] * 5
    tail = data.load("digits", SimpleNamespace(source=None, folds=5, subset=None, imbalance=10.0), None)
    sizes = np.bincount(tail.clean_labels)
    assert sizes[0] == 178 and sizes[9] == 18  # scikit-learn has 178 zeros, and enough of the others
    assert len(data.load("digits", ALL, None).images) == 1797
