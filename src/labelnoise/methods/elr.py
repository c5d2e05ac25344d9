"""Early-learning regularisation. Liu et al., Early-learning regularization prevents memorization of noisy
labels, NeurIPS 2020, section 4, and the authors' code.

L = CE + lambda log(1 - <p, t>), t_i <- beta t_i + (1 - beta) p_i at every visit of example i, detached and
starting at zero. Differs from cross-entropy by a regulariser whose gradient is lambda / (1 - <p, t>) times that
of -<p, t>: it keeps p near what the network said of the example early in training, before it memorises wrong
labels. p is clamped, so that 1 - <p, t> >= clamp; the p that enters t is renormalised after that.
"""

from dataclasses import dataclass, field

import torch
from torch import Tensor

from labelnoise import losses
from labelnoise.methods.base import Method, State
from labelnoise.types import Batch, Estimates


@dataclass(frozen=True)
class Elr(Method):
    """Cross-entropy with a pull towards the moving average of the example's own predictions."""

    beta: float = field(metadata={"ge": 0, "lt": 1})
    lam: float = field(metadata={"ge": 0})  # the paper's lambda
    clamp: float = field(metadata={"gt": 0, "lt": 0.5})  # p is kept within [clamp, 1 - clamp]

    def init_state(self, estimates: Estimates, labels: Tensor, classes: int) -> State:
        return {"t": estimates.prior.new_zeros(*labels.shape, classes)}

    def loss(self, logits: Tensor, batch: Batch, state: State) -> Tensor:
        probs = torch.softmax(logits, -1).clamp(self.clamp, 1 - self.clamp)
        agreement = (probs * self._visit(probs.detach(), batch, state)).sum(-1)
        return losses.cross_entropy(logits, batch.labels) + self.lam * torch.log1p(-agreement)

    def _visit(self, probs: Tensor, batch: Batch, state: State) -> Tensor:
        """The new t [R, B, C] of the batch's examples, which is also put into the state."""
        runs = torch.arange(len(state["t"]), device=probs.device).unsqueeze(-1)
        new = self.beta * state["t"][runs, batch.example]
        new += (1 - self.beta) * probs / probs.sum(-1, keepdim=True)
        state["t"][runs, batch.example] = new
        return new
