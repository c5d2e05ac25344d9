"""Dropout noise layer. Jindal, Nokleby and Chen, Learning deep networks from noisy labels with dropout
regularization, ICDM 2016 (arXiv 1705.03419).

L = -log p'_label, p' = softmax(drop(W p)), W free and learned. Differs from cross-entropy in the linear layer
and the second softmax between prediction and label; dropout keeps W from fitting the noise too well. W starts
at the identity in the authors' code (`init: identity`), so that p' is at most e / (e + C - 1) at the start, .232
for 10 classes, and the network never learns some of them; `init: kappa` (ours) starts where p' is right with one
less the estimated noise rate. The abstract drops the layer's weights, the code its outputs: `where`. Dropped
weights are one mask per step. The layer is gone where the prediction p is evaluated, so dropout is active in
training alone.
"""

from dataclasses import dataclass, field
from typing import Literal

import torch
from torch import Tensor

from labelnoise import losses
from labelnoise.draws import Draws
from labelnoise.methods.base import Group, Method, State
from labelnoise.types import Batch, Estimates


@dataclass(frozen=True)
class DropoutNoiseLayer(Method):
    """Cross-entropy of a second softmax behind a free linear layer with dropout."""

    dropout: float = field(metadata={"ge": 0, "lt": 1})
    where: Literal["output", "weights"]
    init: Literal["kappa", "identity"]
    lr: float = field(metadata={"gt": 0})  # of W; no weight decay

    @property
    def uses(self) -> tuple[str, ...]:
        return ("rate",) if self.init == "kappa" else ()

    def init_state(self, estimates: Estimates, labels: Tensor, classes: int) -> State:
        scale = torch.ones_like(estimates.rate)
        if self.init == "kappa":
            scale = losses.kappa(losses.first_rate(estimates.rate, classes), classes)
        w = torch.eye(classes, dtype=scale.dtype, device=scale.device) * scale.view(-1, 1, 1)
        return {"w": w.requires_grad_()}

    def optimizers(self) -> dict[str, Group]:
        return {"w": Group(self.lr)}

    def loss(self, logits: Tensor, batch: Batch, state: State) -> Tensor:
        probs = torch.softmax(logits, -1)
        if self.where == "weights":
            second = probs @ self._drop(state["w"], batch.draws).transpose(-1, -2)
        else:
            second = self._drop(probs @ state["w"].transpose(-1, -2), batch.draws)
        return losses.cross_entropy(second, batch.labels)

    def learned_transition(self, state: State) -> Tensor:
        """Row i is p' at the vertex p = e_i: the softmax of column i of W."""
        return torch.softmax(state["w"].detach().transpose(-1, -2), -1)

    def _drop(self, values: Tensor, draws: Draws) -> Tensor:
        """values [R, ...] with a share of zeros, the rest scaled up to keep the mean."""
        kept = (draws.uniform(*values.shape[1:]) >= self.dropout).to(values)
        return values * kept / (1 - self.dropout)
