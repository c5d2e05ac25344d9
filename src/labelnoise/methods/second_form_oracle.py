"""Cross-entropy against a row of the true T: second_form.py without errors of estimation in it.

L = -sum_k T[label, k] log p_k. Differs from cross-entropy in a soft label per class. `given.transition` is the
designed matrix of the noise (for instance-dependent noise its mean over the images of each class).
"""

from dataclasses import dataclass
from typing import ClassVar

import torch
from torch import Generator, Tensor

from labelnoise import losses
from labelnoise.methods.base import Method, State
from labelnoise.types import Batch, Given, Outputs


@dataclass(frozen=True)
class SecondFormOracle(Method):
    """Cross-entropy against the true transition matrix's row of the label."""

    uses: ClassVar[tuple[str, ...]] = ("transition",)

    def init_state(self, given: Given, labels: Tensor, num_classes: int, generators: list[Generator]) -> State:
        return {"matrix": given.transition}

    def loss(self, outputs: Outputs, batch: Batch, state: State) -> Tensor:
        log_probs = torch.log_softmax(outputs.logits, -1)
        return losses.second_form(log_probs, state["matrix"], batch.labels)
