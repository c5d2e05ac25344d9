"""A tiny study as the stages hand it to the trainer: 40 images in four folds, two columns of labels per seed."""

from types import SimpleNamespace

import numpy as np
import tiny
import torch

from labelnoise import truth
from labelnoise.sections import Bootstrap, FullRuns, Mlp, SmallCnn, Training
from labelnoise.train import runs
from labelnoise.train.runs import Study
from labelnoise.types import Given

IMAGES, FOLDS, CLASSES = 42, 4, 3
BOOTSTRAP = Bootstrap(
    cells={"symmetric": [0.2, 0.4]},
    seeds=1,
    bags=4,
    epochs=3,
    batch_size=8,
    lr=0.1,
    weight_decay=0.0,
    full=FullRuns(runs=3, epochs=4, planted=0.1),
)
FOLD = np.arange(IMAGES) % FOLDS  # two folds have 11 images, two have 10
CLEAN = np.arange(IMAGES) % CLASSES
PIXELS = np.random.default_rng(0).integers(200, size=(IMAGES, *tiny.SHAPE), dtype=np.uint8)
PIXELS[:, 0, 0, :3] += np.where(np.eye(CLASSES, dtype=bool)[CLEAN], 50, 0).astype(np.uint8)


def labels(rates, seeds):
    """Columns [K, N], sorted by rate and seed: 0..C-1, -1 where the seed tests."""
    columns = []
    for rate in rates:
        for seed in range(seeds):
            rng = np.random.default_rng([seed, int(100 * rate)])
            noisy = np.where(rng.random(IMAGES) < rate, rng.integers(CLASSES, size=IMAGES), CLEAN)
            columns.append(np.where(seed % FOLDS == FOLD, -1, noisy))
    return np.array(columns, np.int16)


def study(rates=(0.2, 0.4), seeds=3, epochs=4, device="cpu") -> Study:
    section = SimpleNamespace(
        networks=["mlp"],
        validation_fraction=0.25,
        training=Training(
            epochs=epochs, batch_size=8, lr=0.05, momentum=0.9, weight_decay=0.001, sampler="shuffle", shift=0
        ),
        bootstrap=BOOTSTRAP,
        data=SimpleNamespace(folds=FOLDS),
    )
    networks = SimpleNamespace(mlp=Mlp(hidden=[8], dropout=0.0), small_cnn=SmallCnn(channels=[4, 4], dropout=0.0))
    images = runs.standardisation(PIXELS, FOLD)
    return Study(images, labels(rates, seeds), CLASSES, 31, section, networks, device)


def rows(rates=(0.2, 0.4), seeds=3, networks=("mlp",)):
    columns = [("symmetric", rate, seed) for rate in rates for seed in range(seeds)]
    return runs.rows(list(networks), *zip(*columns))


def given(count, examples=23):
    """Fields of Given for `count` runs."""
    transition = 0.7 * np.eye(CLASSES) + 0.1
    rng = np.random.default_rng(1)
    matrices = {
        name: np.repeat(transition[None], count, 0) for name in Given._fields if name.startswith("transition")
    }
    return matrices | {
        "rate": np.full(count, 0.2),
        "prior": np.full((count, CLASSES), 1 / CLASSES),
        "pred_probs": rng.dirichlet(np.ones(CLASSES), (count, examples)),
    }


def program(method="cross_entropy", network="mlp", at=0, of=None):
    """The first program of the tiny study for a method."""
    made = of or study()
    stack = runs.stacks(rows(networks=[network], seeds=len(made.labels) // 2))[at]
    known = {name: given(len(stack))[name] for name in tiny.METHODS[method].uses}
    return runs.study_program(made, stack, method, tiny.section(method), known)


def monitor(made):
    """The truth monitor of a program."""
    seeds = [seed for seed, _ in made.spec["streams"]]
    test = torch.from_numpy(np.stack([seed % FOLDS == FOLD for seed in seeds]))
    column = torch.full((len(seeds), IMAGES), -1, dtype=torch.int64)
    column.scatter_(1, torch.from_numpy(made.arrays["index"]), torch.from_numpy(made.arrays["labels"]).long())
    return truth.monitor(torch.from_numpy(CLEAN), column, test)
