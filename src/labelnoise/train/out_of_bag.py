"""Out-of-bag sums over the R bags of one program, by window of snapshots.

A bag never saw the examples it left out, so their probabilities are out of sample. Networks learn patterns before
wrong labels, so that the first snapshots tell more of label noise than the last, and how many of them is not known
beforehand. Kept are therefore sums over the first 1, 2, 4, 8 and over all snapshots, and the last one by itself:
O(N C) memory whatever the number of snapshots. Mean, predictive entropy and mutual information follow.
"""

import torch
from torch import Tensor

FIRST = (1, 2, 4, 8)  # snapshots in a window


def windows(snapshots: int) -> list[int]:
    """How many of the first snapshots each window has; the last window has all."""
    return [*(count for count in FIRST if count < snapshots), snapshots]


def init(examples: int, num_classes: int, taken: list[int], like: Tensor) -> dict[str, Tensor]:
    """Empty sums for N examples, of the type and on the device of `like`; W windows, then the last snapshot."""
    slots = len(windows(len(taken))) + 1
    return {
        "prob_sum": like.new_zeros(slots, examples, num_classes),
        "entropy_sum": like.new_zeros(examples),  # of the last snapshot only
        "count": torch.zeros(slots, examples, dtype=torch.int64, device=like.device),
    }


def update(
    state: dict[str, Tensor], epoch: int, taken: list[int], logits: Tensor, left_out: Tensor
) -> dict[str, Tensor]:
    """Add the logits [R, N, C] of the snapshot at `epoch`, where bool left_out [R, N]."""
    at, counts = taken.index(epoch), windows(len(taken))
    log_probs = torch.log_softmax(logits, -1)
    entropy = -(log_probs.exp() * log_probs).sum(-1)
    counted = left_out & entropy.isfinite()  # a diverged bag says nothing
    prob_sum = torch.where(counted.unsqueeze(-1), log_probs.exp(), 0).sum(0)
    last = epoch == taken[-1]
    for slot in [slot for slot, count in enumerate(counts) if at < count] + [len(counts)] * last:
        state["prob_sum"][slot] += prob_sum
        state["count"][slot] += counted.sum(0)
    if last:
        state["entropy_sum"] += torch.where(counted, entropy, 0).sum(0)
    return state
