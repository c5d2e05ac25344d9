"""The one schema of result tables: long format, one row per fact; read, write, check.

Every number in a figure or a report is read from one of these tables. A table may not have other columns
than those listed here, and is written sorted by its key columns, so that a rerun changes no byte.
"""

from pathlib import Path

import pandas as pd

from labelnoise import files
from labelnoise.words.columns import TEXT

CELL = ["network", "noise", "noise_rate", "realised_rate"]  # noise_rate is nominal, as in params.yaml
RUN = [*CELL, "seed"]

# of paired differences over seeds, with the mark of the whole table's comparisons
DIFFERENCE = ["diff", "diff_low", "diff_high", "diff_level", "pair_seeds", "differs"]
# of suspicion scores: run by run, and cell by cell with intervals
FOUND = ["auroc", "auprc", "precision_at_noise_rate", "precision_1", "precision_5", "precision_10", "recall_1",
         "recall_5", "recall_10", "ece"]  # fmt: skip
FOUND_INTERVALS = ["mean", "low", "high", "n_seeds", *DIFFERENCE]

# table: (key columns, value columns)
SCHEMA: dict[str, tuple[list[str], list[str]]] = {
    "left_out": (["file"], ["reason"]),
    "input_faults": (["kind", "where"], ["what", "count"]),
    "copies": (["group", "index"], ["file", "given", "match", "two_labels"]),
    "ledger": (
        ["noise", "noise_rate", "seed"],
        ["definition", "convention", "realised_rate", "examples", "designed_transition",
         "realised_transition", "hash"],
    ),
    "accuracy": (
        [*RUN, "method", "selection"], ["oracle", "epoch", "test_accuracy", "diverged_epoch", "judged_by"],
    ),
    "intervals": (
        [*CELL, "method", "selection", "metric", "baseline_selection"],
        ["oracle", "mean", "low", "high", "interval", "floor", "n_seeds", *DIFFERENCE],
    ),
    "best": ([*CELL, "contest", "method", "selection"], ["ahead", "low", "high", "tied"]),
    "unknown": (
        ["network", "method", "selection"],
        ["oracle", "n_seeds", "diff", "diff_low", "diff_high", "worst_noise", "worst_rate", "worst_diff", "regret",
         "trainings", "tied"],
    ),
    "curves": (
        [*RUN, "method", "epoch"],
        ["oracle", "test_accuracy", "fitted_clean", "fitted_wrong", "recovered", "val_accuracy",
         "train_loss"],
    ),
    "calibration": ([*RUN, "method", "selection"], ["oracle", "ece", "nll", "brier", "aurc"]),
    "reliability": (
        [*CELL, "method", "selection", "bin"],
        ["oracle", "count", "confidence", "accuracy", "low", "high"],
    ),
    "transition": ([*RUN, "estimator"], ["relative_l1", "rate_estimate", "condition_number"]),
    "clock": (RUN, ["clock", "censored", "highest_agreement", "best_test"]),  # epochs
    "uncertainty": (
        [*RUN, "statistic", "labels"],
        ["count", "missing", "q05", "q25", "q50", "q75", "q95"],
    ),
    "detection": ([*RUN, "score"], FOUND),
    "detection_intervals": ([*CELL, "score", "metric"], FOUND_INTERVALS),
    "alternatives": ([*RUN, "score"], FOUND),
    "alternatives_intervals": ([*CELL, "score", "metric"], FOUND_INTERVALS),
    "detection_reliability": ([*CELL, "score", "bin"], ["count", "stated", "share_wrong", "low", "high"]),
    "noise_rate": ([*RUN, "estimator"], ["estimate", "low", "high"]),  # low, high: a range between two models
    "gate": (
        RUN,
        ["verdict", "rule", "z", "d", "rate_low", "rate_high", "smallest_kept", "against_low", "worlds_flagged",
         "worlds_right", "cut", "flagged", "flagged_wrong", "withheld", "withheld_wrong"],
    ),
    "noise_matrix": ([*CELL, "clean", "given"], ["estimate", "low", "high", "truth"]),
    "classifier": (["network", "noise", "noise_rate", "seed", "part"], ["examples", "accuracy", "ece", "nll"]),
    "model_check": (
        ["network", "noise", "noise_rate", "seed"], ["look", "answered", "wrong", "unsure", "low", "high"],
    ),
    "coverage": (
        ["quantity", "noise", "noise_rate", "kind", "source"],
        ["n", "share", "low", "high", "width", "rival", "rival_width"],
    ),
    "contrasts": ([*RUN, "method", "metric"], ["value"]),
    "claims": (
        ["id", "contrast", "network", "noise", "noise_rate"],
        ["claim", "family", "unit", "effect", "low", "alpha_low", "high", "alpha_high", "threshold", "needed",
         "verdict", "look", "look_one", "n_seeds", "evidence"],
    ),
    "statements": (
        ["id"],
        ["said", "claim", "proof", "source", "family", "kind", "verdict", "look", "look_one", "against",
         "as_written", "rows"],
    ),
    "ranks": (
        ["method"],
        ["oracle", "cells", "mean_rank", "best", "worst", "mean_accuracy", "beats_early_stopping",
         "loses_to_early_stopping", "critical_difference", "friedman_p"],
    ),
    "fit": (
        ["network", "condition", "corruption", "regularizer", "seed"],
        ["epochs_to_fit", "steps_to_fit", "censored", "train_accuracy", "train_loss", "test_accuracy"],
    ),
    "fit_curves": (
        ["network", "condition", "corruption", "regularizer", "seed", "epoch"],
        ["train_loss", "train_accuracy", "test_accuracy"],
    ),
    "complexity": (
        ["network", "condition", "seed", "epoch", "radius"], ["critical_sample_ratio", "sensitivity_gini"],
    ),
    "first_epoch": (["network", "condition", "correct_share"], ["examples", "binomial"]),
    "gradients": (["layer", "relation", "confidence"], ["norm", "closed_form"]),
    "imbalance": (
        ["setting", "method", "seed"],
        ["classes_predicted", "test_accuracy", "mean_recall", "smallest_recall", "prior_loss"],
    ),
    "conformal": (
        [*RUN, "method", "selection", "score", "calibration"],
        ["oracle", "level", "examples", "coverage", "set_size", "empty_share"],
    ),
    "temperature": (
        [*RUN, "method", "selection", "calibration"],
        ["oracle", "examples", "temperature", "nll", "brier", "ece"],
    ),
    "tiers": (
        [*RUN, "tier"],
        ["count", "share_wrong", "errors_found_share", "stated", "suggestion_right"],
    ),
    "budget": ([*RUN, "order", "rechecker_error", "rechecked_share"], ["errors_found_share"]),
    "budget_needed": ([*RUN, "order", "rechecker_error", "found_share"], ["rechecked_share"]),
    "retrained": ([*RUN, "order", "rechecker_error", "rechecked_share", "selection"], ["test_accuracy"]),
    "errors_left": ([*RUN, "rechecked_share"], ["estimate", "low", "high", "truth"]),
    "audit": (
        [*RUN, "what", "of"],
        ["look", "labels", "answered", "wrong", "unsure", "estimate", "low", "high", "textbook_low",
         "textbook_high"],
    ),
    "audit_coverage": (
        [*RUN, "look", "rechecker_error"],
        ["draws", "answers_covered", "truth_covered", "widened_covered", "textbook_covered", "model_covered",
         "width", "widened_width", "textbook_width", "model_width"],
    ),
    "recalibrated": ([*RUN, "look"], ["fits", "ece", "rate_error"]),
    "gallery": (
        [*CELL, "seed", "tier", "rank"],
        ["index", "file", "given", "suggested", "p_wrong", "suggestion_confidence", "truth"],
    ),
}  # fmt: skip


