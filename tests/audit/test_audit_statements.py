"""Rows of the table `audit`, recomputed by hand from a frame of 20 labels."""

import numpy as np
import pytest
import synthetic_audit as tiny

from labelnoise import results
from labelnoise.audit import codes, frame, statements, stop
from labelnoise.audit.codes import RIGHT, UNANSWERED, UNSURE, WRONG

KEY = {"network": "pixels", "noise": "given", "noise_rate": 0.0, "realised_rate": np.nan, "seed": 0}
LEVEL = 0.9
# six suspects, four of which count at the look; twelve of the rest, four of which count; two known before
STRATUM = [0] * 6 + [2] * 12 + [3] * 2
PLACE = [1, 3, 5, 7, 9, 0, 2, 4, 6, 8, *[0] * 10]
CODE = [WRONG, WRONG, RIGHT, WRONG, UNANSWERED, WRONG, RIGHT, RIGHT, UNSURE, RIGHT, WRONG, *[UNANSWERED] * 7]
CODE += [WRONG, RIGHT]
LOOK = 8


def framed():
    of = tiny.frame(STRATUM, PLACE)
    given = ["a"] * 3 + ["b"] * 3 + ["a"] * 12 + ["b"] * 2
    tier = ["obvious"] * 6 + ["rest"] * 14
    p_wrong = np.array([0.9, 0.8, 0.7, 0.65, 0.6, 0.55, *np.linspace(0.04, 0.01, 12), 0.3, 0.2])
    return of._replace(given=given, tier=tier, p_wrong=p_wrong)


@pytest.fixture(scope="module")
def table():
    made = statements.table(KEY, framed(), np.array(CODE), LOOK, LEVEL)
    return results.check("audit", made).set_index(["what", "of"])


def error(*size_and_answered) -> list[float]:
    """Of each stratum, on one side."""
    weight = [size / answered for size, answered in size_and_answered]
    return [(1 - LEVEL) / 2 * of / sum(weight) for of in weight]


def test_the_rate_by_hand(table):
    row = table.loc["rate", "all"]
    # of 6 suspects 4 drawn: 3 wrong, 1 right; of 12 others 4: 3 right, 1 unsure; 2 known before: not drawn
    assert row[["look", "labels", "answered", "wrong", "unsure"]].tolist() == [8, 20, 8, 3, 1]
    of_suspects, of_rest = error((6, 4), (12, 4))
    low, high = tiny.all_that_fit(6, 4, 3, of_suspects)
    low, high = max(low, 4), min(high, 5)  # another suspect is known to be wrong, and one to be right
    rest_low = max(tiny.all_that_fit(12, 4, 0, of_rest)[0], 1)  # as one beside the audit was
    rest_high = tiny.all_that_fit(12, 4, 1, of_rest)[1]
    assert (row["low"], row["high"]) == (low + rest_low + 1, high + rest_high + 1)
    assert row["estimate"] == pytest.approx(6 * 3 / 4 + 12 * 0.5 / 4 + 1)
    parts = 36 * (1 - 4 / 6) * (3 / 16) / 3 + 144 * (1 - 4 / 12) * (7 / 64) / 3
    assert row["textbook_high"] - row["textbook_low"] == pytest.approx(2 * 1.644854 * parts**0.5)


def test_parts_by_hand(table):
    strata = table.loc["stratum"]
    assert strata["labels"].to_dict() == {"suspect": 6, "rest": 12, "known": 2}
    assert strata["answered"].to_dict() == {"suspect": 4, "rest": 4, "known": 0}
    assert strata.loc["known", ["low", "high", "estimate"]].tolist() == [1, 1, 1]
    low, high = tiny.all_that_fit(6, 4, 3, (1 - LEVEL) / 2)  # alone it has all of the error
    assert strata.loc["suspect", ["low", "high"]].tolist() == [max(low, 4), min(high, 5)]
    classes = table.loc["class"]
    assert classes["labels"].to_dict() == {"a": 15, "b": 5}
    assert classes["answered"].to_dict() == {"a": 7, "b": 1} and classes["wrong"].to_dict() == {"a": 2, "b": 1}
    tiers = table.loc["tier"]
    assert tiers["labels"].to_dict() == {"obvious": 6, "rest": 14}
    assert tiers["wrong"].to_dict() == {"obvious": 3, "rest": 0}
    for column in ("labels", "answered", "wrong", "unsure"):
        assert table.loc["rate", column].item() == strata[column].sum() == classes[column].sum()


