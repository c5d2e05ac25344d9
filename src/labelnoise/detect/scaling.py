"""Features as a kernel reads them: centred and, where their columns have no common scale, each column to variance
1 and each row to length 1.

Shape letters: n examples, D features.
"""

from typing import NamedTuple

import numpy as np

from labelnoise import scratch

SMALLEST_DEVIATION, SMALLEST_LENGTH = 1e-6, 1e-12  # what is constant stays 0


class Scale(NamedTuple):
    """What the examples of one data set say; other examples are scaled by the same."""

    mean: np.ndarray  # float32 [D]
    deviation: np.ndarray  # float32 [D]; all 1 where features are centred only
    to_length: bool  # of rows to 1


def fitted(values: np.ndarray, scaled: bool) -> Scale:
    """From `values` [n, D]; scaled: columns and rows too, else centred only."""
    parts = list(scratch.blocks(len(values)))
    if scratch.whole(len(values)):
        x = np.asarray(values, np.float32)
        mean = x.mean(0)
        deviation = (x - mean).std(0) if scaled else None
    else:  # in float64: float32 would lose digits over so many rows
        mean = (sum(values[at].sum(0, dtype=np.float64) for at in parts) / len(values)).astype(np.float32)
        square = sum(((values[at] - mean) ** 2).sum(0, dtype=np.float64) for at in parts) if scaled else 0
        deviation = np.sqrt(square / len(values)).astype(np.float32) if scaled else None
    own = np.maximum(deviation, SMALLEST_DEVIATION) if scaled else np.ones_like(mean)
    return Scale(mean, own, scaled)


def applied(scale: Scale, values: np.ndarray) -> np.ndarray:
    """float32 [n, D]"""
    out = scratch.empty(values.shape)
    for at in scratch.blocks(len(values)):
        x = np.asarray(values[at], np.float32) - scale.mean
        if scale.to_length:
            x /= scale.deviation
            x /= np.maximum(np.linalg.norm(x, axis=1, keepdims=True), SMALLEST_LENGTH)
        out[at] = x
    return out
