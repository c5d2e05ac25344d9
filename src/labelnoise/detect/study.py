"""All detection tables of a data set, from what the uncertainty stage left: runs one by one, then cell by cell.

Shape letters: K runs, N examples of the data set, C classes.
"""

from typing import Any, NamedTuple

import numpy as np
import pandas as pd

from labelnoise import results
from labelnoise.columns import Columns
from labelnoise.detect import model, tables, tiers
from labelnoise.detect.model import Arrays, Found, Labels
from labelnoise.detect.tables import Scored
from labelnoise.types import Dataset
from labelnoise.uncertainty import posterior

KEYS = ("network", "noise", "noise_rate", "seed", "column")
SMALL = 30  # classes: up to here the whole noise matrix is told
LARGEST = 200  # off-diagonal entries told of a larger one
MOST_CLASSES = 100  # bounds of larger matrices would take gigabytes


class Run(NamedTuple):
    """One run with what was found of it."""

    key: dict  # network, noise, noise_rate, realised_rate, seed
    labels: Labels
    found: Found
    tier: np.ndarray  # int8 [N]


class Plan(NamedTuple):
    """How to count."""

    resamples: int
    level: float
    bins: int


def runs(dataset: Dataset, columns: Columns, bags: Arrays, source: str, section: Any) -> list[Run]:
    """Every run of the uncertainty stage. source: the noise whose labels `rechecked` stands for."""
    made = []
    for at in range(len(bags["seed"])):
        column, noise = int(bags["column"][at]), str(bags["noise"][at])
        own = model.labels(dataset, columns, column, source if noise == "rechecked" else noise)
        run = {name: values[at] for name, values in bags.items() if name not in KEYS}
        found = model.of_run(run, own, section)
        early = np.where(run["planted"], np.nan, run["full_early_disagreement"])
        key = {name: bags[name][at].item() for name in KEYS[:4]}
        key["realised_rate"] = float(columns.realised_rate[column])
        made.append(Run(key, own, found, tiers.assign(found.p_wrong, early, section.obvious, section.possible)))
    return made


def arrays(found: list[Run], bags: Arrays) -> Arrays:
    """What the recheck stage reads, an entry per run."""
    parts = {name: np.stack([getattr(run.found, name) for run in found]) for name in ("p_wrong", "posterior")}
    parts["transition"] = np.stack([run.found.transition for run in found])
    parts["tier"] = np.stack([run.tier for run in found])
    for name in found[0].found.scores:
        parts[f"score_{name}"] = np.stack([run.found.scores[name] for run in found])
    return {name: bags[name] for name in KEYS} | parts


def all_tables(found: list[Run], dataset: Dataset, columns: Columns, plan: Plan) -> dict[str, pd.DataFrame]:
    """Tables detection, detection_intervals, detection_reliability, tiers, noise_rate and noise_matrix."""
    made: dict[str, list[pd.DataFrame]] = {name: [results.empty(name)] for name in TABLES}
    for run in found:
        made["detection"].append(tables.detection_rows(run.key, _judged(run, dataset), plan.bins))
        made["tiers"].append(_tiers(run, dataset, plan.level))
        made["noise_rate"].append(_rates(run, plan))
    for cell in _cells(found):
        key = _cell_key(cell)
        judged = [_judged(run, dataset) for run in cell]
        facts = (plan.level, _rng(key), plan.bins)
        made["detection_intervals"].append(tables.interval_rows(key, judged, plan.resamples, *facts))
        made["detection_reliability"].append(tables.reliability_rows(key, judged, plan.bins, plan.level))
        truth = np.mean([columns.realised[_column(run, columns)] for run in cell], axis=0)
        made["noise_matrix"].append(_matrix(key, cell, dataset.class_names, truth, plan))
    return {name: _together(parts) for name, parts in made.items()}


TABLES = ("detection", "detection_intervals", "detection_reliability", "tiers", "noise_rate", "noise_matrix")


def _together(parts: list[pd.DataFrame]) -> pd.DataFrame:
    filled = [part for part in parts if len(part)]
    return pd.concat(filled, ignore_index=True) if filled else parts[0]


def _cells(found: list[Run]) -> list[list[Run]]:
    """Runs of the same network, noise and rate."""
    cells: dict[tuple, list[Run]] = {}
    for run in found:
        cells.setdefault((run.key["network"], run.key["noise"], run.key["noise_rate"]), []).append(run)
    return list(cells.values())


