"""Runs programs side by side, one single-threaded worker process per core, and collects from the run store."""

from typing import NamedTuple

import joblib
from joblib.externals.loky.process_executor import TerminatedWorkerError

from labelnoise.methods import METHODS
from labelnoise.train import progress, store
from labelnoise.train.program import Images, Place, Program, execute, key
from labelnoise.train.types import Monitor


class Job(NamedTuple):
    """A program, the images that it trains on, and the monitor that judges it; opaque, and None for bags."""

    program: Program
    images: Images
    monitor: Monitor | None


def workers(wanted: str | int, kind: str) -> int:
    """Number of training processes; auto: one per core on CPU, one on a GPU."""
    if wanted != "auto":
        return int(wanted)
    return joblib.cpu_count() if kind == "cpu" else 1


def fill(jobs: list[Job], place: Place, processes: int, title: str, later: list[progress.Part]) -> None:
    """Train the jobs that the store does not hold, the longest first, so that no process idles at the end.

    later: what is to be trained after that, for the time left.
    """
    named = {key(job.program): job for job in jobs}
    missing = [job for name, job in named.items() if not store.sound(place.store, name)]
    if missing:
        missing.sort(key=lambda job: -_size(job.program).epochs)
        place.store.mkdir(parents=True, exist_ok=True)
        with progress.shown([*(_size(job.program) for job in missing), *later], place.store, title):
            _run(missing, place, min(processes, len(missing)))


def _run(jobs: list[Job], place: Place, processes: int) -> None:
    tasks = (joblib.delayed(execute)(*job, place) for job in jobs)
    try:
        with joblib.parallel_config(backend="loky", inner_max_num_threads=1):
            joblib.Parallel(n_jobs=processes, pre_dispatch="all", batch_size=1)(tasks)
    except TerminatedWorkerError as error:
        raise ValueError(
            "a training process was killed (out of memory?); finished runs are kept: run again to go on, "
            "or lower run.workers in params.yaml"
        ) from error


def _size(program: Program) -> progress.Part:
    spec = program.spec
    images = program.arrays["labels"].shape[1]
    return progress.Part(
        key(program),
        len(spec["streams"]),
        rounds(spec["method"], spec["method_section"]) * spec["settings"]["epochs"],
        images,
    )


def rounds(method: str, section: dict) -> int:
    """How often a method trains from new initial weights."""
    made, count = METHODS[method](**section), 1
    while (made := made.next_round()) is not None:
        count += 1
    return count
