"""Trains stacks side by side, one single-threaded worker process per core, here or on a cluster."""

import sys

import joblib
from joblib.externals.loky.process_executor import TerminatedWorkerError

from labelnoise.methods import METHODS
from labelnoise.train import progress
from labelnoise.train.program import Place, Stack, TooLarge, execute, key, name

ON_A_GPU = 8  # processes: a stack of one method alone does not fill it, since steps wait for their launch


def workers(wanted: str | int, kind: str) -> int:
    """Number of training processes; auto: one per core, and on a GPU no more than share it well."""
    if wanted != "auto":
        return int(wanted)
    return joblib.cpu_count() if kind == "cpu" else min(joblib.cpu_count(), ON_A_GPU)


def fill(stacks: list[Stack], place: Place, processes: int, title: str, later: list[progress.Part]) -> None:
    """Train stacks, those that convolve and the longest first, so that no process idles at the end.

    processes: of this machine, where `place` names no scheduler.
    later: what is to be trained after that, for the time left.
    """
    if stacks:
        stacks = sorted(stacks, key=lambda stack: (stack.spec["network"] == "mlp", -_work(size(stack))))
        place.store.mkdir(parents=True, exist_ok=True)
        with progress.shown([*map(size, stacks), *later], place.store, title):
            if place.scheduler:
                _run_on_cluster(stacks, place)
            else:
                _run(stacks, place, min(processes, len(stacks)))


def _run_on_cluster(stacks: list[Stack], place: Place) -> None:
    try:
        from labelnoise.train import cluster  # only here: dask is an extra
    except ModuleNotFoundError as error:
        raise ValueError(
            f"params.yaml: run.scheduler = {place.scheduler}: {error.name} is not installed; "
            "pip install 'labelnoise[dask]', or null for processes of this machine"
        ) from error
    cluster.run(stacks, place)


def _run(stacks: list[Stack], place: Place, processes: int) -> None:
    """Where a GPU does not hold a run of each of the processes, half of them train what is left."""
    tasks = (joblib.delayed(execute)(stack, place) for stack in stacks)
    try:
        with joblib.parallel_config(backend="loky", inner_max_num_threads=1):
            joblib.Parallel(n_jobs=processes, batch_size=1)(tasks)
    except TooLarge:
        if processes == 1:
            raise
        print(f"the GPU's memory is full: {processes // 2} processes in place of {processes}", file=sys.stderr)
        _run(stacks, place, processes // 2)
    except TerminatedWorkerError as error:
        raise ValueError(
            "a training process was killed (out of memory?); finished runs are kept: run again to go on, "
            "or lower run.workers in params.yaml"
        ) from error


def size(stack: Stack) -> progress.Part:
    """For the progress bar."""
    spec = stack.spec
    epochs = rounds(spec["method"], spec["method_section"]) * spec["settings"]["epochs"]
    images = len(stack.programs[0].arrays["labels"])
    return progress.Part(name(stack), len(stack.programs), epochs, images, key(stack.programs[-1]))


def _work(part: progress.Part) -> int:
    return part.runs * part.epochs * part.images


def rounds(method: str, section: dict) -> int:
    """How often a method trains from new initial weights."""
    made, count = METHODS[method](**section), 1
    while (made := made.next_round()) is not None:
        count += 1
    return count
