"""A program: one run, described by plain JSON and arrays; and the execution of a stack of them, side by side.

Imports nothing that plans runs or judges them, so that a worker of a cluster needs no project.
"""

import time
from collections.abc import Callable, Iterable, Iterator
from functools import partial
from pathlib import Path
from typing import NamedTuple

import numpy as np
import torch
from torch import Tensor, nn

from labelnoise.device import repeatable
from labelnoise.methods import METHODS
from labelnoise.methods.base import Method
from labelnoise.nets import NETWORKS
from labelnoise.train import dynamics, probes, store, streams
from labelnoise.train.loop import train
from labelnoise.train.streams import Stream
from labelnoise.train.types import (
    LAST,
    SHOWN,
    Checkpoint,
    Monitor,
    RunData,
    Settings,
    Statistic,
    Trained,
    evaluated,
    shown,
)
from labelnoise.types import Estimates

History = dict[str, Tensor]
DYNAMICS = "dynamics"  # what a program may stream per example beside the probabilities
KEPT = ("index", "labels", "val_index", "val_labels", "planted")  # of what went in: what tables read


class Program(NamedTuple):
    """One run. `spec` names everything that can change a byte of the result, the arrays by their hash."""

    spec: dict  # JSON: network, method, their sections, settings, classes, stream, watch, ...
    arrays: dict[str, np.ndarray]  # index, labels [n], val_index, val_labels [m], ...: what goes in


class Images(NamedTuple):
    """All images of a data set, and what standardises them."""

    pixels: np.ndarray  # uint8 [N, channels, height, width]
    mean: float | np.ndarray  # of all; or float32: [1, channels, 1, 1] of each channel, [N, 1, 1, 1] of each image
    std: float | np.ndarray  # the same


class TooLarge(ValueError):
    """One run alone does not fit into the memory that is left of a GPU."""


class Place(NamedTuple):
    """Where a stack runs and leaves its result; changes no result."""

    store: Path
    checkpoint_seconds: float
    scheduler: str | None = None  # address of a dask scheduler, whose workers train; None: this machine


class Stack(NamedTuple):
    """Programs that are trained side by side: alike but for `stream` and arrays. What is opaque judges them."""

    programs: list[Program]
    images: Images
    monitor: Monitor | None  # None for bags

    @property
    def spec(self) -> dict:
        """What the programs have in common, and what the first has."""
        return self.programs[0].spec


def key(program: Program) -> str:
    """Name of the program's entry in the run store."""
    return store.key(program.spec)


def name(stack: Stack) -> str:
    """Of the files of a stack while it is trained."""
    return store.key({"stack": [key(program) for program in stack.programs]})


def execute(stack: Stack, place: Place) -> None:
    """Train a stack to the end and put each run's result into the store; resume where a kill left it."""
    place.store.mkdir(parents=True, exist_ok=True)
    with store.lock(place.store, name(stack)):
        if not all(store.sound(place.store, key(program)) for program in stack.programs):
            for part, left in fitting(stack, place):
                keep(part, place.store, left)


def fitting(stack: Stack, place: Place) -> Iterator[tuple[Stack, list[dict[str, np.ndarray]]]]:
    """What each run leaves, stack by stack: in halves, and halves of these, where a GPU's memory does not hold
    all; TooLarge where it does not hold one run."""
    try:
        yield stack, list(trained(stack, place))
        return
    except torch.OutOfMemoryError as error:
        if len(stack.programs) == 1:
            raise TooLarge(f"run.device: the GPU's memory does not hold one run: {error}") from None
    torch.cuda.empty_cache()
    for half in halves(stack):
        yield from fitting(half, place)


