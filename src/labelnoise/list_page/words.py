"""What the page says, in sentences: every number is of `facts`, of the gate, or a limit that the gate has."""

import math
from typing import Any, NamedTuple

import pandas as pd

from labelnoise.detect.types import (
    ALL,
    CAUTIOUS,
    CUT,
    FEWEST_FLAGGED,
    FEWEST_OBVIOUS,
    NO_TIER,
    NOTHING,
    ORDER,
    RULE_A,
    Gate,
)
from labelnoise.list_page import audit_words
from labelnoise.list_page.audited import Audited
from labelnoise.list_page.facts import Answered, Summary, Truth
from labelnoise.recheck.verdict import APART, KEPT, NEAR, RATIO, STATED, UNCHECKED, rate

DONE = "`labels_corrected.csv` has every label with the answers in place."
BLIND = "These features do not see your classes: give an encoder (`features:`), or more images."


FIRST = ("identical", "class_names", "confused", "grey_range")  # faults of the input to be mended before all else


class Card(NamedTuple):
    """A question, its answer in few words, and what stands below."""

    question: str
    answer: str
    lines: list[str]


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


def sentence(now: Summary, audit: Audited | None = None, level: float = 0.95) -> str:
    """The verdict in one sentence; level: of the audit's limits."""
    if audit and audit.look and now.gate.verdict != UNCHECKED:
        said = f"{audit_words.how_many(audit)} were wrong as given, by an audit of {audit.look:,} answers"
        return f"{said} ({level:.0%}): {audit_words.advice(audit.stop)}."
    if now.gate.verdict == UNCHECKED:
        return "This seed was not checked, so that it has no list: `detection.checked` says which seeds are."
    if now.gate.verdict == NOTHING:
        return BLIND
    if now.gate.verdict == ORDER:
        return f"Only the order of the list can be told, not how many labels are wrong: {order_alone(now.gate)}"
    errors = _how_many(now)
    if not now.first:
        return f"{errors[0].upper()}{errors[1:]} are wrong, and no single one stands out."
    return (
        f"{errors[0].upper()}{errors[1:]} are wrong: recheck the first {now.first:,} of the list, about "
        f"{now.expected:,.0f} of which are expected to be."
    )


def first(input_faults: pd.DataFrame) -> list[str]:
    """What to mend before anything is rechecked: with such faults the verdict means little."""
    found = input_faults[input_faults["kind"].isin(FIRST)]
    return [f"First: {what}." for what in found["what"]]


def order_alone(gate: Gate) -> str:
    """Why there is no more than the order, and what may help."""
    if gate.against_low > 0:
        return (
            "the labels contradict the cautious model of the errors. Features of the images (`features:`), or "
            "probabilities from evenly drawn folds, may help."
        )
    if math.isnan(gate.d):
        return (
            "your probabilities cannot be made again from other labels, so that nothing can check what they say. "
            "Features alone, without them, may tell more."
        )
    return (
        f"that share changes by {points(gate.d)} with half of the images. More images or other features "
        "(`features:`) may help."
    )


def _how_many(now: Summary) -> str:
    """As in: about 270 of 1,797 labels."""
    told, of = rate(now.gate), counted(now.labels, "label")
    if told.kind == "about":
        return f"about {now.wrong:,.0f} of {of}"
    low, high = told.low * now.labels, told.high * now.labels
    return (
        f"between {low:,.0f} and {high:,.0f} of {of}" if told.kind == "between" else f"at most {high:,.0f} of {of}"
    )


def cards(numbers: Any, then: list[str], limits: Any, level: float) -> list[Card]:
    """The four questions of someone who has to recheck; of what has no list those that the audit answers.

    numbers: the page's numbers; then: the next step; limits: `detect.gate` of params.yaml; level: of the audit's
    limits.
    """
    now, audit = numbers.now, numbers.audit
    by_audit = audit_words.errors(audit, level)
    following = Card("What next?", audit_words.answer(audit.stop), then)
    if now.gate.verdict == UNCHECKED:
        return []
    if now.gate.verdict == NOTHING:
        return [Card("How many errors?", audit_words.how_many(audit), by_audit)] * bool(by_audit) + [following]
    answer = _how_many(now) if rate(now.gate).kind else "not said"
    errors = Card(
        "How many errors?",
        audit_words.how_many(audit) if by_audit else answer,
        by_audit + _errors(now, numbers.before, numbers.answered, bool(by_audit)),
    )
    return [errors, _first(now, numbers.before, limits), _trust(now, audit, numbers.truth, limits), following]


