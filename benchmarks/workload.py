"""The digits study of params.yaml, cut to what a benchmark trains, in a folder of its own.

Made by the functions that the stages call, so that a benchmark trains what the study trains.
"""

from pathlib import Path
from typing import NamedTuple

import measure
import numpy as np
import yaml

from labelnoise import data, files, params
from labelnoise.data import npz
from labelnoise.methods import METHODS
from labelnoise.noise import grid, noisy_labels
from labelnoise.runs import examples, programs
from labelnoise.runs.run import Run
from labelnoise.studies import setting
from labelnoise.studies.setting import Setting
from labelnoise.train.engine import Job
from labelnoise.types import Estimates

ROOT = measure.FOLDER.parent
DATASET = "digits"
CELLS = {"none": [0.0], "symmetric": [0.2, 0.4], "asymmetric": [0.4], "pair_flip": [0.45]}
PHASES = {"update_from", "warmup_epochs", "early_epochs", "ramp_epochs"}  # parameters that count epochs
DATA, NOISE = "data.npz", "noise.npz"


class Size(NamedTuple):
    """What to cut the study to. None: what params.yaml says."""

    noises: dict[str, list[float]]
    seeds: int
    network: str = "mlp"
    epochs: int | None = None


def prepare(folder: Path, size: Size) -> None:
    """Write params.yaml, the data set and its noisy labels into `folder`; no claims."""
    values = params.with_defaults(params.read(ROOT / "params.yaml"))
    section = values["datasets"][DATASET]
    values["study"] |= {"datasets": [DATASET], "seeds": size.seeds}
    values["run"] |= {"workers": 1, "device": "cpu", "store": "store"}
    section |= {"noises": size.noises, "networks": [size.network]}
    epochs = section["training"]["epochs"] = size.epochs or section["training"]["epochs"]
    for method in values["methods"].values():
        for phase in PHASES & method.keys():  # those that would begin after the last epoch are refused
            method[phase] = min(method[phase], max(1, epochs - 1))
    files.write_text(folder / "params.yaml", yaml.safe_dump(values))
    files.write_text(folder / params.CLAIMS, "{}\n")
    p = params.load(folder / "params.yaml")
    cut = p.datasets[DATASET]
    dataset = data.load(DATASET, cut.data, p.download)
    cells = {(noise, rate): p.study.seeds for noise, rates in cut.noises.items() for rate in rates}
    drawn, _ = grid.draw_all(DATASET, dataset, cells, cut.data.folds, p.noise)
    npz.save(dataset, folder / DATA)
    noisy_labels.save(drawn, folder / NOISE)


def load(folder: Path) -> Setting:
    """The study that `prepare` left in `folder`."""
    p = params.load(folder / "params.yaml", METHODS)
    return setting.make(p, DATASET, npz.read(folder / DATA), noisy_labels.load(folder / NOISE), detected={})


def runs(of: Setting, name: str) -> list[Run]:
    """A row of `methods:` in every cell."""
    return setting.of_method(of, name, setting.grid(of))


def job(of: Setting, stack: list[Run]) -> Job:
    """The program of `stack`, which is told what stands in for estimates: cost does not depend on their values."""
    known = _known(of, stack)
    return programs.job(stack, of.main, {name: known[name] for name in stack[0].needs}, {})


def _known(of: Setting, stack: list[Run]) -> dict[str, np.ndarray]:
    """Each field of Estimates, [R, ...]."""
    training = of.main.training
    designed = of.main.designed[[training.columns[*run[2:5], run.change] for run in stack]]
    count, classes = designed.shape[:2]
    trained = len(examples.split(stack[0], training)[0])
    return {name: designed for name in Estimates._fields if name.startswith("transition")} | {
        "rate": np.full(count, 0.2),
        "prior": np.full((count, classes), 1 / classes),
        "pred_probs": np.random.default_rng(0).dirichlet(np.ones(classes), (count, trained)),
    }