def halves(stack: Stack) -> list[Stack]:
    """The two halves of a stack."""
    runs, monitor = len(stack.programs), stack.monitor
    parts = [slice(0, runs // 2), slice(runs // 2, runs)]
    monitors = [monitor and partial(_watched, monitor, runs, part) for part in parts]
    return [Stack(stack.programs[part], stack.images, own) for part, own in zip(parts, monitors)]


def _watched(monitor: Monitor, runs: int, part: slice, epoch: int, predicted: Tensor) -> dict[str, Tensor]:
    """What the monitor of `runs` says of a part of them."""
    whole = predicted.new_full((runs, predicted.shape[1]), -1)
    whole[part] = predicted
    return {name: values[part] for name, values in monitor(epoch, whole).items()}


def keep(stack: Stack, folder: Path, left: Iterable[dict[str, np.ndarray]]) -> None:
    """Put what each run left into the store `folder`, which then needs no checkpoint of the stack any more."""
    for program, arrays in zip(stack.programs, left, strict=True):
        store.write(folder, key(program), store.text(program.spec), arrays)
    store.checkpoint(folder, name(stack)).unlink(missing_ok=True)
    store.ticks(folder, name(stack)).unlink(missing_ok=True)


def trained(stack: Stack, place: Place) -> Iterator[dict[str, np.ndarray]]:
    """What each run leaves. Trains round after round, as many as the method asks for; a checkpoint in the store
    knows which one it is in.

    One thread: stacks run side by side, and the number of threads would change the bytes.
    """
    torch.set_num_threads(1)
    if _device(stack) == "cuda":
        repeatable()
    method = METHODS[stack.spec["method"]](**stack.spec["method_section"])
    saved, earlier = store.load_checkpoint(store.checkpoint(place.store, name(stack)), _device(stack))
    for _ in range(_rounds_done(stack, earlier)):
        method = method.next_round()
    while True:
        end = _round(stack, place, method, saved, earlier)
        if method.next_round() is None:
            return _left(stack, end, earlier, method.learned_transition(end.state))
        earlier, saved = _left_behind(stack, method, end, earlier), None
        method = method.next_round()


def _round(stack: Stack, place: Place, method: Method, saved: Checkpoint | None, earlier: History) -> Trained:
    """Train one round; `earlier` holds what the rounds before left: targets, first diverged epochs, history."""
    data = _run_data(stack, _rounds_done(stack, earlier))
    settings = _settings(stack)
    return train(
        _builder(stack),
        method,
        data,
        _estimates(stack, data),
        settings,
        _statistic(stack, data, settings.epochs),
        stack.monitor,
        earlier.get("targets"),
        saved,
        _saver(stack, place, earlier),
        by_kernel=bool(stack.spec["machine"]["kernel"]),
    )


def _settings(stack: Stack) -> Settings:
    return Settings(**stack.spec["settings"])


def _rounds_done(stack: Stack, earlier: History) -> int:
    return earlier["train_loss"].shape[1] // len(evaluated(_settings(stack))) if earlier else 0


def _left_behind(stack: Stack, method: Method, end: Trained, earlier: History) -> History:
    """What a later round needs of those before; a run that diverged has no targets, so that it stays missing."""
    history = _through(stack, end, earlier)
    broken = (history["diverged"] >= 0)[:, None, None]
    return {"targets": method.targets(end.state).masked_fill(broken, torch.nan), **history}


def _through(stack: Stack, end: Trained, earlier: History) -> History:
    """Histories and first diverged epochs through all rounds."""
    if not earlier:
        return {"diverged": end.diverged, **end.history}
    diverged = torch.where(end.diverged >= 0, end.diverged + _epochs_before(stack, earlier), -1)
    diverged = torch.where(earlier["diverged"] >= 0, earlier["diverged"], diverged)
    return {"diverged": diverged, **{k: torch.cat([earlier[k], h], 1) for k, h in end.history.items()}}


def _epochs_before(stack: Stack, earlier: History) -> int:
    return _settings(stack).epochs * _rounds_done(stack, earlier)


def _device(stack: Stack) -> str:
    return stack.spec["machine"]["device"]


def _builder(stack: Stack) -> Callable:
    spec, shape = stack.spec, stack.images.pixels.shape[1:]
    network = NETWORKS[spec["network"]]
    return lambda generators: network(generators, shape, spec["classes"], **spec["network_section"])


def _run_data(stack: Stack, round_: int) -> RunData:
    device, images = _device(stack), stack.images
    pixels = np.ascontiguousarray(images.pixels)  # those of colour may lie channel after channel
    pixels = torch.tensor(pixels, device=device, dtype=torch.float32)  # a copy: workers may share the array
    padded = {"index": 0, "labels": 0, "val_index": 0, "val_labels": -1}  # only the validation part is ever padded
    arrays = {name: torch.from_numpy(_side_by_side(stack, name, empty)) for name, empty in padded.items()}
    arrays["stop"] = torch.tensor([int(program.arrays.get("stop", -1)) for program in stack.programs])
    named = [Stream(*program.spec["stream"], round_) for program in stack.programs]
    mean, std = (torch.tensor(of, device=device) if isinstance(of, np.ndarray) else of for of in images[1:])
    inputs = pixels.sub_(mean).div_(std)  # in place: with many images a second copy would not fit
    arrays = {name: value.to(device, torch.int64) for name, value in arrays.items()}
    return RunData(inputs, **arrays, streams=named, num_classes=stack.spec["classes"])


def _side_by_side(stack: Stack, name: str, empty: int) -> np.ndarray:
    """An array of all programs, [R, ...]; shorter ones are padded."""
    parts = [program.arrays[name] for program in stack.programs]
    longest = max(map(len, parts))
    return np.stack([np.pad(part, (0, longest - len(part)), constant_values=empty) for part in parts])


def _estimates(stack: Stack, data: RunData) -> Estimates:
    """The fields of Estimates that the method declares; the others are NaN, so that undeclared use shows."""
    (runs, examples), classes = data.labels.shape, data.num_classes
    matrix = (runs, classes, classes)
    shapes = {name: matrix for name in Estimates._fields if name.startswith("transition")}
    shapes |= {
        "rate": (runs,),
        "clock": (runs,),
        "prior": (runs, classes),
        "pred_probs": (runs, examples, classes),
    }
    unknown = {name: data.inputs.new_full(shape, torch.nan) for name, shape in shapes.items()}
    unknown |= {"half_run": data.inputs.new_full((runs,), max(1, _settings(stack).epochs // 2))}
    given = [name for name in shapes if name in stack.programs[0].arrays]
    known = {name: np.stack([program.arrays[name] for program in stack.programs]) for name in given}
    return Estimates(**unknown | {name: torch.from_numpy(value).to(data.inputs) for name, value in known.items()})


def _statistic(stack: Stack, data: RunData, epochs: int) -> Statistic:
    """What the stack streams: training dynamics or nothing, and what a probe finds."""
    statistic = Statistic(dict, lambda state, epoch, logits, network: state)
    if stack.spec["watch"] == DYNAMICS:
        statistic = _dynamics_statistic(data, epochs)
    return _probed(statistic, stack.spec["probe"], data) if stack.spec["probe"] else statistic


def _dynamics_statistic(data: RunData, epochs: int) -> Statistic:
    def update(state: History, epoch: int, logits: Tensor, network: nn.Module) -> History:
        return dynamics.update(state, epoch, epochs, logits, data.labels)

    return Statistic(lambda: dynamics.init(data.labels, data.inputs.dtype), update)


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


def _saver(stack: Stack, place: Place, earlier: History) -> Callable:
    """Called after every epoch: counts it for the progress bar, and saves a checkpoint when one is due."""
    own, last, before = name(stack), time.monotonic(), _epochs_before(stack, earlier)

    def after_epoch(epoch: int, snapshot: Callable[[], Checkpoint]) -> None:
        nonlocal last
        store.ticks(place.store, own).write_text(str(epoch + 1 + before))
        if time.monotonic() - last >= place.checkpoint_seconds:
            store.save_checkpoint(store.checkpoint(place.store, own), snapshot(), earlier)
            last = time.monotonic()

    return after_epoch


def _left(stack: Stack, end: Trained, earlier: History, learned: Tensor | None) -> Iterator[dict[str, np.ndarray]]:
    """The entry of each run. Epochs count through all rounds; probabilities are those of the last."""
    through, spec, before = _through(stack, end, earlier), stack.spec, _epochs_before(stack, earlier)
    arrays = {"diverged_epoch": through.pop("diverged"), "probs_last": end.probs}
    arrays |= {f"history_{name}": history for name, history in through.items()}
    if spec["watch"] == DYNAMICS:
        found = dynamics.summary(end.statistics, _settings(stack).epochs)
        arrays |= {f"dynamics_{name}": value for name, value in found.items()}
    arrays |= {name: value for name, value in end.statistics.items() if name.startswith("probe_")}
    arrays |= {} if learned is None else {"transition": learned}
    if _settings(stack).evaluate != LAST:
        best = torch.where(end.best_epoch >= 0, end.best_epoch + before, -1)
        arrays |= {"probs_best_noisy_val": end.best_probs, "best_noisy_val_epoch": best}
    made = {name: value.detach().cpu().numpy() for name, value in arrays.items()}
    epochs = np.arange(before + _settings(stack).epochs) % _settings(stack).epochs
    at = np.isin(epochs, shown(_settings(stack)._replace(evaluate=SHOWN)))
    for row, program in enumerate(stack.programs):
        kept = {name: program.arrays[name] for name in KEPT if name in program.arrays}
        kept |= {"shown": at, "rounds": np.array(1 + before // _settings(stack).epochs)}
        yield kept | {name: value[row] for name, value in made.items()}
