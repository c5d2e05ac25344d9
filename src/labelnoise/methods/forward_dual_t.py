"""Forward correction with the Dual-T estimate. Patrini et al., Making deep neural networks robust to label
noise: a loss correction approach, CVPR 2017, eq. 6; Yao et al., Dual T: reducing estimation error for
transition matrix in label-noise learning, NeurIPS 2020.

L = -log (p T)_label. Differs from cross-entropy as forward_estimated.py does; T = T_a T_b, anchor points for
the step from the true class to the first run's prediction, counts for the step from there to the label (the
estimate stage).
"""

from dataclasses import dataclass
from typing import ClassVar

import torch
from torch import Generator, Tensor

from labelnoise import losses
from labelnoise.methods.base import Method, State
from labelnoise.types import Batch, Given, Outputs


@dataclass(frozen=True)
class ForwardDualT(Method):
    """Forward-corrected cross-entropy with the transition matrix of Dual-T."""

    uses: ClassVar[tuple[str, ...]] = ("transition_dual_t",)

    def init_state(self, given: Given, labels: Tensor, num_classes: int, generators: list[Generator]) -> State:
        return {"log_transition": losses.log_transition(given.transition_dual_t)}

    def loss(self, outputs: Outputs, batch: Batch, state: State) -> Tensor:
        log_probs = torch.log_softmax(outputs.logits, -1)
        return losses.forward_nll(log_probs, state["log_transition"], batch.labels)
