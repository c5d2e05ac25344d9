"""Figures of the memorisation study show what the tables say."""

from itertools import product
from pathlib import Path

import in_process
import numpy as np
import pandas as pd
import pytest

from labelnoise import results
from labelnoise.figures import complexity, corruption, first_epoch, fit, regularizers

CONDITIONS = [("true_labels", 0.0), ("corrupted_labels", 0.4), ("random_labels", 1.0), ("gaussian", 0.0)]
KEYS = ["network", "condition", "corruption", "regularizer", "seed"]


def runs(regularizers_=("none", "augmentation")):
    for network, (condition, share), regularizer, seed in product(
        ("mlp", "small_cnn"), CONDITIONS, regularizers_, (0, 1)
    ):
        if regularizer == "none" or condition in ("true_labels", "random_labels"):
            yield dict(zip(KEYS, (network, condition, share, regularizer, seed)))


def fit_table():
    rows = []
    for key in runs():
        late = key["regularizer"] == "augmentation" and key["corruption"] == 1
        epochs = np.nan if late else 2 + 5 * key["corruption"] + 2 * key["seed"]
        rows.append({
            **key, "epochs_to_fit": epochs, "steps_to_fit": 3 * epochs, "censored": late,
            "train_accuracy": 0.5 if late else 1.0, "train_loss": 0.1,
            "test_accuracy": 0.9 - 0.8 * key["corruption"],
        })  # fmt: skip
    return results.check("fit", pd.DataFrame(rows))


def curve_table():
    rng, epochs = np.random.default_rng(0), np.arange(1, 11)
    parts = [
        pd.DataFrame({"epoch": epochs, "train_loss": 2.0 / epochs, "train_accuracy": rng.random(10),
                      "test_accuracy": rng.random(10)}).assign(**key)
        for key in runs(("none",))
        if key["condition"] != "corrupted_labels"
    ]  # fmt: skip
    return results.check("fit_curves", pd.concat(parts))


def complexity_table():
    names = ("network", "condition", "seed", "epoch", "radius")
    values = product(("mlp", "small_cnn"), ("true_labels", "random_labels"), (0, 1), (1, 4, 16), (0.12, 0.5))
    rows = [
        dict(zip(names, key)) | {"critical_sample_ratio": key[3] / 20, "sensitivity_gini": 0.5} for key in values
    ]
    return results.check("complexity", pd.DataFrame(rows))


def first_epoch_table():
    shares = np.arange(101) / 100
    bell = np.exp(-((shares - 0.5) ** 2) / 0.005)
    parts = [
        pd.DataFrame({"correct_share": shares, "examples": found, "binomial": bell / bell.sum()}).assign(
            network="mlp", condition=condition
        )
        for condition, found in (("true_labels", (shares % 1 == 0) / 2), ("random_labels", bell / bell.sum()))
    ]
    return results.check("first_epoch", pd.concat(parts))


def test_fit_draws_means_over_seeds():
    table = curve_table()
    fig = fit.draw(table)
    assert [axis.get_ylabel() for axis in fig.axes[:3]] == [label for label, _ in fit.QUANTITIES.values()]
    lines = {line.get_label(): line for line in fig.axes[4].lines}  # the second network's accuracy
    assert list(lines) == ["true labels", "random labels", "Gaussian pixels"]
    rows = table.query("network == 'small_cnn' and condition == 'gaussian'")
    expected = 100 * rows.groupby("epoch")["train_accuracy"].mean()
    np.testing.assert_allclose(lines["Gaussian pixels"].get_ydata(), expected)


def test_corruption_is_relative_to_true_labels_and_missing_where_a_seed_never_fitted():
    table = fit_table()
    lost = (table["condition"] == "random_labels") & (table["network"] == "mlp") & (table["seed"] == 1)
    table.loc[lost, ["epochs_to_fit", "censored"]] = np.nan, True
    left, right = corruption.draw(table).axes
    mlp, cnn = left.lines[0].get_ydata(), left.lines[2].get_ydata()
    assert mlp[:2] == pytest.approx([1, (4 + 6) / 2 / 3]) and np.isnan(mlp[2])
    assert cnn[2] == pytest.approx((7 + 9) / 2 / 3)
    assert right.lines[0].get_ydata() == pytest.approx([10, 42, 90])


def test_a_run_that_did_not_fit_stands_at_the_cap():
    fig = regularizers.draw(fit_table(), {"mlp": 80, "small_cnn": 60})
    assert [text.get_text() for text in fig.axes[0].get_yticklabels()] == ["none", "augmentation"]
    for axis, cap in ((fig.axes[0], 80), (fig.axes[3], 60)):
        late = [line for line in axis.lines if line.get_marker() == ">" and len(line.get_xdata())]
        assert [set(line.get_xdata()) for line in late] == [{cap}] and len(late[0].get_xdata()) == 2
    fitted = fig.axes[1].lines[0]
    assert sorted(fitted.get_xdata()) == [50, 50, 100, 100]


def test_complexity_shows_one_radius():
    fig = complexity.draw(complexity_table(), 0.12)
    assert fig.axes[0].lines[0].get_xdata().tolist() == [1, 4, 16]
    assert fig.axes[0].lines[0].get_ydata() == pytest.approx([5, 20, 80])
    with pytest.raises(ValueError, match=r"radius: no rows for 0\.3; the table has 0\.12, 0\.5"):
        complexity.draw(complexity_table(), 0.3)


def test_first_epoch_counts_every_example_once():
    table = first_epoch_table()
    fig = first_epoch.draw(table)
    for axis in fig.axes:
        for patch in axis.patches:
            assert patch.get_data().values.sum() == pytest.approx(1)
    halves = fig.axes[0].patches[0].get_data().values
    assert halves[0] == halves[-1] == 0.5
    assert first_epoch.variance_ratio(table.query("condition == 'random_labels'")) == pytest.approx(1)
    assert first_epoch.variance_ratio(table.query("condition == 'true_labels'")) == pytest.approx(
        0.25 / 0.0025, rel=0.01
    )


def test_the_notebook_runs(tmp_path, monkeypatch):
    path = Path("notebooks/generalization.py").resolve()
    made = {"fit": fit_table(), "fit_curves": curve_table(), "complexity": complexity_table()}
    counted = first_epoch_table().assign(examples=lambda table: (1000 * table["examples"]).round())
    for name, table in (made | {"first_epoch": counted}).items():
        results.write(name, table, tmp_path / "tables")
    monkeypatch.chdir(tmp_path)
    given = {"dataset": "digits", "tables": "tables", "figures": "figures", "methods": ["cross_entropy"]}
    in_process.run(path, given | {"radius": 0.12})
    names = ["complexity", "corruption", "first_epoch", "fit", "regularizers"]
    assert sorted(path.stem for path in (tmp_path / "figures").glob("*.svg")) == names
