"""T-revision. Xia et al., Are anchor points really indispensable in label-noise learning?, NeurIPS 2019,
algorithm 1 and the authors' code (`Reweight-R`).

L = w CE, w = p_label / (p T')_label, T' = T + Delta T. Differs from importance reweighting in the slack Delta T,
which starts at zero and is trained along from `warmup` E* on, since a T from anchor points that are none is wrong.

The network has no gradient through w, the slack has. In the authors' second stage the network has one too, and
L = -p_label log p_label / (p T')_label is then 0 for whoever predicts one class for everything: at their learning
rate, 5e-7 by Adam for network and slack, that is far away, and at ours training ends there. So the network goes on
as in their first stage, and Adam trains the slack alone, at a constant rate.

Entries of T' are clipped at zero and its rows scaled to sum to one. The authors train without that, and every
entry of the slack then only grows, since L falls as T' is scaled up, whatever it is. (In a loop over the batch
their code also adds Delta T once more for every example; the equation has it once.)
"""

from dataclasses import dataclass, field

import torch
from torch import Tensor

from labelnoise import losses
from labelnoise.methods.base import Group, State, WithTransition, after
from labelnoise.types import Batch, Estimates


@dataclass(frozen=True)
class TRevision(WithTransition):
    """Importance reweighting whose transition matrix is revised along with the network."""

    warmup: float = field(metadata={"gt": 0})  # in units of E*
    lr: float = field(metadata={"gt": 0})  # of the slack, by Adam

    @property
    def uses(self) -> tuple[str, ...]:
        return (*super().uses, "clock")

    def init_state(self, estimates: Estimates, labels: Tensor, classes: int) -> State:
        t = self.matrix(estimates)
        return {"t": t, "delta": torch.zeros_like(t).requires_grad_(), "warm": after(self.warmup, estimates)}

    def optimizers(self) -> dict[str, Group]:
        return {"delta": Group(self.lr, scheduled=False, adam=True)}

    def loss(self, logits: Tensor, batch: Batch, state: State) -> Tensor:
        warm = (batch.epoch < state["warm"]).view(-1, 1, 1)
        delta = torch.where(warm, state["delta"].detach(), state["delta"])
        log_transition = losses.log_transition(_revised(state["t"], delta))
        log_probs = torch.log_softmax(logits.detach(), -1)
        weight = losses.importance_weight(log_probs, log_transition, batch.labels)
        return weight * losses.cross_entropy(logits, batch.labels)

    def learned_transition(self, state: State) -> Tensor:
        return _revised(state["t"], state["delta"].detach())


def _revised(t: Tensor, delta: Tensor) -> Tensor:
    """T + Delta T [R, C, C] as a transition matrix."""
    positive = (t + delta).clamp_min(0)
    return positive / positive.sum(-1, keepdim=True)
