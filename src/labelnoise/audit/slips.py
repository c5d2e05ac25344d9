"""People err: the answers to all images, or the truth?

Limits from an audit hold for the answers that this person would give to every image. A person who slips with
probability e, on right labels and on wrong ones, would call A = W (1 - e) + (N - W) e labels wrong where W are.
Blind second answers tell e: two answers of one image differ with probability 2 e (1 - e).
"""

import numpy as np
from scipy.stats import beta

FEWEST = 20  # images with two answers, from which the slip rate is estimated
SHARE = 0.2  # of the error of an interval: for the slip rate


def largest(pairs: int, differ: int, error: float) -> float:
    """Upper limit of e, from `differ` of `pairs`, that fails with probability `error` (Clopper, Pearson 1934)."""
    share = 1.0 if differ == pairs else float(beta.isf(error, differ + 1, pairs - differ))
    return (1 - np.sqrt(max(1 - 2 * share, 0))) / 2


def widened(low: float, high: float, size: int, slip: float) -> tuple[float, float]:
    """Limits of W from limits of A, for every slip rate from 0 to `slip`; all of `size` labels from 1/2 on."""
    if slip >= 0.5:
        return 0.0, float(size)
    ends = [_true(count, size, slip) for count in (low, high)]
    return max(0.0, min(low, ends[0])), min(float(size), max(high, ends[1]))


def _true(called: float, size: int, slip: float) -> float:
    return (called - size * slip) / (1 - 2 * slip)
