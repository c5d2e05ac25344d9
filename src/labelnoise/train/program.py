"""A program: R runs trained together, described by plain JSON and arrays, and its execution.

Needs torch, numpy and filelock only, so that programs can be executed on a machine that has nothing else.
"""

import time
from collections.abc import Callable
from pathlib import Path
from typing import NamedTuple

import numpy as np
import torch
from torch import Tensor

from labelnoise import files
from labelnoise.methods import METHODS
from labelnoise.methods.base import Method
from labelnoise.nets import NETWORKS
from labelnoise.train import dynamics, out_of_bag, store
from labelnoise.train.loop import Monitor, Progress, RunData, Settings, Watch, train
from labelnoise.train.streams import Stream
from labelnoise.types import Given

History = dict[str, Tensor]


class Program(NamedTuple):
    """What to train. `spec` names everything that can change a byte of the result, the arrays by their hash."""

    spec: dict  # JSON: network, method, their sections, settings, classes, streams, snapshots, ...
    arrays: dict[str, np.ndarray]  # index, labels, val_index, val_labels; fields of Given in use; left_out


class Images(NamedTuple):
    """All images of a data set, and the two numbers that standardise them."""

    pixels: np.ndarray  # uint8 [N, channels, height, width]
    mean: float
    std: float


class Place(NamedTuple):
    """Where a program runs and leaves its result; changes no result."""

    store: Path
    checkpoint_seconds: float


def key(program: Program) -> str:
    """Name of the program's entry in the run store."""
    return store.key(program.spec)


def execute(program: Program, images: Images, monitor: Monitor | None, place: Place) -> None:
    """Train the program to the end and put its result into the store; resume where a kill left it.

    One thread: programs run side by side, and the number of threads would change the bytes.
    """
    torch.set_num_threads(1)
    place.store.mkdir(parents=True, exist_ok=True)
    name = key(program)
    with store.lock(place.store, name):
        if store.finished(place.store, name).exists():
            return
        files.save_arrays(store.finished(place.store, name), _train(program, images, monitor, place))
        store.checkpoint(place.store, name).unlink(missing_ok=True)
        store.ticks(place.store, name).unlink(missing_ok=True)


def _train(program: Program, images: Images, monitor: Monitor | None, place: Place) -> dict[str, np.ndarray]:
    """One round of training, or two where the method asks for a second; a checkpoint knows which it is in."""
    method = METHODS[program.spec["method"]](**program.spec["method_section"])
    saved, earlier = store.load_checkpoint(store.checkpoint(place.store, key(program)), _device(program))
    if not earlier:
        end = _round(program, images, monitor, place, method, saved, {})
        learned = method.transition(end.state)
        if method.second_round() is None:
            return _arrays(program, end, {}) | ({} if learned is None else {"transition": _numpy(learned)})
        earlier, saved = _left_behind(method, end), None
    end = _round(program, images, monitor, place, method.second_round(), saved, earlier)
    return _arrays(program, end, earlier)


def _left_behind(method: Method, end: Progress) -> History:
    """What a second round needs of the first; a run that diverged has no targets, so that it stays missing."""
    diverged = end.diverged >= 0
    targets = method.targets(end.state).masked_fill(diverged[:, None, None], torch.nan)
    return {"targets": targets, "diverged": end.diverged, **end.history}


def _round(
    program: Program,
    images: Images,
    monitor: Monitor | None,
    place: Place,
    method: Method,
    saved: Progress | None,
    earlier: History,
) -> Progress:
    """Train one round; `earlier` holds what a first round left: targets, first diverged epochs and history."""
    data = _run_data(program, images, second=bool(earlier))
    settings = Settings(**program.spec["settings"])
    after_epoch = _saver(program, place, earlier, settings.epochs)
    watch = _watch(program, data, settings.epochs)
    given = _given(program, data)
    build = _builder(program, images)
    targets = earlier.get("targets")
    return train(build, method, data, given, settings, watch, monitor, targets, saved, after_epoch)


def _device(program: Program) -> str:
    return program.spec["machine"]["device"]


def _builder(program: Program, images: Images) -> Callable:
    spec, shape = program.spec, images.pixels.shape[1:]
    network = NETWORKS[spec["network"]]
    return lambda generators: network(generators, shape, spec["classes"], **spec["network_section"])


