"""The verdict on a claim, which is a conjunction of rows: it holds where every row's mean exceeds its threshold.

Supported: the one-sided lower bound of every row lies above its threshold. That is the intersection-union test
(Berger 1982): to call a claim true that is not, the row in which it fails has to err, so that each row may have
the whole level, with no correction for their number. Refuted: the upper bound of some row lies below its
threshold; any row may err here, so that the level is shared out among them (Bonferroni), and the row is named.
Else open.

Seeds come in two looks (labelnoise.claims.verdict). The first decides with half of the level; what it leaves open,
both looks' seeds together decide with the other half. The claims of a family share its level.

Shape letters: a row's effects are [S], a number per seed, oriented so that large speaks for the claim; or counts
of a share per seed, whose bounds stay within 0 and 1 (proportions.Counted).
"""

from collections.abc import Iterable, Sequence
from typing import NamedTuple

import numpy as np

from labelnoise.statistics import means, proportions
from labelnoise.statistics.proportions import Counted

SUPPORTED, REFUTED, OPEN = "supported", "refuted", "open"

Effects = Sequence[np.ndarray | Counted]  # of every row; rows may have numbers of seeds of their own


class Alpha(NamedTuple):
    """Probabilities of error that a claim may spend on one look."""

    support: float  # to call it supported where it fails; of every row's lower bound
    refute: float  # to call it refuted where it holds; shared out among its rows

    def of_row(self, rows: int) -> float:
        """What the upper bound of one of `rows` may spend."""
        return self.refute / rows


class Row(NamedTuple):
    """Of a row of a claim: the mean, its one-sided bounds (NaN with too few seeds), and what they say."""

    mean: float
    low: float
    high: float
    word: str  # supported or refuted where a bound clears the threshold, else open


def shared(alpha: float, claims: int, looks: int = 1) -> Alpha:
    """What each of `claims` of a family may spend on each of `looks`, `alpha` in all on either error."""
    return Alpha(alpha / looks / claims, alpha / looks / claims)


def rows(effects: Effects, thresholds: Sequence[float], alpha: Alpha) -> list[Row]:
    """Bounds of every row of a claim."""
    found = []
    for own, threshold in zip(effects, thresholds, strict=True):
        mean, low, high = _bounds(own, alpha.support, alpha.of_row(len(effects)))
        word = SUPPORTED if low > threshold else REFUTED if high < threshold else OPEN
        found.append(Row(mean, low, high, word))
    return found


def _bounds(effects: np.ndarray | Counted, below: float, above: float) -> tuple[float, float, float]:
    if isinstance(effects, Counted):
        share = proportions.share(*effects, level=1 - 2 * below)
        return share.share, share.low, proportions.share(*effects, level=1 - 2 * above).high
    return float(means.mean(effects)), float(means.lower(effects, below)), float(means.upper(effects, above))


def together(words: Iterable[str]) -> str:
    """The word on a claim from those on its rows."""
    found = set(words)
    if REFUTED in found:
        return REFUTED
    return SUPPORTED if found == {SUPPORTED} else OPEN


def clearest(mean: np.ndarray, high: np.ndarray, thresholds: np.ndarray) -> int:
    """Which of the rows lies furthest below its threshold, in units of the distance from its mean to its upper
    bound; each argument [rows], NaN where there is no bound. Seeds that all agree have none: such a row is
    clearest."""
    below = thresholds - mean
    ratio = np.divide(below, high - mean, out=np.full(len(below), np.inf), where=high != mean)
    return int(np.argmax(np.where(high < thresholds, ratio, -np.inf)))
