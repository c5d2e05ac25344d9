"""Verdicts by hand and against scipy; how often a claim is called what it is not, in one look and in two."""

import numpy as np
import pytest
from scipy import stats

from labelnoise.statistics import conjunction, means
from labelnoise.statistics.conjunction import OPEN, REFUTED, SUPPORTED, Alpha, Verdict

HALF = Alpha(0.05, 0.05)
HIGH, LOW, WIDE = np.array([0.1, 0.11, 0.12]), np.array([-0.1, -0.11, -0.12]), np.array([-1.0, 0.0, 1.1])


@pytest.mark.parametrize(
    ("effects", "expected"),
    [
        ([HIGH, HIGH], Verdict(SUPPORTED, None)),
        ([HIGH, WIDE], Verdict(OPEN, None)),  # one row that says nothing is enough
        ([HIGH, LOW], Verdict(REFUTED, 1)),  # and so is one that lies below
        ([WIDE, LOW, LOW - 1], Verdict(REFUTED, 2)),  # the clearest is named
        ([HIGH, np.full(3, -0.5)], Verdict(REFUTED, 1)),
        ([HIGH, np.array([0.1])], Verdict(OPEN, None)),  # of one seed nothing follows
        ([HIGH, np.array([np.nan, np.nan])], Verdict(OPEN, None)),
    ],
)
def test_a_claim_is_a_conjunction(effects, expected):
    assert conjunction.decide(effects, [0.0] * len(effects), HALF) == expected


def test_a_claim_without_rows_is_an_error():
    with pytest.raises(ValueError, match="at least one row"):
        conjunction.decide([], [], HALF)


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


def test_the_second_look_decides_what_the_first_leaves_open():
    seen = [np.array([0.1, -0.02, 0.05])]
    more = [np.concatenate([seen[0], np.full(20, 0.06)])]
    assert conjunction.two_looks(seen, more, [0.0], HALF) == (Verdict(SUPPORTED, None), 2)
    assert conjunction.two_looks([HIGH], more, [0.0], HALF) == (Verdict(SUPPORTED, None), 1)
    assert conjunction.two_looks(seen, seen, [0.0], HALF) == (Verdict(OPEN, None), 2)


def looked(mean: np.ndarray, alpha: Alpha, rounds: int, seed: int) -> list[str]:
    """Words of the verdicts on a claim of rows with true effects `mean`, in two looks at 10 and 40 seeds."""
    rng = np.random.default_rng(seed)
    words = []
    for _ in range(rounds):
        both = mean[:, None] + rng.normal(size=(len(mean), 40))
        words.append(conjunction.two_looks(both[:, :10], both, [0.0] * len(mean), alpha).verdict.word)
    return words


def test_size_of_support_in_two_looks():
    """The hardest case: one row at its threshold, the others far above."""
    edge = np.array([0.0, 5.0, 5.0])
    words = looked(edge, conjunction.shared(0.05, 1, looks=2), 1500, 0)
    assert words.count(SUPPORTED) / len(words) <= 0.05 + 0.011  # two standard errors: .046 in the long run
    spent_twice = looked(edge, conjunction.shared(0.05, 1, looks=1), 1500, 0)
    assert spent_twice.count(SUPPORTED) / len(spent_twice) > 0.065


def test_size_of_refutation_in_two_looks():
    """The hardest case: every row at its threshold. Without a share for each row it errs in one case of four."""
    edge, alpha = np.zeros(6), conjunction.shared(0.05, 1, looks=2)
    words = looked(edge, alpha, 1200, 1)
    assert words.count(REFUTED) / len(words) <= 0.05 + 0.012  # two standard errors: .045 in the long run
    uncorrected = looked(edge, alpha._replace(refute=6 * alpha.refute), 400, 1)
    assert uncorrected.count(REFUTED) / len(uncorrected) > 0.15


def test_more_seeds_decide_a_claim_of_many_rows():
    """What a correction over rows made impossible: sixteen rows, each half a spread above its threshold."""
    rng = np.random.default_rng(2)
    effects, alpha = 0.8 + rng.normal(size=(16, 40)), conjunction.shared(0.05, 4, looks=2)
    assert conjunction.decide(list(effects), [0.0] * 16, alpha).word == SUPPORTED
    assert (means.lower(effects, alpha.support / 16) <= 0).any()
