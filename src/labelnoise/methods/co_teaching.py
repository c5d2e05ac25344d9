"""Co-teaching. Han et al., Co-teaching: Robust training of deep neural networks with extremely noisy labels,
NeurIPS 2018, algorithm 1.

L = mean CE over the R(t) B examples of the batch on which the *peer* has the smallest loss, with
R(t) = 1 - tau min(t / T_k, 1). Differs from cross-entropy in that two networks choose each other's examples:
small losses are right labels as long as a network has not memorised, and a network that errs is not confirmed by
itself. tau is the noise rate, which the paper takes as known; here it is estimated. t counts from 0, as in the
authors' code; its second division by the number of kept examples, which only scales the learning rate, is left
out.
"""

from dataclasses import dataclass, field
from typing import ClassVar

import torch
from torch import Generator, Tensor

from labelnoise import losses
from labelnoise.methods.base import Method, State
from labelnoise.types import Batch, Estimates


@dataclass(frozen=True)
class CoTeaching(Method):
    """Cross-entropy of two networks, each on what the other finds easy; rows 2r and 2r + 1 are peers."""

    networks_per_run: ClassVar[int] = 2
    uses: ClassVar[tuple[str, ...]] = ("rate",)
    phases: ClassVar[dict[str, int]] = {"ramp_epochs": 1}

    ramp_epochs: int = field(metadata={"ge": 1})  # T_k

    def init_state(self, estimates: Estimates, labels: Tensor, classes: int, generators: list[Generator]) -> State:
        return {"tau": estimates.rate}

    def loss(self, logits: Tensor, batch: Batch, state: State) -> Tensor:
        own = losses.cross_entropy(logits, batch.labels)  # [2R, B]
        peer = own.detach().unflatten(0, (-1, 2)).flip(1).flatten(0, 1)
        rank = peer.argsort(dim=1, stable=True).argsort(dim=1)
        share = 1 - state["tau"] * min(batch.epoch / self.ramp_epochs, 1)
        number = (share * own.shape[1]).floor().clamp_min(1).unsqueeze(-1)  # the last batch may be small
        # an unknown rate (NaN, where no estimate was possible) makes the run's loss NaN
        return losses.mean_over_kept(own, torch.where(number.isnan(), number, (rank < number).to(own)))
