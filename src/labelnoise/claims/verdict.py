"""From effects per seed to a verdict: a t interval at a level that is shared out within the claim's family.

All rows of a family that could be tested hold at once (Bonferroni): with m of them each interval has the level
1 - (1 - level) / m.
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
UNKNOWN = {"effect": np.nan, "low": np.nan, "high": np.nan, "level": np.nan, "verdict": NOT_TESTED}


def decide(low: float, high: float, threshold: float) -> str:
    """Supported when the interval lies wholly above the threshold, refuted when wholly below."""
    if low > threshold:
        return SUPPORTED
    return REFUTED if high < threshold else INCONCLUSIVE


def overall(verdicts: Iterable[str]) -> str:
    """The verdict on a claim from those on its rows that could be tested.

    Supported or refuted when all of them are, partly so when the others are inconclusive; mixed when some are
    supported and some refuted; not tested without rows.
    """
    found = set(verdicts) - {NOT_TESTED}
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
    tested: dict[str, list[Contrast]], statements: dict[str, Statement], level: float, test_share: float
) -> pd.DataFrame:
    """Table `claims`: a row for every contrast, by the name of its claim."""
    counts = Counter(statements[name].family for name, rows in tested.items() for row in rows if len(row.effects))
    levels = {family: shared_level(level, rows) for family, rows in counts.items()}
    rows = [
        statements[name].model_dump(include={"id", "claim", "family"})
        | _verdict(row, levels.get(statements[name].family, level), test_share)
        for name, of_claim in tested.items()
        for row in of_claim
    ]
    return pd.DataFrame(rows, columns=columns("claims"))


def _verdict(row: Contrast, level: float, test_share: float) -> dict:
    same = ("contrast", "unit", "threshold", "evidence")
    facts = row.cell._asdict() | {name: getattr(row, name) for name in same}
    facts["n_seeds"] = int(np.isfinite(row.effects).sum())
    if not len(row.effects):
        return facts | UNKNOWN
    low, high = t_interval(row.effects, level, test_share)
    facts |= {"effect": float(finite_mean(row.effects, 0)), "low": low, "high": high, "level": level}
    return facts | {"verdict": decide(low, high, row.threshold)}


def statements_table(claims: pd.DataFrame, statements: dict[str, Statement]) -> pd.DataFrame:
    """Table `statements`: every statement of the note with the verdict on it, also where nothing was tested."""
    rows = []
    for statement in statements.values():
        rows_of = claims[(claims["id"] == statement.id) & (claims["verdict"] != NOT_TESTED)]
        verdicts = list(rows_of["verdict"])
        facts = statement.model_dump(include={"id", "said", "claim", "source", "family"})
        told = {"verdict": overall(verdicts), "as_written": as_written(verdicts, statement.wrong_when)}
        rows.append({**facts, **told, "rows": len(verdicts)})
    return pd.DataFrame(rows, columns=columns("statements"))


def as_written(verdicts: list[str], wrong_when: str | None) -> str:
    """What the verdicts on a claim's rows make of the note's own words (statements.Statement.wrong_when)."""
    verdict = overall(verdicts)
    if wrong_when is None:
        return "question"
    if wrong_when == verdict or (wrong_when == "any refuted" and REFUTED in verdicts):
        return "wrong"
    return "stands" if verdict in (SUPPORTED, REFUTED) else "open"
