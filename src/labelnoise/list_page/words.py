"""What the page says, in sentences: every number is of `facts`, of the audit or of the gate."""

from typing import Any, NamedTuple

import pandas as pd

from labelnoise.audit import stop
from labelnoise.audit.stop import Stop
from labelnoise.detect.types import ALL, CAUTIOUS, NOTHING, ORDER, err_often
from labelnoise.list_page import audit_words, gate_words
from labelnoise.list_page.audited import Audited
from labelnoise.list_page.evidence import Evidence
from labelnoise.list_page.facts import Answered, Summary, Truth
from labelnoise.list_page.gate_words import capital, counted, percent
from labelnoise.recheck.verdict import LIMIT, STATED, UNCHECKED, rate

DONE = "`labels_corrected.csv` has every label with the answers in place."
RANGE = "no confidence interval, and the truth often lies outside it"  # of what lies between two models
FIRST = ("identical", "class_names", "confused", "grey_range")  # faults of the input to be mended before all else


class Card(NamedTuple):
    """A question, its answer in few words, and what stands below."""

    question: str
    answer: str
    lines: list[str]


def sentence(
    now: Summary,
    by: Evidence,
    audit: Audited | None = None,
    level: float = 0.95,
    before: Summary | None = None,
    found: Answered | None = None,
) -> str:
    """The verdict in short; level: of the audit's limits; before, found: as numbers of the page."""
    gate = now.gate
    after = f"after {counted(found.count, 'answer')}" if found else ""
    if audit and audit.look and gate.verdict != UNCHECKED:
        was = believed(before, audit)
        more = f"; before any answer two models believed {was[0]}" if was else ""
        said, drawn = f"{audit_words.how_many(audit)} were wrong as given, by answers alone", audit.whole.answered
        next_ = ", ".join(filter(None, [after, audit_words.advice(audit.stop)]))
        return f"{said} ({level:.0%} limits, {drawn:,} labels drawn at random{more}). {capital(next_)}."
    if gate.verdict == UNCHECKED:
        return "This seed was not checked, so that it has no list: `detection.checked` says which seeds are."
    if gate.verdict == NOTHING:
        return gate_words.no_list(by)
    if gate.verdict == ORDER:
        why = gate_words.order_alone(gate, by)
        return f"Only the order of the list can be told, not how many labels are wrong: {why}"
    errors = f"{capital(_how_many(now))} are wrong, by two models of the errors"
    if found:  # whose labels are right now, so that the errors found are not among these
        errors = f"{capital(after)}, {_how_many(now)} are still wrong, by two models of the errors"
    rows, expected = _to_recheck(now, audit)
    if not rows:
        return f"{errors}, and no single one stands out."
    if rate(gate).kind == LIMIT:
        return f"{errors}: recheck the first {rows:,} of the list. How many of these are, the models cannot say."
    return f"{errors}: recheck the first {rows:,} of the list, about {expected:,.0f} of which are expected to be."


def _to_recheck(now: Summary, audit: Audited | None) -> tuple[int, float]:
    """Rows of the list, and wrong labels expected there: one number all over the page. Those worth a look once the
    audit advises; before it, those down to the last obvious or possible error."""
    if audit is None or audit.stop.advice == stop.AUDIT_FIRST:
        return now.first, now.expected
    return audit.stop.next_labels, audit.stop.next_errors


def first(input_faults: pd.DataFrame) -> list[str]:
    """What to mend before anything is rechecked: with such faults the verdict means little."""
    found = input_faults[input_faults["kind"].isin(FIRST)]
    return [f"First: {what}." for what in found["what"]]


def _number(now: Summary) -> str:
    """As in: about 270."""
    told = rate(now.gate)
    if told.kind == "about":
        return f"about {now.wrong:,.0f}"
    low, high = told.low * now.labels, told.high * now.labels
    return f"between {low:,.0f} and {high:,.0f}" if told.kind == "between" else f"at most {high:,.0f}"


