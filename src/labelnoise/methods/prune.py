"""Confident learning, prune by noise rate. Northcutt et al., Confident learning: Estimating uncertainty in
dataset labels, JAIR 2021, sections 3.1 and 3.2 (PBNR).

L = mean CE over the examples that are kept. Differs from cross-entropy in the examples: out-of-sample
probabilities p say how many labels of class g belong to class j, n Q_gj, and as many examples, those with the
largest p_j - p_g, are left out before training. An example counts as of class j if p_j reaches t_j, the mean p_j
over the examples labelled j, and is the largest p that reaches its t. (cleanlab also keeps every example whose
label is its argmax, and one example per class at least; the paper does not.)
"""

from dataclasses import dataclass
from typing import ClassVar

import torch
from torch import Tensor
from torch.nn import functional

from labelnoise import losses
from labelnoise.methods.base import Method, State
from labelnoise.types import Batch, Estimates


@dataclass(frozen=True)
class Prune(Method):
    """Cross-entropy without the examples that confident learning finds mislabelled."""

    uses: ClassVar[tuple[str, ...]] = ("pred_probs",)

    def init_state(self, estimates: Estimates, labels: Tensor, classes: int) -> State:
        return {"kept": (~_pruned(estimates.pred_probs, labels)).to(estimates.pred_probs)}

    def loss(self, logits: Tensor, batch: Batch, state: State) -> Tensor:
        runs = torch.arange(len(state["kept"]), device=batch.example.device).unsqueeze(-1)
        kept = state["kept"][runs, batch.example]
        return losses.mean_over_kept(losses.cross_entropy(logits, batch.labels), kept)


def _pruned(probs: Tensor, labels: Tensor) -> Tensor:
    """Which examples are left out, [R, n]. probs [R, n, C] out-of-sample, labels [R, n] given."""
    given = functional.one_hot(labels, probs.shape[-1]).to(probs)
    runs = torch.arange(len(labels), device=labels.device).unsqueeze(-1)
    number = _off_diagonal(probs, given)[runs, labels]  # [R, n, C]: how many of its class are to go to class j
    margin = probs - (probs * given).sum(-1, keepdim=True)
    counts = given.sum(1)
    first = (counts.cumsum(1) - counts).gather(1, labels).unsqueeze(-1)  # examples with a smaller label
    return (_place(-margin, labels) - first < number).any(-1)


def _off_diagonal(probs: Tensor, given: Tensor) -> Tensor:
    """n Q_gj, rounded, [R, C, C]: examples labelled g that belong to class j; 0 on the diagonal."""
    counts = given.sum(1).unsqueeze(-1)  # [R, C, 1]
    reaches = probs >= (given * probs).sum(1, keepdim=True) / counts.transpose(1, 2)  # 0 / 0: nobody
    best = torch.where(reaches, probs, -1).argmax(-1, keepdim=True)
    confident = torch.zeros_like(probs).scatter_(-1, best, 1) * reaches  # none where p reaches no threshold
    joint = given.transpose(1, 2) @ confident
    joint = joint / joint.sum(-1, keepdim=True).clamp_min(1) * counts
    return (joint - torch.diag_embed(joint.diagonal(dim1=1, dim2=2))).round()


def _place(values: Tensor, labels: Tensor) -> Tensor:
    """Place from 0 of each example when a column of values [R, n, C] is sorted by label, then by value."""
    by_value = values.argsort(dim=1, stable=True)
    label = labels.unsqueeze(-1).expand_as(by_value).gather(1, by_value)
    return by_value.gather(1, label.argsort(dim=1, stable=True)).argsort(dim=1)
