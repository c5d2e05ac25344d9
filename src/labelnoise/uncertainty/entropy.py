"""How unsure an ensemble is about an example: entropy of its mean, and mutual information.

Shape letters: N examples, C classes. The ensemble's members are the bags that left the example out.
"""

from typing import NamedTuple

import numpy as np
from scipy.special import entr


class OutOfBag(NamedTuple):
    """Out-of-bag predictions; NaN, never filled in, for examples that every bag contained."""

    probs: np.ndarray  # [N, C] mean over members
    entropy: np.ndarray  # [N] of the mean, nats, 0..log C
    mutual_information: np.ndarray  # [N] nats


def entropy(probs: np.ndarray) -> np.ndarray:
    """-sum p log p in nats over the last axis of `probs` [..., C], with 0 log 0 = 0."""
    return entr(probs).sum(axis=-1)


def from_sums(prob_sum: np.ndarray, entropy_sum: np.ndarray, count: np.ndarray) -> OutOfBag:
    """Mean, predictive entropy H(mean p) and mutual information H(mean p) - mean H(p) from streamed sums.

    `prob_sum` [N, C], `entropy_sum` [N] (nats) and `count` [N] are sums over the members that left the
    example out. The mutual information is that between prediction and member (Houlsby et al. 2011, BALD):
    0 when all members agree, log 2 when two are certain of different classes.
    """
    divisor = np.where(count > 0, count, np.nan).astype(np.float64)
    probs = prob_sum / divisor[:, None]
    total = entropy(probs)
    # Jensen's inequality makes it >= 0; only rounding of the sums can fall below.
    return OutOfBag(probs, total, np.maximum(total - entropy_sum / divisor, 0))
