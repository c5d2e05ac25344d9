"""Verdicts on claims: bounds against scipy, what a family shares, the row that refutes, the note's own words."""

import numpy as np
import pytest
from hand_made import statement
from scipy import stats

from labelnoise import results
from labelnoise.claims import verdict
from labelnoise.claims.compare import Cell, Contrast
from labelnoise.statistics import proportions

FAMILIES = {"a": "matrix", "b": "matrix", "c": "matrix", "d": "losses"}
STATEMENTS = {name: statement(id=at, family=of) for at, (name, of) in enumerate(FAMILIES.items(), 1)}
EFFECTS = np.array([0.03, 0.05, 0.02, 0.04, 0.06, np.nan])


def row(effects, threshold=0.01, contrast="a - b", noise="symmetric", counts=None) -> Contrast:
    cell, seeds = Cell("mlp", noise, 0.4), np.arange(len(effects))
    return Contrast(contrast, cell, "accuracy", np.array(effects), threshold, "contrasts: x", counts, seeds)


def told(rows: dict[str, list[Contrast]]):
    claims = results.check("claims", verdict.table(rows, STATEMENTS, 0.95))
    return results.check("statements", verdict.statements_table(claims, STATEMENTS)).set_index("id")


def test_bounds_are_scipys_one_sided_ones():
    frame = verdict.table({"d": [row(EFFECTS)]}, STATEMENTS, 0.95)
    found = frame.iloc[0]
    greater, less = (stats.ttest_1samp(EFFECTS[:5], 0, alternative=side) for side in ("greater", "less"))
    assert found.low == pytest.approx(greater.confidence_interval(0.95).low)
    assert found.high == pytest.approx(less.confidence_interval(0.95).high)
    assert (found.effect, found.n_seeds, found.verdict) == (pytest.approx(0.04), 5, "supported")
    results.check("claims", frame)


def test_what_may_go_wrong_is_shared_by_claims_below_and_by_rows_above():
    """a and b are tested claims of one family, c is not tested, d is of another. Lower bounds know of no rows."""
    rows = {"a": [row(EFFECTS)], "b": [row(EFFECTS, noise=n) for n in ("none", "x", "y")], "c": [row([])]}
    frame = verdict.table({**rows, "d": [row(EFFECTS)]}, STATEMENTS, 0.95).set_index("id")
    assert list(frame.loc[[1, 2], "alpha_low"]) == pytest.approx([0.025] * 4)
    assert frame.loc[1, "alpha_high"] == pytest.approx(0.025)
    assert list(frame.loc[2, "alpha_high"]) == pytest.approx([0.025 / 3] * 3)
    assert frame.loc[4, ["alpha_low", "alpha_high"]].tolist() == pytest.approx([0.05, 0.05])
    assert frame.loc[1, "low"] == frame.loc[2, "low"].iloc[0] < frame.loc[4, "low"]
    assert frame.loc[4, "high"] < frame.loc[1, "high"] < frame.loc[2, "high"].iloc[0]
    assert np.isnan(frame.loc[3, "alpha_low"]) and frame.loc[3, ["verdict", "n_seeds"]].tolist() == [
        "not tested",
        0,
    ]


def test_one_seed_decides_nothing():
    assert list(verdict.table({"a": [row([0.9])]}, STATEMENTS, 0.95)["verdict"]) == ["open"]


def test_a_share_has_bounds_within_0_and_1():
    """Five seeds, all right but one label; of four seeds nothing follows."""
    shares, counts = np.array([1.0, 1.0, 0.9, 1.0, 1.0]), np.array([10.0, 12.0, 10.0, 8.0, 10.0])
    found = verdict.table({"d": [row(shares, 0.5, counts=counts)]}, STATEMENTS, 0.95).iloc[0]
    expected = proportions.share(np.array([10, 12, 9, 8, 10]), counts, 0.9)
    assert (found.effect, found.low, found.high) == pytest.approx((49 / 50, expected.low, expected.high))
    assert 0.5 < found.low < found.high < 1 and found.verdict == "supported"
    few = verdict.table({"d": [row(shares[:4], 0.5, counts=counts[:4])]}, STATEMENTS, 0.95).iloc[0]
    assert (few.verdict, few.effect) == ("open", pytest.approx(39 / 40)) and np.isnan(few.low)


@pytest.mark.parametrize(
    ("rows", "expected", "against"),
    [
        ([row(EFFECTS), row(EFFECTS, noise="none")], "supported", ""),
        ([row(EFFECTS), row(EFFECTS - 0.03, noise="none")], "open", ""),
        ([row(EFFECTS), row(-EFFECTS, noise="none"), row(EFFECTS - 1, contrast="c - d")], "refuted",
         "c - d (mlp, symmetric 0.4)"),
        ([row(EFFECTS), row([], noise="none")], "supported", ""),
        ([row([])], "not tested", ""),
        ([], "not tested", ""),
    ],
)  # fmt: skip
def test_a_claim_is_refuted_by_a_row_that_is_named(rows, expected, against):
    found = told({"a": rows}).loc[1]
    assert (found["verdict"], found["against"]) == (expected, against)


