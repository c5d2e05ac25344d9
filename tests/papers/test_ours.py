"""Our side of the comparison comes from the study's tables."""

import sys
from pathlib import Path

import numpy as np
import pandas as pd
import pytest
from scipy import stats

from labelnoise.papers import ours

sys.path.insert(0, str(Path(__file__).parents[1] / "figures"))
import synthetic_tables

METHODS = {
    "cross_entropy": {}, "mae": {"training": {"epochs": 7, "weight_decay": 0.1}},
    "forward_oracle": {"method": "forward", "transition": "oracle"},
    "joint_optimization": {"method": "cross_entropy", "training": {"weight_decay": 0.1}, "grid": True},
}  # fmt: skip
FACTS = ours.Facts(
    {"epochs": 4, "shift": 0, "weight_decay": 0.0},
    "patches",
    METHODS,
    0.4,
    {"mlp": 80, "small_cnn": 60},
    2000,
    0.95,
)


@pytest.fixture(scope="module")
def tables():
    made = synthetic_tables.make([*METHODS], [("none", 0.0), ("symmetric", 0.4)], seeds=3, epochs=4)
    curves = made["curves"]
    spread = curves["train_accuracy"] - 0.01 * curves["seed"] ** 2  # all seeds fit alike
    return made | {"curves": curves.assign(train_accuracy=spread)}


@pytest.fixture(scope="module")
def rows(tables):
    return ours.rows({name: tables[name] for name in ours.NEEDED}, FACTS)


def _t(values) -> list[float]:
    """Mean and t interval, by scipy."""
    low, high = stats.t.interval(0.95, len(values) - 1, np.mean(values), stats.sem(values))
    return pytest.approx([np.mean(values), low, high], rel=1e-6)


def test_every_table_gives_rows_of_one_form(rows, tables):
    assert list(rows.columns) == ours.COLUMNS
    assert set(rows["ours"]) == {"accuracy", "curves", "detection_intervals", "fit", "intervals", "transition"}
    assert not rows.duplicated(ours.COLUMNS[:10]).any()
    accuracy = tables["intervals"].query("metric == 'test_accuracy'")
    found = rows[rows["ours"] == "intervals"]
    assert len(found) == len(accuracy.drop_duplicates(["network", "noise", "noise_rate", "method", "selection"]))


def test_intervals_over_seeds(rows, tables):
    """The best test epoch from `accuracy`, T from `transition`, fits from `fit`, training from `curves`."""
    runs = tables["accuracy"].query("method == 'mae' and noise == 'symmetric' and selection == 'best_test'")
    found = rows.query("ours == 'accuracy' and method == 'mae' and noise == 'symmetric'").iloc[0]
    assert [found["mean"], found["low"], found["high"]] == _t(runs["test_accuracy"])
    runs = tables["fit"].query("network == 'mlp' and condition == 'random_labels' and regularizer == 'none'")
    found = rows.query("ours == 'fit' and noise == 'random' and regularizer == 'none' and network == 'mlp'")
    assert found.set_index("metric")["mean"]["train_accuracy"] == pytest.approx(runs["train_accuracy"].mean())
    found = found[found["metric"] == "test_accuracy"].iloc[0]
    assert [found["mean"], found["low"], found["high"]] == _t(runs["test_accuracy"])
    assert found["epochs"] == 80 and found["images"] == 2000 and found["noise_rate"] == 1
    curves = tables["curves"].query("method == 'mae' and noise == 'symmetric'")
    last = curves[curves["epoch"] == curves["epoch"].max()]
    found = rows.query("ours == 'curves' and method == 'mae' and noise == 'symmetric'").iloc[0]
    assert [found["mean"], found["low"], found["high"]] == _t(last["train_accuracy"])
    runs = tables["transition"].query("noise == 'symmetric' and estimator == 'confident_joint'")
    found = rows.query("ours == 'transition' and noise == 'symmetric' and method == 'confident_joint'").iloc[0]
    assert [found["mean"], found["low"], found["high"]] == _t(runs["relative_l1"])


def test_what_a_method_changes_of_training_is_told(rows):
    trained = rows[rows["ours"] == "intervals"].drop_duplicates("method").set_index("method")
    assert trained["epochs"].to_dict() == dict.fromkeys(METHODS, 4) | {"mae": 7}
    assert trained["regularizer"].to_dict() == {
        "cross_entropy": "none", "forward_oracle": "none", "joint_optimization": "weight_decay",
        "mae": "weight_decay",
    }  # fmt: skip
    assert set(trained["augmentation"]) == {"none"} and (trained["images"] > 0).all()
    assert set(trained["inputs"]) == {"patches"} and set(rows.loc[rows["ours"] == "fit", "inputs"]) == {""}
    known = trained["known_as"].to_dict()
    assert known == {name: name for name in METHODS} | {"joint_optimization": "cross_entropy"}
    assert ours.regularizer({"shift": 1, "weight_decay": 1e-4}) == "augmentation_weight_decay"
    assert ours.regularizer({"shift": 0, "flip": True, "weight_decay": 0}) == "augmentation"
    assert ours.augmentation({"shift": 2}) == "shifts of 2 pixels"
    assert ours.augmentation({"shift": 0, "crop": 4, "flip": True, "cutout": 0}) == "crop, flip"  # as published


def test_the_rate_of_given_labels_is_that_of_the_ledger(tables):
    ledger = tables["ledger"].assign(convention="given", noise="human_worse", noise_rate=0.4021, realised_rate=0.4)
    ledger = ledger.drop_duplicates(["noise", "noise_rate", "seed"])
    needed = {name: tables[name] for name in ours.NEEDED} | {"ledger": ledger}
    found = ours.rows(needed, FACTS)
    rate = found[found["metric"] == "noise_rate"]
    assert rate[["noise", "mean", "n_seeds"]].to_numpy().tolist() == [["human_worse", 0.4, 1]]


def test_only_class_dependent_noise_has_a_sparsity(tables):
    renamed = tables["intervals"].replace({"noise": {"symmetric": "class_dependent"}})
    found = ours.rows({name: tables[name] for name in ours.NEEDED} | {"intervals": renamed}, FACTS)
    assert set(found.loc[found["noise"] == "class_dependent", "sparsity"]) == {0.4}
    assert found.loc[found["noise"] != "class_dependent", "sparsity"].isna().all()
    assert pd.api.types.is_float_dtype(found["sparsity"])
