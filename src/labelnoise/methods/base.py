"""What a method is: a frozen dataclass of the paper's hyper-parameters, and hooks over R runs side by side.

Hooks are written over a leading run axis and treat every run alone: run r gives the same result alone, in any
batch, in any position. No hook ever sees a clean label, the noise type, its rate or its true matrix: only
`Estimates`, from noisy data (an `oracle` gets the true matrix in it). Hyper-parameters carry their allowed
range as field metadata (`ge`, `gt`, `le`, `lt`), which params.py checks; their values stand in params.yaml.
"""

from dataclasses import dataclass, field
from typing import ClassVar, Literal

from torch import Generator, Tensor

from labelnoise.types import Batch, Estimates

State = dict[str, Tensor]  # each tensor with the run axis first

# Where a transition matrix comes from -> the field of Estimates that has it; an oracle finds the designed matrix
# of the noise there (for instance-dependent noise its mean over the images of each class).
TRANSITIONS = {
    "anchor_points": "transition",
    "confident_joint": "transition_confident_joint",
    "dual_t": "transition_dual_t",
    "oracle": "transition",
}


@dataclass(frozen=True)
class Method:
    """Base of all methods: the hooks that a method may leave out do nothing here."""

    schedule: ClassVar[str] = "cosine"  # of the learning rate: "cosine" or "constant"
    uses: ClassVar[tuple[str, ...]] = ()  # fields of Estimates that it reads; the others are NaN. As `oracle` it
    # may depend on an argument: ask an instance
    oracle: ClassVar[bool] = False  # the truth stands in those fields: an upper bound, and no rival of the others
    phases: ClassVar[dict[str, int]] = {}  # parameters that count epochs -> how many epochs must come after
    plain: ClassVar[bool] = False  # without targets its loss is cross-entropy with the given label, and it has no
    # hook beside: a kernel may then do a whole epoch. Each class says it of itself: it is not inherited
    networks_per_run: ClassVar[int] = 1  # 2: rows 2r and 2r + 1 of everything are the peers of run r, on the same
    # batches; the first of them is the one that is evaluated

    def check(self, epochs: int) -> None:
        """ValueError naming a parameter with which the method would do nothing in so many epochs."""
        for name, after in self.phases.items():
            if (value := getattr(self, name)) > epochs - after:
                allowed = f"must be at most {epochs - after} of {epochs} epochs of training"
                raise ValueError(f"{name} = {value}: {allowed}")

    def init_state(self, estimates: Estimates, labels: Tensor, classes: int, generators: list[Generator]) -> State:
        """State before the first step. labels [R, n]. Tensors that require grad are trained with the network."""
        return {}

    def learning_rates(self) -> dict[str, float]:
        """Learning rate of each state tensor that requires grad."""
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
        """State for the next epoch. probs [R, n, C]: the training pass's own, at the weights of each step."""
        return state

    def next_round(self) -> "Method | None":
        """The method that trains a re-initialised network on `targets`, or None where this round is the last."""
        return None

    def targets(self, state: State) -> Tensor:
        """Labels [R, n, C] for the next round; a row of zeros leaves its example out."""
        raise NotImplementedError(f"{type(self).__name__} has a next round and must define targets")

    def weight_average(self) -> float:
        """Decay of the moving average of the weights that is evaluated in their place; 0: none."""
        return 0.0

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
    `warmup_epochs`, while the network learns the patterns."""

    phases: ClassVar[dict[str, int]] = {"warmup_epochs": 1}

    warmup_epochs: int = field(metadata={"ge": 0})
    lr: float = field(metadata={"gt": 0})  # of the layer; no weight decay

    def layer_at(self, epoch: int, state: State) -> State:
        """The state as the loss is to see it: without a gradient during the warm-up."""
        warm = epoch < self.warmup_epochs
        return {name: value.detach() for name, value in state.items()} if warm else state
