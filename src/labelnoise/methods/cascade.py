"""A cascade: train, filter, retrain. The consensus of early epochs is that of Nguyen et al., SELF: Learning to
filter noisy labels with self-ensembling, ICLR 2020, section 2; what is left out is not used as unlabelled data.

L = mean CE over the examples that are kept. Differs from cross-entropy in training `rounds` times from new
weights: a round keeps the examples whose given label is the argmax of their mean probabilities over the first
`early` E* of the round before, in which wrong labels are not memorised yet. The network goes on
predicting examples that are left out, so that a later round may take them back; only given labels are ever
trained on.
"""

from dataclasses import dataclass, field, replace
from typing import ClassVar

import torch
from torch import Tensor
from torch.nn import functional

from labelnoise import losses
from labelnoise.methods.base import Method, State, after
from labelnoise.types import Batch, Estimates


@dataclass(frozen=True)
class Cascade(Method):
    """Cross-entropy on the examples whose labels the early epochs of the round before agree with."""

    uses: ClassVar[tuple[str, ...]] = ("clock",)

    rounds: int = field(metadata={"ge": 1})  # this one and those to come
    early: float = field(metadata={"gt": 0})  # in units of E*

    def init_state(self, estimates: Estimates, labels: Tensor, classes: int) -> State:
        e = functional.one_hot(labels, classes).to(estimates.clock.dtype)
        none = e * torch.finfo(e.dtype).eps  # the given label, where no epoch draws the example
        return {"e": e, "sum": none, "early": after(self.early, estimates)}

    def loss(self, logits: Tensor, batch: Batch, state: State) -> Tensor:
        if batch.targets is None:
            return losses.cross_entropy(logits, batch.labels)
        values = losses.soft_cross_entropy(batch.targets, torch.log_softmax(logits, -1))
        return losses.mean_over_kept(values, batch.targets.sum(-1))

    def end_of_epoch(self, epoch: int, probs: Tensor, state: State) -> State:
        early = (epoch < state["early"]).view(-1, 1, 1)
        state["sum"] += probs.nan_to_num(0) * early  # NaN: not drawn in this epoch
        return state

    def next_round(self) -> Method | None:
        return replace(self, rounds=self.rounds - 1) if self.rounds > 1 else None

    def targets(self, state: State) -> Tensor:
        e = state["e"]
        return e * e.gather(-1, state["sum"].argmax(-1, keepdim=True))
