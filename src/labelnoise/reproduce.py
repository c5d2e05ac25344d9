"""What `make`, `make quick` and `make own` run: check the parameters, and let DVC reproduce what is out of date.

One at a time: a second one ends with one line. What a killed run broke of DVC's own files is mended before. Ctrl-C
and SIGTERM are passed on, waited for, and end with one line.
"""

import argparse
import configparser
import fcntl
import itertools
import os
import signal
import subprocess
import sys
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import IO, Any

from labelnoise import mending
from labelnoise.mending import TMP

LIST = "list"  # the stage that ends with what people recheck
RELEASED = "released"  # that evaluates what papers released
QUIET_DVC = "labelnoise.quiet_dvc"
NAMES = {QUIET_DVC: "DVC"}  # as people know it
ENDING = (signal.SIGINT, signal.SIGTERM, signal.SIGHUP)
INTERRUPTED = 130  # exit code, as of a shell's
POLL_SECONDS = 1.0


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--preset", type=Path, help="what changes of params.yaml, in a copy of the project")
    parser.add_argument("--folder", type=Path, help="where the copy is")
    parser.add_argument("targets", nargs="*", help="stages, as `dvc repro` takes them; none: all")
    args = parser.parse_args()
    if (args.preset is None) != (args.folder is None):
        parser.error("--preset and --folder go together")
    with locked(args.folder or Path()) as lock:
        if args.preset:
            _preset(args.folder, args.preset, lock)
        else:
            _checked(Path(), lock)
            dvc(Path(), lock, *args.targets)


def _preset(folder: Path, over: Path, lock: IO) -> None:
    """With `study.full` everything, of own data the list first, which takes minutes; without it the list alone.
    With `study.released` the stage of that name alone, which needs no data set."""
    from labelnoise import params, preset, sizes

    preset.prepare(Path(), folder, params.read(over))
    chosen = _chosen(folder / "params.yaml", over)
    _checked(folder, lock)
    if chosen.study.released:
        dvc(folder, lock, RELEASED)
        for name in chosen.study.released:
            print(f"{name}: the tables are in {folder / 'reports' / name / 'tables'}")
        return preset.commit(folder, "Evaluate what papers released")
    own = any(sizes.own(chosen.datasets[name].data) for name in chosen.study.datasets)
    if own:
        from labelnoise import costs  # with scikit-learn, which takes a second

        if cost := costs.of_study(chosen):
            print(costs.in_words(cost), flush=True)
    if chosen.study.full and convolves(chosen):
        from labelnoise.commands import why  # with torch, which what takes minutes does without

        for line in why.before(chosen):
            print(line, flush=True)
    if own or not chosen.study.full:
        dvc(folder, lock, LIST)
        _tell(folder, chosen.study.datasets)
    if chosen.study.full:
        dvc(folder, lock)
        print(f"the report is {folder / 'reports' / 'index.html'}")
        _tell(folder, chosen.study.datasets)
    preset.commit(folder, "Reproduce the study")


def _chosen(path: Path, over: Path) -> Any:
    """The parameters at `path`, a copy's; what is wrong with them is told of the preset, which people edit."""
    from labelnoise import params

    try:
        return params.load(path)
    except SystemExit as stopped:
        sys.exit(str(stopped).replace(f"error: {path}:", f"error: {over}:"))


def convolves(params: Any) -> bool:
    """Whether a study trains networks that take more than minutes."""
    rows, names = params.networks, {name for of in params.study.datasets for name in params.datasets[of].networks}
    return any(rows[name].get("network", name) != "mlp" for name in names)


def _tell(folder: Path, datasets: list[str]) -> None:
    """What came out, and where it is."""
    for name in datasets:
        reports = folder / "reports" / name
        print(f"{name}: {(reports / 'verdict.txt').read_text('utf-8').strip()}")
        print(f"  read first: {reports / 'list.html'}")
        if _has_rows(reports / "to_recheck.csv"):
            print(f"  the list:   {reports / 'to_recheck.csv'}")
        print(f"  to answer:  {reports / 'review.html'}", flush=True)


def _has_rows(path: Path) -> bool:
    """Whether a CSV has more than its header: a list that is withheld has not."""
    with open(path, encoding="utf-8") as file:
        return len(list(itertools.islice(file, 2))) > 1


@contextmanager
def locked(folder: Path) -> Iterator[IO]:
    """Hold the project at `folder`; ends the program where another process does.

    What `run` starts holds it too, so that it stays held where this process alone is killed.
    """
    (folder / TMP).mkdir(parents=True, exist_ok=True)
    with open(folder / TMP / "reproduce.lock", "a+") as lock:
        try:
            fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            lock.seek(0)
            sys.exit(
                f"error: process {lock.read()} reproduces {folder.resolve()} already: wait for it, or stop it"
            )
        _name(lock, os.getpid())
        yield lock


