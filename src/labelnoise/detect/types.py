"""What the gate says of a list of suspect labels, for all who read it."""

from typing import NamedTuple

NOTHING, ORDER, CAUTIOUS, ALL = "nothing", "order", "cautious", "all"  # verdicts: what may be said
RULE_A, CUT, NO_TIER = "A", "cut", "none"  # how the obvious errors are chosen
FEWEST_FLAGGED = 60  # in all worlds together, for rule A to be judged by its share
FEWEST_OBVIOUS = 10  # a smaller tier is none
MAJORITY = 0.5


class Gate(NamedTuple):
    """Every figure of the gate; NaN where a test was not run."""

    verdict: str
    rule: str
    z: float  # signal: standard deviations by which labels are better predicted than shuffled ones
    d: float  # halving: by how much the noise rate rises with half of the examples
    rate_low: float  # noise rate with T low
    rate_high: float  # with T high
    smallest_kept: float  # smallest P(given = k | true = k) of T low
    against_low: float  # nats by which the labels contradict T low (detector.against_low); above 0 they do
    worlds_flagged: float  # labels that rule A flagged in the worlds
    worlds_right: float  # share of them that were wrong there
    cut: float  # least P(wrong) of an obvious error; NaN with rule A
