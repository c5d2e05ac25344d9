"""Own data of which some examples came without a label: nothing is trained on them or said of them."""

import os
import runpy
import sys
from pathlib import Path

import numpy as np
import pandas as pd
import pytest
import yaml
from test_without_truth import BASE, OVER

from labelnoise import columns, files, params, quick, results, study
from labelnoise.data import npz
from labelnoise.methods import METHODS
from labelnoise.noise import grid
from labelnoise.types import Dataset

ROOT = Path(__file__).parents[1]
COUNT, FOLDS = 150, 3
WITHOUT = np.arange(COUNT) % 10 == 4  # a tenth, in every fold
DATA, NOISE, KNOWN = "data/pets/images.npz", "data/pets/noise.npz", "runs/pets/given.npz"
GROUPS, DETECT = "data/pets/groups.npz", "runs/pets/detect.npz"
TABLES = "reports/pets/tables"
READ = f"--dataset pets --data {DATA} --noise {NOISE}"
COMMANDS = [
    f"noise --dataset pets --data {DATA} --out {NOISE} --tables {TABLES}",
    f"features --dataset pets --data {DATA} --out data/pets/features.npz",
    f"inspection --data {DATA} --features data/pets/features.npz --out {GROUPS} --tables {TABLES}",
    f"detect {READ} --features data/pets/features.npz --groups {GROUPS} --out {DETECT} --tables {TABLES}",
    f"estimate {READ} --out {KNOWN}",
    f"train {READ} --method cross_entropy --given {KNOWN} --out runs/pets/cross_entropy.npz",
    f"uncertainty {READ} --given {KNOWN} --detect {DETECT} --out runs/pets/bags.npz --tables {TABLES}",
    f"evaluate {READ} --given {KNOWN} --runs runs/pets --bags runs/pets/bags.npz --tables {TABLES}",
    f"recheck {READ} --detect {DETECT} --given {KNOWN} --tables {TABLES}",
    f"memorization --dataset pets --data {DATA} --tables {TABLES}",
    f"imbalance --dataset pets --data {DATA} --tables {TABLES}",
]


def own_data(truth: bool) -> Dataset:
    """Three classes, a tenth of the labels wrong; with or without the truth of all examples."""
    rng = np.random.default_rng(0)
    clean = np.arange(COUNT) % 3
    given = np.where(rng.random(COUNT) < 0.1, (clean + 1) % 3, clean)
    given[WITHOUT] = -1
    pixels = rng.integers(120, size=(COUNT, 1, 4, 4), dtype=np.uint8)
    pixels[np.arange(COUNT), 0, 0, clean] += 120
    known = clean if truth else np.full(COUNT, -1)
    return Dataset(pixels, known, rng.permutation(COUNT) % FOLDS, ["a", "b", "c"], {}, {"given": given}, [])


@pytest.fixture(scope="module", params=[False, True], ids=["no truth", "truth"])
def ran(request, tmp_path_factory) -> tuple[Path, Dataset]:
    """The project's folder after the stages."""
    folder, dataset = tmp_path_factory.mktemp("own"), own_data(request.param)
    over = {**OVER, "methods!": {"cross_entropy": {}}, "study": {"datasets": ["pets"], "seeds": FOLDS}}
    over["claims!"] = {"seeds": FOLDS, "level": 0.95, "variants": {}}
    over["figures!"] = {}
    over["memorization"] = {"epochs": {"small_cnn": None, "mlp": 2}, "seeds": 1, "corruption": [0.4], "images": 60}
    over["memorization"] |= {"probe": {"examples": 10, "radii": [0.06]}, "first_epoch": {"initialisations": 2}}
    over["imbalance"] = {"methods": [], "seeds": 1, "partners": 1}
    (folder / "params.yaml").write_text(yaml.safe_dump(quick.overlaid(BASE, over), sort_keys=False))
    npz.save(dataset, folder / DATA)
    where, argv = os.getcwd(), sys.argv
    os.chdir(folder)
    try:
        for command in COMMANDS:
            sys.argv = command.split()
            runpy.run_path(str(ROOT / "stages" / f"{sys.argv[0]}.py"), run_name="__main__")
    finally:
        sys.argv = argv
        os.chdir(where)
    return folder, dataset


def table(ran, name: str) -> pd.DataFrame:
    return results.read(name, ran[0] / TABLES)


def test_no_column_has_a_label_for_them(ran):
    folder, dataset = ran
    for labels, seed in zip(columns.load(folder / NOISE).labels, range(FOLDS), strict=True):
        left_out = WITHOUT | (dataset.test_fold == seed)
        np.testing.assert_array_equal(labels, np.where(left_out, -1, dataset.human_labels["given"]))
    examples = [int((~WITHOUT & (dataset.test_fold != seed)).sum()) for seed in range(FOLDS)]
    assert table(ran, "ledger")["examples"].tolist() == examples


def test_they_are_neither_trained_on_nor_tested_on(ran):
    folder, dataset = ran
    trained = files.load_arrays(folder / "runs/pets/cross_entropy.npz")
    last = table(ran, "accuracy").query("selection == 'last'").set_index("seed")["test_accuracy"]
    truth = (dataset.clean_labels >= 0).all()
    judge = dataset.clean_labels if truth else dataset.human_labels["given"]
    for seed in range(FOLDS):
        assert not WITHOUT[trained["index"][seed]].any()
        test = (dataset.test_fold == seed) & (judge >= 0)
        right = trained["probs_last"][seed].argmax(1)[test] == judge[test]
        assert last[seed] == pytest.approx(right.mean(), abs=1e-6)


def test_nobody_suspects_them(ran):
    folder, _ = ran
    found = files.load_arrays(folder / DETECT)
    np.testing.assert_array_equal(np.isnan(found["p_wrong"][0]), WITHOUT)
    assert not found["tier"][0][WITHOUT].any() and not found["sure"][0][WITHOUT].any()
    rate = table(ran, "noise_rate").query("estimator == 'noise_model'")["estimate"].iloc[0]
    assert 0.02 < rate < 0.25


def test_noise_is_injected_into_what_is_labelled_alone():
    """Of trusted data, whose labels are the truth: where there is none, there is no truth either."""
    dataset = own_data(truth=False)
    dataset = dataset._replace(clean_labels=dataset.human_labels["given"])
    drawn, rows = grid.draw_all("pets", dataset, {("symmetric", 0.4): 2}, FOLDS, None)
    for labels, seed in zip(drawn.labels, range(2), strict=True):
        np.testing.assert_array_equal(labels < 0, WITHOUT | (dataset.test_fold == seed))
    assert all(0.2 < row["realised_rate"] < 0.6 for row in rows)


def test_runs_have_as_many_labels_as_the_smallest_pool(ran):
    folder, dataset = ran
    p = params.load(folder / "params.yaml", methods=METHODS)
    loaded = study.load(p, "pets", folder / DATA, folder / NOISE)
    pools = [int((~WITHOUT & (dataset.test_fold != seed)).sum()) for seed in range(FOLDS)]
    assert loaded.study.smallest_pool == min(pools)
