"""The report's claims: every statement of the note, what was tested and what came out, and the rows behind.

What the note says is put as one claim or as several, each with an id: `Statement` is a claim with what was said.
report.tally counts what was said, once however many claims it has.
"""

import re
from typing import Any, NamedTuple

import pandas as pd

from labelnoise import words
from labelnoise.report.layout import GROUP, ROW, Table

NOT_TESTED = "not tested"
VERDICTS = ["supported", "refuted", "open", "by algebra", NOT_TESTED]
ALGEBRA, TESTED, QUESTION = "by algebra", "tested", "question answered"
# answers to a question of the note
YES, NO, NO_OR_OPEN, NOT_IN_ALL = "yes", "no", "no where decided", "not in all comparisons"
SIDE = r"[a-z][a-z0-9_]+( \([a-z_]+\))?"  # one name, and perhaps when it was read
PAIR = re.compile(rf"([a-z_]+: )?{SIDE} - {SIDE}")
NAMED = words.METHODS.keys() | words.SELECTIONS.keys() | words.SCORES.keys()


class Statement(NamedTuple):
    """A statement of the note, as the report tells it."""

    id: int
    said: str
    claim: str
    source: str
    kind: str  # by algebra, tested, or question answered
    verdict: str  # of a question, its answer
    against: str  # the comparison that refutes it; empty where none does
    as_written: str  # wrong, stands, open, or question
    outcome: str  # what came out, in sentences


def statements(tables: dict[str, pd.DataFrame]) -> list[Statement]:
    """All statements in the order of their ids; none without the tables `statements` and `claims`, nor where
    nothing could be tested."""
    if not {"statements", "claims"} <= set(tables) or not _tested(tables["claims"]).any():
        return []
    rows = tables["claims"]
    texts = tables["statements"].fillna({"against": "", "proof": ""}).sort_values("id")
    return [_statement(text, rows[rows["id"] == text.id]) for text in texts.itertuples()]


def _statement(text: Any, rows: pd.DataFrame) -> Statement:
    verdict = answer(text.verdict, rows) if text.kind == QUESTION else text.verdict
    outcome = text.proof if text.kind == ALGEBRA else f"{_outcome(rows)}{_looks(text, rows)}"
    same = (int(text.id), text.said, text.claim, text.source, text.kind, verdict, contrast(text.against))
    return Statement(*same, text.as_written, outcome)


def contrast(text: str) -> str:
    """A comparison in words: `mae - cross_entropy` is "MAE minus cross entropy". A formula has a sign, and so have
    names with a comma, which would run together. Where it was made may follow: (network, noise)."""
    named, where = re.fullmatch(r"(.*?)( \([^()]*, [^()]*\))?", text).groups("")
    pair = PAIR.fullmatch(named)
    named = re.sub(r"[a-z][a-z0-9_]*", lambda found: _named(found[0]), named)
    where = re.sub(r"[a-z][a-z0-9_]*", lambda found: _named(found[0]), where)
    return named.replace(" - ", " minus " if pair and "," not in named else " − ") + where


def _named(identifier: str) -> str:
    """An identifier as it is called; other words as they are."""
    if identifier in words.SELECTIONS:
        return words.SELECTIONS[identifier]
    return words.name(identifier) if identifier in NAMED or "_" in identifier else identifier


def answer(verdict: str, rows: pd.DataFrame) -> str:
    """To a question of the note. A conjunction is refuted by one comparison: the answer is no where all are
    refuted, and "no where decided" where the others are open. rows: of the table `claims`."""
    found = frozenset(rows.loc[_tested(rows), "verdict"])
    refuted = {frozenset({"refuted"}): NO, frozenset({"refuted", "open"}): NO_OR_OPEN}.get(found, NOT_IN_ALL)
    return {"supported": YES, "refuted": refuted}.get(verdict, verdict)


def _looks(text: Any, rows: pd.DataFrame) -> str:
    """At which look it was decided, and of an open one the smallest effect that would have been."""
    if text.verdict == NOT_TESTED:
        return ""
    undecided = rows[(rows["verdict"] == "open") & rows["needed"].notna()].sort_values("needed")
    told = f" Open at look one, {text.verdict} at look two." if text.look == 2 else ""
    if text.verdict != "open" or undecided.empty:
        return told
    row = undecided.iloc[-1]
    where = f"{contrast(row['contrast'])} ({_where(row)})"
    if _in_percent(row["unit"]) and row["needed"] > 1:
        return f"{told} With this spread over {row['n_seeds']:g} seeds no value could support it in {where}."
    return f"{told} It would be supported from an effect of {_value(row, 'needed')} in {where}."


def wrong(told: list[Statement]) -> list[list[Statement]]:
    """The claims by which a statement is wrong as written, statement by statement."""
    found: dict[str, list[Statement]] = {}
    for one in told:
        if one.as_written == "wrong":
            found.setdefault(one.said, []).append(one)
    return list(found.values())


