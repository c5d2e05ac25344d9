"""The numbers that DVC shows, by hand from small tables."""

import json

import pandas as pd
import pytest

from labelnoise import results
from labelnoise.report import metrics

CELL = {"network": "mlp", "realised_rate": 0.3}


def _intervals():
    """Accuracy of methods in two cells; the oracle is best, and mae, of which a seed diverged, next to it."""
    rows = [
        ("none", 0.0, "cross_entropy", "last", 0.98, 2), ("none", 0.0, "gce", "last", 0.90, 2),
        ("symmetric", 0.4, "cross_entropy", "last", 0.60, 2), ("symmetric", 0.4, "gce", "last", 0.80, 2),
        ("symmetric", 0.4, "mae", "last", 0.90, 1), ("symmetric", 0.4, "forward_oracle", "last", 0.95, 2),
        ("symmetric", 0.6, "cross_entropy", "last", 0.40, 2), ("symmetric", 0.6, "gce", "last", 0.60, 2),
        ("symmetric", 0.4, "cross_entropy", "best_noisy_val", 0.85, 2),
    ]  # fmt: skip
    names = ["noise", "noise_rate", "method", "selection", "mean", "n_seeds"]
    table = pd.DataFrame(rows, columns=names).assign(**CELL, metric="test_accuracy", baseline_selection="last")
    table["oracle"] = table["method"] == "forward_oracle"
    return table.reindex(columns=results.columns("intervals"))


def _accuracy():
    rows = [("symmetric", seed, selection, 3 * seed - 3) for seed in (0, 1) for selection in ("last", "best_test")]
    return pd.DataFrame(rows, columns=["noise", "seed", "selection", "diverged_epoch"]).assign(
        **CELL, noise_rate=0.4, method="mae", oracle=False, epoch=1, test_accuracy=0.5, judged_by="clean_labels"
    )


def _found():
    """Tables about wrong labels: two runs with noise, and one without that counts nowhere."""
    runs = pd.DataFrame(
        {"noise": ["none", "symmetric", "symmetric"], "noise_rate": [0, 0.4, 0.4], "seed": [0, 0, 1]}
    )
    runs = runs.assign(**CELL)
    return {
        "detection": runs.assign(
            score="noise_model", auroc=[0.1, 0.8, 1.0], auprc=[0.1, 0.6, 0.8], ece=[9, 0.1, 0.3]
        ),
        "tiers": runs.assign(
            tier="obvious", count=[9, 10, 30], share_wrong=[0, 0.8, 1.0], errors_found_share=[9, 0.2, 0.4]
        ),
        "noise_rate": runs.assign(estimator="noise_model", estimate=[9, 0.2, 0.5]),
        "budget_needed": runs.assign(
            order="noise_model", rechecker_error=0, found_share=[0.8, 0.8, 0.8], rechecked_share=[9, 0.3, 0.5]
        ),
        "audit_coverage": runs.assign(rechecker_error=0, look=60, truth_covered=[0, 0.9, 1.0]),
        "statements": pd.DataFrame(
            {
                "verdict": ["supported", "open", "refuted", "not tested", "by algebra", "refuted", "open"],
                "kind": ["tested"] * 4 + ["by algebra"] + ["question answered"] * 2,
            }
        ),
    }


TABLES = {"intervals": _intervals(), "accuracy": _accuracy(), **_found()}


def test_numbers_are_those_of_the_tables():
    assert metrics.of(TABLES, "symmetric", 0.4) == {
        # cross-entropy at early stopping has one row alone: best of all there
        "accuracy_report_cell": {"cross_entropy_last": 0.6, "best_method_last": 0.8, "cross_entropy_early": 0.85,
                                 "best_method_early": 0.85},
        "accuracy_noisy_cells": {"cross_entropy_last": 0.5, "best_method_last": 0.7, "cross_entropy_early": 0.85,
                                 "best_method_early": 0.85},
        "wrong_labels": {"auprc": 0.7, "auroc": 0.9, "ece": 0.2, "obvious_precision": 0.95, "obvious_recall": 0.3,
                         "rate_error": 0.15},
        "recheck": {"labels_to_find_four_fifths": 0.4, "audit_coverage": 0.95},
        "statements": {
            "claims": 5, "questions": 2, "supported": 1, "yes": 0, "refuted": 1, "no": 1, "by_algebra": 1,
            "open": 2, "questions_open": 1,
        },
        "runs": {"evaluated": 2, "diverged": 1},
        # in cells with wrong labels; mae lost a seed, and the oracle is none that one could use
        "methods_last": {"cross_entropy": 0.5, "gce": 0.7},
        "methods_early": {"cross_entropy": 0.85},
    }  # fmt: skip


def test_what_nobody_knows_is_left_out():
    found = metrics.of({name: TABLES[name] for name in ("intervals", "accuracy")}, "symmetric", 0.4)
    assert found["wrong_labels"] == found["recheck"] == found["statements"] == {}
    withheld = TABLES | {"tiers": TABLES["tiers"].assign(count=0, share_wrong=float("nan"))}
    assert "obvious_precision" not in metrics.of(withheld, "symmetric", 0.4)["wrong_labels"]


def test_plots_have_a_row_per_rate_and_per_cell():
    rates = metrics.by_rate(TABLES, "symmetric", 0.4).set_index("noise_rate")
    assert list(rates["best_method_last"]) == [0.98, 0.8, 0.6]
    cells = metrics.by_cell(TABLES)
    assert cells.to_dict("records") == [{"cell": "symmetric 0.4", "auprc": pytest.approx(0.7), "auroc": 0.9}]


def test_a_study_writes_them(tables, tmp_path):
    for name, table in tables.items():
        results.write(name, table, tmp_path / "tables")
    metrics.write(tmp_path / "tables", "symmetric", 0.4, tmp_path / "metrics.json", tmp_path / "plots")
    groups = json.loads((tmp_path / "metrics.json").read_text())
    numbers = [value for group in groups.values() for value in group.values()]
    methods = tables["intervals"].query("not oracle")["method"].unique()
    assert len(numbers) == 27 + 2 * len(methods) and all(isinstance(value, int | float) for value in numbers)
    assert groups["methods_last"].keys() == groups["methods_early"].keys() == {*methods}
    assert {path.name for path in (tmp_path / "plots").iterdir()} == {"accuracy.csv", "detection.csv"}
