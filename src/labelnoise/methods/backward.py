"""Backward correction. Patrini et al., Making deep neural networks robust to label noise: a loss correction
approach, CVPR 2017, theorem 1 and section 4 (estimation).

L = (T^-1 l)_label = -sum_k T^-1[label, k] log p_k, l_k = -log p_k. Differs from cross-entropy in that its mean
over the labels of a class is the loss of the true class, sum_j T_cj (T^-1 l)_j = l_c: the risk is that without
noise. `transition` says where T comes from, as in forward correction. The variance grows with the condition number
of T, which the table `transition` states; the ridge keeps the weights of a nearly singular T finite. Some weights
are negative, so that the loss of any finite sample is unbounded below and training runs away from every fit. The
paper does not say so; the authors' code clips p at Keras's epsilon = 1e-7, as is done here. The theorem holds for
every l, also the clipped one.
"""

import math
from dataclasses import dataclass, field

import torch
from torch import Tensor

from labelnoise import losses
from labelnoise.methods.base import State, WithTransition
from labelnoise.types import Batch, Estimates


@dataclass(frozen=True)
class Backward(WithTransition):
    """Cross-entropy weighted by the inverse of a transition matrix."""

    ridge: float = field(metadata={"ge": 0})  # 0: the inverse of T itself
    epsilon: float = field(metadata={"gt": 0, "lt": 1})  # smaller p_k count as this

    def init_state(self, estimates: Estimates, labels: Tensor, classes: int) -> State:
        return {"inverse": losses.backward_weights(self.matrix(estimates), self.ridge)}

    def loss(self, logits: Tensor, batch: Batch, state: State) -> Tensor:
        log_probs = torch.log_softmax(logits, -1).clamp_min(math.log(self.epsilon))
        return losses.second_form(log_probs, state["inverse"], batch.labels)