# columns of names of classes and files, which may look like numbers
CLASSES = {
    "gallery": ["file", "given", "suggested", "truth"], "left_out": ["file", "reason"],
    "audit": ["of"], "copies": ["file", "given", "match"], "input_faults": ["kind", "where", "what"],
    "noise_matrix": ["clean", "given"],
}  # fmt: skip


def empty(table: str) -> pd.DataFrame:
    """`table` without rows: what is written where the truth that it needs is not known."""
    words = {*TEXT, *CLASSES.get(table, [])}
    types = {name: "object" if name in words else "float64" for name in columns(table)}
    return pd.DataFrame(columns=columns(table)).astype(types)


def columns(table: str) -> list[str]:
    """All columns of `table`, keys first."""
    keys, values = SCHEMA[table]
    return keys + values


def check(table: str, frame: pd.DataFrame) -> pd.DataFrame:
    """`frame` with its columns in order and its rows sorted; ValueError when columns or keys are off."""
    expected = columns(table)
    if set(frame.columns) != set(expected):
        wrong = sorted(set(frame.columns) ^ set(expected))
        raise ValueError(f"table {table}: missing or unknown columns {wrong}; it has {expected}")
    keys = SCHEMA[table][0]
    repeated = frame.duplicated(keys)
    if repeated.any():
        raise ValueError(f"table {table}: {int(repeated.sum())} rows repeat the key {keys}")
    return frame[expected].sort_values(keys, kind="stable", ignore_index=True)


def write(table: str, frame: pd.DataFrame, folder: Path) -> None:
    """Check `frame` and write `folder/<table>.csv` ."""
    text = check(table, frame).to_csv(index=False, float_format="%.6g", lineterminator="\n")
    files.write_text(folder / f"{table}.csv", text)


def read(table: str, folder: Path) -> pd.DataFrame:
    """Read `folder/<table>.csv` and check it; only an empty field is missing, since a class may be called NA."""
    text = dict.fromkeys(CLASSES.get(table, []), str)
    frame = check(table, pd.read_csv(folder / f"{table}.csv", keep_default_na=False, na_values=[""], dtype=text))
    return empty(table) if frame.empty else frame
