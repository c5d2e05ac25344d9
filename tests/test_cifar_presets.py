"""Presets that repeat papers on CIFAR: their parameters hold, their runs are planned, they train in miniature, and
published values stand beside what they find."""

import shutil
from functools import cache
from types import SimpleNamespace

import numpy as np
import pandas as pd
import pytest
from PIL import Image
from test_paper_presets import ROOT, loaded, trained

from labelnoise import costs, data, params, planned, sizes, words
from labelnoise.commands import beforehand
from labelnoise.data.torchvision_sets import SOURCES
from labelnoise.noise import grid
from labelnoise.papers import beside, ours, published
from labelnoise.studies import plan, setting
from labelnoise.studies.accuracy import runs as accuracy_runs
from labelnoise.types import Dataset

PAPERS = {  # of published.csv: preset -> paper; None: it has no value of a method that is here
    "tanaka2018": "Tanaka et al. 2018",
    "patrini2017": None,
    "gce2018": "Zhang and Sabuncu 2018",
    "coteaching2018": "Han et al. 2018",
    "elr2020": "Liu et al. 2020",
    "sop2022": "Liu et al. 2022",
    "cifar10n": "Wei et al. 2022",
    "zhang2017_cnn": "Zhang et al. 2017",
}
PRESETS = [*PAPERS, "small_cifar"]
EVERY = pytest.mark.parametrize("name", PRESETS)
OWN = {  # the method of each, beside cross-entropy
    "tanaka2018": "joint_optimization", "patrini2017": "forward_oracle", "gce2018": "gce_truncated",
    "coteaching2018": "co_teaching", "elr2020": "elr", "sop2022": "sop", "cifar10n": "label_smoothing",
    "zhang2017_cnn": "augmentation_weight_decay", "small_cifar": "co_teaching",
}  # fmt: skip
SMALLER = {
    "resnet": {"width": 2, "blocks": [1, 1, 1]},
    "cnn9": {"width": 2},
    "small_inception": {"width": 1},
    "small_alexnet": {"width": 4},
}
NAMES = ["airplane", "automobile", "bird", "cat", "deer", "dog", "frog", "horse", "ship", "truck"]


@pytest.fixture
def small(monkeypatch):
    """CIFAR-10 of 90 images, 30 of them to test on."""
    few = sizes.Size(90, 10, (3, 32, 32))
    monkeypatch.setattr(sizes, "PUBLISHED", {"cifar10": few, "cifar10n": few})
    monkeypatch.setattr(sizes, "TEST_PART", 30)
    monkeypatch.setattr(sizes, "size_of", lambda section: few)


@pytest.fixture(scope="module")
def study(tmp_path_factory):
    """The folder with the parameters of a preset, and these."""

    @cache
    def made(name):
        folder = tmp_path_factory.mktemp(name)
        return folder, loaded(folder, name)

    return made


@EVERY
def test_parameters_are_valid_and_every_method_is_planned_in_every_cell(study, monkeypatch, small, name):
    monkeypatch.setattr(costs, "available", lambda: 2.0**40)
    folder, chosen = study(name)
    shutil.copytree(ROOT / "notebooks", folder / "notebooks")
    params.check(folder / "params.yaml")
    assert chosen.methods.keys() == {*chosen.study.methods} and OWN[name] in chosen.methods
    assert chosen.study.first_seed == chosen.study.development == chosen.claims.seeds == 0
    for dataset in chosen.study.datasets:
        of, section = beforehand.stand_in(chosen, dataset), chosen.datasets[dataset]
        asked, cells = accuracy_runs.runs(of), planned.cells(section.noises)
        assert len(asked) == len(cells) * len(chosen.methods) * len(section.networks) * chosen.study.seeds
        assert {(run.network, run.noise, run.noise_rate, run.name) for run in asked} == {
            (network, *cell, method) for network in section.networks for cell in cells for method in chosen.methods
        }
        assert {run.name for run in plan.of_setting(of).runs} == {
            *chosen.methods
        }  # no other study trains anything


def images(count=90, tested=30):
    """A bright stripe, at a height of its own for each class."""
    labels = np.arange(count) % 10
    pixels = np.random.default_rng(0).integers(0, 100, (count, 3, 32, 32), np.uint8)
    for image, label in zip(pixels, labels, strict=True):
        image[:, 3 * label : 3 * label + 3] += 120
    fold = np.where(np.arange(count) < count - tested, -1, 0)
    people = {kind: (labels + (np.arange(count) % 3 == 0)) % 10 for kind in ("aggregate", "random1", "worse")}
    return Dataset(pixels, labels, fold, NAMES, SOURCES["cifar10"].asymmetric_map, people, [])


