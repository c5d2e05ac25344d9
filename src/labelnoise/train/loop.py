"""The training loop: R runs side by side, one stack.

The law: run r gives the same result (to rounding; by the kernel, the same bytes) alone, in any stack, in any
position. So the loss is the mean over a run's batch and the *sum* over runs, every run draws from its own
generators, and a run that diverges is masked, never stopped. Nothing here knows a method by name or a clean label;
`monitor` is opaque.
"""

import numpy as np
import torch
from threadpoolctl import threadpool_limits
from torch import Tensor

from labelnoise.methods.base import Method, State
from labelnoise.train import steps, streams
from labelnoise.train.epoch import even_batches, one_epoch, peers_of
from labelnoise.train.steps import Weights
from labelnoise.train.types import (
    AfterEpoch,
    Build,
    Checkpoint,
    Monitor,
    RunData,
    Settings,
    Statistic,
    Trained,
    TrainState,
    evaluated,
    shown,
)
from labelnoise.types import Estimates


@threadpool_limits.wrap(limits=1, user_api="blas")  # a second thread of these small products only waits, and spins
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
    by_kernel: bool = True,
) -> Trained:
    """Train all runs to the last epoch.

    targets [R, n, C] are the labels of a later round. `after_epoch` is called at the end of each epoch with a
    function that makes the checkpoint to `resume` from. by_kernel: where there is one for the network; False:
    torch's autograd, which gives the same to rounding.
    """
    parts, state = _start(build, method, data, estimates, settings, by_kernel)
    now = resume or _blank(data, statistic, state, _of_first(parts, _weights(parts, state)))
    if resume:
        state = _restore(parts, state, resume)
    evaluates, everything, held_out = evaluated(settings), shown(settings), _held_out(data)
    for epoch in range(now.epoch, settings.epochs):
        parts.steps.rate(_factor(method, epoch, settings))
        loss, probs = one_epoch(parts, state, epoch, targets)
        if method.evaluates:
            probs = torch.softmax(_evaluate(parts, _weights(parts, state), parts.data.index, 1), -1)
        state = state if probs is None else method.end_of_epoch(epoch, probs, state)
        now = now._replace(epoch=epoch + 1, state=state)
        if epoch in evaluates:
            index = _all(data) if epoch in everything else held_out
            now = _record(now, epoch, loss, parts, index, statistic, monitor)
        after_epoch(epoch, lambda: _freeze(now, parts))  # noqa: B023 (called at once)
    return _end(_freeze(now, parts), parts)


def _start(
    build: Build, method: Method, data: RunData, estimates: Estimates, settings: Settings, by_kernel: bool
) -> tuple[TrainState, State]:
    """Networks, optimiser and method state before the first step."""
    peers = method.networks_per_run
    estimates = Estimates(*(field.repeat_interleave(peers, 0) for field in estimates))
    rows = data._replace(**{k: getattr(data, k).repeat_interleave(peers, 0) for k in ("index", "labels", "stop")})
    network = build(_alternate(data.streams, peers)).to(data.inputs.device, data.inputs.dtype)
    state = method.init_state(estimates, rows.labels, data.num_classes)
    groups = [(state[name], group) for name, group in method.optimizers().items()]
    made = steps.chosen(network, groups, settings, by_kernel)
    decay = method.weight_average(settings.epochs * len(even_batches(rows.labels.shape[1], settings.batch_size)))
    averaged = _copied(network.state_dict()) if decay else None
    own = {
        purpose: streams.draws(data.streams, purpose, count, data.inputs.device)
        for purpose, count in ((streams.METHOD, peers), (streams.DROPOUT, peers), (streams.SHIFT, 1))
    }
    unknown = _unknown(method, estimates)
    return TrainState(network, averaged, decay, made, method, rows, settings, own, unknown), state


def _unknown(method: Method, estimates: Estimates) -> Tensor:
    """[rows] NaN where something that the method is told could not be estimated, else 0: added to the loss, so
    that the run counts as diverged."""
    if not method.uses:
        return estimates.rate.new_zeros(())
    total = sum(getattr(estimates, name).reshape(len(estimates.rate), -1).sum(1) for name in method.uses)
    return torch.zeros_like(total).masked_fill(~total.isfinite(), torch.nan)


def _copied(weights: Weights) -> Weights:
    return {name: value.detach().clone() for name, value in weights.items()}


