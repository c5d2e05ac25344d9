"""When to stop: each advice in a case made for it, what more answers could show, and what looking costs."""

from types import SimpleNamespace

import numpy as np
import pytest
import synthetic_audit as tiny

from labelnoise.audit import statements, stop
from labelnoise.audit.codes import RIGHT, UNANSWERED, UNSURE, WRONG

LEVEL = 0.9
COUNT = {"suspect": 30, "doubtful": 30, "rest": 400}
STRATUM = np.repeat([0, 1, 2], list(COUNT.values()))


def drawn(per_stratum):
    """So many of each stratum, at its beginning, are asked for."""
    place, at = np.zeros(len(STRATUM), int), 1
    for code, many in enumerate(per_stratum):
        place[np.flatnonzero(code == STRATUM)[:many]] = range(at, at + many)
        at += many
    return tiny.frame(STRATUM, place)


def advised(of, code, looks, p_wrong=None, look=None):
    """p_wrong: of the list; as at the draw unless given."""
    open_ = code == UNANSWERED
    p_wrong = np.sort(of.p_wrong[open_])[::-1] if p_wrong is None else p_wrong
    look = looks[0] if look is None else look
    return stop.advise(of, code, p_wrong, look, looks, LEVEL, 20.0)


def answers(of, wrong=()):
    code = np.where(of.place > 0, RIGHT, UNANSWERED)
    code[list(wrong)] = WRONG
    return code


def test_before_any_look_the_audit_comes_first():
    of = drawn([8, 6, 26])
    found = advised(of, np.full(460, UNANSWERED), [40], look=0)
    assert found.advice == stop.AUDIT_FIRST and (found.look, found.next_look, found.open) == (0, 40, 460)
    assert (found.low, found.high, found.rest) == (0, 460, 400)
    rest_alone = tiny.all_that_fit(400, 26, 0, 0.05)[1]  # other strata are not part of it
    assert found.could_show == rest_alone


def test_recheck_while_labels_are_worth_it():
    of = drawn([8, 6, 60])
    found = advised(of, answers(of, range(8)), [74])
    assert found.advice == stop.RECHECK and found.next_labels == 22 + 24
    assert found.next_errors == pytest.approx(22 * 0.8 + 24 * 0.2)


def test_stop_where_nothing_is_worth_it_and_the_audit_says_the_same():
    of = drawn([8, 6, 160])
    code = answers(of, range(8))
    code[:60] = np.where(code[:60] == UNANSWERED, WRONG, code[:60])  # all suspects and doubtful ones were seen
    found = advised(of, code, [174])
    assert found.advice == stop.STOP and found.next_labels == 0 and (found.open, found.rest) == (240, 240)
    per_answer = np.array([30 / 8, 30 / 6, 400 / 160])
    _, high = tiny.all_that_fit(400, 160, 0, 0.05 * per_answer[2] / per_answer.sum())
    assert (found.low, found.high) == (0, high)  # what was looked at holds no more errors
    assert found.hidden_high == high / 240 <= 1 / 20


def test_labels_that_were_worth_it_at_the_draw_are_not_forgotten():
    """P(wrong) was set right: none is worth a look now, also of 22 suspects that nobody looked at."""
    of = drawn([8, 6, 160])
    found = advised(of, answers(of), [174], np.full(286, 0.02))
    assert found.advice == stop.UNSURE and found.rest == 286 and found.hidden_high == found.high / 286 > 1 / 20


def test_unsure_where_the_audit_is_too_small():
    of = drawn([8, 6, 26])
    code = answers(of)
    code[:60] = RIGHT
    found = advised(of, code, [40, 100])
    assert found.advice == stop.UNSURE and found.hidden_high > 1 / 20 > found.hidden_low
    assert found.next_look == 100


def test_errors_hidden_where_the_list_sees_none():
    of = drawn([8, 6, 60])
    code = answers(of, range(60, 95))
    found = advised(of, code, [74])
    low, _ = tiny.all_that_fit(400, 60, 35, (1 - LEVEL) / 2)
    assert found.advice == stop.RECHECK and found.hidden_low == (low - 35) / 340 > 1 / 20  # the list comes first
    code[:60] = np.where(code[:60] == UNANSWERED, RIGHT, code[:60])
    found = advised(of, code, [74])
    assert found.advice == stop.MORE_HIDDEN and found.hidden_low > 1 / 20 and found.next_labels == 0


