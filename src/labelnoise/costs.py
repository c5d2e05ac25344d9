"""About how long it takes to find label errors in own data, and how much memory a study takes: told before it
starts.

Measured on one core of a small machine, and rounded: a guide to minutes and hours, not to seconds. Memory is
measured by benchmarks/memory.py (memory.csv has its numbers).
"""

import csv
import math
import os
import zipfile
import zlib
from contextlib import suppress
from pathlib import Path
from typing import Any, NamedTuple

import joblib
import numpy as np

from labelnoise import scratch
from labelnoise.data import listing
from labelnoise.data.images import CHANNELS
from labelnoise.detect.gate import MOST_HALVED
from labelnoise.detect.ridge import MOST_LANDMARKS

START_SECONDS = 30  # of the stages: Python, torch, DVC
DECODE_MS = 4  # of a photograph of half a megapixel
ENCODE_MS = {"pixels": 0, "given": 0, "patches": 3, "efficientnet_lite0": 11}  # of an image, at its own size
OWN_SIZE = {"efficientnet_lite0": 160}  # pixels; twice as many a side take four times as long
OTHER_MS = 90  # of another network: at 224 pixels resnet18 takes 41, resnet50 88, convnext_tiny 104, DINOv2-S 120
DETECT_MS = 4  # of an image and a set of features, self-check included
COLUMNS = {"patches": 768, "efficientnet_lite0": 1280}  # of a set of features
OTHER_COLUMNS = 1024
BASE_BYTES = 600 * 2**20  # Python with torch
COPIES = 4  # of features in memory: as read, standardised, in blocks
# Kernels [examples, landmarks] in memory: of the set whose rounds are run, and of any other; the same of the
# examples that are halved
KERNELS, MORE_KERNELS = 2, 2
HALVED_KERNELS, MORE_HALVED = 5, 3
PER_CLASS = 30  # float64 per example, class and set: predictions and their logarithms (23 without the gate)
# Of training, bytes per example, class and run trained side by side: probabilities at the last and the best epoch,
# and the entry that is written. Of evaluation, bytes per example and run of a cell, and per example and class.
TRAINED, JUDGED, READ = 40, 20, 16
TOGETHER, PROBABILITIES = 45, 2**24  # runs of a stack, and probabilities that they leave: at most (runs.programs)
PARENT_BYTES = 100 * 2**20  # of the process that hands out work, beside its images
SMALL = 28  # pixels up to which images are their own features
COLORS = (1, 3)  # channels that a network trained on photographs can take
# of numpy and zipfile about files, and of csv
UNREADABLE = (
    OSError, ValueError, StopIteration, KeyError, IndexError, EOFError, zipfile.BadZipFile, zlib.error, csv.Error,
)  # fmt: skip


class Size(NamedTuple):
    """What there is, known without a look at any image."""

    examples: int
    classes: int
    side: int  # pixels of the longer one of stored images; 0: no images
    values: int  # of an example: pixels times channels, or columns of features


# Published data sets, training and test part together; digits have folds
PUBLISHED = {
    "digits": Size(1_797, 10, 8, 64),
    "mnist": Size(70_000, 10, 28, 784),
    "fashion_mnist": Size(70_000, 10, 28, 784),
    "cifar10": Size(60_000, 10, 32, 3_072),
    "cifar100": Size(60_000, 100, 32, 3_072),
    "cifar10n": Size(60_000, 10, 32, 3_072),
    "cifar100n": Size(60_000, 100, 32, 3_072),
}
TEST_PART = 10_000  # images of those without folds


class Cost(NamedTuple):
    """Of all own data of a study."""

    images: int
    seconds: float  # on the cores that are there
    bytes: float


def of_study(params: Any) -> Cost | None:
    """None where no data set is the user's own, or one cannot be read, which the stages tell better."""
    sections = [params.datasets[name] for name in params.study.datasets if _own(params.datasets[name])]
    try:
        parts = [of_dataset(section) for section in sections]
    except UNREADABLE:
        return None
    if not parts:
        return None
    return Cost(sum(of.images for of in parts), sum(of.seconds for of in parts), max(of.bytes for of in parts))


def too_large(params: Any) -> str | None:
    """One line where a data set of the study takes more memory than there is, with the key to lower."""
    there = available()
    for name in params.study.datasets:
        section = params.datasets[name]
        try:
            size = whole(section.data, name)
        except UNREADABLE:
            continue  # the stages tell it better
        workers = joblib.cpu_count() if params.run.workers == "auto" else int(params.run.workers)
        if size is None:
            continue
        try:
            most, alone = (peak(section, size, count, params) for count in (workers, 1))
        except ValueError as error:
            return f"datasets.{name}.{error}"
        if most > there:
            return _in_one_line(name, size, workers, most, there, alone <= there)
    return None


