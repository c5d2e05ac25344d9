"""In which cells networks are trained, with which methods, and what names a run in the tables."""

import numpy as np
import pytest
import tiny_setting

from labelnoise import artifacts, files
from labelnoise.data import npz
from labelnoise.noise import noisy_labels
from labelnoise.noise.noisy_labels import NoisyLabels
from labelnoise.runs.estimates import SOURCES
from labelnoise.studies import setting
from labelnoise.studies.alternatives import runs as alternatives

CELLS = [("ambiguous", 0.1, 4), ("pair_flip", 0.45, 4), ("rechecked", 0.4, 1), ("symmetric", 0.4, 4)]
CLAIMS = {"variants": {"symmetric": [0.4]}}


def made(bootstrap=None):
    """Columns of CELLS, of which ambiguous is not studied and the third has answers in place; claims use a seed
    more than the study in symmetric alone."""
    section = {"noises": {"symmetric": [0.4], "pair_flip": [0.45]}, "detection_noises": {"ambiguous": [0.1]}}
    p = tiny_setting.params({"claims": CLAIMS, "datasets": {"digits": section | {"bootstrap": bootstrap or {}}}})
    p = p.model_copy(update={"statements": {}})
    keys = [(noise, rate, seed) for noise, rate, seeds in CELLS for seed in range(seeds)][::-1]
    labels = np.zeros((len(keys), tiny_setting.N), np.int16)
    matrix = np.repeat(np.eye(tiny_setting.C)[None], len(keys), 0)
    rates = np.arange(len(keys)) / 100
    drawn = NoisyLabels(*map(np.array, zip(*keys, strict=True)), labels, matrix, matrix, rates, labels, labels - 1)
    return setting.make(p, "digits", tiny_setting.DATASET, drawn, {})


def named(runs):
    return [(run.noise, run.seed) for run in runs]


def test_cells_are_every_column_on_every_network_whatever_the_order_of_columns():
    keys = [(noise, rate, seed) for noise, rate, seeds in CELLS for seed in range(seeds)]
    assert [(run.network, *run[2:5]) for run in setting.cells(made())] == [("mlp", *key) for key in keys]


def test_networks_are_trained_on_the_study_and_on_further_seeds_of_some_cells():
    """Cells in which only label errors are looked for have none; labels with answers in place have those of the
    study."""
    of = made()
    grid = [("pair_flip", 0), ("pair_flip", 1), ("rechecked", 0), ("symmetric", 0), ("symmetric", 1)]
    assert named(setting.grid(of)) == grid
    assert named(setting.trained(of)) == [*grid, ("symmetric", 2)]


@pytest.mark.parametrize(
    ("cells", "seeds", "expected"),
    [
        ({"symmetric": None}, 3, []),
        ({"symmetric": None, "pair_flip": [0.45]}, 2, [("pair_flip", 0), ("pair_flip", 1)]),
        ({"symmetric": [0.2]}, 2, []),
    ],
)
def test_bags_are_trained_in_their_cells_and_seeds(cells, seeds, expected):
    assert named(alternatives.bagged(made({"cells": cells, "seeds": seeds}))) == expected


def test_oracles_are_left_out_where_a_clean_label_is_unknown():
    of = tiny_setting.make()
    clean = np.where(np.arange(tiny_setting.N) == 7, -1, tiny_setting.CLEAN)
    unsure = of._replace(dataset=of.dataset._replace(clean_labels=clean))
    cells = setting.grid(of)
    assert len(setting.of_method(of, "forward_oracle", cells)) == len(cells)
    assert setting.of_method(unsure, "forward_oracle", cells) == []
    assert setting.of_method(unsure, "nnaqc", cells) == setting.of_method(of, "nnaqc", cells)


def test_a_run_has_the_rate_that_was_drawn_in_its_own_column():
    of = made()
    for at, cell in enumerate(reversed(setting.cells(of))):
        own = {name: getattr(cell, name) for name in ("network", "noise", "noise_rate", "seed")}
        assert setting.key(of, cell) == own | {"realised_rate": at / 100}


def test_a_row_may_change_the_training_of_its_own_runs_alone():
    """Not of those that its estimates come from."""
    rows = {"nnaqc_decay": {"method": "nnaqc", "training": {"weight_decay": 0.5, "epochs": 7}}}
    of = tiny_setting.make({"methods": rows, "study": {"methods": [*tiny_setting.METHODS, *rows]}})
    cell = setting.grid(of)[0]
    plain, own = (setting.of_method(of, name, [cell])[0] for name in ("nnaqc", "nnaqc_decay"))
    assert own.section == plain.section and "training" not in dict(own.section)
    waits = [SOURCES[run.source].requires(of.params, run) for run in (plain, own)]
    assert waits[0] == waits[1]
    both = [run._replace(needs=(), source="") for run in (plain, own)]
    one, other = (made.spec for made in tiny_setting.described(of.params, both, {"study": of.main}).values())
    assert other == one | {"settings": one["settings"] | {"weight_decay": 0.5, "epochs": 7}}


@pytest.mark.parametrize("inputs", [None, "patches"])
def test_networks_see_what_the_section_says(tmp_path, monkeypatch, inputs):
    """Features of one encoder in place of images, in all that is trained, and labels drawn as ever."""
    monkeypatch.chdir(tmp_path)
    of, at = tiny_setting.make(), artifacts.of("digits")
    wanted = np.random.default_rng(1).normal(2, 3, (tiny_setting.N, 5)).astype(np.float32)
    npz.save(of.dataset, at.images)
    noisy_labels.save(of.columns, at.noise)
    files.save_arrays(at.features, {"0_pixels": wanted[:, :2], "1_patches": wanted})
    files.save_arrays(at.detect, of.detected)
    section = {
        "features": [{"encoder": "pixels"}, {"encoder": "patches"}],
        "inputs": inputs,
        "networks": ["linear"],
    }
    loaded = setting.load(tiny_setting.params({"datasets": {"digits": section}}), "digits")
    seen = loaded.main.training.images.pixels
    if inputs is None:
        np.testing.assert_array_equal(seen, tiny_setting.PIXELS)
    else:
        np.testing.assert_allclose(seen[:, 0, 0], (wanted - wanted.mean(0)) / wanted.std(0), rtol=1e-3, atol=1e-5)
    np.testing.assert_array_equal(loaded.main.training.labels, of.columns.labels)
