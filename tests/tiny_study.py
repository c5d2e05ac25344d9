"""A tiny study as runs train on it: 42 images in four folds, two columns of labels per seed."""

import numpy as np
import tiny

from labelnoise.runs import data as of_data
from labelnoise.runs import programs
from labelnoise.runs.data import CLEAN as BY_TRUTH
from labelnoise.runs.data import Data, Reference, TrainingData
from labelnoise.runs.run import BAG, FOLD, PLANTED, Examples, Run
from labelnoise.runs.run import settings as of_settings
from labelnoise.types import Dataset, Estimates

IMAGES, FOLDS, CLASSES = 42, 4, 3
FOLD_OF = np.arange(IMAGES) % FOLDS  # two folds have 11 images, two have 10
CLEAN = np.arange(IMAGES) % CLASSES
PIXELS = np.random.default_rng(0).integers(200, size=(IMAGES, *tiny.SHAPE), dtype=np.uint8)
PIXELS[:, 0, 0, :3] += np.where(np.eye(CLASSES, dtype=bool)[CLEAN], 50, 0).astype(np.uint8)
DATASET = Dataset(PIXELS, CLEAN, FOLD_OF, ["a", "b", "c"], {}, {}, [])
TRAINING = {"batch_size": 8, "lr": 0.05, "momentum": 0.9, "weight_decay": 0.001, "sampler": "shuffle", "shift": 0}
NETWORKS = {"mlp": {"hidden": [8], "dropout": 0.0}, "small_cnn": {"channels": [4, 4], "dropout": 0.0}}


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
    own = run._replace(settings=of_settings({"epochs": 3, "evaluate_every": 3}), watch="out_of_bag")
    return [own._replace(examples=Examples(BAG, k, count)) for k in range(count)]


def planted(run: Run, count: int = 3, share: float = 0.1) -> list[Run]:
    own = run._replace(watch="dynamics")
    return [own._replace(examples=Examples(PLANTED, k, count, share)) for k in range(count)]


def estimates(count, examples=23):
    """Fields of Given for `count` runs."""
    transition = 0.7 * np.eye(CLASSES) + 0.1
    rng = np.random.default_rng(1)
    matrices = {
        name: np.repeat(transition[None], count, 0) for name in Estimates._fields if name.startswith("transition")
    }
    return matrices | {
        "rate": np.full(count, 0.2),
        "prior": np.full((count, CLASSES), 1 / CLASSES),
        "pred_probs": rng.dirichlet(np.ones(CLASSES), (count, examples)),
    }


def job(method="cross_entropy", network="mlp", at=0, of=None):
    """The first program of the tiny study for a method, with the monitor that judges it."""
    own = data() if of is None else of
    seeds = len(own.training.labels) // 2
    stack = programs.stacks(runs(seeds=seeds, networks=[network], method=method))[at]
    known = {name: estimates(len(stack))[name] for name in stack[0].needs}
    return programs.job(stack, own, known, {})


def stacked(stack, of=None):
    """The job of runs that need no estimates."""
    return programs.job(stack, data() if of is None else of, {}, {})
