"""Soft bootstrapping. Reed et al., Training deep neural networks on noisy labels with bootstrapping, ICLR workshop
2015 (arXiv 1412.6596).

L = -sum_k (beta e_k + (1 - beta) p_k) log p_k = beta CE + (1 - beta) H(p). Differs from cross-entropy by the
entropy: the network's own belief is part of the target. The p in the target is not detached: detached, its
gradient would be p - p = 0 and leave beta (p - e), cross-entropy at a smaller learning rate.
"""

from dataclasses import dataclass, field

import torch
from torch import Tensor

from labelnoise import losses
from labelnoise.methods.base import Method, State
from labelnoise.types import Batch, Outputs


@dataclass(frozen=True)
class BootstrappingSoft(Method):
    """Cross-entropy against a mixture of the label and the prediction."""

    beta: float = field(metadata={"ge": 0, "le": 1})  # weight of the label

    def loss(self, outputs: Outputs, batch: Batch, state: State) -> Tensor:
        entropy = losses.entropy(torch.log_softmax(outputs.logits, -1))
        return self.beta * losses.cross_entropy(outputs.logits, batch.labels) + (1 - self.beta) * entropy
