"""DivideMix. Li, Socher and Hoi, DivideMix: Learning with noisy labels as semi-supervised learning, ICLR 2020,
algorithm 1 and the authors' code. *Without image augmentation*.

After `warmup` E* of cross-entropy L = L_x + lambda_u L_u + L_reg. Differs from cross-entropy in that two networks
divide the examples for each other. A mixture of two normal distributions is fitted to a network's losses, and w,
the probability of the component with the smaller mean, says how likely a label is right. An example whose w *by
the peer* exceeds `threshold` keeps its label, refined by the own prediction, y = w e + (1 - w) p; the others are
unlabelled, and both networks guess, y = (p + p_peer) / 2. All y are sharpened, to y^(1 / T) scaled to sum to one,
and mixed over the batch: mixup with the larger share, max(l, 1 - l) of l ~ Beta(alpha, alpha), for the example
itself. L_x is the mean cross-entropy of labelled examples, L_u the mean squared error of unlabelled ones, over
classes too, and L_reg = KL(uniform || mean p) of the batch. lambda_u rises from 0 on, over `ramp` E*: 1.6, since
the authors have 16 epochs after a warm-up of 10. With lambda_u = 0, their value where they do not know the noise,
an unlabelled example is only mixed into labelled ones, and counted in L_reg.

What differs from the authors' code. Images are not augmented, so that there is one prediction of an example where
they average two, and all predictions are those at the end of the epoch before, where theirs for y are those of the
step. Batches are those of all methods, with labelled and unlabelled examples as they come, where they draw as many
of either. lambda_u rises from epoch to epoch and not within. What they do where they know the noise is left out:
an entropy penalty in the warm-up (asymmetric), losses averaged over five epochs (a rate of .9). The first network
of a run is evaluated alone; they average both.
"""

import math
from dataclasses import dataclass, field
from typing import ClassVar

import torch
from torch import Tensor
from torch.nn import functional

from labelnoise import losses
from labelnoise.methods.base import Method, State, after
from labelnoise.types import Batch, Estimates

ITERATIONS, RIDGE = 10, 5e-4  # of the mixture, and what is added to its variances: as in the authors' code


@dataclass(frozen=True)
class Dividemix(Method):
    """Two networks tell each other which labels to keep, and guess the others; rows 2r and 2r + 1 are peers."""

    networks_per_run: ClassVar[int] = 2
    evaluates: ClassVar[bool] = True
    uses: ClassVar[tuple[str, ...]] = ("clock",)

    lambda_u: float = field(metadata={"ge": 0})
    threshold: float = field(metadata={"gt": 0, "lt": 1})  # the paper's tau
    T: float = field(metadata={"gt": 0, "le": 1})
    alpha: int = field(metadata={"ge": 1})  # whole, as in the paper
    warmup: float = field(metadata={"gt": 0})  # in units of E*
    ramp: float = field(metadata={"gt": 0})  # in units of E*

    def init_state(self, estimates: Estimates, labels: Tensor, classes: int) -> State:
        e = functional.one_hot(labels, classes).to(estimates.clock.dtype)
        times = {"warm": after(self.warmup, estimates), "ramp": after(self.ramp, estimates)}
        return {"e": e, "y": e, "labelled": torch.ones_like(e[..., 0]), **times}

    def transform(self, batch: Batch, state: State) -> Batch:
        drawn, partner = batch.draws.symmetric_beta(self.alpha), batch.draws.permutations(batch.labels.shape[1])
        share = torch.where(batch.epoch < state["warm"], 1, torch.maximum(drawn, 1 - drawn))
        rows = torch.arange(len(share), device=share.device).unsqueeze(-1)
        inputs, y = batch.inputs, state["y"][rows, batch.example]
        return batch._replace(inputs=losses.mixed(inputs, partner, share), targets=losses.mixed(y, partner, share))

    def loss(self, logits: Tensor, batch: Batch, state: State) -> Tensor:
        rows = torch.arange(len(logits), device=logits.device).unsqueeze(-1)
        labelled, log_probs = state["labelled"][rows, batch.example], torch.log_softmax(logits, -1)
        l_x = losses.mean_over_kept(losses.soft_cross_entropy(batch.targets, log_probs), labelled)
        square = (log_probs.exp() - batch.targets).square().mean(-1)
        l_u = losses.mean_over_kept(square, 1 - labelled)
        since = (batch.epoch - state["warm"]).unsqueeze(-1)
        lambda_u = self.lambda_u * (since / state["ramp"].unsqueeze(-1)).clamp(0, 1)
        return l_x + lambda_u * l_u + torch.where(since < 0, 0, _l_reg(log_probs).unsqueeze(-1))

    def end_of_epoch(self, epoch: int, probs: Tensor, state: State) -> State:
        w = _of_peer(_right(probs, state["e"]))
        w_e = w.unsqueeze(-1) * state["e"]
        labelled = w > self.threshold
        refined, guessed = w_e + (1 - w).unsqueeze(-1) * probs, (probs + _of_peer(probs)) / 2
        y = torch.where(labelled.unsqueeze(-1), refined, guessed) ** (1 / self.T)
        y = y / y.sum(-1, keepdim=True)
        warm = (epoch + 1 < state["warm"]).unsqueeze(-1)
        return state | {
            "y": torch.where(warm.unsqueeze(-1), state["y"], y),
            "labelled": torch.where(warm, state["labelled"], labelled.to(w)),
        }


