"""How often predictions are right, by answers to labels drawn at random: against counting, by hand."""

import numpy as np
import pytest
import synthetic_audit as tiny

from labelnoise.audit import predicted
from labelnoise.audit.state import Audit


def audit(look=100, count=300):
    """One stratum of which `look` labels count; the last label's file is gone."""
    of = tiny.frame([2] * count, [*range(1, look + 1), *[0] * (count - look)])
    at = np.append(np.arange(count - 1), -1)
    return Audit(of, np.zeros(count, np.int8), at, (look,), look, 0.9, None, 0, 0)


def test_limits_are_those_of_wrong_predictions():
    """Of 100 answers 12 are not as predicted, and 5 name no class: these may be either. Others do not count."""
    answers = np.zeros(300, int)
    answers[:5] = -2
    said = np.zeros(300, int)
    said[5:17] = 1
    said[200:] = 1  # not drawn
    found = predicted.accuracy(audit(), said, answers)
    assert (found.answered, found.wrong, found.unsure) == (100, 12, 5)
    low, _ = tiny.all_that_fit(300, 100, 12, 0.05)
    _, high = tiny.all_that_fit(300, 100, 17, 0.05)
    assert (found.low, found.high) == (pytest.approx(1 - high / 300), pytest.approx(1 - low / 300))


def test_what_was_known_before_the_draw_was_not_drawn():
    """Ten of 310 are known, and 4 of them predicted otherwise: that counts in the limits alone."""
    of = audit()
    known = tiny.frame([2] * 300 + [3] * 10, [*of.frame.place, *[0] * 10])
    of = of._replace(frame=known, at=np.arange(310))
    said = np.zeros(310, int)
    said[:12] = said[300:304] = 1
    found = predicted.accuracy(of, said, np.zeros(310, int))
    assert (found.answered, found.wrong, found.unsure) == (100, 12, 0)
    low, high = tiny.all_that_fit(300, 100, 12, 0.05)
    assert (found.low, found.high) == (pytest.approx(1 - (high + 4) / 310), pytest.approx(1 - (low + 4) / 310))


def test_a_file_that_is_gone_may_be_either():
    of = audit(300)
    found = predicted.accuracy(of, np.zeros(299, int), np.zeros(299, int))
    assert (found.wrong, found.unsure, found.high) == (0, 1, 1) and found.low == pytest.approx(1 - 1 / 300)


def test_few_answers_say_nothing():
    assert predicted.accuracy(audit(99), np.zeros(300, int), np.zeros(300, int)) is None
