"""Progress over blocks of work: a bar on a terminal, a plain line now and then elsewhere."""

import sys
import time
from collections.abc import Callable, Iterable, Iterator
from typing import TypeVar

from tqdm import tqdm

PLAIN_SECONDS = 10.0  # between two lines where there is no terminal: a log should stay short

Block = TypeVar("Block")


def counted(
    blocks: Iterable[Block], total: int, title: str, size: Callable[[Block], int] = len, unit: str = "images"
) -> Iterator[Block]:
    """`blocks` as they come. total: units of all; size: block -> units in it; title: what is being done."""
    began = told = time.monotonic()
    done = 0
    with tqdm(total=total, desc=title, unit=f" {unit}", disable=not sys.stderr.isatty()) as bar:
        for block in blocks:
            yield block
            done += size(block)
            bar.update(size(block))
            now = time.monotonic()
            if bar.disable and now - told >= PLAIN_SECONDS:
                told, speed = now, done / (now - began)
                left = (total - done) / speed
                print(f"{title}: {done}/{total} {unit}, {speed:,.3g} {unit}/s, {left:.0f} s left", flush=True)
