"""What came of the note, counted: of what it says, once however many claims that is put as, and of the claims."""

from collections import Counter
from collections.abc import Iterable
from typing import Any

import pandas as pd

from labelnoise.data.words import counted
from labelnoise.report.claims import (
    ALGEBRA,
    NO,
    NO_OR_OPEN,
    NOT_IN_ALL,
    NOT_TESTED,
    QUESTION,
    TESTED,
    VERDICTS,
    YES,
    Statement,
    statements,
    wrong,
)

# what a claim makes of what was said; of several the first that one of them has
AS_WRITTEN = ("wrong", "open", NOT_TESTED, "stands", "question")


def by_said(told: Iterable[Any]) -> dict[str, str]:
    """What the note says -> a word of AS_WRITTEN. told: what has `said`, `as_written` and `verdict`."""
    found: dict[str, set[str]] = {}
    for one in told:
        untested = one.as_written == "open" and one.verdict == NOT_TESTED
        found.setdefault(one.said, set()).add(NOT_TESTED if untested else one.as_written)
    return {said: next(word for word in AS_WRITTEN if word in words) for said, words in found.items()}


def stated(told: Iterable[Any]) -> Counter[str]:
    """How many statements, which can be right or wrong, came out how."""
    return Counter(word for word in by_said(told).values() if word != "question")


def asked(told: list[Any]) -> int:
    """How many questions and wishes there are."""
    return list(by_said(told).values()).count("question")


def sentence(counts: Counter[str], of: str = "the note") -> str:
    """As in: Of 19 statements of the note 11 are wrong as written, 3 stand, 5 are open."""
    stand = counted(counts["stands"], "stands", "stand")
    parts = [f"{_are(counts['wrong'])} wrong as written", stand, f"{_are(counts['open'])} open"]
    parts += [f"{_are(counts[NOT_TESTED])} not tested"] if counts[NOT_TESTED] else []
    return f"Of {counted(counts.total(), 'statement', 'statements')} of {of} {', '.join(parts)}"


def _are(count: int) -> str:
    return f"{count} {'is' if count == 1 else 'are'}"


def put(told: list[Statement]) -> str:
    """How claims and what the note says relate."""
    count = asked(told)
    more = f", and each of {counted(count, 'question or wish', 'questions or wishes')}," if count else ""
    return f"Numbers are of claims, {len(told)} in all: each statement{more} is put as one claim or more."


def told(tables: dict[str, pd.DataFrame]) -> list[str]:
    """What came of what the note says, and what numbers are of; nothing where nothing was tested."""
    found = statements(tables)
    return [f"{sentence(stated(found))}.", put(found)] if found else []


def summary(tables: dict[str, pd.DataFrame]) -> list[str]:
    """What came of what the note says, and of the claims; nothing where nothing was tested."""
    found = statements(tables)
    if not found:
        return []
    numbers = ", ".join(str(one.id) for part in wrong(found) for one in part)
    named = f" Wrong by the claims no. {numbers}." if numbers else ""
    kinds = {TESTED: "tested", ALGEBRA: "decided by algebra", QUESTION: "questions or wishes"}
    parts = [_kind([one for one in found if one.kind == kind], name) for kind, name in kinds.items()]
    return [f"{sentence(stated(found))}.{named} {put(found)} Of the claims {', '.join(filter(None, parts))}."]


def _kind(told: list[Statement], name: str) -> str:
    """As in: 17 are tested (4 supported, 8 refuted, 5 open)."""
    words = [*VERDICTS, YES, NO, NO_OR_OPEN, NOT_IN_ALL]
    counts = {word: sum(one.verdict == word for one in told) for word in words if word != ALGEBRA}
    listed = ", ".join(f"{count} {word}" for word, count in counts.items() if count)
    return f"{_are(len(told))} {name}{f' ({listed})' if listed else ''}" if told else ""


def of_note(table: pd.DataFrame) -> str:
    """Of statements, and of questions and wishes, how many came out how, in a sentence. table: `statements`."""
    rows = list(table.itertuples())
    questions = {said for said, word in by_said(rows).items() if word == "question"}
    came = {said: ALGEBRA for said in questions}
    came |= {row.said: row.verdict for row in rows if row.said in questions and row.kind == QUESTION}
    counts = Counter(came.values())
    answers = (
        f"; of its {counted(len(came), 'question or wish', 'questions and wishes')} {_are(counts['supported'])} "
        f"answered by yes, {counts['refuted']} by no or not in all comparisons, {counts[ALGEBRA]} by algebra, "
        f"{_are(counts['open'] + counts[NOT_TESTED])} open"
    )
    return f"{sentence(stated(rows), 'a note on the subject')}{answers if came else ''}."
