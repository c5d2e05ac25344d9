"""The training loop: R runs side by side, one program.

The law: run r gives the same result (to rounding) alone, in any batch, in any position. So the loss is the
mean over a run's batch and the *sum* over runs, every run draws from its own generators, and a run that
diverges is masked, never stopped. Nothing here knows a method by name or a clean label; `monitor` is opaque.
"""

import copy

import numpy as np
import torch
from torch import Tensor, nn

from labelnoise.methods.base import Method, State
from labelnoise.train import streams
from labelnoise.train.epoch import one_epoch, peers_of, repeated
from labelnoise.train.types import (
    AfterEpoch,
    Build,
    Checkpoint,
    Monitor,
    RunData,
    Settings,
    Statistic,
    TrainState,
    evaluated,
)
from labelnoise.types import Estimates

# Images per evaluation step: on a CPU what stays in cache (128 takes 0.6 of the time of 2048), on a GPU what
# fills it.
EVALUATION_CHUNK = {"cpu": 128, "cuda": 8192}


def train(
    build: Build,
    method: Method,
    data: RunData,
    estimates: Estimates,
    settings: Settings,
    statistic: Statistic,
    monitor: Monitor | None = None,
    targets: Tensor | None = None,
    resume: Checkpoint | None = None,
    after_epoch: AfterEpoch = lambda epoch, snapshot: None,
) -> Checkpoint:
    """Train all runs to the last epoch and return where they ended.

    targets [R, n, C] are the labels of a later round. `after_epoch` is called at the end of each epoch with a
    function that makes the checkpoint to `resume` from.
    """
    parts, state = _start(build, method, data, estimates, settings)
    now = resume or _blank(data, settings, statistic, state)
    if resume:
        state = _restore(parts, state, resume)
    evaluates = evaluated(settings.epochs, settings.evaluate_every)
    for epoch in range(now.epoch, settings.epochs):
        _set_learning_rate(parts.optimizer, method, epoch, settings.epochs)
        loss, probs = one_epoch(parts, state, epoch, targets)
        state = method.end_of_epoch(epoch, probs, state)
        now = now._replace(epoch=epoch + 1, state=state)
        if epoch in evaluates:
            now = _record(now, epoch, loss, parts, statistic, monitor)
        after_epoch(epoch, lambda: _freeze(now, parts))  # noqa: B023 (called at once)
    return _freeze(now, parts)


def evaluate(network: nn.Module, inputs: Tensor, runs: int) -> Tensor:
    """Logits [R, N, C] of all images in evaluation mode, a chunk at a time to bound memory."""
    network.eval()
    chunk = EVALUATION_CHUNK[inputs.device.type]
    with torch.no_grad():
        parts = [network(part.expand(runs, *part.shape)).logits for part in inputs.split(chunk)]
    network.train()
    return torch.cat(parts, 1)


def _start(
    build: Build, method: Method, data: RunData, estimates: Estimates, settings: Settings
) -> tuple[TrainState, State]:
    """Networks, optimiser and method state before the first step."""
    peers = method.networks_per_run
    estimates = Estimates(*(field.repeat_interleave(peers, 0) for field in estimates))
    rows = data._replace(**{k: getattr(data, k).repeat_interleave(peers, 0) for k in ("index", "labels")})
    network = build(_alternate(data.streams, peers)).to(data.inputs.device, data.inputs.dtype)
    method_streams = repeated(streams.generators(data.streams, streams.METHOD), peers)
    state = method.init_state(estimates, rows.labels, data.num_classes, method_streams)
    groups = [{"params": list(network.parameters()), "weight_decay": settings.weight_decay, "lr": settings.lr}]
    for name, lr in method.learning_rates().items():
        groups.append({"params": [state[name]], "weight_decay": 0.0, "lr": lr})
    for group in groups:
        group["initial_lr"] = group["lr"]
    optimizer = torch.optim.SGD(groups, lr=settings.lr, momentum=settings.momentum, fused=True)
    averaged = copy.deepcopy(network).requires_grad_(False) if method.weight_average() else None
    return TrainState(network, averaged, optimizer, method, rows, settings), state


def _alternate(of: list[streams.Stream], peers: int) -> list[torch.Generator]:
    """Generators of the initial weights: those of a run, and beside each that of its peer, if it has one."""
    own = [streams.generators(of, purpose) for purpose in (streams.INIT, streams.PEER)[:peers]]
    return [generator for side_by_side in zip(*own) for generator in side_by_side]


def _blank(data: RunData, settings: Settings, statistic: Statistic, state: State) -> Checkpoint:
    runs, images = len(data.streams), data.inputs.shape[0]
    probs = data.inputs.new_full((runs, images, data.num_classes), torch.nan)
    unset = torch.full((runs,), -1, dtype=torch.int64, device=data.labels.device)
    best = {"val_accuracy": probs.new_full((runs,), -1.0), "epoch": unset, "probs": probs}
    return Checkpoint(0, {}, {}, [], state, statistic.init(), {}, best, probs, unset)


def _set_learning_rate(optimizer: torch.optim.Optimizer, method: Method, epoch: int, epochs: int) -> None:
    factor = 1.0 if method.schedule == "constant" else 0.5 * (1 + np.cos(np.pi * epoch / epochs))
    for group in optimizer.param_groups:
        group["lr"] = group["initial_lr"] * factor


def _record(
    now: Checkpoint, epoch: int, loss: Tensor, parts: TrainState, statistic: Statistic, monitor: Monitor | None
) -> Checkpoint:
    """Checkpoint with what `epoch` showed: metrics, streamed statistics, the best epoch on noisy validation."""
    data, peers, network = parts.data, peers_of(parts.data), parts.averaged or parts.network
    logits = evaluate(network, data.inputs, len(data.labels))
    broken = ~(loss.isfinite() & logits.flatten(1).isfinite().all(1)).view(-1, peers).all(1)
    loss, logits = loss[::peers], logits[::peers]  # a peer serves the first network; it is not evaluated
    probs = torch.softmax(logits, -1)
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
    statistics = statistic.update(now.statistics, epoch, logits, network)
    return now._replace(statistics=statistics, history=history, best=best, probs=probs, diverged=diverged)


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


def _freeze(now: Checkpoint, parts: TrainState) -> Checkpoint:
    """Checkpoint with the weights and momentum as they stand."""
    optimizer = parts.optimizer
    tensors = [p for group in optimizer.param_groups for p in group["params"]]
    momentum = [
        optimizer.state[p]["momentum_buffer"] if p in optimizer.state else torch.zeros_like(p) for p in tensors
    ]
    averaged = {} if parts.averaged is None else parts.averaged.state_dict()
    return now._replace(
        weights={name: value.detach() for name, value in parts.network.state_dict().items()},
        averaged=dict(averaged),
        momentum=[m.detach() for m in momentum],
        state={name: value.detach() for name, value in now.state.items()},
    )


def _restore(parts: TrainState, state: State, saved: Checkpoint) -> State:
    """Put a checkpoint back; state tensors that are trained keep their identity, which the optimiser holds."""
    parts.network.load_state_dict(saved.weights)
    if parts.averaged is not None:
        parts.averaged.load_state_dict(saved.averaged)
    tensors = [p for group in parts.optimizer.param_groups for p in group["params"]]
    for tensor, momentum in zip(tensors, saved.momentum, strict=True):
        parts.optimizer.state[tensor]["momentum_buffer"] = momentum.clone()
    restored = dict(saved.state)
    with torch.no_grad():
        for name in state:
            if state[name].requires_grad:
                restored[name] = state[name].copy_(saved.state[name])
    return restored
