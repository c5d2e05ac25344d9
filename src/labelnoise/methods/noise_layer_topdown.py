"""Noise layer, top-down. Sukhbaatar et al., Training convolutional networks with noisy labels, first version
(arXiv 1406.2080v1).

L = -sum_k R[label, k] log p_k, R[j, i] = P(clean = i | noisy = j). Differs from cross-entropy in a soft label
per class, the posterior of the true class given the label alone: class-dependent label smoothing, label
smoothing itself where noise is symmetric and classes are equally frequent. R is fixed, by Bayes from T and the
prior, estimates of both or (`transition: oracle`) the truth: learned along with p it has a degenerate optimum, all
rows of R and every p the same one-hot.
"""

from dataclasses import dataclass

import torch
from torch import Tensor

from labelnoise import losses
from labelnoise.methods.base import State, WithTransition
from labelnoise.types import Batch, Estimates


@dataclass(frozen=True)
class NoiseLayerTopdown(WithTransition):
    """Cross-entropy against the posterior of the true class given the label."""

    @property
    def uses(self) -> tuple[str, ...]:
        return (*super().uses, "prior")

    def init_state(self, estimates: Estimates, labels: Tensor, classes: int) -> State:
        return {"reverse": losses.reverse_channel(self.matrix(estimates), estimates.prior)}

    def loss(self, logits: Tensor, batch: Batch, state: State) -> Tensor:
        log_probs = torch.log_softmax(logits, -1)
        return losses.second_form(log_probs, state["reverse"], batch.labels)
