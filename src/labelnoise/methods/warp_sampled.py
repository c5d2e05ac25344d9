"""WARP by sampling. Weston, Bengio and Usunier, WSABIE: scaling up to large vocabulary image annotation,
IJCAI 2011, algorithm 1.

Classes k != label are drawn uniformly, with replacement, until one violates the margin (1 + f_k > f_label) or
C - 1 trials are spent; L = L(floor((C-1) / N)) (1 - f_label + f_k) with N the number of trials, L(r) = 1 + 1/2 +
... + 1/r, and 0 without a violator. Differs from cross-entropy as `warp` does, and from `warp` in that the rank is
estimated: at C = 10 the expected weight for 1, 2, 5 violators is 1.08, 1.65, 2.40 in place of 1, 1.5, 2.28, and a
single violator is missed with probability .35. Made for vocabularies too large to count; a comparison here.

The projection of the weights onto a ball belongs to WSABIE's linear model and is left to weight decay. Learning
rate and calibration as in `warp`.
"""

from dataclasses import dataclass

import torch
from torch import Tensor

from labelnoise import losses
from labelnoise.methods.base import Method, State
from labelnoise.types import Batch, Outputs


@dataclass(frozen=True)
class WarpSampled(Method):
    """Hinge of the first violator drawn, weighted by the rank that the number of trials suggests."""

    def loss(self, outputs: Outputs, batch: Batch, state: State) -> Tensor:
        classes = outputs.logits.shape[-1]
        drawn = losses.hinges(outputs.logits, batch.labels).gather(-1, _draw(batch, classes))
        first = (drawn > 0).int().argmax(-1, keepdim=True)  # 0 where none violates: that hinge is 0 too
        rank = (classes - 1) // (first.squeeze(-1) + 1)
        alpha = 1 / torch.arange(1, classes, dtype=drawn.dtype, device=drawn.device)
        return losses.rank_weight(rank, alpha) * drawn.gather(-1, first).squeeze(-1)


def _draw(batch: Batch, classes: int) -> Tensor:
    """[R, B, C-1] classes other than the label; all trials at once, those after the first violator go unused."""
    shape = (batch.labels.shape[1], classes - 1)
    others = torch.stack([torch.randint(classes - 1, shape, generator=g) for g in batch.generators])
    others = others.to(batch.labels.device)
    return others + (others >= batch.labels.unsqueeze(-1))
