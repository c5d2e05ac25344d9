"""Forward correction with the confident joint's T. Patrini et al., Making deep neural networks robust to label
noise: a loss correction approach, CVPR 2017, eq. 6; Northcutt, Jiang and Chuang, Confident learning:
estimating uncertainty in dataset labels, JAIR 2021, eq. 1-3.

L = -log (p T)_label. Differs from cross-entropy as forward_estimated.py does; T comes from counts of confident
out-of-sample predictions of a first run (the estimate stage), which use every example and not one per class.
"""

from dataclasses import dataclass
from typing import ClassVar

import torch
from torch import Generator, Tensor

from labelnoise import losses
from labelnoise.methods.base import Method, State
from labelnoise.types import Batch, Given, Outputs


@dataclass(frozen=True)
class ForwardConfidentJoint(Method):
    """Forward-corrected cross-entropy with the transition matrix of the confident joint."""

    uses: ClassVar[tuple[str, ...]] = ("transition_confident_joint",)

    def init_state(self, given: Given, labels: Tensor, num_classes: int, generators: list[Generator]) -> State:
        return {"log_transition": losses.log_transition(given.transition_confident_joint)}

    def loss(self, outputs: Outputs, batch: Batch, state: State) -> Tensor:
        log_probs = torch.log_softmax(outputs.logits, -1)
        return losses.forward_nll(log_probs, state["log_transition"], batch.labels)
