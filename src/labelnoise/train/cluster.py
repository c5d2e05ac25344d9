"""Trains stacks on the workers of a dask scheduler, which share nothing but the network with who asks.

Stacks go out, arrays come back, and the store is written here. A worker trains one stack at a time, and none that
it would train to other bytes. A lost worker costs its stack, which is trained again elsewhere.
"""

import logging
import math
import sys
import tempfile
import time
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from pathlib import Path

import dask
import distributed
import numpy as np
import psutil
from distributed import Client, Future, KilledWorker, TimeoutError, get_worker
from distributed.client import CancelledError

from labelnoise.device import chosen
from labelnoise.train import code, steps, store
from labelnoise.train.program import Images, Place, Program, Stack, fitting, keep, name
from labelnoise.train.types import Monitor

CONNECT = 10.0  # seconds within which a scheduler answers
PATIENCE = 300.0  # seconds without a worker: jobs of a batch system take a while to start
LOOK = 5.0  # seconds between looks at the workers
KEPT = "finished runs are kept: run again to go on"
QUIET = {"distributed.admin.large-graph-warning-threshold": "1GiB"}  # images are large, and sent once


def run(stacks: list[Stack], place: Place) -> None:
    """Train stacks, the first first, and put each into the store as soon as it is done. ValueError in one line for
    a scheduler or workers that are not there, or not there any more; else what a stack failed with."""
    with _client(place.scheduler) as client:
        try:
            _collect(client, _submitted(client, stacks), place)
        except (CancelledError, OSError) as error:
            if isinstance(error, OSError) and client.status == "running":  # that of a stack, or of a full disk
                raise
            raise ValueError(f"the scheduler {place.scheduler} went away; {KEPT}") from error


@contextmanager
def _client(address: str) -> Iterator[Client]:
    try:
        client = Client(address, timeout=CONNECT)
    except (OSError, ValueError) as error:
        raise ValueError(
            f"params.yaml: run.scheduler = {address}: no scheduler answers there; start one (dask scheduler), or "
            "null for processes of this machine"
        ) from error
    logging.getLogger("distributed.client").setLevel(logging.CRITICAL)  # `run` tells of a lost connection
    with client:
        yield client


def _submitted(client: Client, stacks: list[Stack]) -> dict[Future, Stack]:
    """The images are a task of their own, so that they travel once, and again where a worker is lost with them."""
    waiting, images = {}, {}
    with dask.config.set(QUIET):
        for rank, stack in enumerate(stacks):
            kept = store.key({part: stack.spec[part] for part in ("images", "standardisation")})
            if kept not in images:
                images[kept] = client.submit(Images, *stack.images, key=f"images-{kept}", resources=_needs(stack))
            parts = (stack.programs, images[kept], stack.monitor)
            own = {"key": f"train-{name(stack)}", "priority": -rank, "resources": _needs(stack)}
            waiting[client.submit(_trained, *parts, **own)] = stack
    return waiting


def _needs(stack: Stack) -> dict[str, float]:
    """Of the resources that workers are started with."""
    return {"GPU": 1} if stack.spec["machine"]["device"] == "cuda" else {}


def _collect(client: Client, waiting: dict[Future, Stack], place: Place) -> None:
    seen, told = time.monotonic(), False
    while waiting:
        done = _done(waiting)
        for future in done:
            _keep(future, waiting.pop(future), place)
        if done or any(_able(client, _needs(stack)) for stack in waiting.values()):
            seen, told = time.monotonic(), False
        elif time.monotonic() - seen > PATIENCE:
            raise ValueError(f"{_nobody(waiting, place)} in {PATIENCE:.0f} s; {KEPT}")
        elif not told:
            print(f"{_nobody(waiting, place)}: waiting up to {PATIENCE:.0f} s", file=sys.stderr, flush=True)
            told = True


def _done(waiting: dict[Future, Stack]) -> list[Future]:
    """Those that are done after a while, failed ones last, so that no other is lost with them."""
    try:
        done = distributed.wait(list(waiting), timeout=LOOK, return_when="FIRST_COMPLETED").done
    except TimeoutError:
        return []
    return sorted(done, key=lambda future: future.status == "error")


def _keep(future: Future, stack: Stack, place: Place) -> None:
    try:
        keep(stack, place.store, future.result())
    except KilledWorker as error:
        what = f"{stack.spec['method']} on {stack.spec['network']}, {len(stack.programs)} runs"
        raise ValueError(
            f"{what}: {error.allowed_failures + 1} workers died while they trained it (out of memory?); {KEPT}"
        ) from error


def _able(client: Client, needs: dict[str, float]) -> bool:
    workers = client.scheduler_info(n_workers=-1)["workers"].values()
    return any(all(worker["resources"].get(of, 0) >= n for of, n in needs.items()) for worker in workers)


def _nobody(waiting: dict[Future, Stack], place: Place) -> str:
    needs = " ".join(f"--resources {of}={n}" for of, n in _needs(next(iter(waiting.values()))).items())
    return f"no worker{needs and f' with {needs}'} at the scheduler {place.scheduler}"


def _trained(made: list[Program], images: Images, monitor: Monitor | None) -> list[dict[str, np.ndarray]]:
    """On a worker: what each run leaves. Checkpoints would outlive no worker, so there are none."""
    worker, stack = get_worker(), Stack(made, images, monitor)
    if why := _refusal(stack.spec, worker.state.nthreads):
        raise ValueError(f"the worker {worker.address} would train other bytes: {why}; {KEPT}")
    with tempfile.TemporaryDirectory(dir=worker.local_directory) as folder:
        parts = fitting(stack, Place(Path(folder), math.inf))
        return [own for _, left in parts for own in left]


def _refusal(spec: dict, threads: int) -> str:
    """What of this process differs from what a stack asks for; "" where nothing does."""
    wanted = spec["machine"]
    if threads != 1:
        return f"{threads} threads; allowed: 1 (dask worker --nthreads 1)"
    own = store.machine(chosen(wanted["device"]), steps.kernel_name() if wanted["kernel"] else "")
    if differ := [part for part in wanted if own.get(part) != wanted[part]]:
        return ", ".join(f"{part} {own.get(part)} in place of {wanted[part]}" for part in differ)
    if spec["code"] != code.code_of(spec["network"], spec["method"]):
        return "its code is another version"
    if _newest(code.used(code.code_files(spec["network"], spec["method"]), code.SHARED)) > _started():
        return "its code changed after it was started; start it again"
    return ""


def _newest(files: Iterable[Path]) -> float:
    return max(path.stat().st_mtime for path in files)


def _started() -> float:
    return psutil.Process().create_time()