def test_the_next_labels_go_down_to_where_looking_brings_too_little():
    """One in 20 must be wrong. The list has another order than P(wrong), which is not told of its first row: a
    label that is worth it lies behind some that are not, and counts where it makes up for them."""
    of = drawn([8, 6, 26])
    for p_wrong, labels, errors in (
        ([np.nan, 0.6, 0.01, 0.05, 0.04, 0.02], 2, 0.6),
        ([np.nan, 0.6, 0.01, 0.2, 0.04, 0.02], 4, 0.81),
        ([np.nan, 0.6, *[0.01] * 10, 0.2, 0.04], 2, 0.6),
    ):
        found = advised(of, answers(of), [40], np.array(p_wrong))
        assert found.advice == stop.RECHECK and found.next_labels == labels
        assert found.next_errors == pytest.approx(errors)


def test_without_p_wrong_all_labels_are_the_rest():
    """Of an order alone, or of features that see nothing: the advice goes by what the audit found in all."""
    of = drawn([30, 30, 0])._replace(stratum=np.full(460, 2, np.int8), p_wrong=np.full(460, np.nan))
    none = np.full(400, np.nan)
    found = advised(of, answers(of, range(20)), [60], none)
    assert found.advice == stop.GO_ON and not found.stated and found.rest == 400 and found.next_labels == 0
    low, high = tiny.all_that_fit(460, 60, 20, 0.05)
    assert found.hidden_low == (low - 20) / 400 and found.hidden_high == (high - 20) / 400
    assert (found.low, found.high) == (low - 20, high - 20)
    assert advised(of, answers(of, [0]), [60], none).advice == stop.UNSURE
    many = drawn([30, 30, 140])._replace(stratum=np.full(460, 2, np.int8), p_wrong=np.full(460, np.nan))
    assert advised(many, answers(many), [200], none).advice == stop.STOP
    order = drawn([30, 30, 140])  # strata are known, P(wrong) is not told
    assert advised(order, answers(order, range(20)), [200], np.full(260, np.nan)).rest == 260


def test_all_known_is_the_end():
    of = tiny.frame([3] * 50)
    found = stop.advise(of, np.array([RIGHT] * 40 + [WRONG] * 10), np.empty(0), 0, [], LEVEL, 20.0)
    assert found.advice == stop.STOP and (found.low, found.high, found.open, found.next_look) == (0, 0, 0, 0)


def test_what_more_answers_could_show():
    """At best 3 / n of the rest: 100 answers without an error leave 3% at 95%, one-sided."""
    of = tiny.frame([2] * 100_000, [*range(1, 101), *[0] * 99_900])
    everything = np.ones(100_000, bool)
    could = stop.could_show(of, np.full(100_000, UNANSWERED), 100, everything, 0.9)
    assert could / 100_000 == pytest.approx(1 - 0.05 ** (1 / 100), rel=0.02) and could / 100_000 < 3 / 100
    found = np.where(np.arange(100_000) < 10, WRONG, UNANSWERED)  # ten came in already
    more = stop.could_show(of, found, 100, everything, 0.9)
    assert (
        could < more
        and more == statements.left(of, np.where(of.place > 10, RIGHT, found), 100, everything, 0.9).high
    )


def test_could_show_is_what_a_look_without_errors_says():
    of = drawn([8, 6, 26])
    before = advised(of, np.full(460, UNANSWERED), [40], look=0)
    rest = STRATUM == tiny.REST
    assert before.could_show == statements.left(of, answers(of), 40, rest, LEVEL).high
    unsure = np.where(of.place > 0, UNSURE, UNANSWERED)
    assert statements.left(of, unsure, 40, rest, LEVEL).high > before.could_show


@pytest.mark.parametrize(
    ("labels", "seconds", "price", "expected"),
    [
        (120, 5.0, None, "10 min"),
        (3, 5.0, None, "1 min"),
        (1079, 5.0, None, "90 min"),
        (1080, 5.0, None, "1.5 hours"),
        (7200, 5.0, 0.0, "10.0 hours, 0.00 EUR"),
        (1200, 3.0, 1.25, "60 min, 1,500.00 EUR"),
    ],
)
def test_cost(labels, seconds, price, expected):
    assert stop.cost(labels, SimpleNamespace(seconds=seconds, price=price, currency="EUR")) == expected


def test_what_was_known_before_the_draw_is_not_taken_for_right():
    """Its answers were taken out again, and the audit does not ask for it."""
    of = tiny.frame([3] * 20 + [2] * 100, [0] * 20 + [*range(1, 61), *[0] * 40])
    everything = np.ones(120, bool)
    could = stop.could_show(of, np.full(120, UNANSWERED), 60, everything, LEVEL)
    assert could == 20 + tiny.all_that_fit(100, 60, 0, (1 - LEVEL) / 2)[1]
