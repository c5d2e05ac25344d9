"""Result tables of the recheck stage, from what detect found; the truth judges where it is known.

Shape letters: K runs, N examples of the data set.
"""

import numpy as np
import pandas as pd

from labelnoise import results
from labelnoise.noise.noisy_labels import NoisyLabels
from labelnoise.recheck import budget, cell
from labelnoise.recheck.cell import Source, apply
from labelnoise.recheck.detected import Detected, given_labels, key
from labelnoise.types import Dataset
from labelnoise.uncertainty import cells

Tables = dict[str, pd.DataFrame]


def budget_tables(
    found: Detected, columns: NoisyLabels, dataset: Dataset, of: Source, errors: list[float], level: float
) -> Tables:
    """budget, budget_needed, errors_left. errors: error rates of recheckers."""
    parts = [_run(found, columns, dataset, at, of, errors, level) for at in range(len(found.seed))]
    names = ("budget", "budget_needed", "errors_left")
    return {name: cells.joined(name, [part[name] for part in parts]) for name in names}


def _run(
    found: Detected, columns: NoisyLabels, dataset: Dataset, at: int, of: Source, errors: list[float], level: float
) -> Tables:
    """The economics of one run. Examples that were rechecked already are done with: they cost and find nothing."""
    clean, answers = dataset.clean_labels, columns.answers[found.column[at]]
    labels = labels_in_use(found, columns, dataset, at, of)
    pool = np.flatnonzero((labels >= 0) & (answers < 0) & np.isfinite(found.p_low[at]))
    known = pool[clean[pool] >= 0]
    scores = {**found.scores, budget.NOISE_MODEL: found.p_low}
    used = {name: scores[name][at, known] for name in budget.SCORES if name in scores}
    run, seed = key(found, columns, at), int(found.seed[at])
    curves, needed = budget.budget_rows(run, used, (labels != clean)[known], errors, seed)
    left = _left(run, found, pool, labels, dataset, at, level)
    return {"budget": curves, "budget_needed": needed, "errors_left": left}


def labels_in_use(found: Detected, columns: NoisyLabels, dataset: Dataset, at: int, of: Source) -> np.ndarray:
    """int64 [N] labels of a run: of people's, also those of a seed's test part, and answers in their place."""
    column = int(found.column[at])
    if of.seed is None and found.noise[at] in (of.noise, cell.NOISE):
        return apply(given_labels(dataset, columns, column, of), columns.answers[column])
    return columns.labels[column].astype(np.int64)


def _left(
    run: dict, found: Detected, pool: np.ndarray, labels: np.ndarray, dataset: Dataset, at: int, level: float
) -> pd.DataFrame:
    """Errors left among the labels at positions `pool`, which nobody answered."""
    if not len(pool):
        return results.empty("errors_left")
    clean = dataset.clean_labels[pool]
    wrong = labels[pool] != clean if (clean >= 0).all() else None
    others = [found.scores[name][at] for name in budget.OTHERS if name in found.scores]
    models = [found.p_wrong[at, pool], found.p_low[at, pool], *(other[pool] for other in others)]
    ranked = budget.order(found.p_low[at, pool], int(found.seed[at]))  # as the curves have it
    return budget.errors_left_rows(run, ranked, models, wrong, level)