def _how_many(now: Summary) -> str:
    """As in: about 270 of 1,797 labels."""
    return f"{_number(now)} of {counted(now.labels, 'label')}"


def believed(before: Summary | None, audit: Audited) -> tuple[str, float] | None:
    """How many wrong labels the page told before any answer, in words, and how wide that was; None: it did not, or
    of other labels than those of the audit."""
    told = rate(before.gate) if before else None
    if not told or not told.kind or audit.gone or audit.outside:
        return None
    low = 0.0 if told.kind == LIMIT else told.low
    return _number(before), (told.high - low) * before.labels


def cards(numbers: Any, then: list[str], limits: Any, level: float, by: Evidence) -> list[Card]:
    """The four questions of someone who has to recheck; of what has no list those that the audit answers.

    numbers: the page's numbers; then: the next step; limits: `detect.gate` of params.yaml; level: of the audit's
    limits.
    """
    now, audit = numbers.now, numbers.audit
    by_audit = audit_words.errors(audit, level, believed(numbers.before, audit))
    following = Card("What next?", audit_words.answer(audit.stop), then)
    if now.gate.verdict == UNCHECKED:
        return []
    if now.gate.verdict == NOTHING:
        return [Card("How many errors?", audit_words.how_many(audit), by_audit)] * bool(by_audit) + [following]
    answer = _how_many(now) if rate(now.gate).kind else "not said"
    answer = f"{answer} still" if numbers.answered and rate(now.gate).kind else answer
    errors = Card(
        "How many errors?",
        audit_words.how_many(audit) if by_audit else answer,
        by_audit + _errors(now, numbers.answered, bool(by_audit), by),
    )
    if not by_audit and (was := believed(numbers.before, audit)):
        errors.lines.append(f"Before any answer: {was[0]}.")
    sums = audit.set_right or rate(now.gate).kind != LIMIT
    return [errors, _first(now, audit, numbers.before, sums, limits, by), _trust(numbers, limits, by), following]


def _errors(now: Summary, found: Answered | None, audited: bool, by: Evidence) -> list[str]:
    """audited: the model's own word stands beside the audit's, of the labels as they are now. P(wrong), of which
    one number is the sum, is set right by the audit; the two shares are as the models say them."""
    told = rate(now.gate)
    model = f"By the models, {_how_many(now)} are still wrong. " if audited and told.kind else ""
    if audited and told.kind == "about":
        model = f"The models, set right by these answers, say that {_how_many(now)} are still wrong. "
    two = "By themselves the two models" if audited else "Two models of the errors"
    why = gate_words.order_alone(now.gate, by)
    lines = {
        "about": f"That is {percent(now.wrong / now.labels)}. {two} say {percent(told.low)} "
        f"and {percent(told.high)}: that is {RANGE}.",
        "between": f"That is {percent(told.low)} to {percent(told.high)}, the range between two models of the "
        f"errors, and the labels do not tell which is right. It is {RANGE}.",
        LIMIT: f"That is {percent(told.high)}. {gate_words.limit_alone(now.gate, by)} So only a limit is told, "
        "and the truth may lie outside.",
        "": f"The models cannot tell: {why}" if audited else "The models cannot tell, as the sentence above says.",
    }
    said = [model + lines[told.kind]]
    said += [] if audited else ["Answers to labels drawn at random give limits that hold (What next?)."]
    if found:
        said.append(f"Found so far: {found.wrong:,} of {counted(found.count, 'rechecked label')} were wrong.")
    return said


