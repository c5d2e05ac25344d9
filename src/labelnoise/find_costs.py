"""How much memory, and how much room for temporary files, `labelnoise.find` takes: told before it starts.

Measured by benchmarks/large.py; docs/large.md has the limits that follow.
"""

import math
import shutil
import tempfile
from collections.abc import Sequence
from typing import Any

from labelnoise import costs
from labelnoise.detect import many
from labelnoise.detect.gate import MOST_HALVED, MOST_SIMULATED
from labelnoise.detect.ridge import MOST_LANDMARKS

# With many classes, in bytes: per example; per example, class kept and set; per entry of a noise matrix; per set,
# of the blocks that are worked on
PER_EXAMPLE, PER_KEPT, MATRICES, BLOCKS = 600, 40, 100, 2**29
MANY_HALVED = 3  # kernels of the examples that the gate draws, of a set


def needed(examples: int, classes: int, columns: Sequence[int]) -> tuple[float, float]:
    """Bytes of memory and of temporary files of `labelnoise.find` with features of so many `columns` a set."""
    sets, row = max(len(columns), 1), 4 * min(examples, MOST_LANDMARKS)
    arrays = [4 * examples * own for own in columns for _ in range(costs.COPIES)]
    arrays += [row * examples] * (costs.KERNELS + costs.MORE_KERNELS * (sets - 1) if columns else 0)
    if many.are_many(examples, classes):
        halved = min(examples, MOST_SIMULATED) * MANY_HALVED * sets
        kept = PER_EXAMPLE + PER_KEPT * min(many.KEPT + 1, classes) * sets
        by_class = examples * kept + MATRICES * classes**2 + BLOCKS * sets
    else:
        halved = min(examples, MOST_HALVED) * (costs.HALVED_KERNELS + costs.MORE_HALVED * (sets - 1))
        by_class = examples * 8 * costs.PER_CLASS * classes * sets
    held = sum(map(costs.in_memory, arrays))
    return costs.BASE_BYTES + held + by_class + (row * halved if columns else 0), sum(arrays) - held


def columns_of(shape: tuple[int, ...], sections: Sequence[Any] | None) -> list[int]:
    """Of the features of images of this `shape`, [height, width, ...]; (): of files."""
    values, small = math.prod(shape), bool(shape) and max(shape[:2]) <= costs.SMALL
    if sections is None:
        colour = (shape[2:] or costs.COLORS)[0] in costs.COLORS
        both = list(costs.COLUMNS.values()) if colour else [costs.COLUMNS["patches"]]
        return [values] if small else both
    own = costs.COLUMNS | ({"pixels": values} if shape else {})
    return [own.get(section.encoder, costs.OTHER_COLUMNS) for section in sections]


def check(examples: int, classes: int, columns: Sequence[int]) -> None:
    """ValueError in one line where that is more than there is, with what to lower."""
    (memory, disk), folder = needed(examples, classes, columns), tempfile.gettempdir()
    what = f"{examples:,} examples of {classes:,} classes with {sum(columns):,} columns of features"
    if memory > (there := costs.available()):
        room = f"about {memory / 2**30:.1f} GB of memory, and {there / 2**30:.1f} GB are free"
        raise ValueError(f"labels: {what} take {room}; allowed: fewer labels at a time, or fewer columns")
    if disk > (there := shutil.disk_usage(folder).free):
        room = f"about {disk / 2**30:.1f} GB in {folder}, where {there / 2**30:.1f} GB are free"
        raise ValueError(
            f"labels: {what} take {room}; allowed: TMPDIR=<a folder with more room>, or fewer columns"
        )
