"""What the page tells, as numbers: of the labels as they are now, as they were before answers, and in truth.

Shape letters: N examples of the data set, C classes.
"""

from typing import NamedTuple

import numpy as np

from labelnoise.detect import tiers
from labelnoise.detect.types import Gate
from labelnoise.noise.noisy_labels import UNSURE
from labelnoise.recheck import lists
from labelnoise.recheck.detected import AsShown

CONFUSIONS = 8  # rows of their table
RAREST = 0.001  # share of a class from which a confusion is told
# From 0 (errors of a class spread evenly) to 1 (all go to one class): up to here none stands out
EVEN, EVEN_OF_ONE = 0.1, 0.3  # of all classes together, and of each


class Summary(NamedTuple):
    """One run of labels."""

    gate: Gate
    labels: int  # examples that have one
    listed: int  # of them on the list: not rechecked
    obvious: int
    sure: int  # of the obvious
    possible: int
    first: int  # rows of the list down to the last obvious or possible error
    expected: float  # wrong labels among those, by P(wrong)
    wrong: float  # wrong labels on the whole list, by P(wrong)


class Answered(NamedTuple):
    """What people found so far."""

    count: int
    wrong: int


class Truth(NamedTuple):
    """Wrong labels on the list, and how many labels that is; of known truth alone."""

    wrong: int
    known: int
    obvious_wrong: int
    obvious: int
    first_wrong: int
    first: int


class Confusion(NamedTuple):
    """Examples of the class `true` that are labelled `given`, as a share of that class."""

    true: str
    given: str
    share: float


class Confusions(NamedTuple):
    """What is taken for what."""

    rows: list[Confusion]  # the largest first; none where errors are spread almost evenly over the other classes
    most: float  # share of the errors of a class that go to the class which gets most of them, over all classes
    even: float  # that share if they were spread evenly


def summary(shown: AsShown) -> Summary:
    order, first = lists.ranked(shown), lists.flagged(shown)
    asked = order[shown.answers[order] != UNSURE]  # of the others nobody can tell more
    tier = shown.tier[asked]
    return Summary(
        shown.gate,
        int((shown.given >= 0).sum()),
        len(order),
        int((tier == tiers.OBVIOUS).sum()),
        int(shown.sure[asked].sum()),
        int((tier == tiers.POSSIBLE).sum()),
        first,
        float(shown.p_wrong[order[:first]].sum()),
        float(shown.p_wrong[order].sum()),
    )


def answered(shown: AsShown, was_wrong: np.ndarray) -> Answered | None:
    """None before any answer. was_wrong: bool [N], labels that answers called wrong and that may be right by now,
    since their files were moved."""
    at = (shown.answers >= 0) & (shown.given >= 0)
    wrong = (shown.answers != shown.given) | was_wrong
    return Answered(int(at.sum()), int(wrong[at].sum())) if at.any() else None


def truth(shown: AsShown, clean: np.ndarray) -> Truth | None:
    """clean: int [N], -1 where the truth is not known; None where it never is."""
    order = lists.ranked(shown)
    known = clean[order] >= 0
    if not known.any():
        return None
    wrong = known & (shown.given[order] != clean[order])
    obvious, first = shown.tier[order] == tiers.OBVIOUS, np.arange(len(order)) < lists.flagged(shown)
    within = [int(part.sum()) for part in (wrong, known, wrong & obvious, known & obvious)]
    return Truth(*within, int((wrong & first).sum()), int((known & first).sum()))


def confusions(transition: np.ndarray, names: list[str]) -> Confusions | None:
    """The largest entries off the diagonal of transition [C, C] = P(given | true), as far as they stand out; None
    where all are rare."""
    off = np.where(np.eye(len(names), dtype=bool), 0, transition)
    if off.max() < RAREST:
        return None
    most, even = float(off.max(1).sum() / off.sum()), 1 / (len(names) - 1)
    of_each = off[off.sum(1) >= RAREST]
    strongest = float((of_each.max(1) / of_each.sum(1)).max())
    if len(names) > 2 and most - even <= EVEN * (1 - even) and strongest - even <= EVEN_OF_ONE * (1 - even):
        return Confusions([], most, even)
    largest = np.argsort(-off, axis=None, kind="stable")[:CONFUSIONS]
    pairs = [divmod(int(at), len(names)) for at in largest]
    rows = [Confusion(names[i], names[j], float(off[i, j])) for i, j in pairs if off[i, j] >= RAREST]
    return Confusions(rows, most, even)
