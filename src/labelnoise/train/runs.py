"""From the grid of a study to programs: which runs there are, what each trains on, which are stacked together.

What is stacked is fixed by the parameters alone: the seeds of one (network, noise, rate), five at a time, and
all folds of one (network, noise, rate, seed), or all its bags (bags.py). A new rate or more seeds therefore leave
the other programs, and their entries in the run store, as they are.
"""

from collections.abc import Iterable
from itertools import groupby
from pathlib import Path
from typing import Any, NamedTuple

import numpy as np

import labelnoise
from labelnoise.methods import METHODS
from labelnoise.train import store, streams
from labelnoise.train.program import NOTHING, Images, Program
from labelnoise.train.streams import Stream

FIRST_FOLD = 10_000  # replicates from here on are folds; 1, 2, ... are bags, and full runs are in bags.py
SEEDS_PER_PROGRAM = 5  # enough to fill a matrix product; more would leave the L2 cache of a small core


class Row(NamedTuple):
    """A run: its key, and the column of noisy labels that it trains on."""

    network: str
    noise: str
    noise_rate: float  # nominal
    seed: int
    column: int


class Study(NamedTuple):
    """What all runs of a data set share. Labels are the given (noisy) ones: no clean label is here."""

    images: Images
    labels: np.ndarray  # int16 [K, N] given labels per column, -1 where a seed tests on the image
    num_classes: int
    smallest_pool: int  # labels, before answers, that a seed does not test on, for the seed with the fewest
    section: Any  # `datasets.<name>` of params.yaml: networks, validation_fraction, training, bootstrap
    networks: Any  # `networks` of params.yaml
    device: str


def standardisation(pixels: np.ndarray, test_fold: np.ndarray) -> Images:
    """Images with the mean and standard deviation of all pixels of images that are ever trained on."""
    trained = pixels[test_fold < 0] if (test_fold < 0).any() else pixels
    return Images(pixels, float(trained.mean()), float(trained.std()))


def rows(networks: list[str], noise: Iterable[str], noise_rate: Iterable[float], seed: Iterable[int]) -> list[Row]:
    """All runs of one method, network by network, sorted by noise, rate and seed."""
    columns = list(zip(noise, noise_rate, seed, strict=True))
    return [
        Row(network, str(name), float(rate), int(s), column)
        for network in networks
        for column, (name, rate, s) in sorted(enumerate(columns), key=lambda item: (item[1], item[0]))
    ]


