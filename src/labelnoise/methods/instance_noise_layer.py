"""Instance-dependent noise layer. Goldberger and Ben-Reuven, Training deep neural-networks using a noise
adaptation layer, ICLR 2017, the complex model.

L = -log sum_i p_i T_{i,label}(x), T_ij(x) = softmax_j(u_ij . h(x) + b_ij), u and b learned. Differs from
forward correction in a T of every example. (p(x), T(x)) is free without a constraint: no gradient of T reaches
h, u starts at zero and is shrunk to it (what is left is the simple model, one T for all), b starts at log T
with diagonal 1 - epsilon, and both stay there for `warmup_epochs`.

The paper's h is the input of the last layer. Here h is the output of the last layer, C numbers linear in the
paper's: a rank of at most C - 1, and a state whose shape does not depend on the network. It is standardised
over classes, since logits grow without bound while a network memorises.
"""

from dataclasses import dataclass, field

import torch
from torch import Generator, Tensor
from torch.nn import functional

from labelnoise import losses
from labelnoise.methods.base import State, WithNoiseLayer
from labelnoise.types import Batch, Estimates


@dataclass(frozen=True)
class InstanceNoiseLayer(WithNoiseLayer):
    """Forward correction with a learned transition matrix that is a function of the example."""

    epsilon: float = field(metadata={"gt": 0, "lt": 1})  # off-diagonal mass of the first T
    shrink: float = field(metadata={"ge": 0})  # weight of ||u||^2

    def init_state(self, estimates: Estimates, labels: Tensor, classes: int, generators: list[Generator]) -> State:
        runs = labels.shape[0]
        b = torch.eye(classes, dtype=estimates.prior.dtype, device=labels.device)
        b = torch.log_softmax(b * losses.kappa(self.epsilon, classes), -1).flatten().repeat(runs, 1, 1)
        u = b.new_zeros(runs, classes, classes**2)  # u[r, :, i * C + j] = u_ij
        return {"u": u.requires_grad_(), "b": b.requires_grad_()}  # b [R, 1, C * C]

    def learning_rates(self) -> dict[str, float]:
        return {"u": self.lr, "b": self.lr}

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
