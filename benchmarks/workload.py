"""What is trained on both sides: runs of the digits study of params.yaml at symmetric 0.4, of another length.

The engine's side is made by the functions that the train stage calls, and trained as it trains.
"""

import tempfile
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any, NamedTuple
from unittest import mock

import measure
import numpy as np
import torch
from torch import Tensor

from labelnoise import data, params
from labelnoise.methods import METHODS
from labelnoise.noise import grid
from labelnoise.params import Params
from labelnoise.runs import programs
from labelnoise.runs.data import MAIN
from labelnoise.runs.estimates import Source
from labelnoise.runs.plan import Plan
from labelnoise.runs.run import settings
from labelnoise.studies import setting
from labelnoise.studies.setting import Setting
from labelnoise.train import loop, program, store
from labelnoise.train.program import Place, Stack
from labelnoise.train.types import HELD_OUT
from labelnoise.types import Estimates

DATASET, NOISE, RATE = "digits", "symmetric", 0.4
PHASES = {"average_epochs"}  # parameters that count epochs: their share of the training stays that of params.yaml
NEVER = float("inf")  # no checkpoints


class Size(NamedTuple):
    """Of one measurement."""

    hidden: tuple[int, ...]  # widths of the hidden layers
    runs: int  # of the engine's stack
    epochs: int


class Split(NamedTuple):
    """What one run trains on and is judged by. Images are rows of numbers, float32 [..., D]."""

    inputs: Tensor  # [n, D]
    labels: Tensor  # [n] given
    val_inputs: Tensor  # [m, D]
    val_labels: Tensor  # [m] given
    test_inputs: Tensor
    test_labels: Tensor  # true


class Trained(NamedTuple):
    """What a training of the engine took and gave."""

    seconds: float  # CPU-seconds, all runs together
    passes: list[float]  # of which in each pass over the training examples, round after round
    accuracies: list[float]  # on the test images after the last epoch, of each run


def load(runs: int, epochs: int) -> Setting:
    """The digits with `runs` columns of noisy labels, and the methods as for so many epochs."""
    found = params.load(measure.FOLDER.parent / "params.yaml", METHODS)
    found = found.model_copy(update={"methods": _scaled(found, epochs)})
    found = found.model_copy(update={"run": found.run.model_copy(update={"device": "cpu"})})
    section = found.datasets[DATASET].data
    dataset = data.load(DATASET, section, found.download)
    drawn, _ = grid.draw_all(DATASET, dataset, {(NOISE, RATE): range(runs)}, section.folds, found.noise)
    return setting.make(found, DATASET, dataset, drawn, detected={})


def _scaled(found: Params, epochs: int) -> dict[str, dict[str, Any]]:
    whole = found.datasets[DATASET].training.epochs

    def of(name: str, value: Any) -> Any:
        return max(1, round(value * epochs / whole)) if name in PHASES else value

    return {row: {name: of(name, value) for name, value in own.items()} for row, own in found.methods.items()}


def stack(of: Setting, name: str, size: Size) -> Stack:
    """Row `name` of `methods:`, a run per column. Images that a run does not train on are evaluated at every
    epoch, the others at the last. What a method is told stands in for estimates: cost does not depend on it."""
    own = {"epochs": size.epochs, "evaluate": HELD_OUT}
    changed = {"settings": settings(own), "layers": settings({"hidden": size.hidden}), "watch": ""}
    cells = [cell for cell in setting.cells(of) if cell.network == "mlp" and cell.seed < size.runs]
    runs = [run._replace(**changed) for run in setting.of_method(of, name, cells)]
    runs = [run._replace(source="known" if run.needs else "", held=()) for run in runs]  # each stops by itself
    plan = Plan(of.params, runs, {MAIN: of.main}, {"known": Source(lambda p, run: [], _known)}, {})
    (made,) = programs.stacks(plan, programs.of(plan, runs, {}, Path()))
    return made


def _known(found: Params, own: Any, run: Any, done: Any) -> dict[str, np.ndarray]:
    """Each field of Estimates of a run."""
    classes = own.num_classes
    transition = np.full((classes, classes), RATE / (classes - 1))
    np.fill_diagonal(transition, 1 - RATE)
    examples = int(own.smallest_pool * (1 - own.validation_fraction))
    return {name: transition for name in Estimates._fields if name.startswith("transition")} | {
        "rate": np.array(RATE),
        "clock": np.array(2.0),
        "prior": np.full(classes, 1 / classes),
        "pred_probs": np.random.default_rng(run.seed).dirichlet(np.ones(classes), examples),
    }


def split(of: Setting, made: Stack, row: int) -> Split:
    """What run `row` of a stack trains on, for a loop that has nothing of the engine."""
    images, arrays = made.images, made.programs[row].arrays
    pixels = torch.from_numpy(images.pixels).flatten(1).float()
    inputs, clean = (pixels - images.mean) / images.std, torch.from_numpy(of.dataset.clean_labels)
    test = torch.from_numpy(np.flatnonzero(of.main.tested(made.programs[row].spec["stream"][0])))
    index, labels, val_index, val_labels = (
        torch.from_numpy(arrays[name]).long() for name in ("index", "labels", "val_index", "val_labels")
    )
    return Split(inputs[index], labels, inputs[val_index], val_labels, inputs[test], clean[test])


def engine(made: Stack) -> Trained:
    """Train a stack as the train stage does, into an empty run store."""
    with tempfile.TemporaryDirectory() as folder, _passes() as passes:
        spent = measure.seconds(lambda: program.execute(made, Place(Path(folder), NEVER)))
        left = [store.read(Path(folder), program.key(own)) for own in made.programs]
    return Trained(spent, passes, [float(arrays["history_test_accuracy"][-1]) for arrays in left])


@contextmanager
def _passes() -> Iterator[list[float]]:
    """CPU-seconds of each pass over the training examples, as they are taken."""
    spent, one_epoch = [], loop.one_epoch

    def timed(*args: Any) -> Any:
        start = time.process_time()
        result = one_epoch(*args)
        spent.append(time.process_time() - start)
        return result

    with mock.patch.object(loop, "one_epoch", timed):
        yield spent
