"""What the page says of the audit, in sentences: every number is of `audited`."""

from typing import Any

import pandas as pd

from labelnoise.audit import slips, stop
from labelnoise.audit.predicted import FEWEST
from labelnoise.audit.stop import Stop
from labelnoise.list_page.audited import Audited
from labelnoise.list_page.evidence import Evidence
from labelnoise.list_page.gate_words import counted, percent


def span(low: float, high: float) -> str:
    return f"{low:,.0f} to {high:,.0f}" if round(low) < round(high) else f"{high:,.0f}"


def how_many(found: Audited) -> str:
    """As in: 190 to 262 of 1,797 labels."""
    return f"{span(found.whole.low, found.whole.high)} of {found.whole.labels:,} labels{_then(found)}"


def _then(found: Audited) -> str:
    """Where labels of the draw are not those of now."""
    return " of the draw" if found.gone or found.outside else ""


def errors(found: Audited, level: float, believed: tuple[str, float] | None) -> list[str]:
    """What the audit says of the share of errors; level: of its limits; believed: of words, before any answer."""
    if not found.look:
        return []
    whole = found.whole
    lines = [
        f"By the audit {how_many(found)} were wrong as given ({level:.0%} limits, from answers alone, "
        f"{whole.answered:,} of them to labels drawn at random).",
        *_than_before(found, believed),
        _weighted(found),
    ]
    if whole.unsure:
        lines.append(
            f"{whole.unsure:,} of those drawn cannot be told, or are left out or gone: they count once as right "
            "and once as wrong."
        )
    if found.gone:
        lines.append(
            f"{counted(found.gone, 'label')} of the draw {'is' if found.gone == 1 else 'are'} not there any more: "
            f"these limits count {'it' if found.gone == 1 else 'them'}, too, and what is left does not."
        )
    if found.outside:
        lines.append(
            f"{found.outside:,} labels came after the draw, and the audit says nothing of them: a higher "
            "`recheck.audit.round` draws anew."
        )
    return [*lines, _people(found)]


def _than_before(found: Audited, believed: tuple[str, float] | None) -> list[str]:
    """Why this is another number than the one that stood here."""
    if not believed:
        return []
    words, width = believed
    wider = found.whole.high - found.whole.low > width
    why = ", so they are wider; more answers narrow them" if wider else ""
    return [f"Before any answer two models believed {words}. These limits hold whatever models believe{why}."]


def _weighted(found: Audited) -> str:
    """What was drawn, and what it stands for: answers of a draw by strata have no share that means anything."""
    whole = found.whole
    known = f", and {whole.known_wrong:,} of {whole.known:,} looked at before the draw" if whole.known else ""
    said = f"Of {whole.answered:,} labels drawn {whole.wrong:,} were wrong{known}."
    all_ = f"all labels{_then(found)}"
    stands = f"about {whole.estimate:,.0f} of {all_} ({percent(whole.estimate / whole.labels)}) were wrong"
    if found.drawn_more:
        warned = f"Those that {found.drawn_more} are drawn more often, so do not divide these numbers"
        said += f" {warned}" + (f": weighted for that, {stands}." if whole.estimate == whole.estimate else ".")
    elif whole.estimate == whole.estimate:
        said += f" By these, {stands}."
    return said


def _people(found: Audited) -> str:
    pairs, differ = found.twice
    if found.whole.known:
        return "These are the errors that whoever answered would see."
    if found.truth is None:
        return (
            "These are the errors that whoever answered would see. How far people err is not known: have "
            f"{slips.FEWEST} labels of the audit looked at a second time, without telling the first answer."
        )
    return (
        f"People err: of {pairs:,} labels looked at twice {differ:,} got two different answers. If they err on "
        f"right labels as often as on wrong ones, {span(*found.truth)} labels are wrong in truth."
    )


def obvious(found: Audited) -> list[str]:
    """What the audit says of the obvious errors."""
    part = found.obvious
    if not found.look or not part.answered:
        return []
    uneven = " Not all were drawn alike, so do not divide these numbers." if found.drawn_more else ""
    return [
        f"Audit: of {part.answered:,} obvious errors drawn {part.wrong:,} were errors; by that, at least "
        f"{part.low:,} of all {part.labels:,} are.{uneven}"
    ]


def advice(of: Stop) -> str:
    """In a clause, for the sentence at the top."""
    words = {
        stop.RECHECK: f"recheck the next {of.next_labels:,} of the list, which are worth a look",
        stop.STOP: f"stop here, as at most {of.high:,.0f} of {of.open:,} are still wrong",
        stop.UNSURE: f"{'by P(wrong) looking on brings too little, and ' * of.stated}at most {of.high:,.0f} of "
        f"{of.open:,} are still wrong",
        stop.MORE_HIDDEN: f"the list misses errors, as at least {percent(of.hidden_low)} of what it holds for "
        "right is wrong",
        stop.GO_ON: f"look at more labels, as at least {percent(of.hidden_low)} of those that nobody looked at "
        "are wrong",
    }
    return words[of.advice]


