"""Rows of the table `intervals`: every metric with its intervals and its paired difference to the baseline.

All methods, selections and metrics of a cell are worked out on the same weights in one pass, which is what
makes the differences paired and the whole study a matter of seconds. What is in memory of a cell is a few numbers
per example and run, whatever the number of classes and of resamples.
"""

from collections.abc import Iterable
from typing import Any, NamedTuple

import numpy as np
import pandas as pd

from . import calibration
from .intervals import Metric, Sample, Summary, difference, sample, summary
from .tables import Cell, Labels

BASELINE = "cross_entropy"
BASELINE_SELECTIONS = ["last", "best_noisy_val"]
TEST_METRICS: dict[str, Metric] = {
    "test_accuracy": calibration.accuracy,
    "ece": calibration.ece,
    "nll": calibration.nll,
    "brier": calibration.brier,
    "aurc": calibration.aurc,
}
TRAIN_METRICS: dict[str, Metric] = {
    "fitted_clean": calibration.fitted_clean,
    "fitted_wrong": calibration.fitted_wrong,
    "recovered": calibration.recovered,
}

Fact = tuple[str, str, str]  # method, selection, metric


class Plan(NamedTuple):
    """How intervals are made."""

    resamples: int  # number of bootstrap resamples
    level: float  # of every interval
    bins: int  # of ECE
    test_share: float  # n_test / n_train where seeds test on folds, 0 with a fixed test split


def interval_rows(
    key: dict, cell: Cell, labels: list[Labels], plan: Plan, rng: np.random.Generator
) -> pd.DataFrame:
    """Table `intervals` for one cell: two rows per method, selection and metric, one per baseline selection.

    `key` is {network, noise, noise_rate, realised_rate}; `cell` holds method -> selection -> predictions per
    seed, `labels` the labels per seed. Differences are NaN where the cell lacks the baseline. ValueError
    when a method has not exactly one entry per seed.
    """
    for method, selections in cell.items():
        for selection, runs in selections.items():
            if len(runs) != len(labels):
                raise ValueError(f"{method} {selection}: {len(runs)} runs, need one per seed: {len(labels)}")
    facts = _test_facts(cell, labels, plan, rng)
    if any((y.truth >= 0).any() for y in labels):  # what was memorised takes the truth to tell
        facts |= _train_facts(cell, labels, plan, rng)
    summaries = {fact: summary(values, plan.level, plan.test_share) for fact, values in facts.items()}
    return pd.DataFrame(
        [
            {**key, **_columns(fact, facts, summaries[fact], selection, plan)}
            for fact in facts
            for selection in BASELINE_SELECTIONS
        ]
    )


def _test_facts(cell: Cell, labels: list[Labels], plan: Plan, rng: np.random.Generator) -> dict[Fact, Sample]:
    items = ([calibration.items(runs[s].test, plan.bins) for runs in _all_runs(cell)] for s in range(len(labels)))
    return _facts(cell, TEST_METRICS, items, [len(y.test_truth) for y in labels], plan, rng)


def _train_facts(cell: Cell, labels: list[Labels], plan: Plan, rng: np.random.Generator) -> dict[Fact, Sample]:
    items = (
        [calibration.prepare_train(runs[s].train, y.given, y.truth) for runs in _all_runs(cell)]
        for s, y in enumerate(labels)
    )
    return _facts(cell, TRAIN_METRICS, items, [len(y.given) for y in labels], plan, rng)


def _all_runs(cell: Cell) -> list[list]:
    return [runs for selections in cell.values() for runs in selections.values()]


def _facts(
    cell: Cell,
    metrics: dict[str, Metric],
    items: Iterable[Any],
    sizes: list[int],
    plan: Plan,
    rng: np.random.Generator,
) -> dict[Fact, Sample]:
    """The sample of every method, selection and metric, in the order in which `together` stacks them."""

    def together(weights: np.ndarray, of_runs: list) -> np.ndarray:
        return np.stack([metric(weights, of) for of in of_runs for metric in metrics.values()], axis=1)

    both = sample(together, items, sizes, plan.resamples, rng)
    names = [(method, selection, m) for method, of in cell.items() for selection in of for m in metrics]
    return {name: Sample(both.seeds[:, k], both.slots[:, :, k]) for k, name in enumerate(names)}


def _columns(fact: Fact, facts: dict[Fact, Sample], own: Summary, selection: str, plan: Plan) -> dict:
    """One row but for the cell's key: the fact's own numbers, and those of its difference to a baseline."""
    method, own_selection, metric = fact
    baseline = facts.get((BASELINE, selection, metric))
    nothing = Summary(np.nan, np.nan, np.nan, np.nan, np.nan)
    paired = difference(facts[fact], baseline) if baseline else None
    against = summary(paired, plan.level, plan.test_share) if paired else nothing
    return {
        "method": method,
        "selection": own_selection,
        "metric": metric,
        "baseline_selection": selection,
        **own._asdict(),
        "n_seeds": int(np.isfinite(facts[fact].seeds).sum()),
        "diff": against.mean,
        **{f"diff_{name}": value for name, value in against._asdict().items() if name != "mean"},
    }
