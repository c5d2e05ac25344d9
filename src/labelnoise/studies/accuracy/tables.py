"""Tables of the main study, from what training left and the truth.

Without a clean label, test images are judged by their labels as given, and what needs the truth is left out.
"""

from collections.abc import Iterator
from typing import Any

import numpy as np
import pandas as pd

from labelnoise.runs import data, estimates, stopping
from labelnoise.runs.data import MAIN, Reference
from labelnoise.runs.results import Arrays, Selection
from labelnoise.runs.run import SPLIT
from labelnoise.studies import setting
from labelnoise.studies.accuracy import best, regression, unknown
from labelnoise.studies.accuracy import runs as planned
from labelnoise.studies.setting import Setting
from labelnoise.uncertainty import calibration, cells, interval_table, transition
from labelnoise.uncertainty import tables as summaries
from labelnoise.uncertainty.cells import CELL
from labelnoise.uncertainty.clock import smoothed
from labelnoise.uncertainty.tables import Cell, Labels, Predictions

SELECTIONS = ("last", "best_noisy_val")  # best_test, which is leaky, has an accuracy only


def tables(of: Setting, done: Selection) -> dict[str, pd.DataFrame]:
    """Tables accuracy, best, unknown, regression, curves, transition, intervals, calibration and reliability."""
    cost = {run.name: unknown.trainings(of.params, run) for run in planned.runs(of)}
    grid = {cell[1:5] for cell in setting.grid(of)}
    chosen = done.select(data=MAIN, change="", examples=SPLIT, name=set(cost)).among(grid, *CELL, "seed")
    reference = data.answered(of.main.reference, of.columns)
    parts = [_cell_tables(of, reference, cell) for _, cell in chosen.groups(*CELL)]
    made = {name: pd.concat([part[name] for part in parts], ignore_index=True) for name in parts[0]}
    made |= {"accuracy": _accuracy(of, reference, chosen), "curves": _curves(of, chosen)}
    oracle = dict(zip(chosen.keys["name"], chosen.keys["oracle"], strict=True))
    made = {name: table.assign(oracle=table["method"].map(oracle)) for name, table in made.items()}
    made["intervals"] = interval_table.marked(made["intervals"], of.params.evaluate.level)
    made["best"] = best.table(made["accuracy"], of.params.evaluate.level)
    made["unknown"] = unknown.table(made["accuracy"], cost, of.params.evaluate.level)
    made["regression"] = regression.table(of, made["accuracy"])
    return made | {"transition": _transition(of, chosen, done), "clock": _clocks(of, chosen, done)}


def _cell_tables(of: Setting, reference: Reference, cell: Selection) -> dict[str, pd.DataFrame]:
    """Intervals, calibration and reliability of one cell."""
    section, first = of.params.evaluate, cell.select(name=estimates.FIRST)
    keys = [setting.key(of, key) for key in first.keys.itertuples()]
    key = cells.key(keys)
    tested = {own["seed"]: _tested(of, reference, own["seed"]) for own in keys}
    labels = [_labels(of, key, run["index"]) for key, run in first.each("index")]
    predictions: Cell = {name: _predictions(runs, reference, tested) for (name,), runs in cell.groups("name")}
    bins = section.calibration_bins
    plan = interval_table.Plan(section.resamples, section.level, bins)
    return {
        "intervals": interval_table.interval_rows(key, predictions, labels, plan, cells.rng(key)),
        "calibration": summaries.calibration_rows(keys, predictions, bins),
        "reliability": summaries.reliability_rows(key, predictions, bins, section.level),
    }


def _tested(of: Setting, reference: Reference, seed: int) -> np.ndarray:
    """bool [N]: the test images of a seed that have a label to be judged by."""
    return of.main.tested(seed) & (reference.labels >= 0)


def _labels(of: Setting, key: Any, index: np.ndarray) -> Labels:
    given = of.main.training.column(key.noise, key.noise_rate, key.seed)
    return Labels(given[index], of.dataset.clean_labels[index])


def _predictions(
    runs: Selection, reference: Reference, tested: dict[int, np.ndarray]
) -> dict[str, list[Predictions]]:
    """selection -> predictions of every seed. Run by run, as the probabilities of all would not fit."""
    names = [f"probs_{name}" for name in SELECTIONS]
    found: dict[str, list[Predictions]] = {name: [] for name in SELECTIONS}
    for key, arrays in runs.each("index", *names):
        for name in SELECTIONS:
            probs, at = arrays[f"probs_{name}"], tested[key.seed]
            train = calibration.predictions(probs)[arrays["index"]].astype(np.int16)  # as labels are stored
            found[name].append(Predictions(calibration.judged(probs[at], reference.labels[at]), train))
    return found


