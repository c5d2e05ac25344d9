"""About how long it takes to find label errors in own data, and how much memory: told before it starts.

Measured on one core of a small machine, and rounded: a guide to minutes and hours, not to seconds.
"""

import csv
import math
import os
import zipfile
from pathlib import Path
from typing import Any, NamedTuple

import numpy as np

from labelnoise.data.images import CHANNELS, SUFFIXES

START_SECONDS = 30  # of the stages: Python, torch, DVC
DECODE_MS = 4  # of a photograph of half a megapixel
ENCODE_MS = {"pixels": 0, "given": 0, "patches": 3, "efficientnet_lite0": 11}  # of an image, at its own size
OWN_SIZE = {"efficientnet_lite0": 160}  # pixels; twice as many a side take four times as long
OTHER_MS = 50  # of the user's own network, whose size nobody knows
DETECT_MS = 4  # of an image and a set of features, self-check included
COLUMNS = {"patches": 768, "efficientnet_lite0": 1280}  # of a set of features
OTHER_COLUMNS = 1024
BASE_BYTES = 600 * 2**20  # Python with torch
COPIES = 4  # of features in memory: as read, standardised, in blocks
SMALL = 28  # pixels up to which images are their own features


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
    except (OSError, ValueError, KeyError, zipfile.BadZipFile):
        return None
    if not parts:
        return None
    return Cost(sum(of.images for of in parts), sum(of.seconds for of in parts), max(of.bytes for of in parts))


def of_dataset(section: Any) -> Cost:
    """section: `datasets.<name>` of own data."""
    count, folder = images(section.data), section.data.folder
    encoders = _encoders(section)
    cores = os.cpu_count() or 1
    decoded = DECODE_MS * (1 + sum(name not in ("pixels", "given") for name, _ in encoders)) if folder else 0
    encoded = sum(_encode_ms(*encoder) for encoder in encoders)
    seconds = START_SECONDS + count / 1000 * ((decoded + encoded) / cores + DETECT_MS * len(encoders))
    pixels = CHANNELS[folder.mode][1] * folder.size**2 if folder else 0
    columns = sum(COLUMNS.get(name, pixels if name == "pixels" else OTHER_COLUMNS) for name, _ in encoders)
    return Cost(count, seconds, BASE_BYTES + count * (pixels + COPIES * 4 * columns))


def _own(section: Any) -> bool:
    return section.data.folder is not None or section.data.arrays is not None


def _encoders(section: Any) -> list[tuple[str, int | None]]:
    """Name and size of each; those that `features: null` stands for."""
    if section.features is not None:
        return [(of.encoder, getattr(of, "size", None)) for of in section.features]
    if section.data.folder is None:
        return [("given", None)]
    if section.data.folder.size <= SMALL:
        return [("pixels", None)]
    return [("patches", None), ("efficientnet_lite0", None)]


def _encode_ms(name: str, size: int | None) -> float:
    own = OWN_SIZE.get(name)
    return ENCODE_MS.get(name, OTHER_MS) * ((size / own) ** 2 if size and own else 1)


def images(data: Any) -> int:
    """How many examples there are, without a look at any."""
    if data.arrays is not None:
        with np.load(Path(data.arrays.file).expanduser(), allow_pickle=False) as arrays:
            return len(arrays["labels"])
    if data.folder.csv is not None:
        with open(Path(data.folder.csv).expanduser(), newline="", encoding="utf-8-sig") as file:
            return max(sum(1 for row in csv.reader(file) if row) - 1, 0)
    names = (name for _, _, names in os.walk(Path(data.folder.root).expanduser()) for name in names)
    return sum(name.lower().endswith(SUFFIXES) and not name.startswith(".") for name in names)


def told(cost: Cost) -> str:
    """In words, rounded up."""
    minutes = math.ceil(cost.seconds / 60)
    cores = os.cpu_count() or 1
    return (
        f"{cost.images:,} examples: the list takes about {minutes} minute{'' if minutes == 1 else 's'} on "
        f"{cores} core{'' if cores == 1 else 's'}, and about {cost.bytes / 2**30:.1f} GB of memory"
    )