def _errors(now: Summary, before: Summary | None, found: Answered | None, audited: bool) -> list[str]:
    """audited: the model's own word stands beside the audit's, of the labels as they are now."""
    told = rate(now.gate)
    model = f"The model says: {_how_many(now)} now. " if audited and told.kind else ""
    lines = {
        "about": f"That is {percent(now.wrong / now.labels)}. Two models of the errors say {percent(told.low)} "
        f"and {percent(told.high)}.",
        "between": f"That is {percent(told.low)} to {percent(told.high)}. Two models of the errors differ, and "
        "the labels do not tell which is right.",
        "at most": f"That is {percent(told.high)}. With half of the images the cautious model's share rises by "
        f"{points(now.gate.d)}, so that only a limit is told.",
        "": f"{'The model cannot tell' if audited else 'It cannot be told'}: {order_alone(now.gate)}",
    }
    said = [model + lines[told.kind]]
    if found:
        said.append(f"Found so far: {found.wrong:,} of {counted(found.count, 'rechecked label')} were wrong.")
    if before and rate(before.gate).kind:
        said.append(f"Before: {_how_many(before)}.")
    return said


def _first(now: Summary, before: Summary | None, limits: Any) -> Card:
    question = "What to recheck first?"
    if now.gate.verdict == ORDER:
        lines = ["There is neither P(wrong) nor a tier.", "Begin at the top, and stop where errors get rare."]
        return Card(question, "the top of the list", lines)
    lines = [f"About {now.expected:,.0f} of them are expected to be wrong."] if now.first else []
    lines.append(f"{counted(now.obvious, 'obvious error')}, {now.possible:,} possible.")
    if now.sure:
        lines.append(f"{now.sure:,} of the obvious are sure: every single predictor contradicts the label.")
    lines += [withheld(now.gate, limits)] if not now.obvious else []
    if before and before.gate.verdict in STATED:
        lines.append(f"Before: {before.obvious:,} obvious, {before.possible:,} possible.")
    return Card(question, f"the first {now.first:,}" if now.first else "no label stands out", lines)


def withheld(gate: Gate, limits: Any) -> str:
    """Why no label is called obvious: the gate has no rule for it."""
    if gate.verdict == CAUTIOUS:
        return "No label is called obvious: for that, half of the images change the share of errors too much."
    if not gate.worlds_flagged > 0:
        return "No label is called obvious: in worlds that the model draws it calls none so."
    if gate.worlds_flagged >= FEWEST_FLAGGED and gate.worlds_right >= limits.purity:
        return f"No label is called obvious: fewer than {FEWEST_OBVIOUS} would be."
    return (
        "No label is called obvious: in worlds that the model draws, where the truth is known, "
        f"{percent(gate.worlds_right)} of {counted(gate.worlds_flagged, 'such label')} were wrong "
        f"({limits.purity:.0%} of {FEWEST_FLAGGED} are asked for)."
    )


def _trust(now: Summary, audit: Audited, truth: Truth | None, limits: Any) -> Card:
    gate = now.gate
    answers = {ALL: "it was checked", CAUTIOUS: "with care", ORDER: "its order alone"}
    lines = [f"The features see the classes: z = {gate.z:.1f}, where {limits.signal:g} is asked for."]
    lines.append(_halves(gate, limits))
    if gate.rule == RULE_A and now.obvious:
        lines.append(
            f"In worlds that the model draws, where the truth is known, {percent(gate.worlds_right)} of "
            f"{counted(gate.worlds_flagged, 'obvious error')} were errors."
        )
    if gate.rule == CUT and now.obvious:
        lines.append(
            f"Only labels with P(wrong) of {gate.cut:.2%} or more by the cautious model are called obvious: from "
            f"there on, at least {limits.purity:.0%} of the labels were errors in worlds that the model draws."
        )
    lines += audit_words.obvious(audit)
    if rate(gate).kind in ("about", "between"):
        lines.append("The range lies between two models of the errors: it is no confidence interval.")
    lines.append("Errors on images that are hard to tell stay hidden from any list.")
    return Card("Can I trust the list?", answers[gate.verdict], lines + ([_in_truth(truth)] if truth else []))


