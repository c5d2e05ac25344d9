"""Rows of the tables detection, detection_intervals and detection_reliability (columns: labelnoise.results).

Every builder takes its key columns as a dict: a cell {network, noise, noise_rate, realised_rate}, or a run, which
is a cell with its seed. Here the truth comes in, and in study.py, which calls the builders.

Shape letters: n examples of a run's pool, m of them of known truth, S seeds.
"""

from typing import NamedTuple

import numpy as np
import pandas as pd

from labelnoise import results
from labelnoise.statistics import differences, means
from labelnoise.uncertainty import calibration
from labelnoise.words.scores import is_probability

from . import metrics

REFERENCE = "noise_model"


class Scored(NamedTuple):
    """Scores of one run with the truth beside them, examples of unknown truth left out."""

    scores: dict[str, np.ndarray]  # [m] each
    wrong: np.ndarray  # bool [m]


def with_truth(scores: dict[str, np.ndarray], given: np.ndarray, truth: np.ndarray) -> Scored:
    """From scores [n], given labels [n] and true classes [n], -1 where not known."""
    known = truth >= 0
    return Scored({name: values[known] for name, values in scores.items()}, (given != truth)[known])


def detection_rows(key: dict, run: Scored, bins: int) -> pd.DataFrame:
    """Table `detection` of one run: a row per score, none where no truth is known.

    Rankings are NaN where all labels are right, or all wrong; the ECE is not, and NaN for what is no probability.
    """
    if len(run.wrong) == 0:
        return results.empty("detection")
    rows = []
    for score, values in run.scores.items():
        curve = metrics.curve(values, run.wrong)
        found = {name: metric(curve) for name, metric in metrics.RANKING.items()} | metrics.at_the_top(curve)
        if is_probability(score):
            found["ece"] = metrics.ece(values, run.wrong, bins)
        rows.append({**key, "score": score, "ece": np.nan, **found})
    return pd.DataFrame(rows)


def interval_rows(
    key: dict, runs: list[Scored], level: float, bins: int, reference: str = REFERENCE
) -> pd.DataFrame:
    """Rows of one cell of table `detection_intervals`, a row per score and metric, to be `marked`; `runs` are its
    seeds.

    t intervals over seeds. `diff` is reference minus score on the same seeds; NaN where the cell lacks the
    reference. Scores that state no probability have no row for the ECE. Seeds without known truth are left out;
    with none left there are no rows. All runs must have the same scores.
    """
    runs = [run for run in runs if len(run.wrong)]
    if not runs:
        return results.empty("detection_intervals")
    by_run = [_values(run, bins) for run in runs]
    facts = {fact: np.array([of[fact] for of in by_run]) for fact in by_run[0]}
    return pd.DataFrame([{**key, **_columns(fact, facts, level, reference)} for fact in facts])


def marked(table: pd.DataFrame, level: float, reference: str = REFERENCE) -> pd.DataFrame:
    """Table `detection_intervals` from the rows of all cells: which differences are marked, over scores x noise
    cells of a metric. The reference is not compared with itself."""
    return differences.marked(table, ["metric"], table["score"] != reference, level)


def _values(run: Scored, bins: int) -> dict[tuple[str, str], float]:
    """By score and metric: the ranking metrics, and the ECE of what states a probability."""
    found = {}
    for score, values in run.scores.items():
        curve = metrics.curve(values, run.wrong)
        found |= {(score, name): metric(curve) for name, metric in metrics.RANKING.items()}
        if is_probability(score):
            found[score, "ece"] = metrics.ece(values, run.wrong, bins)
    return found


def _columns(
    fact: tuple[str, str], facts: dict[tuple[str, str], np.ndarray], level: float, reference: str
) -> dict:
    """One row but for the cell's key."""
    score, metric = fact
    own, other = facts[fact], facts.get((reference, metric))
    mean, low, high = map(float, means.interval(own, level))
    return {
        "score": score, "metric": metric, "mean": mean, "low": low, "high": high,
        "n_seeds": int(np.isfinite(own).sum()),
        **differences.unmarked(other, own),
    }  # fmt: skip


def reliability_rows(key: dict, runs: list[Scored], bins: int, level: float) -> pd.DataFrame:
    """Table `detection_reliability` of one cell: per probability and bin, the examples of all finite seeds pooled.

    `stated` is the mean P(wrong), `share_wrong` has a Wilson interval, which takes the examples as independent. No
    rows where no truth is known.
    """
    tables = [results.empty("detection_reliability")]
    for score in (name for name in runs[0].scores if is_probability(name)):
        finite = [run for run in runs if len(run.wrong) and np.isfinite(run.scores[score]).all()]
        if finite:
            stated = np.concatenate([run.scores[score] for run in finite])
            table = calibration.binned(stated, np.concatenate([run.wrong for run in finite]), bins, level)
            columns = pd.DataFrame(table._asdict()).assign(**key, score=score, bin=range(bins))
            tables.append(columns.rename(columns={"confidence": "stated", "accuracy": "share_wrong"}))
    return pd.concat(tables[1:] or tables, ignore_index=True)
