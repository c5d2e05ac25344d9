"""Own data of which no clean label is known: the stages run, and nothing that they write claims a truth."""

import json
import re
from pathlib import Path

import numpy as np
import pandas as pd
import pytest
import stage_script
import torch
from matplotlib.text import Text

from labelnoise import artifacts, files, params, results
from labelnoise.claims import compare
from labelnoise.claims.statements import ALGEBRA
from labelnoise.data import npz
from labelnoise.figures import accuracy, calibration, differences, overview
from labelnoise.methods import METHODS
from labelnoise.noise import noisy_labels
from labelnoise.noise.noisy_labels import LEFT_OUT, UNSURE
from labelnoise.runs import data as of_data
from labelnoise.runs import examples, programs
from labelnoise.runs import results as runs
from labelnoise.runs.data import Reference
from labelnoise.runs.plan import Plan
from labelnoise.runs.run import Run
from labelnoise.studies import setting
from labelnoise.studies.accuracy import tables as accuracy_tables
from labelnoise.studies.alternatives import tables as alternatives
from labelnoise.train.program import Stack
from labelnoise.types import Dataset
from labelnoise.uncertainty.entropy import OutOfBag

CLASSES = ["cat", "dog", "NA", "rare"]  # pandas would read the third as missing
SEEDS, FOLDS, SEED = 3, 3, 0
TRAINED, ORACLE = ["cross_entropy", "nnaqc"], "forward_oracle"
ARRAYS = {"file": "pets.npz", "holds": "images"}
DRAWN = {  # of the figures
    "memorization": {"noise": "given", "noise_rate": 0.0, "methods": TRAINED},
    "generalization": {"radius": 0.06},
}
OVER = {
    "study": {
        "datasets": ["pets"], "seeds": SEEDS, "first_seed": 0, "development": 0, "methods": [*TRAINED, ORACLE]
    },
    "run": {"workers": 1, "device": "cpu", "checkpoint_seconds": 0},
    "datasets": {
        "pets": {
            "data": {"folds": FOLDS, "subset": None, "source": "arrays", "arrays": ARRAYS},
            "noises": {"given": [0.0]},
            "networks": ["mlp"],
            "training": {"epochs": 3, "batch_size": 16},
            "bootstrap": {"cells": {"given": [0.0]}, "bags": 2, "epochs": 2, "full": {"epochs": 2}},
        }
    },
    "networks": {"mlp": {"hidden": [16]}},
    "estimate": {"folds": 2, "epochs": 2},
    "claims": {"seeds": SEEDS},
    "evaluate": {"resamples": 100},
    "figures": {path.stem: DRAWN.get(path.stem) for path in (stage_script.ROOT / "notebooks").glob("*.py")},
    "report": {"noise": "given", "noise_rate": 0.0},
}  # fmt: skip
AT = artifacts.of("pets")


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
    return Dataset(pixels, np.full(64, -1), fold, CLASSES, {}, {"given": given.astype(np.int64)}, [])


def nothing_detected() -> dict[str, np.ndarray]:
    """What the detect stage leaves where no run of it has been."""
    return {name: np.array([]) for name in ("noise", "noise_rate", "seed")}


@pytest.fixture(scope="module")
def folder(tmp_path_factory) -> Path:
    """The project's folder after the stages from noise to report, of which detection had nothing to say."""
    folder = tmp_path_factory.mktemp("own")
    with pytest.MonkeyPatch.context() as patch:
        patch.chdir(folder)
        stage_script.parameters(OVER)
        Path("notebooks").symlink_to(stage_script.ROOT / "notebooks")
        npz.save(own_data(), AT.images)
        files.save_arrays(AT.detect, nothing_detected())
        for name in ("noise", "train", "uncertainty"):
            stage_script.run(name, "pets")
        for name in set(compare.TABLES) - {path.stem for path in AT.tables.glob("*.csv")}:
            results.write(name, results.empty(name), AT.tables)  # of stages that are left out here
        for name in ("claims", "figures", "page"):
            stage_script.run(name, "pets")
        stage_script.run("report")
    return folder


@pytest.fixture(scope="module")
def done(folder) -> runs.Selection:
    """The runs of the accuracy study."""
    return runs.load(folder / AT.trained).select(examples="split")


@pytest.fixture(scope="module")
def tables(folder) -> dict[str, pd.DataFrame]:
    return {path.stem: results.read(path.stem, path.parent) for path in (folder / AT.tables).glob("*.csv")}


