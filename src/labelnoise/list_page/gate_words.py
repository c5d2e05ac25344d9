"""What the gate says, in sentences and in figures: every number is of the gate, or a limit that it has."""

import math
from collections.abc import Callable
from typing import Any, NamedTuple

from labelnoise.detect.types import (
    CAUTIOUS,
    CUT,
    FEWEST_FLAGGED,
    FEWEST_OBVIOUS,
    MAJORITY,
    NO_TIER,
    RULE_A,
    Gate,
    err_often,
)
from labelnoise.list_page.evidence import Evidence
from labelnoise.recheck.verdict import APART, KEPT, NEAR, RATIO, STATED

THE_CAUTIOUS = "the cautious model, which does not take all doubt for errors,"
WORLDS = "in worlds, where the model draws the labels itself and the truth is known,"


class Figure(NamedTuple):
    """One figure of the gate."""

    what: str
    value: str
    asked: str


def percent(share: float) -> str:
    return f"{100 * share:.1f}%"


def points(share: float) -> str:
    """A difference of shares."""
    return f"{100 * share:z.1f} points".replace("-", "−")


def counted(count: float, what: str) -> str:
    """`count` of what has a plural in s."""
    return f"{count:,.0f} {what}{'' if round(count) == 1 else 's'}"


def capital(text: str) -> str:
    return text[0].upper() + text[1:]


def no_list(by: Evidence) -> str:
    """Why there is no list: shuffled labels look just like those of which features know nothing."""
    return (
        f"There is no list: {by.judge} predict the labels no better than shuffled ones. Either they do not see "
        f"your classes, or the labels do not belong to these {by.noun}s, as after a mix-up of rows or files. "
        "Look at some labels to tell which."
    )


def which_of_the_two(by: Evidence, dataset: str, parameters: str, run: str) -> str:
    """How to find out why there is no list, and what to do then. parameters: the file with the section."""
    keys = f"`datasets.{dataset}"
    remedy = (
        f"put other features or probabilities into the file of {keys}.data.arrays`"
        if by.own
        else f"give an encoder that knows such images ({keys}.features` in {parameters})"
    )
    return (
        f"If most labels that you see are right, {remedy}, or add {by.noun}s. If most are wrong, see where labels "
        f"and {by.noun}s were put together. Then run `{run}` again."
    )


def order_alone(gate: Gate, by: Evidence) -> str:
    """Why there is no more than the order, and what may help."""
    if gate.against_low > 0:
        mended = "probabilities from evenly drawn folds, or " if "probabilities" in by.judge else ""
        return (
            "the labels contradict the cautious model of the errors, which does not take all doubt for errors. "
            f"{capital(f'{mended}{by.others}')} may help."
        )
    if math.isnan(gate.d):
        return (
            "your probabilities cannot be made again from other labels, so that nothing can check what they say. "
            "Features alone, without them, may tell more."
        )
    return (
        f"that share changes by {points(gate.d)} with half of the {by.noun}s. Either {by.judge} tell the classes "
        f"apart too poorly, or very many labels are wrong. More {by.noun}s or {by.others} may help."
    )


def withheld(gate: Gate, limits: Any, by: Evidence) -> str:
    """Why no label is called obvious: the gate has no rule for it."""
    if gate.verdict == CAUTIOUS:
        return f"No label is called obvious: for that, half of the {by.noun}s change the share of errors too much."
    if err_often(gate):
        return (
            f"No label is called obvious: {by.judge} contradict {percent(gate.contradicted)} of the labels, and "
            f"by {THE_CAUTIOUS} {percent(gate.rate_low)} are wrong, {gate.rate_low / gate.contradicted:.0%} of "
            "that. Two thirds are asked for: below, predictors err too often themselves."
        )
    if gate.worlds_flagged >= FEWEST_FLAGGED and gate.worlds_right >= limits.purity:
        return f"No label is called obvious: fewer than {FEWEST_OBVIOUS} would be."
    why = (
        f"{WORLDS} {gate.worlds_right:.2%} of "
        f"{counted(gate.worlds_flagged, 'such label')} were wrong ({limits.purity:.2%} of at least "
        f"{FEWEST_FLAGGED} are asked for)"
        if gate.worlds_flagged > 0
        else f"{WORLDS} it calls none so"
    )
    return f"No label is called obvious: {why}.{_no_cut(gate)}"


def limit_alone(gate: Gate, by: Evidence) -> str:
    """Why no more than a limit is told of the share of errors."""
    if gate.verdict == CAUTIOUS:
        return f"With half of the {by.noun}s the cautious model's share rises by {points(gate.d)}."
    return f"{capital(by.judge)} contradict {percent(gate.contradicted)} of the labels, and err often themselves."


