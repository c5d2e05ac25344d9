"""Pairs of images keep to their fold, and their class is the pair of classes."""

import numpy as np

from labelnoise.data import pairs
from labelnoise.types import Dataset

N = 60
IMAGES = np.arange(N * 4, dtype=np.uint8).reshape(N, 1, 2, 2)
DATA = Dataset(IMAGES, np.arange(N) % 12, np.arange(N) // 20, [str(c) for c in range(12)], {0: 1}, {}, [])


def test_pairs():
    found = pairs.pairs(DATA, 2)
    kept = DATA.clean_labels < 10
    assert found.images.shape == (2 * kept.sum(), 1, 2, 4)
    assert len(found.class_names) == 100 and found.class_names[37] == "3 7"
    where = {DATA.images[i].tobytes(): i for i in range(N)}
    for image, label, fold in zip(found.images, found.clean_labels, found.test_fold):
        left, right = (where[np.ascontiguousarray(half).tobytes()] for half in (image[..., :2], image[..., 2:]))
        assert DATA.test_fold[left] == DATA.test_fold[right] == fold
        assert label == 10 * DATA.clean_labels[left] + DATA.clean_labels[right]
    lefts = [where[np.ascontiguousarray(image[..., :2]).tobytes()] for image in found.images]
    assert sorted(lefts) == sorted([*np.flatnonzero(kept)] * 2)  # every image with two partners


def test_fewer_than_ten_classes():
    found = pairs.pairs(DATA._replace(clean_labels=np.arange(N) % 3, class_names=["a", "b", "c"]), 1)
    assert len(found.class_names) == 9 and found.clean_labels.max() == 8
