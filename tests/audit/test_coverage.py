"""Audits drawn again and again: exact limits hold, those of the textbook do not; slips are no errors."""

from functools import cache

import numpy as np
import pytest
import synthetic_audit as tiny

from labelnoise.audit import coverage, frame, intervals, recalibration
from labelnoise.audit.intervals import Counts

LEVEL = 0.95


@cache
def made():
    """600 labels: 40 suspects, 60 doubtful ones, and 500 of which 4 are wrong: most audits find no error there."""
    rng = np.random.default_rng(1)
    p_wrong = np.concatenate([rng.uniform(0.6, 1, 40), rng.uniform(0.06, 0.4, 60), rng.uniform(0, 0.04, 500)])
    wrong = np.arange(600) < 30
    wrong[[40, 41, 42, 43, 44, 300, 301, 302, 303]] = True
    return p_wrong, wrong


def covered(look, error=0.0, draws=3000, level=LEVEL, purpose="calibrate"):
    p_wrong, wrong = made()
    design = coverage.design(p_wrong, purpose, (60, 100, 200))
    return coverage.covered(design, wrong, look, level, error, draws, np.random.default_rng(0))


def test_limits_hold_in_audits_that_are_drawn():
    """By the order of the frame itself, for 150 seeds; the interval of the textbook misses."""
    p_wrong, wrong = made()
    stratum = frame.strata(p_wrong)
    size, truth = np.bincount(stratum), wrong.sum()
    exact = textbook = 0
    for seed in range(150):
        sample = frame.places(stratum, "calibrate", 60, seed, 1) > 0
        found = Counts(
            size, np.bincount(stratum[sample]), np.bincount(stratum[sample & wrong], minlength=3), 0 * size
        )
        low, high = intervals.by_stratum(found, LEVEL)
        exact += low.sum() <= truth <= high.sum()
        usual = intervals.textbook(found, LEVEL)
        textbook += usual[0] <= truth <= usual[1]
    assert exact / 150 >= LEVEL and textbook / 150 < 0.8


@pytest.mark.parametrize("look", [60, 100, 200])
def test_limits_hold_at_every_look(look):
    found = covered(look)
    assert found["answers_covered"] >= LEVEL
    assert found["answers_covered"] == found["truth_covered"]  # nobody slips
    assert found["widened_covered"] >= found["truth_covered"] and found["widened_width"] > found["width"]


def test_the_textbook_fails_where_a_stratum_shows_no_error():
    found = covered(60)
    assert found["textbook_covered"] < 0.8 and found["textbook_width"] < found["width"] / 2


def test_more_answers_narrow_the_limits():
    width = [covered(look)["width"] for look in (60, 100, 200)]
    assert width[0] > width[1] > width[2] > 0
    assert covered(60, level=0.5)["width"] < width[0]


def test_slips_leave_the_truth_out_and_widened_limits_bring_it_back():
    """5% of 561 right labels are called wrong: nearly as many as there are errors."""
    found = covered(200, error=0.05)
    assert found["answers_covered"] >= LEVEL and found["widened_covered"] >= LEVEL
    assert found["truth_covered"] < 0.8


def test_all_answered_has_no_width():
    p_wrong, wrong = made()
    design = coverage.design(p_wrong[:80], "calibrate", (60, 100))
    found = coverage.covered(design, wrong[:80], 100, LEVEL, 0.0, 20, np.random.default_rng(0))
    assert found["width"] == 0 and found["answers_covered"] == found["textbook_covered"] == 1
    assert design.sample(100).all() and design.sample(60).sum() == 60


def test_slips_on_wrong_labels_hide_them():
    """All are wrong and all are answered: the answers are told in full, and lack 30% of the truth."""
    design = coverage.design(np.full(50, 0.9), "calibrate", (60,))
    found = coverage.covered(design, np.ones(50, bool), 60, LEVEL, 0.3, 40, np.random.default_rng(0))
    assert (found["answers_covered"], found["width"], found["truth_covered"]) == (1, 0, 0)


def test_widened_by_hand():
    """No label is wrong and nobody slips: four fifths of the error are for the limits, one for 0 of 20 pairs."""
    design = coverage.design(np.full(300, 0.01), "calibrate", (60,))
    found = coverage.covered(design, np.zeros(300, bool), 60, 0.9, 0.0, 5, np.random.default_rng(0))
    assert found["width"] == tiny.all_that_fit(300, 60, 0, 0.05)[1] / 300
    high = tiny.all_that_fit(300, 60, 0, 0.8 * 0.05)[1]
    slip = (1 - (2 * 0.02 ** (1 / 20) - 1) ** 0.5) / 2
    assert found["widened_width"] == pytest.approx(max(high, (high - 300 * slip) / (1 - 2 * slip)) / 300)
    assert found["widened_width"] > found["width"]


def test_textbook_of_many_audits_is_that_of_each():
    size, answered = np.array([40, 60, 500]), np.array([24, 18, 18])
    found = np.array([[18, 2, 0], [20, 0, 1]])
    low, high = intervals.textbook(Counts(size, answered, found, 0 * found), LEVEL)
    for row in range(2):
        one = intervals.textbook(Counts(size, answered, found[row], 0 * size), LEVEL)
        assert (low[row], high[row]) == pytest.approx(one)


def test_limits_are_those_of_one_audit():
    size, answered = np.array([40, 60, 500]), np.array([24, 18, 18])
    found = np.array([[18, 2, 0], [20, 0, 1], [24, 18, 18]])
    low, high = coverage._limits(size, answered, found, LEVEL)
    for row in range(3):
        one = intervals.by_stratum(Counts(size, answered, found[row], 0 * size), LEVEL)
        assert (low[row], high[row]) == (one[0].sum(), one[1].sum())


def test_recalibration_is_judged_by_all_labels():
    """P(wrong) that is twice too high in the odds, and by how much answers mend it."""
    rng = np.random.default_rng(0)
    true = 1 / (1 + np.exp(-rng.normal(-1.5, 2, 1500)))
    wrong = rng.random(1500) < true
    p_wrong = recalibration.applied(true, (1.2, 0.0))
    ece, error = coverage.recalibrated(p_wrong, wrong, 0, 5, "calibrate", 10)
    bins = np.minimum((p_wrong * 10).astype(int), 9)
    gaps = [abs((p_wrong - wrong)[bins == k].sum()) for k in range(10)]
    assert ece == pytest.approx(sum(gaps) / 1500) and error == pytest.approx(abs(p_wrong.mean() - wrong.mean()))
    after = coverage.recalibrated(p_wrong, wrong, 200, 5, "calibrate", 10)
    assert after[0] < 0.6 * ece and after[1] < 0.5 * error


def test_names_of_strata():
    assert tiny.by_name(coverage.design(made()[0], "certify", (60,)).stratum[[0, 50, 200]]) == list(frame.STRATA)
