"""From runs to programs: which runs are trained side by side, and the one description that names each stack.

What is stacked is fixed by the parameters alone: the seeds of one (network, noise, rate) by fives, all folds, all
bags or all planted runs of one column. A new rate or more seeds therefore leave the other programs, and their
entries in the run store, as they are.
"""

from collections.abc import Iterable
from functools import cache
from pathlib import Path
from typing import Any

import numpy as np
import torch

import labelnoise
from labelnoise import truth
from labelnoise.methods import METHODS
from labelnoise.runs import examples
from labelnoise.runs.data import CLEAN, Data
from labelnoise.runs.run import SPLIT, START, Run
from labelnoise.train import code, store
from labelnoise.train.engine import Job
from labelnoise.train.program import Program
from labelnoise.train.types import Monitor

SEEDS_PER_STACK = 5  # enough to fill a matrix product; more would leave the L2 cache of a small core
ROOT = Path(labelnoise.__file__).parent
LOOP = ("loop", "epoch", "types", "streams", "dynamics", "out_of_bag", "augmentation", "probes")
SHARED = [  # modules of which counts what these use
    *(ROOT / "train" / f"{name}.py" for name in LOOP),
    *(ROOT / name for name in ("types.py", "losses.py", "methods/base.py", "nets/layers.py")),
]


def stacks(runs: Iterable[Run]) -> list[list[Run]]:
    """Runs that are trained together, in the order in which they were planned."""
    together: dict[tuple, list[Run]] = {}
    for run in runs:
        together.setdefault(_stack(run), []).append(run)
    return list(together.values())


def _stack(run: Run) -> tuple:
    """Equal for runs of one stack."""
    kind = run.examples.kind
    seeds = run.seed // SEEDS_PER_STACK if kind == SPLIT else run.seed
    column = run.beside or (run.noise, run.noise_rate, seeds)
    alike = run._replace(noise="", noise_rate=0.0, seed=0, examples=run.examples._replace(number=0), beside="")
    return alike, column


def job(stack: list[Run], data: Data, estimates: dict[str, np.ndarray], probe: dict[str, Any]) -> Job:
    """The program of a stack and the monitor that judges it. estimates: [R, ...] each, what the method needs;
    probe: what probed runs are asked."""
    run, own = stack[0], data.training
    arrays = examples.arrays(stack, own)
    judged = run.examples.kind in (SPLIT, START)
    spec = {
        "network": run.network,
        "network_section": own.networks[run.network] | dict(run.layers),
        "method": run.method,
        "method_section": dict(run.section),
        "settings": own.training | dict(run.settings),
        "classes": own.num_classes,
        "streams": [(each.seed, examples.replicate(each)) for each in stack],
        "watch": run.watch,
        "probe": probe if run.probe else {},
        "standardisation": [own.images.mean, own.images.std],
        "images": store.array_hash(own.images.pixels),
        "arrays": {name: store.array_hash(array) for name, array in sorted((arrays | estimates).items())},
        # what the monitor says is kept too
        "monitor": store.array_hash(data.reference.labels) if judged else "",
        "code": code_of(run.network, run.method),
        "machine": store.machine(own.device),
    }
    monitor = _monitor(stack, data, arrays["index"]) if judged else None
    return Job(Program(spec, arrays | estimates), own.images, monitor)


@cache
def code_of(network: str, method: str) -> str:
    """Hash of the code that decides a program's result."""
    return code.code_key(code_files(network, method), SHARED)


def code_files(network: str, method: str) -> list[Path]:
    """Files of which every statement counts."""
    module = METHODS[method].__module__.removeprefix("labelnoise.").replace(".", "/")
    return [ROOT / name for name in ("train/program.py", "truth.py", f"{module}.py", f"nets/{network}.py")]


def _monitor(stack: list[Run], data: Data, index: np.ndarray) -> Monitor:
    """The monitor of runs that train on images index [R, n]."""
    labels = np.stack([data.training.column(run.noise, run.noise_rate, run.seed, run.change) for run in stack])
    given = np.full_like(labels, -1)
    np.put_along_axis(given, index, np.take_along_axis(labels, index, 1), 1)
    test, of = np.stack([data.tested(run.seed) for run in stack]), data.reference
    # labels as given say nothing of the images trained on: which of those labels are wrong stays unknown
    clean = of.labels if of.name == CLEAN else np.where(test, of.labels, -1)
    return truth.monitor(*(torch.from_numpy(part) for part in (clean, given, test)))
