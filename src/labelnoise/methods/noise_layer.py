"""Noise layer, bottom-up. Sukhbaatar et al., Training convolutional networks with noisy labels, ICLR workshop
2015 (arXiv 1406.2080), section 3.1.

L = -log (p T)_label + trace_penalty * tr(T) / C, with T learned. Differs from forward correction in that T is
trained end to end: the product of the network's confusion and T is fixed by the data, and the penalty on the
trace pushes the noise into T and not into the network. T starts with 1 - epsilon on its diagonal and stays there
for `warmup` E*, while the network learns the patterns; `first: rate` takes the estimated noise rate as epsilon.

`form: projection` is the paper's: T itself is the parameter and is projected onto stochastic matrices, that is,
negative entries are clipped and rows scaled to sum to one. Each step projects what the step before it left, and
the end of an epoch what its last step left, so that T is stochastic wherever it is used. Entries are clipped at
`floor` and not at zero: the gradient of T_kj is -p_k / (p T)_j, which has no bound where the network is sure of a
class k with T_kj = 0. `form: softmax` has T = softmax over rows of A, of which no gradient of an entry exceeds the
entry: a small one hardly moves.

The paper says that the penalty's weight depends on the noise and takes it from validation; here it has one value.
"""

from dataclasses import dataclass, field
from typing import Literal

import torch
from torch import Tensor

from labelnoise import losses
from labelnoise.methods.base import Group, State, WithNoiseLayer
from labelnoise.types import Batch, Estimates


@dataclass(frozen=True)
class NoiseLayer(WithNoiseLayer):
    """Forward correction with a learned transition matrix."""

    form: Literal["projection", "softmax"]
    first: Literal["fixed", "rate"]  # where the off-diagonal mass of the first T comes from
    epsilon: float = field(metadata={"gt": 0, "lt": 1})  # that mass, where it is fixed
    floor: float = field(metadata={"gt": 0, "lt": 1})  # smallest entry before rows are scaled; of the projection
    trace_penalty: float = field(metadata={"ge": 0})

    @property
    def uses(self) -> tuple[str, ...]:
        return ("clock", "rate") if self.first == "rate" else ("clock",)

    def init_state(self, estimates: Estimates, labels: Tensor, classes: int) -> State:
        epsilon = torch.full_like(estimates.clock, self.epsilon)
        epsilon = losses.first_rate(estimates.rate, classes) if self.first == "rate" else epsilon
        t = losses.symmetric_transition(epsilon, classes)
        t = t if self.form == "projection" else t.log()
        return {"t": t.requires_grad_(), **self.waiting(estimates)}

    def optimizers(self) -> dict[str, Group]:
        return {"t": Group(self.lr)}

    def loss(self, logits: Tensor, batch: Batch, state: State) -> Tensor:
        self._project(batch.epoch, state)
        transition = self._transition(self.layer_at(batch.epoch, state))
        return losses.forward_nll(torch.log_softmax(logits, -1), transition.log(), batch.labels)

    def penalty(self, epoch: int, state: State) -> Tensor:
        diagonal = self._transition(self.layer_at(epoch, state)).diagonal(dim1=-2, dim2=-1)
        return self.trace_penalty * diagonal.mean(-1)

    def end_of_epoch(self, epoch: int, probs: Tensor, state: State) -> State:
        self._project(epoch, state)
        return state

    def learned_transition(self, state: State) -> Tensor:
        return self._transition({"t": state["t"].detach()})

    def _transition(self, layer: State) -> Tensor:
        return layer["t"] if self.form == "projection" else torch.softmax(layer["t"], -1)

    @torch.no_grad()
    def _project(self, epoch: int, state: State) -> None:
        """In place: the optimiser holds this tensor."""
        if self.form == "projection":
            t = state["t"].clamp(min=self.floor)
            warm = (epoch < state["warm"]).view(-1, 1, 1)
            state["t"].copy_(torch.where(warm, state["t"], t / t.sum(-1, keepdim=True)))
