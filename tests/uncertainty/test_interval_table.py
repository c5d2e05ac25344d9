"""The table `intervals`: schema, pairing, and numbers that can be counted."""

import numpy as np
import pandas as pd
import pytest
from scipy import stats

from labelnoise import results
from labelnoise.uncertainty import calibration, interval_table, resampled
from labelnoise.uncertainty.tables import Labels, Predictions

CELL = {"network": "mlp", "noise": "symmetric", "noise_rate": 0.4, "realised_rate": 0.39}
PLAN = interval_table.Plan(resamples=200, level=0.95, bins=15)


def predict(classes, hits, rng):
    """Probabilities whose argmax is the class for the first `hits` examples and another one after that."""
    target = np.where(np.arange(len(classes)) < hits, classes, (classes + 1) % 3)
    return 0.6 * np.eye(3)[target] + 0.4 * rng.dirichlet(np.ones(3), len(classes))


def predictions(test, tested, train):
    """What is kept of the probabilities of test examples, of the classes `tested`, and of training examples."""
    return Predictions(calibration.judged(test, tested), calibration.predictions(train))


@pytest.fixture
def study():
    """Three seeds; cross-entropy hits 20, 22, 24 of 40 test examples, the other method 26, 28, 30.

    At best_noisy_val every run hits two more.
    """
    rng = np.random.default_rng(0)
    labels, cell = [], {m: {"last": [], "best_noisy_val": []} for m in ("cross_entropy", "forward_oracle")}
    for seed in range(3):
        truth = rng.integers(3, size=40 + seed)
        tested = rng.integers(3, size=40)
        labels.append(Labels(np.where(np.arange(40 + seed) < 10, (truth + 1) % 3, truth), truth))
        for extra, selections in zip((0, 6), cell.values()):
            for more, runs in zip((0, 2), selections.values()):
                test = predict(tested, 20 + 2 * seed + extra + more, rng)
                runs.append(predictions(test, tested, predict(labels[-1].given, 5, rng)))
    return cell, labels


def rows(study, plan=PLAN):
    made = interval_table.interval_rows(CELL, *study, plan, np.random.default_rng(0))
    frame = results.check("intervals", interval_table.marked(made, plan.level).assign(oracle=False))
    return frame.set_index(["method", "selection", "metric", "baseline_selection"])


def test_every_fact_has_a_row_per_baseline(study):
    frame = rows(study)
    assert len(frame) == 2 * 2 * 8 * 2
    assert (frame.n_seeds == 3).all()


def test_accuracy_and_difference_by_counting(study):
    row = rows(study).loc[("forward_oracle", "last", "test_accuracy", "last")]
    accuracies = np.array([26, 28, 30]) / 40
    assert row["mean"] == pytest.approx(accuracies.mean())
    expected = stats.ttest_1samp(accuracies, 0).confidence_interval(0.95)
    np.testing.assert_allclose([row.low, row.high], expected)
    assert (row.interval, row.pair_seeds) == ("seeds", 3) and np.isnan(row.floor)
    np.testing.assert_allclose([row["diff"], row.diff_low, row.diff_high], 6 / 40)  # the same in every seed
    assert row.differs


def test_marks_are_of_the_whole_matrix():
    """Of a metric and its selections; p of .03 alone is marked beside one of .001, not beside three of .9."""

    def table(ratios):
        cell = {"network": "mlp", "noise_rate": 0.4, "realised_rate": 0.4, "method": "mae", "selection": "last"}
        return pd.DataFrame([
            {**cell, "noise": f"noise {k}", "metric": "test_accuracy", "baseline_selection": "last", "n_seeds": 10,
             "pair_seeds": 10, "diff": stats.t.isf(p / 2, 9), "error": 1.0}
            for k, p in enumerate(ratios)
        ])  # fmt: skip

    one = interval_table.marked(table([0.03, 0.001]), 0.95)
    assert one["differs"].tolist() == [True, True] and (one["diff_level"] == 0.95).all()
    other = interval_table.marked(table([0.03, 0.9, 0.9, 0.001]), 0.95)
    assert other["differs"].tolist() == [False, False, False, True]
    np.testing.assert_allclose(other["diff_level"], [0.95, 0.95, 0.95, 1 - 0.05 / 4])
    assert other["diff_low"].iloc[-1] > 0


