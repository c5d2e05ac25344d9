"""Out-of-bag sums over the R bags of one program, a snapshot at a time.

A bag never saw the examples it left out, so their probabilities are out of sample. Kept per snapshot: the sum
over bags of the probabilities and of their entropies, and the number of bags; mean, predictive entropy and
mutual information follow.
"""

import torch
from torch import Tensor


def init(examples: int, num_classes: int, taken: list[int], like: Tensor) -> dict[str, Tensor]:
    """Empty sums for N examples, of the type and on the device of `like`."""
    return {
        "prob_sum": like.new_zeros(len(taken), examples, num_classes),
        "entropy_sum": like.new_zeros(len(taken), examples),
        "count": torch.zeros(len(taken), examples, dtype=torch.int64, device=like.device),
    }


def update(
    state: dict[str, Tensor], epoch: int, taken: list[int], logits: Tensor, left_out: Tensor
) -> dict[str, Tensor]:
    """Add the logits [R, N, C] of the snapshot at `epoch`, where bool left_out [R, N]."""
    at = taken.index(epoch)
    log_probs = torch.log_softmax(logits, -1)
    probs = log_probs.exp()
    entropy = -(probs * log_probs).sum(-1)
    counted = left_out & entropy.isfinite()  # a diverged bag says nothing
    state["prob_sum"][at] = torch.where(counted.unsqueeze(-1), probs, 0).sum(0)
    state["entropy_sum"][at] = torch.where(counted, entropy, 0).sum(0)
    state["count"][at] = counted.sum(0)
    return state
