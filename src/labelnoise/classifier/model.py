"""The classifier: ridge regressions on the features, read as probabilities and pooled.

    s_r(x) = k(x, landmarks) w_r                                    one per kernel and penalty
    q(y | x) = (1 - floor) softmax_y(sum_m beta_m log p_m(x) + b) + floor / C

Each s_r is read in two ways (detect/predictors.py: sharp, clipped), so that there are twice as many p_m.

Shape letters: n images, D features, m landmarks, P penalties, C classes, M predictors.
"""

from typing import Any, NamedTuple

import numpy as np

from labelnoise.detect import pool, predictors, ridge, scaling
from labelnoise.detect.scaling import Scale
from labelnoise.sections import Section

READINGS = (predictors.sharp, predictors.clipped)  # from scores to probabilities


class Part(NamedTuple):
    """Regressions on one feature set with one kernel."""

    features: str  # name of the set, <position>_<encoder>
    scale: Scale  # of its columns
    marks: np.ndarray  # float32 [m, D] landmarks, scaled
    width: float  # of the kernel: times squared distances, in the exponent
    weights: np.ndarray  # float32 [P, m, C]


class Encoding(NamedTuple):
    """An encoder, as far as its settings and the images that it was fitted to decide it."""

    section: Section
    sha256: str  # of its weights; empty where it has none, or a library has them
    fitted: dict[str, np.ndarray]  # what it took from the images


class Reading(NamedTuple):
    """How files become the pixels that the encoders saw."""

    size: int  # pixels of a side; 0: the model was not trained on square images in colour or grey
    mode: str  # rgb or grey
    max_pixels: int  # of a file
    levels: int  # grey level of 16-bit files that is shown as white
    white: float  # value of a pixel that is 1 to the encoders


class Model(NamedTuple):
    """All that predicts."""

    parts: list[Part]
    beta: np.ndarray  # [M]
    bias: np.ndarray  # [C] b
    floor: float
    class_names: list[str]  # [C]
    encodings: dict[str, Encoding]  # name of a feature set -> what makes it
    reading: Reading
    about: dict[str, Any]  # dataset, labelled (count), gate (verdict), checks: rows of the
    # table `classifier`, audit: what the audit says of its predictions, None before it has enough answers


def probabilities(model: Model, features: dict[str, np.ndarray]) -> np.ndarray:
    """q [n, C] of images with these `features` [n, D] by name, in blocks: no image changes another's."""
    count, step = len(next(iter(features.values()))), ridge.BLOCK
    found = np.empty((count, len(model.class_names)))
    for start in range(0, count, step):
        rows = slice(start, start + step)
        probs = [p for part in model.parts for p in _read(part, features[part.features][rows])]
        found[rows] = pool.pooled(probs, model.beta, model.bias, model.floor)
    return found


def _read(part: Part, values: np.ndarray) -> list[np.ndarray]:
    x = scaling.applied(part.scale, values)
    penalties, marks, classes = part.weights.shape
    scores = ridge.mapped(part.marks, part.width, part.weights.transpose(1, 0, 2).reshape(marks, -1), x)
    return readings(scores.reshape(len(x), penalties, classes).transpose(1, 0, 2))


def readings(scores) -> list[np.ndarray]:
    """Probabilities, twice as many arrays [n, C] as `scores`, of which each is [n, C]."""
    return [read(np.asarray(of, np.float64)) for of in scores for read in READINGS]
