"""What came of the note: every sentence adds up, and is counted again by another path."""

import re
from pathlib import Path

import pandas as pd
import pytest
import synthetic_tables

from labelnoise import artifacts, results
from labelnoise.report import tally

ROOT = Path(__file__).parents[2]
TABLES = synthetic_tables.make(methods=["cross_entropy", "mae"], seeds=2, epochs=3)


def counts(text: str) -> list[int]:
    return [int(number) for number in re.findall(r"\d+", text)]


def note(*rows: tuple[str, str, str, str]) -> pd.DataFrame:
    """Table `statements`, as far as it is read: what was said, kind, verdict, and as written."""
    return pd.DataFrame(rows, columns=["said", "kind", "verdict", "as_written"])


BY_HAND = note(
    ("a", "tested", "refuted", "wrong"),
    ("b", "tested", "supported", "stands"), ("b", "by algebra", "by algebra", "wrong"),  # one is enough
    ("c", "tested", "open", "open"), ("c", "by algebra", "by algebra", "stands"),
    ("d", "tested", "not tested", "open"),
    ("e", "tested", "supported", "stands"),
    ("f", "question answered", "refuted", "question"), ("f", "by algebra", "by algebra", "question"),
    ("g", "by algebra", "by algebra", "question"),
    ("h", "question answered", "supported", "question"),
    ("i", "question answered", "open", "question"),
    ("j", "question answered", "refuted", "question"), ("j", "by algebra", "by algebra", "wrong"),
)  # fmt: skip


def test_by_hand():
    rows = list(BY_HAND.itertuples())
    assert tally.by_said(rows) == {
        "a": "wrong", "b": "wrong", "c": "open", "d": "not tested", "e": "stands", "f": "question",
        "g": "question", "h": "question", "i": "question", "j": "wrong",
    }  # fmt: skip
    assert tally.of_note(BY_HAND) == (
        "Of 6 statements of a note on the subject 3 are wrong as written, 1 stands, 1 is open, 1 is not tested; "
        "of its 4 questions and wishes 1 is answered by yes, 1 by no or not in all comparisons, 1 by algebra, 1 "
        "is open."
    )


def test_a_note_that_asks_nothing():
    told = tally.of_note(note(("a", "tested", "supported", "stands")))
    assert told == "Of 1 statement of a note on the subject 0 are wrong as written, 1 stands, 0 are open."


def test_statements_and_claims_of_a_miniature():
    assert tally.told(TABLES) == [
        "Of 5 statements of the note 1 is wrong as written, 2 stand, 1 is open, 1 is not tested.",
        "Numbers are of claims, 6 in all: each statement, and each of 1 question or wish, is put as one claim or "
        "more.",
    ]
    (told,) = tally.summary(TABLES)
    assert "Wrong by the claims no. 1. " in told
    assert told.endswith(
        "Of the claims 4 are tested (2 refuted, 1 open, 1 not tested), 1 is decided by algebra, 1 is questions or "
        "wishes (1 yes)."
    )


@pytest.mark.parametrize("folder", ["digits", "replication"])
def test_sentences_of_this_project_add_up(folder):
    """Each part is of the number before it."""
    at = ROOT / "reports" / folder / "tables"
    if not (at / "statements.csv").exists() or not (at / "claims.csv").exists():
        pytest.skip("no study was made")
    tables = {name: results.read(name, at) for name in ("statements", "claims")}
    states, asks = tally.of_note(tables["statements"]).split("; of its ")
    for part in (states, asks):
        total, *parts = counts(part)
        assert total == sum(parts)
    said = set(tables["statements"]["said"])
    assert counts(states)[0] + counts(asks)[0] == len(said)
    assert counts(tally.told(tables)[0]) == counts(states)
    of_claims = tally.summary(tables)[0].split("Of the claims ")[1]
    whole = [counts(part)[0] for part in re.sub(r"\([^)]*\)", "", of_claims).split(",")]
    assert sum(whole) == len(tables["statements"])
    for number, listed in re.findall(r"(\d+) (?:is|are) [a-z ]+ \(([^)]*)\)", of_claims):
        assert int(number) == sum(counts(listed))


def test_the_readme_says_what_the_page_says():
    """README.md and the page of the first data set count the same."""
    at = artifacts.of("digits")
    if not (ROOT / at.tables / "statements.csv").exists():
        pytest.skip("no study was made")
    expected = tally.of_note(results.read("statements", ROOT / at.tables))
    assert expected in (ROOT / "README.md").read_text("utf-8")
