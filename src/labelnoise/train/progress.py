"""Progress over stacks that other processes train: read from the run store, where each counts its epochs."""

import shutil
import sys
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import NamedTuple

from tqdm import tqdm

from labelnoise.train import store

BAR = "{desc} |{bar}| {percentage:.0f}%{postfix}, {rate_fmt}, {remaining} left"
TERMINAL_SECONDS, PLAIN_SECONDS = 0.5, 10.0  # a bar moves; a log should stay short


class Part(NamedTuple):
    """Size of one stack."""

    name: str  # of its files in the run store; "" where it is not known yet
    runs: int
    epochs: int  # over all rounds
    images: int  # per run and epoch
    last: str = ""  # the entry that is written last


class Done(NamedTuple):
    """How far all parts are."""

    runs: int
    epochs: int
    images: int


@contextmanager
def shown(parts: list[Part], folder: Path, title: str) -> Iterator[None]:
    """Show progress while the body runs: a bar on a terminal, a plain line now and then elsewhere."""
    for part in filter(lambda part: part.name, parts):  # a killed stack counts again from its checkpoint
        store.ticks(folder, part.name).unlink(missing_ok=True)
    stop = threading.Event()
    show = _bar if sys.stderr.isatty() else _lines
    thread = threading.Thread(target=show, args=(parts, folder, title, stop), daemon=True)
    thread.start()
    try:
        yield
    finally:
        stop.set()
        thread.join()


def done(parts: list[Part], folder: Path) -> Done:
    """Runs finished, run-epochs done and images seen."""
    epochs = [_epochs(part, folder) for part in parts]
    return Done(
        sum(part.runs for part, n in zip(parts, epochs) if n == part.epochs),
        sum(part.runs * n for part, n in zip(parts, epochs)),
        sum(part.runs * n * part.images for part, n in zip(parts, epochs)),
    )


def _epochs(part: Part, folder: Path) -> int:
    if not part.name:
        return 0
    if store.finished(folder, part.last).exists():
        return part.epochs
    try:
        # all epochs done but not in the store yet: the last one is still being written
        return min(int(store.ticks(folder, part.name).read_text()), part.epochs - 1)
    except (FileNotFoundError, ValueError):  # not begun, or being written this moment
        return 0


def _total(parts: list[Part]) -> Done:
    runs, epochs = sum(p.runs for p in parts), sum(p.runs * p.epochs for p in parts)
    return Done(runs, epochs, sum(p.runs * p.epochs * p.images for p in parts))


def _bar(parts: list[Part], folder: Path, title: str, stop: threading.Event) -> None:
    total, start = _total(parts), done(parts, folder)
    size = shutil.get_terminal_size()  # a terminal may say 0 x 0, where tqdm would show nothing
    shape = {"ncols": size.columns, "nrows": size.lines}
    with tqdm(
        total=total.images, initial=start.images, desc=title, unit=" img", unit_scale=True, bar_format=BAR, **shape
    ) as bar:
        stopped = False
        while not stopped:
            stopped = stop.wait(TERMINAL_SECONDS)
            now = done(parts, folder)
            bar.set_postfix_str(f"{now.runs}/{total.runs} runs, epoch {now.epochs}/{total.epochs}", refresh=False)
            bar.update(now.images - bar.n)


def _lines(parts: list[Part], folder: Path, title: str, stop: threading.Event) -> None:
    total, start, began = _total(parts), done(parts, folder), time.monotonic()
    stopped = False
    while not stopped:
        stopped = stop.wait(PLAIN_SECONDS)
        now = done(parts, folder)
        speed = (now.images - start.images) / (time.monotonic() - began)
        left = f"{(total.images - now.images) / speed:.0f} s left" if speed else "starting"
        counts = f"{now.runs}/{total.runs} runs, epoch {now.epochs}/{total.epochs}"
        print(f"{title}: {counts}, {speed:,.0f} images/s, {left}", flush=True)
