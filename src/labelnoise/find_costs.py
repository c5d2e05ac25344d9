"""How much memory, and how much room for temporary files, `labelnoise.find` takes: told before it starts.

Measured by benchmarks/large.py; docs/large.md has the limits that follow.
"""

import math
import shutil
import tempfile
from collections.abc import Sequence
from typing import Any

from labelnoise import costs, scratch
from labelnoise.detect.ridge import MOST_LANDMARKS

GIVEN = 2  # copies of pred_probs: as read, and made to sum to 1


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
