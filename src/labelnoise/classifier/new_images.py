"""Predictions for files: all images below a folder, of whatever depth, that can be read.

Shape letters: n images, C classes.
"""

import time
import warnings
from collections.abc import Callable
from pathlib import Path
from typing import NamedTuple

import joblib
import numpy as np

from labelnoise import features
from labelnoise.classifier import encoders
from labelnoise.classifier.model import Model, Reading, probabilities
from labelnoise.data import images, listing
from labelnoise.data import tree as trees
from labelnoise.data.tree import FILE
from labelnoise.features import cost, pictures
from labelnoise.features.pictures import Pictures
from labelnoise.features.types import Machine

CHUNK_BYTES = 2**28  # of pixels at a time
WHOLE_BLOCKS = 1024  # chunks are multiples of it, and of every encoder's block: the result does not depend on them


class Files(NamedTuple):
    """What lies below a folder."""

    images: list[str]  # names below it, sorted
    others: list[str]  # no images by their names, or links


class Predicted(NamedTuple):
    """The images that could be read."""

    files: list[str]  # [n] names below the folder
    q: np.ndarray  # [n, C]
    unreadable: list[tuple[str, str]]  # name, why


def below(root: Path) -> Files:
    """ValueError where there is no folder, or no image in it."""
    if not root.is_dir():
        raise ValueError(f"{root}: no such folder; allowed: a folder of images")
    found = Files([], [])
    for name, kind in trees.below(trees.tree(root)):
        image = kind == FILE and listing.is_image(name) and not trees.UNWRITABLE.search(name)
        (found.images if image else found.others).append(name)
    if not found.images:
        raise ValueError(f"{root}: holds no image; allowed: {', '.join(images.SUFFIXES)}")
    return found


def predict(
    model: Model, root: Path, names: list[str], machine: Machine, tell: Callable[[str], object]
) -> Predicted:
    """Of the files `names` below `root`. tell: gets lines on time beforehand and on the way."""
    made, bad, began = [], [], time.monotonic()
    step = chunk(model.reading)
    for start in range(0, len(names), step):
        here = names[start : start + step]
        pixels, reasons = _decoded(root, here, model.reading, machine.workers)
        good = [at for at, reason in enumerate(reasons) if not reason]
        bad += [(name, reason) for name, reason in zip(here, reasons, strict=True) if reason]
        if good:
            of = _pictures(model.reading, pixels[good], [root / here[at] for at in good])
            sofar = Progress(len(names), start, began, tell)
            made.append(([here[at] for at in good], probabilities(model, _features(model, of, machine, sofar))))
    if not made:
        first = f"the first is {bad[0][0]}: {bad[0][1]}"
        raise ValueError(f"{root}: none of its {len(names):,} images can be read; {first}")
    return Predicted([name for part, _ in made for name in part], np.concatenate([q for _, q in made]), bad)


def reasons(root: Path, names: list[str], reading: Reading) -> list[str]:
    """Why each of the files `names` below `root` cannot be read; "": it can."""
    step, workers = chunk(reading), joblib.cpu_count()
    starts = range(0, len(names), step)
    return [why for start in starts for why in _decoded(root, names[start : start + step], reading, workers)[1]]


class Progress(NamedTuple):
    """How far predictions are."""

    total: int
    done: int
    began: float
    tell: Callable[[str], object]


def chunk(reading: Reading) -> int:
    """Images at a time."""
    each = images.CHANNELS[reading.mode][1] * reading.size**2
    return max(CHUNK_BYTES // each // WHOLE_BLOCKS, 1) * WHOLE_BLOCKS


def _decoded(root: Path, names: list[str], reading: Reading, workers: int) -> tuple[np.ndarray, list[str]]:
    """uint8 [n, channels, size, size], and why each cannot be read; "": it can. In threads: Pillow decodes without
    the interpreter's lock."""
    jobs = (joblib.delayed(_image)(root / name, reading) for name in names)
    with warnings.catch_warnings():  # Pillow's on large images and odd metadata: reasons say enough
        warnings.simplefilter("ignore")
        found = joblib.Parallel(n_jobs=workers, prefer="threads", batch_size=16)(jobs)
    return np.stack([pixels for pixels, _ in found]), [reason for _, reason in found]


def _image(path: Path, reading: Reading) -> tuple[np.ndarray, str]:
    try:
        return images.decode(path, reading.size, reading.mode, reading.max_pixels, reading.levels), ""
    except ValueError as error:
        return np.zeros((images.CHANNELS[reading.mode][1], reading.size, reading.size), np.uint8), str(error)


def _pictures(reading: Reading, stored: np.ndarray, paths: list[Path]) -> Pictures:
    """As those that the encoders were made for."""
    of = pictures.of_array(stored, paths, reading.mode, reading.max_pixels, reading.levels)
    return of._replace(white=reading.white)


def _features(model: Model, of: Pictures, machine: Machine, progress: Progress) -> dict[str, np.ndarray]:
    made = {name: encoders.restored(name, one, of, machine) for name, one in model.encodings.items()}
    _tell(made, model, of, machine, progress)
    return {name: features.encoded(encoder, of, machine, f"predict: {name}") for name, encoder in made.items()}


def _tell(made: dict, model: Model, of: Pictures, machine: Machine, now: Progress) -> None:
    """How long it will take: by a first block of each encoder, later by what was done."""
    slow = [name for name in made if model.encodings[name].section.encoder not in features.INSTANT]
    if now.done:
        left = (time.monotonic() - now.began) / now.done * (now.total - now.done)
        now.tell(f"predict: {now.done:,} of {now.total:,} images, about {left:,.0f} s left")
    elif slow:
        each = sum(cost.measured(made[name], of, machine).seconds for name in slow) / pictures.count(of)
        seconds = each * now.total / machine.workers
        now.tell(f"predict: {now.total:,} images: about {seconds:,.0f} s on {machine.workers} threads")
