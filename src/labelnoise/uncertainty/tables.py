"""Rows of the tables calibration, reliability and uncertainty (columns: labelnoise.results).

Every builder takes its key columns as a dict: a cell {network, noise, noise_rate, realised_rate}, or a run,
which is a cell with its seed. Clean labels come in here for evaluation only.

Shape letters: M test examples, n training examples, C classes.
"""

from typing import NamedTuple

import numpy as np
import pandas as pd

from labelnoise.uncertainty import calibration
from labelnoise.uncertainty.entropy import OutOfBag

QUANTILES = {"q05": 0.05, "q25": 0.25, "q50": 0.5, "q75": 0.75, "q95": 0.95}


class Predictions(NamedTuple):
    """What is kept of one run's predictions at the epoch of one selection: nothing that grows with the classes."""

    test: calibration.Judged  # [M]
    train: np.ndarray  # int [n] the most probable class, in the order of Labels.given; -1: the run diverged


class Labels(NamedTuple):
    """The labels of one seed, the same for all methods of a cell."""

    given: np.ndarray  # int [n]
    truth: np.ndarray  # int [n], -1 where it is not known


# method -> selection -> one entry per seed
Cell = dict[str, dict[str, list[Predictions]]]


def calibration_rows(keys: list[dict], cell: Cell, bins: int) -> pd.DataFrame:
    """Table `calibration`: one row per seed, method and selection; `keys[s]` is the run key of seed s."""
    rows = []
    for method, selections in cell.items():
        for selection, runs in selections.items():
            for key, run in zip(keys, runs, strict=True):
                values = _calibration(calibration.items(run.test, bins))
                name = {"method": method, "selection": selection}
                rows.append({**key, **name, **values})
    return pd.DataFrame(rows)


def _calibration(items: calibration.Items) -> dict[str, float]:
    ones = np.ones((1, len(items.correct)))
    metrics = [calibration.ece, calibration.nll, calibration.brier, calibration.aurc]
    return {metric.__name__: float(metric(ones, items)[0]) for metric in metrics}


def reliability_rows(key: dict, cell: Cell, bins: int, level: float) -> pd.DataFrame:
    """Table `reliability`: per method, selection and bin, the test examples of all finite seeds pooled."""
    tables = []
    for method, selections in cell.items():
        for selection, runs in selections.items():
            table = _pooled(runs, bins, level)
            name = {"method": method, "selection": selection}
            tables.append(pd.DataFrame(table._asdict()).assign(bin=range(bins), **key, **name))
    return pd.concat(tables, ignore_index=True)


def _pooled(runs: list[Predictions], bins: int, level: float) -> calibration.Reliability:
    """Reliability over the seeds that did not diverge; zero counts when all did."""
    finite = [run.test for run in runs if np.isfinite(run.test.confidence).all()]
    if not finite:
        nothing = np.full(bins, np.nan)
        return calibration.Reliability(np.zeros(bins, int), nothing, nothing, nothing, nothing)
    of = calibration.Judged(*map(np.concatenate, zip(*finite)))
    return calibration.binned(of.confidence.astype(np.float64), of.correct, bins, level)


def statistics(out_of_bag: OutOfBag, given: np.ndarray) -> dict[str, np.ndarray]:
    """Each statistic of the training examples [n] whose labels are `given` [n]; NaN where never out of bag."""
    return {
        "oob_entropy": out_of_bag.entropy,
        "oob_mutual_information": out_of_bag.mutual_information,
        "oob_self_confidence": out_of_bag.probs[np.arange(len(given)), given],
    }


def uncertainty_rows(key: dict, out_of_bag: OutOfBag, given: np.ndarray, truth: np.ndarray) -> pd.DataFrame:
    """Table `uncertainty`: quantiles of each statistic over rightly and over wrongly labelled examples.

    `count` examples have the statistic, `missing` more were in every bag. Unknown truths (-1) are left out.
    """
    parts = {"right": (truth >= 0) & (given == truth), "wrong": (truth >= 0) & (given != truth)}
    return pd.DataFrame(
        [
            {**key, "statistic": statistic, "labels": name, **_spread(values[part])}
            for statistic, values in statistics(out_of_bag, given).items()
            for name, part in parts.items()
        ]
    )


def _spread(values: np.ndarray) -> dict[str, float]:
    finite = values[np.isfinite(values)]
    quantiles = np.quantile(finite, list(QUANTILES.values())) if len(finite) else [np.nan] * len(QUANTILES)
    return {
        "count": len(finite),
        "missing": len(values) - len(finite),
        **dict(zip(QUANTILES, map(float, quantiles))),
    }
