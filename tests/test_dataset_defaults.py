"""A data set says only what differs from `dataset_defaults`."""

from copy import deepcopy
from pathlib import Path

import jsonschema
import pytest
import stage_script
import yaml

from labelnoise import params
from labelnoise.methods import METHODS
from labelnoise.sections.schema import of_params

ROOT = Path(__file__).parents[1]
RATES = {"symmetric": [0.4], "asymmetric": [0.4], "pair_flip": [0.45], "instance_dependent": [0.4]}
TRAINING = {"epochs": 40, "batch_size": 64, "lr": 0.05, "momentum": 0.9, "weight_decay": 0.0005}
TRAINING |= {"sampler": "shuffle", "shift": 0, "crop": 0, "flip": False, "cutout": 0}
TRAINING |= {"schedule": "cosine", "decay": 1.0, "milestones": [], "optimizer": "sgd", "precision": "float32"}
BOOTSTRAP = {"seeds": 1, "bags": 16, "epochs": 30, "batch_size": 128, "lr": 0.1, "weight_decay": 0.0005}
FULL = {"runs": 2, "epochs": 40, "planted": 0.04}
DATA = {"folds": 1, "subset": 10000, "imbalance": 1.0, "crop": None, "standardise": "all"}
DATA |= {"source": None, "folder": None, "arrays": None}
USUAL = {
    "data": DATA,
    "papers": None,
    "features": None,
    "inputs": None,
    "noises": {"none": [0.0], "symmetric": [0.4], "asymmetric": [0.4]},
    "networks": ["small_cnn"],
    "validation_fraction": 0.1,
    "training": TRAINING,
    "bootstrap": {"cells": {"symmetric": [0.4]}, **BOOTSTRAP, "full": FULL},
    "detection": {"seeds": 1, "checked": 1},
    "detection_noises": {},
}
PLAIN = {"networks": ["mlp"], "training": TRAINING | {"weight_decay": 0.0}}  # images of 28 x 28 pixels and fewer
DIGITS = PLAIN | {
    "data": USUAL["data"] | {"folds": 5, "subset": None},
    "noises": {"none": [0.0]} | RATES | {"symmetric": [0.2, 0.4, 0.6, 0.8], "asymmetric": [0.2, 0.4]},
    "bootstrap": {"cells": RATES, **BOOTSTRAP, "seeds": 10, "full": FULL},
    "detection": {"seeds": 10, "checked": 4},
    "detection_noises": {"pair_flip": [0.3], "instance_dependent_as_published": [0.3], "ambiguous": [0.1]},
}
GIVEN = {"noises": {"given": [0.0]}, "bootstrap": {"cells": {"given": [0.0]}, **BOOTSTRAP, "full": FULL}}
ARRAYS = PLAIN | GIVEN


@pytest.mark.parametrize(
    ("name", "differs"),
    [("digits", DIGITS), ("mnist", PLAIN), ("fashion_mnist", PLAIN), ("cifar10", {}), ("cifar100", {})],
)
def test_data_sets_of_the_study(name, differs):
    assert params.load(ROOT / "params.yaml").datasets[name].model_dump() == USUAL | differs


@pytest.mark.parametrize(("name", "differs"), [("folder", GIVEN), ("arrays", ARRAYS)])
def test_own_data(name, differs):
    found = params.load(ROOT / "params.yaml").datasets[name].model_dump()
    own = found.pop("data")
    assert found == {key: value for key, value in (USUAL | differs).items() if key != "data"}
    assert (own["source"], own["folds"], own["subset"], own["imbalance"]) == (name, 5, None, 1.0)


def test_sections_are_taken_key_by_key_and_tables_whole():
    raw = {"dataset_defaults": USUAL, "datasets": {"mine": {"bootstrap": {"full": {"runs": 9}}}, "other": {}}}
    raw["datasets"]["other"] = {"noises": {"given": [0.0]}, "bootstrap": {"cells": {"given": [0.0]}}}
    before = deepcopy(raw)
    found = params.with_defaults(raw)["datasets"]
    assert found["mine"] == USUAL | {"bootstrap": USUAL["bootstrap"] | {"full": FULL | {"runs": 9}}}
    assert found["other"] == USUAL | GIVEN
    assert raw == before and params.with_defaults({**raw, "datasets": found})["datasets"] == found


@pytest.mark.parametrize(
    ("over", "expected"),
    [
        ({"dataset_defaults": {"training": {"lr": 0.0}}}, "dataset_defaults.training.lr = 0.0: must be greater"),
        ({"dataset_defaults": {"trainign": {}}}, "dataset_defaults: unknown key 'trainign'; allowed: data, "),
        ({"dataset_defaults": None}, "dataset_defaults = None: must be a valid dictionary"),
        ({"datasets": {"cifar10": None}}, "datasets.cifar10 = None: must be a valid dictionary"),
        ({"datasets": {"cifar10": {"training": 3}}}, "datasets.cifar10.training = 3: must be a valid dictionary"),
        ({"datasets": {"cifar10": {"training": {"lrr": 3}}}}, "datasets.cifar10.training: unknown key 'lrr'"),
    ],
)
def test_one_line_names_the_key(tmp_path, monkeypatch, over, expected):
    monkeypatch.chdir(tmp_path)
    stage_script.parameters(over)
    with pytest.raises(SystemExit) as stopped:
        params.load()
    assert str(stopped.value).startswith(f"error: params.yaml: {expected}"), stopped.value


def test_editors_accept_what_the_program_accepts():
    values, schema = yaml.safe_load((ROOT / "params.yaml").read_text()), of_params(METHODS)
    jsonschema.validate(values, schema)
    values["datasets"]["cifar10"] = {"training": {"lrr": 3}}
    with pytest.raises(jsonschema.ValidationError, match="lrr"):
        jsonschema.validate(values, schema)
