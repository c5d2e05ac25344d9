"""A cluster gives the bytes of one process, whatever is lost on the way, and says in one line what is missing."""

import os
import signal
import sys
import threading
import time
from contextlib import suppress
from pathlib import Path
from types import SimpleNamespace

import dask
import pytest
import tiny_study
from distributed import LocalCluster

from labelnoise import train
from labelnoise.train import cluster, engine, program
from labelnoise.train.program import Place

NOWHERE = "tcp://127.0.0.1:9"  # a service that is hardly ever there


@pytest.fixture(scope="module")
def made(tmp_path_factory):
    """A cluster of two processes."""
    folder = str(tmp_path_factory.mktemp("workers"))
    local = {"host": "127.0.0.1", "dashboard_address": ":0", "memory_limit": 0, "local_directory": folder}
    with LocalCluster(n_workers=2, threads_per_worker=1, **local) as made:
        yield made


def fill(stacks, folder, scheduler=None):
    """The bytes of all entries afterwards."""
    engine.fill(stacks, Place(folder, 1e9, scheduler), 1, "test", [])
    return {path.name: path.read_bytes() for path in folder.glob("*.npz")}


def said(stacks, folder, scheduler):
    """What a study ends with; it must be one line."""
    with pytest.raises(ValueError) as error:
        fill(stacks, folder, scheduler)
    assert "\n" not in str(error.value)
    return str(error.value)


@pytest.fixture(scope="module")
def stacks():
    """One is done long before the other."""
    return [tiny_study.job("gce"), tiny_study.job("mae", of=tiny_study.data(seeds=2, epochs=200))]


@pytest.fixture(scope="module")
def here(stacks, tmp_path_factory):
    """The bytes that one process gives."""
    return fill(stacks, tmp_path_factory.mktemp("here"))


def in_the_middle(made, act):
    """Call `act` with the worker that has trained a stack for more than all epochs of short ones."""

    def look():
        while not (busy := [worker for worker in made.scheduler.workers.values() if epochs(worker) > 10]):
            time.sleep(0.01)
        act(busy[0])

    thread = threading.Thread(target=look, daemon=True)
    thread.start()
    return thread


def epochs(worker):
    """Of the stack that it trains."""
    for path in Path(worker.local_directory).rglob("*.ticks"):
        with suppress(FileNotFoundError):  # done this moment
            return int(path.read_text() or 0)
    return 0


def altered(stack, **part):
    """Asks for something else."""
    return stack._replace(programs=[one._replace(spec=one.spec | part) for one in stack.programs])


def test_bytes_are_those_of_one_process(made, tmp_path, capfd):
    stacks = [tiny_study.job("joint_optimization"), tiny_study.stacked(tiny_study.bags(tiny_study.runs()[0]))]
    here = fill(stacks, tmp_path / "here")
    assert len(here) == 3 + 4
    assert fill(stacks, tmp_path / "there", made.scheduler_address) == here


def test_a_killed_worker_costs_its_stack_and_no_byte(made, stacks, here, tmp_path, capfd):
    killed = []

    def kill(worker):
        (nanny,) = [one for one in made.workers.values() if one.worker_address == worker.address]
        killed.append((nanny.pid, len(list(tmp_path.glob("*.npz")))))
        os.kill(nanny.pid, signal.SIGKILL)

    thread = in_the_middle(made, kill)
    there = fill(stacks, tmp_path, made.scheduler_address)
    thread.join(1)
    ((pid, finished),) = killed
    assert finished <= 3 and pid not in [nanny.pid for nanny in made.workers.values()]
    assert len(there) == 3 + 2 and there == here


def test_a_worker_that_would_train_other_bytes_refuses(made, tmp_path, capfd):
    stack = tiny_study.job("mae")
    other = altered(stack, machine=stack.spec["machine"] | {"cpu": "AVX1024"})
    assert "in place of AVX1024; finished runs are kept" in said([other], tmp_path, made.scheduler_address)
    line = said([altered(stack, code="older")], tmp_path, made.scheduler_address)
    assert line.startswith("the worker tcp://") and "other bytes: its code is another version" in line
    assert not list(tmp_path.glob("*.npz"))


