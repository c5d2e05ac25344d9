import pandas as pd

from labelnoise.report import findings

CELL = {"network": "mlp", "noise": "symmetric", "noise_rate": 0.4}


def _tables():
    """One cell, by hand: `good` is better than cross-entropy, `bad` worse, `same` neither; no oracles."""
    selections = [("last", "last"), ("last", "best_noisy_val"), ("best_noisy_val", "best_noisy_val")]
    bounds = {
        "good": (0.1, 0.2),
        "bad": (-0.2, -0.1),
        "same": (-0.1, 0.1),
        "cross_entropy": (0.0, 0.0),
        "true_oracle": (0.3, 0.4),
    }
    intervals = [
        {
            **CELL,
            "method": method,
            "selection": own,
            "baseline_selection": base,
            "metric": "test_accuracy",
            "oracle": method.endswith("_oracle"),
            "diff": (low + high) / 2,
            "differs": low * high > 0,
        }
        for method, (low, high) in bounds.items()
        for own, base in selections
    ]
    intervals = [row | {"n_seeds": 2, "pair_seeds": 2} for row in intervals]
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
        "accuracy": pd.DataFrame(accuracy).assign(judged_by="clean_labels"),
        "curves": pd.DataFrame(curves),
    }


def test_wins_losses_and_ties_are_counted_without_oracles():
    said = findings.sentences(_tables(), ["cross_entropy", "good", "bad", "same", "true_oracle"], "symmetric", 0.4)
    assert said[0].startswith(
        "Trained to the end, 3 methods besides cross-entropy (those that are told the noise left out) in 1 noise "
        "cell were compared with early-stopped cross-entropy: "
        "better in 1 of 3 cases, worse in 1, open in 1; "
    )
    assert "most often better: good (in 1 cell); most often worse: bad" in said[1]


def test_gap_and_fitted_labels_by_hand():
    said = " ".join(findings.sentences(_tables(), ["cross_entropy", "good", "bad"], "symmetric", 0.4))
    assert "ends at 65.0% test accuracy, 25.0 points below its best test epoch (90.0%" in said
    assert "reaches 80.0% (mean of 2 seeds)" in said
    assert "fitted 90.0% of the wrong labels" in said and "20.0% (good) and 70.0% (bad)" in said


def test_no_gap_is_told_below_zero():
    """Answers of recheckers judge every epoch, but the best one was chosen by the labels before them."""
    tables = _tables()
    best = tables["accuracy"]["selection"] == "best_test"
    tables["accuracy"].loc[best, "test_accuracy"] = 0.1
    said = " ".join(findings.sentences(tables, ["cross_entropy", "good", "bad"], "symmetric", 0.4))
    assert "ends at 65.0% test accuracy; early stopping on noisy labels reaches 80.0%" in said


def test_survivors_are_neither_better_nor_worse():
    tables = _tables()
    table = tables["intervals"]
    table.loc[(table["method"] == "good") & (table["selection"] == "last"), ["n_seeds", "pair_seeds"]] = 1
    said = findings.sentences(tables, ["cross_entropy", "good", "bad", "same", "true_oracle"], "symmetric", 0.4)
    assert "better in 0 of 3 cases, worse in 1, open in 1, without a verdict in 1, where seeds diverged" in said[1]
    assert "most often worse: bad" in said[1] and "better in 1 of 3 cases, worse in 1, open in 1; most" in said[2]


def test_a_diverged_baseline_leaves_nothing_to_rank_and_its_gap_is_of_the_same_seeds():
    tables = _tables()
    table, accuracy = tables["intervals"], tables["accuracy"]
    table.loc[(table["method"] == "cross_entropy") & (table["selection"] == "last"), "n_seeds"] = 1
    table.loc[table["baseline_selection"] == "last", "pair_seeds"] = 1
    accuracy.loc[(accuracy["seed"] == 1) & (accuracy["selection"] == "last"), "test_accuracy"] = float("nan")
    said = findings.sentences(tables, ["cross_entropy", "good", "bad", "same", "true_oracle"], "symmetric", 0.4)
    assert "better in 0 of 3 cases, worse in 0, open in 0, without a verdict in 3, where seeds diverged" in said[1]
    assert "ends at 60.0%" in said[5] and "(mean of 1 of 2 seeds, the others diverged)" in said[5]


def test_survivors_are_left_out_of_the_fitted_labels():
    tables = _tables()
    curves = tables["curves"]
    lost = curves.assign(fitted_wrong=curves["fitted_wrong"].mask(curves["method"] == "bad"))
    tables["curves"] = pd.concat([curves, lost])
    said = " ".join(findings.sentences(tables, ["cross_entropy", "good", "bad"], "symmetric", 0.4))
    assert "(bad) and" not in said and "between 20.0% (good) and 20.0% (good)" in said


def test_the_last_epoch_is_that_of_each_method():
    """A method with a second round has more epochs; the others must not drop out for that."""
    tables = _tables()
    curves = tables["curves"]
    final = curves["epoch"].max()
    longer = curves[(curves["method"] == "bad") & (curves["epoch"] == final)].assign(epoch=final + 1)
    tables["curves"] = pd.concat([curves, longer])
    said = findings.sentences(tables, ["cross_entropy", "good", "bad"], "symmetric", 0.4)
    assert any("fitted 90.0% of the wrong labels" in sentence for sentence in said)


def test_a_cell_that_was_not_run_is_left_out():
    said = findings.sentences(_tables(), ["cross_entropy", "good", "bad"], "symmetric", 0.8)
    assert len(said) == 5


def test_cells_in_which_nothing_beats_early_stopping_are_named():
    methods = ["cross_entropy", "good", "bad", "same", "true_oracle"]
    said = findings.sentences(_tables(), methods, "symmetric", 0.4)
    assert "In every noise cell some method that does not know the noise beats stopping early." in said
    tables = _tables()
    tables["intervals"] = tables["intervals"][tables["intervals"]["method"] != "good"]  # the oracle stays better
    said = findings.sentences(tables, methods, "symmetric", 0.4)
    assert "In symmetric 0.4 nothing that does not know the noise beats stopping early." in said
