"""Limits of the number of wrong labels: against counting, and by their coverage in every population."""

import numpy as np
import pytest
import synthetic_audit as tiny

from labelnoise.audit import intervals
from labelnoise.audit.intervals import Counts


def counts(*columns) -> Counts:
    """From (size, answered, wrong, unsure) of each stratum."""
    return Counts(*np.array(columns).T)


def limits(level, *columns) -> list[tuple[int, int]]:
    low, high = intervals.by_stratum(counts(*columns), level)
    return list(zip(low.tolist(), high.tolist(), strict=True))


@pytest.mark.parametrize("size", [1, 2, 7, 12])
@pytest.mark.parametrize("level", [0.5, 0.9, 0.98])
def test_one_stratum_has_all_that_fit(size, level):
    for answered in range(1, size):
        for wrong in range(answered + 1):
            (found,) = limits(level, (size, answered, wrong, 0))
            assert found == tiny.all_that_fit(size, answered, wrong, (1 - level) / 2), (answered, wrong)


@pytest.mark.parametrize(("size", "answered"), [(30, 8), (40, 20), (25, 24)])
def test_every_population_is_covered(size, answered):
    """In full, over all samples: at least the level, and for some population not far above."""
    level, cover = 0.9, []
    all_ends = [limits(level, (size, answered, wrong, 0))[0] for wrong in range(answered + 1)]
    for count in range(size + 1):
        chance = np.diff([0] + [tiny.at_most(size, count, answered, found) for found in range(answered + 1)])
        cover.append(sum(p for p, (low, high) in zip(chance, all_ends, strict=True) if low <= count <= high))
    assert min(cover) >= level - 1e-12 and min(cover) < 0.98


def test_what_is_known_in_full_has_no_width():
    assert limits(0.95, (9, 9, 4, 0), (0, 0, 0, 0), (20, 20, 0, 0)) == [(4, 4), (0, 0), (0, 0)]
    assert limits(0.95, (9, 9, 4, 2)) == [(4, 6)]  # but for what nobody could tell


def test_what_has_no_answer_may_be_anything():
    assert limits(0.95, (50, 0, 0, 0)) == [(0, 50)]
    assert np.isnan(intervals.estimates(counts((50, 0, 0, 0), (10, 5, 1, 0)))).tolist() == [True, False]


def test_unsure_ones_count_once_as_right_and_once_as_wrong():
    (unsure,) = limits(0.95, (40, 12, 3, 2))
    (right,), (wrong,) = limits(0.95, (40, 12, 3, 0)), limits(0.95, (40, 12, 5, 0))
    assert unsure == (right[0], wrong[1])
    assert intervals.estimates(counts((40, 12, 3, 2))) == pytest.approx(40 * 4 / 12)


def test_limits_follow_what_was_found_and_the_level():
    rising = [limits(0.95, (60, 15, wrong, 0))[0] for wrong in range(16)]
    assert all(np.diff(rising, axis=0).ravel() > 0)
    nested = [limits(level, (60, 15, 4, 0))[0] for level in (0.5, 0.8, 0.95, 0.999)]
    low, high = np.array(nested).T
    assert (np.diff(low) <= 0).all() and (np.diff(high) >= 0).all() and low[0] > low[-1] and high[0] < high[-1]
    width = [np.diff(limits(0.95, (60, answered, 0, 0))[0]).item() for answered in (5, 15, 40, 60)]
    assert width == sorted(width, reverse=True) and width[-1] == 0


def test_strata_share_the_error():
    """By the labels that an answer stands for; neither those known in full nor those without answers take any."""
    level = 0.9
    free = [(12, 12, 3, 0), (30, 0, 0, 0)]
    found = limits(level, (40, 8, 1, 0), (30, 15, 4, 0), *free)
    per_answer = np.array([40 / 8, 30 / 15])
    error = (1 - level) / 2 * per_answer / per_answer.sum()
    assert found[0] == tiny.all_that_fit(40, 8, 1, error[0]) != tiny.all_that_fit(40, 8, 1, 0.05)
    assert found[1] == tiny.all_that_fit(30, 15, 4, error[1]) != tiny.all_that_fit(30, 15, 4, 0.05)
    assert limits(level, (40, 8, 1, 0), *free)[0] == tiny.all_that_fit(40, 8, 1, 0.05)


def test_many_answers_at_once_are_like_one_by_one():
    wrong = np.array([[0, 3], [5, 1], [8, 0]])
    size, answered = np.array([40, 30]), np.array([8, 15])
    low, high = intervals.by_stratum(Counts(size, answered, wrong, np.zeros_like(wrong)), 0.95)
    for row, of in enumerate(wrong.tolist()):
        alone = limits(0.95, (40, 8, of[0], 0), (30, 15, of[1], 0))
        assert alone == list(zip(low[row].tolist(), high[row].tolist(), strict=True))


def test_textbook_by_hand():
    """Cochran 1977, 5.5: 100 labels with 4 of 10 wrong, 300 with 2 of 20."""
    variance = 100**2 * 0.9 * 0.4 * 0.6 / 9 + 300**2 * (280 / 300) * 0.1 * 0.9 / 19
    low, high = intervals.textbook(counts((100, 10, 4, 0), (300, 20, 2, 0)), 0.95)
    assert (low + high) / 2 == pytest.approx(70) and (high - low) / 2 == pytest.approx(1.959964 * variance**0.5)
    assert variance == pytest.approx(637.895, abs=1e-3)
    none = intervals.textbook(counts((100, 10, 0, 0), (300, 20, 0, 0)), 0.95)
    assert none == (0, 0)  # which is why it is not relied on
    assert np.isnan(intervals.textbook(counts((100, 10, 4, 0), (300, 0, 0, 0)), 0.95)).all()
