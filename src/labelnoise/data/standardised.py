"""Features, each on the same scale: what networks see in place of pixels.

Shape letters: N examples, D features.
"""

import numpy as np


def standardised(features: np.ndarray, test_fold: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """Each of float features [N, D] less its mean, by its standard deviation, both over the examples that are ever
    trained on (test_fold [N] below 0, or all where there are folds); 0 where it is constant there.

    float32 [N, 1, 1, D], and bool [D]: whether a mean and a deviation could be computed at all.
    """
    features = features.astype(np.float64)
    trained = features[test_fold < 0] if (test_fold < 0).any() else features
    constant = trained.min(0) == trained.max(0)  # their deviation need not be exactly 0
    with np.errstate(all="ignore"):  # what overflows is told
        scaled = (features - trained.mean(0)) / np.where(constant, 1, trained.std(0))
        told = constant | (np.isfinite(scaled).all(0) & (np.ptp(scaled, 0) > 0))  # divided by infinity: all 0
        return np.where(constant, 0, scaled).astype(np.float32)[:, None, None], told
