"""A data set as its user calls it."""

from pathlib import Path
from typing import Any, NamedTuple

from labelnoise.data import images
from labelnoise.noise import human
from labelnoise.recheck.cell import Source

MOST_PIXELS = 50_000_000  # of a file that the user's arrays name


class About(NamedTuple):
    """What the page is about."""

    section: str  # of params.yaml
    title: str
    labels: str  # how they came
    own: bool  # own data, as opposed to those of the study
    root: Path | None  # of the files
    max_pixels: int
    white: int = images.SIXTEEN_BITS  # grey level of 16-bit files
    cell: str = ""  # noise, rate and seed of labels that were made wrong


def data(name: str, section: Any, of: Source) -> About:
    """section: `datasets.<name>.data` of params.yaml."""
    folder, arrays = section.folder, section.arrays
    if folder is not None:
        root = Path(folder.root).expanduser()
        came = (
            "labels from the names of their folders"
            if folder.csv is None
            else f"labels from {Path(folder.csv).name}"
        )
        white = images.SIXTEEN_BITS if folder.white is None else folder.white
        return About(name, root.resolve().name, came, True, root, folder.max_pixels, white)
    if arrays is not None:
        file = Path(arrays.file)
        root = Path(arrays.root).expanduser() if arrays.root else None
        return About(name, file.stem, f"labels from {file.name}", True, root, MOST_PIXELS)
    return About(name, name.replace("_", " "), _came(of), False, None, 0, cell=cell(of))


def _came(of: Source) -> str:
    if of.seed is None:
        return f"labels from people ({human.column(of.noise).replace('_', ' ')})"
    return f"labels made wrong on purpose ({cell(of)})"


def cell(of: Source) -> str:
    """As in: symmetric 0.4, seed 20; empty where labels are from people."""
    return "" if of.seed is None else f"{of.noise.replace('_', ' ')} {of.noise_rate:g}, seed {of.seed}"
