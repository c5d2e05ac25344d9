"""Noise layer, top-down. Sukhbaatar et al., Training convolutional networks with noisy labels, first version
(arXiv 1406.2080v1).

L = -sum_k R[label, k] log p_k, R[j, i] = P(clean = i | noisy = j). Differs from cross-entropy in a soft label
per class, the posterior of the true class given the label alone: class-dependent label smoothing, label
smoothing itself where noise is symmetric and classes are equally frequent. R is fixed, by Bayes from the
estimated T and prior: learned along with p it has a degenerate optimum, all rows of R and every p the same
one-hot.
"""

from dataclasses import dataclass
from typing import ClassVar

import torch
from torch import Generator, Tensor

from labelnoise import losses
from labelnoise.methods.base import Method, State
from labelnoise.types import Batch, Given, Outputs


@dataclass(frozen=True)
class NoiseLayerTopdown(Method):
    """Cross-entropy against the posterior of the true class given the label, from estimates."""

    uses: ClassVar[tuple[str, ...]] = ("transition", "prior")

    def init_state(self, given: Given, labels: Tensor, num_classes: int, generators: list[Generator]) -> State:
        return {"reverse": losses.reverse_channel(given.transition, given.prior)}

    def loss(self, outputs: Outputs, batch: Batch, state: State) -> Tensor:
        log_probs = torch.log_softmax(outputs.logits, -1)
        return losses.second_form(log_probs, state["reverse"], batch.labels)
