"""The training loop: R runs side by side, one program.

The law: run r gives the same result (to rounding) alone, in any batch, in any position. So the loss is the
mean over a run's batch and the *sum* over runs, every run draws from its own generators, and a run that
diverges is masked, never stopped. Nothing here knows a method by name or a clean label; `monitor` is opaque.
"""

from collections.abc import Callable, Iterator
from typing import NamedTuple

import numpy as np
import torch
from torch import Tensor, nn

from labelnoise.methods.base import Method, State
from labelnoise.train import streams
from labelnoise.types import Batch, Given

Build = Callable[[list[torch.Generator]], nn.Module]  # a generator per run -> network
AfterEpoch = Callable[[int, Callable[[], "Progress"]], None]  # epoch, function that makes a checkpoint
Monitor = Callable[[int, Tensor], dict[str, Tensor]]  # epoch, probs [R, N, C] -> diagnostics [R], only stored

# Images per evaluation step: on a CPU what stays in cache (128 takes 0.6 of the time of 2048), on a GPU what
# fills it.
EVALUATION_CHUNK = {"cpu": 128, "cuda": 8192}


class Settings(NamedTuple):
    """SGD with momentum; lr follows the method's schedule, epoch by epoch."""

    epochs: int
    batch_size: int
    lr: float
    momentum: float
    weight_decay: float
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


class Watch(NamedTuple):
    """Per-example statistics that are streamed over epochs."""

    init: Callable[[], dict[str, Tensor]]
    update: Callable[[dict[str, Tensor], int, Tensor], dict[str, Tensor]]  # state, epoch, logits [R, N, C]


class Progress(NamedTuple):
    """All that a training needs to go on after `epoch` epochs; tensors, so that a checkpoint needs no pickle."""

    epoch: int
    weights: dict[str, Tensor]
    momentum: list[Tensor]
    state: State
    watched: dict[str, Tensor]
    history: dict[str, Tensor]  # each [R, evaluated epochs], NaN where diverged
    best: dict[str, Tensor]  # val_accuracy [R], epoch [R], probs [R, N, C] at the best noisy validation
    probs: Tensor  # [R, N, C] at the last epoch
    diverged: Tensor  # [R] first epoch with a loss that is not finite, -1: none


def train(
    build: Build,
    method: Method,
    data: RunData,
    given: Given,
    settings: Settings,
    watch: Watch,
    monitor: Monitor | None = None,
    targets: Tensor | None = None,
    resume: Progress | None = None,
    after_epoch: AfterEpoch = lambda epoch, snapshot: None,
) -> Progress:
    """Train all runs to the last epoch and return where they ended.

    targets [R, n, C] are the refurbished labels of a second round. `after_epoch` is called at the end of each
    epoch with a function that makes the checkpoint to `resume` from.
    """
    network, optimizer, state = _start(build, method, data, given, settings)
    now = resume or _blank(data, settings, watch, state)
    if resume:
        state = _restore(network, optimizer, state, resume)
    for epoch in range(now.epoch, settings.epochs):
        _set_learning_rate(optimizer, method, epoch, settings.epochs)
        loss, probs = _one_epoch(network, method, optimizer, data, settings, state, epoch, targets)
        state = method.end_of_epoch(epoch, probs, state)
        now = now._replace(epoch=epoch + 1, state=state)
        if epoch in evaluated(settings.epochs, settings.evaluate_every):
            logits = evaluate(network, data.inputs, data.labels.shape[0])
            now = _record(now, epoch, loss, logits, data, watch, monitor)
        after_epoch(epoch, lambda: _freeze(now, network, optimizer))  # noqa: B023 (called at once)
    return _freeze(now, network, optimizer)


def evaluated(epochs: int, every: int) -> list[int]:
    """0-based epochs at whose end all images are evaluated: each `every`-th and the last."""
    return [epoch for epoch in range(epochs) if (epoch + 1) % every == 0 or epoch == epochs - 1]


