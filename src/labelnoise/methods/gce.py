"""Generalised cross-entropy. Zhang and Sabuncu, Generalized cross entropy loss for training deep neural networks
with noisy labels, NeurIPS 2018.

L_q(p) = (1 - p_label^q) / q. Differs from cross-entropy, its limit q -> 0, in that the gradient is weighted by
p_label^q, so that examples whose label looks wrong count less; q = 1 is half the mean absolute error.

`truncated` is the form that the paper leads with (section 3.3): L = L_q(p) where p_label > k and the constant
L_q(k) elsewhere, which leaves such examples out. At the start p_label <= k everywhere, and nothing would be
learned: as in the paper the network and the examples that are left out take turns (alternate convex search). All
are in until `prune_from` E*; from then on those with p_label > k by the network at the end of the epoch before, so
that an example may come back. The mean is over all examples, left out or not.

Ours: the paper prunes every 10 epochs, from epoch 40 of 120 on, by the network with the best validation so far.
Here it is every epoch, of which each has few steps, and by the network as it stands.

p^q = exp(q log p), since p^(q-1) in the gradient of the power is infinite at p = 0; nothing is clamped.
"""

from dataclasses import dataclass, field

import torch
from torch import Tensor

from labelnoise import losses
from labelnoise.methods.base import Method, State, after
from labelnoise.types import Batch, Estimates


@dataclass(frozen=True)
class Gce(Method):
    """Box-Cox transform of the label's probability, or that transform truncated."""

    q: float = field(metadata={"gt": 0, "le": 1})
    truncated: bool
    k: float = field(metadata={"gt": 0, "lt": 1})  # smallest p_label that is trained on, where truncated
    prune_from: float = field(metadata={"gt": 0})  # in units of E*, where truncated

    @property
    def uses(self) -> tuple[str, ...]:
        return ("clock",) if self.truncated else ()

    @property
    def evaluates(self) -> bool:
        return self.truncated

    def init_state(self, estimates: Estimates, labels: Tensor, classes: int) -> State:
        if not self.truncated:
            return {}
        kept = torch.ones_like(labels, dtype=torch.bool)
        return {"labels": labels, "kept": kept, "from": after(self.prune_from, estimates)}

    def loss(self, logits: Tensor, batch: Batch, state: State) -> Tensor:
        l_q = self._box_cox(losses.cross_entropy(logits, batch.labels))
        if not self.truncated:
            return l_q
        runs = torch.arange(len(l_q), device=l_q.device).unsqueeze(-1)
        l_q_of_k = self._box_cox(-torch.full_like(l_q, self.k).log())
        return torch.where(state["kept"][runs, batch.example], l_q, l_q_of_k)

    def end_of_epoch(self, epoch: int, probs: Tensor, state: State) -> State:
        if not self.truncated:
            return state
        label = probs.gather(-1, state["labels"].unsqueeze(-1)).squeeze(-1)
        early = (epoch + 1 < state["from"]).unsqueeze(-1)
        return state | {"kept": early | (label > self.k)}

    def _box_cox(self, nll: Tensor) -> Tensor:
        """(1 - p^q) / q for nll = -log p."""
        return -torch.expm1(-self.q * nll) / self.q
