"""PENCIL. Yi and Wu, Probabilistic end-to-end noise correction for learning with noisy labels, CVPR 2019, and the
authors' code.

Differs from cross-entropy in that the labels are trained along, each a distribution y = softmax(y~) over the
classes, y~ starting at K times the given label, one-hot. There are three stages. L is cross-entropy until `warmup`
E*; then, until half of the run,
    L = L_c / C + alpha L_o + beta L_e / C,   L_c = KL(p || y),   L_e = H(p),
with y~ trained by gradient descent at a rate of its own; then L_c / C alone, on the y that were found. L_c pulls y
to the prediction, L_o to the given label, and L_e pushes the prediction towards a vertex.

L_o is CE(label, y) in the paper, and CE(label, softmax(y)) in the authors' code, which hands y to a loss that
takes a softmax. Here it is that of the code. By that of the paper the best y for a given p is (p / C + alpha e) /
(1 / C + alpha), e the label: with ten classes and alpha = .1 no class ever comes before the given one.

The authors' stages end at 70 and 200 of 320 epochs, and their third has a higher learning rate, cut twice. The
network's rate is constant here, as in their first two.
"""

from dataclasses import dataclass, field
from typing import ClassVar

import torch
from torch import Tensor
from torch.nn import functional

from labelnoise import losses
from labelnoise.methods.base import Group, Method, State, after
from labelnoise.types import Batch, Estimates


@dataclass(frozen=True)
class Pencil(Method):
    """Trains the network and a label distribution per example together, then the network on those."""

    scheduled: ClassVar[bool] = False
    uses: ClassVar[tuple[str, ...]] = ("clock",)

    alpha: float = field(metadata={"ge": 0})
    beta: float = field(metadata={"ge": 0})
    K: float = field(metadata={"gt": 0})
    lam: float = field(metadata={"gt": 0})  # the paper's lambda: the learning rate of y~
    warmup: float = field(metadata={"gt": 0})  # first stage, in units of E*

    def init_state(self, estimates: Estimates, labels: Tensor, classes: int) -> State:
        y = self.K * functional.one_hot(labels, classes).to(estimates.clock.dtype)
        return {"y": y.requires_grad_(), "first": after(self.warmup, estimates), "second": estimates.half_run}

    def optimizers(self) -> dict[str, Group]:
        return {"y": Group(self.lam, momentum=0.0, scheduled=False)}

    def loss(self, logits: Tensor, batch: Batch, state: State) -> Tensor:
        first = (batch.epoch < state["first"]).unsqueeze(-1)
        second = (batch.epoch < state["second"]).unsqueeze(-1) & ~first
        runs = torch.arange(len(logits), device=logits.device).unsqueeze(-1)
        y = state["y"][runs, batch.example]
        l_c, l_o, l_e = _parts(logits, torch.where(second.unsqueeze(-1), y, y.detach()), batch.labels)
        classes = logits.shape[-1]
        l_y = l_c / classes + second * (self.alpha * l_o + self.beta * l_e / classes)
        return torch.where(first, losses.cross_entropy(logits, batch.labels), l_y)


def _parts(logits: Tensor, y: Tensor, labels: Tensor) -> tuple[Tensor, Tensor, Tensor]:
    """L_c, L_o and L_e, each [R, B]. logits and y~ [R, B, C], labels [R, B]."""
    log_probs, log_y = torch.log_softmax(logits, -1), torch.log_softmax(y, -1)
    l_e = losses.entropy(log_probs)
    l_c = losses.soft_cross_entropy(log_probs.exp(), log_y) - l_e
    return l_c, losses.cross_entropy(log_y.exp(), labels), l_e
