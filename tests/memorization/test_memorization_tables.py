"""Tables against counts by hand."""

import math
from types import SimpleNamespace

import numpy as np
import pytest

from labelnoise import results
from labelnoise.memorization import tables
from labelnoise.memorization.programs import Key, Task


def task(keys, probe=None, labels=None, examples=10):
    runs = len(keys)
    index = np.tile(np.arange(examples), (runs, 1))
    spec = {"settings": {"batch_size": 4}, "probe": probe or {}}
    program = SimpleNamespace(spec=spec, arrays={"index": index, "labels": labels})
    return Task(keys, "true_labels", SimpleNamespace(program=program))


def key(condition="random_labels", corruption=1.0, regularizer="none", seed=0):
    return Key("mlp", condition, corruption, regularizer, seed)


HISTORY = {
    "history_fitted": np.array([[0.5, 0.99, 0.97], [0.1, 0.2, 0.3], [0.9, np.nan, np.nan]]),
    "history_train_loss": np.array([[1.0, 0.2, 0.1], [2.0, 1.9, 1.8], [1.0, np.nan, np.nan]]),
    "history_test_accuracy": np.array([[0.1, 0.2, 0.3], [0.1, 0.1, 0.1], [0.5, np.nan, np.nan]]),
}


def test_fit_is_the_first_epoch_at_the_threshold_else_censored():
    tasks = [task([key(seed=0), key(seed=1), key(seed=2)])]
    table = results.check("fit", tables.fit(tasks, [HISTORY], 0.99)).set_index("seed")
    first = table.loc[0, ["epochs_to_fit", "steps_to_fit", "censored"]]
    assert first.tolist() == [2, 6, False]  # three steps an epoch
    assert table.loc[0, ["train_accuracy", "train_loss", "test_accuracy"]].tolist() == [0.97, 0.1, 0.3]
    assert table["censored"].tolist() == [False, True, True]
    assert table.loc[[1, 2], ["epochs_to_fit", "steps_to_fit"]].isna().all(axis=None)
    assert math.isnan(table.loc[2, "train_accuracy"])  # diverged


def test_curves_are_those_without_a_regulariser_and_without_corrupted_labels():
    tasks = [task([key(seed=0), key(seed=1), key(seed=2)]), task([key(regularizer="dropout")])]
    tasks.append(task([key("corrupted_labels", 0.4)]))
    table = results.check("fit_curves", tables.fit_curves(tasks, [HISTORY] * 3))
    assert set(table["regularizer"]) == {"none"} and len(table) == 9
    assert table.query("seed == 0")["epoch"].tolist() == [1, 2, 3]
    assert table.query("seed == 1")["train_accuracy"].tolist() == [0.1, 0.2, 0.3]


def test_complexity_has_a_row_per_epoch_and_radius():
    probe = {"epochs": [0, 3], "radii": [7.0, 9.0]}
    critical = np.zeros((1, 2, 2, 4), bool)
    critical[0, 1, 1, :3] = True
    arrays = {"probe_critical": critical, "probe_sensitivity": np.array([[[1, 1, 1, 1], [0, 0, 0, 4.0]]])}
    tasks = [task([key()], probe), task([key("gaussian", 0.0)])]
    table = results.check("complexity", tables.complexity(tasks, [arrays, {}], [0.1, 0.2]))
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


def test_first_epoch_counts_initialisations_over_programs():
    """Four initialisations, two examples: the first is right always, the second once."""
    labels = np.array([[0, 1], [0, 1]])
    right, wrong = [0.9, 0.1], [0.1, 0.9]
    one = {"probs_last": np.array([[right, wrong], [right, right]])}
    two = {"probs_last": np.array([[right, right], [right, right]])}
    tasks = [task([key(), key()], labels=labels, examples=2) for _ in range(2)]
    table = results.check("first_epoch", tables.first_epoch(tasks, [one, two]))
    assert table["correct_share"].tolist() == [0, 0.25, 0.5, 0.75, 1]
    assert table["examples"].tolist() == [0, 1, 0, 0, 1]
    p = 5 / 8
    expected = [2 * math.comb(4, k) * p**k * (1 - p) ** (4 - k) for k in range(5)]
    assert table["binomial"].tolist() == pytest.approx(expected)
