"""Presets that repeat papers: their parameters hold, and what they train, train in miniature."""

import shutil
from pathlib import Path
from types import SimpleNamespace

import numpy as np
import pytest
import yaml
from PIL import Image

from labelnoise import costs, data, params, planned, preset
from labelnoise.methods import METHODS
from labelnoise.noise import grid
from labelnoise.runs import execute, results
from labelnoise.runs.estimates import SOURCES
from labelnoise.runs.plan import Plan, complete
from labelnoise.studies import setting
from labelnoise.studies.accuracy import runs as accuracy_runs
from labelnoise.studies.accuracy import tables as accuracy_tables
from labelnoise.studies.memorization import runs as memorization_runs
from labelnoise.train.program import Place
from labelnoise.types import Dataset

ROOT = Path(__file__).parents[1]
ON_MNIST = ("goldberger2017", "patrini2017_mnist", "jindal2016")
FROM_FOLDER = ("zhang2017", "arpit2017")


def loaded(folder, name, *overs):
    """params.yaml with the preset `name`, and with `overs`, in `folder`."""
    values = params.read(ROOT / "params.yaml")
    for over in (params.read(ROOT / "presets" / f"{name}.yaml"), *overs):
        values = preset.merged(values, over)
    (folder / "params.yaml").write_text(yaml.safe_dump(values))
    shutil.copy(ROOT / "claims.yaml", folder)
    return params.load(folder / "params.yaml", METHODS)


@pytest.mark.parametrize("name", [*ON_MNIST, *FROM_FOLDER])
def test_presets_give_valid_parameters(tmp_path, monkeypatch, name):
    monkeypatch.setattr(costs, "available", lambda: 2.0**40)
    shutil.copytree(ROOT / "notebooks", tmp_path / "notebooks")
    chosen = loaded(tmp_path, name)
    params.check(tmp_path / "params.yaml")
    (dataset,) = chosen.study.datasets
    assert {*chosen.datasets[dataset].networks} <= {*chosen.networks} - {"mlp", "small_cnn"}
    assert chosen.study.first_seed == chosen.study.development == chosen.claims.more == 0
    assert chosen.methods.keys() == {*chosen.study.methods}


@pytest.mark.parametrize("name", FROM_FOLDER)
def test_a_folder_and_the_published_files_have_the_same_protocol(tmp_path, name):
    """Changing study.datasets to [cifar10] is all that it takes."""
    found = loaded(tmp_path, name).datasets
    folder, published = (found[key].model_dump() for key in ("cifar10_jpeg", "cifar10"))
    differ = {key for key in folder if folder[key] != published[key]}
    assert differ == {"data", "papers"}
    own = {key for key in folder["data"] if folder["data"][key] != published["data"][key]}
    assert own == {"source", "folder"} and folder["papers"] == ["CIFAR-10"]


def pictures(root):
    """200 images of 32 x 32 pixels in ten classes: a bright stripe, at a height of its own for each class."""
    rng = np.random.default_rng(0)
    for part, count in (("train", 14), ("test", 6)):
        for label in range(10):
            folder = root / part / f"class {label}"
            folder.mkdir(parents=True)
            for number in range(count):
                pixels = rng.integers(0, 100, (32, 32, 3), np.uint8)
                pixels[3 * label : 3 * label + 3] += 120
                Image.fromarray(pixels).save(folder / f"{number}.png")


def trained(of, runs, folder):
    """What the runs and those that they wait for left."""
    plan = complete(Plan(of.params, runs, {"study": of.main}, SOURCES, {}))
    done = execute.train(plan, Place(folder / "store", 1e9), 1, "test")
    return results.of({run: done[run] for run in runs}, folder / "store")


def made(chosen, name, dataset):
    cells = planned.noise_cells(chosen, name)
    drawn, _ = grid.draw_all(name, dataset, cells, chosen.datasets[name].data.folds, chosen.noise)
    return setting.make(chosen, name, dataset, drawn, {})


SMALL = {
    "mlp_1x512": {"hidden": [32]}, "mlp_3x512": {"hidden": [16, 16, 16]}, "mlp_500_300": {"hidden": [16, 8]},
    "mlp_2x128": {"hidden": [16, 16]},
}  # fmt: skip


def test_table_1_of_zhang_et_al_in_miniature(tmp_path):
    """From a folder of images to training and test accuracy, of every network, labels and row; random labels are
    learned by heart."""
    pictures(tmp_path / "images")
    own = {"folder": {"root": str(tmp_path / "images")}}
    small = {"data": own, "training": {"epochs": 30, "batch_size": 16, "decay": 1.0}, "validation_fraction": 0.1}
    over = {
        "datasets": {"cifar10_jpeg": small},
        "networks": {name: SMALL[name] for name in ("mlp_1x512", "mlp_3x512")},
    }
    chosen = loaded(tmp_path, "zhang2017", over, {"run": {"device": "cpu"}})
    section = chosen.datasets["cifar10_jpeg"].data
    dataset = data.load("cifar10_jpeg", section, SimpleNamespace(cache=str(tmp_path / "cache")))
    assert dataset.images.shape == (200, 3, 28, 28) and (dataset.test_fold == 0).sum() == 60
    of = made(chosen, "cifar10_jpeg", dataset)
    assert memorization_runs.runs(of) == [] and len(of.main.training.images.mean) == 200
    runs = accuracy_runs.runs(of)
    assert len(runs) == 2 * 2 * 2 and {run.network for run in runs} == {"mlp_1x512", "mlp_3x512"}
    done = trained(of, runs, tmp_path)
    table = accuracy_tables._curves(of, done)
    last = table[table["epoch"] == 30].set_index(["network", "noise", "method"])
    assert len(last) == 8 and last["train_accuracy"].between(0, 1).all()
    shown = last.loc["mlp_1x512"]
    assert (shown["train_accuracy"] > 0.95).all()
    assert (shown.loc["none", "test_accuracy"] > 0.9).all() and (shown.loc["random", "test_accuracy"] < 0.4).all()
    decay = {run.name: dict(run.settings).get("weight_decay", 0.0) for run in runs}
    assert decay == {"cross_entropy": 0.0, "weight_decay": 0.0001}


@pytest.mark.parametrize("name", ON_MNIST)
def test_protocols_on_mnist_in_miniature(tmp_path, name):
    """Every row of the preset, on 300 made-up images in place of MNIST's."""
    labels = np.arange(300) % 10
    images = np.random.default_rng(0).integers(0, 100, (300, 1, 28, 28), np.uint8)
    images[np.arange(300), 0, 2 * labels] += 150
    mnist = data.torchvision_sets.SOURCES["mnist"].asymmetric_map
    dataset = Dataset(images, labels, np.where(np.arange(300) < 200, -1, 0), list("0123456789"), mnist, {}, [])
    small = {"datasets": {"mnist": {"training": {"epochs": 2}}}, "estimate": {"folds": 2, "epochs": 2}}
    rows = params.read(ROOT / "presets" / f"{name}.yaml")["networks"]
    small |= {"networks": {row: SMALL[row] for row in rows}, "run": {"device": "cpu"}}
    chosen = loaded(tmp_path, name, small)
    of = made(chosen, "mnist", dataset)
    runs = accuracy_runs.runs(of)
    cells = sum(len(rates) for rates in chosen.datasets["mnist"].noises.values())
    assert len(runs) == cells * len(chosen.methods)
    done = trained(of, runs, tmp_path)
    table = accuracy_tables._accuracy(of, of.main.reference, done)
    assert table.groupby("selection").size()["last"] >= len(runs) and table["test_accuracy"].between(0, 1).all()
