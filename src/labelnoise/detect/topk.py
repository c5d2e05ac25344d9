"""Probabilities of many classes: of each example the k largest, and what is left for all others together.

1,000,000 examples of 1,000 classes are 8 GB for one predictor, of which nearly all entries are next to nothing.

Shape letters: n examples, C classes, k of them kept.
"""

from typing import NamedTuple

import numpy as np
from scipy.special import entr

from labelnoise.uncertainty import posterior

SORTED = 100  # rows at a time, as positions take twice the memory of values


class TopK(NamedTuple):
    """P(class) of n examples; the classes that are not kept share `rest` evenly."""

    at: np.ndarray  # int32 [n, k] the classes that are kept, no two alike in a row
    probs: np.ndarray  # [n, k] theirs
    rest: np.ndarray  # [n] of the others together; 0 where k = C
    classes: int  # C


Probs = np.ndarray | TopK  # [n, C]


def largest(values: np.ndarray, count: int) -> tuple[np.ndarray, np.ndarray]:
    """Columns [n, count] of the largest entries of each row of `values` [n, m], and these; largest first."""
    parts = [_largest(values[row : row + SORTED], count) for row in range(0, max(len(values), 1), SORTED)]
    return np.concatenate([part[0] for part in parts]), np.concatenate([part[1] for part in parts])


def _largest(values: np.ndarray, count: int) -> tuple[np.ndarray, np.ndarray]:
    column = np.argpartition(-values, count - 1, axis=1)[:, :count]
    value = np.take_along_axis(values, column, 1)
    order = np.argsort(-value, axis=1, kind="stable")
    return np.take_along_axis(column, order, 1), np.take_along_axis(value, order, 1)


def kept(probs: np.ndarray, at: np.ndarray) -> TopK:
    """Those of `probs` [n, C] of the classes `at` [n, k]."""
    own = np.take_along_axis(probs, at, 1)
    whole = at.shape[1] == probs.shape[1]
    rest = np.zeros(len(own)) if whole else np.maximum(probs.sum(1) - own.sum(1), 0)
    return TopK(at.astype(np.int32), own, rest, probs.shape[1])


def classes(probs: Probs) -> int:
    """C"""
    return probs.classes if isinstance(probs, TopK) else probs.shape[1]


def dense(probs: Probs) -> np.ndarray:
    """[n, C]"""
    if not isinstance(probs, TopK):
        return probs
    others = max(probs.classes - probs.at.shape[1], 1)
    out = np.repeat(probs.rest[:, None] / others, probs.classes, axis=1)
    np.put_along_axis(out, probs.at.astype(np.int64), probs.probs, 1)
    return out


def taken(probs: Probs, rows: np.ndarray) -> Probs:
    """Those of the examples `rows`."""
    if not isinstance(probs, TopK):
        return probs[rows]
    return TopK(probs.at[rows], probs.probs[rows], probs.rest[rows], probs.classes)


def likeliest(probs: Probs) -> np.ndarray:
    """int [n] the class of the largest probability."""
    if not isinstance(probs, TopK):
        return probs.argmax(1)
    return np.take_along_axis(probs.at, probs.probs.argmax(1)[:, None], 1)[:, 0].astype(np.int64)


def of_label(probs: Probs, labels: np.ndarray) -> np.ndarray:
    """[n] the probability of each example's class in `labels` [n], -1: none, whose is 0."""
    if not isinstance(probs, TopK):
        return np.where(labels >= 0, probs[np.arange(len(labels)), labels], 0)
    own = np.where(probs.at == labels[:, None], probs.probs, 0).sum(1)
    missing = (labels >= 0) & (probs.at != labels[:, None]).all(1)
    return np.where(missing, probs.rest / max(probs.classes - probs.at.shape[1], 1), own)


def besides(probs: Probs, labels: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """The likeliest class [n] of all but `labels` [n], and its probability [n]; -1: of all."""
    if not isinstance(probs, TopK):
        others = np.where(np.arange(probs.shape[1]) == labels[:, None], -1.0, probs)
        return others.argmax(1), others.max(1)
    others = np.where(probs.at == labels[:, None], -1.0, probs.probs)
    return likeliest(probs._replace(probs=others)), others.max(1)


def others(probs: Probs, labels: np.ndarray) -> np.ndarray:
    """[n] the sum over all classes but `labels` [n], which are kept: exact where it is tiny."""
    if not isinstance(probs, TopK):
        return posterior.p_wrong(probs, labels)
    return np.minimum(np.where(probs.at == labels[:, None], 0, probs.probs).sum(1) + probs.rest, 1)


def margin(probs: Probs) -> np.ndarray:
    """[n] the largest less the second largest."""
    top = np.partition(probs.probs if isinstance(probs, TopK) else probs, -2, axis=1)
    return top[:, -1] - top[:, -2]


def entropy(probs: Probs) -> np.ndarray:
    """[n] in nats; the classes that are not kept have an even share each."""
    if not isinstance(probs, TopK):
        return entr(probs / probs.sum(1, keepdims=True)).sum(1)
    others = max(probs.classes - probs.at.shape[1], 1)
    return entr(probs.probs).sum(1) + entr(probs.rest) + probs.rest * np.log(others)


def mean(probs: Probs) -> np.ndarray:
    """[C] over the examples."""
    if not isinstance(probs, TopK):
        return probs.mean(0)
    others = probs.classes - probs.at.shape[1]
    share = probs.rest / max(others, 1)
    own = np.bincount(probs.at.ravel(), (probs.probs - share[:, None]).ravel(), probs.classes)
    return (own + share.sum()) / len(share)


def finite(probs: Probs) -> np.ndarray:
    """bool [n]"""
    return np.isfinite(probs.probs if isinstance(probs, TopK) else probs).all(1)


def without_nan(probs: Probs) -> Probs:
    """-1 in place of NaN, so that a largest one is found."""
    own = probs.probs if isinstance(probs, TopK) else probs
    filled = np.where(np.isnan(own), -1.0, own)
    return probs._replace(probs=filled) if isinstance(probs, TopK) else filled


def stored(name: str, runs: list) -> dict[str, np.ndarray]:
    """Arrays of any values of several runs, one behind the other; TopK as the two <name> [K, N, k] and
    <name>_class [K, N, k], with the number of classes as <name>_of."""
    if not isinstance(runs[0], TopK):
        return {name: np.stack(runs)}
    parts = {name: np.stack([one.probs for one in runs]), f"{name}_class": np.stack([one.at for one in runs])}
    return parts | {f"{name}_of": np.array(runs[0].classes)}


def read(name: str, arrays: dict[str, np.ndarray]) -> list[Probs]:
    """What `stored` made of several runs."""
    return [of_run(name, arrays, at) for at in range(len(arrays[name]))]


def of_run(name: str, arrays: dict[str, np.ndarray], at: int) -> Probs:
    """What `stored` made of the run at position `at`."""
    probs = arrays[name][at]
    if f"{name}_class" not in arrays:
        return probs
    rest = np.maximum(1 - probs.sum(1, dtype=np.float64), 0)
    return TopK(arrays[f"{name}_class"][at], probs, rest, int(arrays[f"{name}_of"]))
