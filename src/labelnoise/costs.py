"""About how long it takes to find label errors in own data, and how much memory a study takes: told before it
starts.

Measured on one core of a small machine, and rounded: a guide to minutes and hours, not to seconds. Memory is
measured by benchmarks/memory.py (memory.csv has its numbers).
"""

import math
import os
from contextlib import suppress
from pathlib import Path
from typing import Any, NamedTuple

import joblib

from labelnoise import scratch, sizes
from labelnoise.classifier import training
from labelnoise.detect import many
from labelnoise.detect.gate import MOST_HALVED, MOST_KEPT, MOST_SIMULATED, SPLITS
from labelnoise.detect.ridge import MOST_LANDMARKS
from labelnoise.sizes import UNREADABLE, Size, whole

START_SECONDS = 30  # of the stages: Python, torch, DVC
DECODE_MS = 4  # of a photograph of half a megapixel
ENCODE_MS = {"pixels": 0, "given": 0, "patches": 3, "efficientnet_lite0": 11}  # of an image, at its own size
# Of a picture that the filters of patches are taken from, which is decoded twice besides; and how many these are
# at most (features.patches, which comes with torch)
FIT_MS, FITTED = 5, 1000
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
# With many classes, in bytes: per example; per example, class kept and set; per entry of a noise matrix; per set,
# of the blocks that are worked on
PER_EXAMPLE, PER_KEPT, MATRICES, BLOCKS = 600, 40, 100, 2**29
MANY_HALVED = 3  # kernels of the examples that the gate draws, of a set
KEPT = 100  # of a half that is kept, and a set: per pair of its examples, if both its ridges were led on to rounds
# Of training, bytes per example, class and run trained side by side: probabilities at the last and the best epoch,
# and the entry that is written. Of evaluation, bytes per example and run of a cell, and per example and class.
TRAINED, JUDGED, READ = 40, 20, 16
TOGETHER, PROBABILITIES = 45, 2**24  # runs of a stack, and probabilities that they leave: at most (runs.programs)
PARENT_BYTES = 100 * 2**20  # of the process that hands out work, beside its images
SMALL = 28  # pixels up to which images are their own features
COLORS = (1, 3)  # channels that a network trained on photographs can take


class Cost(NamedTuple):
    """Of all own data of a study."""

    images: int
    seconds: float  # on the cores that are there
    bytes: float


