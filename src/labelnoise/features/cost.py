"""How long features will take and how much memory, from a first block of each encoder."""

import sys
import time
from collections.abc import Sequence
from typing import NamedTuple

import numpy as np

from labelnoise.features import blocks, pictures
from labelnoise.features.pictures import Pictures
from labelnoise.features.types import Encoder, Machine

try:
    import resource
except ImportError:  # Windows
    resource = None

COPIES = 1  # of the features in memory: they are written as they lie


class Cost(NamedTuple):
    """Of one encoder, for all examples."""

    seconds: float  # of one thread
    held: int  # bytes of its features
    block: int  # bytes that a block adds to the peak of this process


def measured(encoder: Encoder, of: Pictures, machine: Machine) -> Cost:
    """A first block by one thread, run twice: the first time libraries prepare what they keep."""
    count, before = pictures.count(of), _peak()
    rows = np.arange(min(encoder.block, count))
    with blocks.alone():
        blocks.block(encoder, of, rows, machine.device)
        began = time.perf_counter()
        found = blocks.block(encoder, of, rows, machine.device)
        seconds = (time.perf_counter() - began) / len(rows) * count
    return Cost(seconds, found.nbytes // len(rows) * count, _peak() - before)


def in_words(names: Sequence[str], costs: Sequence[Cost], of: Pictures, machine: Machine) -> str:
    """One line on all encoders together."""
    threads = machine.workers
    times = ", ".join(f"{name} {cost.seconds / threads:,.0f} s" for name, cost in zip(names, costs))
    total = sum(cost.seconds for cost in costs) / threads
    memory = (
        _peak() + COPIES * sum(cost.held for cost in costs) + (threads - 1) * max(cost.block for cost in costs)
    )
    room = f", {memory / 1e9:.1f} GB of memory" if resource else ""
    return (
        f"features: {pictures.count(of)} examples: {times}; about {total:,.0f} s on {threads} "
        f"thread{'s' if threads > 1 else ''}{room} (measured on the first block of each)"
    )


def _peak() -> int:
    """Bytes that this process held at most so far."""
    if resource is None:
        return 0
    peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
    return peak if sys.platform == "darwin" else peak * 1024
