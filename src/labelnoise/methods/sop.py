"""Sparse over-parameterisation. Liu et al., Robust training under label noise by over-parameterization, ICML
2022, and the authors' code (without its consistency and balance terms, which make SOP+).

s_i = u_i^2 e - v_i^2 (1 - e), e the one-hot label: u_i [1] and v_i [C] per example, trained with the network.
L = CE(e, p + s, normalised) + ||one-hot argmax p + s - e||^2, v detached in the first term. Differs from
cross-entropy in that s may take up what is wrong in the label: u^2 its mass, v^2 the class that the network sees
in its place. Both start so small that the loss does not see them, and grow by factors: only where the label is
contradicted again and again do they become large, so that s is sparse.

u and v start at `init`; the authors draw them with that standard deviation, but only squares enter the loss. They
are trained without momentum and at a constant rate, as in the authors' code.
"""

from dataclasses import dataclass, field

import torch
from torch import Tensor

from labelnoise.methods.base import Group, Method, State
from labelnoise.types import Batch, Estimates


@dataclass(frozen=True)
class Sop(Method):
    """Cross-entropy of the prediction plus a trained sparse term per example."""

    lr_u: float = field(metadata={"gt": 0})
    lr_v: float = field(metadata={"gt": 0})
    init: float = field(metadata={"gt": 0, "lt": 1})
    clamp: float = field(metadata={"gt": 0, "lt": 1})  # smallest probability in the cross-entropy

    def init_state(self, estimates: Estimates, labels: Tensor, classes: int) -> State:
        u = estimates.prior.new_full((*labels.shape, 1), self.init)
        return {"u": u.requires_grad_(), "v": u.detach().repeat(1, 1, classes).requires_grad_()}

    def optimizers(self) -> dict[str, Group]:
        rates = {"u": self.lr_u, "v": self.lr_v}
        return {name: Group(lr, momentum=0.0, scheduled=False) for name, lr in rates.items()}

    def loss(self, logits: Tensor, batch: Batch, state: State) -> Tensor:
        none, label = torch.zeros_like(logits), batch.labels.unsqueeze(-1)
        e, seen = (none.scatter(-1, k, 1) for k in (label, logits.argmax(-1, keepdim=True)))
        example = batch.example.unsqueeze(-1)
        mass = (state["u"].gather(1, example) ** 2).clamp_max(1) * e
        other = (state["v"].gather(1, example.expand_as(e)) ** 2).clamp_max(1) * (1 - e)
        probs = (torch.softmax(logits, -1) + mass - other.detach()).clamp_min(self.clamp)
        prob = (probs.gather(-1, label) / probs.sum(-1, keepdim=True)).clamp_min(self.clamp).squeeze(-1)
        return -prob.log() + ((seen + mass - other - e) ** 2).sum(-1)