@pytest.mark.parametrize(
    ("found", "wrong_when", "expected"),
    [
        ("refuted", "refuted", "wrong"),
        ("supported", "refuted", "stands"),
        ("open", "refuted", "open"),
        ("supported", "supported", "wrong"),
        ("refuted", "supported", "stands"),
        ("refuted", None, "question"),
        ("not tested", "refuted", "open"),
    ],
)
def test_as_written(found, wrong_when, expected):
    assert verdict.as_written(found, wrong_when) == expected


def test_statements_without_rows_are_listed_as_not_tested():
    frame = told({"a": [row(EFFECTS), row([], noise="none")], "b": [row([])]})
    assert list(frame.index) == [1, 2, 3, 4]
    assert (frame.loc[1, "verdict"], frame.loc[1, "rows"]) == ("supported", 1)
    assert set(frame.loc[2:, "verdict"]) == {"not tested"} and set(frame.loc[2:, "rows"]) == {0}


def test_no_rows_at_all_give_an_empty_table():
    assert results.check("claims", verdict.table({"a": []}, STATEMENTS, 0.95)).empty
    assert results.check("statements", verdict.statements_table(results.empty("claims"), {})).empty


def test_what_look_one_leaves_open_is_decided_by_all_seeds_with_the_other_half_of_the_level():
    """Five seeds with the mean .04 and a spread that leaves it open, then twenty more like them; b is decided."""
    early = np.array([-0.02, 0.02, 0.04, 0.06, 0.10])
    open_, decided = row(np.tile(early, 5)), row(np.concatenate([EFFECTS[:5], np.full(20, -9.0)]))
    frame = verdict.table({"a": [open_], "d": [decided]}, STATEMENTS, 0.95, first=range(5)).set_index("id")
    one = stats.ttest_1samp(early, 0, alternative="greater").confidence_interval(0.975).low
    both = stats.ttest_1samp(np.tile(early, 5), 0, alternative="greater").confidence_interval(0.975).low
    assert one < 0.01 < both and frame.loc[1, "low"] == pytest.approx(both)
    assert frame.loc[1, ["look_one", "verdict", "look", "n_seeds"]].tolist() == ["open", "supported", 2, 25]
    assert frame.loc[1, "needed"] == pytest.approx(0.01 + 0.04 - both)
    assert frame.loc[4, ["verdict", "look", "n_seeds"]].tolist() == [
        "supported",
        1,
        5,
    ]  # what comes later is unread
    assert frame["alpha_low"].tolist() == pytest.approx([0.025, 0.025])
    found = verdict.statements_table(frame.reset_index(), STATEMENTS).set_index("id")
    assert found.loc[1, ["look_one", "verdict", "look"]].tolist() == ["open", "supported", 2]
    alone = verdict.table({"a": [row(early)]}, STATEMENTS, 0.95, first=range(5)).iloc[0]
    assert (alone.verdict, alone.look) == ("open", 1)  # no seeds for a second look
    told = verdict.table({"a": [open_]}, STATEMENTS, 0.95, first=range(5), again=["d"]).iloc[0]
    assert (told.verdict, told.look, told.n_seeds) == ("open", 1, 5)  # seeds of others are no second look


def shares(word: str, mean: list[float], claims: int, seed: int, level: float = 0.95) -> float:
    """How many of so many claims are called `word` in two looks, at 10 seeds and at 40. Each is a family of its
    own, of rows with these true effects and the threshold 0."""
    rng = np.random.default_rng(seed)
    names = [str(at) for at in range(claims)]
    drawn = np.array(mean)[:, None] + rng.normal(size=(claims, len(mean), 40))
    tested = {
        name: [row(effects, 0.0, contrast=str(at)) for at, effects in enumerate(of)]
        for name, of in zip(names, drawn, strict=True)
    }
    statements = {name: statement(id=at, family=name) for at, name in enumerate(names, 1)}
    table = verdict.table(tested, statements, level, first=range(10))
    return (verdict.statements_table(table, statements)["verdict"] == word).mean()


def test_how_often_a_claim_that_fails_is_supported_in_two_looks():
    """The hardest case: one row at its threshold, the others far above. .046 in the long run."""
    edge = [0.0, 5.0, 5.0]
    assert shares("supported", edge, 1500, 0) <= 0.05 + 0.011  # two standard errors
    assert shares("supported", edge, 1500, 0, level=0.9) > 0.065  # the whole level at either look


def test_how_often_a_claim_that_holds_is_refuted_in_two_looks():
    """The hardest case: every row at its threshold. .045 in the long run; without a share for each row it errs in
    one case of four."""
    edge = [0.0] * 6
    assert shares("refuted", edge, 1200, 1) <= 0.05 + 0.012  # two standard errors
    assert shares("refuted", edge, 400, 1, level=0.7) > 0.15  # as if the six rows had the whole level each
