"""Forward correction with T on the wrong side, an ablation of Patrini et al., Making deep neural networks
robust to label noise: a loss correction approach, CVPR 2017, eq. 6.

L = -log (T p)_label = -log sum_k T[label, k] p_k, with T[i, j] = P(noisy = j | clean = i): what y^T T p says
where T should be transposed. Differs from cross-entropy, and from forward correction, in mixing the labels
that a class of the label's name would get in place of the classes that the label may come from: its values do
not sum to one over labels. Equal to forward correction for a symmetric T only.
"""

from dataclasses import dataclass
from typing import ClassVar

import torch
from torch import Generator, Tensor

from labelnoise import losses
from labelnoise.methods.base import Method, State
from labelnoise.types import Batch, Given, Outputs


@dataclass(frozen=True)
class ForwardTransposed(Method):
    """Cross-entropy corrected by the transpose of the estimated transition matrix."""

    uses: ClassVar[tuple[str, ...]] = ("transition",)

    def init_state(self, given: Given, labels: Tensor, num_classes: int, generators: list[Generator]) -> State:
        return {"log_transition": losses.log_transition(given.transition.transpose(-1, -2))}

    def loss(self, outputs: Outputs, batch: Batch, state: State) -> Tensor:
        log_probs = torch.log_softmax(outputs.logits, -1)
        return losses.forward_nll(log_probs, state["log_transition"], batch.labels)
