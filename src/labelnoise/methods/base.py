"""What a method is: a frozen dataclass of the paper's hyper-parameters, and hooks over R runs side by side.

Hooks are written over a leading run axis and treat every run alone: run r gives the same result alone, in any
batch, in any position. No hook ever sees a clean label, the noise type, its rate or its true matrix: only
`Estimates`, from noisy data (an `oracle` gets the true matrix in it). Hyper-parameters carry their allowed
range as field metadata (`ge`, `gt`, `le`, `lt`), which params.py checks; their values stand in params.yaml.
"""

from dataclasses import dataclass, field
from typing import ClassVar, Literal, NamedTuple

import torch
from torch import Tensor

from labelnoise.types import Batch, Estimates

State = dict[str, Tensor]  # each tensor with the run axis first
NORM_MOMENTUM, NORM_EPSILON = 0.1, 1e-5  # torch's own

# Where a transition matrix comes from -> the field of Estimates that has it; an oracle finds the designed matrix
# of the noise there (for instance-dependent noise its mean over the images of each class).
TRANSITIONS = {
    "anchor_points": "transition",
    "confident_joint": "transition_confident_joint",
    "dual_t": "transition_dual_t",
    "oracle": "transition",
}


class Group(NamedTuple):
    """How a state tensor is trained; never with weight decay."""

    lr: float
    momentum: float | None = None  # of SGD; None: that of the network
    scheduled: bool = True  # whether the rate follows the network's schedule; False: it is constant
    adam: bool = False  # Adam (Kingma and Ba 2015) with its usual constants in place of SGD


def after(multiple: float, estimates: Estimates) -> Tensor:
    """Epochs [R] that are `multiple` of the clock E*: a whole number, at least 1 and at most half of the run."""
    return (multiple * estimates.clock).round().clamp_min(1).minimum(estimates.half_run)


@dataclass(frozen=True)
class Method:
    """Base of all methods: the hooks that a method may leave out do nothing here."""

    scheduled: ClassVar[bool] = True  # whether the learning rate follows a schedule; False: it is constant
    uses: ClassVar[tuple[str, ...]] = ()  # fields of Estimates that it reads; the others are NaN. As `oracle` it
    # may depend on an argument: ask an instance
    oracle: ClassVar[bool] = False  # the truth stands in those fields: an upper bound, and no rival of the others
    evaluates: ClassVar[bool] = False  # whether `end_of_epoch` is given an evaluation of the training examples at
    # the end of the epoch, in place of what the training pass gave
    plain: ClassVar[bool] = False  # without targets its loss is cross-entropy with the given label, and it has no
    # hook beside: a kernel may then do a whole epoch. Each class says it of itself: it is not inherited
    networks_per_run: ClassVar[int] = 1  # 2: rows 2r and 2r + 1 of everything are the peers of run r, on the same
    # batches; the first of them is the one that is evaluated

    def init_state(self, estimates: Estimates, labels: Tensor, classes: int) -> State:
        """State before the first step. labels [R, n]. Tensors that require grad are trained with the network."""
        return {}

    def optimizers(self) -> dict[str, Group]:
        """How each state tensor that requires grad is trained."""
        return {}

    def transform(self, batch: Batch, state: State) -> Batch:
        """The batch that the network is to see, as mixup mixes it."""
        return batch

    def loss(self, logits: Tensor, batch: Batch, state: State) -> Tensor:
        """Unreduced loss [R, B] in nats. May update its own buffers under no_grad."""
        raise NotImplementedError(f"{type(self).__name__} must define loss")

    def penalty(self, epoch: int, state: State) -> Tensor | None:
        """A term per run [R] added to the mean loss of each step, or None."""
        return None

    def end_of_epoch(self, epoch: int, probs: Tensor, state: State) -> State:
        """State for the next epoch. probs [R, n, C]: the training pass's own, at the weights of each step, or
        those at the end of the epoch (`evaluates`)."""
        return state

    def next_round(self) -> "Method | None":
        """The method that trains a re-initialised network on `targets`, or None where this round is the last."""
        return None

    def targets(self, state: State) -> Tensor:
        """Labels [R, n, C] for the next round; a row of zeros leaves its example out."""
        raise NotImplementedError(f"{type(self).__name__} has a next round and must define targets")

    def weight_average(self, steps: int) -> float:
        """Decay of the moving average of the weights that is evaluated in their place; 0: none. steps: of the
        whole training."""
        return 0.0

    def evaluated(self, weights: State, state: State) -> State:
        """The weights by which images are predicted, where they are not those that are trained."""
        return weights

    def learned_transition(self, state: State) -> Tensor | None:
        """The transition matrix [R, C, C] that the method has learned, or None."""
        return None


@dataclass(frozen=True)
class WithTransition(Method):
    """A method that is given a transition matrix; `transition` says which."""

    transition: Literal["anchor_points", "confident_joint", "dual_t", "oracle"]

    @property
    def uses(self) -> tuple[str, ...]:
        return (TRANSITIONS[self.transition],)

    @property
    def oracle(self) -> bool:
        return self.transition == "oracle"

    def matrix(self, estimates: Estimates) -> Tensor:
        """The matrix [R, C, C] that the method is given."""
        return getattr(estimates, TRANSITIONS[self.transition])


@dataclass(frozen=True)
class WithNoiseLayer(Method):
    """A method that learns how labels err by tensors behind the network, which stay as they start for
    `warmup` E*, while the network learns the patterns."""

    uses: ClassVar[tuple[str, ...]] = ("clock",)

    warmup: float = field(metadata={"ge": 0})  # in units of E*
    lr: float = field(metadata={"gt": 0})  # of the layer; no weight decay

    def waiting(self, estimates: Estimates) -> State:
        """What `init_state` adds for the warm-up: the epochs [R] that it lasts."""
        return {"warm": after(self.warmup, estimates) if self.warmup else torch.zeros_like(estimates.clock)}

    def layer_at(self, epoch: int, state: State) -> State:
        """The layer as the loss is to see it: without a gradient in runs that warm up."""
        warm = epoch < state["warm"]  # not asked whether any is: a GPU would be waited for
        layer = {name: state[name] for name in self.optimizers()}
        return {k: torch.where(warm.view(-1, *[1] * (v.dim() - 1)), v.detach(), v) for k, v in layer.items()}


@dataclass(frozen=True)
class WithNormalisedLogits(Method):
    """A loss with a margin of its own, whose scale the logits must have: each is batch-normalised, without a scale
    or shift that is learned (Ioffe and Szegedy 2015).

    Evaluated, the running mean and variance are folded into the last layer. That starts at zero, so that the first
    step makes its weights large; from then on only their direction matters.
    """

    def init_state(self, estimates: Estimates, labels: Tensor, classes: int) -> State:
        mean = estimates.clock.new_zeros(labels.shape[0], 1, classes)
        return {"mean": mean, "variance": torch.ones_like(mean)}

    def normalised(self, logits: Tensor, state: State) -> Tensor:
        """Logits [R, B, C] with mean 0 and variance 1 over the batch; updates the running values."""
        mean, variance = logits.mean(1, keepdim=True), logits.var(1, keepdim=True, correction=0)
        for running, value in (("mean", mean), ("variance", variance)):
            state[running].lerp_(value.detach(), NORM_MOMENTUM)
        return (logits - mean) / (variance + NORM_EPSILON).sqrt()

    def evaluated(self, weights: State, state: State) -> State:
        scale = (state["variance"] + NORM_EPSILON).rsqrt()
        bias = (weights["head.bias"] - state["mean"]) * scale
        return weights | {"head.weight": weights["head.weight"] * scale, "head.bias": bias}
