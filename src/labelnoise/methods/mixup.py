"""Mixup. Zhang et al., mixup: Beyond empirical risk minimization, ICLR 2018, sections 2 and 3.4
(corrupted labels).

x = lambda x_i + (1 - lambda) x_j, y = lambda e_i + (1 - lambda) e_j, L = CE(y, p), with lambda ~ Beta(alpha,
alpha) and j a random permutation of the batch, both drawn once per run and step. Differs from cross-entropy in
asking for a prediction that is linear between any two examples, which one that fits single wrong labels is not.
"""

from dataclasses import dataclass, field

import torch
from torch import Tensor
from torch.nn import functional

from labelnoise import losses
from labelnoise.methods.base import Method, State
from labelnoise.types import Batch, Estimates


@dataclass(frozen=True)
class Mixup(Method):
    """Cross-entropy on mixtures of pairs of examples."""

    alpha: int = field(metadata={"ge": 1})  # whole, as in the paper where labels are wrong (1 to 32)

    def init_state(self, estimates: Estimates, labels: Tensor, classes: int) -> State:
        return {"e": functional.one_hot(labels, classes).to(estimates.prior.dtype)}

    def transform(self, batch: Batch, state: State) -> Batch:
        share, partner = batch.draws.symmetric_beta(self.alpha), batch.draws.permutations(batch.labels.shape[1])
        runs = torch.arange(len(share), device=share.device).unsqueeze(-1)
        inputs, e = batch.inputs, state["e"][runs, batch.example]
        return batch._replace(inputs=losses.mixed(inputs, partner, share), targets=losses.mixed(e, partner, share))

    def loss(self, logits: Tensor, batch: Batch, state: State) -> Tensor:
        return losses.soft_cross_entropy(batch.targets, torch.log_softmax(logits, -1))
