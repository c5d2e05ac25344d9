"""Backward correction told the true T: the upper bound that an estimated T can be held against.

Patrini et al., Making deep neural networks robust to label noise: a loss correction approach, CVPR 2017,
theorem 1: L = -sum_k T^-1[label, k] log p_k. Differs from cross-entropy as backward.py does, where the
clipping of p is explained. `given.transition` is the designed matrix of the noise (for instance-dependent
noise its mean over the images of each class).
"""

import math
from dataclasses import dataclass, field
from typing import ClassVar

import torch
from torch import Generator, Tensor

from labelnoise import losses
from labelnoise.methods.base import Method, State
from labelnoise.types import Batch, Given, Outputs


@dataclass(frozen=True)
class BackwardOracle(Method):
    """Cross-entropy weighted by the inverse of the true transition matrix."""

    uses: ClassVar[tuple[str, ...]] = ("transition",)

    ridge: float = field(metadata={"ge": 0})  # 0: the inverse of T itself
    epsilon: float = field(metadata={"gt": 0, "lt": 1})  # smaller p_k count as this

    def init_state(self, given: Given, labels: Tensor, num_classes: int, generators: list[Generator]) -> State:
        return {"inverse": losses.backward_weights(given.transition, self.ridge)}

    def loss(self, outputs: Outputs, batch: Batch, state: State) -> Tensor:
        log_probs = torch.log_softmax(outputs.logits, -1).clamp_min(math.log(self.epsilon))
        return losses.second_form(log_probs, state["inverse"], batch.labels)