def _name(lock: IO, process: int) -> None:
    lock.truncate(0)
    lock.write(str(process))
    lock.flush()


def _checked(folder: Path, lock: IO) -> None:
    """Before anything is computed: DVC's own files, its settings on this machine, and the parameters."""
    mending.mend(folder)
    configure(folder, lock)
    run(folder, lock, signal.SIGTERM, "labelnoise.params")


def dvc(folder: Path, lock: IO, *targets: str) -> None:
    """`dvc repro`; afterwards its lock file is whole again, even if it was stopped while it wrote it.

    Where it fails, damaged files of its cache may be why."""
    try:
        run(folder, lock, signal.SIGINT, QUIET_DVC, "repro", *targets)
    except SystemExit:
        mending.clean(folder)
        raise
    finally:
        mending.mend(folder)


def run(folder: Path, lock: IO, stop: signal.Signals, *words: str) -> None:
    """Run a Python module in `folder`; ends the program with its exit code when it fails.

    It and its children are a process group, which gets the signal `stop` for Ctrl-C, and a stronger one for each
    further Ctrl-C. They are waited for, so that a stage can put away what is done.
    """
    group: list[int] = []
    with _passed_on(group, [stop, signal.SIGTERM, signal.SIGKILL]) as sent:
        process = subprocess.Popen(
            [sys.executable, "-m", *words], cwd=folder, env=environment(folder), stdin=subprocess.DEVNULL,
            process_group=0, pass_fds=[lock.fileno()],
        )  # fmt: skip
        group.append(process.pid)
        for number in sent:  # that came before there was a process
            with suppress(ProcessLookupError):
                os.killpg(process.pid, number)
        _name(lock, process.pid)
        while process.poll() is None:
            with suppress(subprocess.TimeoutExpired):
                process.wait(POLL_SECONDS)
    with suppress(ProcessLookupError):
        os.killpg(process.pid, signal.SIGTERM)  # what a killed one has left: its stage, or workers of a stage
    if sent:
        raise KeyboardInterrupt
    if process.returncode < 0:
        print(
            f"{NAMES.get(words[0], words[0])} was killed by signal {-process.returncode}: run again to go on",
            file=sys.stderr,
        )
    if process.returncode:
        sys.exit(process.returncode if process.returncode > 0 else 128 - process.returncode)


@contextmanager
def _passed_on(groups: list[int], stops: list[signal.Signals]) -> Iterator[list[int]]:
    """Send process groups one of `stops`, in turn, for each signal that ends this process; yields those sent."""
    sent: list[int] = []

    def send(*_: object) -> None:
        sent.append(stops[min(len(sent), len(stops) - 1)])
        for group in groups:
            with suppress(ProcessLookupError):
                os.killpg(group, sent[-1])

    before = {number: signal.signal(number, send) for number in ENDING if signal.getsignal(number) != _ignored}
    try:
        yield sent
    finally:
        for number, handler in before.items():
            signal.signal(number, handler)


def _ignored(*_: object) -> None:
    """In place of SIG_IGN, which children would inherit."""


def environment(folder: Path) -> dict[str, str]:
    """Stages in `folder` call this `python`, activated or not, and use the package there."""
    path = os.pathsep.join([str(Path(sys.executable).parent), os.environ.get("PATH", "")])
    return {**os.environ, "PATH": path, "PYTHONPATH": str((folder / "src").resolve())}


def configure(folder: Path, lock: IO) -> None:
    """DVC's settings that depend on the machine, in .dvc/config.local: no git where there is none (a downloaded
    archive), and a place for its own files, pickles among them, that other users cannot write to."""
    config = configparser.ConfigParser(interpolation=None)
    config.read(folder / ".dvc" / "config.local", "utf-8")
    here = dict(config["core"]) if config.has_section("core") else {}
    site = (folder / TMP / "site").resolve()
    site.mkdir(mode=0o700, exist_ok=True)
    wanted = {"site_cache_dir": str(site), "no_scm": None if (folder / ".git").exists() else "true"}
    for name, value in wanted.items():
        if here.get(name) != value:
            words = ["--unset", f"core.{name}"] if value is None else [f"core.{name}", value]
            run(folder, lock, signal.SIGTERM, "dvc", "config", "--quiet", "--local", *words)


def started(work: Callable[[], None]) -> None:
    """The program: whatever ends it from outside is a KeyboardInterrupt, one line, and exit code 130."""
    try:
        for number in ENDING:
            ignored = signal.getsignal(number) == signal.SIG_IGN  # by nohup, or as a job in the background
            signal.signal(number, _ignored if ignored else signal.default_int_handler)
        work()
    except OSError as error:
        from labelnoise.stage import said

        sys.exit(f"error: {said(error)}")
    except KeyboardInterrupt:
        print("interrupted: what is done is kept, run it again to go on", file=sys.stderr)
        sys.exit(INTERRUPTED)


if __name__ == "__main__":
    started(main)