def _first(now: Summary, audit: Audited, before: Summary | None, sums: bool, limits: Any, by: Evidence) -> Card:
    """sums: whether those of P(wrong) may be told."""
    question = "What to recheck first?"
    if now.gate.verdict == ORDER:
        lines = ["There is neither P(wrong) nor a tier.", "Begin at the top, and stop where errors get rare."]
        return Card(question, "the top of the list", lines)
    rows, expected = _to_recheck(now, audit)
    lines = []
    if rows and sums:
        lines.append(f"About {expected:,.0f} of them are expected to be wrong.")
    elif rows:
        lines.append("How many of them are wrong the models cannot say.")
    advised = audit.stop.advice != stop.AUDIT_FIRST
    lines += _worth_a_look(now, audit.stop) if advised else [f"{_suspects(now)}."]
    if now.sure:
        lines.append(f"{now.sure:,} of the obvious are sure: every single predictor contradicts the label.")
    lines += [gate_words.withheld(now.gate, limits, by)] if not now.obvious else []
    if before and before.gate.verdict in STATED:
        lines.append(f"Before: {before.obvious:,} obvious, {before.possible:,} possible.")
    if advised:
        return Card(question, f"the next {rows:,}" if rows else "looking on brings too little", lines)
    return Card(question, f"the first {rows:,}" if rows else "no label stands out", lines)


def _suspects(now: Summary) -> str:
    """As in: 148 obvious errors, 263 possible."""
    return f"{counted(now.obvious, 'obvious error')}, {now.possible:,} possible"


def _worth_a_look(now: Summary, of: Stop) -> list[str]:
    """Where the list ends by what looking costs, and that obvious and possible errors may end elsewhere."""
    less = f"bring less than one error in {of.worth:g} looks (`recheck.cost.worth`)"
    ends = f"They end where looking on would {less}" if of.next_labels else f"Looking would {less}"
    where = ""
    if now.first > of.next_labels:
        which = "Those further down" if of.next_labels else "They"
        where = f" {which} stand among too many labels that look right."
    elif now.first:
        where = f" All of these are among the first {now.first:,}."
    return [f"{ends}.", f"{_suspects(now)}.{where}"]


def _trust(numbers: Any, limits: Any, by: Evidence) -> Card:
    gate = numbers.now.gate
    answers = {
        ALL: "yes, with care" if err_often(gate) else "yes, as far as it was checked",
        CAUTIOUS: "yes, with care", ORDER: "no, its order alone",
    }  # fmt: skip
    lines = gate_words.checked(gate, numbers.now.obvious, limits, by) + audit_words.obvious(numbers.audit)
    lines.append(f"Errors on {by.noun}s that are hard to tell stay hidden from any list.")
    truth = [_in_truth(numbers.truth)] if numbers.truth else []
    return Card("Can I trust the list?", answers[gate.verdict], lines + truth)


def _in_truth(truth: Truth) -> str:
    said = f"In truth {truth.wrong:,} of {counted(truth.known, 'label')} on the list are wrong"
    more = [f"{truth.obvious_wrong:,} of {truth.obvious:,} obvious ones"] if truth.obvious else []
    more += [f"{truth.first_wrong:,} of the first {truth.first:,}"] if truth.first else []
    return f"{said} ({percent(truth.wrong / truth.known)}){'; ' if more else ''}{', '.join(more)}."


def parameters(own: bool) -> tuple[str, str]:
    """The file to edit, and what to run again."""
    return ("presets/own.yaml", "make own") if own else ("params.yaml", "make")


def next_step(dataset: str, own: bool, again: bool, by: Evidence) -> str:
    """What to edit and to run once labels were looked at; again: some were before."""
    file, run = parameters(own)
    if again:
        return f"Add what you see to your file of answers, which holds all rounds, and run `{run}` again."
    return (
        "Answer in `review.html`, and export rechecked.csv. Or copy `to_audit.csv` to a file of that name, and "
        "write the right class into its column `label`, also where it is the given one: `?` where you cannot "
        f"tell, `-` to leave an {by.noun} out. Set "
        f"`recheck: {{answers: {{{dataset}: rechecked.csv}}}}` in {file}, and run `{run}` again, as often "
        "as you like."
    )


def without_pictures(by: Evidence) -> str:
    """Where to look instead."""
    found = "its file" if by.row == "file" else "its number there, counted from 0"
    return (
        f"There are no pictures here: look each {by.noun} up in your own data, by {found}. It stands in the "
        f"column `{by.row}` of `to_audit.csv` and `to_recheck.csv`."
    )
