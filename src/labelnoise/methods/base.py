"""What a method is: a frozen dataclass of the paper's hyper-parameters, and hooks over R runs side by side.

Hooks are written over a leading run axis and treat every run alone: run r gives the same result alone, in any
batch, in any position. No hook ever sees a clean label, the noise type, its rate or its true matrix: only
`Given`, estimated from noisy data (a name that ends in `_oracle` gets the true matrix in it). Hyper-parameters
carry their allowed range as field metadata (`ge`, `gt`, `le`, `lt`), which params.py checks; their values stand
in params.yaml.
"""

from dataclasses import dataclass
from typing import ClassVar

from torch import Generator, Tensor

from labelnoise.types import Batch, Given, Outputs

State = dict[str, Tensor]  # each tensor with the run axis first


@dataclass(frozen=True)
class Method:
    """Base of all methods: the hooks that a method may leave out do nothing here."""

    schedule: ClassVar[str] = "cosine"  # of the learning rate: "cosine" or "constant"
    uses: ClassVar[tuple[str, ...]] = ()  # fields of Given that the method reads; the others are NaN
    networks_per_run: ClassVar[int] = 1  # 2: rows 2r and 2r + 1 of everything are the peers of run r, on the same
    # batches; the first of them is the one that is evaluated

    def check(self, epochs: int) -> None:
        """ValueError naming a parameter with which the method would do nothing in so many epochs."""

    def init_state(self, given: Given, labels: Tensor, num_classes: int, generators: list[Generator]) -> State:
        """State before the first step. labels [R, n]. Tensors that require grad are trained with the network."""
        return {}

    def learning_rates(self) -> dict[str, float]:
        """Learning rate of each state tensor that requires grad."""
        return {}

    def transform(self, batch: Batch, state: State) -> Batch:
        """The batch that the network is to see, as mixup mixes it."""
        return batch

    def loss(self, outputs: Outputs, batch: Batch, state: State) -> Tensor:
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

    def transition(self, state: State) -> Tensor | None:
        """The transition matrix [R, C, C] that the method has learned, or None."""
        return None
