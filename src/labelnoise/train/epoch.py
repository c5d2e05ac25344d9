"""One pass over the examples of every run: in which order, in which batches, and a step for each batch."""

from collections.abc import Iterator
from itertools import pairwise

import numpy as np
import torch
from torch import Tensor

from labelnoise.methods.base import Method, State
from labelnoise.train import augmentation, streams
from labelnoise.train.types import RunData, Settings, TrainState
from labelnoise.types import Batch


def one_epoch(parts: TrainState, state: State, epoch: int, targets: Tensor | None) -> tuple[Tensor, Tensor | None]:
    """One pass over every row's examples; mean loss [rows] and the training pass's own probabilities
    [rows, n, C]: the mean over the draws of an example, NaN where it was not drawn. None where the method does
    not ask for them."""
    network, data, method = parts.network, parts.data, parts.method
    order = _order(parts, epoch)
    if _is_plain(parts, targets):
        index, labels = (each.gather(1, order) for each in (data.index, data.labels))
        starts = np.array([0, *(part.stop for part in even_batches(order.shape[1], parts.settings.batch_size))])
        return parts.steps.cross_entropy_epoch(data.inputs, index, labels, starts), None
    network.draws = parts.draws[streams.DROPOUT].substream(epoch)
    total = data.inputs.new_zeros(len(order))
    asked = overrides(method, "end_of_epoch") and not method.evaluates
    seen = data.inputs.new_empty(*order.shape, data.num_classes) if asked else None
    for part, batch in _batches(parts, order, epoch, targets):
        batch = method.transform(batch, state)
        logits = parts.steps.forward(batch.inputs)
        loss = method.loss(logits, batch, state).mean(1) + parts.unknown  # over a run's batch
        penalty = method.penalty(epoch, state)
        parts.steps.descend(loss if penalty is None else loss + penalty)
        _average(parts)
        total += loss.detach() * batch.labels.shape[1]
        if asked:
            seen[:, part] = logits.detach()
    probs = _by_example(torch.softmax(seen, -1), order, parts.settings) if asked else None
    return total / order.shape[1], probs


def _is_plain(parts: TrainState, targets: Tensor | None) -> bool:
    """Whether an epoch is nothing but steps on the cross-entropy of the given labels, which a kernel does at
    once."""
    method, steps = type(parts.method), parts.steps
    return (
        vars(method).get("plain", False)
        and targets is None
        and not augmentation.used(parts.settings)
        and hasattr(steps, "cross_entropy_epoch")
    )


def overrides(method: Method, hook: str) -> bool:
    """Whether a method has its own `hook`."""
    return getattr(type(method), hook) is not getattr(Method, hook)


def peers_of(data: RunData) -> int:
    """Networks per run."""
    return len(data.labels) // len(data.streams)


def _order(parts: TrainState, epoch: int) -> Tensor:
    """Examples [rows, n] in the order in which an epoch takes them; the same for peers."""
    data, peers = parts.data, peers_of(parts.data)
    if parts.settings.sampler == "oversample":
        order = streams.oversampled(data.streams, epoch, data.labels[::peers])
    else:
        order = streams.orders(data.streams, epoch, data.labels.shape[1])
    return order.to(data.labels.device).repeat_interleave(peers, 0)


def _by_example(probs: Tensor, order: Tensor, settings: Settings) -> Tensor:
    """What the training pass gave in `order` [rows, n], example by example."""
    where = order.unsqueeze(-1).expand_as(probs)
    if settings.sampler == "shuffle":
        return torch.empty_like(probs).scatter_(1, where, probs)
    times = torch.zeros_like(probs).scatter_add_(1, where, torch.ones_like(probs))
    return torch.zeros_like(probs).scatter_add_(1, where, probs) / times


def _batches(
    parts: TrainState, order: Tensor, epoch: int, targets: Tensor | None
) -> Iterator[tuple[slice, Batch]]:
    """Batches in each row's own order [rows, n], and where in the order they are."""
    data, settings, peers = parts.data, parts.settings, peers_of(parts.data)
    index, labels = data.index.gather(1, order), data.labels.gather(1, order)
    own, moves = (parts.draws[purpose].substream(epoch) for purpose in (streams.METHOD, streams.SHIFT))
    rows = torch.arange(len(order), device=order.device).unsqueeze(1)
    for part in even_batches(order.shape[1], settings.batch_size):
        example = order[:, part]
        later = None if targets is None else targets[rows // peers, example]
        inputs = data.inputs[index[:, part]]
        inputs = augmentation.augmented(inputs, settings, moves)
        yield part, Batch(inputs, labels[:, part], later, example, epoch, own)


def even_batches(examples: int, largest: int) -> list[slice]:
    """Nearly equal batches, as few as `largest` allows.

    A small last batch would weigh as much as a full one: with 513 examples in batches of 64 a last batch of one is
    all that joint optimisation sees of the prior in that step, and it collapses.
    """
    ends = np.linspace(0, examples, -(-examples // largest) + 1).round().astype(int).tolist()
    return [slice(*pair) for pair in pairwise(ends)]


@torch.no_grad()
def _average(parts: TrainState) -> None:
    """Move the averaged weights towards the trained ones; statistics of batch normalisation are taken over."""
    if parts.averaged is None:
        return
    share = 1 - parts.decay
    own = dict(parts.network.named_parameters())
    torch._foreach_lerp_([parts.averaged[name] for name in own], list(own.values()), share)
    for name, buffer in parts.network.named_buffers():
        parts.averaged[name].copy_(buffer)
