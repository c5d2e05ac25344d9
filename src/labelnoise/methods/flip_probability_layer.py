"""Flip-probability layer: the instance-dependent matrix with the fewest outputs. Its form is that of Berthon et
al., Confidence scores make instance-dependent label-noise learning possible (CSIDN), ICML 2021, which builds d
from given confidence scores; here d and S are learned.

L = -log sum_i p_i T_{i,label}(x), T(x) = I - diag(d(x)) (I - S), S with a zero diagonal and rows that sum to
one: an example of class i is flipped with probability d_i(x) = sigmoid(w_i . h(x) + b_i), to class j with S_ij.
Differs from forward correction in that how often is a function of the example, and where to is not. (p(x),
T(x)) is free without a constraint: no gradient of T reaches h, w starts at zero and is shrunk to it, b and S
start at a T with the estimated noise rate beside its diagonal and equal entries there, and all stay there for
`warmup` E*.

h is the output of the last layer, standardised over classes since logits grow without bound while a network
memorises.
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
class FlipProbabilityLayer(WithNoiseLayer):
    """Forward correction in which the probability of a flip is a learned function of the example."""

    uses: ClassVar[tuple[str, ...]] = ("clock", "rate")

    shrink: float = field(metadata={"ge": 0})  # weight of ||w||^2

    def init_state(self, estimates: Estimates, labels: Tensor, classes: int) -> State:
        w = estimates.rate.new_zeros(labels.shape[0], classes, classes)  # w[r, :, i] = w_i
        b = losses.first_rate(estimates.rate, classes).logit().view(-1, 1, 1).repeat(1, 1, classes)
        layer = {"w": w.requires_grad_(), "b": b.requires_grad_(), "a": torch.zeros_like(w).requires_grad_()}
        return layer | self.waiting(estimates)

    def optimizers(self) -> dict[str, Group]:
        return {"w": Group(self.lr), "b": Group(self.lr), "a": Group(self.lr)}

    def loss(self, logits: Tensor, batch: Batch, state: State) -> Tensor:
        layer = self.layer_at(batch.epoch, state)
        w, b, a = layer["w"], layer["b"], layer["a"]
        runs = torch.arange(len(a), device=a.device).unsqueeze(-1)
        log_s = _log_s(a, 0).transpose(-1, -2)
        to_label = log_s[runs, batch.labels]  # [R, B, C]: log S_{., label}, 0 at the label
        sign = 1 - 2 * functional.one_hot(batch.labels, a.shape[-1])  # 1 - d at the label, d elsewhere
        columns = functional.logsigmoid(sign * _scores(logits.detach(), w, b)) + to_label
        return -torch.logsumexp(torch.log_softmax(logits, -1) + columns, -1)

    def penalty(self, epoch: int, state: State) -> Tensor:
        return self.shrink * self.layer_at(epoch, state)["w"].square().sum((-2, -1))

    def learned_transition(self, state: State) -> Tensor:
        """Row i is that of an example of which the network is sure that it is of class i."""
        w, b, a = (state[name].detach() for name in ("w", "b", "a"))
        sure = torch.eye(a.shape[-1], dtype=a.dtype, device=a.device).expand(len(a), -1, -1)
        d = torch.sigmoid(_scores(sure, w, b)).diagonal(dim1=-2, dim2=-1)
        return torch.diag_embed(1 - d) + d.unsqueeze(-1) * _log_s(a, -torch.inf).exp()


def _scores(logits: Tensor, w: Tensor, b: Tensor) -> Tensor:
    """w_i . h + b_i, [R, B, C]; logits [R, B, C]."""
    return torch.baddbmm(b, functional.layer_norm(logits, logits.shape[-1:]), w)


def _log_s(a: Tensor, diagonal: float) -> Tensor:
    """log S [R, C, C] with `diagonal` on the diagonal; that of a is not used."""
    where = torch.eye(a.shape[-1], dtype=torch.bool, device=a.device)
    return torch.log_softmax(a.masked_fill(where, -torch.inf), -1).masked_fill(where, diagonal)
