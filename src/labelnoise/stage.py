"""How every stage runs: on one thread of linear algebra, and ending with one line when something is off."""

import ast
import gc
import os
import sys
from collections.abc import Iterator, Mapping
from concurrent.futures import BrokenExecutor
from contextlib import contextmanager
from pathlib import Path

import yaml
from threadpoolctl import threadpool_limits

KILLED = "a worker process was killed (out of memory?): run again to go on, or lower run.workers in params.yaml"
INTERRUPTED = "interrupted: finished runs and checkpoints are kept, run again to go on"


@contextmanager
def running(sources: Mapping[Path, bytes]) -> Iterator[None]:
    """Turn bad input into one line and a non-zero exit; LABELNOISE_TRACEBACK=1 shows all.

    sources: parameters and code as the stage found them (checkout.SOURCES). When they say something else at its
    end it fails, since DVC, which reads them after the stage, would record its results as those of the new ones.
    One thread, since a matrix product summed by two rounds differently, and a stage must give the same bytes
    whatever the number of cores. Training is parallel over processes.
    """
    if not gc.isenabled():  # checkout.py has done that
        gc.freeze()  # what was imported stays
        gc.enable()
    with threadpool_limits(1):
        try:
            yield
        except KeyboardInterrupt:
            sys.exit(INTERRUPTED)
        except (ValueError, OSError, MemoryError, BrokenExecutor) as error:
            if os.environ.get("LABELNOISE_TRACEBACK") == "1":
                raise
            sys.exit(f"error: {said(error)}")
    if changed := [path for path, before in sources.items() if not _alike(path, before)]:
        names = ", ".join(os.path.relpath(path) for path in changed[:3])
        sys.exit(f"error: {names} changed while this stage ran: run again (finished runs are kept)")


def said(error: Exception) -> str:
    """In a line for each fault; of a file that cannot be used, its name and why."""
    if isinstance(error, MemoryError):
        return f"out of memory: {error or 'a smaller run.workers or size in params.yaml takes less'}"
    if isinstance(error, BrokenExecutor):
        return KILLED
    named = isinstance(error, OSError) and error.filename
    return f"{error.filename}: {error.strerror}" if named else str(error)


def _alike(path: Path, before: bytes) -> bool:
    """Whether a file says what it said; comments are free, but in notebooks, where they are text."""
    now = path.read_bytes() if path.exists() else None
    if now is None or now == before or path.parent.name == "notebooks":
        return now == before
    try:
        return _meaning(path, now) == _meaning(path, before)
    except (SyntaxError, ValueError, yaml.YAMLError):  # in the middle of an edit
        return False


def _meaning(path: Path, text: bytes) -> object:
    if path.suffix == ".py":
        return ast.dump(ast.parse(text))
    return yaml.safe_load(text) if path.suffix == ".yaml" else text
