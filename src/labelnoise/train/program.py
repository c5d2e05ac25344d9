"""A program: R runs trained together, described by plain JSON and arrays, and its execution.

Needs torch, numpy and filelock only, so that programs can be executed on a machine that has nothing else.
"""

import time
from collections.abc import Callable
from pathlib import Path
from typing import NamedTuple

import numpy as np
import torch
from torch import Tensor, nn

from labelnoise.methods import METHODS
from labelnoise.methods.base import Method
from labelnoise.nets import NETWORKS
from labelnoise.train import dynamics, out_of_bag, probes, store, streams
from labelnoise.train.loop import train
from labelnoise.train.streams import Stream
from labelnoise.train.types import Checkpoint, Monitor, RunData, Settings, Statistic, evaluated
from labelnoise.types import Estimates

History = dict[str, Tensor]
# what a program streams per example beside the probabilities
NOTHING, DYNAMICS, OUT_OF_BAG = "", "dynamics", "out_of_bag"
KEPT = ("index", "labels", "val_index", "val_labels", "planted")  # of what went in: what tables read


class Program(NamedTuple):
    """What to train. `spec` names everything that can change a byte of the result, the arrays by their hash."""

    spec: dict  # JSON: network, method, their sections, settings, classes, streams, watch, ...
    arrays: dict[str, np.ndarray]  # index, labels, val_index, val_labels; fields of Estimates in use; left_out


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
        if store.sound(place.store, name):
            return
        arrays = _train(program, images, monitor, place)
        store.write(place.store, name, store.text(program.spec), arrays)
        store.checkpoint(place.store, name).unlink(missing_ok=True)
        store.ticks(place.store, name).unlink(missing_ok=True)


def _train(program: Program, images: Images, monitor: Monitor | None, place: Place) -> dict[str, np.ndarray]:
    """Train round after round, as many as the method asks for; a checkpoint knows which one it is in."""
    method = METHODS[program.spec["method"]](**program.spec["method_section"])
    saved, earlier = store.load_checkpoint(store.checkpoint(place.store, key(program)), _device(program))
    for _ in range(_rounds_done(program, earlier)):
        method = method.next_round()
    while True:
        end = _round(program, images, monitor, place, method, saved, earlier)
        if method.next_round() is None:
            learned = method.learned_transition(end.state)
            return _arrays(program, end, earlier) | ({} if learned is None else {"transition": _numpy(learned)})
        earlier, saved = _left_behind(program, method, end, earlier), None
        method = method.next_round()


def _round(
    program: Program,
    images: Images,
    monitor: Monitor | None,
    place: Place,
    method: Method,
    saved: Checkpoint | None,
    earlier: History,
) -> Checkpoint:
    """Train one round; `earlier` holds what the rounds before left: targets, first diverged epochs, history."""
    data = _run_data(program, images, _rounds_done(program, earlier))
    settings = Settings(**program.spec["settings"])
    after_epoch = _saver(program, place, earlier)
    statistic = _statistic(program, data, settings.epochs)
    estimates = _estimates(program, data)
    build = _builder(program, images)
    targets = earlier.get("targets")
    return train(build, method, data, estimates, settings, statistic, monitor, targets, saved, after_epoch)


def _rounds_done(program: Program, earlier: History) -> int:
    settings = Settings(**program.spec["settings"])
    per_round = len(evaluated(settings.epochs, settings.evaluate_every))
    return earlier["train_loss"].shape[1] // per_round if earlier else 0


def _left_behind(program: Program, method: Method, end: Checkpoint, earlier: History) -> History:
    """What a later round needs of those before; a run that diverged has no targets, so that it stays missing."""
    history = _through(program, end, earlier)
    broken = (history["diverged"] >= 0)[:, None, None]
    return {"targets": method.targets(end.state).masked_fill(broken, torch.nan), **history}


def _through(program: Program, end: Checkpoint, earlier: History) -> History:
    """Histories and first diverged epochs through all rounds."""
    if not earlier:
        return {"diverged": end.diverged, **end.history}
    diverged = torch.where(end.diverged >= 0, end.diverged + _epochs_before(program, earlier), -1)
    diverged = torch.where(earlier["diverged"] >= 0, earlier["diverged"], diverged)
    return {"diverged": diverged, **{k: torch.cat([earlier[k], h], 1) for k, h in end.history.items()}}


def _epochs_before(program: Program, earlier: History) -> int:
    return program.spec["settings"]["epochs"] * _rounds_done(program, earlier)


def _device(program: Program) -> str:
    return program.spec["machine"]["device"]


def _builder(program: Program, images: Images) -> Callable:
    spec, shape = program.spec, images.pixels.shape[1:]
    network = NETWORKS[spec["network"]]
    return lambda generators: network(generators, shape, spec["classes"], **spec["network_section"])


def _run_data(program: Program, images: Images, round_: int) -> RunData:
    device = _device(program)
    pixels = torch.tensor(images.pixels, device=device, dtype=torch.float32)  # a copy: workers may share the array
    names = ("index", "labels", "val_index", "val_labels")
    arrays = {name: torch.from_numpy(program.arrays[name]).to(device, torch.int64) for name in names}
    named = [Stream(seed, replicate, round_) for seed, replicate in program.spec["streams"]]
    inputs = (pixels - images.mean) / images.std
    return RunData(inputs, **arrays, streams=named, num_classes=program.spec["classes"])


