"""What the gate says of a list of suspect labels, for all who read it."""

from typing import NamedTuple

NOTHING, ORDER, CAUTIOUS, ALL = "nothing", "order", "cautious", "all"  # verdicts: what may be said
RULE_A, CUT, NO_TIER = "A", "cut", "none"  # how the obvious errors are chosen
FEWEST_FLAGGED = 60  # in all worlds together, for rule A to be judged by its share
FEWEST_OBVIOUS = 10  # a smaller tier is none
MAJORITY = 0.5
WRONG_OF_CONTRADICTED = 2 / 3


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
    contradicted: float  # share of the labels that the pooled predictors, with T low, contradict


def err_often(gate: Gate) -> bool:
    """Whether, by the cautious model, fewer than WRONG_OF_CONTRADICTED of the labels that the predictors
    contradict are wrong: their own errors then look like those of labels, in the worlds too.

    Chosen after looking. Of 2,000 photographs, 200 of them put into a wrong folder, 148 labels were called obvious
    errors, and 82% of these were wrong; the share was .47. On Fashion-MNIST it was .58 to .63 at asymmetric noise,
    where 94% were wrong, and .64 to .85 at symmetric; on digits .85 or more.
    """
    return gate.rate_low < WRONG_OF_CONTRADICTED * gate.contradicted


def limited(gate: Gate) -> bool:
    """Whether no more than a limit may be told of the share of errors.

    Of predictors that err often that was chosen after looking: the cautious model said 3% and 10% on photographs
    where people made 9% and 18% errors, and 13% where 10% were drawn; the limit held each time.
    """
    return gate.verdict == CAUTIOUS or (gate.verdict == ALL and err_often(gate))
