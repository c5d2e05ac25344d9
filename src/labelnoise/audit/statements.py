"""What an audit says: how many labels are wrong, by class and tier, and how many are left below a cut.

Limits hold for the answers that this person would give to every label, whatever the model believes: each by
itself, at the level of its table, at every look.

Shape letters: F labels of the frame, S strata.
"""

from collections.abc import Iterator
from typing import NamedTuple

import numpy as np
import pandas as pd

from labelnoise.audit import codes, intervals
from labelnoise.audit.frame import NAMES, Frame
from labelnoise.audit.intervals import Counts

SHARES_LEFT = (0.0, 0.01, 0.02, 0.05, 0.1, 0.2, 0.5)  # of the labels, rechecked from the top of the list
RATE, CLASS, TIER, STRATUM, LEFT = "rate", "class", "tier", "stratum", "left"


class Limits(NamedTuple):
    """Wrong labels in a part of the frame; low and high hold together with the level that was asked for."""

    estimate: float  # NaN where a stratum has labels and no answer
    low: int
    high: int


def at_look(level: float, looks: int) -> float:
    """The level of one of several looks, so that all hold together with `level`."""
    return 1 - (1 - level) / looks


def counts(frame: Frame, code: np.ndarray, look: int, part: np.ndarray) -> Counts:
    """Of the labels under `part`, bool [F]."""
    sample = codes.counted(frame, look) & part
    unsure = np.isin(code, (*codes.MAY_BE_EITHER, codes.UNANSWERED))  # of what was known, the answer may be gone
    of = (part, sample, sample & (code == codes.WRONG), sample & unsure)
    return Counts(*(_each(frame, one) for one in of))


def drawn(frame: Frame, code: np.ndarray, look: int, part: np.ndarray) -> Counts:
    """The same without what was known before the draw: nobody drew it at random."""
    sample = codes.sampled(frame, look) & part
    of = (part, sample, sample & (code == codes.WRONG), sample & np.isin(code, codes.MAY_BE_EITHER))
    return Counts(*(_each(frame, one) for one in of))


def _each(frame: Frame, part: np.ndarray) -> np.ndarray:
    """int [S] of labels under `part`."""
    return np.bincount(frame.stratum[part], minlength=len(NAMES))


def limits(frame: Frame, code: np.ndarray, look: int, part: np.ndarray, level: float) -> Limits:
    """Wrong labels under `part`, bool [F]: by those drawn at random, and never against any answer."""
    estimate, low, high = _ends(frame, code, look, part, level).sum(1)
    return Limits(float(estimate), int(low), int(high))


def _ends(frame: Frame, code: np.ndarray, look: int, part: np.ndarray, level: float) -> np.ndarray:
    """[3, S]: Limits of each stratum; all hold together. Answers to the list, which are not drawn, bound them."""
    found = counts(frame, code, look, part)
    low, high = intervals.by_stratum(found, level)
    wrong, right = (_each(frame, part & (code == of)) for of in (codes.WRONG, codes.RIGHT))
    low, high = (np.clip(of, wrong, found.size - right) for of in (low, high))
    estimate = np.where(low == high, low, np.clip(intervals.estimates(found), low, high))
    return np.array([estimate, low, high])


def table(key: dict, frame: Frame, code: np.ndarray, look: int, level: float) -> pd.DataFrame:
    """Table `audit`. key: the run's key columns; level: of each look (`at_look`)."""
    rows = [_row(key, frame, code, look, level, *one) for one in _parts(frame)]
    shares = SHARES_LEFT if np.isfinite(frame.p_wrong).any() else SHARES_LEFT[:1]  # else there is no list
    rows += [_left(key, frame, code, look, level, share) for share in shares]
    return pd.DataFrame(rows)


def _parts(frame: Frame) -> Iterator[tuple[str, str, np.ndarray]]:
    """(what, of, bool [F])"""
    yield RATE, "all", np.ones(len(frame.index), bool)
    for what, words in ((CLASS, frame.given), (TIER, frame.tier)):
        own = np.array(words)
        for word in sorted(set(words) - {""}):
            yield what, word, own == word
    for k in np.unique(frame.stratum):
        yield STRATUM, NAMES[k], frame.stratum == k


def _row(
    key: dict, frame: Frame, code: np.ndarray, look: int, level: float, what: str, of: str, part: np.ndarray
) -> dict:
    found = counts(frame, code, look, part)
    told, usual = limits(frame, code, look, part, level), intervals.textbook(found, level)
    size, answered, wrong, unsure = (int(one.sum()) for one in drawn(frame, code, look, part))
    own = {"labels": size, "answered": answered, "wrong": wrong, "unsure": unsure} | told._asdict()
    return (
        key | {"what": what, "of": of, "look": look} | own | {"textbook_low": usual[0], "textbook_high": usual[1]}
    )


def _left(key: dict, frame: Frame, code: np.ndarray, look: int, level: float, share: float) -> dict:
    """Of the labels that nobody answered, if the first `share` of the frame is rechecked, too: how many there are,
    and the wrong ones among them. So errors found so far, wherever they were, are none of these."""
    part = below(frame, share)
    own = {"labels": int((part & (code == codes.UNANSWERED)).sum()), "answered": 0, "wrong": 0, "unsure": 0}
    own |= left(frame, code, look, part, level)._asdict() | {"textbook_low": np.nan, "textbook_high": np.nan}
    return key | {"what": LEFT, "of": f"{share:g}", "look": look} | own


def left(frame: Frame, code: np.ndarray, look: int, part: np.ndarray, level: float) -> Limits:
    """Wrong labels under `part` that nobody answered and that are there: all less those found there and those that
    are gone, stratum by stratum.

    The most counts unsure ones as wrong: those that were looked at are not left. A label that is gone was right or
    wrong, and nobody knows which: of those drawn the most has counted each as wrong, and the least as right; of
    the others the least takes each for wrong, and the most takes none for it.
    """
    seen = (codes.WRONG, codes.UNSURE, codes.UNANSWERED)
    found, unsure, open_ = (_each(frame, part & (code == of)) for of in seen)
    gone, sample = part & (code == codes.GONE), codes.counted(frame, look)
    drawn_, other = _each(frame, gone & sample), _each(frame, gone & ~sample)
    estimate, low, high = _ends(frame, code, look, part, level)
    low, high = (np.clip(of, 0, open_) for of in (low - found - other, high - found - unsure - drawn_))
    high = np.maximum(low, high)  # many unsure ones beside the audit may be more than it allows for
    estimate = (estimate - found - (unsure + drawn_) / 2) * open_ / np.maximum(open_ + other, 1)
    estimate = np.where(low == high, low, np.clip(estimate, low, high))
    return Limits(float(estimate.sum()), int(low.sum()), int(high.sum()))


def below(frame: Frame, share: float) -> np.ndarray:
    """bool [F]: all but the first `share` of the frame, by P(wrong) at the draw."""
    order = np.argsort(-np.nan_to_num(frame.p_wrong), kind="stable")
    part = np.ones(len(order), bool)
    part[order[: round(share * len(order))]] = False
    return part
