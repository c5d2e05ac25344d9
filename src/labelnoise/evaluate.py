"""All result tables of one data set, from what training left and the truth.

Without a clean label, test images are judged by their labels as given, and what needs the truth is left out.
"""

from collections.abc import Iterator
from typing import Any, NamedTuple

import numpy as np
import pandas as pd

from labelnoise import results as schema
from labelnoise import study
from labelnoise.study import Judge, Loaded
from labelnoise.train.runs import Row
from labelnoise.uncertainty import interval_table, tables, transition
from labelnoise.uncertainty.entropy import OutOfBag
from labelnoise.uncertainty.tables import Cell, Labels, Predictions, is_oracle

SELECTIONS = ("last", "best_noisy_val")  # best_test, which is leaky, has an accuracy only
Arrays = dict[str, np.ndarray]


class Results(NamedTuple):
    """What the stages before left. Every array but those of the bags has a row per run, in the order of
    `Loaded.rows`."""

    methods: dict[str, Arrays]  # the train stage's, by method
    given: Arrays  # the estimate stage's
    bags: Arrays  # the uncertainty stage's: of few runs, or of none


def all_tables(loaded: Loaded, results: Results, section: Any) -> dict[str, pd.DataFrame]:
    """Every table but the ledger and those of detection. section: `evaluate` of params.yaml."""
    judge = study.answered(study.judged_by(loaded.dataset), loaded.columns)
    parts = [_cell_tables(loaded, judge, results, cell, section) for cell in _cells(loaded.rows)]
    together = {name: pd.concat([part[name] for part in parts], ignore_index=True) for name in parts[0]}
    accuracy = [_accuracy(loaded, judge, method, arrays) for method, arrays in results.methods.items()]
    curves = [_curves(loaded, method, arrays) for method, arrays in results.methods.items()]
    bags = [_uncertainty(loaded, results.bags, at, row) for at, row in enumerate(study.rows_of(results.bags))]
    return together | {
        "accuracy": pd.concat(accuracy, ignore_index=True),
        "curves": pd.concat(curves, ignore_index=True),
        "transition": _transition(loaded, results),
        "uncertainty": pd.concat(bags or [schema.empty("uncertainty")], ignore_index=True),
    }


def _cells(rows: list[Row]) -> list[list[int]]:
    """Positions of the rows of each (network, noise, rate)."""
    cells: dict[tuple, list[int]] = {}
    for at, row in enumerate(rows):
        cells.setdefault(row[:3], []).append(at)
    return list(cells.values())


def _key(loaded: Loaded, row: Row) -> dict:
    """The run's key columns."""
    rate = float(loaded.columns.realised_rate[row.column])
    return {**{name: getattr(row, name) for name in Row._fields[:4]}, "realised_rate": rate}


def _cell_tables(
    loaded: Loaded, judge: Judge, results: Results, cell: list[int], section: Any
) -> dict[str, pd.DataFrame]:
    """Intervals, calibration and reliability of one cell."""
    rows = [loaded.rows[at] for at in cell]
    keys = [_key(loaded, row) for row in rows]
    rate = float(np.mean([key["realised_rate"] for key in keys]))
    key = {name: keys[0][name] for name in ("network", "noise", "noise_rate")} | {"realised_rate": rate}
    tested = [_tested(loaded, judge, at) for at in cell]
    labels = [_labels(loaded, judge, results, at, part) for at, part in zip(cell, tested, strict=True)]
    pairs = list(zip(cell, tested, strict=True))
    predictions: Cell = {
        method: {name: [_predictions(arrays, *pair, name) for pair in pairs] for name in SELECTIONS}
        for method, arrays in results.methods.items()
    }
    plan = interval_table.Plan(
        section.resamples, section.level, section.calibration_bins, _test_share(loaded, cell[0], labels[0])
    )
    # a stream per cell, so that a new cell changes no other
    rng = np.random.default_rng([*map(ord, rows[0].network + rows[0].noise), round(rows[0].noise_rate * 1e6)])
    bins = section.calibration_bins
    return {
        "intervals": interval_table.interval_rows(key, predictions, labels, plan, rng),
        "calibration": tables.calibration_rows(keys, predictions, labels, bins),
        "reliability": tables.reliability_rows(key, predictions, labels, bins, section.level),
    }


def _test_share(loaded: Loaded, at: int, labels: Labels) -> float:
    """Test images per training image where seeds test on folds; 0 with a fixed test part (no correction)."""
    tested = int(study.tested(loaded, loaded.rows[at]).sum())
    return tested / len(labels.given) if (loaded.dataset.test_fold >= 0).all() else 0.0


def _tested(loaded: Loaded, judge: Judge, at: int) -> np.ndarray:
    """bool [N]: the test images of a run that have a label to be judged by."""
    return study.tested(loaded, loaded.rows[at]) & (judge.labels >= 0)


