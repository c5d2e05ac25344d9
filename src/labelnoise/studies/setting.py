"""What every study of a data set starts from: parameters, data, columns of noisy labels, what detection found."""

from typing import NamedTuple

import numpy as np

from labelnoise import artifacts, files, planned
from labelnoise.data import npz
from labelnoise.device import chosen
from labelnoise.noise import noisy_labels
from labelnoise.noise.noisy_labels import NoisyLabels
from labelnoise.params import Params
from labelnoise.runs import data, estimates, inputs
from labelnoise.runs.data import MAIN, Data
from labelnoise.runs.run import Run
from labelnoise.types import Dataset

Arrays = dict[str, np.ndarray]


class Setting(NamedTuple):
    """One data set, as studies plan their runs and make their tables."""

    params: Params
    name: str
    dataset: Dataset  # with what networks see
    columns: NoisyLabels
    detected: Arrays  # what the detect stage wrote
    main: Data  # the data set with the columns of the noise stage
    device: str


def load(params: Params, name: str) -> Setting:
    """The setting of the data set `name`, as the stages before left it."""
    at, wanted = artifacts.of(name), params.datasets[name].inputs
    dataset = inputs.of(npz.read(at.images), wanted, files.load_arrays(at.features) if wanted else {})
    return make(params, name, dataset, noisy_labels.load(at.noise), files.load_arrays(at.detect))


def make(params: Params, name: str, dataset: Dataset, drawn: NoisyLabels, detected: Arrays) -> Setting:
    """The setting of the data set `name`."""
    device = chosen(params.run.device)
    main = data.of_columns(params, name, dataset, drawn, device)
    return Setting(params, name, dataset, drawn, detected, main, device)


def cells(setting: Setting) -> list[Run]:
    """A run per network and column of labels, of no method yet; sorted by noise, rate and seed."""
    of, networks = setting.columns, setting.params.datasets[setting.name].networks
    keys = sorted(zip(of.noise.tolist(), of.noise_rate.tolist(), of.seed.tolist(), strict=True))
    return [Run(MAIN, network, *key, name="", method="") for network in networks for key in keys]


def grid(setting: Setting) -> list[Run]:
    """The cells of the main study. `cells` has also further seeds of cells that claims use, those of development,
    and cells in which only label errors are looked for."""
    params, section = setting.params, setting.params.datasets[setting.name]
    seeds = planned.seeds(params, params.study.seeds)
    apart = {*planned.cells(section.detection_noises)} - {*planned.cells(section.noises)}
    return [cell for cell in cells(setting) if cell.seed in seeds and (cell.noise, cell.noise_rate) not in apart]


def trained(setting: Setting) -> list[Run]:
    """The cells that plain networks are trained on, and that methods may be told of."""
    main, more = set(grid(setting)), planned.trained_cells(setting.params, setting.name)
    return [c for c in cells(setting) if c in main or c.seed in more.get((c.noise, c.noise_rate), [])]


def detected(setting: Setting) -> dict[tuple[str, float, int], int]:
    """Where the detect stage's arrays have which labels (noise, rate, seed). Their `network` names features."""
    cells = zip(*(setting.detected[name].tolist() for name in ("noise", "noise_rate", "seed")), strict=True)
    return {cell: at for at, cell in enumerate(cells)}


def of_method(setting: Setting, name: str, cells: list[Run]) -> list[Run]:
    """Row `name` of `methods:` in `cells`; oracles need every clean label, and are left out where some are
    unknown."""
    known = bool((setting.dataset.clean_labels >= 0).all())
    runs = [estimates.method_run(setting.params, name, cell) for cell in cells]
    return [run for run in runs if known or not run.oracle]


def key(setting: Setting, run: Run) -> dict:
    """The key columns of a run (or a row of `Selection.keys`) in the tables; its realised rate, the share of wrong
    labels that was drawn, is NaN where no clean label is known."""
    own = {name: getattr(run, name) for name in ("network", "noise", "noise_rate", "seed")}
    at = setting.main.training.columns[run.noise, run.noise_rate, run.seed, ""]
    return own | {"realised_rate": float(setting.columns.realised_rate[at])}
