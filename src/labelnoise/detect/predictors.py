"""Out-of-sample predictions of every example's class from its features, in closed form or by folds.

A feature set is prepared once: its kernel is factorised, its neighbours and components are found. Labels come
later and may change, which is what rounds, shuffles and simulated worlds need.

Shape letters: n examples, D features, C classes.
"""

from collections.abc import Callable
from typing import NamedTuple

import numpy as np
from scipy.special import softmax

from labelnoise import scratch
from labelnoise.detect import neighbours, probe, ridge, scaling
from labelnoise.detect.neighbours import Neighbours
from labelnoise.detect.ridge import Ridge
from labelnoise.detect.topk import Probs

PRED_PROBS = "pred_probs"  # name of the user's own out-of-sample probabilities, which are no features
SHARPNESS = 10.0  # of the softmax of a ridge regression's scores, which lie around 0 and 1
CLIP = 0.005  # least score that counts, of the other way from scores to probabilities


class Settings(NamedTuple):
    """How a kind of features is read. Chosen on digits (seeds 0 to 3), Fashion-MNIST (seed 0) and the first 10,000
    images of CIFAR-10N, before anything else was looked at."""

    scaled: bool  # columns to variance 1 and rows to length 1; else centred only
    sharpness: tuple[float, ...]  # of the kernels
    penalties: tuple[float, ...]
    components: int
    neighbours: int
    temperature: float  # of the neighbours' votes


PIXELS = Settings(False, (2.0,), (1.0, 3.0), 128, 20, 0.2)
ENCODED = Settings(True, (1.0,), (0.1, 1.0), 192, 50, 0.1)


def settings(name: str) -> Settings:
    """Of the features called `name` by the stage `features`."""
    return PIXELS if name.endswith("pixels") else ENCODED


class Features(NamedTuple):
    """One feature set as it came; `values` [n, D], or probabilities [n, C] under the name PRED_PROBS."""

    name: str
    values: np.ndarray

    def of(self, rows: np.ndarray) -> "Features":
        """Those of the examples `rows` alone."""
        return Features(self.name, scratch.taken(self.values, rows))


class Prepared(NamedTuple):
    """What does not depend on labels."""

    name: str
    ridges: tuple[Ridge, ...]  # sharpness by sharpness, penalties ascending
    penalties: tuple[float, ...]  # of each
    near: Neighbours | None
    parts: np.ndarray  # float32 [n, d] for the probe
    given: np.ndarray | None  # the user's own probabilities [n, C]


class Prediction(NamedTuple):
    """One predictor's word."""

    name: str
    probs: Probs  # [n, C]
    ridge: int | None  # position in `Prepared.ridges`
    scores: Callable[[np.ndarray], np.ndarray] | None  # how a ridge's scores become probabilities


def sharp(scores: np.ndarray) -> np.ndarray:
    """Probabilities [n, C] from scores of a ridge regression; best where classes are far apart."""
    return softmax(SHARPNESS * scores, 1)


def clipped(scores: np.ndarray) -> np.ndarray:
    """The same with longer tails; best where classes overlap."""
    kept = np.maximum(scores, CLIP)
    return kept / kept.sum(1, keepdims=True)


def one_hot(labels: np.ndarray, classes: int) -> np.ndarray:
    """float64 [n, C]"""
    return np.eye(classes)[labels]


def named(features: dict[str, np.ndarray]) -> list[Features]:
    """What the stage `features` wrote, [N, D] each, without a set's place in the list."""
    return [Features(name.split("_", 1)[-1] if name[0].isdigit() else name, of) for name, of in features.items()]


def scaled(features: Features) -> np.ndarray:
    """float32 [n, D]: values as its kind of features is read."""
    scale = scaling.fitted(features.values, settings(features.name).scaled)
    return scaling.applied(scale, features.values)


def prepare(features: Features, group: np.ndarray) -> Prepared:
    """Factorise `features`; group [n] numbers the groups 0, 1, ...: members of one do not judge one another."""
    if features.name == PRED_PROBS:
        return Prepared(PRED_PROBS, (), (), None, np.empty((len(features.values), 0)), features.values)
    own, x = settings(features.name), scaled(features)
    several = members(group)
    ridges, penalties = [], []
    for sharpness in own.sharpness:
        phi = ridge.kernel_features(x, sharpness)
        gram = ridge.gram(phi)
        ridges += [ridge.factorize(phi, penalty, several, gram) for penalty in own.penalties]
        penalties += own.penalties
    count = max(1, min(own.neighbours, len(x) // 10))
    near = neighbours.graph(x, count, own.temperature, group if several else None)
    return Prepared(
        features.name, tuple(ridges), tuple(penalties), near, probe.components(x, own.components), None
    )


def members(group: np.ndarray) -> list[np.ndarray]:
    """Positions of the members of every group of two or more."""
    order = np.argsort(group, kind="stable")
    parts = np.split(order, np.flatnonzero(np.diff(group[order])) + 1)
    return [part for part in parts if len(part) > 1]


def strength(prepared: Prepared, labels: np.ndarray, classes: int, group: np.ndarray) -> float:
    """The probe's, chosen by `labels` [n]; NaN where there is no probe."""
    if prepared.given is not None:
        return np.nan
    return probe.strength(prepared.parts, labels, classes, probe.folds(group, probe.FOLDS))


def predictions(
    prepared: Prepared, labels: np.ndarray, classes: int, group: np.ndarray, strength: float
) -> list[Prediction]:
    """All predictors of a feature set, from `labels` [n], each example's own (and its group's) left out."""
    name = prepared.name
    if prepared.given is not None:
        return [Prediction(name, prepared.given, None, None)]
    targets, made = one_hot(labels, classes), []
    for at, (of, penalty) in enumerate(zip(prepared.ridges, prepared.penalties)):
        scores = ridge.left_out(of, targets)
        made.append(Prediction(f"{name} ridge {penalty:g}", sharp(scores), at, sharp))
        made.append(Prediction(f"{name} ridge {penalty:g} clipped", clipped(scores), at, clipped))
    fold = probe.folds(group, probe.FOLDS)
    probs = probe.probabilities(prepared.parts, labels, classes, fold, strength)
    made.append(Prediction(f"{name} probe", probs, None, None))
    made.append(
        Prediction(f"{name} neighbours", neighbours.probabilities(prepared.near, labels, classes), None, None)
    )
    return made
