"""Noise layer, bottom-up. Sukhbaatar et al., Training convolutional networks with noisy labels, ICLR workshop
2015 (arXiv 1406.2080), section 3.1.

L = -log (p T)_label + trace_penalty * tr(T) / C, with T learned. Differs from forward correction in that T is
trained end to end: the product of the network's confusion and T is fixed by the data, and the penalty on the
trace pushes the noise into T and not into the network. T = softmax over rows of A keeps T a channel without
the paper's projection; A starts at kappa I and stays there for `warmup_epochs`, while the network learns the
patterns. kappa = log((1 - epsilon)(C - 1) / epsilon) makes the diagonal of the first T equal 1 - epsilon.
"""

from dataclasses import dataclass, field

import torch
from torch import Generator, Tensor

from labelnoise import losses
from labelnoise.methods.base import State, WithNoiseLayer
from labelnoise.types import Batch, Estimates


@dataclass(frozen=True)
class NoiseLayer(WithNoiseLayer):
    """Forward correction with a learned transition matrix."""

    epsilon: float = field(metadata={"gt": 0, "lt": 1})  # off-diagonal mass of the first T
    trace_penalty: float = field(metadata={"ge": 0})

    def init_state(self, estimates: Estimates, labels: Tensor, classes: int, generators: list[Generator]) -> State:
        a = torch.eye(classes, dtype=estimates.prior.dtype, device=labels.device)
        a = a * losses.kappa(self.epsilon, classes)
        return {"a": a.repeat(labels.shape[0], 1, 1).requires_grad_()}

    def learning_rates(self) -> dict[str, float]:
        return {"a": self.lr}

    def loss(self, logits: Tensor, batch: Batch, state: State) -> Tensor:
        log_transition = torch.log_softmax(self.layer_at(batch.epoch, state)["a"], -1)
        return losses.forward_nll(torch.log_softmax(logits, -1), log_transition, batch.labels)

    def penalty(self, epoch: int, state: State) -> Tensor:
        diagonal = torch.softmax(self.layer_at(epoch, state)["a"], -1).diagonal(dim1=-2, dim2=-1)
        return self.trace_penalty * diagonal.mean(-1)

    def learned_transition(self, state: State) -> Tensor:
        return torch.softmax(state["a"].detach(), -1)
