"""The preset that trains methods on frozen features: its parameters hold, and it trains in miniature."""

import csv
import shutil

import numpy as np
import pytest
import stage_script
import yaml
from PIL import Image

from labelnoise import artifacts, costs, params, preset, results, words
from labelnoise.data import npz
from labelnoise.methods import METHODS
from labelnoise.runs import results as runs

ROOT = stage_script.ROOT
PRESET = params.read(ROOT / "presets" / "features.yaml")
CLASSES, COUNT = 3, 180  # 60 to test on: with fewer than 50 given labels would be the judges


def test_the_preset_gives_valid_parameters(tmp_path, monkeypatch):
    """All methods of the study, each data set on one network and what its name says."""
    monkeypatch.setattr(costs, "available", lambda: 2.0**40)
    shutil.copytree(ROOT / "notebooks", tmp_path / "notebooks")
    shutil.copy(ROOT / "claims.yaml", tmp_path)
    values = preset.merged(params.read(ROOT / "params.yaml"), PRESET)
    (tmp_path / "params.yaml").write_text(yaml.safe_dump(values))
    params.check(tmp_path / "params.yaml")
    chosen = params.load(tmp_path / "params.yaml", METHODS)
    everything = params.load(ROOT / "params.yaml", METHODS)
    assert {*params.grid_names(chosen)} == {*params.grid_names(everything)}
    for name in chosen.study.datasets:
        (network,), inputs = chosen.datasets[name].networks, chosen.datasets[name].inputs
        assert ("mlp" if name.startswith("mlp") else "linear") == network and inputs.endswith(name.split("_")[1])
        assert [of.encoder for of in chosen.datasets[name].features] == [inputs]
    assert params.network(chosen.networks, "linear") == {"network": "mlp", "hidden": [], "dropout": 0.0}


@pytest.fixture(scope="module")
def made(tmp_path_factory):
    """Pictures with a stripe whose height is the class's; people name the next class for every sixth."""
    folder, rng = tmp_path_factory.mktemp("features"), np.random.default_rng(0)
    rows = []
    for number in range(COUNT):
        label = number % CLASSES
        pixels = rng.integers(0, 120, (32, 32, 3), np.uint8)
        pixels[10 * label : 10 * label + 8] += 110
        (folder / "images").mkdir(exist_ok=True)
        Image.fromarray(pixels).save(folder / "images" / f"{number:02}.png")
        wrong = number % 18 < CLASSES
        rows.append([f"{number:02}.png", label, (label + wrong) % CLASSES, (label + wrong) % CLASSES])
    with open(folder / "cifar10n_labels.csv", "w", newline="") as file:
        csv.writer(file).writerows([["file", "clean", "aggregate", "random1"], *rows])
    small = {"data": {"subset": None, "folds": 3}, "training": {"epochs": 3, "batch_size": 16}}
    over = {
        "study": {
            "seeds": 2,
            "datasets": ["people_patches"],
            "methods": ["cross_entropy", "elr", "forward_oracle"],
        },
        "run": {"workers": 1, "device": "cpu"},
        "datasets": {"people_patches": small},
        "estimate": {"folds": 2, "epochs": 2},
    }
    with pytest.MonkeyPatch.context() as patch:
        patch.chdir(folder)
        stage_script.parameters(PRESET, over)
        for name in ("download", "features", "noise", "detect", "train", "uncertainty"):
            stage_script.run(name, "people_patches")
        yield folder


def read(made, table):
    return results.read(table, made / artifacts.of("people_patches").tables)


def test_networks_are_trained_on_the_labels_of_people(made):
    """One draw, which all seeds share but for the fold that they test on."""
    dataset = npz.read(made / artifacts.of("people_patches").images)
    assert (dataset.human_labels["random1"] != dataset.clean_labels).mean() == pytest.approx(1 / 6)
    ledger = read(made, "ledger")
    assert set(ledger["noise"]) == {"human_aggregate", "human_random1"} and len(ledger) == 4
    done = runs.load(made / artifacts.of("people_patches").trained)
    assert set(done.keys["network"]) == {"linear"}
    for key, run in done.select(name="elr", data="study").each("index", "labels"):
        assert (run["labels"] == dataset.human_labels["random1"][run["index"]]).all(), key


def test_every_method_is_compared_with_regression_that_ignores_the_noise(made):
    found = read(made, "regression")
    assert set(found["method"]) == {"cross_entropy", "elr", "forward_oracle"}
    assert set(found["selection"]) == set(words.HONEST) and (found["regression"] > 0.6).all()
    accuracy = read(made, "accuracy").query("selection == 'last'")
    means = accuracy.groupby(["noise", "method"])["test_accuracy"].mean()
    for row in found.query("selection == 'last'").itertuples():
        assert row.diff == pytest.approx(means[row.noise, row.method] - row.regression, abs=1e-5)
