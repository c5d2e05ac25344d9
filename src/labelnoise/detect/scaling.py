"""Features as a kernel reads them: centred and, where their columns have no common scale, each column to variance
1 and each row to length 1.

Shape letters: n examples, D features.
"""

from typing import NamedTuple

import numpy as np

SMALLEST_DEVIATION, SMALLEST_LENGTH = 1e-6, 1e-12  # what is constant stays 0


class Scale(NamedTuple):
    """What the examples of one data set say; other examples are scaled by the same."""

    mean: np.ndarray  # float32 [D]
    deviation: np.ndarray  # float32 [D]; all 1 where features are centred only
    to_length: bool  # of rows to 1


def fitted(values: np.ndarray, scaled: bool) -> Scale:
    """From `values` [n, D]; scaled: columns and rows too, else centred only."""
    x = np.asarray(values, np.float32)
    mean = x.mean(0)
    deviation = np.maximum((x - mean).std(0), SMALLEST_DEVIATION) if scaled else np.ones_like(mean)
    return Scale(mean, deviation, scaled)


def applied(scale: Scale, values: np.ndarray) -> np.ndarray:
    """float32 [n, D]"""
    x = np.asarray(values, np.float32) - scale.mean
    if scale.to_length:
        x /= scale.deviation
        x /= np.maximum(np.linalg.norm(x, axis=1, keepdims=True), SMALLEST_LENGTH)
    return x
