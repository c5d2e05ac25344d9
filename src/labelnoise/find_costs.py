"""How long `labelnoise.find` takes, how much memory, and how much room for temporary files: told before it starts.

Room is measured by benchmarks/large.py; docs/large.md has the limits that follow.
"""

import math
import os
import shutil
import tempfile
from collections.abc import Sequence
from contextlib import suppress
from typing import Any

from labelnoise import costs, scratch
from labelnoise.detect.ridge import MOST_LANDMARKS

GIVEN = 2  # copies of pred_probs: as read, and made to sum to 1
START_SECONDS = 5  # Python and torch, where `make own` has a process per stage, and DVC
BUSY = 1.0  # processes of others from which on they are told of
CHECKED = 0.8  # of the noise model's time is its self-check's: .79 to .88 for 1,000 to 8,000 examples, 1 or 2 sets


def needed(examples: int, classes: int, columns: Sequence[int], probs: bool = False) -> tuple[float, float]:
    """Bytes of memory and of temporary files of `labelnoise.find` with features of so many `columns` a set; probs:
    pred_probs are given too."""
    row = 4 * min(examples, MOST_LANDMARKS)
    arrays = [4 * examples * own for own in columns for _ in range(costs.COPIES)]
    arrays += [4 * examples * classes] * GIVEN * probs
    kernels = [row * examples] * costs.whole_kernels(len(columns))
    held = sum(map(scratch.in_memory, arrays)) + costs.kernels(examples, classes, len(columns))
    memory = costs.BASE_BYTES + held + costs.by_class(examples, classes, max(len(columns) + probs, 1))
    return memory, sum(size - scratch.in_memory(size) for size in arrays + kernels)


def columns_of(shape: tuple[int, ...], sections: Sequence[Any] | None) -> list[int]:
    """Of the features of images of this `shape`, [height, width, ...]; (): of files."""
    values, small = math.prod(shape), bool(shape) and max(shape[:2]) <= costs.SMALL
    if sections is None:
        colour = (shape[2:] or costs.COLORS)[0] in costs.COLORS
        both = list(costs.COLUMNS.values()) if colour else [costs.COLUMNS["patches"]]
        return [values] if small else both
    own = costs.COLUMNS | ({"pixels": values} if shape else {})
    return [own.get(section.encoder, costs.OTHER_COLUMNS) for section in sections]


def seconds(examples: int, sets: int, probs: bool = False) -> tuple[float, float]:
    """Of the noise model and of its self-check, with so many `sets` of features; beside pred_probs little is
    checked."""
    whole = costs.DETECT_MS * sets * examples / 1000
    return (1 - CHECKED) * whole, 0 if probs else CHECKED * whole


def about(seconds_: float) -> str:
    """As in: about 3 min."""
    return f"about {seconds_ / 60:.0f} min" if seconds_ >= 90 else f"about {max(math.ceil(seconds_), 1)} s"


def in_words(cost: costs.Cost, sets: int) -> str:
    """All of it beforehand, and what of that the noise model takes. cost: of all, as of `make own`."""
    cores, whole = os.cpu_count() or 1, cost.seconds - costs.START_SECONDS + START_SECONDS
    others = 0.0
    with suppress(AttributeError, OSError):  # not told everywhere
        others = os.getloadavg()[0]
    slower = f" (up to {about(whole * (1 + others / cores))} beside what else runs now)" if others >= BUSY else ""
    return (
        f"{cost.images:,} examples: {about(whole)} in all on {cores} free core{'' if cores == 1 else 's'}{slower}"
        f", of which the noise model and its self-check take {about(sum(seconds(cost.images, sets)))}; about "
        f"{cost.bytes / 2**30:.1f} GB of memory"
    )


def check(examples: int, classes: int, columns: Sequence[int], probs: bool = False) -> None:
    """ValueError in one line where that is more than there is, with what to lower."""
    (memory, disk), folder = needed(examples, classes, columns, probs), tempfile.gettempdir()
    what = f"{examples:,} examples of {classes:,} classes with {sum(columns):,} columns of features"
    if memory > (there := costs.available()):
        room = f"about {memory / 2**30:.1f} GB of memory, and {there / 2**30:.1f} GB are free"
        raise ValueError(f"labels: {what} take {room}; allowed: fewer labels at a time, or fewer columns")
    if disk > (there := shutil.disk_usage(folder).free):
        room = f"about {disk / 2**30:.1f} GB in {folder}, where {there / 2**30:.1f} GB are free"
        raise ValueError(
            f"labels: {what} take {room}; allowed: TMPDIR=<a folder with more room>, or fewer columns"
        )