def answer(of: Stop) -> str:
    """In few words."""
    words = {
        stop.AUDIT_FIRST: "fill in to_audit.csv",
        stop.RECHECK: f"recheck the next {of.next_labels:,}",
        stop.STOP: "stop here",
        stop.UNSURE: "stop, or audit on",
        stop.MORE_HIDDEN: "the list misses errors",
        stop.GO_ON: "look at more",
    }
    return words[of.advice]


def reasons(found: Audited, cost: Any, by: Evidence) -> list[str]:
    """Why, and what it costs. cost: `recheck.cost` of params.yaml."""
    of = found.stop
    lines = {
        stop.AUDIT_FIRST: _begin(found, cost),
        stop.RECHECK: _next(found, cost),
        stop.STOP: f"Looking on brings too little: less than one label left in {cost.worth:g} is wrong.",
        stop.UNSURE: _unsure(found, cost),
        stop.MORE_HIDDEN: f"At least {percent(of.hidden_low)} of the labels that the list holds for right are "
        f"wrong: more than one in {cost.worth:g}. Look at all of them, or give {by.others}.",
        stop.GO_ON: f"At least {percent(of.hidden_low)} of the labels that nobody looked at are wrong: more than "
        f"one in {cost.worth:g}. Go on from the top of the list, where there is one, or give {by.others}.",
    }
    said = [lines[of.advice]]
    if found.look:
        said.append(
            f"Left: {span(of.low, of.high)} wrong ones among {of.open:,} labels that nobody looked at (audit)."
        )
    if of.advice == stop.RECHECK and of.hidden_low > 1 / cost.worth:
        said.append(
            f"The list misses errors: at least {percent(of.hidden_low)} of the labels that it held for right "
            f"{_right(cost)} are wrong, too."
        )
    return said + _more(found, cost)


def _unsure(found: Audited, cost: Any) -> str:
    """Why the audit does not say to stop."""
    of, few = found.stop, f"less than one label left in {cost.worth:g} is wrong"
    if of.hidden_high <= 1 / cost.worth:
        return f"By the audit {few}, but it says nothing of the {found.outside:,} labels that came after its draw."
    most = f"up to {percent(of.hidden_high)} of them may be"
    if of.stated:
        return f"By P(wrong) {few}, but the audit is too small to say the same: {most}."
    return f"The audit is too small to tell whether {few}: {most}."


def _right(cost: Any) -> str:
    """What is held for right: not the tier `rest`, which begins at another P(wrong)."""
    return f"(P(wrong) below {100 / cost.worth:.3g}% at the draw)"


def _begin(found: Audited, cost: Any) -> str:
    mixed = found.rows > found.stop.next_look - found.answered
    what = "suspects, and labels drawn at random, unmarked" if mixed else "labels drawn at random"
    return (
        f"Look at the first {found.rows:,} rows of `to_audit.csv` ({stop.cost(found.rows, cost)}): {what}. Once "
        f"the first {found.stop.next_look} that were drawn are all answered ({found.answered:,} are), limits hold "
        "whatever the model believes."
    )


def _next(found: Audited, cost: Any) -> str:
    of = found.stop
    takes = f"They take {stop.cost(of.next_labels, cost)}"
    if not found.set_right:
        return f"{takes}."
    return (
        f"{takes}, and about {of.next_errors:,.0f} of them are expected to be wrong. After them less than one "
        f"label in {cost.worth:g} would be wrong."
    )


def _more(found: Audited, cost: Any) -> list[str]:
    """What more answers could show, before they are given."""
    of = found.stop
    if not of.next_look and of.open and of.advice in (stop.UNSURE, stop.GO_ON, stop.MORE_HIDDEN):
        return ["All that the audit asks for is answered: a higher `recheck.audit.round` draws more labels."]
    if not of.next_look or not found.rows or not of.rest:
        return []
    price = stop.cost(found.rows, cost)
    begin = f"{found.rows:,} more rows of `to_audit.csv` ({price}) could show" if found.look else "That could show"
    right = f" that the list holds for right {_right(cost)}" if of.rest < of.open else ""
    rest = f"{of.rest:,} labels{right}"
    return [f"{begin} that at most {of.could_show:,.0f} of {rest} are wrong, if no error turns up there."]


def model(check: pd.DataFrame, file: str, found: Audited, by: Evidence) -> list[str]:
    """Of the classifier that comes out. check: table `model_check`; file: where it is."""
    new = f" For new images: `labelnoise predict FOLDER --model {file} --out predictions.csv`."
    lines = [
        f"`predictions.csv` has a class and a confidence for every {by.noun}, by a classifier that did not see "
        f"its label.{'' if by.own else new}"
    ]
    if check.empty:
        return [*lines, f"Not checked: that takes {FEWEST} answers to labels drawn at random."]
    row = check.iloc[0]
    uneven = f"; those whose labels {found.drawn_more} are drawn more often, so do not divide these numbers"
    return [
        *lines,
        f"Checked: of {row.answered:,.0f} {by.noun}s drawn it predicts {row.wrong:,.0f} otherwise than people see "
        f"them{uneven if found.drawn_more else ''}. Of all {by.noun}s it predicts {percent(row.low)} to "
        f"{percent(row.high)} as people do (limits of the audit).",
    ]
