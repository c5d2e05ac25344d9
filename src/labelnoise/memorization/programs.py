"""Which runs there are, and which are trained together: those on the same images with the same settings."""

from pathlib import Path
from types import SimpleNamespace
from typing import Any, NamedTuple

import numpy as np
import torch

from labelnoise import truth
from labelnoise.memorization import conditions
from labelnoise.memorization.conditions import RANDOM_LABELS, RANDOM_PIXELS, TRUE_LABELS, Condition
from labelnoise.train import engine, probes, runs, store
from labelnoise.train.engine import Job
from labelnoise.train.program import Images, Place, Program
from labelnoise.train.runs import Row, Study
from labelnoise.train.types import Monitor
from labelnoise.types import Dataset

FIRST_INITIALISATION = 20_000  # replicates from here on: runs that differ in nothing but their random numbers
Arrays = dict[str, np.ndarray]


class Key(NamedTuple):
    """What names a run in the tables."""

    network: str
    condition: str
    corruption: float
    regularizer: str
    seed: int


class Task(NamedTuple):
    """A program, what its images are called, and the key of each of its runs."""

    keys: list[Key]
    images: str  # key of Setup.images
    job: Job


class Setup(NamedTuple):
    """What all tasks share."""

    dataset: Dataset
    images: dict[str, Images]  # by the condition that changes them; `true_labels`: as they are
    section: Any  # `datasets.<name>` of params.yaml: data.folds, validation_fraction, training
    networks: Any  # `networks`
    plan: Any  # `memorization`
    device: str


def setup(dataset: Dataset, section: Any, networks: Any, plan: Any, device: str) -> Setup:
    """The study on at most `plan.images` images of `dataset`."""
    part = conditions.limited(dataset, plan.images)
    names = (TRUE_LABELS.name, *conditions.WITHOUT_PATTERN)
    pixels = {name: conditions.images(part.images, name) for name in names}
    images = {name: runs.standardisation(changed, part.test_fold) for name, changed in pixels.items()}
    return Setup(part, images, section, networks, plan, device)


def fitting(made: Setup) -> list[Task]:
    """Zhang's study: every condition without a regulariser, true and random labels with each of them."""
    tasks, plan = [], made.plan
    on_images = conditions.with_labels(plan.corruption)
    probed = [c for c in on_images if c.corruption in (0, plan.probe.corruption, 1)]
    regularized = [c for c in on_images if c.corruption in plan.regularized]
    for network, epochs in plan.epochs.items():
        tasks.append(_probed(made, _task(made, network, epochs, probed, "none", plan.seeds)))
        for condition in conditions.WITHOUT_PATTERN:
            task = _task(made, network, epochs, [Condition(condition, 0.0)], "none", plan.seeds)
            tasks.append(_probed(made, task) if condition == RANDOM_PIXELS.name else task)
        rest = [c for c in on_images if c not in probed]
        tasks += [_task(made, network, epochs, rest, "none", plan.seeds)] if rest else []
        for name in plan.regularizers:
            if name != "none":
                tasks.append(_task(made, network, epochs, regularized, name, plan.seeds))
    return tasks


def first_epochs(made: Setup) -> list[Task]:
    """Arpit's first epoch, from many initial weights, on the images and labels of seed 0."""
    tasks, plan = [], made.plan.first_epoch
    for network in made.plan.epochs:
        for condition in (TRUE_LABELS, RANDOM_LABELS, RANDOM_PIXELS):
            for start in range(0, plan.initialisations, plan.together):
                count = min(plan.together, plan.initialisations - start)
                task = _task(made, network, 1, [condition] * count, "none", seeds=1)
                task.job.program.spec["streams"] = [(0, FIRST_INITIALISATION + start + k) for k in range(count)]
                tasks.append(task)
    return tasks


def train(tasks: list[Task], made: Setup, place: Place, processes: int, title: str) -> list[Arrays]:
    """Results of all tasks, in order; those on the same images are trained side by side."""
    found: dict[int, Arrays] = {}
    for name, images in made.images.items():
        part = [at for at, task in enumerate(tasks) if task.images == name]
        jobs = [tasks[at].job for at in part]
        found |= zip(part, engine.ensure(jobs, images, place, processes, f"{title}, {name}"), strict=True)
    return [found[at] for at in range(len(tasks))]


def _task(made: Setup, network: str, epochs: int, wanted: list[Condition], regularizer: str, seeds: int) -> Task:
    """The seeds of all conditions in one program; they must be about the same images."""
    pairs = [(condition, seed) for condition in wanted for seed in range(seeds)]
    images = wanted[0].name if wanted[0].name in made.images else TRUE_LABELS.name
    folds = made.section.data.folds
    labels = np.stack([conditions.labels(made.dataset, folds, condition, seed) for condition, seed in pairs])
    study = _study(made, images, network, epochs, regularizer, labels)
    stack = [Row(network, c.name, c.corruption, seed, column) for column, (c, seed) in enumerate(pairs)]
    program = runs.study_program(study, stack, "cross_entropy", {}, {})
    judge = [store.code_hash([Path(truth.__file__)]), store.array_hash(made.dataset.clean_labels)]
    program.spec["monitor"] = judge  # the store keeps what the monitor says
    keys = [Key(network, condition.name, condition.corruption, regularizer, seed) for condition, seed in pairs]
    return Task(keys, images, Job(program, _monitor(made.dataset, labels, program)))


def _study(made: Setup, images: str, network: str, epochs: int, regularizer: str, labels: np.ndarray) -> Study:
    """The trainer's view: no truth, and the settings of one regulariser in place of the data set's own."""
    settings = made.plan.regularizers["none"].model_dump(exclude_none=True)
    settings |= made.plan.regularizers[regularizer].model_dump(exclude_none=True)
    dropout = {"dropout": settings.pop("dropout")}
    training = made.section.training.model_copy(update={"epochs": epochs, "sampler": "shuffle"} | settings)
    section = SimpleNamespace(training=training, validation_fraction=made.section.validation_fraction)
    networks = SimpleNamespace(**{network: getattr(made.networks, network).model_copy(update=dropout)})
    pool = int((labels >= 0).sum(1).min())
    classes = len(made.dataset.class_names)
    return Study(made.images[images], labels, classes, pool, section, networks, made.device)


def _monitor(dataset: Dataset, labels: np.ndarray, program: Program) -> Monitor:
    given = np.full(labels.shape, -1, np.int64)
    index = program.arrays["index"]
    np.put_along_axis(given, index, np.take_along_axis(labels, index, 1).astype(np.int64), 1)
    return truth.monitor(*(torch.from_numpy(part) for part in (dataset.clean_labels, given, labels < 0)))


def _probed(made: Setup, task: Task) -> Task:
    """The task with Arpit's probes at some of its epochs; radii are shares of the range of the pixels."""
    epochs, images, probe = made.plan.epochs[task.keys[0].network], made.images[task.images], made.plan.probe
    unit = float(np.ptp(images.pixels)) / images.std
    task.job.program.spec["probe"] = {
        "epochs": [epoch - 1 for epoch in probe.epochs if epoch <= epochs],
        "radii": [radius * unit for radius in probe.radii],
        **{name: getattr(probe, name) for name in ("examples", "step", "noise", "steps")},
        "code": store.code_hash([Path(probes.__file__)]),  # of the one file that only probed runs depend on
    }
    return task
