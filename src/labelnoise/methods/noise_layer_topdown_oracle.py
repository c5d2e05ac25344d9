"""Noise layer, top-down, told the true T and the shares of the true classes: noise_layer_topdown.py without
errors of estimation in it. Sukhbaatar et al., arXiv 1406.2080v1.

L = -sum_k R[label, k] log p_k, R by Bayes. Differs from cross-entropy in a soft label per class.
`given.transition` is the designed matrix of the noise (for instance-dependent noise its mean over the images
of each class).
"""

from dataclasses import dataclass
from typing import ClassVar

import torch
from torch import Generator, Tensor

from labelnoise import losses
from labelnoise.methods.base import Method, State
from labelnoise.types import Batch, Given, Outputs


@dataclass(frozen=True)
class NoiseLayerTopdownOracle(Method):
    """Cross-entropy against the posterior of the true class given the label, from the true channel."""

    uses: ClassVar[tuple[str, ...]] = ("transition", "prior")

    def init_state(self, given: Given, labels: Tensor, num_classes: int, generators: list[Generator]) -> State:
        return {"reverse": losses.reverse_channel(given.transition, given.prior)}

    def loss(self, outputs: Outputs, batch: Batch, state: State) -> Tensor:
        log_probs = torch.log_softmax(outputs.logits, -1)
        return losses.second_form(log_probs, state["reverse"], batch.labels)