def _accuracy(of: Setting, reference: Reference, chosen: Selection) -> pd.DataFrame:
    """A row per run and selection; epochs count from 1."""
    names = ("history_*_accuracy", "best_noisy_val_epoch", "diverged_epoch", "rounds", "probs_*")
    return pd.DataFrame([row for key, run in chosen.each(*names) for row in _accuracies(of, reference, key, run)])


def _accuracies(of: Setting, reference: Reference, key: Any, run: Arrays) -> Iterator[dict]:
    test, broken = run["history_test_accuracy"], int(run["diverged_epoch"])
    epochs = {"last": len(test) - 1, "best_noisy_val": int(run["best_noisy_val_epoch"])}
    if np.isfinite(test).any():
        own = smoothed(stopping.last_round(run))
        if np.isfinite(own).any():
            epochs["own_noisy_val"] = len(test) - len(own) + int(np.nanargmax(own))
        epochs["best_test"] = int(np.nanargmax(test))
    common = setting.key(of, key) | {"method": key.name, "judged_by": reference.name}
    for selection, epoch in epochs.items():
        value = float(test[epoch]) if epoch >= 0 else np.nan
        if selection in SELECTIONS and np.isfinite(value):  # the monitor has no answers of recheckers
            tested = _tested(of, reference, key.seed)
            value = float((run[f"probs_{selection}"][tested].argmax(1) == reference.labels[tested]).mean())
        facts = {"selection": selection, "epoch": epoch + 1, "test_accuracy": value}
        yield common | facts | {"diverged_epoch": broken + 1 if broken >= 0 else -1}


def _curves(of: Setting, chosen: Selection) -> pd.DataFrame:
    """A row per run and epoch at which training images were evaluated; epochs count from 1, through all rounds of
    a method that has several."""
    same = ("test_accuracy", "fitted_clean", "fitted_wrong", "recovered", "val_accuracy", "train_loss")
    names = {name: name for name in same} | {"train_accuracy": "fitted"}

    parts, keys = [], []
    for key, arrays in chosen.each("shown", *map("history_{}".format, names.values())):
        at = np.flatnonzero(arrays["shown"])
        parts.append({"epoch": at + 1} | {name: arrays[f"history_{source}"][at] for name, source in names.items()})
        keys.append(setting.key(of, key) | {"method": key.name})
    columns = {name: np.concatenate([part[name] for part in parts]) for name in parts[0]}
    runs = pd.DataFrame(keys).iloc[np.repeat(np.arange(len(parts)), [len(part["epoch"]) for part in parts])]
    return pd.DataFrame(columns).assign(**{name: runs[name].to_numpy() for name in runs})


def _transition(of: Setting, chosen: Selection, done: Selection) -> pd.DataFrame:
    """Distance of every estimated transition matrix to the designed one, NaN where nobody knows it, and the noise
    rate it implies."""
    rows = []
    for key in chosen.select(name=estimates.FIRST).keys.itertuples():
        own = chosen.select(network=key.network, noise=key.noise, noise_rate=key.noise_rate, seed=key.seed)
        known = estimates.of_cell(of.params, of.main.training, key, done)
        designed = of.main.designed[of.main.training.columns[key.noise, key.noise_rate, key.seed, ""]]
        for estimator, matrix in _estimates(designed, known, own):
            found = {
                "estimator": estimator,
                "relative_l1": transition.relative_l1(designed, matrix),
                "rate_estimate": transition.rate(matrix, known["prior"]),
                "condition_number": transition.condition_number(matrix),
            }
            rows.append(setting.key(of, key) | found)
    return pd.DataFrame(rows)


def _clocks(of: Setting, chosen: Selection, done: Selection) -> pd.DataFrame:
    """The clock E* that methods are told, per cell and seed; beside it, for readers alone, the epoch at which
    plain cross-entropy is best on test images."""
    rows = []
    for key, run in chosen.select(name=estimates.FIRST).each("index", "history_test_accuracy"):
        found = estimates.clock(run["index"], estimates.of_folds(key, done))
        test = run["history_test_accuracy"]
        facts = {"clock": found.epochs, "censored": found.censored, "highest_agreement": found.highest}
        best = int(np.nanargmax(test)) + 1 if np.isfinite(test).any() else np.nan
        rows.append(setting.key(of, key) | facts | {"best_test": best})
    return pd.DataFrame(rows)


def _estimates(designed: np.ndarray, known: Arrays, own: Selection) -> Iterator[tuple[str, np.ndarray]]:
    """The designed matrix is among them for its condition number: what backward_oracle inverts."""
    if np.isfinite(designed).all():
        yield "designed", designed
    yield "anchor_points", known["transition"]
    yield "confident_joint", known["transition_confident_joint"]
    yield "dual_t", known["transition_dual_t"]
    for key, arrays in own.each("transition"):
        if "transition" in arrays:
            yield key.name, arrays["transition"]
