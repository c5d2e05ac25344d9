"""WARP, weighted approximate-rank pairwise loss. Weston, Bengio and Usunier, WSABIE: scaling up to large
vocabulary image annotation, IJCAI 2011; with the exact rank.

L = L(r) / r * sum_{k in V} (1 - f_label + f_k), V = {k != label: 1 + f_k > f_label}, r = |V|, and 0 when V is
empty (0/0 = 0); L(r) = alpha_1 + ... + alpha_r. Differs from cross-entropy in ranking raw scores f = logits:
alpha says which ranks matter, and r and L(r) are constants for the gradient. `harmonic` (alpha_j = 1/j) is
WSABIE's; `uniform` (alpha_j = 1/(C-1)) is the mean of all hinges; `top` (alpha_1 = 1, others 0) is the mean of
the violators' hinges. The loss is neither bounded nor symmetric: no tolerance of noise is promised.

The gradient with respect to f_label is -L(r), up to 2.8 at C = 10 (cross-entropy: at most 1) and growing as
log C, which multiplies the learning rate on badly ranked examples. The margin is fixed at 1, so softmax of f is
not a calibrated probability.
"""

from dataclasses import dataclass
from typing import Literal

import torch
from torch import Tensor

from labelnoise import losses
from labelnoise.methods.base import Method, State
from labelnoise.types import Batch, Outputs


@dataclass(frozen=True)
class Warp(Method):
    """Mean hinge of the classes that violate the margin, weighted by how many they are."""

    alpha: Literal["harmonic", "uniform", "top"]  # weight of each rank

    def loss(self, outputs: Outputs, batch: Batch, state: State) -> Tensor:
        hinges = losses.hinges(outputs.logits, batch.labels)
        rank = (hinges > 0).sum(-1)  # a count: no gradient
        weight = losses.rank_weight(rank, self._alpha(hinges))
        return weight / rank.clamp_min(1) * hinges.sum(-1)  # without violators both factors are 0

    def _alpha(self, like: Tensor) -> Tensor:
        """alpha_1 .. alpha_{C-1} [C-1]."""
        ranks = torch.arange(1, like.shape[-1], dtype=like.dtype, device=like.device)
        if self.alpha == "harmonic":
            return 1 / ranks
        return torch.full_like(ranks, 1 / len(ranks)) if self.alpha == "uniform" else (ranks == 1).to(like.dtype)
