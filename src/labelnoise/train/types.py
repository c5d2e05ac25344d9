"""What the training loop is made of: settings, data, and where a training stands.

Shape letters: R runs, N images, n examples that a run trains on, m validation images, C classes.
"""

from collections.abc import Callable, Sequence
from typing import NamedTuple

import torch
from torch import Tensor, nn

from labelnoise.draws import Draws
from labelnoise.methods.base import Method, State
from labelnoise.train import streams
from labelnoise.train.steps import Steps, Weights

Build = Callable[[list[torch.Generator]], nn.Module]  # a generator per run -> network
AfterEpoch = Callable[[int, Callable[[], "Checkpoint"]], None]  # epoch, function that makes a checkpoint
# epoch, predicted class [R, N], -1 where an image was not evaluated -> diagnostics [R], only stored
Monitor = Callable[[int, Tensor], dict[str, Tensor]]

LAST, HELD_OUT, SHOWN, EVERY = "last", "held_out", "shown", "every"  # when images are evaluated
FIRST_SHOWN, SHOWN_EVERY = 10, 5


class Settings(NamedTuple):
    """Of the optimiser; lr follows `schedule`, epoch by epoch, unless the method keeps it constant."""

    epochs: int
    batch_size: int
    lr: float
    momentum: float  # of Adam: the decay of its average of gradients
    weight_decay: float
    sampler: str = "shuffle"  # or "oversample": draws that make every given label equally frequent
    shift: int = 0  # augmentation: images move by up to so many pixels each way
    crop: int = 0  # augmentation: pixels of a border of zeros, of which a part of the old size is cut
    flip: bool = False  # augmentation: every second image is mirrored, left for right
    cutout: int = 0  # augmentation: pixels of a side of a square that is set to zero
    schedule: str = "cosine"  # of the learning rate: "cosine", "constant", "exponential", "step" or "linear"
    decay: float = 1.0  # what the rate is multiplied with after each epoch (exponential), or milestone (step)
    milestones: Sequence[int] = ()  # epochs after which the rate changes (step), or falls to zero (linear)
    optimizer: str = "sgd"  # or "adam"
    precision: str = "float32"  # or "bfloat16": of products and convolutions; weights, loss and steps stay float32
    horizon: int = 0  # epochs over which the learning rate is annealed; 0: those of the training
    evaluate: str = SHOWN  # EVERY: all images at each epoch; LAST: at the last one. In between those that are not
    # trained on at each epoch, the others at some (SHOWN) or at the last one (HELD_OUT)

    @property
    def plain(self) -> bool:
        """Whether steps are those that a kernel knows."""
        return self.optimizer == "sgd" and self.precision == "float32"


class RunData(NamedTuple):
    """What R runs train on."""

    inputs: Tensor  # [N, ...] all images, shared by the runs
    index: Tensor  # [R, n] the images a run trains on, with repeats in a bag
    labels: Tensor  # [R, n] their given labels
    val_index: Tensor  # [R, m] validation images, padded
    val_labels: Tensor  # [R, m] their given (noisy) labels, -1 where padded
    stop: Tensor  # [R] epoch of early stopping, where it is known beforehand; -1: the best noisy validation
    streams: list[streams.Stream]  # [R] what names a run's random numbers
    num_classes: int


class Statistic(NamedTuple):
    """Per-example statistics that are streamed over epochs."""

    init: Callable[[], dict[str, Tensor]]
    update: Callable[[dict[str, Tensor], int, Tensor, nn.Module], dict[str, Tensor]]
    # state, epoch, logits [R, n, C] of the examples trained on, the network that gave them


class Checkpoint(NamedTuple):
    """All that a training needs to go on after `epoch` epochs; tensors, so that a checkpoint needs no pickle."""

    epoch: int
    weights: Weights
    averaged: Weights  # moving average of the weights; empty where the method has none
    momentum: list[Tensor]
    state: State
    statistics: dict[str, Tensor]
    history: dict[str, Tensor]  # each [R, evaluated epochs], NaN where diverged
    best: dict[str, Tensor]  # val_accuracy [R], smoothed, and epoch [R] of early stopping
    best_weights: Weights  # there; of the first peer of each run
    before: Weights  # those at the end of the last epoch that was evaluated
    diverged: Tensor  # [R] first epoch with a loss that is not finite, -1: none


class Trained(NamedTuple):
    """What a training left; fields as in Checkpoint."""

    history: dict[str, Tensor]
    diverged: Tensor
    statistics: dict[str, Tensor]
    state: State
    weights: Weights
    best_epoch: Tensor  # [R] of the best noisy validation, -1 where there is none
    probs: Tensor  # [R, N, C] at the last epoch, NaN where diverged
    best_probs: Tensor  # [R, N, C] at the best noisy validation, NaN where there is none


class TrainState(NamedTuple):
    """What a step changes in place, and what it needs. Rows: the peers of a run stand side by side."""

    network: nn.Module
    averaged: Weights | None
    decay: float  # of the averaged weights
    steps: Steps
    method: Method
    data: RunData
    settings: Settings
    draws: dict[int, Draws]  # by purpose: a stream per row, of shifts per run
    unknown: Tensor  # [rows] or a scalar, added to the loss: NaN where what the method is told is unknown


def evaluated(settings: Settings) -> list[int]:
    """0-based epochs at whose end images that a run does not train on are evaluated."""
    return [settings.epochs - 1] if settings.evaluate == LAST else list(range(settings.epochs))


def shown(settings: Settings) -> list[int]:
    """0-based epochs at whose end all images are evaluated: what happens early, happens fast."""
    last = settings.epochs - 1
    if settings.evaluate != SHOWN:
        return evaluated(settings) if settings.evaluate == EVERY else [last]
    return [e for e in range(settings.epochs) if e < FIRST_SHOWN or (e + 1) % SHOWN_EVERY == 0 or e == last]
