"""Forward correction with the true T on the wrong side: the ablation without errors of estimation in it.

L = -log (T p)_label, an ablation of Patrini et al. 2017, eq. 6; differs from cross-entropy as
forward_transposed.py does. `given.transition` is the designed matrix of the noise (for instance-dependent
noise its mean over the images of each class).
"""

from dataclasses import dataclass
from typing import ClassVar

import torch
from torch import Generator, Tensor

from labelnoise import losses
from labelnoise.methods.base import Method, State
from labelnoise.types import Batch, Given, Outputs


@dataclass(frozen=True)
class ForwardTransposedOracle(Method):
    """Cross-entropy corrected by the transpose of the true transition matrix."""

    uses: ClassVar[tuple[str, ...]] = ("transition",)

    def init_state(self, given: Given, labels: Tensor, num_classes: int, generators: list[Generator]) -> State:
        return {"log_transition": losses.log_transition(given.transition.transpose(-1, -2))}

    def loss(self, outputs: Outputs, batch: Batch, state: State) -> Tensor:
        log_probs = torch.log_softmax(outputs.logits, -1)
        return losses.forward_nll(log_probs, state["log_transition"], batch.labels)
