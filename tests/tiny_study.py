"""A tiny study as runs train on it: 42 images in four folds, two columns of labels per seed."""

from pathlib import Path

import numpy as np
import tiny

from labelnoise.runs import data as of_data
from labelnoise.runs import programs
from labelnoise.runs.data import CLEAN as BY_TRUTH
from labelnoise.runs.data import Data, Reference, TrainingData
from labelnoise.runs.estimates import Source
from labelnoise.runs.plan import Plan
from labelnoise.runs.run import BAG, FOLD, PLANTED, Examples, Run
from labelnoise.runs.run import settings as of_settings
from labelnoise.train.program import Program, Stack
from labelnoise.train.types import LAST
from labelnoise.types import Dataset, Estimates

IMAGES, FOLDS, CLASSES = 42, 4, 3
FOLD_OF = np.arange(IMAGES) % FOLDS  # two folds have 11 images, two have 10
CLEAN = np.arange(IMAGES) % CLASSES
PIXELS = np.random.default_rng(0).integers(200, size=(IMAGES, *tiny.SHAPE), dtype=np.uint8)
PIXELS[:, 0, 0, :3] += np.where(np.eye(CLASSES, dtype=bool)[CLEAN], 50, 0).astype(np.uint8)
DATASET = Dataset(PIXELS, CLEAN, FOLD_OF, ["a", "b", "c"], {}, {}, [])
TRAINING = {"batch_size": 8, "lr": 0.05, "momentum": 0.9, "weight_decay": 0.001, "sampler": "shuffle", "shift": 0}
NETWORKS = {"mlp": {"hidden": [8, 8], "dropout": 0.0}, "small_cnn": {"channels": [4, 4], "dropout": 0.0}}
BY_KERNEL = of_settings({"channels": [16, 16, 16]})  # layers of a small CNN for which there is a kernel


def labels(rates, seeds):
    """Columns [K, N], sorted by rate and seed: 0..C-1, -1 where the seed tests."""
    columns = []
    for rate in rates:
        for seed in range(seeds):
            rng = np.random.default_rng([seed, int(100 * rate)])
            noisy = np.where(rng.random(IMAGES) < rate, rng.integers(CLASSES, size=IMAGES), CLEAN)
            columns.append(np.where(seed % FOLDS == FOLD_OF, -1, noisy))
    return np.array(columns, np.int16)


def training(rates=(0.2, 0.4), seeds=3, epochs=4, device="cpu") -> TrainingData:
    keys = [("symmetric", rate, seed, "") for rate in rates for seed in range(seeds)]
    return TrainingData(
        of_data.standardized(DATASET),
        labels(rates, seeds),
        {key: at for at, key in enumerate(keys)},
        CLASSES,
        31,
        0.25,
        {"epochs": epochs, **TRAINING},
        NETWORKS,
        device,
    )


def data(**options) -> Data:
    own = training(**options)
    designed = np.repeat((0.7 * np.eye(CLASSES) + 0.1)[None], len(own.labels), 0)
    return Data(own, Reference(BY_TRUTH, CLEAN), CLEAN, designed, FOLD_OF, FOLDS)


def runs(rates=(0.2, 0.4), seeds=3, networks=("mlp",), method="cross_entropy") -> list[Run]:
    key, section = tiny.section(method)
    uses = tuple(tiny.method(method).uses)
    return [
        Run("study", network, "symmetric", rate, seed, method, key, of_settings(section), needs=uses)
        for network in networks
        for rate in rates
        for seed in range(seeds)
    ]


def folds(run: Run, count: int) -> list[Run]:
    own = of_settings({"epochs": 2, "sampler": "shuffle"})
    return [run._replace(settings=own, examples=Examples(FOLD, k, count)) for k in range(count)]


def bags(run: Run, count: int = 4) -> list[Run]:
    own = run._replace(settings=of_settings({"epochs": 3, "evaluate": LAST}))
    return [own._replace(examples=Examples(BAG, k, count)) for k in range(count)]


def planted(run: Run, count: int = 3, share: float = 0.1) -> list[Run]:
    own = run._replace(watch="dynamics")
    return [own._replace(examples=Examples(PLANTED, k, count, share)) for k in range(count)]


def estimates(examples=23):
    """Fields of Estimates for a run."""
    transition = 0.7 * np.eye(CLASSES) + 0.1
    rng = np.random.default_rng(1)
    matrices = {name: transition for name in Estimates._fields if name.startswith("transition")}
    return matrices | {
        "rate": np.array(0.2),
        "clock": np.array(1.0),
        "prior": np.full(CLASSES, 1 / CLASSES),
        "pred_probs": rng.dirichlet(np.ones(CLASSES), examples),
    }


def plan(runs, of=None, known=None, probe=None) -> Plan:
    """Runs that wait for nothing: what their methods are told is `known`."""
    source = Source(lambda params, run: [], lambda *args: estimates() if known is None else known)
    runs = [run._replace(source="known" if run.needs else "") for run in runs]
    probes = {("study", network): probe or {} for network in NETWORKS}
    return Plan(None, runs, {"study": data() if of is None else of}, {"known": source}, probes)


def job(method="cross_entropy", network="mlp", rate=0.2, of=None) -> Stack:
    """All seeds of a rate of the tiny study for a method, with the monitor that judges them."""
    own = data() if of is None else of
    seeds = len(own.training.labels) // 2
    return stacked(runs(rates=(rate,), seeds=seeds, networks=[network], method=method), own)


def programs_of(runs, of=None, **told) -> dict[Run, Program]:
    made = plan(runs, of, **told)
    return programs.of(made, made.runs, {}, Path())


def stacked(runs, of=None, **told) -> Stack:
    """Runs that are trained side by side."""
    made = plan(runs, of, **told)
    (stack,) = programs.stacks(made, programs.of(made, made.runs, {}, Path()))
    return stack
