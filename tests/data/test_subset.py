"""Subset and long tail against numbers worked out by hand."""

from types import SimpleNamespace

import numpy as np
import pytest

from labelnoise.data import subset
from labelnoise.types import Dataset


def balanced(classes, per_class, test_per_class):
    """Image i holds the number i, so that what is kept can be told."""
    labels = np.concatenate([np.tile(np.arange(classes), n) for n in (per_class, test_per_class)])
    folds = np.repeat([-1, 0], [classes * per_class, classes * test_per_class])
    return with_folds(labels, folds, classes)


def with_folds(labels, folds, classes):
    images = np.arange(len(labels), dtype=np.int64).reshape(-1, 1, 1, 1)
    names = [str(c) for c in range(classes)]
    return Dataset(images, labels.astype(np.int64), folds, names, {}, {"people": labels + 0}, [])


def sizes(dataset, fold):
    return np.bincount(dataset.clean_labels[dataset.test_fold == fold]).tolist()


def reduce(dataset, subset_size=None, imbalance=1.0):
    return subset.reduce("mnist", dataset, SimpleNamespace(subset=subset_size, imbalance=imbalance))


def test_no_reduction_is_the_same_data_set():
    dataset = balanced(3, 4, 2)
    assert reduce(dataset) is dataset


def test_subset_of_training_images_keeps_every_test_image():
    dataset = balanced(3, 100, 4)
    small = reduce(dataset, 90)
    assert (small.test_fold == -1).sum() == 90
    np.testing.assert_array_equal(small.images[small.test_fold == 0].ravel(), np.arange(300, 312))
    kept = small.images.ravel()
    assert sorted(set(kept)) == kept.tolist()  # drawn without replacement, order kept
    np.testing.assert_array_equal(small.clean_labels, dataset.clean_labels[kept])
    np.testing.assert_array_equal(small.human_labels["people"], dataset.clean_labels[kept])
    assert sizes(small, -1) != [30, 30, 30]  # not stratified
    np.testing.assert_array_equal(reduce(dataset, 90).images, small.images)


def test_files_and_predictions_stay_with_their_images():
    dataset = balanced(3, 100, 4)
    probs = np.arange(312 * 3, dtype=np.float32).reshape(312, 3)
    told = dataset._replace(files=[str(row) for row in range(312)], pred_probs=probs)
    for small in (reduce(told, 90), reduce(told, imbalance=4.0), reduce(told, 90, 2.0)):
        kept = small.images.ravel()
        assert len(kept) < 312 and small.files == [str(row) for row in kept]
        np.testing.assert_array_equal(small.pred_probs, probs[kept])
    assert reduce(dataset, 90).pred_probs is None


def test_subset_with_folds_counts_the_images_that_a_seed_trains_on():
    dataset = with_folds(np.arange(50) % 2, np.arange(50) % 5, 2)
    small = reduce(dataset, 20)  # 4 training folds of 5 images each
    assert np.bincount(small.test_fold).tolist() == [5, 5, 5, 5, 5]


@pytest.mark.parametrize("size", [0, 301])
def test_impossible_subset_names_the_key(size):
    with pytest.raises(ValueError, match=rf"datasets\.mnist\.data\.subset: {size} .*1\.\.300"):
        reduce(balanced(3, 100, 4), size)


@pytest.mark.parametrize(
    ("counts", "ratio", "expected"),
    [
        ([100, 100, 100], 100, [100, 10, 1]),
        ([80, 80, 80, 80, 80], 16, [80, 40, 20, 10, 5]),
        ([50, 100, 100], 25, [50, 10, 2]),
        ([100, 5, 100], 25, [25, 5, 1]),  # the second class allows no more than 25, 5, 1
        ([10, 10], 1000, [10, 1]),  # at least one image
    ],
)
def test_long_tail_sizes(counts, ratio, expected):
    assert subset.long_tail_sizes(np.array(counts), ratio).tolist() == expected


def test_long_tail_spares_the_test_part():
    small = reduce(balanced(3, 100, 4), imbalance=100.0)
    assert sizes(small, -1) == [100, 10, 1]
    assert sizes(small, 0) == [4, 4, 4]


def test_long_tail_with_folds_is_over_all_images():
    dataset = with_folds(np.repeat([0, 1, 2], 40), np.arange(120) % 5, 3)
    small = reduce(dataset, imbalance=4.0)
    assert np.bincount(small.clean_labels).tolist() == [40, 20, 10]


def test_subset_comes_before_the_long_tail():
    small = reduce(balanced(2, 100, 4), subset_size=50, imbalance=10.0)
    head, tail = sizes(small, -1)
    assert head + tail < 50 and tail == round(head / 10)


def test_imbalance_needs_a_ratio_and_clean_labels():
    with pytest.raises(ValueError, match=r"datasets\.mnist\.data\.imbalance: 0\.5"):
        reduce(balanced(3, 10, 1), imbalance=0.5)
    unknown = balanced(3, 10, 1)
    unknown.clean_labels[:] = -1
    with pytest.raises(ValueError, match=r"datasets\.mnist\.data\.imbalance: 2\.0"):
        reduce(unknown, imbalance=2.0)
