"""Out-of-bag sums over the R bags of one program at its last epoch.

A bag never saw the examples it left out, so their probabilities are out of sample. Mean, predictive entropy and
mutual information follow from the sums: O(N C) memory whatever the number of bags.
"""

import torch
from torch import Tensor


def init(examples: int, num_classes: int, like: Tensor) -> dict[str, Tensor]:
    """Empty sums for N examples, of the type and on the device of `like`."""
    return {
        "prob_sum": like.new_zeros(examples, num_classes),
        "entropy_sum": like.new_zeros(examples),
        "count": torch.zeros(examples, dtype=torch.int64, device=like.device),
    }


def sums(logits: Tensor, left_out: Tensor) -> dict[str, Tensor]:
    """Sums over the bags of their logits [R, N, C], where bool left_out [R, N]."""
    log_probs = torch.log_softmax(logits, -1)
    entropy = -(log_probs.exp() * log_probs).sum(-1)
    counted = left_out & entropy.isfinite()  # a diverged bag says nothing
    return {
        "prob_sum": torch.where(counted.unsqueeze(-1), log_probs.exp(), 0).sum(0),
        "entropy_sum": torch.where(counted, entropy, 0).sum(0),
        "count": counted.sum(0),
    }