def _estimates(program: Program, data: RunData) -> Estimates:
    """The fields of Estimates that the method declares; the others are NaN, so that undeclared use shows."""
    (runs, examples), classes = data.labels.shape, data.num_classes
    matrix = (runs, classes, classes)
    shapes = {name: matrix for name in Estimates._fields if name.startswith("transition")}
    shapes |= {"rate": (runs,), "prior": (runs, classes), "pred_probs": (runs, examples, classes)}
    unknown = {name: data.inputs.new_full(shape, torch.nan) for name, shape in shapes.items()}
    known = {name: torch.from_numpy(program.arrays[name]) for name in shapes if name in program.arrays}
    return Estimates(**unknown | {name: value.to(data.inputs) for name, value in known.items()})


def _statistic(program: Program, data: RunData, epochs: int) -> Statistic:
    """What the program streams: out-of-bag sums, training dynamics or nothing, and what a probe finds."""
    if program.spec["watch"] == OUT_OF_BAG:
        return _bag_statistic(program, data, epochs - 1)
    statistic = Statistic(dict, lambda state, epoch, logits, network: state)
    if program.spec["watch"] == DYNAMICS:
        statistic = _dynamics_statistic(data, epochs)
    return _probed(statistic, program.spec["probe"], data) if program.spec["probe"] else statistic


def _dynamics_statistic(data: RunData, epochs: int) -> Statistic:
    rows = torch.arange(len(data.index), device=data.index.device).unsqueeze(1)

    def update(state: History, epoch: int, logits: Tensor, network: nn.Module) -> History:
        return dynamics.update(state, epoch, epochs, logits[rows, data.index], data.labels)

    return Statistic(lambda: dynamics.init(data.labels, data.inputs.dtype), update)


def _bag_statistic(program: Program, data: RunData, last: int) -> Statistic:
    left_out = torch.from_numpy(program.arrays["left_out"]).to(data.inputs.device)
    return Statistic(
        lambda: out_of_bag.init(left_out.shape[1], data.num_classes, data.inputs),
        lambda state, epoch, logits, network: out_of_bag.sums(logits, left_out) if epoch == last else state,
    )


def _probed(statistic: Statistic, probe: dict, data: RunData) -> Statistic:
    """The watch with a probe beside it, whose entries are called probe_*."""

    def init() -> History:
        found = probes.init(len(data.streams), probe, data.inputs)
        return statistic.init() | {f"probe_{name}": value for name, value in found.items()}

    def update(state: History, epoch: int, logits: Tensor, network: nn.Module) -> History:
        generators = streams.generators(data.streams, streams.PROBE, epoch)
        own = {name.removeprefix("probe_"): state[name] for name in state if name.startswith("probe_")}
        found = probes.update(own, epoch, probe, network, data, generators)
        rest = statistic.update(state, epoch, logits, network)
        return rest | {f"probe_{name}": value for name, value in found.items()}

    return Statistic(init, update)


def _saver(program: Program, place: Place, earlier: History) -> Callable:
    """Called after every epoch: counts it for the progress bar, and saves a checkpoint when one is due."""
    name, last, before = key(program), time.monotonic(), _epochs_before(program, earlier)

    def after_epoch(epoch: int, snapshot: Callable[[], Checkpoint]) -> None:
        nonlocal last
        store.ticks(place.store, name).write_text(str(epoch + 1 + before))
        if time.monotonic() - last >= place.checkpoint_seconds:
            store.save_checkpoint(store.checkpoint(place.store, name), snapshot(), earlier)
            last = time.monotonic()

    return after_epoch


def _arrays(program: Program, end: Checkpoint, earlier: History) -> dict[str, np.ndarray]:
    """The store's entry. Epochs count through all rounds; probabilities are those of the last."""
    through = _through(program, end, earlier)
    kept = [name for name in KEPT if name in program.arrays]
    arrays = {name: program.arrays[name] for name in kept} | {"diverged_epoch": _numpy(through.pop("diverged"))}
    arrays |= {f"history_{name}": _numpy(history) for name, history in through.items()}
    if program.spec["watch"] == OUT_OF_BAG:
        return arrays | {f"bags_{name}": _numpy(value) for name, value in end.statistics.items()}
    if program.spec["watch"] == DYNAMICS:
        statistics = dynamics.summary(end.statistics, program.spec["settings"]["epochs"])
        arrays |= {f"dynamics_{name}": _numpy(value) for name, value in statistics.items()}
    arrays |= {name: _numpy(value) for name, value in end.statistics.items() if name.startswith("probe_")}
    best = torch.where(end.best["epoch"] >= 0, end.best["epoch"] + _epochs_before(program, earlier), -1)
    return arrays | {
        "probs_last": _numpy(end.probs),
        "probs_best_noisy_val": _numpy(end.best["probs"]),
        "best_noisy_val_epoch": _numpy(best),
    }


def _numpy(tensor: Tensor) -> np.ndarray:
    return tensor.detach().cpu().numpy()
