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
from labelnoise.methods.base import Method, State
from labelnoise.types import Batch, Given, Outputs


@dataclass(frozen=True)
class NoiseLayerProjection(Method):
    """Forward correction with a transition matrix learned by projected gradient descent."""

    epsilon: float = field(metadata={"gt": 0, "lt": 1})  # off-diagonal mass of the first T
    floor: float = field(metadata={"gt": 0, "lt": 1})  # smallest entry before rows are scaled
    trace_penalty: float = field(metadata={"ge": 0})
    warmup_epochs: int = field(metadata={"ge": 0})
    lr: float = field(metadata={"gt": 0})  # of T; no weight decay

    def check(self, epochs: int) -> None:
        if self.warmup_epochs >= epochs:
            raise ValueError(
                f"warmup_epochs = {self.warmup_epochs}: must be below the {epochs} epochs of training"
            )

    def init_state(self, given: Given, labels: Tensor, num_classes: int, generators: list[Generator]) -> State:
        identity = torch.eye(num_classes, dtype=given.prior.dtype, device=labels.device)
        t = (1 - self.epsilon) * identity + self.epsilon / (num_classes - 1) * (1 - identity)
        return {"t": t.repeat(labels.shape[0], 1, 1).requires_grad_()}

    def learning_rates(self) -> dict[str, float]:
        return {"t": self.lr}

    def loss(self, outputs: Outputs, batch: Batch, state: State) -> Tensor:
        if batch.epoch >= self.warmup_epochs:
            self._project(state["t"])
        log_probs = torch.log_softmax(outputs.logits, -1)
        return losses.forward_nll(log_probs, self._t(batch.epoch, state).log(), batch.labels)

    def penalty(self, epoch: int, state: State) -> Tensor:
        return self.trace_penalty * self._t(epoch, state).diagonal(dim1=-2, dim2=-1).mean(-1)

    def end_of_epoch(self, epoch: int, probs: Tensor, state: State) -> State:
        if epoch >= self.warmup_epochs:
            self._project(state["t"])
        return state

    def transition(self, state: State) -> Tensor:
        return state["t"].detach()

    def _t(self, epoch: int, state: State) -> Tensor:
        return state["t"].detach() if epoch < self.warmup_epochs else state["t"]

    @torch.no_grad()
    def _project(self, t: Tensor) -> None:
        """In place: the optimiser holds this tensor."""
        t.clamp_(min=self.floor)
        t.div_(t.sum(-1, keepdim=True))
