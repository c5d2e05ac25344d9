"""The rule of verdicts against scipy, Bonferroni's count, and the verdict on a whole statement."""

import numpy as np
import pytest
from hand_made import statement
from scipy import stats

from labelnoise import results
from labelnoise.claims import verdict
from labelnoise.claims.compare import Cell, Contrast

FAMILIES = {"a": "matrix", "b": "matrix", "c": "matrix", "d": "losses"}
STATEMENTS = {name: statement(id=at, family=of) for at, (name, of) in enumerate(FAMILIES.items(), 1)}
EFFECTS = np.array([0.03, 0.05, 0.02, 0.04, 0.06, np.nan])


def row(effects, threshold=0.01, contrast="a - b", noise="symmetric") -> Contrast:
    return Contrast(contrast, Cell("mlp", noise, 0.4), "accuracy", np.array(effects), threshold, "contrasts: x")


def test_interval_is_scipys_with_the_correction_for_overlap():
    frame = verdict.table({"a": [row(EFFECTS)]}, STATEMENTS, 0.95, test_share=0.25)
    finite = EFFECTS[:5]
    low, high = stats.t.interval(0.95, 4, finite.mean(), finite.std(ddof=1) * np.sqrt(1 / 5 + 0.25))
    found = frame.iloc[0]
    assert (found.low, found.high) == pytest.approx((low, high))
    assert (found.effect, found.n_seeds, found.level) == (pytest.approx(0.04), 5, pytest.approx(0.95))
    results.check("claims", frame)


@pytest.mark.parametrize(
    ("interval", "expected"),
    [((0.02, 0.03), "supported"), ((-0.5, 0.0), "refuted"), ((0.0, 0.02), "inconclusive"),
     ((0.01, 0.02), "inconclusive"), ((np.nan, np.nan), "inconclusive")],
)  # fmt: skip
def test_verdict_needs_the_whole_interval_beyond_the_threshold(interval, expected):
    assert verdict.decide(*interval, 0.01) == expected


def test_level_is_shared_by_the_rows_of_a_family_only():
    """a, b and c are about the matrix, d is not; what of c is not tested counts for nothing."""
    rows = {"a": [row(EFFECTS)], "b": [row(EFFECTS, noise=n) for n in ("none", "x", "y")], "c": [row([])]}
    frame = verdict.table({**rows, "d": [row(EFFECTS)]}, STATEMENTS, 0.95, 0.0).set_index("id")
    assert list(frame.loc[[1, 2], "level"]) == pytest.approx([1 - 0.05 / 4] * 4)
    assert frame.loc[4, "level"] == pytest.approx(0.95)
    assert frame.loc[1, "low"] < frame.loc[4, "low"] < frame.loc[4, "high"] < frame.loc[1, "high"]
    assert np.isnan(frame.loc[3, "level"]) and frame.loc[3, ["verdict", "n_seeds"]].tolist() == ["not tested", 0]


def test_one_seed_decides_nothing():
    frame = verdict.table({"a": [row([0.9])]}, STATEMENTS, 0.95, 0.0)
    assert list(frame["verdict"]) == ["inconclusive"]


@pytest.mark.parametrize(
    ("verdicts", "expected"),
    [
        (["supported"] * 3, "supported"),
        (["refuted"], "refuted"),
        (["supported", "refuted", "inconclusive"], "mixed"),
        (["supported", "inconclusive"], "partly supported"),
        (["inconclusive", "refuted", "refuted"], "partly refuted"),
        (["inconclusive"], "inconclusive"),
        (["not tested", "refuted"], "refuted"),
        (["not tested"], "not tested"),
        ([], "not tested"),
    ],
)
def test_overall(verdicts, expected):
    assert verdict.overall(verdicts) == expected


@pytest.mark.parametrize(
    ("verdicts", "wrong_when", "expected"),
    [
        (["refuted", "refuted"], "refuted", "wrong"),
        (["refuted", "supported"], "refuted", "open"),
        (["supported"], "refuted", "stands"),
        (["refuted", "supported"], "any refuted", "wrong"),
        (["inconclusive", "supported"], "any refuted", "open"),
        (["supported", "supported"], "supported", "wrong"),
        (["refuted"], "supported", "stands"),
        (["refuted"], None, "question"),
        ([], "refuted", "open"),
    ],
)
def test_as_written(verdicts, wrong_when, expected):
    assert verdict.as_written(verdicts, wrong_when) == expected


def test_statements_without_rows_are_listed_as_not_tested():
    rows = {"a": [row(EFFECTS), row([], noise="none")], "b": [row([])]}
    claims = verdict.table(rows, STATEMENTS, 0.95, 0.0)
    frame = results.check("statements", verdict.statements_table(claims, STATEMENTS)).set_index("id")
    assert list(frame.index) == [1, 2, 3, 4]
    assert (frame.loc[1, "verdict"], frame.loc[1, "rows"]) == ("supported", 1)
    assert set(frame.loc[2:, "verdict"]) == {"not tested"} and set(frame.loc[2:, "rows"]) == {0}


def test_no_rows_at_all_give_an_empty_table():
    assert results.check("claims", verdict.table({"a": []}, STATEMENTS, 0.95, 0.0)).empty
    assert results.check("statements", verdict.statements_table(results.empty("claims"), {})).empty
