"""Cross-entropy against a row of T, the second form of a loss with a transition matrix: the logarithm inside
the sum.

L = -sum_k T[label, k] log p_k, in place of forward correction's -log sum_k p_k T[k, label] (Patrini et al.,
CVPR 2017, eq. 6). Differs from cross-entropy in a soft label per class: label smoothing (Szegedy et al., CVPR
2016) that depends on the class. It smooths where backward correction, the same equation with T^-1, sharpens:
it never undoes the noise, and its minimiser is over-smoothed. Row `label` of T holds the labels that such a
class would get, not the classes that the label may come from; noise_layer_topdown.py has those.
"""

from dataclasses import dataclass

import torch
from torch import Tensor

from labelnoise import losses
from labelnoise.methods.base import State, WithTransition
from labelnoise.types import Batch, Estimates


@dataclass(frozen=True)
class SecondForm(WithTransition):
    """Cross-entropy against the transition matrix's row of the label."""

    def init_state(self, estimates: Estimates, labels: Tensor, classes: int) -> State:
        return {"matrix": self.matrix(estimates)}

    def loss(self, logits: Tensor, batch: Batch, state: State) -> Tensor:
        log_probs = torch.log_softmax(logits, -1)
        return losses.second_form(log_probs, state["matrix"], batch.labels)
