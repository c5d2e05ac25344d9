"""The table `intervals`: schema, pairing, and numbers that can be counted."""

import numpy as np
import pytest
from scipy import stats

from labelnoise import results
from labelnoise.uncertainty import calibration
from labelnoise.uncertainty.interval_table import Plan, interval_rows
from labelnoise.uncertainty.tables import Labels, Predictions

CELL = {"network": "mlp", "noise": "symmetric", "noise_rate": 0.4, "realised_rate": 0.39}
PLAN = Plan(resamples=200, level=0.95, bins=15, test_share=0.25)


def predict(classes, hits, rng):
    """Probabilities whose argmax is the class for the first `hits` examples and another one after that."""
    target = np.where(np.arange(len(classes)) < hits, classes, (classes + 1) % 3)
    return 0.6 * np.eye(3)[target] + 0.4 * rng.dirichlet(np.ones(3), len(classes))


def predictions(test, train, labels):
    """What is kept of the probabilities of test and training examples."""
    return Predictions(calibration.judged(test, labels.test_truth), calibration.predictions(train))


@pytest.fixture
def study():
    """Three seeds; cross-entropy hits 20, 22, 24 of 40 test examples, the other method 26, 28, 30.

    At best_noisy_val every run hits two more.
    """
    rng = np.random.default_rng(0)
    labels, cell = [], {m: {"last": [], "best_noisy_val": []} for m in ("cross_entropy", "forward_oracle")}
    for seed in range(3):
        truth = rng.integers(3, size=40 + seed)
        labels.append(
            Labels(rng.integers(3, size=40), np.where(np.arange(40 + seed) < 10, (truth + 1) % 3, truth), truth)
        )
        for extra, selections in zip((0, 6), cell.values()):
            for more, runs in zip((0, 2), selections.values()):
                test = predict(labels[-1].test_truth, 20 + 2 * seed + extra + more, rng)
                runs.append(predictions(test, predict(labels[-1].given, 5, rng), labels[-1]))
    return cell, labels


def rows(study, plan=PLAN):
    frame = results.check(
        "intervals", interval_rows(CELL, *study, plan, np.random.default_rng(0)).assign(oracle=False)
    )
    return frame.set_index(["method", "selection", "metric", "baseline_selection"])


def test_every_fact_has_a_row_per_baseline(study):
    frame = rows(study)
    assert len(frame) == 2 * 2 * 8 * 2
    assert (frame.n_seeds == 3).all()


def test_accuracy_and_difference_by_counting(study):
    row = rows(study).loc[("forward_oracle", "last", "test_accuracy", "last")]
    accuracies = np.array([26, 28, 30]) / 40
    assert row["mean"] == pytest.approx(accuracies.mean())
    half = stats.t.ppf(0.975, 2) * np.sqrt(accuracies.var(ddof=1) * (1 / 3 + 0.25))
    assert row.t_high == pytest.approx(accuracies.mean() + half)
    assert row["diff"] == pytest.approx(6 / 40)
    np.testing.assert_allclose([row.diff_t_low, row.diff_t_high], 6 / 40)  # the same in every seed
    assert row.low < row["mean"] < row.high
    assert 0 <= row.diff_low < 6 / 40 < row.diff_high


def test_each_baseline_selection_has_its_own_difference(study):
    facts = rows(study)["diff"]
    assert facts[("forward_oracle", "last", "test_accuracy", "best_noisy_val")] == pytest.approx(4 / 40)
    assert facts[("forward_oracle", "best_noisy_val", "test_accuracy", "last")] == pytest.approx(8 / 40)


def test_training_metrics_by_counting(study):
    """Five of the ten wrong labels are predicted; no right one is."""
    frame = rows(study)
    assert frame.loc[("cross_entropy", "last", "fitted_wrong", "last"), "mean"] == pytest.approx(0.5)
    assert frame.loc[("cross_entropy", "last", "fitted_clean", "last"), "mean"] == 0


def test_difference_to_itself_is_zero(study):
    own = rows(study).loc[("cross_entropy", "last", slice(None), "last"), :]
    assert (own[["diff", "diff_low", "diff_high", "diff_t_low", "diff_t_high"]] == 0).all(axis=None)


def test_diverged_seed(study):
    cell, labels = study
    nothing = np.full((40, 3), np.nan), np.full((41, 3), np.nan)
    cell["forward_oracle"]["last"][1] = predictions(*nothing, labels[1])
    row = rows((cell, labels)).loc[("forward_oracle", "last", "test_accuracy", "last")]
    assert row.n_seeds == 2
    assert row["mean"] == pytest.approx((26 + 30) / 80)
    assert row["diff"] == pytest.approx(6 / 40)


def test_no_wrong_labels_and_no_baseline(study):
    cell, labels = study
    del cell["cross_entropy"]
    labels = [y._replace(given=y.truth) for y in labels]
    frame = rows((cell, labels))
    assert frame["diff"].isna().all()
    memorized = frame.loc[("forward_oracle", "last", "fitted_wrong", "last")]
    assert np.isnan(memorized["mean"])
    assert memorized.n_seeds == 0


def test_same_seed_same_rows_and_missing_run_is_refused(study):
    assert rows(study).equals(rows(study))
    cell, labels = study
    cell["cross_entropy"]["last"].pop()
    with pytest.raises(ValueError, match="cross_entropy last: 2 runs"):
        interval_rows(CELL, cell, labels, PLAN, np.random.default_rng(0))
