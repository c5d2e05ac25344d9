"""Kill the miniature at random, in every way, run it again, and compare what comes out with a study never killed.

    nice python tests/kill_matrix.py --kills 30 --folder /tmp/kills

Prints a row per way: how often, exit codes, tracebacks, processes that survived for five seconds, lines that were
printed after the signal. A study that a kill has broken ends the script. Bytes are compared at the end of every
study. It takes a minute or two per kill.
"""

import argparse
import collections
import random
import shutil
import signal
import subprocess
import sys
import time
from collections.abc import Callable
from pathlib import Path
from typing import NamedTuple

import miniature
import psutil

from labelnoise import reproduce

FORKS = "labelnoise.forks"
WAIT_SECONDS = 300  # for a process that is to be killed, and for one that is to end


class Outcome(NamedTuple):
    """Of one kill."""

    way: str
    code: int | str  # exit code of the entry point
    traceback: bool
    survivors: int
    lines: int  # printed after the signal


class Run(NamedTuple):
    """The entry point while it runs, as `make` starts it."""

    process: subprocess.Popen
    folder: Path
    log: Path

    def below(self) -> list[psutil.Process]:
        try:
            return psutil.Process(self.process.pid).children(recursive=True)
        except psutil.NoSuchProcess:
            return []


def started(folder: Path) -> Run:
    log = folder.with_suffix(".log")
    with open(log, "w") as out:
        process = subprocess.Popen(
            [sys.executable, "-m", "labelnoise.reproduce"], cwd=folder, env=reproduce.environment(folder),
            stdout=out, stderr=out, process_group=0,
        )  # fmt: skip
    return Run(process, folder, log)


def found(run: Run, fits: Callable[[psutil.Process], bool]) -> psutil.Process | None:
    """A random process below the entry point that fits; None when the run ends before one comes."""
    while run.process.poll() is None:
        fitting = []
        for process in run.below():
            try:
                if fits(process):
                    fitting.append(process)
            except psutil.NoSuchProcess:
                continue
        if fitting:
            return random.choice(fitting)
        time.sleep(0.1)
    return None


def _killed(run: Run, fits: Callable[[psutil.Process], bool]) -> bool:
    process = found(run, fits)
    if process is None:
        return False
    process.kill()
    return True


def _named(part: str) -> Callable[[psutil.Process], bool]:
    return lambda process: part in " ".join(process.cmdline())


def everything(run: Run) -> bool:
    for process in [psutil.Process(run.process.pid), *run.below()]:
        process.kill()
    return True


def entry(number: int) -> Callable[[Run], bool]:
    def send(run: Run) -> bool:
        run.process.send_signal(number)
        return True

    return send


def _is_stage(process: psutil.Process) -> bool:
    """A script of its own, or the fork of what forks."""
    own, parent = (" ".join(one.cmdline()) if one else "" for one in (process, process.parent()))
    return "stages/" in own or (FORKS in own and FORKS in parent)


def _in_the_middle(process: psutil.Process) -> bool:
    """Whether it is a stage that has read its parameters and code."""
    return _is_stage(process) and time.time() - process.create_time() > 2


def edited(name: str, old: str, new: str) -> Callable[[Run], bool]:
    """Not a kill: an edit while a stage runs, taken back when the run has ended."""

    def edit(run: Run) -> bool:
        if found(run, _in_the_middle) is None:
            return False
        path = run.folder / name
        text = path.read_text("utf-8")
        assert old in text, f"{name} has no {old!r}"
        path.write_text(text.replace(old, new, 1), "utf-8")
        run.process.wait(WAIT_SECONDS)
        path.write_text(text, "utf-8")
        return True

    return edit


WAYS: dict[str, Callable[[Run], bool]] = {
    "everything, -9": everything,
    "DVC, -9": lambda run: _killed(run, _named("dvc repro")),
    "stage, -9": lambda run: _killed(run, _is_stage),
    "what forks stages, -9": lambda run: _killed(run, lambda of: _named(FORKS)(of) and not _is_stage(of)),
    "worker, -9": lambda run: _killed(run, _named("popen_loky")),
    "Ctrl-C": entry(signal.SIGINT),
    "SIGTERM": entry(signal.SIGTERM),
    "edit of params.yaml": edited("params.yaml", "resamples: 100", "resamples: 101"),
    "edit of code": edited("src/labelnoise/results.py", '"""', 'EDITED = 1\n"""'),
}


def attacked(run: Run, way: str, seconds: float) -> Outcome | None:
    """None when the run ended first."""
    try:
        run.process.wait(seconds)
        return None
    except subprocess.TimeoutExpired:
        group, before = run.below(), len(run.log.read_text().splitlines())
    if not WAYS[way](run):
        return None
    code = run.process.wait(WAIT_SECONDS)
    _, alive = psutil.wait_procs(group, timeout=5)
    text = run.log.read_text()
    if "Traceback" in text:
        shutil.copy(run.log, run.log.with_suffix(f".{way.split(',')[0]}.log"))
    return Outcome(way, code, "Traceback" in text, len(alive), len(text.splitlines()) - before)


def finished(folder: Path) -> float:
    """Seconds that a run takes to the end; ends the program when it fails: then a kill has broken something."""
    start, run = time.monotonic(), started(folder)
    if code := run.process.wait():
        sys.exit(f"{folder}: exit code {code}\n{run.log.read_text()}")
    return time.monotonic() - start


def compared(folder: Path, reference: dict[str, str]) -> None:
    here = miniature.hashes(folder)
    other = sorted(name for name in {*here, *reference} if here.get(name) != reference.get(name))
    left = [path.name for path in (*folder.rglob("*.partial"), *folder.glob(".store/*.checkpoint"))]
    print(f"{folder.name}: {len(reference)} files, {len(other)} differ {other[:5]}, left over {left}", flush=True)


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--kills", type=int, default=30)
    parser.add_argument("--folder", type=Path, required=True, help="for the studies; must not exist")
    parser.add_argument("--seed", type=int, default=0)
    args = parser.parse_args()
    random.seed(args.seed)
    signal.signal(
        signal.SIGINT, signal.default_int_handler
    )  # a job in the background ignores it, and so would all below
    args.folder.mkdir(parents=True)
    reference = args.folder / "reference"
    miniature.make(reference)
    seconds = finished(reference)
    print(f"never killed: {seconds:.0f} s", flush=True)
    hashes, outcomes, study = miniature.hashes(reference), [], 0
    while len(outcomes) < args.kills:
        folder = args.folder / f"study{study}"
        if not folder.exists():
            miniature.make(folder, workers=2)
        way = list(WAYS)[len(outcomes) % len(WAYS)]
        outcome = attacked(started(folder), way, random.uniform(0, seconds / 3))
        if outcome is None:  # this study is complete, or the last kill has broken it
            finished(folder)
            compared(folder, hashes)
            shutil.rmtree(folder)
            study += 1
        else:
            outcomes.append(outcome)
            print(*outcome, sep="  ", flush=True)
    finished(folder)
    compared(folder, hashes)
    print("| way | number | exit codes | tracebacks | survivors | most lines |\n|---|---|---|---|---|---|")
    for way in WAYS:
        of = [outcome for outcome in outcomes if outcome.way == way]
        codes = dict(collections.Counter(outcome.code for outcome in of))
        most = max((outcome.lines for outcome in of), default=0)
        faults = sum(outcome.traceback for outcome in of), sum(outcome.survivors for outcome in of)
        print(f"| {way} | {len(of)} | {codes} | {faults[0]} | {faults[1]} | {most} |")


if __name__ == "__main__":
    main()
