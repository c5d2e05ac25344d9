"""What commands say, and when they refuse."""

import sys
from collections.abc import Iterable
from pathlib import Path
from types import SimpleNamespace

import pandas as pd
from tabulate import tabulate

from labelnoise import device
from labelnoise.data.words import counted, some
from labelnoise.sections import allowed


def tell(line: str) -> None:
    """On the way: standard output has the result alone."""
    print(line, file=sys.stderr, flush=True)


def check_out(args: SimpleNamespace) -> None:
    """ValueError before anything is computed where the CSV is not to be written."""
    if args.out.is_dir():
        raise ValueError(f"--out {args.out}: is a folder; allowed: a file")
    if args.out.exists() and not args.force:
        raise ValueError(f"--out {args.out}: is there already; allowed: another name, or --force to replace it")


def check_name(option: str, name: str, names: Iterable[str]) -> None:
    """ValueError where `name` is none of `names`."""
    if name not in names:
        raise ValueError(f"{option} {name}: unknown; {allowed(names)}")


def table(frame: pd.DataFrame) -> str:
    """For people: words to the left, numbers to the right."""
    align = ["right" if pd.api.types.is_numeric_dtype(frame[name]) else "left" for name in frame]
    return tabulate(frame, "keys", "simple", showindex=False, colalign=align, disable_numparse=True)


def chosen_device(wanted: str) -> str:
    """cpu or cuda."""
    try:
        return device.chosen(wanted)
    except ValueError:
        raise ValueError(f"--device {wanted}: torch sees no CUDA GPU; allowed here: auto, cpu") from None


def unreadable(bad: list[tuple[str, str]]) -> str:
    """bad: names and why each cannot be read."""
    said = counted(len(bad), "image cannot be read and is", "images cannot be read and are")
    return f"{said} left out: {some([f'{name}: {reason}' for name, reason in bad])}"


def written(out: Path, count: int, one: str, many: str) -> str:
    return f"{out}: {counted(count, one, many)}"