def _halves(gate: Gate, limits: Any) -> str:
    """What the halving test lets be told."""
    if math.isnan(gate.d):
        return f"Share, P(wrong) and tiers are withheld: {order_alone(gate)}"
    change = f"With half of the images the cautious model's share of errors changes by {points(gate.d)}"
    if gate.d <= limits.rate:
        return f"{change}: up to {points(limits.rate)} a share may be told."
    if gate.d <= limits.order:
        return f"{change}: above {points(limits.rate)} only a limit is told, and none is obvious."
    return f"{change}: above {points(limits.order)} share, P(wrong) and tiers are withheld."


def _in_truth(truth: Truth) -> str:
    said = f"In truth {truth.wrong:,} of {counted(truth.known, 'label')} on the list are wrong"
    more = [f"{truth.obvious_wrong:,} of {truth.obvious:,} obvious ones"] if truth.obvious else []
    more += [f"{truth.first_wrong:,} of the first {truth.first:,}"] if truth.first else []
    return f"{said} ({percent(truth.wrong / truth.known)}){'; ' if more else ''}{', '.join(more)}."


def for_the_blind(dataset: str, own: bool) -> str:
    """What to do where the features do not see the classes."""
    parameters = "presets/own.yaml" if own else "params.yaml"
    return (
        f"`datasets.{dataset}.features` in {parameters} names the encoders: give one that knows such images, and "
        f"run `{'make own' if own else 'make'}` again."
    )


def next_step(dataset: str, own: bool, again: bool) -> str:
    """What to edit and to run once labels were looked at; again: some were before."""
    run, parameters = ("make own", "presets/own.yaml") if own else ("make", "params.yaml")
    if again:
        return f"Add what you see to your file of answers, which holds all rounds, and run `{run}` again."
    return (
        "Answer in `review.html`, and export rechecked.csv. Or copy `to_audit.csv` to a file of that name, and "
        "write the right class into its column `label`, also where it is the given one: `?` where you cannot "
        "tell, `-` to leave an image out. Set "
        f"`recheck: {{answers: {{{dataset}: rechecked.csv}}}}` in {parameters}, and run `{run}` again, as often "
        "as you like."
    )


def figures(gate: Gate, limits: Any) -> list[Figure]:
    """Every figure of the gate; shares of errors only where they may be told."""
    told = gate.verdict in STATED
    rules = {RULE_A: "all that the model calls so", CUT: "those above a cut", NO_TIER: "none"}
    rows = [
        ("Signal: how far labels are from shuffled ones (z)", _shown(gate.z, "{:.1f}".format),
         f"below {limits.signal:g} nothing is told"),
        ("Halving: share of errors, cautious model, with half of the images less that with all",
         _shown(gate.d, points),
         f"above {points(limits.rate)} only a limit of the share, above {points(limits.order)} only the order"),
        ("How far the labels contradict the cautious model (nats)", _shown(gate.against_low, "{:.0f}".format),
         "above 0 only the order"),
        ("Share of errors, cautious model", _shown(gate.rate_low, percent, told),
         "orders the list, makes the tiers"),
        ("Share of errors, all doubt taken for errors", _shown(gate.rate_high, percent, told),
         f"the share is one number where the two are at most {points(APART)} apart, and one at most {RATIO:g} "
         f"times the other or {points(NEAR)} away"),
        ("Share of a true class that keeps its label, in the class that keeps fewest",
         _shown(gate.smallest_kept, percent, told),
         f"the share is one number from {KEPT:.0%} on"),
        ("Worlds that the model draws: labels called obvious", _shown(gate.worlds_flagged, "{:,.0f}".format),
         f"from {FEWEST_FLAGGED} on all obvious ones may stay"),
        ("Share of them that is wrong there", _shown(gate.worlds_right, percent),
         f"from {limits.purity:.0%} on all obvious ones may stay"),
        ("Obvious errors", rules.get(gate.rule, "–"), f"fewer than {FEWEST_OBVIOUS} are none"),
        ("Least P(wrong) of an obvious error, with a cut", _shown(gate.cut, "{:.2%}".format),
         f"never below {limits.least:.0%}"),
    ]  # fmt: skip
    return [Figure(*row) for row in rows]


def _shown(value: float, show: Any, told: bool = True) -> str:
    return "–" if math.isnan(value) else show(value) if told else "withheld"