def _l_reg(log_probs: Tensor) -> Tensor:
    """KL(uniform || mean p) [rows] of log_probs [rows, B, C]; in log space, since a mean may underflow."""
    size, classes = log_probs.shape[1:]
    log_mean = torch.logsumexp(log_probs, 1) - math.log(size)
    return -log_mean.mean(-1) - math.log(classes)


def _of_peer(values: Tensor) -> Tensor:
    """values [rows, ...] of the other network of the same run."""
    return values.unflatten(0, (-1, 2)).flip(1).flatten(0, 1)


def _right(probs: Tensor, e: Tensor) -> Tensor:
    """P(label is right) [rows, n], from the cross-entropy of probs and one-hot labels e, both [rows, n, C]."""
    label = (probs * e).sum(-1).clamp_min(torch.finfo(probs.dtype).tiny)  # the smallest may be rounded to zero
    nll = -label.log()
    low, high = nll.amin(1, keepdim=True), nll.amax(1, keepdim=True)
    return _small((nll - low) / (high - low))


def _small(values: Tensor) -> Tensor:
    """P(component with the smaller mean | value) [rows, n], of a mixture of two normal distributions.

    values [rows, n] within [0, 1], both ends taken. By EM from the clusters of k-means, every row for itself
    and in as many iterations."""
    middle = torch.full_like(values[:, :1], 0.5)
    for _ in range(ITERATIONS):
        low = (values <= middle).to(values)
        means = [(values * part).sum(1, keepdim=True) / part.sum(1, keepdim=True) for part in (low, 1 - low)]
        middle = (means[0] + means[1]) / 2
    low = (values <= middle).to(values)
    share, x = torch.stack([low, 1 - low], 1), values.unsqueeze(1)  # [rows, 2, n], [rows, 1, n]
    for _ in range(1 + ITERATIONS):  # the first takes the clusters
        count = share.sum(-1, keepdim=True) + torch.finfo(x.dtype).eps  # a component may have lost all examples
        mean = (share * x).sum(-1, keepdim=True) / count
        variance = (share * (x - mean) ** 2).sum(-1, keepdim=True) / count + RIDGE
        share = torch.softmax(count.log() - variance.log() / 2 - (x - mean) ** 2 / (2 * variance), 1)
    return share.gather(1, mean.argmin(1, keepdim=True).expand_as(x)).squeeze(1)
