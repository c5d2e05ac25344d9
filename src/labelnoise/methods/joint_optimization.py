"""Joint optimisation. Tanaka et al., Joint optimization framework for learning with noisy labels, CVPR 2018,
eq. 3-8 and the authors' code.

L = KL(y || p) + alpha KL(pi || s) + beta H(p), s the batch mean of p. Differs from cross-entropy in that the
labels y are trained too: from epoch `update_from` on, at the end of every epoch, all y become the mean of the
last `average_epochs` softmax outputs (of the training pass, as in the authors' code). L_p = KL(pi || s) keeps
all y from becoming one class, L_e = H(p) pushes soft labels towards a vertex. A second round trains a
re-initialised network on the final y with KL alone. Round one has a constant learning rate, as in the paper.

pi is the prior of the *true* classes. The authors' code sets it uniform; here it is estimated (`Given.prior`),
since counting noisy labels is biased when the noise is not symmetric. s is clamped: a batch without a class
would make L_p infinite.
"""

from dataclasses import dataclass, field
from typing import ClassVar

import torch
from torch import Generator, Tensor

from labelnoise import losses
from labelnoise.methods.base import Method, State
from labelnoise.types import Batch, Given, Outputs


@dataclass(frozen=True)
class SecondRound(Method):
    """Classification loss KL(y || p) alone, on the refurbished labels."""

    def loss(self, outputs: Outputs, batch: Batch, state: State) -> Tensor:
        return losses.kl_divergence(batch.targets, torch.log_softmax(outputs.logits, -1))


@dataclass(frozen=True)
class JointOptimization(Method):
    """Trains the network and a soft label per example together, then a fresh network on those labels."""

    schedule: ClassVar[str] = "constant"
    uses: ClassVar[tuple[str, ...]] = ("prior",)

    alpha: float = field(metadata={"ge": 0})
    beta: float = field(metadata={"ge": 0})
    update_from: int = field(metadata={"ge": 1})  # first epoch (1-based) at whose end labels are updated
    average_epochs: int = field(metadata={"ge": 1})
    clamp: float = field(metadata={"gt": 0, "lt": 1})  # smallest value of s

    def check(self, epochs: int) -> None:
        if self.update_from > epochs:
            raise ValueError(f"update_from = {self.update_from}: must be at most the {epochs} epochs of training")

    def init_state(self, given: Given, labels: Tensor, num_classes: int, generators: list[Generator]) -> State:
        y = torch.nn.functional.one_hot(labels, num_classes).to(given.prior.dtype)
        past = y.new_zeros(self.average_epochs, *y.shape).transpose(0, 1)  # ring buffer [R, A, n, C]
        return {"y": y, "past": past.contiguous(), "prior": given.prior}

    def loss(self, outputs: Outputs, batch: Batch, state: State) -> Tensor:
        log_probs = torch.log_softmax(outputs.logits, -1)
        runs = torch.arange(len(state["y"]), device=batch.example.device).unsqueeze(-1)
        l_c = losses.kl_divergence(state["y"][runs, batch.example], log_probs)
        mean = log_probs.exp().mean(1).clamp_min(self.clamp)  # [R, C]
        l_p = losses.kl_divergence(state["prior"], mean.log())
        return l_c + self.alpha * l_p.unsqueeze(-1) + self.beta * losses.entropy(log_probs)

    def end_of_epoch(self, epoch: int, probs: Tensor, state: State) -> State:
        state["past"][:, epoch % self.average_epochs] = probs
        if epoch + 1 < self.update_from:
            return state
        filled = min(epoch + 1, self.average_epochs)
        return state | {"y": state["past"][:, :filled].mean(1)}

    def second_round(self) -> Method:
        return SecondRound()

    def targets(self, state: State) -> Tensor:
        return state["y"]