def test_tables_that_need_the_truth_are_empty_and_have_their_columns(folder, tables):
    needed = ["fit", "fit_curves", "complexity", "first_epoch", "imbalance", "contrasts", "uncertainty"]
    needed += ["conformal", "temperature"]
    for name in needed:
        assert tables[name].empty
        header = (folder / AT.tables / f"{name}.csv").read_text()
        assert header == ",".join(results.columns(name)) + "\n"
    assert tables["fit"]["corruption"].dtype == float
    assert tables["claims"]["effect"].isna().all()
    statements = tables["statements"]
    assert set(statements.loc[statements["kind"] != ALGEBRA, "verdict"]) == {"not tested"}


def test_accuracy_is_that_on_the_labels_as_given_of_the_test_part(done, tables):
    """Worked out anew from the stored predictions; fold 2 has one class, fold 1 a class that nobody trained on."""
    data, table = own_data(), tables["accuracy"]
    assert set(table["judged_by"]) == {"given_labels"}
    last = table[table["selection"] == "last"].set_index(["method", "seed"])["test_accuracy"]
    assert sorted(last.index.unique("method")) == sorted(TRAINED)  # the oracle has nothing to be told
    assert len(done) == len(TRAINED) * SEEDS
    for key, arrays in done.each("probs_last", "index"):
        test = data.test_fold == key.seed
        right = arrays["probs_last"][test].argmax(1) == data.human_labels["given"][test]
        assert last[key.name, key.seed] == pytest.approx(right.mean(), abs=1e-6)
        assert not np.isin(arrays["index"], np.flatnonzero(test)).any()


def test_all_seeds_stop_at_the_epoch_that_they_find_best_together(tables):
    """By the noisy validation labels of all, smoothed over three epochs; what each finds best stands beside."""
    accuracy, curves = (tables[name] for name in ("accuracy", "curves"))
    for method, rows in accuracy.groupby("method"):
        early, own = (rows[rows["selection"] == f"{name}_noisy_val"] for name in ("best", "own"))
        wide = curves[curves["method"] == method].pivot(index="epoch", columns="seed", values="val_accuracy")
        smooth = wide.rolling(3, center=True, min_periods=1).mean()
        together = smooth.mean(axis=1)
        assert len(wide) == 3 and early["epoch"].nunique() == 1
        assert together[early["epoch"].iloc[0]] == pytest.approx(together.max())
        assert own.set_index("seed")["epoch"].to_dict() == smooth.idxmax().to_dict()


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
    drawn = json.loads((folder / "reports/pets/notebooks/figures.json").read_text())
    assert drawn == {"memorization": "figures/memorization.svg"}
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
def of(folder) -> setting.Setting:
    p = params.load(folder / "params.yaml", methods=METHODS)
    return setting.make(p, "pets", own_data(), noisy_labels.load(folder / AT.noise), nothing_detected())


def with_data(of, **changes) -> setting.Setting:
    return setting.make(of.params, "pets", of.dataset._replace(**changes), of.columns, of.detected)


def told(of, known: np.ndarray) -> setting.Setting:
    """The study where the truth of the images `known` (bool [64]) is known: their class is one more than given."""
    clean = np.where(known, (of.dataset.human_labels["given"] + 1) % 4, -1)
    return with_data(of, clean_labels=clean)


@pytest.fixture
def few(monkeypatch):
    """The miniature has too few images for ENOUGH of them in every test part."""
    monkeypatch.setattr(of_data, "ENOUGH", 1)


def test_clean_labels_judge_where_every_test_part_has_some(few):
    data, half = own_data(), np.arange(64) % 2 == 0
    some = data._replace(clean_labels=np.where(half, 0, -1))
    one_part = data._replace(clean_labels=np.where(data.test_fold == 1, 0, -1))
    named = [of_data.reference(each).name for each in (data, some, one_part, data._replace(human_labels={}))]
    assert named == ["given_labels", "clean_labels", "given_labels", "clean_labels"]
    assert (of_data.reference(some).labels == some.clean_labels).all()
    assert (of_data.reference(one_part).labels == data.human_labels["given"]).all()


def first(of) -> Run:
    """Which waits for no other seed."""
    return setting.of_method(of, "cross_entropy", setting.grid(of))[0]._replace(held=())


def trained(of, run: Run) -> Stack:
    """The run as it is trained, alone."""
    plan = Plan(of.params, [run], {"study": of.main}, {}, {})
    (stack,) = programs.stacks(plan, programs.of(plan, [run], {}, Path()))
    return stack


def test_the_monitor_counts_hits_on_labels_as_given_and_knows_of_no_wrong_one(of):
    data, run = own_data(), first(of)
    predicted = np.arange(64) % 4
    found = trained(of, run).monitor(0, torch.from_numpy(predicted)[None])
    test = data.test_fold == run.seed
    right = (predicted == data.human_labels["given"])[test].mean()
    assert found.pop("test_accuracy").item() == pytest.approx(right)
    assert all(value.isnan().all() for value in found.values())


