"""What a study will train before any of its data is there: planned on made-up data of the size that is known.

How many runs there are, and how long they take, depends on the size alone.
"""

import math
import os
import sys
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

import numpy as np
import yaml

from labelnoise import costs, params, planned, preset, sizes
from labelnoise.methods import METHODS
from labelnoise.noise.noisy_labels import UNANSWERED, NoisyLabels
from labelnoise.params import CLAIMS, REGISTRATION, Params
from labelnoise.studies import setting
from labelnoise.studies.setting import Setting
from labelnoise.types import Dataset


def of_preset(over: Path) -> Params:
    """The parameters of this folder with a preset merged into them."""
    if not over.is_file():
        raise ValueError(f"--preset {over}: no such file; allowed: one of presets/")
    with TemporaryDirectory() as folder:
        path = Path(folder, "params.yaml")
        path.write_text(yaml.safe_dump(preset.values(Path(), params.read(over))), "utf-8")
        for name in (CLAIMS, REGISTRATION):
            if Path(name).exists():
                path.with_name(name).write_bytes(Path(name).read_bytes())
        try:
            return params.load(path, METHODS)
        except SystemExit as stopped:  # of files that are gone by the time it is read
            said = str(stopped).replace(str(path), str(over))
            sys.exit(said.replace(f"{path.parent}{os.sep}", ""))


def stand_in(p: Params, name: str) -> Setting | None:
    """The setting of a data set of the same size; None where that is not known either."""
    section = p.datasets[name]
    try:
        size = sizes.whole(section.data, name)
    except sizes.UNREADABLE:
        return None
    if size is None:
        return None
    dataset = _dataset(section, size)
    drawn = _columns(p, name, dataset)
    return setting.make(p, name, dataset, drawn, drawn._asdict() | {"p_low": np.zeros(drawn.labels.shape)})


def _dataset(section: Any, size: sizes.Size) -> Dataset:
    """Images that are all the same, which take no memory, and every class as often."""
    shape, count = costs.shape_of(section, size), size.examples
    tested = min(sizes.TEST_PART, count // 2) if section.data.folds == 1 else 0
    fold = np.where(np.arange(count) < count - tested, -1, 0) if tested else np.arange(count) % section.data.folds
    image = (np.arange(math.prod(shape)) % 256).astype(np.uint8).reshape(shape)
    clean = np.arange(count) % size.classes
    return Dataset(
        np.broadcast_to(image, (count, *shape)),
        clean,
        fold,
        [str(number) for number in range(size.classes)],
        {},
        {},
        [],
    )


def _columns(p: Params, name: str, dataset: Dataset) -> NoisyLabels:
    """A column of labels, all of them right, for each cell and seed."""
    keys = [(*cell, seed) for cell, seeds in planned.noise_cells(p, name).items() for seed in seeds]
    noise, rate, seed = (np.array(part) for part in zip(*keys, strict=True))
    folds, classes = p.datasets[name].data.folds, len(dataset.class_names)
    labels = np.where(seed[:, None] % folds == dataset.test_fold, -1, dataset.clean_labels).astype(np.int16)
    matrices = np.broadcast_to(np.eye(classes), (len(keys), classes, classes))
    unanswered = np.broadcast_to(np.int16(UNANSWERED), labels.shape)
    return NoisyLabels(noise, rate, seed, labels, matrices, matrices, np.zeros(len(keys)), labels, unanswered)


def memory(p: Params, name: str, workers: int) -> str | None:
    """How much memory a data set takes, in words; None where its size is not known."""
    try:
        size = sizes.whole(p.datasets[name].data, name)
    except sizes.UNREADABLE:
        return None
    if size is None:
        return None
    most = costs.peak(p.datasets[name], size, workers, p) / 2**30
    return f"{name}: about {math.ceil(10 * most) / 10:.1f} GB of memory"
