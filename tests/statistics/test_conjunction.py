"""Bounds of a claim's rows against scipy, and what rows say together."""

import numpy as np
import pytest
from scipy import stats

from labelnoise.statistics import conjunction, means
from labelnoise.statistics.conjunction import OPEN, REFUTED, SUPPORTED, Alpha

HALF = Alpha(0.05, 0.05)
HIGH, LOW, WIDE = np.array([0.1, 0.11, 0.12]), np.array([-0.1, -0.11, -0.12]), np.array([-1.0, 0.0, 1.1])


@pytest.mark.parametrize(
    ("effects", "expected"),
    [
        ([HIGH, HIGH], (SUPPORTED, None)),
        ([HIGH, WIDE], (OPEN, None)),  # one row that says nothing is enough
        ([HIGH, LOW], (REFUTED, 1)),  # and so is one that lies below
        ([WIDE, LOW, LOW - 1], (REFUTED, 2)),  # the clearest is named
        ([HIGH, np.full(3, -0.5)], (REFUTED, 1)),
        ([HIGH, np.array([0.1])], (OPEN, None)),  # of one seed nothing follows
        ([HIGH, np.array([np.nan, np.nan])], (OPEN, None)),
    ],
)
def test_a_claim_is_a_conjunction(effects, expected):
    thresholds = np.zeros(len(effects))
    mean, _, high, words = zip(*conjunction.rows(effects, thresholds, HALF), strict=True)
    word = conjunction.together(words)
    row = conjunction.clearest(np.array(mean), np.array(high), thresholds) if word == REFUTED else None
    assert (word, row) == expected


def test_bounds_have_the_level_of_their_side():
    """Support: no correction over rows. Refutation: shared out among four."""
    rng = np.random.default_rng(0)
    effects = [rng.normal(size=8) for _ in range(4)]
    for own, row in zip(effects, conjunction.rows(effects, [0.0] * 4, Alpha(0.02, 0.04))):
        up, down = (stats.ttest_1samp(own, 0, alternative=side) for side in ("greater", "less"))
        assert row.low == pytest.approx(up.confidence_interval(0.98).low)
        assert row.high == pytest.approx(down.confidence_interval(0.99).high)


def test_what_a_look_may_spend():
    assert conjunction.shared(0.05, claims=5, looks=2) == pytest.approx((0.005, 0.005))


def test_more_seeds_decide_a_claim_of_many_rows():
    """What a correction over rows made impossible: sixteen rows, each half a spread above its threshold."""
    rng = np.random.default_rng(2)
    effects, alpha = 0.8 + rng.normal(size=(16, 40)), conjunction.shared(0.05, 4, looks=2)
    assert {row.word for row in conjunction.rows(list(effects), [0.0] * 16, alpha)} == {SUPPORTED}
    assert (means.lower(effects, alpha.support / 16) <= 0).any()
