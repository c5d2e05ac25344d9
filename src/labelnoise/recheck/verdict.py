"""What the gate of the detect stage lets people see of a run: nothing, the order, P(wrong) and tiers, a rate."""

import math
from typing import NamedTuple

from labelnoise.detect.types import ALL, CAUTIOUS, ORDER, Gate, limited

UNCHECKED = ""  # verdict of a seed of the study whose gate was not run: people get no list of it
STATED = (CAUTIOUS, ALL)  # verdicts with P(wrong) and tiers
APART = 0.10  # between the rates of the two models: one number stands for both up to here,
RATIO, NEAR = 1.5, 0.01  # and up to this ratio or this near: photographs had .030 and .105 where .091 is true
LIMIT = "at most"  # kind of a rate
KEPT = 0.5  # smallest T_kk, the share of a true class that keeps its label: with less, most of it would not


class Rate(NamedTuple):
    """Share of wrong labels as it may be told."""

    kind: str  # about, between, at most; empty: not at all
    low: float
    high: float


def listed(gate: Gate) -> bool:
    """Whether there is a list at all."""
    return gate.verdict in (ORDER, *STATED)


def rate(gate: Gate) -> Rate:
    """One number needs two models that agree, and classes whose labels are mostly kept. A limit is the larger of
    the two rates: under errors that people make, the cautious one is too low."""
    if limited(gate):
        return Rate(LIMIT, math.nan, max(gate.rate_low, gate.rate_high))
    if gate.verdict != ALL:
        return Rate("", math.nan, math.nan)
    low, high = sorted([gate.rate_low, gate.rate_high])  # the cautious model's need not be the lower
    agree = high - low <= APART and (high <= RATIO * low or high - low <= NEAR)
    one = agree and gate.smallest_kept >= KEPT
    return Rate("about" if one else "between", low, high)
