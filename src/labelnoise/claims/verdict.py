"""From effects per seed to verdicts: a claim is a conjunction of its rows (labelnoise.statistics.conjunction).

A family is a section of the note; the claims of it that could be tested share its level. Registered claims have
two looks: the first at the seeds that all rows have, the second, of those registered as left open, at all seeds
there are.
"""

from collections import Counter
from collections.abc import Collection

import numpy as np
import pandas as pd

from labelnoise.claims.compare import Cell, Contrast
from labelnoise.claims.statements import ALGEBRA, Statement
from labelnoise.results import columns
from labelnoise.statistics import conjunction
from labelnoise.statistics.conjunction import OPEN, REFUTED, SUPPORTED, Alpha

NOT_TESTED = "not tested"
UNKNOWN = dict.fromkeys(("effect", "low", "high", "alpha_low", "alpha_high", "needed"), np.nan)
UNKNOWN |= {"verdict": NOT_TESTED, "look": 1, "look_one": NOT_TESTED}
Tested = dict[str, list[Contrast]]  # name of a claim -> its rows


def table(
    tested: Tested,
    statements: dict[str, Statement],
    level: float,
    first: Collection[int] | None = None,
    again: Collection[str] | None = None,
) -> pd.DataFrame:
    """Table `claims`: a row for every contrast, by the name of its claim.

    level: of a family, on either error. first: the seeds of look one, where there are two looks; None: one look at
    all seeds. again: the names of claims that have a look two if look one leaves them open; None: all.

    `low` is a lower bound with the probability of error `alpha_low`, `high` an upper one with `alpha_high`;
    `needed` is the smallest effect that would have been supported with this spread and these seeds.
    """
    spent = _spent(tested, statements, level, 1 if first is None else 2)
    rows = [
        statements[name].model_dump(include={"id", "claim", "family"}) | row
        for name, of_claim in tested.items()
        for row in _rows(of_claim, spent[statements[name].family], first, again is None or name in again)
    ]
    return pd.DataFrame(rows, columns=columns("claims"))


def _spent(tested: Tested, statements: dict[str, Statement], level: float, looks: int) -> dict[str, Alpha]:
    """What a claim of each family may spend on a look."""
    families = Counter(statements[name].family for name, rows in tested.items() if any(_known(rows)))
    names = {statement.family for statement in statements.values()}
    return {family: conjunction.shared(1 - level, max(families[family], 1), looks) for family in names}


def _known(rows: list[Contrast]) -> list[bool]:
    return [len(row.effects) > 0 for row in rows]


def _rows(contrasts: list[Contrast], alpha: Alpha, first: Collection[int] | None, again: bool) -> list[dict]:
    early = _looked(contrasts if first is None else [row.at(first) for row in contrasts], alpha, 1)
    decided = conjunction.together(row["verdict"] for row in early if row["verdict"] != NOT_TESTED) != OPEN
    if first is None or decided or not again or not any(set(row.seeds.tolist()) - set(first) for row in contrasts):
        return early
    late = _looked(contrasts, alpha, 2)  # which has seeds that look one has not
    return [row | {"look_one": before["verdict"]} for row, before in zip(late, early, strict=True)]


def _looked(contrasts: list[Contrast], alpha: Alpha, look: int) -> list[dict]:
    """The rows of a claim at one look."""
    known = [row for row in contrasts if len(row.effects)]
    found = iter(conjunction.rows([row.evidenced() for row in known], [row.threshold for row in known], alpha))
    made = [_facts(row, next(found) if len(row.effects) else None, alpha, len(known)) for row in contrasts]
    return [row | {"look": look, "look_one": row["verdict"]} for row in made]


def _facts(row: Contrast, found: conjunction.Row | None, alpha: Alpha, rows: int) -> dict:
    same = ("contrast", "unit", "threshold", "evidence")
    facts = row.cell._asdict() | {name: getattr(row, name) for name in same}
    facts["n_seeds"] = int(np.isfinite(row.effects).sum())
    if found is None:
        return facts | UNKNOWN
    spent = {"alpha_low": alpha.support, "alpha_high": alpha.of_row(rows)}
    needed = row.threshold + found.mean - found.low
    return facts | spent | {
        "effect": found.mean, "low": found.low, "high": found.high, "needed": needed, "verdict": found.word,
    }  # fmt: skip


def statements_table(claims: pd.DataFrame, statements: dict[str, Statement]) -> pd.DataFrame:
    """Table `statements`: every statement of the note with the verdict on it, also where nothing was tested.

    `look_one` is the verdict after look one, `against` names the row that refutes it, the clearest one.
    """
    rows = []
    for statement in statements.values():
        rows_of = claims[(claims["id"] == statement.id) & (claims["verdict"] != NOT_TESTED)]
        verdict = ALGEBRA if statement.proof is not None else overall(rows_of["verdict"])
        facts = statement.model_dump(include={"id", "said", "claim", "source", "family"})
        facts |= {"kind": statement.kind, "proof": statement.proof or "", "verdict": verdict}
        looked = {"look_one": ALGEBRA if statement.proof is not None else overall(rows_of["look_one"])}
        looked["look"] = int(rows_of["look"].max()) if len(rows_of) else 1
        told = {"as_written": as_written(verdict, statement.wrong_when), "rows": len(rows_of)}
        rows.append({**facts, **looked, **told, "against": _against(rows_of, verdict)})
    return pd.DataFrame(rows, columns=columns("statements"))


def overall(words: pd.Series) -> str:
    """The verdict on a claim from those on its rows that could be tested."""
    return conjunction.together(words) if len(words) else NOT_TESTED


def _against(rows: pd.DataFrame, verdict: str) -> str:
    """The row that refutes a claim, in words; empty where it is not refuted."""
    if verdict != REFUTED:
        return ""
    at = conjunction.clearest(*(rows[name].to_numpy(float) for name in ("effect", "high", "threshold")))
    row = rows.iloc[at]
    return f"{row['contrast']} ({Cell(row['network'], row['noise'], row['noise_rate'])})"


def as_written(verdict: str, wrong_when: str | None) -> str:
    """What the verdict on a claim makes of the note's own words (statements.Statement.wrong_when)."""
    if wrong_when is None:
        return "question"
    verdict = SUPPORTED if verdict == ALGEBRA else verdict
    if wrong_when == verdict:
        return "wrong"
    return "stands" if verdict in (SUPPORTED, REFUTED) else "open"
