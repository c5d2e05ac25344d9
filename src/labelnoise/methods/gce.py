"""Generalised cross-entropy. Zhang and Sabuncu, Generalized cross entropy loss for training deep neural networks
with noisy labels, NeurIPS 2018.

L = (1 - p_label^q) / q. Differs from cross-entropy, its limit q -> 0, in that the gradient is weighted by
p_label^q, so that examples whose label looks wrong count less; q = 1 is half the mean absolute error. Without the
paper's truncation, which prunes examples.

p^q = exp(q log p), since p^(q-1) in the gradient of the power is infinite at p = 0; nothing is clamped.
"""

from dataclasses import dataclass, field

import torch
from torch import Tensor

from labelnoise import losses
from labelnoise.methods.base import Method, State
from labelnoise.types import Batch


@dataclass(frozen=True)
class Gce(Method):
    """Box-Cox transform of the label's probability."""

    q: float = field(metadata={"gt": 0, "le": 1})

    def loss(self, logits: Tensor, batch: Batch, state: State) -> Tensor:
        nll = losses.cross_entropy(logits, batch.labels)
        return -torch.expm1(-self.q * nll) / self.q
