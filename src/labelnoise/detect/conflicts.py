"""Copies of one image that have two labels: at least one of these is wrong.

Shape letters: N examples.
"""

import numpy as np


def two_labels(same: np.ndarray, labels: np.ndarray) -> np.ndarray:
    """bool [N]: whether a copy of the example has another label.

    same [N]: 0, 1, ..., equal for copies of an image; labels [N]: -1 where there is none, which contradicts
    nothing.
    """
    own = np.flatnonzero(labels >= 0)
    most, least = np.full(same.max() + 1, -1), np.full(same.max() + 1, labels.max() + 1)
    np.maximum.at(most, same[own], labels[own])
    np.minimum.at(least, same[own], labels[own])
    return (labels >= 0) & (most > least)[same]
