"""Features, each on the same scale: what networks see in place of pixels.

Shape letters: N examples, D features.
"""

import numpy as np

from labelnoise import scratch


def standardised(features: np.ndarray, test_fold: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """Each of float features [N, D] less its mean, by its standard deviation, both over the examples that are ever
    trained on (test_fold [N] below 0, or all where there are folds); 0 where it is constant there.

    float32 [N, 1, 1, D], and bool [D]: whether a mean and a deviation could be computed at all.
    """
    seen = test_fold < 0 if (test_fold < 0).any() else np.ones(len(features), bool)
    constant, mean, deviation = _scale(features, seen)
    out = scratch.empty((len(features), 1, 1, features.shape[1]))
    least, most, finite = np.inf, -np.inf, True
    with np.errstate(all="ignore"):  # what overflows is told
        for at in scratch.blocks(len(features)):
            scaled = (features[at].astype(np.float64) - mean) / np.where(constant, 1, deviation)
            least, most = np.minimum(least, scaled.min(0)), np.maximum(most, scaled.max(0))
            finite &= np.isfinite(scaled).all(0)
            out[at, 0, 0] = np.where(constant, 0, scaled)
        told = constant | (finite & (most - least > 0))  # divided by infinity: all 0
    return out, told


def _scale(features: np.ndarray, seen: np.ndarray) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """Of the rows `seen`, bool [N]: whether a column is constant, its mean and its deviation, [D] each."""
    count, parts = seen.sum(), [(at, seen[at]) for at in scratch.blocks(len(features))]
    with np.errstate(all="ignore"):
        trained = (features[at][own] for at, own in parts if own.any())
        ends = np.array([[part.min(0), part.max(0)] for part in trained])
        mean = sum(features[at][own].astype(np.float64).sum(0) for at, own in parts) / count
        square = sum(((features[at][own].astype(np.float64) - mean) ** 2).sum(0) for at, own in parts)
    return ends[:, 0].min(0) == ends[:, 1].max(0), mean, np.sqrt(square / count)  # a constant's need not be 0