def _tested(claims: pd.DataFrame) -> pd.Series:
    return claims["verdict"] != NOT_TESTED


def _outcome(rows: pd.DataFrame) -> str:
    """How many comparisons went which way, the smallest and the largest effect, and what could not be tested."""
    if not _tested(rows).any():
        return _missing(rows) or "Not tested: the truth is not known."
    counts = rows["verdict"].value_counts()
    ended = ", ".join(f"{counts[word]} {word}" for word in VERDICTS if word in counts)
    plural = "comparison" if len(rows) == 1 else "comparisons"
    effects = [_extremes(part) for _, part in rows[_tested(rows)].groupby("unit", sort=False)]
    return f"{len(rows)} {plural}: {ended}. {' '.join([*effects, _missing(rows)])}".strip()


def _missing(rows: pd.DataFrame) -> str:
    """What comparisons lack that could not be tested, the first two in full."""
    found = list(dict.fromkeys(rows.loc[~_tested(rows), "evidence"]))
    more = [f"and {len(found) - 2} more"] if len(found) > 2 else []
    return f"Not tested: {'; '.join([*found[:2], *more])}." if found else ""


def _extremes(rows: pd.DataFrame) -> str:
    known = rows.dropna(subset="effect").sort_values("effect", kind="stable")
    if known.empty:
        return ""
    low, high = known.iloc[0], known.iloc[-1]
    if len(known) == 1:
        return (
            f"Effect ({_unit(low['unit'])}) {_value(low, 'effect')} ({contrast(low['contrast'])}; {_where(low)})."
        )
    ends = [f"{_value(row, 'effect')} ({contrast(row['contrast'])}; {_where(row)})" for row in (low, high)]
    return f"Effects ({_unit(low['unit'])}) from {' to '.join(ends)}."


def table(claims: pd.DataFrame) -> Table:
    """Every comparison with its effect, bounds, threshold and verdict."""
    ordered = claims.sort_values(["id", "contrast", "network", "noise", "noise_rate"])
    rows = [
        {GROUP: f"{row['id']}. {row['claim']}", ROW: contrast(row["contrast"]), "where": _where(row),
         "unit": _unit(row["unit"]), "effect": _value(row, "effect"), "lower bound": _value(row, "low"),
         "upper bound": _value(row, "high"), "threshold": _value(row, "threshold"), "seeds": f"{row['n_seeds']:g}",
         "verdict": row["verdict"]}
        for _, row in ordered.iterrows()
    ]  # fmt: skip
    note = (
        "A claim is the conjunction of its comparisons: supported where the lower bound of every one lies above "
        "its threshold, refuted where the upper bound of some one lies below it, else open. One-sided t bounds "
        "over seeds; of a share of labels, from the logit of the pooled share and the jackknife over seeds. "
        f"{_levels(claims)} {_registered(claims)} Effects are oriented so that the claim asks for more than the "
        "threshold: a negative threshold asks for not worse than that. claims.csv says what is missing where a "
        "comparison is not tested."
    )
    return Table("claims", "Claims: every comparison", note, pd.DataFrame(rows), {}, False)


def _levels(claims: pd.DataFrame) -> str:
    found = claims[_tested(claims)].groupby("family", sort=False)["alpha_low"].first()
    each = ", ".join(f"{alpha:.2%} in {family}" for family, alpha in found.items())
    return (
        f"The claims of a family share what may go wrong: of a lower bound {each}. A lower bound needs no "
        "correction for the number of comparisons, since all must hold; upper bounds share the same among those "
        "of their claim."
    )


def _registered(claims: pd.DataFrame) -> str:
    return (
        "Claims, thresholds and seeds were registered (registration.yaml has their hash and commit) before look "
        "one; what that left open has a look two at more seeds, and each look spends half of the probability."
        if (claims["look"] == 2).any()
        else "All seeds are one look."
    )


def _where(row: pd.Series) -> str:
    if pd.isna(row["noise_rate"]):  # a setting of the imbalance study
        return words.name(row["noise"])
    return f"{words.cell_name(row['noise'], row['noise_rate'])}, {words.name(row['network'])}"


def _in_percent(unit: str) -> bool:
    """Shares and accuracies are shown as percentages, the others as they are."""
    return "accuracy" in unit or "share" in unit or unit == "confidence"


def _unit(unit: str) -> str:
    return f"{unit}, percentage points" if _in_percent(unit) else unit


def _number(value: float, unit: str) -> str:
    if pd.isna(value):
        return "–"
    return (f"{100 * value:z.1f}" if _in_percent(unit) else f"{value:z.3g}").replace("-", "−")


def _value(row: pd.Series, column: str) -> str:
    return _number(row[column], row["unit"])
