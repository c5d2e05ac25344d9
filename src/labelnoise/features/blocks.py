"""Work on blocks of examples, side by side in threads.

A thread has one block and computes it alone: then no sum depends on how many cores there are. Threads, since torch
and Pillow work without the interpreter's lock, and processes would first import for seconds.
"""

import warnings
from collections.abc import Iterator
from contextlib import contextmanager

import joblib
import numpy as np
import torch

from labelnoise.data.counted import counted
from labelnoise.features import pictures
from labelnoise.features.pictures import Pictures
from labelnoise.features.types import Encoder, Machine


def encoded(
    encoder: Encoder, of: Pictures, rows: np.ndarray, machine: Machine, title: str
) -> Iterator[np.ndarray]:
    """Features float32 [b, D] of the examples `rows`, block by block and in order; title: of the progress."""
    starts = range(0, len(rows), encoder.block)
    parallel = joblib.Parallel(
        n_jobs=max(min(machine.workers, len(starts)), 1), prefer="threads", return_as="generator"
    )
    tasks = (joblib.delayed(block)(encoder, of, rows[s : s + encoder.block], machine.device) for s in starts)
    exact = torch.backends.cudnn.flags(enabled=True, deterministic=True, allow_tf32=False)
    with alone(), exact, warnings.catch_warnings():
        warnings.filterwarnings("ignore", module="PIL")  # on odd metadata
        yield from counted(parallel(tasks), len(rows), title)


def block(encoder: Encoder, of: Pictures, rows: np.ndarray, device: str) -> np.ndarray:
    """Features float32 [b, D] of one block of examples."""
    with torch.inference_mode():
        return encoder.encode(pictures.at(of, rows, encoder.size).to(device)).float().cpu().numpy()


@contextmanager
def alone() -> Iterator[None]:
    """One thread of torch's own in each of ours."""
    before = torch.get_num_threads()
    torch.set_num_threads(1)
    try:
        yield
    finally:
        torch.set_num_threads(before)
