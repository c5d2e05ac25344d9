"""Scores that need networks beside the noise model, which does not: both on the examples that networks train on.

Every run that methods are trained on has the training dynamics of plain cross-entropy and confident learning by
folds; a few cells have bags and full runs with planted labels too. What the detect stage found of the same labels
stands beside them.

Shape letters: N examples of the data set, n of a run's training part, C classes.
"""

from typing import NamedTuple

import numpy as np
import pandas as pd

from labelnoise import results
from labelnoise.alternatives import models, scores
from labelnoise.alternatives.models import Full
from labelnoise.alternatives.scores import Evidence, filled
from labelnoise.columns import Columns
from labelnoise.detect import pool, tables
from labelnoise.detect.tables import REFERENCE, Scored
from labelnoise.train.runs import Row
from labelnoise.types import Dataset
from labelnoise.uncertainty import posterior
from labelnoise.uncertainty.entropy import OutOfBag

KEYS = ("network", "noise", "noise_rate", "seed")
BESIDE = (REFERENCE, "sample_only", "class_only")  # scores of the detect stage
Arrays = dict[str, np.ndarray]
Cell = tuple[str, float, int]  # noise, noise_rate, seed


class Trained(NamedTuple):
    """What networks left of one run."""

    labels: np.ndarray  # int64 [N] as they were trained on, -1 where there is none
    index: np.ndarray  # int [n] examples of the training part
    dynamics: Arrays  # name -> [n]; NaN where the run diverged
    folds: np.ndarray  # [n, C] out-of-sample probabilities
    bags: OutOfBag | None = None  # of all N examples
    full: Full | None = None  # of all N examples


class Run(NamedTuple):
    """One run with its scores on the examples whose truth is known."""

    key: dict  # network, noise, noise_rate, realised_rate, seed
    scored: Scored


class Plan(NamedTuple):
    """How to count."""

    resamples: int
    level: float
    bins: int


def detected(arrays: Arrays) -> dict[Cell, int]:
    """Where the detect stage's file has which labels. Its `network` names features, and tells nothing here."""
    cells = zip(arrays["noise"], arrays["noise_rate"], arrays["seed"], strict=True)
    return {tuple(value.item() for value in cell): at for at, cell in enumerate(cells)}


def runs(dataset: Dataset, columns: Columns, found: dict[Row, Trained], arrays: Arrays, floor: float) -> list[Run]:
    """Every run that the detect stage has looked at too. arrays: its file; floor: `detect.floor`."""
    where, made = detected(arrays), []
    for row, run in found.items():
        if row[1:4] in where:
            at = where[row[1:4]]
            own = {name: arrays[name][at] for name in ("q", "transition_low", *map("score_{}".format, BESIDE))}
            key = {name: getattr(row, name) for name in KEYS}
            key["realised_rate"] = float(columns.realised_rate[row.column])
            answered = columns.answers[row.column] >= 0
            made.append(Run(key, scored(run, of_run(run, own, floor), dataset.clean_labels, answered)))
    return made


def of_run(run: Trained, found: Arrays, floor: float) -> Arrays:
    """Every suspicion score [n] of the training part, by name. found: the detect stage's arrays of the same
    labels."""
    index = run.index
    bags = None if run.bags is None else OutOfBag(*(values[index] for values in run.bags))
    evidence = Evidence(run.labels[index], run.dynamics, run.folds, bags)
    made = {name: found[f"score_{name}"][index].astype(np.float64) for name in BESIDE}
    made |= scores.all_scores(evidence)
    if run.bags is not None:
        made["mixture"] = models.mixture(evidence)
        made |= {name: filled(values[index]) for name, values in noise_models(run, found, floor).items()}
    if run.full is not None:
        own = {name: values[:, index] for name, values in run.full.dynamics.items()}
        made["planted"] = models.planted(Full(own, run.full.planted[:, index]))
    return made


def noise_models(run: Trained, found: Arrays, floor: float) -> Arrays:
    """P(wrong) [N] of the noise model on bags in place of features, and on both, with the same T held; NaN for
    what no bag left out."""
    seen = (run.labels >= 0) & np.isfinite(run.bags.probs).all(1)
    made = {name: np.full(len(seen), np.nan) for name in ("noise_model_on_bags", "noise_model_with_bags")}
    if not seen.any():
        return made
    labels, probs, matrix = run.labels[seen], run.bags.probs[seen], found["transition_low"]
    on = posterior.fit(probs, labels, np.full(len(labels), -1), floor, matrix).posterior
    both = pool.fit([found["q"][seen].astype(np.float64), probs], labels, matrix, floor).posterior
    for name, one in zip(made, (on, both), strict=True):
        made[name][seen] = posterior.p_wrong(one, labels)
    return made


def scored(run: Trained, made: Arrays, clean: np.ndarray, answered: np.ndarray) -> Scored:
    """Scores and truth of the training part. clean [N]: -1 where not known. answered, bool [N]: labels that a
    rechecker named; they do not count, since only the noise model is told of them."""
    kept = ~answered[run.index]
    index = run.index[kept]
    return tables.with_truth({name: of[kept] for name, of in made.items()}, run.labels[index], clean[index])


def all_tables(runs: list[Run], plan: Plan) -> dict[str, pd.DataFrame]:
    """Tables `alternatives` and `alternatives_intervals`."""
    rows = [tables.detection_rows(run.key, run.scored, plan.bins) for run in runs]
    cells: dict[tuple, list[Run]] = {}
    for run in runs:
        cells.setdefault(tuple(run.key[name] for name in ("network", "noise", "noise_rate")), []).append(run)
    intervals = [part for cell in cells.values() for part in _intervals(cell, plan)]
    made = {"alternatives": rows, "alternatives_intervals": intervals}
    return {name: _together(name, parts) for name, parts in made.items()}


def _intervals(cell: list[Run], plan: Plan) -> list[pd.DataFrame]:
    """Rows of one cell. Bags may be there for a part of its seeds: scores of the same seeds share their resamples,
    and each is held against the noise model on these seeds."""
    key = {name: cell[0].key[name] for name in ("network", "noise", "noise_rate")}
    key["realised_rate"] = float(np.mean([run.key["realised_rate"] for run in cell]))
    groups: dict[tuple[int, ...], list[str]] = {}
    for name in dict.fromkeys(name for run in cell for name in run.scored.scores):
        groups.setdefault(tuple(at for at, run in enumerate(cell) if name in run.scored.scores), []).append(name)
    parts = []
    for seeds, names in groups.items():
        own = [_only(cell[at].scored, dict.fromkeys([REFERENCE, *names])) for at in seeds]
        # a stream per cell, so that a new cell changes no other
        rng = np.random.default_rng([*map(ord, key["network"] + key["noise"]), round(key["noise_rate"] * 1e6)])
        table = tables.interval_rows(key, own, plan.resamples, plan.level, rng, plan.bins)
        parts.append(table[table["score"].isin(names)])
    return parts


def _only(of: Scored, names: dict[str, None]) -> Scored:
    return of._replace(scores={name: of.scores[name] for name in names})


def _together(name: str, parts: list[pd.DataFrame]) -> pd.DataFrame:
    told = [part for part in parts if len(part)]
    return pd.concat(told, ignore_index=True) if told else results.empty(name)