def of_study(params: Any) -> Cost | None:
    """None where no data set is the user's own, or one cannot be read, which the stages tell better."""
    sections = [params.datasets[name] for name in params.study.datasets if sizes.own(params.datasets[name].data)]
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
    per seed, and one alone of labels from people. Without study.full nothing is trained but the classifier.
    """
    names = [name for name, _ in _encoders(section, size)]
    tasks = 1 if sizes.own(section.data) else section.detection.seeds
    detection = min(workers, tasks) * (BASE_BYTES + _bytes(size, names) + _halves(section, size, len(names)))
    images = PARENT_BYTES + size.examples * size.values
    if not params.study.full:
        return images + detection
    left = size.examples * size.classes
    together = max(1, min(TOGETHER, PROBABILITIES // left))
    networks = _networks(section, size, params)
    training = workers * (BASE_BYTES + TRAINED * together * left + 4 * size.examples * size.values + networks)
    runs = 2 * len(params.methods) * params.study.seeds  # at the last and at the best epoch
    evaluation = BASE_BYTES + size.examples * (JUDGED * runs + READ * size.classes)
    return images + max(detection, training, evaluation)


def _halves(section: Any, size: Size, sets: int) -> float:
    """Bytes of those that detection keeps for further labels of the same images: injected ones, which a gate looks
    at in all cells of a seed."""
    folds = section.data.folds
    trained = size.examples * (folds - 1) / folds if folds > 1 else section.data.subset or size.examples
    if sizes.own(section.data) or not section.detection.checked or trained > MOST_KEPT:
        return 0.0
    return 2 * SPLITS * sets * KEPT * (trained / 2) ** 2


def _networks(section: Any, size: Size, params: Any) -> float:
    """Of those that are trained here, where there is something to see; a GPU has a memory of its own."""
    if not size.values:
        return 0.0
    from labelnoise.device import chosen  # both with torch, which a list alone does without
    from labelnoise.runs import demand

    if chosen(params.run.device) == "cuda":
        return 0.0
    return demand.of_section(section, params.networks, shape_of(section, size), size.classes)


def shape_of(section: Any, size: Size) -> tuple[int, int, int]:
    """[channels, height, width] of what networks see of an example of `datasets.<name>`."""
    if section.inputs is not None:
        return 1, 1, COLUMNS.get(section.inputs, OTHER_COLUMNS)
    if not size.side:
        return 1, 1, size.values
    channels, *sides = size.shape
    height, width = (min(section.data.crop or side, side) for side in sides)
    return channels, height, width


def available() -> float:
    """Bytes that can still be had: of this machine, or of the container that this process runs in."""
    whole = os.sysconf("SC_PHYS_PAGES") * os.sysconf("SC_PAGE_SIZE")
    with suppress(OSError):
        lines = Path("/proc/meminfo").read_text().splitlines()  # Linux
        whole = next(int(line.split()[1]) * 2**10 for line in lines if line.startswith("MemAvailable:"))
    with suppress(OSError, ValueError):  # "max": no limit
        whole = min(whole, int(Path("/sys/fs/cgroup/memory.max").read_text()))
    return whole


def of_dataset(section: Any) -> Cost:
    """section: `datasets.<name>` of own data."""
    size, folder = whole(section.data, ""), section.data.folder
    encoders = _encoders(section, size)
    cores = os.cpu_count() or 1
    decoded = DECODE_MS * (1 + sum(name not in ("pixels", "given") for name, _ in encoders)) if folder else 0
    encoded = sum(_encode_ms(*encoder) for encoder in encoders)
    seconds = START_SECONDS + size.examples / 1000 * ((decoded + encoded) / cores + DETECT_MS * len(encoders))
    if "patches" in dict(encoders):
        again = 2 * DECODE_MS / cores if folder else 0
        seconds += min(size.examples, FITTED) / 1000 * (FIT_MS + again)
    return Cost(size.examples, seconds, BASE_BYTES + _bytes(size, [name for name, _ in encoders]))


def _bytes(size: Size, names: list[str]) -> float:
    """Of detection, or of the classifier after it; names: of the sets of features."""
    own, sets = {"pixels": size.values, "given": size.values}, len(names)
    columns = sum((COLUMNS | own).get(name, OTHER_COLUMNS) for name in names)
    stored = size.values * (1 if size.side else 4)
    held = scratch.in_memory(size.examples * stored) + COPIES * scratch.in_memory(4 * size.examples * columns)
    detected = by_class(size.examples, size.classes, max(sets, 1)) + kernels(size.examples, size.classes, sets)
    return held + max(detected, training.needed(size.examples, size.classes, names))


def by_class(examples: int, classes: int, sets: int) -> float:
    """Bytes of what detection holds of each class."""
    if not many.are_many(examples, classes):
        return examples * 8 * PER_CLASS * classes * sets
    kept = PER_EXAMPLE + PER_KEPT * min(many.KEPT + 1, classes) * sets
    return examples * kept + MATRICES * classes**2 + BLOCKS * sets


def kernels(examples: int, classes: int, sets: int) -> float:
    """Bytes of the kernels of all sets in memory, and of those of the examples that the gate draws."""
    if not sets:
        return 0
    row = 4 * min(examples, MOST_LANDMARKS)
    if many.are_many(examples, classes):
        halved = min(examples, MOST_SIMULATED) * MANY_HALVED * sets
    else:
        halved = min(examples, MOST_HALVED) * (HALVED_KERNELS + MORE_HALVED * (sets - 1))
    return scratch.in_memory(row * examples) * whole_kernels(sets) + row * halved


def whole_kernels(sets: int) -> int:
    """How many there are of all examples."""
    return KERNELS + MORE_KERNELS * (sets - 1) if sets else 0


def _encoders(section: Any, size: Size) -> list[tuple[str, int | None]]:
    """Name and size of each; those that `features: null` stands for."""
    if section.features is not None:
        return [(of.encoder, getattr(of, "size", None)) for of in section.features]
    if not size.side:
        return [("given", None)] if size.values else []
    if size.side <= SMALL:
        return [("pixels", None)]
    both = [("patches", None), ("efficientnet_lite0", None)]
    return both if size.shape[0] in COLORS else both[:1]


def _encode_ms(name: str, size: int | None) -> float:
    own = OWN_SIZE.get(name)
    return ENCODE_MS.get(name, OTHER_MS) * ((size / own) ** 2 if size and own else 1)


def in_words(cost: Cost) -> str:
    """In words, rounded up."""
    minutes = math.ceil(cost.seconds / 60)
    cores = os.cpu_count() or 1
    return (
        f"{cost.images:,} examples: the list takes about {minutes} minute{'' if minutes == 1 else 's'} on "
        f"{cores} core{'' if cores == 1 else 's'}, and about {cost.bytes / 2**30:.1f} GB of memory"
    )