def test_a_worker_refuses_what_it_cannot_promise(monkeypatch):
    spec = tiny_study.job("mae").spec
    assert cluster._refusal(spec, threads=1) == ""
    assert cluster._refusal(spec, threads=2) == "2 threads; allowed: 1 (dask worker --nthreads 1)"
    monkeypatch.setattr(cluster, "_started", lambda: 0.0)  # long before the files of the code were written
    assert cluster._refusal(spec, threads=1) == "its code changed after it was started; start it again"


def test_a_stack_that_fails_ends_with_its_own_error(made, tmp_path, capfd):
    broken = altered(tiny_study.job("mae"), method_section={"q": 0.7})
    with pytest.raises(TypeError, match="unexpected keyword argument 'q'"):
        fill([broken], tmp_path, made.scheduler_address)


def test_without_a_worker_that_has_what_is_needed(made, tmp_path, capfd, monkeypatch):
    monkeypatch.setattr(cluster, "PATIENCE", 0.5)
    monkeypatch.setattr(cluster, "LOOK", 0.1)
    stack = tiny_study.job("mae")
    on_a_gpu = altered(stack, machine=stack.spec["machine"] | {"device": "cuda"})
    nobody = f"no worker with --resources GPU=1 at the scheduler {made.scheduler_address}"
    assert said([on_a_gpu], tmp_path, made.scheduler_address).startswith(f"{nobody} in 0 s")
    assert f"{nobody}: waiting up to 0 s\n" in capfd.readouterr().err


def test_an_address_where_nobody_answers(tmp_path, capfd, monkeypatch):
    monkeypatch.setattr(cluster, "CONNECT", 0.5)
    line = said([tiny_study.job("mae")], tmp_path, NOWHERE)
    assert line.startswith(f"params.yaml: run.scheduler = {NOWHERE}: no scheduler answers there")


def test_without_dask(tmp_path, capfd, monkeypatch):
    monkeypatch.delattr(train, "cluster")
    monkeypatch.delitem(sys.modules, "labelnoise.train.cluster")
    monkeypatch.setitem(sys.modules, "distributed", None)
    line = said([tiny_study.job("mae")], tmp_path, NOWHERE)
    assert "distributed is not installed; pip install 'labelnoise[dask]'" in line


def test_workers_that_die_of_a_stack(tmp_path, monkeypatch):
    class Failed:
        def result(self):
            raise cluster.KilledWorker("train", SimpleNamespace(address="tcp://a"), 3)

    with pytest.raises(ValueError, match=r"^mae on mlp, 3 runs: 4 workers died while they trained it"):
        cluster._keep(Failed(), tiny_study.job("mae"), Place(tmp_path, 1e9, NOWHERE))


def test_a_lost_scheduler_loses_nothing(made, stacks, here, tmp_path, capfd, monkeypatch):
    """Comes last, as it ends the cluster."""

    def keep_and_lose(*stack):
        keep(*stack)
        made.sync(made.scheduler.close)

    keep = cluster._keep
    monkeypatch.setattr(cluster, "_keep", keep_and_lose)
    line = said(stacks, tmp_path, made.scheduler_address)
    assert line == f"the scheduler {made.scheduler_address} went away; finished runs are kept: run again to go on"
    kept = {path.name: path.read_bytes() for path in tmp_path.glob("*.npz")}
    assert kept.keys() in [{f"{program.key(one)}.npz" for one in stack.programs} for stack in stacks]
    with dask.config.set({"distributed.comm.timeouts.connect": "1s"}):  # it asks the scheduler
        made.close()
    monkeypatch.undo()
    assert kept.items() <= here.items() and fill(stacks, tmp_path) == here
