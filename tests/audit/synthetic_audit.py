"""Frames and data sets of a few labels, and limits by counting: no distribution of scipy, no bisection."""

from math import comb

import numpy as np

from labelnoise.audit.frame import NAMES, Frame
from labelnoise.types import Dataset

CLASSES = ["a", "b"]
SUSPECT, DOUBTFUL, REST, KNOWN = range(4)


def data(files=(), contents=(), count=None) -> Dataset:
    """Examples of class a, with files or without."""
    count = len(files) if count is None else count
    zero, images = np.zeros(count, np.int64), np.zeros((count, 1, 2, 2), np.uint8)
    return Dataset(images, zero, zero, CLASSES, {}, {"given": zero}, list(files), contents=tuple(contents))


def frame(stratum, place=None, **changes) -> Frame:
    """Labels of class a. stratum, place: [F]."""
    stratum = np.array(stratum, np.int8)
    count = len(stratum)
    place = np.zeros(count, np.int64) if place is None else np.array(place)
    p_wrong = np.array([0.8, 0.2, 0.01, 0.5])[stratum]
    own = Frame(
        np.arange(count), [""] * count, [""] * count, ["a"] * count, stratum, p_wrong, [""] * count, place, 1
    )
    return own._replace(**changes)


def same(one: Frame, other: Frame) -> None:
    for name, value in one._asdict().items():
        np.testing.assert_array_equal(getattr(other, name), value, err_msg=name)


def at_most(size: int, wrong: int, answered: int, found: int) -> float:
    """Chance that `answered` of `size` labels, `wrong` of which are wrong, hold at most `found` of those."""
    ways = sum(comb(wrong, k) * comb(size - wrong, answered - k) for k in range(found + 1) if k <= answered)
    return ways / comb(size, answered)


def all_that_fit(size: int, answered: int, wrong: int, error: float) -> tuple[int, int]:
    """Least and most wrong labels under which neither tail of what was found has a chance of at most `error`."""
    fit = [
        count
        for count in range(wrong, size - answered + wrong + 1)
        if at_most(size, count, answered, wrong) > error
        and 1 - (at_most(size, count, answered, wrong - 1) if wrong else 0) > error
    ]
    return min(fit), max(fit)


def by_name(stratum: np.ndarray) -> list[str]:
    return [NAMES[code] for code in stratum]