def _in_one_line(name: str, size: Size, workers: int, most: float, there: float, alone: bool) -> str:
    lower = f"run.workers ({workers})" if alone else f"datasets.{name}.data.subset"
    many = f"{size.examples:,} examples of {size.classes:,} classes"
    by = f"{workers} worker{'' if workers == 1 else 's'}"
    needs = f"take about {most / 2**30:.1f} GB of memory with {by}, and {there / 2**30:.1f} GB are free"
    return f"{name}: {many} {needs}: lower {lower}"


def peak(section: Any, size: Size, workers: int, params: Any) -> float:
    """Bytes of all processes of the stage that takes most: detection, training or evaluation, one after another.

    section: `datasets.<name>`. Every worker has the data set's images and what it works on; detection has a task
    per seed, and one alone of labels from people.
    """
    names = [name for name, _ in _encoders(section, size)]
    tasks = 1 if _own(section) else section.detection.seeds
    detection = min(workers, tasks) * (BASE_BYTES + _bytes(size, names))
    left = size.examples * size.classes
    together = max(1, min(TOGETHER, PROBABILITIES // left))
    networks = _networks(section, size, params)
    training = workers * (BASE_BYTES + TRAINED * together * left + 4 * size.examples * size.values + networks)
    runs = 2 * len(params.methods) * params.study.seeds  # at the last and at the best epoch
    evaluation = BASE_BYTES + size.examples * (JUDGED * runs + READ * size.classes)
    return PARENT_BYTES + size.examples * size.values + max(detection, training, evaluation)


def _networks(section: Any, size: Size, params: Any) -> float:
    """Of those that are trained here; a GPU has a memory of its own."""
    from labelnoise.device import chosen  # both with torch, which a list alone does without
    from labelnoise.runs import demand

    if chosen(params.run.device) == "cuda":
        return 0.0
    return demand.of_section(section, params.networks, shape_of(section, size), size.classes)


def shape_of(section: Any, size: Size) -> tuple[int, int, int]:
    """[channels, height, width] of what networks see of an example."""
    if section.inputs is not None:
        return 1, 1, COLUMNS.get(section.inputs, OTHER_COLUMNS)
    if not size.side:
        return 1, 1, size.values
    side = min(section.data.crop or size.side, size.side)
    return size.values // size.side**2, side, side


def available() -> float:
    """Bytes that can still be had: of this machine, or of the container that this process runs in."""
    whole = os.sysconf("SC_PHYS_PAGES") * os.sysconf("SC_PAGE_SIZE")
    with suppress(OSError):
        lines = Path("/proc/meminfo").read_text().splitlines()  # Linux
        whole = next(int(line.split()[1]) * 2**10 for line in lines if line.startswith("MemAvailable:"))
    with suppress(OSError, ValueError):  # "max": no limit
        whole = min(whole, int(Path("/sys/fs/cgroup/memory.max").read_text()))
    return whole


def whole(data: Any, name: str) -> Size | None:
    """Of a data set after `subset`; None where its name says nothing."""
    if data.folder is not None or data.arrays is not None:
        size, folds = size_of(data), data.folds
    elif (data.source or name) in PUBLISHED:
        size, folds = PUBLISHED[data.source or name], data.folds
    else:
        return None
    if data.subset is None:
        return size
    kept = data.subset * folds // (folds - 1) if folds > 1 else data.subset + TEST_PART
    return size._replace(examples=min(size.examples, kept))


def of_dataset(section: Any) -> Cost:
    """section: `datasets.<name>` of own data."""
    size, folder = whole(section.data, ""), section.data.folder
    encoders = _encoders(section, size)
    cores = os.cpu_count() or 1
    decoded = DECODE_MS * (1 + sum(name not in ("pixels", "given") for name, _ in encoders)) if folder else 0
    encoded = sum(_encode_ms(*encoder) for encoder in encoders)
    seconds = START_SECONDS + size.examples / 1000 * ((decoded + encoded) / cores + DETECT_MS * len(encoders))
    return Cost(size.examples, seconds, BASE_BYTES + _bytes(size, [name for name, _ in encoders]))


def _bytes(size: Size, names: list[str]) -> float:
    """names: of the sets of features."""
    own = {"pixels": size.values, "given": size.values}
    columns = sum((COLUMNS | own).get(name, OTHER_COLUMNS) for name in names)
    stored = size.values * (1 if size.side else 4)
    by_class = 8 * PER_CLASS * size.classes * max(len(names), 1)
    held = in_memory(size.examples * stored) + COPIES * in_memory(4 * size.examples * columns)
    return size.examples * by_class + held + _kernels(size.examples, len(names))


def in_memory(size: float) -> float:
    """Bytes of an array in memory: a larger one lies in a file, of which blocks are read."""
    return size if size <= scratch.LARGEST else 0


def _kernels(examples: int, sets: int) -> float:
    if not sets:
        return 0
    row, halved = 4 * min(examples, MOST_LANDMARKS), min(examples, MOST_HALVED)
    whole = in_memory(row * examples) * (KERNELS + MORE_KERNELS * (sets - 1))
    return whole + row * halved * (HALVED_KERNELS + MORE_HALVED * (sets - 1))


def _own(section: Any) -> bool:
    return section.data.folder is not None or section.data.arrays is not None


def _encoders(section: Any, size: Size) -> list[tuple[str, int | None]]:
    """Name and size of each; those that `features: null` stands for."""
    if section.features is not None:
        return [(of.encoder, getattr(of, "size", None)) for of in section.features]
    if not size.side:
        return [("given", None)] if size.values else []
    if size.side <= SMALL:
        return [("pixels", None)]
    both = [("patches", None), ("efficientnet_lite0", None)]
    return both[:1] if section.data.arrays and _channels(section.data) not in COLORS else both


def _encode_ms(name: str, size: int | None) -> float:
    own = OWN_SIZE.get(name)
    return ENCODE_MS.get(name, OTHER_MS) * ((size / own) ** 2 if size and own else 1)


def size_of(data: Any) -> Size:
    """data: `datasets.<name>.data`; one of UNREADABLE where there is nothing to read."""
    if data.arrays is not None:
        return _of_arrays(_file(data), data.arrays.holds)
    pixels = CHANNELS[data.folder.mode][1] * data.folder.size**2
    return Size(*(_of_csv(data.folder) if data.folder.csv is not None else _of_folder(data.folder)),
                data.folder.size, pixels)  # fmt: skip


def _of_csv(folder: Any) -> tuple[int, int]:
    """Examples and classes; a file that several rows name is one."""
    with open(Path(folder.csv).expanduser(), newline="", encoding="utf-8-sig") as file:
        rows = (row for row in csv.reader(file) if row)
        header = [cell.strip() for cell in next(rows)]
        at = header.index(folder.columns.file), header.index(folder.columns.label)
        pairs = {tuple(row[column] for column in at) for row in rows}
    return len({file for file, _ in pairs}), len({label.strip() for _, label in pairs} - set(folder.missing))


def _of_folder(folder: Any) -> tuple[int, int]:
    found = listing.class_folders(Path(folder.root).expanduser(), folder.missing).entries
    return len(found), len({entry.label for entry in found})


def _file(data: Any) -> Path:
    return Path(data.arrays.file).expanduser()


def _of_arrays(file: Path, holds: str) -> Size:
    with np.load(file, allow_pickle=False) as arrays:
        labels = arrays["labels"]
    count, classes = len(labels), len(np.unique(labels))
    if holds == "pred_probs":
        return Size(count, classes, 0, 0)
    shape = _shape(file, holds)
    return Size(count, classes, max(shape[1:3]) if holds == "images" else 0, math.prod(shape[1:]))


def _channels(data: Any) -> int:
    shape = _shape(_file(data), "images")
    return shape[3] if len(shape) > 3 else 1


def _shape(file: Path, name: str) -> tuple[int, ...]:
    """Of an array of an npz file, from its header alone."""
    with zipfile.ZipFile(file) as arrays, arrays.open(f"{name}.npy") as array:
        read = {1: np.lib.format.read_array_header_1_0, 2: np.lib.format.read_array_header_2_0}
        return read[np.lib.format.read_magic(array)[0]](array)[0]


def in_words(cost: Cost) -> str:
    """In words, rounded up."""
    minutes = math.ceil(cost.seconds / 60)
    cores = os.cpu_count() or 1
    return (
        f"{cost.images:,} examples: the list takes about {minutes} minute{'' if minutes == 1 else 's'} on "
        f"{cores} core{'' if cores == 1 else 's'}, and about {cost.bytes / 2**30:.1f} GB of memory"
    )
