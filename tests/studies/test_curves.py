"""Curves have a row per epoch at which training images were evaluated, of every run its own."""

import numpy as np
import pytest
import tiny_setting

from labelnoise.runs import execute, results
from labelnoise.runs.plan import Plan
from labelnoise.studies import setting
from labelnoise.studies.accuracy import tables
from labelnoise.train.program import Place

HISTORY = ("test_accuracy", "fitted_clean", "fitted_wrong", "recovered", "val_accuracy", "train_loss", "fitted")
NAMES = (*HISTORY[:-1], "train_accuracy")


@pytest.fixture(scope="module")
def of():
    return tiny_setting.make({"datasets": {"digits": {"training": {"epochs": 13}}}})


def test_rows_are_those_of_the_epochs_that_are_shown(of, tmp_path):
    """As many epochs as a run has had, each with what this run showed there; two rounds are twice as many."""
    runs = setting.of_method(of, "elr_plain", setting.grid(of)[:2])
    shown = {runs[0]: [True, False, True, False, True], runs[1]: [False, True] * 5}
    left = {
        run: {"shown": at} | {f"history_{name}": 10 * k + np.arange(len(at)) for k, name in enumerate(HISTORY)}
        for run, at in shown.items()
    }
    table = tables._curves(of, tiny_setting.left(tmp_path, left))
    for run, epochs in zip(runs, ([1, 3, 5], [2, 4, 6, 8, 10]), strict=True):
        own = table[table["seed"] == run.seed]
        assert own["epoch"].tolist() == epochs and set(own["method"]) == {"elr_plain"}
        assert set(own["realised_rate"]) == {setting.key(of, run)["realised_rate"]}
        for k, name in enumerate(NAMES):
            assert own[name].tolist() == [10 * k + epoch - 1 for epoch in epochs]
    assert len(table) == 3 + 5


def test_no_trained_run_lacks_a_value_where_it_is_shown(of, tmp_path):
    """Cross-entropy, whose training dynamics look at every epoch, has the same epochs as the others."""
    names, cell = ("cross_entropy", "elr_plain"), setting.grid(of)[:1]
    runs = [run for name in names for run in setting.of_method(of, name, cell)]
    plan = Plan(of.params, runs, {"study": of.main}, {}, {})
    done = results.of(execute.train(plan, Place(tmp_path, 1e9), 1, "test"), tmp_path)
    table = tables._curves(of, done)
    assert table[[*NAMES]].notna().all(axis=None)
    for name in names:
        assert table.loc[table["method"] == name, "epoch"].tolist() == [*range(1, 11), 13]
    for key, run in done.each("history_*", "probs_last", "index", "labels"):
        fitted, test = run["history_fitted_wrong"], run["history_test_accuracy"]
        assert len(fitted) == 13 and np.isfinite(test).all()
        missing = [10, 11] if key.name == "elr_plain" else []
        assert np.flatnonzero(np.isnan(fitted)).tolist() == missing
        right = (run["probs_last"][run["index"]].argmax(-1) == run["labels"]).mean()  # of the given labels
        last = table[(table["method"] == key.name) & (table["epoch"] == 13)]
        assert last["train_accuracy"].tolist() == [pytest.approx(right)]
