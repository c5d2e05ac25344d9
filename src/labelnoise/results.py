"""The one schema of result tables: long format, one row per fact; read, write, check.

Every number in a figure or a report is read from one of these tables. A table may not have other columns
than those listed here, and is written sorted by its key columns, so that a rerun changes no byte. What is written
has the types and lies in the ranges of labelnoise.words.kinds.
"""

from pathlib import Path

import numpy as np
import pandas as pd
from pandas.api.types import infer_dtype

from labelnoise import files
from labelnoise.words import kinds
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
        ["definition", "convention", "realised_rate", "label_imbalance", "examples", "designed_transition",
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
    "regression": ([*CELL, "method", "selection"], ["oracle", "regression", "strength", *DIFFERENCE]),
    "curves": (
        [*RUN, "method", "epoch"],
        ["oracle", "train_accuracy", "test_accuracy", "fitted_clean", "fitted_wrong", "recovered", "val_accuracy",
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
         "worlds_right", "cut", "contradicted", "flagged", "flagged_wrong", "withheld", "withheld_wrong"],
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
    "papers": (
        ["dataset", "paper", "table", "their_method", "architecture", "noise", "noise_rate", "sparsity",
         "regularizer", "their_selection", "metric", "network", "method", "ours"],
        ["selection", "published", "std", "mean", "low", "high", "n_seeds", "difference", "tolerance",
         "agrees", "protocol", "kind", "verified", "year", "source"],
    ),
    "papers_agreement": (
        ["dataset", "paper", "kind", "verified"], ["values", "here", "agree", "disagree", "undecided", "stand_in"],
    ),
    "released": (["noise_rate", "sparsity", "method", "form", "metric"], ["value"]),
    "released_published": (
        ["noise_rate", "sparsity", "method", "form", "metric", "kind"],
        ["published", "value", "difference", "tolerance", "agrees"],
    ),
    "released_agreement": (["kind", "metric", "method", "form"], ["values", "agree", "largest"]),
    "released_rivals": (
        ["score", "metric", "method", "form", "setting"], ["diff", "diff_low", "diff_high", "settings", "better"],
    ),
    "gallery": (
        [*CELL, "seed", "tier", "rank"],
        ["index", "file", "given", "suggested", "p_wrong", "suggestion_confidence", "truth"],
    ),
}  # fmt: skip


ROUNDING = 1e-9  # by which a computed share may lie outside of 0 to 1
NUMBERS = {"integer", "floating", "mixed-integer-float", "empty"}
# type of a column: what pandas calls its values; classes may be called by numbers
PYTHON = {
    kinds.STRING: {"string", "integer", "mixed-integer", "empty"}, kinds.BOOLEAN: {"boolean", "empty"},
    kinds.INTEGER: NUMBERS, kinds.NUMBER: NUMBERS,
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


def check_values(table: str, frame: pd.DataFrame) -> pd.DataFrame:
    """`frame` with what lies outside of its range by rounding alone put on the limit. A missing value is none.

    ValueError naming table, column and row of what has another type than its column, or lies further outside.
    """
    return frame.assign(**{name: _values(table, frame, name) for name in frame})


def _values(table: str, frame: pd.DataFrame, name: str) -> pd.Series:
    kind, values = kinds.kind(table, name), frame[name].dropna()
    low, high = (-np.inf if kind.low is None else kind.low), (np.inf if kind.high is None else kind.high)
    wrong = _mistyped(kind.base, values)
    if not wrong.any() and kind.is_number:
        wrong = ~values.astype(float).between(low - ROUNDING, high + ROUNDING)
    if wrong.any():
        at = wrong.idxmax()
        key = ", ".join(f"{column} {frame.loc[at, column]}" for column in SCHEMA[table][0])
        raise ValueError(f"table {table}, column {name}, row {at + 1} ({key}): {values[at]} is no {kind}")
    return frame[name].clip(low, high) if kind.is_number and not frame.empty else frame[name]


def _mistyped(base: str, values: pd.Series) -> pd.Series:
    """Which of `values` are not of the type `base`. A number without a fraction is an integer."""
    wrong = pd.Series(False, index=values.index)
    if infer_dtype(values) not in PYTHON[base]:
        wrong = ~values.map(lambda value: infer_dtype([value]) in PYTHON[base]).astype(bool)
    return wrong if wrong.any() or base != kinds.INTEGER else values != np.round(values.astype(float))


def write(table: str, frame: pd.DataFrame, folder: Path) -> None:
    """Check `frame` and its values, and write `folder/<table>.csv` ."""
    checked = check_values(table, check(table, frame))
    text = checked.to_csv(index=False, float_format="%.6g", lineterminator="\n")
    files.write_text(folder / f"{table}.csv", text)


def read(table: str, folder: Path) -> pd.DataFrame:
    """Read `folder/<table>.csv` and check it; only an empty field is missing, since a class may be called NA."""
    text = dict.fromkeys(CLASSES.get(table, []), str)
    frame = check(table, pd.read_csv(folder / f"{table}.csv", keep_default_na=False, na_values=[""], dtype=text))
    return empty(table) if frame.empty else frame
