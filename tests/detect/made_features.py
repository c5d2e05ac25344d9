"""Made examples: classes as clouds of points, and labels of which some are wrong."""

from types import SimpleNamespace

import numpy as np

from labelnoise.detect.predictors import Features

SECTION = SimpleNamespace(
    floor=0.003,
    obvious=0.025,
    possible=0.1,
    gate=SimpleNamespace(signal=5.0, rate=0.025, order=0.05, purity=0.955, least=0.9),
)


def clouds(count, classes=4, gap=4.0, dimensions=6, seed=0):
    """Features [n, D] of `classes` clouds around random centres of length `gap`, and the true classes [n]."""
    rng = np.random.default_rng(seed)
    centers = rng.standard_normal((classes, dimensions))
    centers *= gap / np.linalg.norm(centers, axis=1, keepdims=True)
    truth = np.arange(count) % classes
    values = centers[truth] + rng.standard_normal((count, dimensions))
    return values.astype(np.float32), truth


def symmetric(truth, rate, classes=4, seed=0):
    """Labels of which about `rate` are another class, any of them alike."""
    rng = np.random.default_rng(seed)
    other = (truth + rng.integers(1, classes, len(truth))) % classes
    return np.where(rng.random(len(truth)) < rate, other, truth)


def pair_flip(truth, rate, classes=4, seed=0):
    """Labels of which about `rate` are the next class."""
    rng = np.random.default_rng(seed)
    return np.where(rng.random(len(truth)) < rate, (truth + 1) % classes, truth)


def encoded(values):
    """One feature set, as from an encoder."""
    return [Features("encoded", values)]
