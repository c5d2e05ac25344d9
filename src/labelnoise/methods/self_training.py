"""Self-training: labels replaced by the network's own early predictions. Ours, in the spirit of Lee, Pseudo-label,
ICML workshop 2013, and of early learning (Liu et al. 2020).

L = CE, a second time from new weights on the argmax of the mean probabilities over the first `early` E* of the
first training, in which wrong labels are not memorised yet. Differs from cross-entropy in those
labels: every example is kept, and the network is believed wherever it contradicts the given label.
"""

from dataclasses import dataclass, field
from typing import ClassVar

import torch
from torch import Tensor
from torch.nn import functional

from labelnoise import losses
from labelnoise.methods.base import Method, State, after
from labelnoise.types import Batch, Estimates


@dataclass(frozen=True)
class SecondRound(Method):
    """Cross-entropy on the new labels."""

    def loss(self, logits: Tensor, batch: Batch, state: State) -> Tensor:
        return losses.soft_cross_entropy(batch.targets, torch.log_softmax(logits, -1))


@dataclass(frozen=True)
class SelfTraining(Method):
    """Cross-entropy on the given labels, then on those that its early epochs predict."""

    uses: ClassVar[tuple[str, ...]] = ("clock",)

    early: float = field(metadata={"gt": 0})  # in units of E*

    def init_state(self, estimates: Estimates, labels: Tensor, classes: int) -> State:
        e = functional.one_hot(labels, classes).to(estimates.clock.dtype)
        none = e * torch.finfo(e.dtype).eps  # the given label, where no epoch draws the example
        return {"sum": none, "early": after(self.early, estimates)}

    def loss(self, logits: Tensor, batch: Batch, state: State) -> Tensor:
        return losses.cross_entropy(logits, batch.labels)

    def end_of_epoch(self, epoch: int, probs: Tensor, state: State) -> State:
        early = (epoch < state["early"]).view(-1, 1, 1)
        state["sum"] += probs.nan_to_num(0) * early  # NaN: not drawn in this epoch
        return state

    def next_round(self) -> Method:
        return SecondRound()

    def targets(self, state: State) -> Tensor:
        return functional.one_hot(state["sum"].argmax(-1), state["sum"].shape[-1]).to(state["sum"])
