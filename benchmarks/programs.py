"""Timing of programs in this process, without the engine: the cost of training, start-up left out."""

import tempfile
import time
from pathlib import Path

import torch

from labelnoise.train import program
from labelnoise.train.engine import Job
from labelnoise.train.program import Place

NEVER = float("inf")  # no checkpoints


def seconds(jobs: list[Job], device: str) -> float:
    """Train `jobs` one after the other into an empty store: CPU-seconds, on a GPU seconds until it is done."""
    clock = time.process_time if device == "cpu" else time.perf_counter
    with tempfile.TemporaryDirectory() as store:
        start = clock()
        for job in jobs:
            program.execute(*job, Place(Path(store), NEVER))
        if device == "cuda":
            torch.cuda.synchronize()
        return clock() - start
