"""Benjamini-Hochberg against scipy and by hand; the share of marks that are false in a matrix like the study's."""

import numpy as np
import own
import pytest
from scipy import stats

from labelnoise.statistics import many, means


def test_marks_are_scipys():
    p = np.random.default_rng(0).random((4, 10)) ** 3
    adjusted = stats.false_discovery_control(p, axis=None)
    np.testing.assert_array_equal(many.benjamini_hochberg(p, 0.1), adjusted.reshape(p.shape) <= 0.1)


def test_marks_by_hand():
    """.03 alone would not do (.05 x 2 / 4 = .025), but .035 <= .05 x 3 / 4 takes it along."""
    marked = many.benjamini_hochberg(np.array([0.5, 0.001, 0.035, 0.03]), 0.05)
    assert marked.tolist() == [False, True, True, True]


def test_rows_that_were_not_tested_count_for_nothing():
    """.04 of one row is marked; of two it would not be."""
    assert many.benjamini_hochberg(np.array([0.04, np.nan])).tolist() == [True, False]
    assert many.benjamini_hochberg(np.array([0.04, 0.9])).tolist() == [False, False]
    assert many.benjamini_hochberg(np.array([np.nan])).tolist() == [False]


def test_level_of_picked_rows():
    assert many.selected_level(5, 20) == pytest.approx(1 - 0.05 / 4)
    with pytest.raises(ValueError, match=r"marked: 0, allowed: 1\.\.20"):
        many.selected_level(0, 20)


def selected(differences):
    """Marks and intervals of rows that all take part."""
    of = means.moments(differences)
    return many.selected(of, np.ones(of.mean.shape, bool))[:2]


def test_intervals_of_marked_rows_leave_out_0_and_are_wider():
    differences = np.random.default_rng(1).normal([[0.0]] * 8 + [[1.5]] * 4, 1, (12, 10))
    marked, (_, low, high) = selected(differences)
    plain = means.interval(differences, 0.95)
    assert 0 < marked.sum() < 12
    assert ((low > 0) | (high < 0))[marked].all()
    assert ((high - low)[marked] > (plain.high - plain.low)[marked]).all()
    np.testing.assert_allclose((high - low)[~marked], (plain.high - plain.low)[~marked])


def matrix(rng: np.random.Generator, rounds: int) -> tuple[np.ndarray, np.ndarray]:
    """Differences [rounds, cells x methods, seeds] of the study's own runs to their baseline, and where they are
    real.

    The seeds of a cell are drawn from those of all cells, the same for all its methods, which keeps how these go
    together: they share the baseline and the seed. To every third row 1.5 of its standard deviations are added.
    """
    runs = own.differences()
    drawn = np.moveaxis(runs[:, rng.integers(runs.shape[1], size=(rounds, 9, 10))], 0, 2)
    real = np.arange(9 * len(runs)).reshape(9, len(runs)) % 3 == 0
    found = drawn + np.where(real, 1.5 * runs.std(1), 0)[..., None]
    return found.reshape(rounds, real.size, 10), real.ravel()


def test_false_share_of_a_matrix_with_shared_baselines():
    """.037 is seen in the long run. With a tenth of the rows real it is .062: methods that collapse are skewed."""
    differences, real = matrix(np.random.default_rng(2), 120)

    def false_share(marks: np.ndarray) -> float:
        return float(np.mean([(of & ~real).sum() / max(of.sum(), 1) for of in marks]))

    corrected = np.stack([selected(each)[0] for each in differences])
    assert false_share(corrected) <= 0.05
    assert corrected[:, real].mean() > 0.7  # it finds what is there
    assert false_share(means.p_of(means.moments(differences)) < 0.05) > 0.08  # each row on its own


def test_intervals_of_picked_rows_miss_as_often_as_they_say():
    """Over rounds, the share of the intervals of marked rows that miss; at 95% each they miss more often."""
    rng = np.random.default_rng(3)
    truth = np.concatenate([np.zeros(90), np.full(10, 1.0)])
    missed = {"picked": [], "plain": []}
    for _ in range(300):
        differences = truth[:, None] + rng.normal(size=(100, 10))
        marked, picked = selected(differences)
        for name, of in (("picked", picked), ("plain", means.interval(differences, 0.95))):
            outside = (of.low > truth) | (of.high < truth)
            missed[name].append((outside & marked).sum() / max(marked.sum(), 1))
    assert np.mean(missed["picked"]) <= 0.055  # a standard error is .004
    assert np.mean(missed["plain"]) > 0.06
