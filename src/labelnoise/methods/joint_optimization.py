"""Joint optimisation. Tanaka et al., Joint optimization framework for learning with noisy labels, CVPR 2018,
eq. 3-8 and the authors' code.

L = L_c(y, p) + alpha KL(pi || s) + beta H(p), L_c = KL(y || p), s the batch mean of p. Differs from cross-entropy
in that the labels y are trained too: from `update_from` E* on, at the end of every epoch, all y become the mean
of the last `average_epochs` softmax outputs (of the training pass, as in the authors' code), fewer where there are
fewer yet, or its argmax where labels are hard. L_p = KL(pi || s) keeps all y from becoming one class, L_e = H(p)
pushes soft labels towards a vertex. A second round trains a re-initialised network on the final y with L_c alone.
Round one has a constant learning rate, as in the paper, which begins to update at epoch 70, with a rate so high
that nothing is memorised by then; here the clock says when that is.

pi is the prior of the *true* classes: uniform, as in the authors' code, or the counts of the given labels, each
with one more, which are biased where the noise is not symmetric. s is clamped: a batch without a class would make
L_p infinite, and even a perfect predictor pays about (C - 1) / 2B. With `prior_average` = mu > 0, s is the moving
average mu s + (1 - mu) mean(p), starting at pi, with the gradient of the current batch only.
"""

from dataclasses import dataclass, field
from typing import ClassVar, Literal

import torch
from torch import Tensor

from labelnoise import losses
from labelnoise.methods.base import Method, State, after
from labelnoise.types import Batch, Estimates


@dataclass(frozen=True)
class SecondRound(Method):
    """Classification loss L_c alone, on the refurbished labels."""

    classification: str
    clamp: float

    def loss(self, logits: Tensor, batch: Batch, state: State) -> Tensor:
        log_probs = torch.log_softmax(logits, -1)
        return _l_c(self.classification, batch.targets, log_probs, self.clamp)


@dataclass(frozen=True)
class JointOptimization(Method):
    """Trains the network and a soft label per example together, then a fresh network on those labels."""

    scheduled: ClassVar[bool] = False
    uses: ClassVar[tuple[str, ...]] = ("clock",)

    alpha: float = field(metadata={"ge": 0})
    beta: float = field(metadata={"ge": 0})
    update_from: float = field(metadata={"gt": 0})  # in units of E*: after so many, labels are updated
    average_epochs: int = field(metadata={"ge": 1})
    clamp: float = field(metadata={"gt": 0, "lt": 1})  # smallest value of s, and of y in KL(p || y)
    labels: Literal["soft", "hard"]
    classification: Literal["kl", "cross_entropy", "symmetric_kl"]  # L_c
    prior: Literal["uniform", "noisy_counts"]
    prior_average: float = field(metadata={"ge": 0, "lt": 1})  # mu; 0: the batch alone, as in the paper

    def init_state(self, estimates: Estimates, labels: Tensor, classes: int) -> State:
        y = torch.nn.functional.one_hot(labels, classes).to(estimates.clock.dtype)
        past = y.new_zeros(self.average_epochs, *y.shape).transpose(0, 1)  # ring buffer [R, A, n, C]
        counts = y.sum(1) + 1 if self.prior == "noisy_counts" else torch.ones_like(y[:, 0])
        prior = counts / counts.sum(-1, keepdim=True)
        start = {"prior": prior, "s": prior.clone(), "from": after(self.update_from, estimates)}
        return {"y": y, "past": past.contiguous()} | start

    def loss(self, logits: Tensor, batch: Batch, state: State) -> Tensor:
        log_probs = torch.log_softmax(logits, -1)
        runs = torch.arange(len(state["y"]), device=batch.example.device).unsqueeze(-1)
        l_c = _l_c(self.classification, state["y"][runs, batch.example], log_probs, self.clamp)
        s = torch.lerp(log_probs.exp().mean(1), state["s"], self.prior_average)  # [R, C]
        state["s"].copy_(s.detach())
        l_p = losses.kl_divergence(state["prior"], s.clamp_min(self.clamp).log())
        return l_c + self.alpha * l_p.unsqueeze(-1) + self.beta * losses.entropy(log_probs)

    def end_of_epoch(self, epoch: int, probs: Tensor, state: State) -> State:
        past, size = state["past"], self.average_epochs
        before = past[:, (epoch - 1) % size] if epoch else state["y"]
        past[:, epoch % size] = torch.where(probs.isnan(), before, probs)  # NaN: not drawn in this epoch
        updates = (epoch + 1 >= state["from"]).view(-1, 1, 1)
        if not updates.any():
            return state
        y = past[:, : min(epoch + 1, size)].mean(1)
        if self.labels == "hard":
            y = torch.nn.functional.one_hot(y.argmax(-1), y.shape[-1]).to(y.dtype)
        return state | {"y": torch.where(updates, y, state["y"])}

    def next_round(self) -> Method:
        return SecondRound(self.classification, self.clamp)

    def targets(self, state: State) -> Tensor:
        return state["y"]


def _l_c(kind: str, y: Tensor, log_probs: Tensor, clamp: float) -> Tensor:
    """Classification loss [R, B]. In KL(p || y) a label of 0 would be infinite: y is clamped."""
    if kind == "cross_entropy":
        return losses.soft_cross_entropy(y, log_probs)
    divergence = losses.kl_divergence(y, log_probs)
    if kind == "symmetric_kl":
        cross = losses.soft_cross_entropy(log_probs.exp(), y.clamp_min(clamp).log())
        divergence = divergence + cross - losses.entropy(log_probs)
    return divergence
