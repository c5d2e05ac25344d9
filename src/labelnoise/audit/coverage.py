"""Do the limits hold? Audits drawn again and again where the truth is known, by people who may slip.

Two questions are asked of each drawn audit: do its limits hold the number of labels that this person would call
wrong, had they looked at all (its own estimand), and the number that is wrong in truth?

Shape letters: n labels, S strata, D draws, L looks.
"""

from collections.abc import Sequence
from typing import NamedTuple

import numpy as np

from labelnoise.audit import frame, intervals, recalibration, slips
from labelnoise.audit.intervals import Counts
from labelnoise.detect import metrics


class Design(NamedTuple):
    """One audit of one data set, before any answer."""

    stratum: np.ndarray  # int [n]
    place: np.ndarray  # int [n]

    def sample(self, look: int) -> np.ndarray:
        """bool [n]"""
        return (self.place > frame.NOT_DRAWN) & (self.place <= look)

    def by_stratum(self, part: np.ndarray) -> np.ndarray:
        """int [S] of labels under `part`, bool [n]."""
        return np.bincount(self.stratum[part], minlength=len(frame.STRATA))


def design(p_wrong: np.ndarray, purpose: str, looks: Sequence[int]) -> Design:
    """p_wrong [n]"""
    stratum = frame.strata(p_wrong)
    return Design(stratum, frame.places(stratum, purpose, max(looks), 0, 1))


def covered(
    of: Design, wrong: np.ndarray, look: int, level: float, error: float, draws: int, rng: np.random.Generator
) -> dict[str, float]:
    """Shares of `draws` audits whose limits hold, and their median widths as shares of the labels.

    wrong: bool [n]; level: of a look; error: with which the person slips, on right and on wrong labels.
    """
    size, answered = of.by_stratum(np.ones(len(wrong), bool)), of.by_stratum(of.sample(look))
    truth = of.by_stratum(wrong)
    shape = (draws, len(size))
    called = truth - rng.binomial(truth, error, shape) + rng.binomial(size - truth, error, shape)
    found = rng.hypergeometric(called, size - called, np.broadcast_to(answered, shape))
    low, high = _limits(size, answered, found, level)
    wide = _limits(size, answered, found, 1 - (1 - level) * (1 - slips.SHARE))
    usual = intervals.textbook(Counts(size, answered, found, np.zeros_like(found)), level)
    differ = rng.binomial(slips.FEWEST, 2 * error * (1 - error), draws)
    worst = np.array([slips.largest(slips.FEWEST, k, (1 - level) * slips.SHARE) for k in range(slips.FEWEST + 1)])
    ends = [slips.widened(*of, int(size.sum()), slip) for *of, slip in zip(*wide, worst[differ], strict=True)]
    own, true, count = called.sum(1), truth.sum(), size.sum()
    return {
        "answers_covered": _holds((low, high), own),
        "truth_covered": _holds((low, high), true),
        "widened_covered": _holds(np.array(ends).T, true),
        "textbook_covered": _holds(usual, own),
        "width": float(np.median(high - low) / count),
        "widened_width": float(np.median(np.diff(ends, axis=1)) / count),
        "textbook_width": float(np.median(usual[1] - usual[0]) / count),
    }


def _holds(limits: tuple[np.ndarray, np.ndarray], count: np.ndarray) -> float:
    return float(((limits[0] <= count) & (count <= limits[1])).mean())


def _limits(size: np.ndarray, answered: np.ndarray, found: np.ndarray, level: float) -> tuple:
    """Least and most [D], of `found` [D, S]: limits of a stratum depend on its own count alone."""
    may_be = np.minimum(np.arange(int(answered.max()) + 1)[:, None], answered)
    low, high = intervals.by_stratum(Counts(size, answered, may_be, np.zeros_like(may_be)), level)
    at = np.arange(len(size))
    return low[found, at].sum(1), high[found, at].sum(1)


def recalibrated(
    p_wrong: np.ndarray, wrong: np.ndarray, look: int, draws: int, purpose: str, bins: int
) -> tuple[float, float]:
    """ECE, and |share of wrong labels by P(wrong) - truth|, after `look` answers without slips: means over audits.

    p_wrong [n], wrong bool [n]. look 0: nothing is drawn.
    """
    found = []
    for seed in range(draws if look else 1):
        after = p_wrong
        if look:
            sample = frame.places(frame.strata(p_wrong), purpose, look, seed, 1) > frame.NOT_DRAWN
            after = recalibration.applied(p_wrong, recalibration.fitted(p_wrong[sample], wrong[sample]))
        found.append((metrics.ece(after, wrong, bins), abs(after.mean() - wrong.mean())))
    return tuple(np.mean(found, axis=0).tolist())
