"""Rows of the table `intervals`: every metric with its interval and its paired difference to the baseline.

Means over seeds have plain t intervals (labelnoise.statistics.means). Shares of labels that are fitted are pooled
over seeds, with their own intervals (proportions). ECE alone has one that resamples test images: the column
`interval` says so. What is in memory of a cell is a few numbers per example and run, whatever the number of
classes and of resamples.

Shape letters: S seeds, K methods x selections.
"""

from collections.abc import Iterator
from typing import NamedTuple

import numpy as np
import pandas as pd

from labelnoise.statistics import differences, means, proportions
from labelnoise.uncertainty import calibration, resampled
from labelnoise.uncertainty.tables import Cell, Labels

BASELINE = "cross_entropy"
BASELINE_SELECTIONS = ["last", "best_noisy_val"]
OF_SEEDS, OF_IMAGES = "seeds", "images"  # what an interval is about
TEST_METRICS = {
    "test_accuracy": calibration.accuracy,
    "nll": calibration.nll,
    "brier": calibration.brier,
    "aurc": calibration.aurc,
}
MATRIX = ["metric", "selection", "baseline_selection"]  # methods x noise cells of these are compared together
PLACE = ["network", "noise", "noise_rate", "metric"]

Run = tuple[str, str]  # method, selection


class Plan(NamedTuple):
    """How intervals are made."""

    resamples: int  # of the test images, for ECE
    level: float  # of every interval
    bins: int  # of ECE


class Fact(NamedTuple):
    """A metric of one method and selection."""

    values: np.ndarray  # [S], NaN where a seed diverged
    columns: dict  # mean, low, high, interval, floor


def interval_rows(
    key: dict, cell: Cell, labels: list[Labels], plan: Plan, rng: np.random.Generator
) -> pd.DataFrame:
    """Rows of one cell, two per method, selection and metric, one per baseline selection; to be `marked`.

    `key` is {network, noise, noise_rate, realised_rate}; `cell` holds method -> selection -> predictions per
    seed, `labels` the labels per seed. Differences are NaN where the cell lacks the baseline. ValueError
    when a method has not exactly one entry per seed.
    """
    for method, selections in cell.items():
        for selection, runs in selections.items():
            if len(runs) != len(labels):
                raise ValueError(f"{method} {selection}: {len(runs)} runs, need one per seed: {len(labels)}")
    facts = _test_facts(cell, plan, rng)
    if any((y.truth >= 0).any() for y in labels):  # what was memorised takes the truth to tell
        facts |= _train_facts(cell, labels, plan)
    names = dict.fromkeys(metric for _, metric in facts)
    return pd.DataFrame(
        [
            {**key, "method": run[0], "selection": run[1], "metric": metric, "baseline_selection": selection,
             **facts[run, metric].columns, "n_seeds": int(np.isfinite(facts[run, metric].values).sum()),
             **_difference(facts, run, metric, selection)}
            for run in _runs(cell) for metric in names for selection in BASELINE_SELECTIONS
        ]
    )  # fmt: skip


def marked(table: pd.DataFrame, level: float) -> pd.DataFrame:
    """The table `intervals` from the rows of all cells: which differences are marked, over methods x noise cells.

    Not compared: cross-entropy with itself, and what lost seeds on either side.
    """
    itself = (table["method"] == BASELINE) & (table["selection"] == table["baseline_selection"])
    whole = table["pair_seeds"] == table.groupby(PLACE)["n_seeds"].transform("max")
    return differences.marked(table, MATRIX, whole & ~itself, level)


def _runs(cell: Cell) -> list[Run]:
    return [(method, selection) for method, selections in cell.items() for selection in selections]


def _test_facts(cell: Cell, plan: Plan, rng: np.random.Generator) -> dict[tuple[Run, str], Fact]:
    """Seed by seed, as the items of all runs would not fit; all runs of a seed have the same resamples."""
    names, runs = _runs(cell), [cell[method][selection] for method, selection in _runs(cell)]
    sizes = [len(of.test.correct) for of in runs[0]]
    values: dict[str, list] = {name: [] for name in TEST_METRICS}
    nulls: list[list] = [[] for _ in runs]

    def items() -> Iterator[calibration.Binned]:
        for seed, size in enumerate(sizes):
            of_seed = [calibration.items(run[seed].test, plan.bins) for run in runs]
            for name, metric in TEST_METRICS.items():
                values[name].append([metric(np.ones((1, size)), of)[0] for of in of_seed])
            for null, of in zip(nulls, of_seed, strict=True):
                null.append(calibration.null_spread(of))
            binned = calibration.side_by_side(of_seed)
            del of_seed
            yield binned
            del binned  # before those of the next seed are made

    ece, drawn = resampled.images(calibration.squared_eces, items(), sizes, plan.resamples, rng)
    found = {}
    for k, run in enumerate(names):
        found[run, "ece"] = _ece(ece[:, k], drawn[:, :, k], nulls[k], plan.level)
        for name, of in values.items():
            own = np.array(of)[:, k]
            found[run, name] = Fact(own, _columns(*means.interval(own, plan.level)))
    return found


def _ece(values: np.ndarray, drawn: np.ndarray, nulls: list[np.ndarray], level: float) -> Fact:
    """Root of the mean over seeds of the squared ECE, `values` [S] and resampled `drawn` [D, S].

    That is unbiased, as are its resamples, so that percentiles will do; they may lie below 0.
    """
    finite = np.isfinite(values)
    if not finite.any():
        return Fact(values, _columns(np.nan, np.nan, np.nan) | {"interval": OF_IMAGES})
    tail, replicates = (1 - level) / 2, drawn[:, finite].mean(1)
    roots = np.sqrt(np.maximum([values[finite].mean(), *np.quantile(replicates, [tail, 1 - tail])], 0))
    floor = calibration.ece_floor([nulls[seed] for seed in np.flatnonzero(finite)], level)
    return Fact(values, _columns(*roots) | {"interval": OF_IMAGES, "floor": floor})


def _train_facts(cell: Cell, labels: list[Labels], plan: Plan) -> dict[tuple[Run, str], Fact]:
    found = {}
    for run in _runs(cell):
        items = [
            calibration.prepare_train(one.train, y.given, y.truth)
            for one, y in zip(cell[run[0]][run[1]], labels, strict=True)
        ]
        counted = [calibration.labels_fitted(of) for of in items]
        for name in counted[0]:
            hits, counts = np.array([of[name] for of in counted]).T
            found[run, name] = _share(hits, counts, plan.level)
    return found


def _share(hits: np.ndarray, counts: np.ndarray, level: float) -> Fact:
    """Of counts [S]; hits [S] are NaN where a run diverged."""
    values = np.divide(hits, counts, out=np.full(len(hits), np.nan), where=counts > 0)
    finite = np.isfinite(hits)
    of = proportions.share(hits[finite], counts[finite], level)
    return Fact(values, _columns(of.share, of.low, of.high))


def _columns(mean: float, low: float, high: float) -> dict:
    return {"mean": float(mean), "low": float(low), "high": float(high), "interval": OF_SEEDS, "floor": np.nan}


def _difference(facts: dict[tuple[Run, str], Fact], run: Run, metric: str, selection: str) -> dict[str, float]:
    """To cross-entropy at `selection`. None of ECE: verdicts about confidence rest on NLL and Brier score."""
    baseline, own = facts.get(((BASELINE, selection), metric)), facts[run, metric]
    known = baseline is not None and own.columns["interval"] == OF_SEEDS
    return differences.unmarked(own.values, baseline.values if known else None)
