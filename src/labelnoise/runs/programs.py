"""From runs to programs: the one description that names each run, and which runs are trained side by side.

Where a kernel trains run by run, what is stacked changes no byte, and whatever is missing and alike is stacked; so
it is on a GPU, where no byte is promised. A big network fills a machine, and is trained by itself. Elsewhere the
stack of a run is fixed by the parameters, and part of its description.
"""

from collections.abc import Callable, Iterable
from functools import cache
from pathlib import Path
from typing import Any

import numpy as np
import torch

from labelnoise import truth
from labelnoise.methods import METHODS
from labelnoise.nets import NETWORKS
from labelnoise.runs import demand, examples
from labelnoise.runs.data import CLEAN, Data, TrainingData
from labelnoise.runs.demand import Demand
from labelnoise.runs.plan import Places, Plan
from labelnoise.runs.run import FOLD, SPLIT, START, Run
from labelnoise.train import code, steps, store
from labelnoise.train.program import Images, Program, Stack, key
from labelnoise.train.types import EVERY, Monitor, Settings

SEEDS_PER_UNIT = 5  # of one cell, where no kernel trains them: enough to fill a matrix product
STACKED = {"cpu": 45, "cuda": 1024}  # runs of a stack, at most: enough that the loss in torch costs little
VALUES = 1 << 24  # probabilities that the runs of a stack leave on a CPU, at most; one run may leave more
BYTES = 128  # of a GPU's memory for each: logits and probabilities at several epochs, and what evaluation takes
Arrays = dict[str, np.ndarray]


def of(plan: Plan, runs: list[Run], done: Places, folder: Path) -> dict[Run, Program]:
    """The program of each run. What several methods train on, or are told, is made once."""
    known: dict[tuple, Any] = {}
    kernel = cache(steps.kernel_name)  # it reads a file
    made, hashes = {}, {name: _hashes(plan.data[name]) for name in {run.data for run in runs}}
    for run in runs:
        told = _told(plan, run, done, folder, known) | _stop(plan, run, done, folder, known)
        made[run] = _program(plan, run, _examples(plan, run, known) | told, kernel, *hashes[run.data])
    for unit in units(plan, runs):
        if not _alone(plan, unit[0]):
            beside = store.key({"stack": [key(made[run]) for run in unit]})
            made |= {run: made[run]._replace(spec=made[run].spec | {"stack": beside}) for run in unit}
    return made


def _examples(plan: Plan, run: Run, known: dict[tuple, Arrays]) -> Arrays:
    column = ("examples", *_column(run), run.examples)
    if column not in known:
        known[column] = examples.arrays(run, plan.data[run.data].training)
    return known[column]


def _told(plan: Plan, run: Run, done: Places, folder: Path, known: dict[tuple, Arrays]) -> Arrays:
    """The fields of Estimates that its method needs."""
    if not run.source:
        return {}
    column = ("estimates", *_column(run), run.source)
    if column not in known:
        known[column] = plan.estimates(run, done, folder)
    return {name: known[column][name] for name in run.needs}


def _stop(plan: Plan, run: Run, done: Places, folder: Path, known: dict[tuple, Any]) -> Arrays:
    """The epoch at which it stops early, where others say so: the same for all seeds of a cell."""
    if not run.held:
        return {}
    same = ("stop", run._replace(seed=0))
    if same not in known:
        known[same] = {"stop": np.array(plan.stop(run, done, folder))}
    return known[same]


def _column(run: Run) -> tuple:
    return run.data, run.network, run.noise, run.noise_rate, run.seed, run.change


def _hashes(data: Data) -> tuple[str, str]:
    """Of the images, and of what the monitor judges by."""
    return store.array_hash(data.training.images.pixels), store.array_hash(data.reference.labels)


def _program(plan: Plan, run: Run, arrays: Arrays, kernel: Callable[[], str], images: str, judge: str) -> Program:
    own, probe = plan.data[run.data].training, plan.probes.get((run.data, run.network), {})
    kind, section = network(own, run)
    spec = {
        "network": kind,
        "network_section": section,
        "method": run.method,
        "method_section": dict(run.section),
        "settings": settings(own, run),
        "classes": own.num_classes,
        "stream": [run.seed, examples.replicate(run)],
        "watch": run.watch,
        "probe": probe if run.probe else {},
        "standardisation": _standardisation(own.images),
        "images": images,
        "arrays": {name: store.array_hash(array) for name, array in sorted(arrays.items())},
        # what the monitor says is kept too
        "monitor": judge if _judged(run) else "",
        "code": code.code_of(kind, run.method),
        "machine": store.machine(own.device, kernel() if _by_kernel(plan, run) else ""),
    }
    return Program(spec, arrays)


def network(own: TrainingData, run: Run) -> tuple[str, dict[str, Any]]:
    """The type of a run's network, a key of NETWORKS, and its section."""
    section = own.networks[run.network] | dict(run.layers)
    return section.pop("network", run.network), section


def _standardisation(images: Images) -> list | str:
    """The two numbers, or those of each channel, or what each image has its own by."""
    both = [images.mean, images.std]
    if not isinstance(images.mean, np.ndarray):
        return both
    return "image" if len(images.mean) > 1 else [of.ravel().tolist() for of in both]