def _alternate(of: list[streams.Stream], peers: int) -> list[torch.Generator]:
    """Generators of the initial weights: those of a run, and beside each that of its peer, if it has one."""
    own = [streams.generators(of, purpose) for purpose in (streams.INIT, streams.PEER)[:peers]]
    return [generator for side_by_side in zip(*own) for generator in side_by_side]


def _blank(data: RunData, statistic: Statistic, state: State, weights: Weights) -> Checkpoint:
    runs = len(data.streams)
    unset = torch.full((runs,), -1, dtype=torch.int64, device=data.labels.device)
    best = {"val_accuracy": data.inputs.new_full((runs,), -1.0), "epoch": unset}
    return Checkpoint(0, {}, {}, [], state, statistic.init(), {}, best, weights, {}, unset)


def _factor(method: Method, epoch: int, settings: Settings) -> float:
    """Of the learning rate at the first epoch; cosine: Loshchilov and Hutter 2017, without restarts."""
    if not method.scheduled or settings.schedule == "constant":
        return 1.0
    if settings.schedule == "exponential":
        return settings.decay**epoch
    if settings.schedule == "step":
        return settings.decay ** sum(epoch >= milestone for milestone in settings.milestones)
    whole = settings.horizon or settings.epochs
    if settings.schedule == "linear":
        return min(1.0, (whole - epoch) / max(1, whole - settings.milestones[0]))
    return 0.5 * (1 + np.cos(np.pi * epoch / whole))


def _held_out(data: RunData) -> Tensor:
    """[R, m] images that a run does not train on, those of its validation part first; padded with that part's
    first."""
    images, rest = len(data.inputs), []
    for trained, validated in zip(data.index.cpu(), data.val_index.cpu()):
        others = torch.ones(images, dtype=torch.bool)
        others[trained] = others[validated] = False
        rest.append(torch.cat([validated, others.nonzero().squeeze(1)]))
    longest = max(map(len, rest))
    padded = [torch.cat([part, part[:1].expand(longest - len(part))]) for part in rest]
    return torch.stack(padded).to(data.index.device)


def _all(data: RunData) -> Tensor:
    """[R, N]"""
    return torch.arange(len(data.inputs), device=data.index.device).expand(len(data.streams), -1)


def _weights(parts: TrainState, state: State) -> Weights:
    """What is evaluated."""
    trained = parts.network.state_dict() if parts.averaged is None else parts.averaged
    return parts.method.evaluated(trained, state)


def _of_first(parts: TrainState, weights: Weights) -> Weights:
    """A copy of those of each run's first network: a peer serves it, and is not evaluated."""
    return {name: value[:: peers_of(parts.data)].detach().clone() for name, value in weights.items()}


def _evaluate(parts: TrainState, weights: Weights, index: Tensor, apart: int) -> Tensor:
    """Logits [R, m, C] of images index [R, m] by every `apart`-th network of `weights`."""
    rows = torch.arange(len(index), device=index.device) * apart
    return parts.steps.evaluate(weights, rows, parts.data.inputs, index)


def _record(
    now: Checkpoint,
    epoch: int,
    loss: Tensor,
    parts: TrainState,
    index: Tensor,
    statistic: Statistic,
    monitor: Monitor | None,
) -> Checkpoint:
    """Checkpoint with what `epoch` showed on images index [R, m]: metrics, streamed statistics, the best epoch on
    noisy validation."""
    data, peers, weights = parts.data, peers_of(parts.data), _weights(parts, now.state)
    logits = _evaluate(parts, weights, index, peers)
    finite = loss.isfinite().view(-1, peers).all(1) & logits.flatten(1).isfinite().all(1)
    diverged = torch.where((now.diverged < 0) & ~finite, epoch, now.diverged)
    predicted = torch.full((len(index), len(data.inputs)), -1, device=index.device)
    predicted.scatter_(1, index, logits.argmax(-1))
    metrics = {"train_loss": loss[::peers], "val_accuracy": _val_accuracy(predicted, data)}
    if monitor is not None:
        metrics = metrics | monitor(epoch, predicted) | metrics  # a monitor may not overwrite what selects
    history = _append(now.history, metrics, diverged >= 0)
    now = now._replace(history=history, diverged=diverged)
    now = _with_best(now, epoch, _of_first(parts, weights), parts)
    if index.shape[1] < len(data.inputs):
        return now
    rows = torch.arange(len(index), device=index.device).unsqueeze(1)
    trained = logits[rows, data.index[::peers]]
    return now._replace(statistics=statistic.update(now.statistics, epoch, trained, parts.network))


