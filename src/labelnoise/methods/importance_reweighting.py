"""Importance reweighting. Liu and Tao, Classification with noisy labels by importance reweighting, IEEE TPAMI
2016, for two classes; for many as in the code of Xia et al., Are anchor points really indispensable in label-noise
learning?, NeurIPS 2019 (`Reweight`).

L = w CE, w = p_label / (p T)_label, detached. Differs from cross-entropy in the weight, which is how much likelier
the given label is without the noise than with it: the mean over noisy labels then estimates the mean over true
ones. The weight of a label is small where the network is sure of another class.

(p T)_label is p_label T_label,label at least, so that w <= 1 / T_label,label: nothing is clamped, as in the code.
The code starts from the network by which T was estimated; here the network is new, as it is for every method.
"""

from dataclasses import dataclass

import torch
from torch import Tensor

from labelnoise import losses
from labelnoise.methods.base import State, WithTransition
from labelnoise.types import Batch, Estimates


@dataclass(frozen=True)
class ImportanceReweighting(WithTransition):
    """Cross-entropy weighted by how much the noise changes the label's probability."""

    def init_state(self, estimates: Estimates, labels: Tensor, classes: int) -> State:
        return {"log_transition": losses.log_transition(self.matrix(estimates))}

    def loss(self, logits: Tensor, batch: Batch, state: State) -> Tensor:
        log_probs = torch.log_softmax(logits, -1)
        weight = losses.importance_weight(log_probs, state["log_transition"], batch.labels)
        return weight.detach() * losses.cross_entropy(logits, batch.labels)
