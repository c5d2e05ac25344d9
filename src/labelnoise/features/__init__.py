"""Features of images: numbers in which what looks alike lies close. The table name -> encoder, and what uses it.

A new encoder is one file with a function `encoder(section, of, machine) -> Encoder`, a line here, and a section in
sections/encoders.py.
"""

from collections.abc import Callable, Sequence
from pathlib import Path

import joblib
import numpy as np

from labelnoise import scratch
from labelnoise.data.images import SIXTEEN_BITS
from labelnoise.device import chosen as chosen_device
from labelnoise.features import (
    blocks,
    choice,
    cost,
    efficientnet_lite0,
    given,
    kept,
    onnx,
    patches,
    pictures,
    pixels,
    state_dict,
    timm_networks,
    torchvision_networks,
)
from labelnoise.features.pictures import Pictures
from labelnoise.features.types import Encoder, Machine
from labelnoise.sections import Section, encoder_kind
from labelnoise.types import Dataset

ENCODERS = {
    "pixels": pixels.encoder,
    "patches": patches.encoder,
    "efficientnet_lite0": efficientnet_lite0.encoder,
    "onnx": onnx.encoder,
    "state_dict": state_dict.encoder,
    "torchvision/<name>": torchvision_networks.encoder,
    "timm/<name>": timm_networks.encoder,
    "given": given.encoder,
}
INSTANT = ("pixels", "given")  # sooner made than read
MAX_PIXELS = 50_000_000  # of a file, where no parameter says how many

Features = dict[str, np.ndarray]  # <position>_<encoder> -> float32 [N, D], in the order of the sections


def _say(line: str) -> None:
    print(line, flush=True)


def of_images(
    images: np.ndarray,
    sections: Sequence[Section] | None = None,
    cache: Path | None = None,
    device: str = "cpu",
    workers: int | None = None,
    tell: Callable[[str], object] = _say,
) -> Features:
    """Features of images uint8 [N, H, W] or [N, H, W, channels].

    sections: of sections/encoders.py, such as Patches; None: by the size of the images. cache: folder that keeps
    downloads, and features until anything that decides them changes. device: cpu or cuda. workers: threads, None
    for one per core; they change no bit. tell: gets a line on time and memory beforehand.
    """
    stored = images[:, None] if images.ndim == 3 else images.transpose(0, 3, 1, 2)
    return _all(pictures.of_array(stored), sections, _machine(device, workers, cache), tell, "features")


def of_files(
    paths: Sequence[Path],
    sections: Sequence[Section] | None = None,
    cache: Path | None = None,
    device: str = "cpu",
    workers: int | None = None,
    tell: Callable[[str], object] = _say,
) -> Features:
    """Features of image files, as `of_images`; each is decoded in colour at the size that an encoder wants."""
    of = pictures.of_files([Path(path) for path in paths], "rgb", MAX_PIXELS)
    return _all(of, sections, _machine(device, workers, cache), tell, "features")


def of_dataset(
    dataset: Dataset, name: str, section, machine: Machine, tell: Callable[[str], object] = _say
) -> Features:
    """Features of the data set `name`, as `of_images`; images of a folder are decoded again where it pays.

    section: `datasets.<name>`.
    """
    return _all(shown(dataset, section), section.features, machine, tell, f"datasets.{name}.features")


def shown(dataset: Dataset, section) -> Pictures:
    """The pictures of which `of_dataset` makes features."""
    folder = section.data.folder
    if folder is None:
        return pictures.of_array(dataset.images)
    files = [Path(folder.root).expanduser() / file for file in dataset.files]
    levels = SIXTEEN_BITS if folder.white is None else folder.white
    return pictures.of_array(dataset.images, files, folder.mode, folder.max_pixels, levels)


def chosen(of: Pictures, sections: Sequence[Section] | None, where: str) -> dict[str, Section]:
    """Section of each feature set by its name; where: begins an error message."""
    own = choice.default(of) if sections is None else choice.checked(list(sections), of, where)
    return {f"{position}_{section.encoder}": section for position, section in enumerate(own)}


def machine(run, cache: str) -> Machine:
    """`run` and `download.cache` of params.yaml."""
    workers = None if run.workers == "auto" else run.workers
    return _machine(chosen_device(run.device), workers, Path(cache).expanduser())


def _machine(device: str, workers: int | None, cache: Path | None) -> Machine:
    return Machine(device, joblib.cpu_count() if workers is None else workers, cache)


def _all(of: Pictures, sections, machine: Machine, tell, where: str) -> Features:
    named, cache = chosen(of, sections, where), machine.cache
    stored = {
        name: kept.file(cache, section.encoder, kept.key(of, section, machine.device))
        for name, section in named.items()
        if cache is not None and section.encoder not in INSTANT
    }
    found = {name: kept.load(file) for name, file in stored.items() if file.exists()}
    encoders = {
        name: ENCODERS[encoder_kind(section.encoder)](section, of, machine)
        for name, section in named.items()
        if name not in found
    }
    slow = [name for name in encoders if named[name].encoder not in INSTANT]
    if slow:
        tell(cost.in_words(slow, [cost.measured(encoders[name], of, machine) for name in slow], of, machine))
    for name, encoder in encoders.items():
        found[name] = encoded(encoder, of, machine, f"{where}: {name}")
        if name in stored:
            kept.save(stored[name], found[name])
    return {name: found[name] for name in named}


def encoded(encoder: Encoder, of: Pictures, machine: Machine, title: str) -> np.ndarray:
    """float32 [N, D]; ValueError where a network made of it what is no number."""
    count, done, finite, features = pictures.count(of), 0, True, None
    for rows in blocks.encoded(encoder, of, np.arange(count), machine, title):
        features = scratch.empty((count, rows.shape[1])) if features is None else features
        features[done : done + len(rows)] = rows
        done, finite = done + len(rows), finite and bool(np.isfinite(rows).all())
    if not finite:
        raise ValueError(f"{title}: not all features are finite; allowed: another encoder, or other weights")
    return features