def test_what_is_left_by_hand(table):
    """Of the eight labels that nobody answered; with the first 30% rechecked, of seven."""
    left = table.loc["left"]
    assert list(left.index) == [f"{share:g}" for share in statements.SHARES_LEFT]
    row = left.loc["0"]
    of_suspects, of_rest = error((6, 4), (12, 4))
    suspects_low, suspects_high = (np.clip(end, 4, 5) - 4 for end in tiny.all_that_fit(6, 4, 3, of_suspects))
    rest_low = max(tiny.all_that_fit(12, 4, 0, of_rest)[0], 1) - 1
    rest_high = min(tiny.all_that_fit(12, 4, 1, of_rest)[1] - 2, 7)  # one is wrong, and one was looked at
    assert (row["low"], row["high"]) == (suspects_low + rest_low, suspects_high + rest_high)
    assert row["estimate"] == pytest.approx(4.5 - 4 + max(12 * 0.5 / 4 - 1 - 0.5, 0))
    assert np.isnan(row["textbook_low"])
    seen = ["labels", "answered", "wrong", "unsure"]
    assert row[seen].tolist() == [8, 0, 0, 0]  # errors found so far are none of these
    half = left.loc["0.5"]  # without the first ten by P(wrong): all suspects, two known, two of the rest
    assert half[seen].tolist() == [7, 0, 0, 0] and half["high"] <= 7


def test_what_everybody_looked_at_holds_no_more_errors():
    """All suspects are answered, from the list: the audit's own four no longer decide how many are left."""
    code = np.array(CODE)
    code[4] = RIGHT
    suspects = np.array(STRATUM) == tiny.SUSPECT
    assert statements.left(framed(), code, LOOK, suspects, LEVEL) == (0, 0, 0)
    assert statements.limits(framed(), code, LOOK, suspects, LEVEL) == (4, 4, 4)


def test_limits_are_never_against_answers():
    """Ten errors found by the list in a stratum where the audit found none."""
    of = tiny.frame([2] * 40, [*range(1, 21), *[0] * 20])
    code = np.array([RIGHT] * 20 + [WRONG] * 10 + [UNANSWERED] * 10)
    everything = np.ones(40, bool)
    low, high = tiny.all_that_fit(40, 20, 0, 0.05)
    assert (low, high) == (0, 4)
    assert statements.limits(of, code, 20, everything, 0.9)[1:] == (10, 10)
    assert statements.left(of, code, 20, everything, 0.9)[1:] == (0, 0)


def test_before_any_answer_nothing_is_known_but_what_was():
    code = np.array([UNANSWERED] * 18 + [WRONG, RIGHT])
    table = statements.table(KEY, framed(), code, 0, LEVEL).set_index(["what", "of"])
    row = table.loc["rate", "all"]
    assert (row["look"], row["answered"], row["low"], row["high"]) == (0, 0, 1, 19)
    assert np.isnan(row["estimate"]) and np.isnan(row["textbook_low"])
    assert table.loc[("left", "0"), ["low", "high"]].tolist() == [0, 18]


def test_known_labels_whose_answer_is_gone_are_unsure():
    code = np.array(CODE)
    code[18] = UNANSWERED
    row = statements.table(KEY, framed(), code, LOOK, LEVEL).set_index(["what", "of"]).loc["stratum", "known"]
    assert row[["answered", "wrong", "unsure", "low", "high"]].tolist() == [0, 0, 0, 0, 1]


def test_unsure_ones_were_looked_at_and_are_not_left():
    """20 of 22 are drawn, 10 of them unsure: at most 12 may be wrong, of which two nobody looked at."""
    of = tiny.frame([2] * 22, [*range(1, 21), 0, 0])
    code = np.array([UNSURE] * 10 + [RIGHT] * 10 + [UNANSWERED] * 2)
    everything = np.ones(22, bool)
    assert tiny.all_that_fit(22, 20, 10, 0.05)[1] == 12
    assert statements.limits(of, code, 20, everything, LEVEL)[1:] == (0, 12)
    # an estimate of 5.5 wrong ones, less half of those unsure
    assert statements.left(of, code, 20, everything, LEVEL) == (0.5, 0, 2)
    code[-1] = UNSURE  # beside the audit: another that was looked at
    assert statements.left(of, code, 20, everything, LEVEL) == (0, 0, 1)


