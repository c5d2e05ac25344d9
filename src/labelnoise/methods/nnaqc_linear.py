"""NNAQC with a linear layer: an ablation of the nonlinearity of Jindal et al., CVPR workshops 2019.

L = alpha L_forward + (1 - alpha) L_QC, L_forward = -log (p T)_label, T the softmax over rows of A, learned.
Differs from cross-entropy in T and in the term L_QC = (1 - beta) CE + beta H(p); from NNAQC in one place: it
mixes the rows of T with weights p, where NNAQC mixes their logarithms. A starts at kappa I, where both give the
same at every vertex p = e_i.
"""

from dataclasses import dataclass, field

import torch
from torch import Generator, Tensor

from labelnoise import losses
from labelnoise.methods.base import Method, State
from labelnoise.types import Batch, Given, Outputs


@dataclass(frozen=True)
class NnaqcLinear(Method):
    """A linear noise layer, and soft bootstrapping of the prediction below it."""

    alpha: float = field(metadata={"gt": 0, "le": 1})
    beta: float = field(metadata={"ge": 0, "le": 1})
    epsilon: float = field(metadata={"gt": 0, "lt": 1})  # off-diagonal mass of the first T
    warmup_epochs: int = field(metadata={"ge": 0})
    lr: float = field(metadata={"gt": 0})  # of A; no weight decay

    def check(self, epochs: int) -> None:
        if self.warmup_epochs >= epochs:
            raise ValueError(
                f"warmup_epochs = {self.warmup_epochs}: must be below the {epochs} epochs of training"
            )

    def init_state(self, given: Given, labels: Tensor, num_classes: int, generators: list[Generator]) -> State:
        a = torch.eye(num_classes, dtype=given.prior.dtype, device=labels.device)
        a = a * losses.kappa(self.epsilon, num_classes)
        return {"a": a.repeat(labels.shape[0], 1, 1).requires_grad_()}

    def learning_rates(self) -> dict[str, float]:
        return {"a": self.lr}

    def loss(self, outputs: Outputs, batch: Batch, state: State) -> Tensor:
        if batch.epoch < self.warmup_epochs:
            return losses.cross_entropy(outputs.logits, batch.labels)
        log_probs = torch.log_softmax(outputs.logits, -1)
        forward = losses.forward_nll(log_probs, torch.log_softmax(state["a"], -1), batch.labels)
        bootstrap = losses.quasi_clustering(log_probs, batch.labels, self.beta)
        return self.alpha * forward + (1 - self.alpha) * bootstrap

    def transition(self, state: State) -> Tensor:
        return torch.softmax(state["a"].detach(), -1)
