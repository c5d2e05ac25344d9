"""The digits study of params.yaml, cut to what a benchmark trains, in a folder of its own.

Made by the functions that the stages call, so that a benchmark trains what the study trains.
"""

from pathlib import Path
from typing import NamedTuple

import measure
import numpy as np
import yaml

from labelnoise import columns, data, files, params, study
from labelnoise.data import npz
from labelnoise.methods import METHODS
from labelnoise.noise import grid
from labelnoise.params import Params
from labelnoise.study import Loaded

ROOT = measure.FOLDER.parent
DATASET = "digits"
CELLS = {"none": [0.0], "symmetric": [0.2, 0.4], "asymmetric": [0.4], "pair_flip": [0.45]}
DATA, NOISE, GIVEN = "data.npz", "noise.npz", "given.npz"


class Size(NamedTuple):
    """What to cut the study to. None: what params.yaml says."""

    noises: dict[str, list[float]]
    seeds: int
    network: str = "mlp"
    epochs: int | None = None


def prepare(folder: Path, size: Size) -> None:
    """Write params.yaml, the data set, its noisy labels and the estimates of them into `folder`."""
    values = yaml.safe_load((ROOT / "params.yaml").read_text(encoding="utf-8"))
    section = values["datasets"][DATASET]
    values["study"] = {"datasets": [DATASET], "seeds": size.seeds}
    values["run"] |= {"workers": 1, "device": "cpu", "store": "store"}
    section |= {"noises": size.noises, "networks": [size.network]}
    epochs = section["training"]["epochs"] = size.epochs or section["training"]["epochs"]
    methods = values["methods"]  # phases that would begin after the last epoch are refused
    for name, key, last in (
        ("joint_optimization", "update_from", epochs),
        ("noise_layer", "warmup_epochs", epochs - 1),
    ):
        methods[name][key] = min(methods[name][key], last)
    section["bootstrap"]["seeds"] = 1
    files.write_text(folder / "params.yaml", yaml.safe_dump(values))
    p = params.load(folder / "params.yaml")
    cut = p.datasets[DATASET]
    dataset = data.load(DATASET, cut.data, p.download)
    drawn, _ = grid.draw_all(DATASET, dataset, cut.noises, cut.data.folds, p.study.seeds, p.noise)
    npz.save(dataset, folder / DATA)
    columns.save(drawn, folder / NOISE)
    files.save_arrays(folder / GIVEN, known(drawn))


def stage(folder: Path, name: str, *arguments: str) -> float:
    """CPU-seconds of the stage `name`, run in `folder` as dvc.yaml runs it."""
    return measure.child_cpu_seconds([str(ROOT / "stages" / f"{name}.py"), *arguments], folder)


def known(drawn: columns.Columns) -> dict[str, np.ndarray]:
    """Stands in for the estimate stage, since cost does not depend on the values: each field of Given."""
    runs, classes = drawn.designed.shape[:2]
    uniform = np.full((runs, classes), 1 / classes)
    return {"rate": np.full(runs, 0.2), "transition": drawn.designed, "prior": uniform}


def load(folder: Path) -> tuple[Params, Loaded]:
    """The parameters and the data set that `prepare` left in `folder`."""
    p = params.load(folder / "params.yaml", METHODS)
    return p, study.load(p, DATASET, folder / DATA, folder / NOISE)
