"""What the pipeline tells the methods of the noise, estimated from noisy data alone (types.Given)."""

import numpy as np

from labelnoise.uncertainty import transition


def estimate(probs: np.ndarray, labels: np.ndarray, anchor_percentile: float) -> dict[str, np.ndarray]:
    """Rate [K], transition [K, C, C] and prior [K, C] for K runs.

    probs [K, N, C] are the predictions of first runs of cross-entropy, early-stopped on noisy validation, since
    a network that has memorised its labels says T = I; labels [K, N] are -1 where a seed tests on the image.
    A first run that diverged before any epoch was selected says nothing: NaN.
    """
    parts = [_one(p[given >= 0], anchor_percentile) for p, given in zip(probs, labels, strict=True)]
    return {name: np.stack([part[name] for part in parts]) for name in ("rate", "transition", "prior")}


def _one(probs: np.ndarray, anchor_percentile: float) -> dict[str, np.ndarray]:
    if not np.isfinite(probs).all():
        classes = probs.shape[1]
        blank = {"rate": (), "transition": (classes, classes), "prior": (classes,)}
        return {name: np.full(shape, np.nan) for name, shape in blank.items()}
    matrix, prior = transition.anchor_points(probs, anchor_percentile), transition.prior(probs)
    return {"rate": np.array(transition.rate(matrix, prior)), "transition": matrix, "prior": prior}