def _no_cut(gate: Gate) -> str:
    """Why no cut is looked for either, where the worlds did not confirm all that the model calls obvious."""
    if not gate.smallest_kept < MAJORITY:
        return ""
    return (
        f" Nor is any from a higher P(wrong) on (a cut): a true class seems to keep only {gate.smallest_kept:.2%} "
        f"of its labels, and below {MAJORITY:.0%} the model may take doubt for errors."
    )


def checked(gate: Gate, obvious: int, limits: Any, by: Evidence) -> list[str]:
    """What the three tests said. obvious: how many labels are called so."""
    lines = [
        f"{capital(by.judge)} predict the labels better than shuffled ones, by {gate.z:.1f} standard deviations "
        f"(z), where {limits.signal:g} are asked for.",
        _halves(gate, limits, by),
    ]
    if gate.rule == RULE_A and obvious:
        lines.append(
            f"{capital(WORLDS)} {percent(gate.worlds_right)} of "
            f"{counted(gate.worlds_flagged, 'obvious error')} were errors."
        )
    if gate.rule == CUT and obvious:
        lines.append(
            f"Only labels with P(wrong) of {gate.cut:.2%} or more by the cautious model are called obvious (the "
            f"cut; the list shows that of both models): {WORLDS} at least {limits.purity:.1%} of the labels from "
            "there on were errors."
        )
    return lines


def _halves(gate: Gate, limits: Any, by: Evidence) -> str:
    """What the halving test lets be told."""
    if math.isnan(gate.d):
        return "Share, P(wrong) and tiers are withheld."
    change = f"With half of the {by.noun}s the share of errors by {THE_CAUTIOUS} changes by {points(gate.d)}"
    if gate.d <= limits.rate and err_often(gate):
        return f"{change}. That is little enough to tell more than a limit, but {by.judge} err often."
    if gate.d <= limits.rate:
        return f"{change}: up to {points(limits.rate)} a share may be told."
    if gate.d <= limits.order:
        return f"{change}: above {points(limits.rate)} only a limit is told, and none is obvious."
    return f"{change}: above {points(limits.order)} share, P(wrong) and tiers are withheld."


def figures(gate: Gate, limits: Any, by: Evidence) -> list[Figure]:
    """Every figure of the gate; shares of errors only where they may be told."""
    told = gate.verdict in STATED
    rules = {RULE_A: "all that the model calls so", CUT: "those above a cut", NO_TIER: "none"}
    rows = [
        ("Signal: how far labels are from shuffled ones (z)", _shown(gate.z, "{:.1f}".format),
         f"below {limits.signal:g} nothing is told"),
        (f"Halving: share of errors, cautious model, with half of the {by.noun}s less that with all",
         _shown(gate.d, points),
         f"above {points(limits.rate)} only a limit of the share, above {points(limits.order)} only the order"),
        ("How many nats likelier the labels are by another model than its freedom explains",
         _shown(gate.against_low, "{:.0f}".format), "above 0 only the order"),
        ("Share of errors, cautious model", _shown(gate.rate_low, percent, told),
         "orders the list, makes the tiers"),
        ("Share of errors, all doubt taken for errors", _shown(gate.rate_high, percent, told),
         f"the share is one number where the two are at most {points(APART)} apart, and one at most {RATIO:g} "
         f"times the other or {points(NEAR)} away"),
        ("Share of a true class that keeps its label, in the class that keeps fewest",
         _shown(gate.smallest_kept, percent, told),
         f"the share is one number from {KEPT:.0%} on; below {MAJORITY:.0%} no label above a cut is obvious"),
        ("Labels that the predictors together contradict", _shown(gate.contradicted, percent, told),
         "with less than two thirds of them wrong by the cautious model only a limit of the share is told, and "
         "none is obvious"),
        ("Labels called obvious in worlds (labels drawn by the model)",
         _shown(gate.worlds_flagged, "{:,.0f}".format), f"from {FEWEST_FLAGGED} on all obvious ones may stay"),
        ("Share of them that is wrong there", _shown(gate.worlds_right, percent),
         f"from {limits.purity:.1%} on all obvious ones may stay"),
        ("Obvious errors", rules.get(gate.rule, "–"), f"fewer than {FEWEST_OBVIOUS} are none"),
        ("The cut: least P(wrong) of an obvious error, where not all are", _shown(gate.cut, "{:.2%}".format),
         f"never below {limits.least:.0%}"),
    ]  # fmt: skip
    return [Figure(*row) for row in rows]


def _shown(value: float, show: Callable[[float], str], told: bool = True) -> str:
    return "–" if math.isnan(value) else show(value) if told else "withheld"
