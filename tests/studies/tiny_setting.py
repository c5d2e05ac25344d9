"""A data set of 60 images in three folds as studies see it, with parameters that train all of it in seconds."""

from pathlib import Path

import numpy as np
import tiny
import yaml

from labelnoise import params as of_params
from labelnoise import planned, preset
from labelnoise.noise import grid
from labelnoise.noise.noisy_labels import NoisyLabels
from labelnoise.params import Params
from labelnoise.runs import programs, results
from labelnoise.runs.data import Data
from labelnoise.runs.plan import Places, Plan
from labelnoise.runs.results import Selection
from labelnoise.runs.run import Run
from labelnoise.studies import setting
from labelnoise.studies.setting import Setting
from labelnoise.train import store
from labelnoise.train.program import Program
from labelnoise.types import Dataset

ROOT = Path(__file__).parents[2]
N, C, FOLDS = 60, 3, 3
CLEAN = np.arange(N) % C
PIXELS = np.random.default_rng(0).integers(0, 100, size=(N, *tiny.SHAPE), dtype=np.uint8)
PIXELS.reshape(N, -1)[np.arange(N), CLEAN] += 100  # the class can be seen
DATASET = Dataset(PIXELS, CLEAN, np.arange(N) // C % FOLDS, list("abc"), {0: 1}, {}, [])
OTHERS = ("none", "asymmetric", "instance_dependent", "instance_dependent_as_published", "ambiguous")
METHODS = ["cross_entropy", "forward_oracle", "nnaqc", "joint_optimization", "elr_plain"]
OVER = {
    "study": {"seeds": 2, "first_seed": 0, "development": 0, "methods": METHODS},
    "run": {"device": "cpu"},
    "datasets": {
        "digits": {
            "data": {"folds": FOLDS},
            "noises": dict.fromkeys(OTHERS) | {"symmetric": [0.4], "pair_flip": [0.45]},
            "detection_noises": dict.fromkeys(OTHERS) | {"pair_flip": [0.3]},
            "detection": {"seeds": 2, "checked": 1},
            "training": {"epochs": 3, "batch_size": 16},
            "bootstrap": {
                "cells": dict.fromkeys(OTHERS) | {"symmetric": [0.4], "pair_flip": None}, "seeds": 1, "bags": 4,
                "epochs": 2, "full": {"runs": 2, "epochs": 2, "planted": 0.1},
            },
        }
    },
    "networks": {"mlp": {"hidden": [8]}, "small_cnn": {"channels": [4, 4]}},
    "methods": {
        "elr_plain": {"method": "elr", "grid": False}, "joint_optimization": {"average_epochs": 2},
    },
    "estimate": {"folds": 2, "epochs": 2},
    "recheck": {
        "cell": {"seed": 0},
        "retrain": {"cells": {"asymmetric": None}, "seeds": 2, "shares": [0.2, 0.5], "error": 0.2},
    },
    "memorization": {
        "seeds": 2, "images": 1000, "epochs": {"mlp": 3, "small_cnn": 2}, "fitted": 0.9, "corruption": [0.4, 0.6],
        "regularizers": dict.fromkeys(("weight_decay", "small_lr", "large_lr")),
        "probe": {"epochs": [1, 3], "examples": 5, "radii": [0.1, 0.2], "steps": 1},
        "first_epoch": {"initializations": 5, "together": 3},
    },
    "imbalance": {"seeds": 2, "ratio": 3.0, "partners": 1},
    "claims": {"seeds": 3},
    "evaluate": {"resamples": 100},
}  # fmt: skip


def params(*overs: dict) -> Params:
    """As params.load has them, with OVER and `overs` in place."""
    values, claims = (yaml.safe_load((ROOT / name).read_text("utf-8")) for name in ("params.yaml", "claims.yaml"))
    for over in (OVER, *overs):
        values = preset.merged(values, over)
    p = Params.model_validate({**of_params.with_defaults(values), "statements": claims})
    return p.model_copy(update={"methods": of_params._studied(p)})


def make(*overs: dict, dataset: Dataset = DATASET) -> Setting:
    """With the columns that the noise stage draws, and what detection might find in them."""
    p = params(*overs)
    cells = planned.noise_cells(p, "digits")
    drawn, _ = grid.draw_all("digits", dataset, cells, FOLDS, p.noise)
    return setting.make(p, "digits", dataset, drawn, detected(drawn))


def detected(drawn: NoisyLabels) -> dict[str, np.ndarray]:
    """The detect stage's arrays, in another order than the columns, where the class is nearly sure."""
    order = np.arange(len(drawn.labels))[::-1]
    labels = drawn.labels[order]
    q = 0.3 * np.random.default_rng(9).dirichlet(np.ones(C), labels.shape) + 0.7 * np.eye(C)[CLEAN]
    low = 1 - np.take_along_axis(q, np.maximum(labels, 0)[..., None].astype(int), 2)[..., 0]
    low[labels < 0] = np.nan
    scores = {f"score_{name}": low for name in ("noise_model", "sample_only", "class_only")}
    keys = {name: getattr(drawn, name)[order] for name in ("noise", "noise_rate", "seed")}
    rest = {"q": q.astype(np.float32), "p_low": low.astype(np.float32), "transition_low": drawn.designed[order]}
    return keys | scores | rest


def described(p: Params, runs: list[Run], data: dict[str, Data], probes: dict | None = None) -> dict[Run, Program]:
    """The programs of runs that wait for nothing."""
    return programs.of(Plan(p, runs, data, {}, probes or {}), runs, {}, Path())


def placed(folder: Path, found: dict[Run, dict[str, np.ndarray]]) -> Places:
    """As if the runs had been trained and had left these arrays."""
    places = {}
    for at, (run, arrays) in enumerate(found.items()):
        places[run] = store.key({"at": at})
        own = {key: np.asarray(of) for key, of in arrays.items()}
        store.write(folder, places[run], store.text({"at": at}), own)
    return places


def left(folder: Path, found: dict[Run, dict[str, np.ndarray]]) -> Selection:
    """What they left."""
    return results.of(placed(folder, found), folder)
