"""Noise layer with projection. Sukhbaatar et al., Training convolutional networks with noisy labels, ICLR
workshop 2015 (arXiv 1406.2080), section 3.1.

L = -log (p T)_label + trace_penalty * tr(T) / C, where T itself is the parameter and is projected onto
stochastic matrices: negative entries are clipped, rows scaled to sum to one. Differs from cross-entropy in the
learned T, and from a T made by a softmax in that its gradient is not damped by small entries. Each step
projects what the step before it left, and the end of an epoch what its last step left, so that T is stochastic
wherever it is used.

Entries are clipped at `floor` and not at zero: the gradient of T_kj is -p_k / (p T)_j, which has no bound where
the network is sure of a class k with T_kj = 0.
"""

from dataclasses import dataclass, field

import torch
from torch import Generator, Tensor

from labelnoise import losses
from labelnoise.methods.base import State, WithNoiseLayer
from labelnoise.types import Batch, Estimates


@dataclass(frozen=True)
class NoiseLayerProjection(WithNoiseLayer):
    """Forward correction with a transition matrix learned by projected gradient descent."""

    epsilon: float = field(metadata={"gt": 0, "lt": 1})  # off-diagonal mass of the first T
    floor: float = field(metadata={"gt": 0, "lt": 1})  # smallest entry before rows are scaled
    trace_penalty: float = field(metadata={"ge": 0})

    def init_state(self, estimates: Estimates, labels: Tensor, classes: int, generators: list[Generator]) -> State:
        identity = torch.eye(classes, dtype=estimates.prior.dtype, device=labels.device)
        t = (1 - self.epsilon) * identity + self.epsilon / (classes - 1) * (1 - identity)
        return {"t": t.repeat(labels.shape[0], 1, 1).requires_grad_()}

    def learning_rates(self) -> dict[str, float]:
        return {"t": self.lr}

    def loss(self, logits: Tensor, batch: Batch, state: State) -> Tensor:
        if batch.epoch >= self.warmup_epochs:
            self._project(state["t"])
        log_probs = torch.log_softmax(logits, -1)
        return losses.forward_nll(log_probs, self.layer_at(batch.epoch, state)["t"].log(), batch.labels)

    def penalty(self, epoch: int, state: State) -> Tensor:
        return self.trace_penalty * self.layer_at(epoch, state)["t"].diagonal(dim1=-2, dim2=-1).mean(-1)

    def end_of_epoch(self, epoch: int, probs: Tensor, state: State) -> State:
        if epoch >= self.warmup_epochs:
            self._project(state["t"])
        return state

    def learned_transition(self, state: State) -> Tensor:
        return state["t"].detach()

    @torch.no_grad()
    def _project(self, t: Tensor) -> None:
        """In place: the optimiser holds this tensor."""
        t.clamp_(min=self.floor)
        t.div_(t.sum(-1, keepdim=True))
