"""Result tables of the recheck stage, from what detect found; the truth judges where it is known.

Shape letters: K runs, N examples of the data set.
"""

from typing import Any

import numpy as np
import pandas as pd

from labelnoise import results
from labelnoise.columns import Columns
from labelnoise.detect import tiers
from labelnoise.recheck import cell, economics, lists
from labelnoise.recheck.cell import Source
from labelnoise.recheck.detected import Detected, Judgement, given_labels
from labelnoise.types import Dataset

Tables = dict[str, pd.DataFrame]


def key(found: Detected, columns: Columns, at: int) -> dict:
    """Key columns of the run at position `at`."""
    own = {name: getattr(found, name)[at] for name in ("network", "noise", "noise_rate", "seed")}
    return own | {"realised_rate": float(columns.realised_rate[found.column[at]])}


def all_tables(
    found: Detected,
    columns: Columns,
    dataset: Dataset,
    judgement: Judgement,
    of: Source,
    section: Any,
    level: float,
) -> Tables:
    """budget, budget_needed, errors_left, audit, gallery. section: `recheck` of params.yaml."""
    parts = [_run(found, columns, dataset, at, of, section.errors, level) for at in range(len(found.seed))]
    first = key(found, columns, judgement.runs[0])
    together = {name: [part[name] for part in parts] for name in ("budget", "budget_needed", "errors_left")}
    together["audit"] = [audit(found, columns, dataset, judgement, of, section.audit, level)]
    together["gallery"] = [lists.gallery(first, dataset, judgement, section.gallery)]
    return {name: _together(name, parts) for name, parts in together.items()}


def _run(
    found: Detected,
    columns: Columns,
    dataset: Dataset,
    at: int,
    of: Source,
    errors: list[float],
    level: float,
) -> Tables:
    """The economics of one run. Examples that were rechecked already are done with: they cost and find nothing."""
    column, clean = found.column[at], dataset.clean_labels
    labels, answers = columns.labels[column], columns.answers[column]
    pool = np.flatnonzero((labels >= 0) & (answers < 0) & np.isfinite(found.p_wrong[at]))
    known = pool[clean[pool] >= 0]
    scores = {economics.NOISE_MODEL: found.p_wrong, **found.scores}
    used = {name: scores[name][at, known] for name in economics.SCORES if name in scores}
    run, seed = key(found, columns, at), int(found.seed[at])
    budget, needed = economics.budget_rows(run, used, (labels != clean)[known], errors, seed)
    left = _left(run, found, columns, dataset, at, of, level)
    return {"budget": budget, "budget_needed": needed, "errors_left": left}


def _left(
    run: dict, found: Detected, columns: Columns, dataset: Dataset, at: int, of: Source, level: float
) -> pd.DataFrame:
    """Errors left among all labels that nobody answered: of own data, also those of a seed's test part."""
    column, p_wrong = found.column[at], found.p_wrong[at]
    labels, answers = columns.labels[column], columns.answers[column]
    if of.seed is None and found.noise[at] in (of.noise, cell.NOISE):
        labels = given_labels(dataset, columns, column, of)
    if not np.isfinite(p_wrong).any():
        return results.empty(
            "errors_left"
        )  # every run diverged: nothing is known, least of all that nothing is left
    rest = np.flatnonzero((labels >= 0) & (answers < 0) & np.isfinite(p_wrong))
    clean = dataset.clean_labels[rest]
    wrong = labels[rest] != clean if (clean >= 0).all() else None
    others = [found.scores[name][at] for name in economics.OTHERS if name in found.scores]
    models = [p_wrong, *(np.where(np.isfinite(other), other, p_wrong) for other in others)]  # they judge the pool
    return economics.errors_left_rows(run, [model[rest] for model in models], wrong, level)


def audit(
    found: Detected, columns: Columns, dataset: Dataset, judgement: Judgement, of: Source, first: int, level: float
) -> pd.DataFrame:
    """Table `audit`: how many labels of each tier turned out wrong, in the runs before any answer.

    Without answers the truth answers for the `first` rows of the list, as far as it is known.
    """
    answers = judgement.answers
    if (answers < 0).all():
        answers = np.full(len(answers), -1)
        top = lists.ranked(judgement)[:first]
        answers[top] = dataset.clean_labels[top]
    rows = []
    for at in cell.positions(found, of) if (answers >= 0).any() else []:
        given = given_labels(dataset, columns, int(found.column[at]), of)
        answered = (answers >= 0) & (given >= 0) & np.isfinite(found.p_wrong[at])
        for tier, members in tiers.members(found.tier[at], answered).items():
            within = members & answered
            wrong, count = int((within & (answers != given)).sum()), int(within.sum())
            low, high = tiers.wilson(wrong, count, level)
            share = wrong / count if count else np.nan
            facts = {"answered": count, "wrong": wrong, "share_wrong": share, "low": low, "high": high}
            rows.append(key(found, columns, at) | {"tier": tier} | facts)
    return pd.DataFrame(rows)


def _together(table: str, parts: list[pd.DataFrame]) -> pd.DataFrame:
    filled = [part for part in parts if len(part)]
    return pd.concat(filled, ignore_index=True) if filled else results.empty(table)
