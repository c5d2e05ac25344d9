"""When to stop: what the next labels cost and bring, what is left, and what more answers could show.

An error mended is worth looking at `worth` labels: below a share of 1 / worth, looking costs more than it brings.

Shape letters: F labels of the frame, n of the list.
"""

from typing import Any, NamedTuple

import numpy as np

from labelnoise.audit import codes, statements
from labelnoise.audit.frame import Frame

AUDIT_FIRST, RECHECK, STOP, UNSURE = "audit", "recheck", "stop", "unsure"
MORE_HIDDEN, GO_ON = "hidden", "go on"  # many errors in what the list holds for right; where it tells no P(wrong)


class Stop(NamedTuple):
    """The advice with its figures."""

    advice: str
    stated: bool  # whether P(wrong) is
    next_labels: int  # of the list that are worth looking at; 0 where P(wrong) is not told
    next_errors: float  # wrong ones expected among them, by P(wrong)
    look: int  # answers of the audit that count
    next_look: int  # the look after that; 0: there is none
    open: int  # labels that nobody answered
    low: float  # least wrong labels left among them
    high: float  # most
    hidden_low: float  # least share of wrong ones left among the labels that are not worth looking at
    hidden_high: float  # most
    rest: int  # of the open ones those that the list holds for right; all where `next_labels` is 0
    could_show: float  # most wrong ones left among them after the next look, if it finds none there
    worth: float  # labels that an error found is worth looking at


def advise(
    frame: Frame, code: np.ndarray, p_wrong: np.ndarray, look: int, looks: list[int], level: float, worth: float
) -> Stop:
    """p_wrong [n]: of the list, the most suspect first; NaN where it is not told. level: of a look."""
    told = np.isfinite(p_wrong)
    count = worth_a_look(p_wrong, worth)
    everything = np.ones(len(frame.index), bool)
    whole = statements.left(frame, code, look, everything, level)
    rest = ~(frame.p_wrong >= 1 / worth) if count else everything
    unseen = code == codes.UNANSWERED
    hidden = statements.left(frame, code, look, rest, level)
    low, high = (of / max(int((rest & unseen).sum()), 1) for of in (hidden.low, hidden.high))
    later = min((of for of in looks if of > look), default=0)
    could = could_show(frame, code, later, rest, level) if later else np.nan
    errors = float(np.nansum(p_wrong[:count]))
    at = (count, errors, look, later, int(unseen.sum()))
    figures = (*at, whole.low, whole.high, low, high, int((rest & unseen).sum()), could, worth)
    known = bool(told.any())
    return Stop(_advice(bool(look or not later), known, count, low, high, 1 / worth), known, *figures)


def worth_a_look(p_wrong: np.ndarray, worth: float) -> int:
    """Rows of the list down to where looking on would bring less than one error in `worth` looks. p_wrong [n]: has
    another order than the rows; NaN where it is not told."""
    gain = np.cumsum(np.nan_to_num(p_wrong - 1 / worth, nan=0.0))  # errors, less what looking is worth
    return int(gain.argmax()) + 1 if len(gain) and gain.max() > 0 else 0


def _advice(audited: bool, told: bool, count: int, low: float, high: float, share: float) -> str:
    if not audited:
        return AUDIT_FIRST
    if count:
        return RECHECK
    if low > share:
        return MORE_HIDDEN if told else GO_ON
    return STOP if high <= share else UNSURE


def could_show(frame: Frame, code: np.ndarray, look: int, part: np.ndarray, level: float) -> float:
    """Most wrong labels left under `part`, bool [F], after `look` answers if those still to come find none there:
    the best that an audit of that size can show."""
    waiting = codes.sampled(frame, look) & (code == codes.UNANSWERED)
    return statements.left(frame, np.where(waiting, codes.RIGHT, code), look, part, level).high


def cost(labels: int, section: Any) -> str:
    """What looking at `labels` takes, in words. section: `recheck.cost`."""
    minutes = labels * section.seconds / 60
    time = f"{minutes / 60:.1f} hours" if minutes >= 90 else f"{max(round(minutes), 1)} min"
    return time if section.price is None else f"{time}, {labels * section.price:,.2f} {section.currency}"