def test_ends_of_what_is_left_are_in_order():
    """Many unsure ones beside the audit, and none in it: more than it allows for."""
    of = tiny.frame([2] * 100, [*range(1, 21), *[0] * 80])
    code = np.array([WRONG] * 10 + [RIGHT] * 10 + [UNSURE] * 45 + [UNANSWERED] * 35)
    low, high = tiny.all_that_fit(100, 20, 10, 0.05)
    assert low - 10 > high - 55
    left = statements.left(of, code, 20, np.ones(100, bool), LEVEL)
    assert left == (low - 10, low - 10, low - 10)


def test_below_leaves_the_head_out():
    of = framed()
    for share in statements.SHARES_LEFT:
        part = statements.below(of, share)
        assert part.sum() == 20 - round(20 * share)
        assert part.all() or of.p_wrong[~part].min() >= of.p_wrong[part].max()
    blind = of._replace(p_wrong=np.full(20, np.nan))  # there is no list, and so no head of it
    left = statements.table(KEY, blind, np.array(CODE), LOOK, LEVEL).query("what == 'left'")
    assert left["of"].tolist() == ["0"]


def test_looks_together_have_the_level():
    assert statements.at_look(0.95, 3) == pytest.approx(1 - 0.05 / 3) and statements.at_look(0.9, 1) == 0.9


def test_a_frame_without_labels(tmp_path):
    table = statements.table(KEY, tiny.frame([]), np.empty(0, np.int8), 0, LEVEL)
    results.write("audit", table, tmp_path)
    assert set(table["what"]) == {"rate", "left"} and (table["high"] == 0).all()
    assert codes.look(tiny.frame([]), np.empty(0, np.int8), [60]) == 0


@pytest.mark.parametrize("kind", ["wrong", "right", "any"])
def test_what_is_left_holds_whatever_is_deleted(kind):
    """Of 40 suspects and 160 others most that nobody answered are deleted, by people who see which are wrong."""
    rng, held = np.random.default_rng(0), []
    for seed in range(200):
        of = tiny.frame(np.repeat([0, 2], [40, 160]))
        of = of._replace(place=frame.places(of.stratum, "calibrate", 60, seed, 1))
        wrong = rng.permuted(np.repeat([True, False], [30, 170])) if seed % 2 else np.arange(200) % 7 == 0
        code = np.where(of.place == 0, codes.UNANSWERED, np.where(wrong, codes.WRONG, codes.RIGHT))
        may_go = {"wrong": wrong, "right": ~wrong, "any": np.ones(200, bool)}[kind]
        late = (of.place > 40) & (rng.random(200) < 0.2)  # some of the audit are gone before they were answered
        code[(code == codes.UNANSWERED) & may_go & (rng.random(200) < 0.9) | (late & may_go)] = codes.GONE
        left = statements.left(of, code, 60, np.ones(200, bool), 0.9)
        held.append(left.low <= (wrong & (code == codes.UNANSWERED)).sum() <= left.high)
        assert left.high <= (code == codes.UNANSWERED).sum()
    assert np.mean(held) >= 0.9


def test_gone_ones_by_hand():
    """Of 20 labels 8 were drawn: 2 wrong, 3 right, 1 unsure, 2 gone; of the others 3 are gone, and 9 open."""
    of = tiny.frame([2] * 20, [*range(1, 9), *[0] * 12])
    code = np.array([WRONG] * 2 + [RIGHT] * 3 + [UNSURE] + [codes.GONE] * 5 + [UNANSWERED] * 9)
    everything, error = np.ones(20, bool), (1 - LEVEL) / 2
    low, high = tiny.all_that_fit(20, 8, 2, error)[0], tiny.all_that_fit(20, 8, 5, error)[1]
    whole = statements.limits(of, code, 8, everything, LEVEL)
    assert whole == (20 * (2 + 3 / 2) / 8, low, min(high, 17))
    left = statements.left(of, code, 8, everything, LEVEL)
    assert left[1:] == (max(low - 2 - 3, 0), min(min(high, 17) - 2 - 1 - 2, 9))
    assert left.estimate == pytest.approx((20 * 3.5 / 8 - 2 - 3 / 2) * 9 / 12)
    assert stop.could_show(of, code, 8, everything, LEVEL) == left.high
    code[code == UNANSWERED] = codes.GONE
    assert statements.left(of, code, 8, everything, LEVEL) == (0, 0, 0)
    nobody = np.where(of.place > 0, codes.GONE, code)
    assert statements.left(of, nobody, 8, everything, LEVEL) == (0, 0, 0)  # no estimate is needed of nothing
