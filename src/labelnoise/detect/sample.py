"""Examples in place of all, of each class its share."""

import numpy as np


def drawn(labels: np.ndarray, most: int, seed: int) -> np.ndarray:
    """Positions of at most `most` examples, sorted, of each class its share."""
    if len(labels) <= most:
        return np.arange(len(labels))
    rng = np.random.default_rng(seed)
    order = rng.permutation(len(labels))
    order = order[np.argsort(labels[order], kind="stable")]  # class by class, random within
    return np.sort(order[np.linspace(0, len(labels) - 1, most).round().astype(int)])