def evaluate(network: nn.Module, inputs: Tensor, runs: int) -> Tensor:
    """Logits [R, N, C] of all images in evaluation mode, a chunk at a time to bound memory."""
    network.eval()
    chunk = EVALUATION_CHUNK[inputs.device.type]
    with torch.no_grad():
        parts = [network(part.expand(runs, *part.shape)).logits for part in inputs.split(chunk)]
    network.train()
    return torch.cat(parts, 1)


def _start(build: Build, method: Method, data: RunData, given: Given, settings: Settings):
    """Network, optimiser and method state before the first step."""
    device, dtype = data.inputs.device, data.inputs.dtype
    network = build(streams.generators(data.streams, streams.INIT)).to(device, dtype)
    method_streams = streams.generators(data.streams, streams.METHOD)
    state = method.init_state(given, data.labels, data.num_classes, method_streams)
    groups = [{"params": list(network.parameters()), "weight_decay": settings.weight_decay, "lr": settings.lr}]
    for name, lr in method.learning_rates().items():
        groups.append({"params": [state[name]], "weight_decay": 0.0, "lr": lr})
    for group in groups:
        group["initial_lr"] = group["lr"]
    optimizer = torch.optim.SGD(groups, lr=settings.lr, momentum=settings.momentum, fused=True)
    return network, optimizer, state


def _blank(data: RunData, settings: Settings, watch: Watch, state: State) -> Progress:
    runs, images = data.labels.shape[0], data.inputs.shape[0]
    probs = data.inputs.new_full((runs, images, data.num_classes), torch.nan)
    unset = torch.full((runs,), -1, dtype=torch.int64, device=data.labels.device)
    best = {"val_accuracy": probs.new_full((runs,), -1.0), "epoch": unset, "probs": probs}
    return Progress(0, {}, [], state, watch.init(), {}, best, probs, unset)


def _set_learning_rate(optimizer: torch.optim.Optimizer, method: Method, epoch: int, epochs: int) -> None:
    factor = 1.0 if method.schedule == "constant" else 0.5 * (1 + np.cos(np.pi * epoch / epochs))
    for group in optimizer.param_groups:
        group["lr"] = group["initial_lr"] * factor


def _one_epoch(
    network: nn.Module,
    method: Method,
    optimizer: torch.optim.Optimizer,
    data: RunData,
    settings: Settings,
    state: State,
    epoch: int,
    targets: Tensor | None,
) -> tuple[Tensor, Tensor]:
    """One pass over every run's examples; mean loss [R] and the training pass's own probabilities [R, n, C]."""
    runs, examples = data.labels.shape
    order = streams.orders(data.streams, epoch, examples).to(data.labels.device)
    total = data.inputs.new_zeros(runs)
    logits = data.inputs.new_empty(runs, examples, data.num_classes)
    for part, batch in _batches(data, order, settings.batch_size, epoch, targets):
        outputs = network(batch.inputs)
        losses = method.loss(outputs, batch, state)
        loss = losses.mean(1)  # mean over a run's batch, sum over runs: runs do not touch each other
        penalty = method.penalty(epoch, state)
        optimizer.zero_grad(set_to_none=True)
        (loss if penalty is None else loss + penalty).sum().backward()
        optimizer.step()
        total += loss.detach() * batch.labels.shape[1]
        logits[:, part] = outputs.logits.detach()
    probs = torch.empty_like(logits).scatter_(1, order.unsqueeze(-1).expand_as(logits), torch.softmax(logits, -1))
    return total / examples, probs