@EVERY
def test_a_preset_trains_in_miniature(study, tmp_path, name):
    """Its method beside cross-entropy in its last cell, with its kind of network, schedule, augmentation and
    optimiser, on 60 images for two epochs."""
    (_, chosen), method = study(name), OWN[name]
    dataset = chosen.study.datasets[-1]
    section = chosen.datasets[dataset]
    network, cell = section.networks[-1], planned.cells(section.noises)[-1]
    kind = params.network(chosen.networks, network).get("network", network)
    own = {"epochs": 2, "batch_size": 16, "milestones": [1] if section.training.milestones else []}
    longer = "epochs" in chosen.methods[method].get("training", {})
    over = {
        "datasets": {dataset: {"training": own, "validation_fraction": 0.2}},
        "networks": {network: SMALLER[kind]},
        "methods": {method: {"training": own}} if longer else {},
        "estimate": {"folds": 2, "epochs": 1},
        "run": {"device": "cpu"},
    }
    chosen = loaded(tmp_path, name, over)
    drawn, _ = grid.draw_all(dataset, images(), {cell: [0]}, 1, chosen.noise)
    of = setting.make(chosen, dataset, cropped() if section.data.crop else images(), drawn, {})
    asked = [
        run for run in accuracy_runs.runs(of) if run.network == network and run.name in ("cross_entropy", method)
    ]
    done = trained(of, asked, tmp_path)
    assert {run.name for run in asked} == {"cross_entropy", method} and len(done.keys) >= len(asked) == 2
    for key, run in done.each("*"):
        assert run["diverged_epoch"] == -1 and np.isfinite(run["probs_last"]).all(), key
        assert (run["probs_last"] - 0.1).max() > 1e-5  # where it starts every class is as likely


def cropped():
    return data.crop.centre("cifar10", images(), 28)


@pytest.mark.parametrize("name", [name for name, paper in PAPERS.items() if paper])
def test_published_values_of_the_paper_stand_beside_the_preset(study, name):
    """Of the same noise, rate, method and epoch."""
    _, chosen = study(name)
    found = pd.concat([joined(chosen, dataset) for dataset in chosen.study.datasets])
    mine = found[found["paper"].str.startswith(PAPERS[name])]
    assert len(mine) and (OWN[name] if name != "gce2018" else "gce") in {*mine["method"]}


def test_of_patrini_et_al_no_value_is_of_a_method_that_is_here():
    there = published.read().query("paper == 'Patrini et al. 2017' and dataset == 'CIFAR-10'")
    assert len(there) and set(there["method"]) == {published.NOT_HERE}


def joined(chosen, dataset) -> pd.DataFrame:
    """Table `papers` of a study in which everything has an accuracy of one half."""
    section, rows = chosen.datasets[dataset], []
    for network in section.networks:
        for noise, rate in planned.cells(section.noises):
            for method, own in chosen.methods.items():
                training = section.training.model_dump() | own.get("training", {})
                alone = {"method"} <= {*own} <= ours.TRAINING_ALONE
                facts = {"network": network, "noise": noise, "noise_rate": rate, "method": method}
                facts |= {"known_as": own["method"] if alone else method, "inputs": "", "sparsity": np.nan}
                facts |= {"regularizer": ours.regularizer(training), "augmentation": ours.augmentation(training)}
                facts |= {"epochs": training["epochs"], "images": 50_000, "n_seeds": 1, "ours": "intervals"}
                facts |= {"mean": 0.5, "low": np.nan, "high": np.nan, "metric": "test_accuracy"}
                rows += [facts | {"selection": selection} for selection in words.SELECTIONS]
    there = published.read()
    names = published.names(dataset, section.papers, section.data.source is not None)
    tolerance = chosen.papers.tolerance.model_dump()
    return beside.table(there[there["dataset"].isin(names)], pd.DataFrame(rows), tolerance, False)


def test_the_small_study_has_the_map_of_cifar_10(tmp_path):
    """From a folder of images whose classes have its names."""
    for number, label in enumerate(NAMES * 2):
        folder = tmp_path / "images" / ("train" if number < 10 else "test") / label
        folder.mkdir(parents=True)
        for copy in range(2):
            Image.fromarray(np.full((32, 32, 3), 10 * number + copy, np.uint8)).save(folder / f"{copy}.png")
    own = {"subset": 20, "folder": {"root": str(tmp_path / "images")}}
    section = (
        loaded(tmp_path, "small_cifar", {"datasets": {"cifar10_jpeg": {"data": own}}})
        .datasets["cifar10_jpeg"]
        .data
    )
    found = data.load("cifar10_jpeg", section, SimpleNamespace(cache=str(tmp_path / "cache")))
    assert found.class_names == NAMES and found.asymmetric_map == SOURCES["cifar10"].asymmetric_map
    assert found.images.shape == (40, 3, 32, 32) and (found.test_fold == 0).sum() == 20
