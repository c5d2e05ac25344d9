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
from labelnoise.train import runs
from labelnoise.train.runs import Row
from labelnoise.types import Given

ROOT = measure.FOLDER.parent
DATASET = "digits"
CELLS = {"none": [0.0], "symmetric": [0.2, 0.4], "asymmetric": [0.4], "pair_flip": [0.45]}
PHASES = {"update_from", "warmup_epochs", "early_epochs", "ramp_epochs"}  # parameters that count epochs
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
    values["study"] |= {"datasets": [DATASET], "seeds": size.seeds}
    values["run"] |= {"workers": 1, "device": "cpu", "store": "store"}
    section |= {"noises": size.noises, "networks": [size.network]}
    epochs = section["training"]["epochs"] = size.epochs or section["training"]["epochs"]
    for method in (*values["methods"].values(), *values["variants"].values()):
        for phase in PHASES & method.keys():  # those that would begin after the last epoch are refused
            method[phase] = min(method[phase], max(1, epochs - 1))
    values["claims"] = {"seeds": 2, "level": 0.95, "variants": {}}
    section["bootstrap"]["cells"] = {}
    files.write_text(folder / "params.yaml", yaml.safe_dump(values))
    p = params.load(folder / "params.yaml")
    cut = p.datasets[DATASET]
    dataset = data.load(DATASET, cut.data, p.download)
    cells = {(noise, rate): p.study.seeds for noise, rates in cut.noises.items() for rate in rates}
    drawn, _ = grid.draw_all(DATASET, dataset, cells, cut.data.folds, p.noise)
    npz.save(dataset, folder / DATA)
    columns.save(drawn, folder / NOISE)
    rows = runs.rows(cut.networks, drawn.noise, drawn.noise_rate, drawn.seed)
    files.save_arrays(folder / GIVEN, known(rows, drawn, cut.validation_fraction))


def stage(folder: Path, name: str, *arguments: str) -> float:
    """CPU-seconds of the stage `name`, run in `folder` as dvc.yaml runs it."""
    return measure.child_cpu_seconds([str(ROOT / "stages" / f"{name}.py"), *arguments], folder)


def known(rows: list[Row], drawn: columns.Columns, validation_fraction: float) -> dict[str, np.ndarray]:
    """Stands in for the estimate stage, since cost does not depend on the values: each field of Given."""
    designed = drawn.designed[[row.column for row in rows]]
    count, classes = designed.shape[:2]
    examples = int((drawn.labels >= 0).sum(1).min() * (1 - validation_fraction))
    matrices = {name: designed for name in Given._fields if name.startswith("transition")}
    return (
        study.keys(rows)
        | matrices
        | {
            "rate": np.full(count, 0.2),
            "prior": np.full((count, classes), 1 / classes),
            "pred_probs": np.random.default_rng(0).dirichlet(np.ones(classes), (count, examples)),
        }
    )


def load(folder: Path) -> tuple[Params, Loaded]:
    """The parameters and the data set that `prepare` left in `folder`."""
    p = params.load(folder / "params.yaml", METHODS)
    return p, study.load(p, DATASET, folder / DATA, folder / NOISE)
