import pandas as pd

from labelnoise.report import findings

CELL = {"network": "mlp", "noise": "symmetric", "noise_rate": 0.4}


def _tables():
    """One cell, by hand: `good` is better than cross-entropy, `bad` worse, `same` neither; no oracles."""
    selections = [("last", "last"), ("last", "best_noisy_val"), ("best_noisy_val", "best_noisy_val")]
    bounds = {"good": (0.1, 0.2), "bad": (-0.2, -0.1), "same": (-0.1, 0.1), "true_oracle": (0.3, 0.4)}
    intervals = [
        {**CELL, "method": method, "selection": own, "baseline_selection": base, "metric": "test_accuracy",
         "oracle": method.endswith("_oracle"), "diff": (low + high) / 2, "diff_low": low, "diff_high": high}
        for method, (low, high) in bounds.items() for own, base in selections
    ]  # fmt: skip
    accuracy = [
        {**CELL, "method": "cross_entropy", "seed": seed, "selection": selection, "test_accuracy": value}
        for seed in (0, 1)
        for selection, value in [("last", 0.6 + 0.1 * seed), ("best_noisy_val", 0.8), ("best_test", 0.9)]
    ]
    curves = [
        {
            **CELL,
            "method": method,
            "epoch": epoch,
            "oracle": method.endswith("_oracle"),
            "fitted_wrong": value * epoch,
        }
        for method, value in {"cross_entropy": 0.9, "good": 0.2, "bad": 0.7, "true_oracle": 0.1}.items()
        for epoch in (0, 1)
    ]
    return {
        "intervals": pd.DataFrame(intervals),
        "accuracy": pd.DataFrame(accuracy),
        "curves": pd.DataFrame(curves),
    }


def test_wins_losses_and_ties_are_counted_without_oracles():
    said = findings.sentences(_tables(), ["cross_entropy", "good", "bad", "same", "true_oracle"], "symmetric", 0.4)
    assert "of 3 differences" in said[0] and "1 better, 1 worse, 1 undecided" in said[0]
    assert "most often better: good (in 1 cells); most often worse: bad" in said[0]


def test_gap_and_fitted_labels_by_hand():
    said = " ".join(findings.sentences(_tables(), ["cross_entropy", "good", "bad"], "symmetric", 0.4))
    assert "ends at 65.0% test accuracy, 25.0 points below its best test epoch (90.0%" in said
    assert "reaches 80.0% (means of 2 seeds)" in said
    assert "fitted 90.0% of the wrong labels" in said and "20.0% (good) and 70.0% (bad)" in said


def test_a_cell_that_was_not_run_is_left_out():
    said = findings.sentences(_tables(), ["cross_entropy", "good", "bad"], "symmetric", 0.8)
    assert len(said) == 3