def _labels(loaded: Loaded, judge: Judge, results: Results, at: int, tested: np.ndarray) -> Labels:
    index = results.methods["cross_entropy"]["index"][at]
    given = loaded.columns.labels[loaded.rows[at].column]
    return Labels(judge.labels[tested], given[index].astype(np.int64), loaded.dataset.clean_labels[index])


def _predictions(arrays: Arrays, at: int, tested: np.ndarray, selection: str) -> Predictions:
    probs = arrays[f"probs_{selection}"][at]
    return Predictions(probs[tested], probs[arrays["index"][at]])


def _accuracy(loaded: Loaded, judge: Judge, method: str, arrays: Arrays) -> pd.DataFrame:
    """A row per run and selection; epochs count from 1."""
    test = arrays["history_test_accuracy"]
    rows = []
    for at, row in enumerate(loaded.rows):
        epochs = {"last": test.shape[1] - 1, "best_noisy_val": int(arrays["best_noisy_val_epoch"][at])}
        if np.isfinite(test[at]).any():
            epochs["best_test"] = int(np.nanargmax(test[at]))
        common = _key(loaded, row) | {"method": method, "oracle": is_oracle(method), "judged_by": judge.name}
        broken = int(arrays["diverged_epoch"][at])
        for selection, epoch in epochs.items():
            value = float(test[at, epoch]) if epoch >= 0 else np.nan
            if selection in SELECTIONS and np.isfinite(value):  # the monitor has no answers of recheckers
                value = _accuracy_of(arrays[f"probs_{selection}"][at], judge, _tested(loaded, judge, at))
            facts = {"selection": selection, "epoch": epoch + 1, "test_accuracy": value}
            rows.append(common | facts | {"diverged_epoch": broken + 1 if broken >= 0 else -1})
    return pd.DataFrame(rows)


def _accuracy_of(probs: np.ndarray, judge: Judge, tested: np.ndarray) -> float:
    return float((probs[tested].argmax(1) == judge.labels[tested]).mean())


def _curves(loaded: Loaded, method: str, arrays: Arrays) -> pd.DataFrame:
    """A row per run and shown epoch; epochs count from 1, through all rounds of a method that has several."""
    names = ("test_accuracy", "fitted_clean", "fitted_wrong", "recovered", "val_accuracy", "train_loss")

    def run(at: int, row: Row) -> pd.DataFrame:
        columns = {name: arrays[f"history_{name}"][at] for name in names}
        epochs = {"epoch": np.arange(1, len(columns["test_accuracy"]) + 1)}
        frame = pd.DataFrame(epochs | columns).assign(**_key(loaded, row), method=method)
        return frame[_shown(frame["epoch"])].assign(oracle=is_oracle(method))

    return pd.concat([run(at, row) for at, row in enumerate(loaded.rows)], ignore_index=True)


def _shown(epoch: pd.Series) -> pd.Series:
    """Every epoch to the tenth, then each fifth and the last: all of them would make a table of tens of MB."""
    return (epoch <= 10) | (epoch % 5 == 0) | (epoch == epoch.max())


def _transition(loaded: Loaded, results: Results) -> pd.DataFrame:
    """Distance of every estimated transition matrix to the designed one, NaN where nobody knows it, and the noise
    rate it implies."""
    rows = []
    for at, row in enumerate(loaded.rows):
        designed = loaded.columns.designed[row.column]
        for estimator, matrix in _estimates(loaded, results, at):
            found = {
                "estimator": estimator,
                "relative_l1": transition.relative_l1(designed, matrix),
                "rate_estimate": transition.rate(matrix, results.given["prior"][at]),
                "condition_number": transition.condition_number(matrix),
            }
            rows.append(_key(loaded, row) | found)
    return pd.DataFrame(rows)


def _estimates(loaded: Loaded, results: Results, at: int) -> Iterator[tuple[str, np.ndarray]]:
    """The designed matrix is among them for its condition number: what backward_oracle inverts."""
    designed = loaded.columns.designed[loaded.rows[at].column]
    if np.isfinite(designed).all():
        yield "designed", designed
    yield "anchor_points", results.given["transition"][at]
    yield "confident_joint", results.given["transition_confident_joint"][at]
    yield "dual_t", results.given["transition_dual_t"][at]
    for method, arrays in results.methods.items():
        if "transition" in arrays:
            yield method, arrays["transition"][at]


def _uncertainty(loaded: Loaded, bags: Arrays, at: int, row: Row) -> pd.DataFrame:
    """Uncertainty of one run's bags, by right and wrong labels; no row where no truth is known."""
    given, truth = loaded.columns.labels[row.column], loaded.dataset.clean_labels
    pool = given >= 0
    if not (truth[pool] >= 0).any():
        return schema.empty("uncertainty")
    out_of_bag = OutOfBag(  # NaN where every bag had the example
        bags["oob_probs"][at, pool], bags["oob_entropy"][at, pool], bags["oob_mutual_information"][at, pool]
    )
    return tables.uncertainty_rows(_key(loaded, row), out_of_bag, given[pool].astype(np.int64), truth[pool])
