"""Instance-dependent noise layer. Goldberger and Ben-Reuven, Training deep neural-networks using a noise
adaptation layer, ICLR 2017, the complex model.

L = -log sum_i p_i T_{i,label}(x), T_ij(x) = softmax_j(u_ij . h(x) + b_ij), u and b learned. Differs from
forward correction in a T of every example. (p(x), T(x)) is free without a constraint: no gradient of T reaches
h, u starts at zero and is shrunk to it (what is left is the simple model, one T for all), b starts at log T
with the estimated noise rate beside its diagonal (the authors start from a rate of .46), and both stay there for
`warmup` E*.

The paper's h is the input of the last layer. Here h is the output of the last layer, C numbers linear in the
paper's: a rank of at most C - 1, and a state whose shape does not depend on the network. It is standardised
over classes, since logits grow without bound while a network memorises.
"""

from dataclasses import dataclass, field
from typing import ClassVar

import torch
from torch import Tensor
from torch.nn import functional

from labelnoise import losses
from labelnoise.methods.base import Group, State, WithNoiseLayer
from labelnoise.types import Batch, Estimates


@dataclass(frozen=True)
class InstanceNoiseLayer(WithNoiseLayer):
    """Forward correction with a learned transition matrix that is a function of the example."""

    uses: ClassVar[tuple[str, ...]] = ("clock", "rate")

    shrink: float = field(metadata={"ge": 0})  # weight of ||u||^2

    def init_state(self, estimates: Estimates, labels: Tensor, classes: int) -> State:
        first = losses.symmetric_transition(losses.first_rate(estimates.rate, classes), classes)
        b = first.log().flatten(1).unsqueeze(1)  # [R, 1, C * C]
        u = b.new_zeros(len(b), classes, classes**2)  # u[r, :, i * C + j] = u_ij
        return {"u": u.requires_grad_(), "b": b.requires_grad_(), **self.waiting(estimates)}

    def optimizers(self) -> dict[str, Group]:
        return {"u": Group(self.lr), "b": Group(self.lr)}

    def loss(self, logits: Tensor, batch: Batch, state: State) -> Tensor:
        scores = _scores(logits.detach(), **self.layer_at(batch.epoch, state))
        labels = batch.labels[..., None, None].expand(*scores.shape[:-1], 1)
        columns = scores.gather(-1, labels).squeeze(-1) - torch.logsumexp(scores, -1)  # log T_{., label}(x)
        return -torch.logsumexp(torch.log_softmax(logits, -1) + columns, -1)

    def penalty(self, epoch: int, state: State) -> Tensor:
        return self.shrink * self.layer_at(epoch, state)["u"].square().sum((-2, -1))

    def learned_transition(self, state: State) -> Tensor:
        """Row i is that of an example of which the network is sure that it is of class i."""
        u, b = state["u"].detach(), state["b"].detach()
        sure = torch.eye(u.shape[1], dtype=u.dtype, device=u.device).expand(len(u), -1, -1)
        rows = torch.softmax(_scores(sure, u, b), -1)  # [R, C, C, C]: example, i, j
        return rows.diagonal(dim1=1, dim2=2).transpose(-1, -2)


def _scores(logits: Tensor, u: Tensor, b: Tensor) -> Tensor:
    """u_ij . h + b_ij, [R, B, C, C]; logits [R, B, C]."""
    h = functional.layer_norm(logits, logits.shape[-1:])
    return torch.baddbmm(b, h, u).unflatten(-1, (logits.shape[-1], logits.shape[-1]))