def stacks(all_rows: list[Row]) -> list[list[Row]]:
    """Rows that are trained together: blocks of seeds of one (network, noise, rate)."""
    together = groupby(all_rows, key=lambda row: (*row[:3], row.seed // SEEDS_PER_PROGRAM))
    return [list(group) for _, group in together]


def split(study: Study, row: Row) -> tuple[np.ndarray, np.ndarray]:
    """Images to train on [n] and to validate on [m]; drawn at random after the noise, so both are noisy.

    n is the same for every seed, whatever the size of its fold: the remainder goes to the validation part.
    """
    count = int(study.smallest_pool * (1 - study.section.validation_fraction))
    if not 0 < count < study.smallest_pool:
        share = study.section.validation_fraction
        raise ValueError(
            f"validation_fraction = {share:g} leaves no image to train on or none to validate on; "
            f"{study.smallest_pool} images are there for both"
        )
    stream = streams.sequence(Stream(row.seed, 0, 0), streams.VALIDATION)
    pool = np.random.default_rng(stream).permutation(np.flatnonzero(study.labels[row.column] >= 0))
    if len(pool) <= count:
        raise ValueError(
            f"noise {row.noise}, seed {row.seed}: answers leave out so much that {len(pool)} images remain; "
            f"allowed: more than {count}, as the other noises train on so many"
        )
    return np.sort(pool[:count]), np.sort(pool[count:])


def study_program(
    study: Study,
    stack: list[Row],
    method: str,
    section: dict,
    given: dict[str, np.ndarray],
    watch: str = NOTHING,
) -> Program:
    """The program of one stack. `given` holds those fields of `Given` that the method uses, [R, ...]."""
    parts = [split(study, row) for row in stack]
    index, val_index = np.stack([part[0] for part in parts]), _padded([part[1] for part in parts])
    columns = np.array([row.column for row in stack])[:, None]
    arrays = {
        "index": index,
        "labels": study.labels[columns, index],
        "val_index": np.maximum(val_index, 0),
        "val_labels": np.where(val_index >= 0, study.labels[columns, np.maximum(val_index, 0)], -1),
    }
    runs = [(row.seed, 0) for row in stack]
    training = study.section.training.model_dump()
    return program(study, stack[0].network, method, section, training, runs, watch, arrays | given)


def fold_program(study: Study, row: Row, folds: int, epochs: int) -> Program:
    """Cross-entropy on a run's training part less one fold, a run per fold; the fold left out is the validation
    part.

    Every run trains on equally many examples: where the fold left out is one smaller, one example more is left
    out. The arrays `train_index` and `fold` [n] tell the fold of every example of the training part.
    """
    train_index = split(study, row)[0]
    count = len(train_index)
    drawn = np.random.default_rng(streams.sequence(Stream(row.seed, 0, 0), streams.FOLD))
    fold = drawn.permutation(count) % folds
    largest = -(-count // folds)
    if largest >= count:
        raise ValueError(f"estimate.folds = {folds}: leaves nothing to train on; {count} examples are there")
    kept = [drawn.permutation(np.flatnonzero(fold != k))[: count - largest] for k in range(folds)]
    index = train_index[np.sort(np.stack(kept), 1)]
    val_index = _padded([train_index[fold == k] for k in range(folds)])
    labels = study.labels[row.column].astype(np.int64)
    arrays = {
        "index": index,
        "labels": labels[index],
        "val_index": np.maximum(val_index, 0),
        "val_labels": np.where(val_index >= 0, labels[np.maximum(val_index, 0)], -1),
        "train_index": train_index,
        "fold": fold,
    }
    runs = [(row.seed, FIRST_FOLD + k) for k in range(folds)]
    training = study.section.training.model_dump() | {"epochs": epochs, "sampler": "shuffle"}
    return program(study, row.network, "cross_entropy", {}, training, runs, NOTHING, arrays)


def program(
    study: Study,
    network: str,
    method: str,
    section: dict,
    training: dict,
    runs: list[tuple[int, int]],
    watch: str,
    arrays: dict[str, np.ndarray],
) -> Program:
    """A program of named runs (seed, replicate). watch: NOTHING, DYNAMICS or OUT_OF_BAG of train.program."""
    spec = {
        "network": network,
        "network_section": getattr(study.networks, network).model_dump(),
        "method": method,
        "method_section": section,
        "settings": training,
        "classes": study.num_classes,
        "streams": runs,
        "watch": watch,
        "probe": {},
        "standardisation": [study.images.mean, study.images.std],
        "images": store.array_hash(study.images.pixels),
        "arrays": {name: store.array_hash(array) for name, array in sorted(arrays.items())},
        "code": store.code_hash(code_files(network, method)),
        "machine": store.machine(study.device),
    }
    return Program(spec, arrays)


def code_files(network: str, method: str) -> list[Path]:
    """The source files that decide a program's result."""
    root = Path(labelnoise.__file__).parent
    files = ["types.py", "losses.py", "methods/base.py", "nets/layers.py", f"nets/{network}.py"]
    parts = ("loop", "epoch", "types", "program", "streams", "dynamics", "out_of_bag", "augmentation")
    files += [f"train/{name}.py" for name in parts]
    module = METHODS[method].__module__.removeprefix("labelnoise.").replace(".", "/")
    return [root / name for name in files] + [root / f"{module}.py"]


def _padded(parts: list[np.ndarray]) -> np.ndarray:
    """[R, m] with -1 behind the shorter parts."""
    longest = max(len(part) for part in parts)
    return np.stack([np.pad(part, (0, longest - len(part)), constant_values=-1) for part in parts])
