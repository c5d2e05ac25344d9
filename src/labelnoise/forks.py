"""Stages as forks of one process that has imported torch and what else takes a new Python two to three seconds.

DVC starts a Python for every stage, and a third of `make quick` was imports. The process is started with the
second stage, since the first runs also where nothing changed; until it is ready, on another core, stages run as
ever. Of this package it has nothing but arithmetic.py, whose pins hold for the whole run: a stage runs the code
that it finds. It ends as a program of its own, with its own exit code and what it does at its end.

Ctrl-C goes to DVC, to this process and to the stage. It waits in the first two while a stage is started and runs,
so that none is lost between them.
"""

import gc
import os
import re
import runpy
import shlex
import signal
import subprocess
import sys
from collections.abc import Callable
from functools import partial
from importlib import import_module
from multiprocessing.connection import Connection, Pipe
from pathlib import Path
from typing import Any

from labelnoise import arithmetic

# torch._dynamo is imported with torch's first optimizer
IMPORTED = (
    "torch", "sklearn.linear_model", "scipy.stats", "numba", "pandas", "pydantic", "joblib", "matplotlib.figure",
    "torch._dynamo",
)  # fmt: skip
STAGE = re.compile(r"python stages/[\w./-]+( [\w./=-]+)*")  # words alone: all else needs a shell
POLL_SECONDS = 0.02
CTRL_C = {signal.SIGINT}
NVIDIA = Path("/proc/driver/nvidia")
LOST = -signal.SIGKILL  # of a stage whose process was killed: it ends, too, and cannot say why
Stage = tuple[list[str], str, dict[str, str]]  # words, folder, environment


def speed_up() -> None:
    """Let DVC, in this process, run `python stages/...` as a fork, and any other command as ever."""
    from dvc.stage import run

    # macOS's own libraries do not survive a fork, nor does CUDA where anything has asked for it before
    if sys.platform == "linux" and not NVIDIA.exists():
        run._run = partial(_run, run._run, Server())


def _run(plain: Callable[..., None], server: "Server", executable: Any, command: str, **how: Any) -> None:
    """In place of DVC's, which leaves Ctrl-C to the stage: here DVC gets it, too, where the stage ends well."""
    from dvc.stage.exceptions import StageCmdFailedError

    code = None
    signal.pthread_sigmask(signal.SIG_BLOCK, CTRL_C)
    try:
        if STAGE.fullmatch(command) and server.is_ready():
            code = server.run(shlex.split(command)[1:], str(how["cwd"]), how["env"])
        if code:
            signal.sigtimedwait(CTRL_C, 0)  # the stage had it as well
    finally:
        signal.pthread_sigmask(signal.SIG_UNBLOCK, CTRL_C)
    if code is None:
        plain(executable, command, **how)
    elif code:
        raise StageCmdFailedError(command, code)


class Server:
    """The process, once a second stage asks for it. It ends with this one."""

    def __init__(self) -> None:
        self.process: subprocess.Popen | None = None
        self.pipe: Connection | None = None
        self.asked = 0
        self.ready = False

    def is_ready(self) -> bool:
        """Whether it has imported everything and lives; starts it where it is not. Call with Ctrl-C blocked, which
        it then is there as well."""
        self.asked += 1
        if self.pipe is None and self.asked > 1:
            self._start()
        if self.pipe and self.pipe.poll():  # that all is imported, or that it was killed
            self.ready = self._answered() == 0
        return self.ready

    def _start(self) -> None:
        self.pipe, theirs = Pipe()
        words = [sys.executable, "-m", __name__, str(theirs.fileno())]
        self.process = subprocess.Popen(words, stdin=subprocess.DEVNULL, pass_fds=[theirs.fileno()])
        theirs.close()

    def run(self, *stage: Any) -> int | None:
        """The exit code of a stage; below zero: the signal that killed it; None: no memory is left for it."""
        return self._answered(stage)

    def _answered(self, *asked: Any) -> int | None:
        try:
            for each in asked:
                self.pipe.send(each)
            return self.pipe.recv()
        except (EOFError, OSError):
            self.ready = False
            return LOST


def main() -> None:
    """The process: imports, and forks for each stage that it is sent. In a fork: the stage."""
    gc.disable()  # imports leave no garbage; a stage enables it
    os.environ |= {"OMP_NUM_THREADS": "1", "OPENBLAS_NUM_THREADS": "1"}  # with a second thread no fork is safe
    arithmetic.pin()
    pipe = Connection(int(sys.argv[1]))
    for name in IMPORTED:
        import_module(name)
    if stage := _fork(pipe):
        _become(*stage)


def _fork(pipe: Connection) -> Stage | None:
    """The stage, in its fork; None, in this process, once nobody asks any more."""
    try:
        pipe.send(0)
        while True:
            stage = pipe.recv()
            try:
                child = os.fork()
            except OSError:
                pipe.send(None)
                continue
            if not child:
                pipe.close()
                return stage
            pipe.send(_exit_code(child, pipe))
    except (EOFError, OSError):
        return None


def _exit_code(child: int, pipe: Connection) -> int:
    """Waits for it, and no longer than DVC lives: a stage ends itself once its parent is gone."""
    if signal.SIGINT in signal.sigpending():  # that came before the fork, which does not inherit it
        os.kill(child, signal.SIGINT)
    while True:
        done, status = os.waitpid(child, os.WNOHANG)
        if done:
            return os.waitstatus_to_exitcode(status)
        if pipe.poll(POLL_SECONDS):
            raise EOFError


def _become(words: list[str], folder: str, environment: dict[str, str]) -> None:
    """What `python <words>` is in that folder and environment."""
    os.chdir(folder)
    os.environ.clear()
    os.environ.update(environment)
    for name in [name for name in sys.modules if name.split(".")[0] == "labelnoise"]:
        del sys.modules[name]  # as it was when this process began
    script = Path(words[0]).absolute()
    sys.argv, sys.path[0] = words, str(script.parent)
    try:
        signal.pthread_sigmask(signal.SIG_UNBLOCK, CTRL_C)
    except KeyboardInterrupt:
        sys.exit(1)
    runpy.run_path(str(script), run_name="__main__")


if __name__ == "__main__":
    main()
