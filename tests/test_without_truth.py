"""Own data of which no clean label is known: the stages run, and nothing that they write claims a truth."""

import json
import os
import re
import runpy
import sys
from pathlib import Path

import numpy as np
import pandas as pd
import pytest
import torch
import yaml
from matplotlib.text import Text

from labelnoise import evaluate, files, params, quick, results, study
from labelnoise.columns import LEFT_OUT, UNSURE
from labelnoise.data import npz
from labelnoise.figures import accuracy, calibration, differences, overview
from labelnoise.methods import METHODS
from labelnoise.train import runs
from labelnoise.types import Dataset

ROOT = Path(__file__).parents[1]
BASE = yaml.safe_load((ROOT / "params.yaml").read_text())
CLASSES = ["cat", "dog", "NA", "rare"]  # pandas would read the third as missing
SEEDS, FOLDS, SEED = 3, 3, 0
TRAINED, ORACLE = ["cross_entropy", "nnaqc"], "forward_oracle"
ARRAYS = {"file": "pets.npz", "holds": "images"}
OVER = {
    "study": {"datasets": ["pets"], "seeds": SEEDS},
    "run": {"workers": 1, "device": "cpu", "checkpoint_seconds": 0},
    "methods!": {name: BASE["methods"][name] for name in [*TRAINED, ORACLE]} | {
        "nnaqc": BASE["methods"]["nnaqc"] | {"warmup_epochs": 1}
    },
    "variants!": {},
    "estimate": {"folds": 2, "epochs": 2},
    "memorization": {"epochs": {"small_cnn": None}},
    "imbalance": {"methods": []},
    "recheck": {"retrain": {"cells!": {}}},
    "claims!": {
        "seeds": SEEDS, "level": 0.95, "variants": {}, "random_labels": {"threshold": 0.99},
        "entropy_loss": {"threshold": 0.01, "pairs": [["nnaqc", "cross_entropy"]], "cells": {"given": [0.0]}},
    },
    "evaluate": {"resamples": 100},
    "figures!": {
        "memorization": {"noise": "given", "noise_rate": 0.0, "methods": TRAINED},
        "generalization": {"radius": 0.06},
    },
    "report": {"noise": "given", "noise_rate": 0.0},
}  # fmt: skip
OVER["datasets!"] = {
    "pets": BASE["datasets"]["digits"] | {
        "data": {"folds": FOLDS, "subset": None, "imbalance": 1.0, "source": "arrays", "arrays": ARRAYS},
        "noises": {"given": [0.0]},
        "detection_noises": {},
        "detection": {"seeds": 1, "checked": 1},
        "bootstrap": BASE["datasets"]["digits"]["bootstrap"] | {"cells": {"given": [0.0]}, "seeds": 1},
        "training": BASE["datasets"]["digits"]["training"] | {"epochs": 3, "batch_size": 16},
    }
}  # fmt: skip


