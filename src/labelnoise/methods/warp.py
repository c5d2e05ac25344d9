"""WARP, weighted approximate-rank pairwise loss. Weston, Bengio and Usunier, WSABIE: scaling up to large
vocabulary image annotation, IJCAI 2011.

L = L(r) / r * sum_{k in V} (1 - f_label + f_k), V = {k != label: 1 + f_k > f_label}, r = |V|, and 0 when V is
empty (0/0 = 0); L(r) = alpha_1 + ... + alpha_r. Differs from cross-entropy in ranking scores f = logits:
alpha says which ranks matter, and r and L(r) are constants for the gradient. `harmonic` (alpha_j = 1/j) is
WSABIE's; `uniform` (alpha_j = 1/(C-1)) is the mean of all hinges; `top` (alpha_1 = 1, others 0) is the mean of
the violators' hinges. The loss is neither bounded nor symmetric: no tolerance of noise is promised.

`rank: exact` counts r. `rank: sampled` is the paper's algorithm 1, made for vocabularies too large to count:
classes k != label are drawn uniformly, with replacement, until one violates the margin or C - 1 trials are spent;
L = L(floor((C-1) / N)) (1 - f_label + f_k) with N the number of trials, and 0 without a violator. At C = 10 and
with harmonic alpha the expected weight for 1, 2, 5 violators is 1.08, 1.65, 2.40 in place of 1, 1.5, 2.28, and a
single violator is missed with probability .35. The projection of the weights onto a ball belongs to WSABIE's
linear model and is left to weight decay.

The gradient with respect to f_label is -L(r), up to 2.8 at C = 10 (cross-entropy: at most 1) and growing as
log C, which multiplies the learning rate on badly ranked examples. The margin is fixed at 1, and f is
batch-normalised to suit it (ours); softmax of f is not a calibrated probability.
"""

from dataclasses import dataclass
from typing import Literal

import torch
from torch import Tensor

from labelnoise import losses
from labelnoise.methods.base import State, WithNormalisedLogits
from labelnoise.types import Batch


@dataclass(frozen=True)
class Warp(WithNormalisedLogits):
    """Hinge of the classes that violate the margin, weighted by how many they are."""

    alpha: Literal["harmonic", "uniform", "top"]  # weight of each rank
    rank: Literal["exact", "sampled"]

    def loss(self, logits: Tensor, batch: Batch, state: State) -> Tensor:
        hinges = losses.hinges(self.normalised(logits, state), batch.labels)
        if self.rank == "exact":
            rank = (hinges > 0).sum(-1)  # a count: no gradient
            return self._weight(rank, hinges) / rank.clamp_min(1) * hinges.sum(-1)  # none: both factors are 0
        others = hinges.shape[-1] - 1
        drawn = hinges.gather(-1, _draw(batch, others))
        first = (drawn > 0).int().argmax(-1, keepdim=True)  # 0 where none violates: that hinge is 0 too
        return self._weight(others // (first.squeeze(-1) + 1), hinges) * drawn.gather(-1, first).squeeze(-1)

    def _weight(self, rank: Tensor, like: Tensor) -> Tensor:
        """L(rank); alpha_1 .. alpha_{C-1} are as many as the other classes of `like` [..., C]."""
        ranks = torch.arange(1, like.shape[-1], dtype=like.dtype, device=like.device)
        alphas = {
            "harmonic": 1 / ranks,
            "uniform": torch.full_like(ranks, 1 / len(ranks)),
            "top": (ranks == 1).to(like.dtype),
        }
        return losses.rank_weight(rank, alphas[self.alpha])


def _draw(batch: Batch, others: int) -> Tensor:
    """[R, B, C-1] classes other than the label; all trials at once, those after the first violator go unused."""
    classes = batch.draws.below(others, batch.labels.shape[1], others)
    return classes + (classes >= batch.labels.unsqueeze(-1))