def test_ece_resamples_images_and_has_a_floor_and_no_difference(study):
    own = rows(study).loc[("cross_entropy", "last", "ece", "last")]
    assert own.interval == "images" and 0 <= own.low <= own["mean"] <= own.high
    items = [calibration.items(run.test) for run in study[0]["cross_entropy"]["last"]]
    squares = [calibration.squared_ece(np.ones((1, len(of.correct))), of)[0] for of in items]
    assert own["mean"] == pytest.approx(np.mean(squares) ** 0.5)
    assert own.floor == pytest.approx(calibration.ece_floor([calibration.null_spread(of) for of in items], 0.95))
    assert np.isnan([own["diff"], own.pair_seeds]).all() and not own.differs


@pytest.mark.parametrize("off", [0.0, 0.05])
def test_interval_of_ece_covers(off):
    """Five runs of 200 images; the truth is that of many. Recentred percentiles of the usual ECE never hold 0."""
    rng, held, old = np.random.default_rng(0), 0, 0

    def made(count):
        confidence = 0.1 + 0.9 * rng.beta(6, 1.5, count)
        hit = rng.random(count) < confidence - off
        return calibration.items(calibration.Judged(hit, confidence, confidence, confidence))

    truth = max(calibration.squared_ece(np.ones((1, 200_000)), made(200_000))[0], 0) ** 0.5 if off else 0.0

    def both(weights, of):
        usual = np.abs(weights @ (of.gap[:, None] * np.eye(15)[of.bin])).sum(1) / weights.sum(1)
        return np.stack([calibration.squared_ece(weights, of), usual], 1)

    for _ in range(60):
        items = [made(200) for _ in range(5)]
        values, drawn = resampled.images(both, items, [200] * 5, 200, rng)
        nulls = [calibration.null_spread(of) for of in items]
        found = interval_table._ece(values[:, 0], drawn[:, :, 0], nulls, 0.95).columns
        held += found["low"] <= truth <= found["high"]
        means = drawn[:, :, 1].mean(1)
        low, high = np.quantile(means, [0.025, 0.975]) - (means.mean() - values[:, 1].mean())
        old += low <= truth <= high
    assert held >= 57
    assert (old == 0) == (off == 0)


def test_each_baseline_selection_has_its_own_difference(study):
    facts = rows(study)["diff"]
    assert facts[("forward_oracle", "last", "test_accuracy", "best_noisy_val")] == pytest.approx(4 / 40)
    assert facts[("forward_oracle", "best_noisy_val", "test_accuracy", "last")] == pytest.approx(8 / 40)


def test_labels_fitted_are_pooled_shares(study):
    """Five of the ten wrong labels are predicted; no right one is. Three seeds are too few for an interval."""
    frame = rows(study)
    wrong = frame.loc[("cross_entropy", "last", "fitted_wrong", "last")]
    assert wrong["mean"] == pytest.approx(0.5) and np.isnan(wrong.low)
    assert frame.loc[("cross_entropy", "last", "fitted_clean", "last"), "mean"] == 0
    cell, labels = study
    twice = {m: {s: runs * 2 for s, runs in of.items()} for m, of in cell.items()}
    six = rows((twice, labels * 2))
    clean = six.loc[("cross_entropy", "last", "fitted_clean", "last")]
    assert (clean.low, clean["mean"]) == (0, 0)
    assert clean.high == pytest.approx(1 - 0.025 ** (1 / 6))  # exact, six seeds as trials


def test_difference_to_itself_is_zero_and_no_comparison(study):
    own = rows(study).loc[("cross_entropy", "last", ["test_accuracy", "nll", "fitted_wrong"], "last"), :]
    assert (own[["diff", "diff_low", "diff_high"]] == 0).all(axis=None) and not own.differs.any()


def test_diverged_seed(study):
    cell, labels = study
    nothing = np.full((41, 3), np.nan)
    cell["forward_oracle"]["last"][1] = predictions(nothing[:40], np.zeros(40, int), nothing)
    row = rows((cell, labels)).loc[("forward_oracle", "last", "test_accuracy", "last")]
    assert (row.n_seeds, row.pair_seeds) == (2, 2)
    assert row["mean"] == pytest.approx((26 + 30) / 80)
    assert row["diff"] == pytest.approx(6 / 40)
    assert not row.differs  # survivors are not to be ranked


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
        interval_table.interval_rows(CELL, cell, labels, PLAN, np.random.default_rng(0))
