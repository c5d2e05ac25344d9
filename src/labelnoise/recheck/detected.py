"""What the detect stage found, and its judgement of the labels that people recheck.

Labels that people gave are judged by one run, every example out of sample; injected ones by a run per seed.

Shape letters: K runs, N examples of the data set (training and test), C classes.
"""

from collections.abc import Sequence
from pathlib import Path
from typing import NamedTuple

import numpy as np

from labelnoise import files
from labelnoise.detect import tiers, topk
from labelnoise.detect.topk import Probs
from labelnoise.detect.types import ALL, CAUTIOUS, Gate
from labelnoise.noise import human
from labelnoise.noise.noisy_labels import NoisyLabels
from labelnoise.recheck import cell, verdict
from labelnoise.recheck.cell import Source
from labelnoise.types import Dataset

SCORE, GATE = "score_", "gate_"  # prefixes of the arrays of suspicion scores, and of the gate's figures
NO_SUGGESTION = -1


class Detected(NamedTuple):
    """An entry per run; NaN where an example has no label in that run."""

    network: np.ndarray  # unicode [K] what saw the images: names of features
    noise: np.ndarray  # unicode [K]
    noise_rate: np.ndarray  # [K] nominal
    seed: np.ndarray  # int [K]
    column: np.ndarray  # int [K] of the noise stage
    p_wrong: np.ndarray  # [K, N] P(label is wrong) for readers
    p_low: np.ndarray  # [K, N] of the cautious model, which orders and makes tiers
    posterior: Sequence[Probs]  # [K] of [N, C] of the true class, given image and label, of the cautious model
    transition_low: np.ndarray  # [K, C, C] P(given | true) of the cautious model
    tier: np.ndarray  # int8 [K, N] after the gate: withheld tiers are 0
    sure: np.ndarray  # bool [K, N] within obvious
    two_labels: np.ndarray  # bool [K, N] a copy has another label
    gate: list[Gate]  # [K]
    scores: dict[str, np.ndarray]  # name -> suspicion [K, N]


class AsShown(NamedTuple):
    """Of one run, as far as its gate lets people see it."""

    run: int  # position in `Detected`
    given: np.ndarray  # int64 [N] labels as given, -1 where there is none
    answers: np.ndarray  # int16 [N] a class, or UNANSWERED, UNSURE, LEFT_OUT
    order: np.ndarray  # [N] suspicion, NaN where there is no label
    p_wrong: np.ndarray  # [N]; all NaN where only the order may be seen
    tier: np.ndarray  # int8 [N]
    sure: np.ndarray  # bool [N]
    two_labels: np.ndarray  # bool [N] a copy has another label: of the two one is wrong, whatever the gate says
    suggestion: np.ndarray  # int64 [N], NO_SUGGESTION where the given class is the likeliest and nothing suspect
    confidence: np.ndarray  # [N] its probability; NaN without a suggestion, and where only the order may be seen
    gate: Gate


def load(path: Path) -> Detected:
    """What the detect stage wrote to `path`."""
    arrays = files.load_arrays(path)
    scores = {name.removeprefix(SCORE): array for name, array in arrays.items() if name.startswith(SCORE)}
    figures = zip(*(arrays[GATE + name].tolist() for name in Gate._fields), strict=True)
    wide = {name: arrays[name].astype(np.float64, copy=False) for name in ("p_wrong", "p_low")}
    wide["posterior"] = topk.read("posterior", arrays)
    own = {**arrays, **wide, "gate": [Gate(*of) for of in figures], "scores": scores}
    return Detected(**{name: own[name] for name in Detected._fields})


def key(found: Detected, columns: NoisyLabels, at: int) -> dict:
    """Key columns of the run at position `at`."""
    own = {name: getattr(found, name)[at] for name in ("network", "noise", "noise_rate", "seed")}
    return own | {"realised_rate": float(columns.realised_rate[found.column[at]])}


def listed_run(found: Detected, of: Source) -> int:
    """The run of which the list is made: with answers in place, else the source's."""
    for wanted in (of._replace(noise=cell.NOISE), of):
        at = cell.positions(found, wanted)
        if len(at):
            return int(at[0])
    where = "recheck.cell" if of.seed is not None else f"noise {of.noise!r}"
    raise ValueError(f"{where}: no label errors were looked for there; allowed: the seeds of detection.seeds")


def run_before(found: Detected, of: Source) -> int:
    """The source's run, before any answer."""
    return int(cell.positions(found, of)[0])


def as_shown(found: Detected, at: int, dataset: Dataset, columns: NoisyLabels, of: Source) -> AsShown:
    """The run at position `at` as people may see it.

    A suggestion is the likeliest class but the given one: of every suspect, and wherever it is the likeliest of
    all.
    """
    gate, column = found.gate[at], int(found.column[at])
    given = given_labels(dataset, columns, column, of)
    nothing = np.full(len(given), np.nan)
    told = {CAUTIOUS: found.p_low[at], ALL: found.p_wrong[at]}.get(gate.verdict, nothing)
    stated = gate.verdict in verdict.STATED
    posterior = topk.without_nan(found.posterior[at])
    tier = found.tier[at] if stated else np.zeros_like(found.tier[at])
    likeliest = topk.likeliest(posterior)
    suggested = np.isfinite(found.p_low[at]) & (given >= 0) & ((likeliest != given) | (tier > tiers.NONE))
    second, confidence = topk.besides(posterior, given)
    return AsShown(
        at,
        given,
        columns.answers[column],
        found.p_low[at],
        told,
        tier,
        found.sure[at] & stated,
        found.two_labels[at],
        np.where(suggested, second, NO_SUGGESTION),
        np.where(suggested & stated, confidence, np.nan),
        gate,
    )


def given_labels(dataset: Dataset, columns: NoisyLabels, column: int, of: Source) -> np.ndarray:
    """int64 [N] labels before any answer: those from people also where a seed tests, injected ones as in `column`,
    -1 where that has none."""
    if of.seed is None:
        return dataset.human_labels[human.column(of.noise)].astype(np.int64)
    return np.where(columns.labels[column] >= 0, columns.given[column], -1).astype(np.int64)
