"""What the audit says on the page, as numbers."""

from collections.abc import Sequence
from typing import NamedTuple

import numpy as np

from labelnoise.audit import codes, slips, statements, stop
from labelnoise.audit.frame import KNOWN, NOT_DRAWN
from labelnoise.audit.state import Audit
from labelnoise.audit.stop import Stop
from labelnoise.detect import tiers


class Part(NamedTuple):
    """Wrong labels in a part of the data, by the labels drawn at random from it."""

    labels: int
    answered: int  # of those drawn
    wrong: int
    unsure: int
    known: int  # looked at before the draw
    known_wrong: int
    low: int
    high: int
    estimate: float  # by how often each kind of label was drawn; NaN where one has no answer


class Audited(NamedTuple):
    """An audit on the page."""

    asked: int  # labels that it asks for
    answered: int  # of them up to the next look
    look: int  # answers that count
    set_right: bool  # whether P(wrong) is, by these answers
    whole: Part
    obvious: Part
    twice: tuple[int, int]  # labels seen twice, and how often the answers differ
    truth: tuple[float, float] | None  # wrong labels in truth, for people who err; None: too few seen twice
    rows: int  # of the work list, down to the next look
    outside: int  # labels that came after the draw: the audit says nothing of them
    gone: int  # labels of the draw that are not there any more
    stop: Stop
    drawn_more: str  # labels that look so were drawn more often than others; "": all were drawn alike


def audited(audit: Audit, p_wrong: np.ndarray, work: Sequence[int], worth: float, labels: np.ndarray) -> Audited:
    """p_wrong [n]: of the list, in its order; work: examples of the work list; labels: examples that have one."""
    everything = np.ones(len(audit.code), bool)
    obvious = np.array(audit.frame.tier) == tiers.NAMES[tiers.OBVIOUS]
    advice = stop.advise(audit.frame, audit.code, p_wrong, audit.look, list(audit.looks), audit.level, worth)
    outside = len(np.setdiff1d(labels, audit.at))
    if outside and advice.advice == stop.STOP:
        advice = advice._replace(advice=stop.UNSURE)
    return Audited(
        int((audit.frame.place > NOT_DRAWN).sum()),
        _answered(audit, advice.next_look),
        audit.look,
        audit.numbers is not None,
        _part(audit, everything),
        _part(audit, obvious),
        (audit.pairs, audit.differ),
        _truth(audit, everything),
        _rows(audit, work, advice.next_look),
        outside,
        int((audit.at < 0).sum()),
        advice,
        _drawn_more(audit),
    )


def _answered(audit: Audit, look: int) -> int:
    """How many labels that count at a look people have answered; 0: of all that are asked for."""
    asked = codes.sampled(audit.frame, look) if look else audit.frame.place > NOT_DRAWN
    return int((asked & np.isin(audit.code, (codes.RIGHT, codes.WRONG, codes.UNSURE))).sum())


def _part(audit: Audit, part: np.ndarray) -> Part:
    counts = statements.drawn(audit.frame, audit.code, audit.look, part)
    known = part & (audit.frame.stratum == KNOWN)
    before = (int(known.sum()), int((known & (audit.code == codes.WRONG)).sum()))
    limits = statements.limits(audit.frame, audit.code, audit.look, part, audit.level)
    return Part(*(int(of.sum()) for of in counts), *before, limits.low, limits.high, limits.estimate)


def _drawn_more(audit: Audit) -> str:
    """Which labels were drawn more often than others, as strata ask for: their share among the answers says
    nothing of all labels. Compared are the most and the least suspect stratum."""
    drawn = codes.sampled(audit.frame, audit.look)
    size, asked = (np.bincount(audit.frame.stratum[part], minlength=KNOWN)[:KNOWN] for part in (..., drawn))
    rates = asked[size > 0] / size[size > 0]
    if not len(rates) or rates[0] == rates[-1]:
        return ""
    return "look wrong" if rates[0] > rates[-1] else "look right"


def _truth(audit: Audit, everything: np.ndarray) -> tuple[float, float] | None:
    if audit.pairs < slips.FEWEST or (audit.frame.stratum == KNOWN).any():  # those have no limits to widen
        return None
    error = 1 - audit.level
    of_limits = 1 - error * (1 - slips.SHARE)
    limits = statements.limits(audit.frame, audit.code, audit.look, everything, of_limits)
    slip = slips.largest(audit.pairs, audit.differ, error * slips.SHARE)
    return slips.widened(limits.low, limits.high, len(everything), slip)


def _rows(audit: Audit, work: Sequence[int], look: int) -> int:
    """How many rows of the work list bring the audit to `look` answers."""
    asked = set(audit.at[codes.sampled(audit.frame, look) & (audit.code == codes.UNANSWERED)].tolist())
    places = [row for row, example in enumerate(work, 1) if example in asked]
    return max(places, default=0)
