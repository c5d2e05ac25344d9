"""The noise cell that people recheck, and the one that has their answers in place of its labels.

Shape letters: K columns, N examples of the data set (training and test).
"""

from collections.abc import Mapping, Sequence
from typing import Any, NamedTuple

import numpy as np

from labelnoise.noise import human
from labelnoise.noise.ledger import ledger_row, realised_rate, realised_transition
from labelnoise.noise.noisy_labels import LEFT_OUT, NoisyLabels
from labelnoise.noise.types import Drawn
from labelnoise.types import Dataset

NOISE = "rechecked"  # the cell with the answers; everything downstream takes it for one more noise


class Source(NamedTuple):
    """The noise cell that is rechecked."""

    noise: str
    noise_rate: float
    seed: int | None  # None: all seeds, since all have the same labels


def source(noises: Mapping[str, Sequence[float]], cell: Any) -> Source:
    """What is rechecked in a data set with these noises (name -> rates): the labels that people gave, where there
    are some (the first by name), else the injected noise of `cell` (`recheck.cell` of params.yaml)."""
    people = sorted(noise for noise in noises if noise == human.GIVEN or noise.startswith(human.PREFIX))
    if people:
        return Source(people[0], noises[people[0]][0], None)
    return Source(cell.noise, cell.noise_rate, cell.seed)


def positions(columns: Any, of: Source) -> np.ndarray:
    """Where the runs or columns of the source are: int [k]. columns: anything with noise, noise_rate, seed [K]."""
    same = (columns.noise == of.noise) & np.isclose(columns.noise_rate, of.noise_rate)
    return np.flatnonzero(same & ((columns.seed == of.seed) if of.seed is not None else True))


def apply(labels: np.ndarray, answers: np.ndarray) -> np.ndarray:
    """`labels` [..., N] with `answers` [N] in their place. UNSURE changes none; what is LEFT_OUT has no label, -1.
    Examples without a label (-1) stay without."""
    named = np.where((answers >= 0) & (labels >= 0), answers, labels)
    return np.where(answers == LEFT_OUT, -1, named).astype(labels.dtype)


def with_answers(
    drawn: NoisyLabels, rows: list[dict], dataset: Dataset, answers: np.ndarray, of: Source
) -> tuple[NoisyLabels, list[dict]]:
    """`drawn` and its ledger `rows`, followed by the columns of the source with `answers` [N] in their place: a
    class, or UNANSWERED, UNSURE, LEFT_OUT."""
    added = [_column(drawn, at, dataset, answers, of) for at in positions(drawn, of)]
    parts = zip(drawn, *(column for column, _ in added), strict=True)
    return NoisyLabels(*(np.concatenate(part) for part in parts)), [*rows, *(row for _, row in added)]


def _column(
    drawn: NoisyLabels, at: int, dataset: Dataset, answers: np.ndarray, of: Source
) -> tuple[NoisyLabels, dict]:
    """One column, [1, ...], and its ledger row; nobody designed its transition, so the realised one stands
    there."""
    labels = apply(drawn.labels[at], answers)
    trained = labels >= 0
    clean, own = dataset.clean_labels[trained], labels[trained].astype(np.int64)
    before = drawn.labels[at]
    changed, answered = int(((labels != before) & trained).sum()), int((answers >= 0).sum())
    said = f"The labels of {of.noise} at {of.noise_rate:g} with {answered} rechecked ones in their place"
    left_out = int(((before >= 0) & ~trained).sum())
    beside = f"; {left_out} are left out" if left_out else ""
    matrix = realised_transition(clean, own, len(dataset.class_names))
    facts = Drawn(own, matrix, f"{said}, of which {changed} change a label of this seed{beside}.", "given")
    seed = int(drawn.seed[at])
    column = (NOISE, of.noise_rate, seed, labels, matrix, matrix, realised_rate(clean, own), before, answers)
    row = ledger_row(NOISE, of.noise_rate, seed, facts, clean)
    return NoisyLabels(*(np.array(part)[None] for part in column)), row
