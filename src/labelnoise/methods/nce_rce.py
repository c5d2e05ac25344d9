"""Active passive loss NCE + RCE. Ma et al., Normalized loss functions for deep learning with noisy labels,
ICML 2020.

L = alpha NCE + beta RCE, NCE = log p_label / sum_k log p_k, RCE = -A (1 - p_label). Differs from cross-entropy in
that both terms are symmetric: NCE sums to 1 over labels, RCE to -A (C - 1). NCE alone is active (it only looks
at the label) and underfits; RCE is passive (it also pushes the other classes down).

-sum_k log p_k is at least C log C (at uniform p), so the quotient needs no epsilon. A is the paper's -4, where
the authors' code has log 1e-4 = -9.21. The gradient of NCE is about 1 / (C log C) of that of cross-entropy at the
start of training, which divides the learning rate; RCE brings most of the gradient.
"""

from dataclasses import dataclass, field

import torch
from torch import Tensor

from labelnoise import losses
from labelnoise.methods.base import Method, State
from labelnoise.types import Batch


@dataclass(frozen=True)
class NceRce(Method):
    """Normalised cross-entropy plus reverse cross-entropy."""

    alpha: float = field(metadata={"ge": 0})
    beta: float = field(metadata={"ge": 0})
    A: float = field(metadata={"lt": 0})  # stands for log 0

    def loss(self, logits: Tensor, batch: Batch, state: State) -> Tensor:
        of_all_labels = -torch.log_softmax(logits, -1).sum(-1)
        nce = losses.cross_entropy(logits, batch.labels) / of_all_labels
        rce = losses.reverse_cross_entropy(logits, batch.labels, self.A)
        return self.alpha * nce + self.beta * rce