def _batches(
    data: RunData, order: Tensor, size: int, epoch: int, targets: Tensor | None
) -> Iterator[tuple[slice, Batch]]:
    """Batches of `size` in each run's own order [R, n], and where in the order they are."""
    index, labels = data.index.gather(1, order), data.labels.gather(1, order)
    generators = streams.generators(data.streams, streams.METHOD, epoch)
    rows = torch.arange(len(order), device=order.device).unsqueeze(1)
    for start in range(0, order.shape[1], size):
        part = slice(start, start + size)
        example = order[:, part]
        refurbished = None if targets is None else targets[rows, example]
        inputs = data.inputs[index[:, part]]
        yield part, Batch(inputs, labels[:, part], refurbished, example, epoch, generators)


def _record(
    now: Progress,
    epoch: int,
    loss: Tensor,
    logits: Tensor,
    data: RunData,
    watch: Watch,
    monitor: Monitor | None,
) -> Progress:
    """Progress with what `epoch` showed: metrics, streamed statistics, the best epoch on noisy validation."""
    probs = torch.softmax(logits, -1)
    broken = ~(loss.isfinite() & logits.flatten(1).isfinite().all(1))
    diverged = torch.where((now.diverged < 0) & broken, epoch, now.diverged)
    metrics = {"train_loss": loss, "val_accuracy": _val_accuracy(probs, data)}
    if monitor is not None:
        metrics = metrics | monitor(epoch, probs) | metrics  # a monitor may not overwrite what selects
    history = _append(now.history, metrics, diverged >= 0)
    better = history["val_accuracy"][:, -1] > now.best["val_accuracy"]  # first of equals; False for NaN
    best = {
        "val_accuracy": torch.where(better, history["val_accuracy"][:, -1], now.best["val_accuracy"]),
        "epoch": torch.where(better, epoch, now.best["epoch"]),
        "probs": torch.where(better[:, None, None], probs, now.best["probs"]),
    }
    probs = probs.masked_fill((diverged >= 0)[:, None, None], torch.nan)
    watched = watch.update(now.watched, epoch, logits)
    return now._replace(watched=watched, history=history, best=best, probs=probs, diverged=diverged)


def _val_accuracy(probs: Tensor, data: RunData) -> Tensor:
    """Agreement [R] with the given labels of the validation part."""
    rows = torch.arange(len(probs), device=probs.device).unsqueeze(1)
    predicted = probs[rows, data.val_index].argmax(-1)
    real = data.val_labels >= 0
    return ((predicted == data.val_labels) & real).sum(1).to(probs.dtype) / real.sum(1)


def _append(history: dict[str, Tensor], metrics: dict[str, Tensor], masked: Tensor) -> dict[str, Tensor]:
    """History with one more epoch: each [R, epoch + 1]."""
    new = {name: values.masked_fill(masked, torch.nan).unsqueeze(1) for name, values in metrics.items()}
    return {name: torch.cat([history[name], new[name]], 1) if history else new[name] for name in new}


def _freeze(now: Progress, network: nn.Module, optimizer: torch.optim.Optimizer) -> Progress:
    """Progress with the weights and momentum as they stand."""
    tensors = [p for group in optimizer.param_groups for p in group["params"]]
    momentum = [
        optimizer.state[p]["momentum_buffer"] if p in optimizer.state else torch.zeros_like(p) for p in tensors
    ]
    return now._replace(
        weights={name: value.detach() for name, value in network.state_dict().items()},
        momentum=[m.detach() for m in momentum],
        state={name: value.detach() for name, value in now.state.items()},
    )


def _restore(network: nn.Module, optimizer: torch.optim.Optimizer, state: State, saved: Progress) -> State:
    """Put a checkpoint back; state tensors that are trained keep their identity, which the optimiser holds."""
    network.load_state_dict(saved.weights)
    tensors = [p for group in optimizer.param_groups for p in group["params"]]
    for tensor, momentum in zip(tensors, saved.momentum, strict=True):
        optimizer.state[tensor]["momentum_buffer"] = momentum.clone()
    restored = dict(saved.state)
    with torch.no_grad():
        for name in state:
            if state[name].requires_grad:
                restored[name] = state[name].copy_(saved.state[name])
    return restored