def _cell_key(cell: list[Run]) -> dict:
    """The key of a cell; its realised rate is the mean over seeds."""
    key = {name: cell[0].key[name] for name in ("network", "noise", "noise_rate")}
    return key | {"realised_rate": float(np.mean([run.key["realised_rate"] for run in cell]))}


def _rng(key: dict) -> np.random.Generator:
    """A stream per cell, so that a new cell changes no other."""
    return np.random.default_rng([*map(ord, key["network"] + key["noise"]), round(key["noise_rate"] * 1e6)])


def _column(run: Run, columns: Columns) -> int:
    same = (columns.noise == run.key["noise"]) & np.isclose(columns.noise_rate, run.key["noise_rate"])
    return int(np.flatnonzero(same & (columns.seed == run.key["seed"]))[0])


def _now(run: Run) -> np.ndarray:
    """The labels [N] in use: answers stand in place of what they answer."""
    return np.where(run.labels.known >= 0, run.labels.known, run.labels.given)


def _judged(run: Run, dataset: Dataset) -> Scored:
    """Scores and truth of the run's pool. Answered labels do not count: only the noise model is told of them."""
    pool = run.labels.pool & (run.labels.known < 0)
    scores = {name: values[pool] for name, values in run.found.scores.items()}
    return tables.with_truth(scores, run.labels.given[pool], dataset.clean_labels[pool])


def _tiers(run: Run, dataset: Dataset, level: float) -> pd.DataFrame:
    guess = np.where(np.isnan(run.found.posterior), -1, run.found.posterior).argmax(1)
    return tiers.table_rows(run.key, run.tier, run.found.p_wrong, guess, _now(run), dataset.clean_labels, level)


def _rates(run: Run, plan: Plan) -> pd.DataFrame:
    """How much noise every estimator sees; the interval is over examples, and says nothing of a wrong model."""
    rng, rows = _rng(run.key), []
    for estimator, values in run.found.rates.items():
        low, high = np.nan, np.nan
        if len(values) > 1 and np.isfinite(values).all():
            low, high = posterior.rate_interval(values, plan.resamples, rng, plan.level)
        facts = {"estimator": estimator, "estimate": float(values.mean()), "low": low, "high": high}
        rows.append(run.key | facts | {"overlapping": run.found.overlapping})
    return pd.DataFrame(rows)


def _matrix(key: dict, cell: list[Run], names: list[str], truth: np.ndarray, plan: Plan) -> pd.DataFrame:
    """P(given | true) of a cell, the mean over its seeds; bounds are the means of the seeds' own."""
    estimate = np.mean([run.found.transition for run in cell], axis=0)
    low, high = np.mean([_bounds(run, plan) for run in cell], axis=0)
    clean, given = np.divmod(np.arange(len(names) ** 2), len(names))
    kept = _told(estimate)
    columns = {"estimate": estimate, "low": low, "high": high, "truth": truth}
    frame = pd.DataFrame({name: values.ravel() for name, values in columns.items()})
    frame = frame.assign(clean=[names[at] for at in clean], given=[names[at] for at in given], **key)
    return frame[kept.ravel()]


def _bounds(run: Run, plan: Plan) -> np.ndarray:
    """Low and high [2, C, C]; NaN where runs diverged, or with so many classes that resamples would not fit into
    memory."""
    own, labelled = run.found.posterior, run.labels.given >= 0
    if own.shape[1] > MOST_CLASSES or not np.isfinite(own[labelled]).all():
        return np.full((2, own.shape[1], own.shape[1]), np.nan)
    now, rng = _now(run)[labelled], _rng(run.key)
    return np.stack(posterior.transition_interval(own[labelled], now, plan.resamples, rng, plan.level))


def _told(estimate: np.ndarray) -> np.ndarray:
    """Which entries [C, C] the table has: all of a small matrix, else the diagonal and the largest others."""
    if len(estimate) <= SMALL:
        return np.ones(estimate.shape, bool)
    others = np.where(np.eye(len(estimate), dtype=bool), -1, estimate)
    return np.eye(len(estimate), dtype=bool) | (others >= np.sort(others.ravel())[-LARGEST])
