"""From effects per seed to a verdict: a t interval at a level that is shared out within the claim's family.

All rows of a family hold at once (Bonferroni): with m rows each interval has the level 1 - (1 - level) / m.
"""

from collections import Counter
from collections.abc import Iterable

import numpy as np
import pandas as pd

from labelnoise.claims.compare import Contrast
from labelnoise.claims.statements import Statement
from labelnoise.results import columns
from labelnoise.uncertainty.intervals import finite_mean, t_interval

SUPPORTED, REFUTED, INCONCLUSIVE = "supported", "refuted", "inconclusive"
MIXED, NOT_TESTED = "mixed", "not tested"


def decide(low: float, high: float, threshold: float) -> str:
    """Supported when the interval lies wholly above the threshold, refuted when wholly below."""
    if low > threshold:
        return SUPPORTED
    return REFUTED if high < threshold else INCONCLUSIVE


def overall(verdicts: Iterable[str]) -> str:
    """The verdict on a claim from those on its rows.

    Supported or refuted when all rows are, partly so when the others are inconclusive; mixed when some are
    supported and some refuted; not tested without rows.
    """
    found = set(verdicts)
    if not found:
        return NOT_TESTED
    if {SUPPORTED, REFUTED} <= found:
        return MIXED
    decided = found - {INCONCLUSIVE}
    if not decided:
        return INCONCLUSIVE
    return f"partly {decided.pop()}" if INCONCLUSIVE in found else decided.pop()


def shared_level(level: float, rows: int) -> float:
    """Level of each of `rows` intervals that are to hold at once with probability `level` at least."""
    return 1 - (1 - level) / rows


def table(
    tested: dict[int, list[Contrast]], statements: dict[int, Statement], level: float, test_share: float
) -> pd.DataFrame:
    """Table `claims`: a row for every contrast that was tested, by claim id."""
    counts = Counter(statements[number].family for number, rows in tested.items() for _ in rows)
    levels = {family: shared_level(level, rows) for family, rows in counts.items()}
    rows = [
        {"id": number, "claim": statements[number].claim, "family": statements[number].family}
        | _judged(row, levels[statements[number].family], test_share)
        for number, of_claim in tested.items()
        for row in of_claim
    ]
    return pd.DataFrame(rows, columns=columns("claims"))


def _judged(row: Contrast, level: float, test_share: float) -> dict:
    low, high = t_interval(row.effects, level, test_share)
    facts = {"effect": float(finite_mean(row.effects, 0)), "low": low, "high": high, "level": level}
    return row.cell._asdict() | facts | {
        "contrast": row.contrast,
        "unit": row.unit,
        "threshold": row.threshold,
        "verdict": decide(low, high, row.threshold),
        "n_seeds": int(np.isfinite(row.effects).sum()),
        "evidence": row.evidence,
    }  # fmt: skip


def statements_table(claims: pd.DataFrame, statements: dict[int, Statement]) -> pd.DataFrame:
    """Table `statements`: every statement of the note with the verdict on it, also where nothing was tested."""
    rows = []
    for number, statement in statements.items():
        verdicts = list(claims.loc[claims["id"] == number, "verdict"])
        facts = {name: getattr(statement, name) for name in ("said", "claim", "source", "family")}
        told = {"verdict": overall(verdicts), "as_written": as_written(verdicts, statement.wrong_when)}
        rows.append({"id": number, **facts, **told, "rows": len(verdicts)})
    return pd.DataFrame(rows)


def as_written(verdicts: list[str], wrong_when: str) -> str:
    """What the verdicts on a claim's rows make of the note's own words (statements.Statement.wrong_when)."""
    verdict = overall(verdicts)
    if not wrong_when:
        return "question"
    if wrong_when == verdict or (wrong_when == "any refuted" and REFUTED in verdicts):
        return "wrong"
    return "stands" if verdict in (SUPPORTED, REFUTED) else "open"
