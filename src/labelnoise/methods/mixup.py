"""Mixup. Zhang et al., mixup: Beyond empirical risk minimization, ICLR 2018, sections 2 and 3.4
(corrupted labels).

x = lambda x_i + (1 - lambda) x_j, y = lambda e_i + (1 - lambda) e_j, L = CE(y, p), with lambda ~ Beta(alpha,
alpha) and j a random permutation of the batch, both drawn once per run and step. Differs from cross-entropy in
asking for a prediction that is linear between any two examples, which one that fits single wrong labels is not.
"""

from dataclasses import dataclass, field

import torch
from torch import Generator, Tensor
from torch.nn import functional

from labelnoise import losses
from labelnoise.methods.base import Method, State
from labelnoise.types import Batch, Estimates


@dataclass(frozen=True)
class Mixup(Method):
    """Cross-entropy on mixtures of pairs of examples."""

    alpha: int = field(metadata={"ge": 1})  # whole, as in the paper where labels are wrong (1 to 32)

    def init_state(self, estimates: Estimates, labels: Tensor, classes: int, generators: list[Generator]) -> State:
        return {"e": functional.one_hot(labels, classes).to(estimates.prior.dtype)}

    def transform(self, batch: Batch, state: State) -> Batch:
        size, device = batch.labels.shape[1], batch.inputs.device
        drawn = [(torch.randperm(size, generator=g), self._share(g)) for g in batch.generators]
        partner, share = (torch.stack(part).to(device) for part in zip(*drawn))
        runs = torch.arange(len(partner), device=device).unsqueeze(-1)
        e = state["e"][runs, batch.example]
        inputs = _mixed(batch.inputs, batch.inputs[runs, partner], share)
        return batch._replace(inputs=inputs, targets=_mixed(e, e[runs, partner], share))

    def loss(self, logits: Tensor, batch: Batch, state: State) -> Tensor:
        return losses.soft_cross_entropy(batch.targets, torch.log_softmax(logits, -1))

    def _share(self, generator: Generator) -> Tensor:
        """A draw of Beta(alpha, alpha): the median of 2 alpha - 1 uniform numbers has that distribution."""
        return torch.rand(2 * self.alpha - 1, generator=generator).median()


def _mixed(own: Tensor, other: Tensor, share: Tensor) -> Tensor:
    """share own + (1 - share) other for own and other [R, B, ...], share [R]."""
    return torch.lerp(other, own, share.to(own.dtype).view(-1, *[1] * (own.dim() - 1)))