def own_data() -> Dataset:
    """60 images of three classes and four of a rare one, which fold 1 alone has; fold 2 has a single class."""
    rng = np.random.default_rng(SEED)
    true = np.append(np.arange(60) % 3, [3] * 4)
    fold = np.append(np.arange(60) // 3 % 2, [1] * 4)
    fold[true == 0] = np.arange(20) % 3  # cats only
    given = np.where(rng.random(64) < 0.2, (true + 1) % 3, true)
    fold[(fold == 2) & (given != 0)] = 0
    given[-4:] = 3
    pixels = rng.integers(120, size=(64, 1, 4, 4), dtype=np.uint8)
    pixels[np.arange(64), 0, 0, true] += 120
    fields = {"files": []} if "files" in Dataset._fields else {}
    return Dataset(pixels, np.full(64, -1), fold, CLASSES, {}, {"given": given.astype(np.int64)}, **fields)


def bags(noise: Path) -> dict[str, np.ndarray]:
    """What the uncertainty stage leaves, as far as it is read here: seed 0, nothing ever out of bag."""
    drawn = files.load_arrays(noise)
    arrays = {
        "oob_probs": np.full((1, 64, 4), np.nan),
        "oob_entropy": np.full((1, 64), np.nan),
        "oob_mutual_information": np.full((1, 64), np.nan),
    }
    keys = {"network": "mlp", "noise": "given", "noise_rate": 0.0, "seed": 0, "column": 0}
    assert drawn["noise"][0] == "given" and drawn["seed"][0] == 0
    return {name: np.array([value]) for name, value in keys.items()} | arrays


DRAWN = list(OVER["figures!"])
DATA, NOISE, KNOWN = "data/pets/images.npz", "data/pets/noise.npz", "runs/pets/given.npz"
TABLES = "reports/pets/tables"
READ = f"--dataset pets --data {DATA} --noise {NOISE}"
COMMANDS = [
    f"noise --dataset pets --data {DATA} --out {NOISE} --tables {TABLES}",
    f"estimate {READ} --out {KNOWN}",
    *(f"train {READ} --method {name} --given {KNOWN} --out runs/pets/{name}.npz" for name in [*TRAINED, ORACLE]),
    f"evaluate {READ} --given {KNOWN} --runs runs/pets --bags runs/pets/bags.npz --tables {TABLES}",
    f"memorization --dataset pets --data {DATA} --tables {TABLES}",
    f"imbalance --dataset pets --data {DATA} --tables {TABLES}",
    f"gradients --data {DATA} --tables {TABLES}",
    f"contrasts {READ} --given {KNOWN} --tables {TABLES}",
    f"claims --dataset pets --tables {TABLES}",
    *(
        f"figures --dataset pets --notebook {name} --data {DATA} --tables {TABLES} "
        f"--figures reports/pets/figures/{name} --out reports/pets/notebooks/{name}.ipynb"
        for name in DRAWN
    ),
    "page --dataset pets --reports reports --out runs/pages/pets",
    "report --pages runs/pages --out reports/index.html --summary reports/summary.md --methods reports/methods.md",
]


@pytest.fixture(scope="module")
def folder(tmp_path_factory) -> Path:
    """The project's folder after all stages."""
    folder = tmp_path_factory.mktemp("own")
    (folder / "params.yaml").write_text(yaml.safe_dump(quick.overlaid(BASE, OVER), sort_keys=False))
    (folder / "notebooks").symlink_to(ROOT / "notebooks")
    npz.save(own_data(), folder / DATA)
    where, argv = os.getcwd(), sys.argv
    os.chdir(folder)
    try:
        for command in COMMANDS:
            sys.argv = command.split()
            runpy.run_path(str(ROOT / "stages" / f"{sys.argv[0]}.py"), run_name="__main__")
            if sys.argv[0] == "noise":
                files.save_arrays(folder / "runs/pets/bags.npz", bags(folder / NOISE))
    finally:
        sys.argv = argv
        os.chdir(where)
    return folder


@pytest.fixture(scope="module")
def tables(folder) -> dict[str, pd.DataFrame]:
    return {path.stem: results.read(path.stem, path.parent) for path in (folder / TABLES).glob("*.csv")}


def test_tables_that_need_the_truth_are_empty_and_have_their_columns(folder, tables):
    needed = ["fit", "fit_curves", "complexity", "first_epoch", "imbalance", "contrasts", "uncertainty", "claims"]
    for name in needed:
        assert tables[name].empty
        header = (folder / TABLES / f"{name}.csv").read_text()
        assert header == ",".join(results.columns(name)) + "\n"
    assert tables["fit"]["corruption"].dtype == float
    assert set(tables["statements"]["verdict"]) == {"not tested"}


def test_accuracy_is_that_on_the_labels_as_given_of_the_test_part(folder, tables):
    """Worked out anew from the stored predictions; fold 2 has one class, fold 1 a class that nobody trained on."""
    data, table = own_data(), tables["accuracy"]
    assert set(table["judged_by"]) == {"given_labels"}
    last = table[table["selection"] == "last"].set_index(["method", "seed"])["test_accuracy"]
    assert sorted(last.index.unique("method")) == sorted(TRAINED)  # the oracle has nothing to be told
    for method in TRAINED:
        arrays = files.load_arrays(folder / f"runs/pets/{method}.npz")
        for seed in range(SEEDS):
            test = data.test_fold == seed
            right = arrays["probs_last"][seed][test].argmax(1) == data.human_labels["given"][test]
            assert last[method, seed] == pytest.approx(right.mean(), abs=1e-6)
            assert not (arrays["index"][seed][:, None] == np.flatnonzero(test)).any()


def test_intervals_and_calibration_are_about_test_images_alone(tables):
    assert set(tables["intervals"]["metric"]) == {"test_accuracy", "ece", "nll", "brier", "aurc"}
    assert tables["intervals"]["mean"].notna().all() and (tables["intervals"]["n_seeds"] == SEEDS).all()
    assert tables["calibration"][["ece", "nll", "brier", "aurc"]].notna().all(axis=None)
    cells = tables["reliability"].groupby(["method", "selection"])["count"].sum()
    assert (cells == 64).all()  # every image is tested on once


def test_what_the_truth_would_tell_is_missing(tables):
    assert tables["curves"][["fitted_clean", "fitted_wrong", "recovered"]].isna().all(axis=None)
    assert tables["curves"]["test_accuracy"].notna().all()
    assert tables["ledger"]["realised_rate"].isna().all()
    transition = tables["transition"]
    assert transition["relative_l1"].isna().all() and "designed" not in set(transition["estimator"])
    assert transition["rate_estimate"].between(0, 1).all()
    for name in ("accuracy", "intervals", "curves", "transition"):
        assert tables[name]["realised_rate"].isna().all() and len(tables[name])


def test_a_notebook_without_rows_executes_and_draws_nothing(folder):
    drawn = {name: [p.name for p in (folder / f"reports/pets/figures/{name}").glob("*.png")] for name in DRAWN}
    assert drawn == {"memorization": ["memorization.png"], "generalization": []}
    printed = {name: _printed(folder / f"reports/pets/notebooks/{name}.ipynb") for name in DRAWN}
    assert "pets: no clean label is known" in printed["generalization"]
    assert "test accuracy peaks" in printed["memorization"] and "nan" not in printed["memorization"]


def _printed(notebook: Path) -> str:
    outputs = [out for cell in json.loads(notebook.read_text())["cells"] for out in cell.get("outputs", [])]
    return "".join(text for out in outputs for text in out.get("text", []))


def test_figures_name_the_cell_as_people_do(tables):
    intervals = tables["intervals"]
    for figure in (
        overview.draw(intervals, TRAINED), accuracy.draw(intervals, TRAINED), differences.draw(intervals, TRAINED),
        calibration.reliability(tables["reliability"], TRAINED, "given", 0.0),
    ):  # fmt: skip
        shown = " ".join(text.get_text().replace("\n", " ") for text in figure.findobj(Text))
        assert "labels as given" in shown and "given 0" not in shown and "nan" not in shown


FORBIDDEN = [
    "realised", "wrong labels fitted", "of the wrong labels", "recovered", "right labels", "injected",
    "made wrong on purpose", "clean test images", "images with clean labels", "on clean labels", "nan%",
    "relative L1", "Memorisation of", "wrong as written",
]  # fmt: skip


@pytest.mark.parametrize("name", ["index.html", "pets/index.html", "summary.md", "methods.md"])
def test_the_report_says_what_judges_and_claims_no_truth(folder, name):
    text = re.sub(r"base64,[^\"]*", "", (folder / "reports" / name).read_text())
    text = re.sub(r"\s+", " ", text)
    assert "held-out noisy labels" in text and "labels as given" in text
    assert [words for words in FORBIDDEN if words.lower() in text.lower()] == []
    assert "given 0" not in text


@pytest.fixture(scope="module")
def loaded(folder):
    p = params.load(folder / "params.yaml", methods=METHODS)
    return study.load(p, "pets", folder / DATA, folder / NOISE)


def told(loaded, known: np.ndarray):
    """The study where the truth of the images `known` (bool [64]) is known: their class is one more than given."""
    clean = np.where(known, (own_data().human_labels["given"] + 1) % 4, -1)
    return loaded._replace(dataset=loaded.dataset._replace(clean_labels=clean))


@pytest.fixture
def few(monkeypatch):
    """The miniature has too few images for ENOUGH of them in every test part."""
    monkeypatch.setattr(study, "ENOUGH", 1)


def test_clean_labels_judge_where_every_test_part_has_some(few):
    data, half = own_data(), np.arange(64) % 2 == 0
    some = data._replace(clean_labels=np.where(half, 0, -1))
    one_part = data._replace(clean_labels=np.where(data.test_fold == 1, 0, -1))
    named = [study.judged_by(of).name for of in (data, some, one_part, data._replace(human_labels={}))]
    assert named == ["given_labels", "clean_labels", "given_labels", "clean_labels"]
    assert (study.judged_by(some).labels == some.clean_labels).all()
    assert (study.judged_by(one_part).labels == data.human_labels["given"]).all()


def test_the_monitor_counts_hits_on_labels_as_given_and_knows_of_no_wrong_one(loaded):
    data, row = own_data(), loaded.rows[0]
    predicted = np.arange(64) % 4
    index = np.flatnonzero(data.test_fold != row.seed)[None, :20]
    found = study.monitor(loaded, [row], index)(0, torch.eye(4)[predicted][None])
    test = data.test_fold == row.seed
    assert found.pop("test_accuracy").item() == pytest.approx(
        (predicted == data.human_labels["given"])[test].mean()
    )
    assert all(value.isnan().all() for value in found.values())


def test_the_key_of_a_run_follows_the_labels_that_judge_it(loaded, few):
    """Else the store would keep accuracies on other labels."""

    def judge(of):
        return study.jobs(of, of.rows[:1], "cross_entropy", {}, {})[0].program.spec["monitor"]

    other = {"given": (own_data().human_labels["given"] + 1) % 4}
    changed = loaded._replace(dataset=loaded.dataset._replace(human_labels=other))
    assert judge(changed) != judge(loaded)
    known, both = told(loaded, np.ones(64, bool)), told(changed, np.ones(64, bool))
    assert judge(known) == judge(both) != judge(loaded)


def test_an_oracle_needs_the_whole_truth(loaded):
    assert not study.tellable(loaded, ORACLE) and study.tellable(loaded, "cross_entropy")
    assert not study.tellable(told(loaded, np.arange(64) % 2 == 0), ORACLE)
    assert study.tellable(told(loaded, np.arange(64) >= 0), ORACLE)


def test_answers_judge_test_images_in_place_of_labels_as_given(loaded):
    """But not in the monitor, whose labels name every run."""
    answers = np.full_like(loaded.columns.answers, -1)
    answers[-1, :3], answers[-1, 3:5], answers[-1, 5:7] = 2, LEFT_OUT, UNSURE
    judge = study.judged_by(loaded.dataset)
    found = study.answered(judge, loaded.columns._replace(answers=answers))
    assert found.labels[:5].tolist() == [2, 2, 2, -1, -1] and (found.labels[5:] == judge.labels[5:]).all()
    clean = study.Judge(study.CLEAN, judge.labels)
    assert study.answered(clean, loaded.columns._replace(answers=answers)) is clean


def test_an_image_that_is_left_out_is_neither_trained_nor_tested_on(loaded):
    """Of a seed that does not test on it: a label is missing there as in the test part, for another reason."""
    row = loaded.rows[0]
    rest = np.flatnonzero(own_data().test_fold != row.seed)
    labels = loaded.columns.labels.copy()
    labels[row.column, rest[:2]] = -1
    fewer = loaded._replace(columns=loaded.columns._replace(labels=labels))
    np.testing.assert_array_equal(study.tested(fewer, row), own_data().test_fold == row.seed)
    index = rest[None, 2:20]
    clean = told(fewer, np.arange(64) >= 0)
    for of in (fewer, clean):
        before = study.monitor(of._replace(columns=loaded.columns), [row], index)
        probs = torch.eye(4)[np.arange(64) % 4][None]
        assert study.monitor(of, [row], index)(0, probs)["test_accuracy"] == before(0, probs)["test_accuracy"]
    made = runs.split(fewer.study._replace(labels=labels), row)
    assert not np.isin(rest[:2], np.concatenate(made)).any()
    assert len(made[0]) == len(runs.split(loaded.study, row)[0])
    labels[row.column, rest[:30]] = -1
    with pytest.raises(ValueError, match=r"noise given, seed 0: answers leave out so much that .*; allowed: more"):
        runs.split(fewer.study._replace(labels=labels), row)


def test_partly_known_labels_judge_the_images_that_have_them(folder, loaded, few):
    """Half of the truth: every metric is over that half, by hand."""
    half = np.arange(64) % 2 == 0
    known, p = told(loaded, half), params.load(folder / "params.yaml")
    methods = {name: files.load_arrays(folder / f"runs/pets/{name}.npz") for name in TRAINED}
    bagged = bags(folder / NOISE)
    bagged["oob_entropy"][:] = np.arange(64)
    left = evaluate.Results(methods, files.load_arrays(folder / KNOWN), bagged)
    found = evaluate.all_tables(known, left, p.evaluate)
    clean, fold = known.dataset.clean_labels, known.dataset.test_fold
    right = methods["nnaqc"]["probs_last"].argmax(-1) == clean
    by_hand = np.mean([right[seed][half & (fold == seed)].mean() for seed in range(SEEDS)])
    rows = found["intervals"].query("method == 'nnaqc' and selection == 'last'").set_index("metric")["mean"]
    assert rows["test_accuracy"].iloc[0] == pytest.approx(by_hand)
    assert np.isnan(rows["fitted_clean"].iloc[0]) and 0 <= rows["fitted_wrong"].iloc[0] <= 1  # all are wrong
    spread = found["uncertainty"].set_index(["statistic", "labels"]).loc[("oob_entropy", "wrong")]
    pool = half & (fold != 0)
    assert spread["count"] == pool.sum() and spread["q50"] == np.median(np.flatnonzero(pool))
    assert set(found["accuracy"]["judged_by"]) == {"clean_labels"}
