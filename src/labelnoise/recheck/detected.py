"""What the detect stage found, and its judgement of the cell whose labels people recheck.

Shape letters: K runs, N examples of the data set (training and test), C classes.
"""

from pathlib import Path
from typing import NamedTuple

import numpy as np
from scipy.special import expit, logit

from labelnoise import files
from labelnoise.columns import Columns
from labelnoise.detect import tiers
from labelnoise.noise import human
from labelnoise.recheck import cell
from labelnoise.recheck.cell import Source
from labelnoise.types import Dataset

SCORE = "score_"  # prefix of the arrays of suspicion scores
CERTAIN = 1e-9  # no run is surer than that, so that one alone cannot outvote all others


class Detected(NamedTuple):
    """An entry per run; NaN where an example has no label in that run."""

    network: np.ndarray  # unicode [K]
    noise: np.ndarray  # unicode [K]
    noise_rate: np.ndarray  # [K] nominal
    seed: np.ndarray  # int [K]
    column: np.ndarray  # int [K] of the noise stage
    p_wrong: np.ndarray  # [K, N]
    posterior: np.ndarray  # [K, N, C] of the true class, given image and label
    tier: np.ndarray  # int8 [K, N]
    scores: dict[str, np.ndarray]  # name -> suspicion [K, N]


class Judgement(NamedTuple):
    """Of one cell, all of its runs together."""

    runs: np.ndarray  # int [k] positions in `Detected`
    given: np.ndarray  # int64 [N] labels as given, -1 where there is none
    answers: np.ndarray  # int16 [N], -1 where not rechecked
    p_wrong: np.ndarray  # [N]
    tier: np.ndarray  # int8 [N]
    suggestion: np.ndarray  # int64 [N] most probable class
    confidence: np.ndarray  # [N] its probability


def load(path: Path) -> Detected:
    """What the detect stage wrote to `path`."""
    arrays = files.load_arrays(path)
    scores = {name.removeprefix(SCORE): array for name, array in arrays.items() if name.startswith(SCORE)}
    wide = {
        name: arrays[name].astype(np.float64) for name in ("p_wrong", "posterior")
    }  # 1 - CERTAIN is 1 in float32
    return Detected(*({**arrays, **wide}[name] for name in Detected._fields[:-1]), scores)


def listed_runs(found: Detected, of: Source) -> np.ndarray:
    """Runs [k] of which the list is made: those with answers in place, else those of the source; first network."""
    for wanted in (of._replace(noise=cell.NOISE), of):
        at = cell.positions(found, wanted)
        if len(at):
            return at[found.network[at] == found.network[at[0]]]
    where = "recheck.cell" if of.seed is not None else f"noise {of.noise!r}"
    raise ValueError(f"{where}: no label errors were looked for there; allowed: the seeds of bootstrap.seeds")


def judge(
    found: Detected, at: np.ndarray, dataset: Dataset, columns: Columns, of: Source, limits: dict
) -> Judgement:
    """Runs `at` [k] together: the mean over those that judge an example, of the logit of p_wrong and of the
    posterior.

    limits: `obvious` and `possible` of `tiers.assign`. Obvious is decided by the mean; sure needs that tier in
    every run whose networks trained on the example.
    """
    column = int(found.column[at[0]])
    p_wrong = expit(_mean(logit(found.p_wrong[at].clip(CERTAIN, 1 - CERTAIN))))
    posterior = _mean(found.posterior[at])
    sure = np.where(columns.labels[found.column[at]] < 0, np.nan, found.tier[at] == tiers.SURE)
    posterior = np.where(np.isnan(posterior), -1.0, posterior)
    return Judgement(
        at,
        given_labels(dataset, columns, column, of),
        columns.answers[column],
        p_wrong,
        tiers.assign(p_wrong, sure, **limits),
        posterior.argmax(1),
        posterior.max(1),
    )


def given_labels(dataset: Dataset, columns: Columns, column: int, of: Source) -> np.ndarray:
    """int64 [N] labels from people before any answer, also where a seed tests; injected ones as in `column`."""
    if of.seed is None:
        return dataset.human_labels[human.column(of.noise)].astype(np.int64)
    return columns.labels[column].astype(np.int64)


def _mean(values: np.ndarray) -> np.ndarray:
    """Mean over the first axis of what is not NaN; NaN where all is."""
    seen = ~np.isnan(values)
    count = seen.sum(0)
    total = np.where(seen, values, 0).sum(0)
    return np.divide(total, count, out=np.full(total.shape, np.nan), where=count > 0)