def test_the_key_of_a_run_follows_the_labels_that_judge_it(of, few):
    """Else the store would keep accuracies on other labels."""

    def monitor(of):
        return trained(of, first(of)).spec["monitor"]

    changed = with_data(of, human_labels={"given": (own_data().human_labels["given"] + 1) % 4})
    assert monitor(changed) != monitor(of)
    known = told(of, np.ones(64, bool))
    both = with_data(known, human_labels=changed.dataset.human_labels)
    assert monitor(known) == monitor(both) != monitor(of)


def test_an_oracle_needs_the_whole_truth(of):
    def trained(of, name):
        return bool(setting.of_method(of, name, setting.grid(of)))

    assert not trained(of, ORACLE) and trained(of, "cross_entropy")
    assert not trained(told(of, np.arange(64) % 2 == 0), ORACLE)
    assert trained(told(of, np.arange(64) >= 0), ORACLE)


def test_answers_judge_test_images_in_place_of_labels_as_given(of):
    """But not in the monitor, whose labels name every run."""
    answers = np.full_like(of.columns.answers, -1)
    answers[-1, :3], answers[-1, 3:5], answers[-1, 5:7] = 2, LEFT_OUT, UNSURE
    answered, before = of.columns._replace(answers=answers), of.main.reference
    found = of_data.answered(before, answered)
    assert found.labels[:5].tolist() == [2, 2, 2, -1, -1] and (found.labels[5:] == before.labels[5:]).all()
    clean = Reference(of_data.CLEAN, before.labels)
    assert of_data.answered(clean, answered) is clean
    again = setting.make(of.params, "pets", of.dataset, answered, of.detected)
    assert trained(again, first(of)).spec["monitor"] == trained(of, first(of)).spec["monitor"]
    np.testing.assert_array_equal(again.main.reference.labels, before.labels)


def test_an_image_that_is_left_out_is_neither_trained_nor_tested_on(of):
    """Of a seed that does not test on it: a label is missing there as in the test part, for another reason."""
    run = first(of)
    rest = np.flatnonzero(own_data().test_fold != run.seed)
    predicted = torch.arange(64)[None] % 4

    def without(of, left_out):
        labels = of.columns.labels.copy()
        labels[of.main.training.columns[*run[2:5], ""], left_out] = -1
        return setting.make(of.params, "pets", of.dataset, of.columns._replace(labels=labels), of.detected)

    def accuracy_of(of):
        return trained(of, run).monitor(0, predicted)["test_accuracy"]

    for whole in (of, told(of, np.arange(64) >= 0)):
        fewer = without(whole, rest[:2])
        np.testing.assert_array_equal(fewer.main.tested(run.seed), own_data().test_fold == run.seed)
        assert accuracy_of(fewer) == accuracy_of(whole)
    made = examples.split(run, without(of, rest[:2]).main.training)
    assert not np.isin(rest[:2], np.concatenate(made)).any()
    assert len(made[0]) == len(examples.split(run, of.main.training)[0])
    with pytest.raises(ValueError, match=r"noise given, seed 0: answers leave out so much that .*; allowed: more"):
        examples.split(run, without(of, rest[:30]).main.training)


def test_partly_known_labels_judge_the_images_that_have_them(of, done, few):
    """Half of the truth: every metric is over that half, by hand."""
    half = np.arange(64) % 2 == 0
    known = told(of, half)
    made = accuracy_tables.tables(known, runs.load(done.folder))
    clean, fold = known.dataset.clean_labels, known.dataset.test_fold
    by_hand = [
        (run["probs_last"].argmax(-1) == clean)[half & (fold == key.seed)].mean()
        for key, run in done.select(name="nnaqc").each("probs_last")
    ]
    rows = made["intervals"].query("method == 'nnaqc' and selection == 'last'").set_index("metric")["mean"]
    assert rows["test_accuracy"].iloc[0] == pytest.approx(np.mean(by_hand))
    assert np.isnan(rows["fitted_clean"].iloc[0]) and 0 <= rows["fitted_wrong"].iloc[0] <= 1  # all are wrong
    assert set(made["accuracy"]["judged_by"]) == {"clean_labels"}


def test_partly_known_labels_tell_how_uncertain_bags_are_of_right_and_wrong_ones(of):
    known = told(of, np.arange(64) % 2 == 0)
    probs, entropy = np.full((64, 4), 0.25), np.arange(64.0)
    table = alternatives._uncertainty(known, setting.grid(known)[0], OutOfBag(probs, entropy, entropy))
    pool = (np.arange(64) % 2 == 0) & (known.dataset.test_fold != 0)
    spread = table.set_index(["statistic", "labels"]).loc[("oob_entropy", "wrong")]
    assert spread["count"] == pool.sum() and spread["q50"] == np.median(np.flatnonzero(pool))
