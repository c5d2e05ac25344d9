"""Forward correction told the true T: the upper bound that an estimated T can be held against.

Patrini et al., Making deep neural networks robust to label noise: a loss correction approach, CVPR 2017, eq. 6:
L = -log (p T)_label. Equation and gradient as in forward_estimated.py; `given.transition` is the designed
matrix of the noise (for instance-dependent noise its mean over the images of each class).
"""

from dataclasses import dataclass
from typing import ClassVar

import torch
from torch import Generator, Tensor

from labelnoise import losses
from labelnoise.methods.base import Method, State
from labelnoise.types import Batch, Given, Outputs


@dataclass(frozen=True)
class ForwardOracle(Method):
    """Forward-corrected cross-entropy with the true transition matrix."""

    uses: ClassVar[tuple[str, ...]] = ("transition",)

    def init_state(self, given: Given, labels: Tensor, num_classes: int, generators: list[Generator]) -> State:
        return {"log_transition": losses.log_transition(given.transition)}

    def loss(self, outputs: Outputs, batch: Batch, state: State) -> Tensor:
        log_probs = torch.log_softmax(outputs.logits, -1)
        return losses.forward_nll(log_probs, state["log_transition"], batch.labels)
