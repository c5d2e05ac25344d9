"""Result rows fit the schema, and their numbers agree with counting."""

import numpy as np
import pandas as pd
import pytest

from labelnoise import results
from labelnoise.uncertainty import calibration, tables
from labelnoise.uncertainty.entropy import OutOfBag, entropy

CELL = {"network": "mlp", "noise": "symmetric", "noise_rate": 0.4, "realised_rate": 0.39}
RUN = {**CELL, "seed": 0}
SCORES = ["oob_entropy", "oob_mutual_information", "oob_self_confidence"]


@pytest.fixture
def bags():
    """Out-of-bag predictions of 60 examples, 3 of them never out of bag, 20 wrongly labelled."""
    rng = np.random.default_rng(0)
    truth = rng.integers(3, size=60)
    given = np.where(np.arange(60) < 20, (truth + 1) % 3, truth)
    probs = rng.dirichlet(np.ones(3), 60) * 0.5 + 0.5 * np.eye(3)[truth]
    probs[[0, 30, 31]] = np.nan
    return OutOfBag(probs, entropy(probs), 0.1 * entropy(probs) + np.where(given == truth, 0, 0.05)), given, truth


def cell():
    """Runs of two seeds, and the probabilities [30, 3] and true labels that they were judged by."""
    rng = np.random.default_rng(1)
    probs, labels = rng.dirichlet(np.ones(3), (2, 30)), rng.integers(3, size=(2, 30))
    runs = [tables.Predictions(calibration.judged(*of), np.zeros(9, int)) for of in zip(probs, labels)]
    return {"cross_entropy": {"last": runs}, "forward_oracle": {"last": runs}}, probs, labels


def test_calibration_rows():
    runs, all_probs, labels = cell()
    rows = tables.calibration_rows([RUN, {**RUN, "seed": 1}], runs, 15)
    frame = results.check("calibration", rows.assign(oracle=False))
    assert len(frame) == 4
    probs, truth = all_probs[1], labels[1]
    row = frame[(frame.method == "cross_entropy") & (frame.seed == 1)].iloc[0]
    assert row.brier == pytest.approx(((probs - np.eye(3)[truth]) ** 2).sum(1).mean())


def test_reliability_rows_pool_the_finite_seeds():
    runs, probs, labels = cell()
    lost = tables.Predictions(calibration.judged(np.full((30, 3), np.nan), labels[0]), np.full(9, -1))
    runs["diverged"] = {"last": [runs["cross_entropy"]["last"][0], lost]}
    runs["lost"] = {"last": [lost] * 2}
    frame = results.check("reliability", tables.reliability_rows(CELL, runs, 10, 0.95).assign(oracle=False))
    assert dict(frame.groupby("method")["count"].sum()) == {
        "cross_entropy": 60, "forward_oracle": 60, "diverged": 30, "lost": 0
    }  # fmt: skip
    both = frame[frame.method == "cross_entropy"]
    assert (both["count"] * both.accuracy).sum() == pytest.approx((probs.argmax(2) == labels).sum())
    assert frame[frame.method == "lost"].accuracy.isna().all()


def test_uncertainty_rows(bags):
    frame = results.check("uncertainty", tables.uncertainty_rows(RUN, *bags))
    assert sorted(frame.statistic.unique()) == SCORES
    part = frame[frame.statistic == "oob_self_confidence"].set_index("labels")
    assert list(part.loc["wrong", ["count", "missing"]]) == [19, 1]
    assert list(part.loc["right", ["count", "missing"]]) == [38, 2]
    out_of_bag, given, _ = bags
    wrong = out_of_bag.probs[np.arange(1, 20), given[1:20]]
    expected = pd.Series(wrong).quantile([0.05, 0.25, 0.5, 0.75, 0.95])
    np.testing.assert_allclose(part.loc["wrong", list(tables.QUANTILES)].astype(float), expected)


def test_unknown_truth_is_left_out(bags):
    out_of_bag, given, truth = bags
    hidden = np.where(np.arange(60) >= 50, -1, truth)
    frame = tables.uncertainty_rows(RUN, out_of_bag, given, hidden)
    assert (frame.groupby("statistic")[["count", "missing"]].sum().sum(axis=1) == 50).all()
