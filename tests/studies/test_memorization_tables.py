"""Tables against counts by hand."""

import math
from types import SimpleNamespace

import numpy as np
import pytest
import tiny_setting

from labelnoise import results
from labelnoise.runs.run import START, Examples, Run
from labelnoise.studies.memorization import runs, tables
from labelnoise.studies.memorization.runs import FITTING, STARTS


def run(condition="random_labels", corruption=1.0, regularizer="none", seed=0, **other):
    return Run(FITTING, "mlp", condition, corruption, seed, regularizer, "cross_entropy", **other)


def start(number):
    return run()._replace(data=STARTS, examples=Examples(START, number, 4))


HISTORY = {
    "history_fitted": np.array([[0.5, 0.99, 0.97], [0.1, 0.2, 0.3], [0.9, np.nan, np.nan]]),
    "history_train_loss": np.array([[1.0, 0.2, 0.1], [2.0, 1.9, 1.8], [1.0, np.nan, np.nan]]),
    "history_test_accuracy": np.array([[0.1, 0.2, 0.3], [0.1, 0.1, 0.1], [0.5, np.nan, np.nan]]),
}


def fitted(seed):
    return {name: values[seed] for name, values in HISTORY.items()} | {"index": np.arange(10)}


def test_fit_is_the_first_epoch_at_the_threshold_else_censored(tmp_path):
    done = tiny_setting.left(tmp_path, {run(seed=seed): fitted(seed) for seed in range(3)})
    table = results.check("fit", tables.fit(done, 0.99, 4)).set_index("seed")
    first = table.loc[0, ["epochs_to_fit", "steps_to_fit", "censored"]]
    assert first.tolist() == [2, 6, False]  # three steps an epoch
    assert table.loc[0, ["train_accuracy", "train_loss", "test_accuracy"]].tolist() == [0.97, 0.1, 0.3]
    assert table["censored"].tolist() == [False, True, True]
    assert table.loc[[1, 2], ["epochs_to_fit", "steps_to_fit"]].isna().all(axis=None)
    assert math.isnan(table.loc[2, "train_accuracy"])  # diverged


def test_curves_are_those_without_a_regularizer_and_without_corrupted_labels(tmp_path):
    others = [run(regularizer="dropout"), run("corrupted_labels", 0.4)]
    found = {run(seed=seed): fitted(seed) for seed in range(3)} | {other: fitted(0) for other in others}
    table = results.check("fit_curves", tables.fit_curves(tiny_setting.left(tmp_path, found)))
    assert set(table["regularizer"]) == {"none"} and len(table) == 9
    assert table.query("seed == 0")["epoch"].tolist() == [1, 2, 3]
    assert table.query("seed == 1")["train_accuracy"].tolist() == [0.1, 0.2, 0.3]


def test_complexity_has_a_row_per_epoch_and_radius(tmp_path):
    probe = SimpleNamespace(epochs=[1, 4, 9], radii=[0.1, 0.2])  # training ended before epoch 9
    critical = np.zeros((2, 2, 4), bool)
    critical[1, 1, :3] = True
    arrays = {"probe_critical": critical, "probe_sensitivity": np.array([[1, 1, 1, 1], [0, 0, 0, 4.0]])}
    done = tiny_setting.left(tmp_path, {run(probe=True): arrays, run("gaussian", 0.0): fitted(0)})
    table = results.check("complexity", tables.complexity(done, probe))
    assert table["epoch"].tolist() == [1, 1, 4, 4] and table["radius"].tolist() == [0.1, 0.2, 0.1, 0.2]
    assert table["critical_sample_ratio"].tolist() == [0, 0, 0, 0.75]
    assert table["sensitivity_gini"].tolist() == pytest.approx([0, 0, 0.75, 0.75])


@pytest.mark.parametrize("values", [[1, 2, 3, 10], [0, 0, 1], [5, 5]])
def test_gini_is_half_the_mean_difference_over_the_mean(values):
    values = np.array(values, float)
    expected = np.abs(values[:, None] - values).mean() / (2 * values.mean())
    assert tables.gini(values[::-1]) == pytest.approx(expected)


def test_gini_of_nothing_is_missing():
    assert math.isnan(tables.gini(np.zeros(3))) and math.isnan(tables.gini(np.full(3, np.nan)))


def test_first_epoch_counts_initializations_over_programs(tmp_path):
    """Four initialisations, two examples: the first is right always, the second once."""
    right, wrong = [0.9, 0.1], [0.1, 0.9]
    last = [[right, wrong], [right, right], [right, right], [right, right]]
    common = {"index": np.arange(2), "labels": np.array([0, 1])}
    found = {start(number): common | {"probs_last": np.array(probs)} for number, probs in enumerate(last)}
    table = results.check("first_epoch", tables.first_epoch(tiny_setting.left(tmp_path, found)))
    assert table["correct_share"].tolist() == [0, 0.25, 0.5, 0.75, 1]
    assert table["examples"].tolist() == [0, 1, 0, 0, 1]
    p = 5 / 8
    expected = [2 * math.comb(4, k) * p**k * (1 - p) ** (4 - k) for k in range(5)]
    assert table["binomial"].tolist() == pytest.approx(expected)


def test_without_the_study_all_tables_are_empty(tmp_path, capsys):
    of = tiny_setting.make()
    unsure = of._replace(dataset=of.dataset._replace(clean_labels=np.full(tiny_setting.N, -1)))
    made = tables.tables(unsure, tiny_setting.left(tmp_path, {}))
    assert len(made) == 4 and all(results.check(name, table).empty for name, table in made.items())
    assert "digits: no memorization" in capsys.readouterr().out


def test_without_seeds_there_is_no_study(tmp_path):
    of = tiny_setting.make({"memorization": {"seeds": 0}})
    assert runs.runs(of) == [] and runs.data(of) == {}
    made = tables.tables(of, tiny_setting.left(tmp_path, {}))
    assert len(made) == 4 and all(results.check(name, table).empty for name, table in made.items())
