"""Forward correction with an estimated T. Patrini et al., Making deep neural networks robust to label noise: a
loss correction approach, CVPR 2017, eq. 6, theorem 2 and section 4 (estimation).

L = -log (p T)_label, T[i, j] = P(noisy = j | clean = i). Differs from cross-entropy in comparing the label
with the noisy prediction p T; the clean head p is what is evaluated. The gradient is p - q with
q_k = p_k T_{k,label} / sum_l p_l T_{l,label}: the posterior of the true class in place of the one-hot label.
T comes from anchor points of a first run of cross-entropy (the estimate stage).
"""

from dataclasses import dataclass
from typing import ClassVar

import torch
from torch import Generator, Tensor

from labelnoise import losses
from labelnoise.methods.base import Method, State
from labelnoise.types import Batch, Given, Outputs


@dataclass(frozen=True)
class ForwardEstimated(Method):
    """Forward-corrected cross-entropy with the transition matrix that the pipeline estimated."""

    uses: ClassVar[tuple[str, ...]] = ("transition",)

    def init_state(self, given: Given, labels: Tensor, num_classes: int, generators: list[Generator]) -> State:
        return {"log_transition": losses.log_transition(given.transition)}

    def loss(self, outputs: Outputs, batch: Batch, state: State) -> Tensor:
        log_probs = torch.log_softmax(outputs.logits, -1)
        return losses.forward_nll(log_probs, state["log_transition"], batch.labels)
