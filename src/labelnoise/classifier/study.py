"""The classifier of a data set: trained on the run of which the list is made, predictions of all its images.

Shape letters: N images of the data set, n of them with a label in that run, C classes.
"""

from typing import Any, NamedTuple

import numpy as np
import pandas as pd

from labelnoise import features, results
from labelnoise.audit.predicted import Accuracy
from labelnoise.classifier import check, encoders, predictions, training
from labelnoise.classifier.model import Encoding, Model, Reading, probabilities
from labelnoise.data.images import CHANNELS, SIXTEEN_BITS
from labelnoise.detect import pool, topk
from labelnoise.detect.detector import Labels
from labelnoise.detect.predictors import PRED_PROBS
from labelnoise.features.types import Machine
from labelnoise.noise.noisy_labels import UNANSWERED, NoisyLabels
from labelnoise.recheck import detected
from labelnoise.recheck.cell import Source
from labelnoise.recheck.detected import Detected
from labelnoise.types import Dataset

KEY = ("network", "noise", "noise_rate", "seed")
FILE_WHITE = 255.0  # of the pixels of a file
UNREADABLE = Reading(0, "", 0, 0, FILE_WHITE)  # of tables, and of images that no file is read as


class Inputs(NamedTuple):
    """What earlier stages found."""

    name: str  # of the data set
    section: Any  # datasets.<name>
    dataset: Dataset
    columns: NoisyLabels
    detected: Detected
    features: dict[str, np.ndarray]  # name -> [N, D]
    group: np.ndarray  # int [N]
    source: Source


class Outputs(NamedTuple):
    """What the stage writes."""

    model: Model
    predictions: str  # CSV
    table: pd.DataFrame  # `classifier`
    key: dict
    predicted: np.ndarray  # int [N]


def outputs(of: Inputs, floor: float, bins: int, machine: Machine) -> Outputs:
    """floor: detect.floor of params.yaml; bins: of confidence."""
    at = detected.listed_run(of.detected, of.source)
    labelled = topk.finite(of.detected.posterior[at])
    given = detected.given_labels(of.dataset, of.columns, int(of.detected.column[at]), of.source)
    trained, q = _trained(of, at, given, labelled, floor)
    key = {name: getattr(of.detected, name)[at].item() for name in KEY}
    table = check.rows(key, q, of.dataset.clean_labels, _parts(labelled, of.group), bins)
    about = _about(of, at, labelled, table)
    model = trained._replace(about=about, encodings=_encodings(of, trained, machine), reading=_reading(of))
    text = predictions.text(q, of.dataset.class_names, of.dataset.files, given)
    return Outputs(model, text, table, key, q.argmax(1))


def checked(outputs: Outputs, by: Accuracy | None) -> tuple[Model, pd.DataFrame]:
    """The model, which tells what the audit says of it, and table `model_check`; without rows before that."""
    if by is None:
        return outputs.model, results.empty("model_check")
    about = outputs.model.about | {"audit": by._asdict()}
    return outputs.model._replace(about=about), pd.DataFrame([outputs.key | by._asdict()])


def _trained(
    of: Inputs, at: int, given: np.ndarray, labelled: np.ndarray, floor: float
) -> tuple[Model, np.ndarray]:
    """The model, and its probabilities [N, C] of all images: of labelled ones out of sample."""
    names, rows = of.dataset.class_names, np.flatnonzero(labelled)
    known = np.maximum(of.columns.answers[of.detected.column[at]], UNANSWERED).astype(np.int64)
    own = Labels(given, known, len(names)).of(rows)
    transition, sets = of.detected.transition_low[at], _sets(of.features)
    if not sets:
        probs = of.features[PRED_PROBS]
        fit = pool.fit([probs[rows]], own.given, transition, floor, own.known)
        q = pool.pooled([probs], fit.weights, fit.bias, floor)
        return Model([], fit.weights[:0], fit.bias, floor, names, {}, UNREADABLE, {}), q
    raw = {name: values[rows] for name, values in sets.items()}
    targets = topk.dense(topk.taken(of.detected.posterior[at], rows))
    fit = training.train(raw, own, targets, transition, of.group[rows], floor)
    model = Model(fit.parts, fit.pooled.weights, fit.pooled.bias, floor, names, {}, UNREADABLE, {})
    q = np.empty((len(labelled), len(names)))
    q[rows] = fit.pooled.q
    if len(rows) < len(q):
        q[~labelled] = probabilities(model, {name: values[~labelled] for name, values in sets.items()})
    return model, q


def _sets(found: dict[str, np.ndarray]) -> dict[str, np.ndarray]:
    """Features alone: new images come without the owner's probabilities."""
    return {name: values for name, values in found.items() if name != PRED_PROBS}


def _parts(labelled: np.ndarray, group: np.ndarray) -> dict[str, np.ndarray]:
    """Copies of what was trained on test nothing."""
    return {check.TEST: ~labelled & ~np.isin(group, group[labelled]), check.LABELLED: labelled}


def _about(of: Inputs, at: int, labelled: np.ndarray, table: pd.DataFrame) -> dict:
    own = {"dataset": of.name, "labelled": int(labelled.sum()), "gate": of.detected.gate[at].verdict}
    return own | {"checks": table.drop(columns=list(KEY)).to_dict("records"), "audit": None}


def _encodings(of: Inputs, model: Model, machine: Machine) -> dict[str, Encoding]:
    if not model.parts:
        return {}
    shown = features.shown(of.dataset, of.section)
    sections = features.chosen(shown, of.section.features, f"datasets.{of.name}.features")
    return {name: encoders.stored(section, shown, machine) for name, section in sections.items()}


def _reading(of: Inputs) -> Reading:
    """How new files are to be read: as those of the folder were, else as images of that size and of 0..255."""
    folder, (channels, height, width) = of.section.data.folder, of.dataset.images.shape[1:]
    if folder is not None:
        levels = SIXTEEN_BITS if folder.white is None else folder.white
        white = features.shown(of.dataset, of.section).white
        return Reading(folder.size, folder.mode, folder.max_pixels, levels, white)
    modes = {count: mode for mode, (_, count) in CHANNELS.items()}
    if of.dataset.images.dtype != np.uint8 or height != width or channels not in modes:
        return UNREADABLE
    return Reading(height, modes[channels], features.MAX_PIXELS, SIXTEEN_BITS, FILE_WHITE)