def settings(own: TrainingData, run: Run) -> dict[str, Any]:
    """Training dynamics and probes look at what a run trains on at the end of every epoch. A fold's run follows
    the schedule of the run that it serves, as far as it goes."""
    watched = {"evaluate": EVERY} if run.watch or run.probe else {}
    made, whole = own.training | watched | dict(run.settings), own.training["epochs"]
    if run.examples.kind == FOLD:
        made |= {"horizon": whole, "epochs": min(made["epochs"], whole)}
    return made


def _judged(run: Run) -> bool:
    return run.examples.kind in (SPLIT, START)


def _alone(plan: Plan, run: Run) -> bool:
    """Whether a run is described without what is trained beside it: nothing, or by a kernel that cannot change its
    bytes, on a GPU only its rounding. A GPU that trains few small runs at a time idles. Probes are torch's, whose
    convolutions might change theirs."""
    own = plan.data[run.data].training
    by_kernel = _by_kernel(plan, run) and not (run.probe and network(own, run)[0] != "mlp")
    return own.device == "cuda" or by_kernel or _big(plan, run)


def _by_kernel(plan: Plan, run: Run) -> bool:
    own = plan.data[run.data].training
    kind, section = network(own, run)
    plain = Settings(**settings(own, run)).plain
    return steps.suits(NETWORKS[kind], section, own.device, plain)


def demanded(own: TrainingData, run: Run) -> Demand:
    """What the run's network takes."""
    return demand.of(*network(own, run), own.images.pixels.shape[1:], own.num_classes)


def _big(plan: Plan, run: Run) -> bool:
    own = plan.data[run.data].training
    return network(own, run)[0] != "mlp" and demanded(own, run).flops > demand.BIG


def units(plan: Plan, runs: Iterable[Run]) -> list[list[Run]]:
    """Runs that must be trained together if one of them is, since each may change the rounding of the others: the
    seeds of one cell by fives, all folds, all bags or all planted runs of a column; alone, those of a kernel."""
    together: dict[tuple, list[Run]] = {}
    for run in runs:
        together.setdefault((run,) if _alone(plan, run) else _unit(run), []).append(run)
    return list(together.values())


def _unit(run: Run) -> tuple:
    """Equal for runs of one unit."""
    kind = run.examples.kind
    seeds = run.seed // SEEDS_PER_UNIT if kind == SPLIT else run.seed
    column = run.beside or (run.noise, run.noise_rate, seeds)
    alike = run._replace(noise="", noise_rate=0.0, seed=0, examples=run.examples._replace(number=0), beside="")
    return alike, column


def stacks(plan: Plan, made: dict[Run, Program], lacking: Iterable[Run] | None = None) -> list[Stack]:
    """What of `lacking`, or of all, is trained side by side: whole units, or whatever is alike. Where a stack ends
    depends on the plan and the machine alone, so that a kill loses no checkpoint."""
    wanted = set(made if lacking is None else lacking)
    alike: dict[Any, list[Run]] = {}
    for run, program in made.items():
        own = (run.data, _likeness(program)) if _alone(plan, run) else _unit(run)
        alike.setdefault(own, []).append(run)
    parts = []
    for runs in alike.values():
        limit = max(_largest(plan, runs[0]), 1) if _alone(plan, runs[0]) else len(runs)
        count = -(-len(runs) // limit)
        parts += [runs[k * len(runs) // count : (k + 1) * len(runs) // count] for k in range(count)]
    chosen = [[run for run in part if run in wanted] for part in parts]
    return [_stack(plan, part, made) for part in chosen if part]


def _likeness(program: Program) -> str:
    """Equal for programs that can be trained side by side."""
    own = {name: part for name, part in program.spec.items() if name not in ("stream", "arrays")}
    return store.text(own | {"examples": len(program.arrays["labels"])})


def _largest(plan: Plan, run: Run) -> int:
    """How many runs a stack may have: what they leave must fit into memory, several times; on a GPU, what they
    take while they are trained, too."""
    own = plan.data[run.data].training
    values, most = len(own.images.pixels) * own.num_classes, STACKED[own.device]
    if _big(plan, run):
        return 1
    if own.device == "cpu":
        # convolutions keep every layer of a batch: more than a few leave the cache
        few = most if network(own, run)[0] == "mlp" else SEEDS_PER_UNIT // METHODS[run.method].networks_per_run
        return min(few, VALUES // values)
    takes = BYTES * values + demanded(own, run).bytes(settings(own, run)["batch_size"])
    _, total = torch.cuda.mem_get_info()  # what is free differs from start to start
    return min(most, int(total // (takes * METHODS[run.method].networks_per_run)))


def _stack(plan: Plan, runs: list[Run], made: dict[Run, Program]) -> Stack:
    data, programs = plan.data[runs[0].data], [made[run] for run in runs]
    monitor = _monitor(runs, data, [one.arrays["index"] for one in programs]) if _judged(runs[0]) else None
    return Stack(programs, data.training.images, monitor)


def _monitor(runs: list[Run], data: Data, index: list[np.ndarray]) -> Monitor:
    """The monitor of runs that train on images index [n] each."""
    given = np.full((len(runs), len(data.reference.labels)), -1)
    for own, run, trained in zip(given, runs, index, strict=True):
        own[trained] = data.training.column(run.noise, run.noise_rate, run.seed, run.change)[trained]
    test, of = np.stack([data.tested(run.seed) for run in runs]), data.reference
    # labels as given say nothing of the images trained on: which of those labels are wrong stays unknown
    clean = of.labels if of.name == CLEAN else np.where(test, of.labels, -1)
    return truth.monitor(*(torch.from_numpy(part) for part in (clean, given, test)))
