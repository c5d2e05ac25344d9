"""People who err: the largest rate of slips by hand, and limits of the truth in simulation."""

from functools import cache

import numpy as np
import pytest

from labelnoise.audit import intervals, slips
from labelnoise.audit.intervals import Counts


def test_the_largest_rate_of_slips_by_hand():
    """0 of 20 with 5%: (1 - p)^20 = .05, and p = 2 e (1 - e)."""
    slip = slips.largest(20, 0, 0.05)
    assert (1 - 2 * slip * (1 - slip)) ** 20 == pytest.approx(0.05)
    assert slip == pytest.approx(0.0752, abs=1e-4)
    few = slips.largest(20, 3, 0.05)  # sum of three terms and the first, in full
    share = 2 * few * (1 - few)
    terms = [1, 20, 190, 1140]
    chance = sum(ways * share**k * (1 - share) ** (20 - k) for k, ways in enumerate(terms))
    assert chance == pytest.approx(0.05) and few > slip


def test_more_that_differ_and_less_error_allow_for_more_slips():
    by_count = [slips.largest(30, differ, 0.01) for differ in range(31)]
    assert by_count == sorted(by_count) and by_count[-1] == 0.5
    assert slips.largest(30, 2, 0.001) > slips.largest(30, 2, 0.1)
    assert slips.largest(300, 0, 0.05) < slips.largest(30, 0, 0.05)


def test_widened_by_hand():
    """(10 - 100 x .05) / .9 and (20 - 5) / .9; without slips nothing changes."""
    assert slips.widened(10, 20, 100, 0.05) == (pytest.approx(5 / 0.9), 20)
    assert slips.widened(80, 90, 100, 0.05) == (80, pytest.approx(85 / 0.9))
    assert slips.widened(10, 20, 100, 0.0) == (10, 20)
    assert slips.widened(2, 98, 100, 0.05) == (0, 100) and slips.widened(10, 20, 100, 0.5) == (0, 100)


def test_widened_limits_hold_for_every_smaller_rate():
    for slip in np.linspace(0, 0.2, 9):
        for wrong in range(0, 101, 5):
            called = wrong * (1 - slip) + (100 - wrong) * slip
            low, high = slips.widened(called, called, 100, 0.2)
            assert low - 1e-9 <= wrong <= high + 1e-9


def test_widened_limits_hold_the_truth():
    """400 labels, 25 wrong, 6% of the answers are slips; 150 labels drawn, 40 of them seen twice. Limits of the
    answers alone miss the truth, as slips on 375 right labels outweigh those on 25 wrong ones."""
    rng, level, alone, widened = np.random.default_rng(0), 0.9, 0, 0
    wrong = np.arange(400) < 25
    for _ in range(400):
        first, second = wrong ^ (rng.random((2, 400)) < 0.06)
        drawn = rng.permutation(400)[:150]
        differ = int((first != second)[drawn[:40]].sum())
        slip = slips.largest(40, differ, (1 - level) * slips.SHARE)
        low, high = _limits(int(first[drawn].sum()), 1 - (1 - level) * (1 - slips.SHARE))
        low, high = slips.widened(low, high, 400, slip)
        widened += low <= 25 <= high
        low, high = _limits(int(first[drawn].sum()), level)
        alone += low <= 25 <= high
    assert widened / 400 >= level and alone / 400 < 0.7


@cache
def _limits(found, level):
    counts = (np.array([of]) for of in (400, 150, found, 0))
    low, high = intervals.by_stratum(Counts(*counts), level)
    return int(low.item()), int(high.item())
