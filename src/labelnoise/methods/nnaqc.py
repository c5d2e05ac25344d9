"""NNAQC. Jindal, Pressel, Lester and Nokleby, A nonlinear, noise-aware, quasi-clustering approach to learning
deep CNNs from noisy labels, CVPR workshops 2019.

L = alpha L_NNA + (1 - alpha) L_QC, L_NNA = -log softmax(W p)_label, L_QC = -sum_k (beta p_k + (1 - beta) [k =
label]) log p_k, with W free and learned. Differs from cross-entropy in the second softmax (column i of W holds
the logits of row i of T) and in a term that hardens predictions. No gradient is stopped in L_QC: with p in the
target held fixed it would be (1 - beta) times cross-entropy. The first `warmup` E* are plain cross-entropy
(alpha = beta = 0), while the network learns the patterns.

alpha, beta, the start of W and the schedule are not confirmed by any source; rows of params.yaml span a range. W =
kappa I with kappa = log((1 - epsilon)(C - 1) / epsilon), epsilon the estimated noise rate, starts where a linear
layer with diagonal 1 - epsilon does; with W = I L_NNA cannot fall below log(1 + (C - 1) / e), 1.461 for 10
classes.

`layer: linear` is an ablation of the nonlinearity: -log (p T)_label in place of L_NNA, T the softmax over rows of
W. It mixes the rows of T with weights p, where NNAQC mixes their logarithms; both give the same at every vertex
p = e_i, where the other's W is transposed.
"""

from dataclasses import dataclass, field
from typing import Literal

import torch
from torch import Tensor

from labelnoise import losses
from labelnoise.methods.base import Group, State, WithNoiseLayer
from labelnoise.types import Batch, Estimates


@dataclass(frozen=True)
class Nnaqc(WithNoiseLayer):
    """A noise layer, and soft bootstrapping of the prediction below it."""

    layer: Literal["nonlinear", "linear"]
    alpha: float = field(metadata={"gt": 0, "le": 1})
    beta: float = field(metadata={"ge": 0, "le": 1})
    init: Literal["kappa", "identity"]

    @property
    def uses(self) -> tuple[str, ...]:
        return ("clock", "rate") if self.init == "kappa" else ("clock",)

    def init_state(self, estimates: Estimates, labels: Tensor, classes: int) -> State:
        scale = torch.ones_like(estimates.clock)
        if self.init == "kappa":
            scale = losses.kappa(losses.first_rate(estimates.rate, classes), classes)
        w = torch.eye(classes, dtype=scale.dtype, device=scale.device) * scale.view(-1, 1, 1)
        return {"w": w.requires_grad_(), **self.waiting(estimates)}

    def optimizers(self) -> dict[str, Group]:
        return {"w": Group(self.lr)}

    def loss(self, logits: Tensor, batch: Batch, state: State) -> Tensor:
        log_probs, w = torch.log_softmax(logits, -1), self.layer_at(batch.epoch, state)["w"]
        if self.layer == "nonlinear":
            noisy = losses.nonlinear_nll(log_probs.exp(), w, batch.labels)
        else:
            noisy = losses.forward_nll(log_probs, torch.log_softmax(w, -1), batch.labels)
        whole = self.alpha * noisy + (1 - self.alpha) * losses.quasi_clustering(log_probs, batch.labels, self.beta)
        warm = (batch.epoch < state["warm"]).unsqueeze(-1)
        return torch.where(warm, losses.cross_entropy(logits, batch.labels), whole)

    def learned_transition(self, state: State) -> Tensor:
        """Row i is the noisy prediction at the vertex p = e_i."""
        w = state["w"].detach()
        return torch.softmax(w.transpose(-1, -2) if self.layer == "nonlinear" else w, -1)
