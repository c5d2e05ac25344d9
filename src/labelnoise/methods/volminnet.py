"""VolMinNet. Li, Liu, Han, Niu and Sugiyama, Provably end-to-end label-noise learning without anchor points,
ICML 2021, eq. 5 and the authors' code.

L = -log (p T)_label + lam log|det T|, T learned, T = M with rows scaled to sum to one, M_ii = 1 and M_ij =
sigmoid(w_ij). Differs from cross-entropy in T, of which the smallest volume that explains the noisy labels is
wanted: that one is right where the classes are sufficiently scattered. M_ij < 1 keeps T's diagonal the largest
of its row, so that classes cannot be permuted. w starts at `init` everywhere; there is no warm-up. Adam trains w,
as in the authors' code for MNIST: at the network's rate SGD does not move it far enough.
"""

from dataclasses import dataclass, field

import torch
from torch import Tensor
from torch.nn import functional

from labelnoise import losses
from labelnoise.methods.base import Group, Method, State
from labelnoise.types import Batch, Estimates


@dataclass(frozen=True)
class Volminnet(Method):
    """Forward correction with a learned transition matrix of minimum volume."""

    lam: float = field(metadata={"ge": 0})  # the paper's lambda
    init: float  # of w; the first off-diagonal entries are sigmoid(init) of the diagonal
    lr: float = field(metadata={"gt": 0})  # of w, by Adam

    def init_state(self, estimates: Estimates, labels: Tensor, classes: int) -> State:
        w = estimates.prior.new_full((labels.shape[0], classes, classes), self.init)
        return {"w": w.requires_grad_()}

    def optimizers(self) -> dict[str, Group]:
        return {"w": Group(self.lr, adam=True)}

    def loss(self, logits: Tensor, batch: Batch, state: State) -> Tensor:
        log_probs = torch.log_softmax(logits, -1)
        return losses.forward_nll(log_probs, _log_transition(state["w"]), batch.labels)

    def penalty(self, epoch: int, state: State) -> Tensor:
        return self.lam * torch.linalg.slogdet(_log_transition(state["w"]).exp()).logabsdet

    def learned_transition(self, state: State) -> Tensor:
        return _log_transition(state["w"].detach()).exp()


def _log_transition(w: Tensor) -> Tensor:
    """log T [R, C, C]; the diagonal of w is not used."""
    diagonal = torch.eye(w.shape[-1], dtype=torch.bool, device=w.device)
    return torch.log_softmax(functional.logsigmoid(w).masked_fill(diagonal, 0), -1)
