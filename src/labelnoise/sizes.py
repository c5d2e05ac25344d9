"""How many examples, classes and pixels a data set has, known without a look at any image."""

import csv
import math
import zipfile
import zlib
from pathlib import Path
from typing import Any, NamedTuple

import numpy as np

from labelnoise.data import listing
from labelnoise.data.images import CHANNELS

# of numpy and zipfile about files, and of csv
UNREADABLE = (
    OSError, ValueError, StopIteration, KeyError, IndexError, EOFError, zipfile.BadZipFile, zlib.error, csv.Error,
)  # fmt: skip


class Size(NamedTuple):
    """What there is."""

    examples: int
    classes: int
    shape: tuple[int, ...]  # of an example: [channels, height, width], or [columns] of features; [0]: neither

    @property
    def side(self) -> int:
        """Pixels of the longer side of stored images; 0: no images."""
        return max(self.shape[1:], default=0)

    @property
    def values(self) -> int:
        """Of an example."""
        return math.prod(self.shape)


# Published data sets, training and test part together; digits have folds
PUBLISHED = {
    "digits": Size(1_797, 10, (1, 8, 8)),
    "mnist": Size(70_000, 10, (1, 28, 28)),
    "fashion_mnist": Size(70_000, 10, (1, 28, 28)),
    "cifar10": Size(60_000, 10, (3, 32, 32)),
    "cifar100": Size(60_000, 100, (3, 32, 32)),
    "cifar10n": Size(60_000, 10, (3, 32, 32)),
    "cifar100n": Size(60_000, 100, (3, 32, 32)),
}
TEST_PART = 10_000  # images of those without folds


def own(data: Any) -> bool:
    """Whether a data set, its section `data`, is the user's own."""
    return data.folder is not None or data.arrays is not None


def whole(data: Any, name: str) -> Size | None:
    """Of a data set after `subset`; None where its name says nothing."""
    if own(data):
        size, folds = size_of(data), data.folds
    elif (data.source or name) in PUBLISHED:
        size, folds = PUBLISHED[data.source or name], data.folds
    else:
        return None
    if data.subset is None:
        return size
    kept = data.subset * folds // (folds - 1) if folds > 1 else data.subset + TEST_PART
    return size._replace(examples=min(size.examples, kept))


def too_far(params: Any) -> str | None:
    """One line where training moves images by as many pixels as they have, or cuts as many out."""
    for name in params.study.datasets if params.study.full else []:
        section = params.datasets[name]
        try:
            size = whole(section.data, name)
        except UNREADABLE:
            continue  # the stages tell it better
        if size is None or not size.side or section.inputs is not None:
            continue
        side = min(*size.shape[1:], section.data.crop or size.side)
        rows = {f"methods.{row}": values.get("training", {}) for row, values in params.methods.items()}
        for where, training in {f"datasets.{name}": section.training.model_dump(), **rows}.items():
            for key in ("shift", "crop", "cutout"):
                if training.get(key, 0) >= side:
                    far = f"{where}.training.{key} = {training[key]}: images of datasets.{name} have {side} pixels"
                    return f"{far}; allowed: less"
    return None


def size_of(data: Any) -> Size:
    """data: `datasets.<name>.data` of own data; one of UNREADABLE where there is nothing to read."""
    if data.arrays is not None:
        return _of_arrays(_file(data), data.arrays.holds)
    found = _of_csv(data.folder) if data.folder.csv is not None else _of_folder(data.folder)
    return Size(*found, (CHANNELS[data.folder.mode][1], data.folder.size, data.folder.size))


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
        return Size(count, classes, (0,))
    shape = _shape(file, holds)[1:]
    if holds == "features":
        return Size(count, classes, (math.prod(shape),))
    height, width, *channels = shape  # a ValueError for other shapes, which the stages tell better
    return Size(count, classes, (math.prod(channels), height, width))


def _shape(file: Path, name: str) -> tuple[int, ...]:
    """Of an array of an npz file, from its header alone."""
    with zipfile.ZipFile(file) as arrays, arrays.open(f"{name}.npy") as array:
        read = {1: np.lib.format.read_array_header_1_0, 2: np.lib.format.read_array_header_2_0}
        return read[np.lib.format.read_magic(array)[0]](array)[0]