def _with_best(now: Checkpoint, epoch: int, weights: Weights, parts: TrainState) -> Checkpoint:
    """Checkpoint with the weights of early stopping: at the epoch that is known, or the best noisy validation so
    far. An epoch is judged when the next one is known, by the mean over the three: a single one hangs on a few
    labels."""
    last, stop = now.history["val_accuracy"].shape[1] - 1, parts.data.stop[:: peers_of(parts.data)]
    if last:
        now = _best(now, epoch - 1, last - 1, now.before, stop < 0)
    at_end = (stop < 0) & (epoch == parts.settings.epochs - 1)
    return _best(now, epoch, last, weights, at_end | (stop == epoch))._replace(before=weights)


def _best(now: Checkpoint, epoch: int, at: int, weights: Weights, judged: Tensor) -> Checkpoint:
    """Checkpoint with `weights`, those at `epoch`, where they are better in the runs `judged` [R]; `at`: its place
    in the history."""
    accuracy = now.history["val_accuracy"]
    smooth = accuracy[:, max(at - 1, 0) : at + 2].nanmean(1).masked_fill(accuracy[:, at].isnan(), torch.nan)
    better = judged & (smooth > now.best["val_accuracy"])  # the first of equals; False for NaN
    if not better.any():
        return now
    rows, kept = better.nonzero().squeeze(1), now.best_weights
    best = {
        "val_accuracy": torch.where(better, smooth, now.best["val_accuracy"]),
        "epoch": torch.where(better, epoch, now.best["epoch"]),
    }
    kept = {name: value.index_copy(0, rows, weights[name][rows]) for name, value in kept.items()}
    return now._replace(best=best, best_weights=kept)


def _val_accuracy(predicted: Tensor, data: RunData) -> Tensor:
    """Agreement [R] with the given labels of the validation part. predicted [R, N]."""
    real = data.val_labels >= 0
    hits = (predicted.gather(1, data.val_index) == data.val_labels) & real
    return hits.sum(1).to(data.inputs.dtype) / real.sum(1)


def _append(history: dict[str, Tensor], metrics: dict[str, Tensor], masked: Tensor) -> dict[str, Tensor]:
    """History with one more epoch: each [R, epoch + 1]."""
    new = {name: values.masked_fill(masked, torch.nan).unsqueeze(1) for name, values in metrics.items()}
    return {name: torch.cat([history[name], new[name]], 1) if history else new[name] for name in new}


def _end(end: Checkpoint, parts: TrainState) -> Trained:
    """With the probabilities of all images."""
    everything, peers, best = _all(parts.data), peers_of(parts.data), end.best["epoch"]
    last = torch.softmax(_evaluate(parts, _weights(parts, end.state), everything, peers), -1)
    early = torch.softmax(_evaluate(parts, end.best_weights, everything, 1), -1)
    last = last.masked_fill((end.diverged >= 0)[:, None, None], torch.nan)
    early = early.masked_fill((best < 0)[:, None, None], torch.nan)
    return Trained(end.history, end.diverged, end.statistics, end.state, end.weights, best, last, early)


def _freeze(now: Checkpoint, parts: TrainState) -> Checkpoint:
    """Checkpoint with the weights and momentum as they stand."""
    return now._replace(
        weights={name: value.detach() for name, value in parts.network.state_dict().items()},
        averaged=dict(parts.averaged or {}),
        momentum=parts.steps.momentum(),
        state={name: value.detach() for name, value in now.state.items()},
    )


def _restore(parts: TrainState, state: State, saved: Checkpoint) -> State:
    """Put a checkpoint back; state tensors that are trained keep their identity, which the optimiser holds."""
    parts.network.load_state_dict(saved.weights)
    for name, value in (parts.averaged or {}).items():
        value.copy_(saved.averaged[name])
    for momentum, value in zip(parts.steps.momentum(), saved.momentum, strict=True):
        momentum.copy_(value)
    restored = dict(saved.state)
    with torch.no_grad():
        for name in state:
            if state[name].requires_grad:
                restored[name] = state[name].copy_(saved.state[name])
    return restored
