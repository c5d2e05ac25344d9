"""What the training loop is made of: settings, data, and where a training stands.

Shape letters: R runs, N images, n examples that a run trains on, m validation images, C classes.
"""

from collections.abc import Callable
from typing import NamedTuple

import torch
from torch import Tensor, nn

from labelnoise.methods.base import Method, State
from labelnoise.train import streams

Build = Callable[[list[torch.Generator]], nn.Module]  # a generator per run -> network
AfterEpoch = Callable[[int, Callable[[], "Checkpoint"]], None]  # epoch, function that makes a checkpoint
Monitor = Callable[[int, Tensor], dict[str, Tensor]]  # epoch, probs [R, N, C] -> diagnostics [R], only stored


class Settings(NamedTuple):
    """SGD with momentum; lr follows the method's schedule, epoch by epoch."""

    epochs: int
    batch_size: int
    lr: float
    momentum: float
    weight_decay: float
    sampler: str = "shuffle"  # or "oversample": draws that make every given label equally frequent
    shift: int = 0  # augmentation: images move by up to so many pixels each way
    evaluate_every: int = 1  # epochs; the last is always evaluated


class RunData(NamedTuple):
    """What R runs train on."""

    inputs: Tensor  # [N, ...] all images, shared by the runs
    index: Tensor  # [R, n] the images a run trains on, with repeats in a bag
    labels: Tensor  # [R, n] their given labels
    val_index: Tensor  # [R, m] validation images, padded
    val_labels: Tensor  # [R, m] their given (noisy) labels, -1 where padded
    streams: list[streams.Stream]  # [R] what names a run's random numbers
    num_classes: int


class Statistic(NamedTuple):
    """Per-example statistics that are streamed over epochs."""

    init: Callable[[], dict[str, Tensor]]
    update: Callable[[dict[str, Tensor], int, Tensor, nn.Module], dict[str, Tensor]]
    # state, epoch, logits [R, N, C], the network that gave them


class Checkpoint(NamedTuple):
    """All that a training needs to go on after `epoch` epochs; tensors, so that a checkpoint needs no pickle."""

    epoch: int
    weights: dict[str, Tensor]
    averaged: dict[str, Tensor]  # moving average of the weights; empty where the method has none
    momentum: list[Tensor]
    state: State
    statistics: dict[str, Tensor]
    history: dict[str, Tensor]  # each [R, evaluated epochs], NaN where diverged
    best: dict[str, Tensor]  # val_accuracy [R], epoch [R], probs [R, N, C] at the best noisy validation
    probs: Tensor  # [R, N, C] at the last epoch
    diverged: Tensor  # [R] first epoch with a loss that is not finite, -1: none


class TrainState(NamedTuple):
    """What a step changes in place, and what it needs. Rows: the peers of a run stand side by side."""

    network: nn.Module
    averaged: nn.Module | None
    optimizer: torch.optim.Optimizer
    method: Method
    data: RunData
    settings: Settings


def evaluated(epochs: int, every: int) -> list[int]:
    """0-based epochs at whose end all images are evaluated: each `every`-th and the last."""
    return [epoch for epoch in range(epochs) if (epoch + 1) % every == 0 or epoch == epochs - 1]
