"""Co-teaching. Han et al., Co-teaching: Robust training of deep neural networks with extremely noisy labels,
NeurIPS 2018, algorithm 1.

L = mean CE over the R(t) B examples of the batch on which the *peer* has the smallest loss, with
R(t) = 1 - tau min(t / T_k, 1). Differs from cross-entropy in that two networks choose each other's examples:
small losses are right labels as long as a network has not memorised, and a network that errs is not confirmed by
itself. tau is the noise rate, which the paper takes as known; here it is estimated. T_k, 10 epochs in the paper,
is `ramp` E*. t counts from 0, and R reaches 1 - tau at t = T_k, one epoch later than in the authors' code, which
spreads the ramp over T_k epochs; its second division by the number of kept examples, which only scales the
learning rate, is left out.
"""

from dataclasses import dataclass, field
from typing import ClassVar

from torch import Tensor

from labelnoise import losses
from labelnoise.methods.base import Method, State, after
from labelnoise.types import Batch, Estimates


@dataclass(frozen=True)
class CoTeaching(Method):
    """Cross-entropy of two networks, each on what the other finds easy; rows 2r and 2r + 1 are peers."""

    networks_per_run: ClassVar[int] = 2
    uses: ClassVar[tuple[str, ...]] = ("rate", "clock")

    ramp: float = field(metadata={"gt": 0})  # T_k in units of E*

    def init_state(self, estimates: Estimates, labels: Tensor, classes: int) -> State:
        return {"tau": estimates.rate, "ramp": after(self.ramp, estimates)}

    def loss(self, logits: Tensor, batch: Batch, state: State) -> Tensor:
        own = losses.cross_entropy(logits, batch.labels)  # [2R, B]
        peer = own.detach().unflatten(0, (-1, 2)).flip(1).flatten(0, 1)
        rank = peer.argsort(dim=1, stable=True).argsort(dim=1)
        share = 1 - state["tau"] * (batch.epoch / state["ramp"]).clamp_max(1)
        number = (share * own.shape[1]).floor().clamp_min(1).unsqueeze(-1)  # the last batch may be small
        return losses.mean_over_kept(own, (rank < number).to(own))
