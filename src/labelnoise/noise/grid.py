"""All noisy labels of a data set: one column for each (noise, nominal rate, seed), and its ledger row.

Shape letters: K columns, N examples of the data set (training and test), C classes.
"""

from collections.abc import Sequence
from typing import Any

import numpy as np

from labelnoise.noise import allowed, draw, human
from labelnoise.noise.ledger import ledger_row, realised_rate, realised_transition
from labelnoise.noise.noisy_labels import NOT_TRAINED_ON, NoisyLabels
from labelnoise.noise.types import Drawn, Inputs
from labelnoise.types import Dataset


def training_mask(dataset: Dataset, folds: int, seed: int) -> np.ndarray:
    """bool [N]: the examples that `seed` trains on, all but fold seed mod folds and those without a label."""
    return (dataset.test_fold != seed % folds) & human.labelled(dataset)


def training_inputs(dataset: Dataset, mask: np.ndarray, section: Any) -> Inputs:
    """What a noise model may see: the examples under `mask` [N] only. section: params.yaml, `noise`."""
    return Inputs(
        clean_labels=dataset.clean_labels[mask],
        images=dataset.images[mask],
        num_classes=len(dataset.class_names),
        asymmetric_map=dataset.asymmetric_map,
        human_labels={name: labels[mask] for name, labels in dataset.human_labels.items()},
        section=section,
    )


def draw_all(
    name: str, dataset: Dataset, cells: dict[tuple[str, float], Sequence[int]], folds: int, section: Any
) -> tuple[NoisyLabels, list[dict]]:
    """Columns and ledger rows of every noise cell of the data set called `name`.

    cells: (noise name, nominal rate) -> seeds. ValueError names the key when one of them cannot be drawn; that is
    checked before anything is drawn.
    """
    everything = training_inputs(dataset, human.labelled(dataset), section)
    for noise, rate in cells:
        allowed(name, noise, rate, everything)
    columns, rows = [], []
    for seed in sorted({seed for seeds in cells.values() for seed in seeds}):
        mask = training_mask(dataset, folds, seed)
        inputs = training_inputs(dataset, mask, section)
        for noise, rate in (cell for cell, seeds in cells.items() if seed in seeds):
            drawn = draw(noise, rate, seed, inputs)
            columns.append((noise, rate, seed, *_facts(drawn, mask, inputs.clean_labels)))
            rows.append(ledger_row(noise, rate, seed, drawn, inputs.clean_labels))
    return NoisyLabels(*map(np.array, zip(*columns, strict=True))), rows


def _facts(drawn: Drawn, mask: np.ndarray, clean_labels: np.ndarray) -> tuple:
    """One draw's labels over all N, designed and realised transition, realised rate, and that nobody rechecked."""
    labels = np.full(len(mask), NOT_TRAINED_ON, dtype=np.int16)
    labels[mask] = drawn.labels
    realised = realised_transition(clean_labels, drawn.labels, len(drawn.transition))
    unanswered = np.full_like(labels, -1)
    return labels, drawn.transition, realised, realised_rate(clean_labels, drawn.labels), labels, unanswered
