"""CIFAR-100's superclasses against the coarse labels that its files give for the 100 classes in order."""

from itertools import groupby

from labelnoise.data.superclasses import SUPERCLASSES, next_in_superclass

COARSE = [
    *[4, 1, 14, 8, 0, 6, 7, 7, 18, 3, 3, 14, 9, 18, 7, 11, 3, 9, 7, 11, 6, 11, 5, 10, 7],
    *[6, 13, 15, 3, 15, 0, 11, 1, 10, 12, 14, 16, 9, 11, 5, 5, 19, 8, 8, 15, 13, 14, 17, 18, 10],
    *[16, 4, 17, 4, 2, 0, 17, 4, 18, 17, 10, 3, 2, 12, 12, 16, 12, 1, 9, 19, 2, 10, 0, 1, 16],
    *[12, 9, 13, 15, 13, 16, 19, 2, 4, 6, 19, 5, 5, 8, 19, 18, 1, 2, 15, 6, 0, 17, 8, 14, 13],
]


def test_next_class_is_the_next_index_of_the_same_coarse_label():
    names = sorted(name for group in SUPERCLASSES.values() for name in group.split())
    assert len(names) == 100
    by_coarse = sorted(range(100), key=lambda index: (COARSE[index], index))
    expected = {}
    for _, group in groupby(by_coarse, key=COARSE.__getitem__):
        members = list(group)
        expected |= {a: members[(i + 1) % 5] for i, a in enumerate(members)}
    assert next_in_superclass(names) == expected
