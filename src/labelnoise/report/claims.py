"""The report's claims: every statement of the note, what was tested and what came out, and the rows behind."""

from typing import NamedTuple

import pandas as pd

from labelnoise import words
from labelnoise.report.layout import GROUP, ROW, Table

NOT_TESTED = "not tested"
VERDICTS = [
    "supported", "partly supported", "mixed", "partly refuted", "refuted", "inconclusive", NOT_TESTED,
]  # fmt: skip


class Statement(NamedTuple):
    """A statement of the note, as the report tells it."""

    id: int
    said: str
    claim: str
    source: str
    verdict: str
    as_written: str  # wrong, stands, open, or question
    outcome: str  # what came out, in sentences


def statements(tables: dict[str, pd.DataFrame]) -> list[Statement]:
    """All statements in the order of their ids; none without the tables `statements` and `claims`, nor where
    nothing could be tested."""
    if not {"statements", "claims"} <= set(tables) or not _tested(tables["claims"]).any():
        return []
    rows = tables["claims"]
    return [
        Statement(
            int(s.id), s.said, s.claim, s.source, s.verdict, s.as_written, _outcome(rows[rows["id"] == s.id])
        )
        for s in tables["statements"].sort_values("id").itertuples()
    ]


def wrong(told: list[Statement]) -> list[Statement]:
    """Statements that are wrong as written."""
    return [statement for statement in told if statement.as_written == "wrong"]


def summary(tables: dict[str, pd.DataFrame]) -> list[str]:
    """One sentence that counts verdicts; none where no statement was tested."""
    told = statements(tables)
    if not told:
        return []
    counts = {word: sum(statement.verdict == word for statement in told) for word in VERDICTS}
    listed = ", ".join(f"{n} {word}" for word, n in counts.items() if n)
    numbers = ", ".join(str(statement.id) for statement in wrong(told))
    named = f" Wrong as the note writes them: no. {numbers}." if numbers else ""
    return [f"Of {len(told)} claims about statements of the note, {listed}.{named}"]


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
        return f"Effect ({_unit(low['unit'])}) {_value(low, 'effect')} ({low['contrast']}; {_where(low)})."
    return (
        f"Effects ({_unit(low['unit'])}) from {_value(low, 'effect')} ({low['contrast']}; {_where(low)}) "
        f"to {_value(high, 'effect')} ({high['contrast']}; {_where(high)})."
    )


def table(claims: pd.DataFrame) -> Table:
    """Every comparison with its effect, simultaneous interval, threshold and verdict."""
    ordered = claims.sort_values(["id", "contrast", "network", "noise", "noise_rate"])
    rows = [
        {GROUP: f"{row['id']}. {row['claim']}", ROW: row["contrast"], "where": _where(row),
         "unit": _unit(row["unit"]), "effect": _value(row, "effect"), "interval": _interval(row),
         "threshold": _value(row, "threshold"), "seeds": f"{row['n_seeds']:g}", "verdict": row["verdict"]}
        for _, row in ordered.iterrows()
    ]  # fmt: skip
    note = (
        "A comparison is supported where its interval lies above the threshold, refuted where it lies below, "
        "else inconclusive. Thresholds were fixed before the claims were first computed; claims.yaml marks pairs "
        "that were added later. t intervals over seeds, corrected for overlapping training folds; "
        f"{_levels(claims)} Effects are oriented so that the claim asks for more than the threshold: a negative "
        "threshold asks for not worse than that. claims.csv says what is missing where a comparison is not tested."
    )
    return Table("claims", "Claims: every comparison", note, pd.DataFrame(rows), {}, False)


def _levels(claims: pd.DataFrame) -> str:
    found = claims[_tested(claims)].groupby("family", sort=False)["level"].first()
    each = ", ".join(f"{level:.2%} in {family}" for family, level in found.items())
    return f"those of a family hold at once (Bonferroni): each has the level {each}."


def _where(row: pd.Series) -> str:
    if pd.isna(row["noise_rate"]):  # a setting of the imbalance study
        return words.name(row["noise"])
    return f"{words.cell_name(row['noise'], row['noise_rate'])}, {words.name(row['network'])}"


def _in_percent(unit: str) -> bool:
    """Shares and accuracies are shown as percentages, the others as they are."""
    return "accuracy" in unit or "share" in unit or unit in ("ECE", "confidence")


def _unit(unit: str) -> str:
    return f"{unit}, percentage points" if _in_percent(unit) else unit


def _number(value: float, unit: str) -> str:
    if pd.isna(value):
        return "–"
    return (f"{100 * value:z.1f}" if _in_percent(unit) else f"{value:z.3g}").replace("-", "−")


def _value(row: pd.Series, column: str) -> str:
    return _number(row[column], row["unit"])


def _interval(row: pd.Series) -> str:
    return f"[{_value(row, 'low')}, {_value(row, 'high')}]"