def _run_data(program: Program, images: Images, second: bool) -> RunData:
    device = _device(program)
    pixels = torch.from_numpy(images.pixels).to(device, torch.float32)
    names = ("index", "labels", "val_index", "val_labels")
    arrays = {name: torch.from_numpy(program.arrays[name]).to(device, torch.int64) for name in names}
    streams = [Stream(seed, replicate, int(second)) for seed, replicate in program.spec["streams"]]
    inputs = (pixels - images.mean) / images.std
    return RunData(inputs, **arrays, streams=streams, num_classes=program.spec["classes"])


def _given(program: Program, data: RunData) -> Given:
    """The fields of Given that the method declares; the others are NaN, so that undeclared use shows."""
    runs, classes = data.labels.shape[0], data.num_classes
    shapes = {"rate": (runs,), "transition": (runs, classes, classes), "prior": (runs, classes)}
    unknown = {name: data.inputs.new_full(shape, torch.nan) for name, shape in shapes.items()}
    known = {name: torch.from_numpy(program.arrays[name]) for name in shapes if name in program.arrays}
    return Given(**unknown | {name: value.to(data.inputs) for name, value in known.items()})


def _watch(program: Program, data: RunData, epochs: int) -> Watch:
    """Training dynamics of a run's examples; out-of-bag sums for bags."""
    classes, like = data.num_classes, data.inputs
    taken = program.spec["snapshots"]
    if taken:
        left_out = torch.from_numpy(program.arrays["left_out"]).to(like.device)
        return Watch(
            lambda: out_of_bag.init(left_out.shape[1], classes, taken, like),
            lambda state, epoch, logits: out_of_bag.update(state, epoch, taken, logits, left_out),
        )
    rows = torch.arange(len(data.index), device=like.device).unsqueeze(1)
    return Watch(
        lambda: dynamics.init(data.labels, classes, like.dtype),
        lambda state, epoch, logits: dynamics.update(state, epoch, epochs, logits[rows, data.index], data.labels),
    )


def _saver(program: Program, place: Place, earlier: History, epochs: int) -> Callable:
    """Called after every epoch: counts it for the progress bar, and saves a checkpoint when one is due."""
    name, last = key(program), time.monotonic()

    def after_epoch(epoch: int, snapshot: Callable[[], Progress]) -> None:
        nonlocal last
        store.ticks(place.store, name).write_text(str(epoch + 1 + (epochs if earlier else 0)))
        if time.monotonic() - last >= place.checkpoint_seconds:
            store.save_checkpoint(store.checkpoint(place.store, name), snapshot(), earlier)
            last = time.monotonic()

    return after_epoch


def _arrays(program: Program, end: Progress, earlier: History) -> dict[str, np.ndarray]:
    """The store's entry. Epochs count through both rounds; probabilities are those of the last."""
    epochs = program.spec["settings"]["epochs"]
    before = epochs if earlier else 0
    histories = {name: torch.cat([earlier[name], h], 1) if earlier else h for name, h in end.history.items()}
    arrays = {f"history_{name}": _numpy(history) for name, history in histories.items()}
    diverged = torch.where(end.diverged >= 0, end.diverged + before, -1)
    if earlier:
        diverged = torch.where(earlier["diverged"] >= 0, earlier["diverged"], diverged)
    arrays["diverged_epoch"] = _numpy(diverged)
    if program.spec["snapshots"]:
        return arrays | {f"bags_{name}": _numpy(value) for name, value in end.watched.items()}
    watched = dynamics.summary(end.watched, epochs)
    arrays |= {f"dynamics_{name}": _numpy(value) for name, value in watched.items()}
    return arrays | {
        "index": program.arrays["index"],  # the images that the dynamics are of
        "probs_last": _numpy(end.probs),
        "probs_best_noisy_val": _numpy(end.best["probs"]),
        "best_noisy_val_epoch": _numpy(torch.where(end.best["epoch"] >= 0, end.best["epoch"] + before, -1)),
    }


def _numpy(tensor: Tensor) -> np.ndarray:
    return tensor.detach().cpu().numpy()
