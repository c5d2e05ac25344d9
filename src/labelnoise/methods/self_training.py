"""Self-training: labels replaced by the network's own early predictions. Lee, Pseudo-label, ICML workshop 2013,
for all examples at once; the early epochs as in Liu et al. 2020 (early learning).

L = CE, a second time from new weights on the argmax of the mean probabilities over the first `early_epochs`
epochs of the first training, in which wrong labels are not memorised yet. Differs from cross-entropy in those
labels: every example is kept, and the network is believed wherever it contradicts the given label.
"""

from dataclasses import dataclass, field
from typing import ClassVar

import torch
from torch import Generator, Tensor
from torch.nn import functional

from labelnoise import losses
from labelnoise.methods.base import Method, State
from labelnoise.types import Batch, Estimates


@dataclass(frozen=True)
class SecondRound(Method):
    """Cross-entropy on the new labels."""

    def loss(self, logits: Tensor, batch: Batch, state: State) -> Tensor:
        return losses.soft_cross_entropy(batch.targets, torch.log_softmax(logits, -1))


@dataclass(frozen=True)
class SelfTraining(Method):
    """Cross-entropy on the given labels, then on those that its early epochs predict."""

    phases: ClassVar[dict[str, int]] = {"early_epochs": 0}

    early_epochs: int = field(metadata={"ge": 1})

    def init_state(self, estimates: Estimates, labels: Tensor, classes: int, generators: list[Generator]) -> State:
        e = functional.one_hot(labels, classes).to(estimates.prior.dtype)
        return {"sum": e * torch.finfo(e.dtype).eps}  # the given label, where no epoch draws the example

    def loss(self, logits: Tensor, batch: Batch, state: State) -> Tensor:
        return losses.cross_entropy(logits, batch.labels)

    def end_of_epoch(self, epoch: int, probs: Tensor, state: State) -> State:
        if epoch < self.early_epochs:
            state["sum"] += probs.nan_to_num(0)  # NaN: not drawn in this epoch
        return state

    def next_round(self) -> Method:
        return SecondRound()

    def targets(self, state: State) -> Tensor:
        return functional.one_hot(state["sum"].argmax(-1), state["sum"].shape[-1]).to(state["sum"])
