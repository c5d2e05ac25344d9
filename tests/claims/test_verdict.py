"""The rule of verdicts against scipy, Bonferroni's count, and the verdict on a whole statement."""

import numpy as np
import pytest
from scipy import stats

from labelnoise import params, results
from labelnoise.claims import statements, verdict
from labelnoise.claims.compare import Cell, Contrast
from labelnoise.claims.statements import STATEMENTS

EFFECTS = np.array([0.03, 0.05, 0.02, 0.04, 0.06, np.nan])


def row(effects, threshold=0.01, contrast="a - b", noise="symmetric") -> Contrast:
    return Contrast(contrast, Cell("mlp", noise, 0.4), "accuracy", np.array(effects), threshold, "contrasts: x")


def test_interval_is_scipys_with_the_correction_for_overlap():
    frame = verdict.table({4: [row(EFFECTS)]}, STATEMENTS, 0.95, test_share=0.25)
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
    """4, 5 and 6 are about the transition matrix, 8 is not; 6 has no row and counts for nothing."""
    rows = {4: [row(EFFECTS)], 5: [row(EFFECTS, noise=n) for n in ("none", "x", "y")], 6: []}
    frame = verdict.table({**rows, 8: [row(EFFECTS)]}, STATEMENTS, 0.95, 0.0).set_index("id")
    assert list(frame.loc[[4, 5], "level"]) == pytest.approx([1 - 0.05 / 4] * 4)
    assert frame.loc[8, "level"] == pytest.approx(0.95)
    assert frame.loc[4, "low"] < frame.loc[8, "low"] < frame.loc[8, "high"] < frame.loc[4, "high"]


def test_one_seed_decides_nothing():
    frame = verdict.table({4: [row([0.9])]}, STATEMENTS, 0.95, 0.0)
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
        (["refuted"], "", "question"),
        ([], "refuted", "open"),
    ],
)
def test_as_written(verdicts, wrong_when, expected):
    assert verdict.as_written(verdicts, wrong_when) == expected


def test_statements_without_rows_are_listed_as_not_tested():
    claims = verdict.table({4: [row(EFFECTS)], 5: []}, STATEMENTS, 0.95, 0.0)
    frame = results.check("statements", verdict.statements_table(claims, STATEMENTS)).set_index("id")
    assert list(frame.index) == list(STATEMENTS)
    assert (frame.loc[4, "verdict"], frame.loc[4, "rows"]) == ("supported", 1)
    assert (frame.loc[5, "verdict"], frame.loc[5, "rows"]) == ("not tested", 0)


def test_no_rows_at_all_give_an_empty_table():
    frame = results.check("claims", verdict.table({4: []}, STATEMENTS, 0.95, 0.0))
    assert frame.empty


def test_every_statement_has_its_section_and_every_section_its_statement():
    sections = [name for name in params.Claims.model_fields if name not in ("seeds", "level", "variants")]
    assert sections == [statement.name for statement in STATEMENTS.values()]
    assert all(statement.test.__name__ == statement.name for statement in STATEMENTS.values())


def test_claims_that_are_not_listed_are_not_run():
    assert statements.run({}, {"orientation": None, "seeds": 10}) == {}
