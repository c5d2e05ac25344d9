"""Rows of the tables detection, detection_intervals and detection_reliability (columns: labelnoise.results).

Every builder takes its key columns as a dict: a cell {network, noise, noise_rate, realised_rate}, or a run, which
is a cell with its seed. Here the truth comes in, and in study.py, which calls the builders.

Shape letters: n examples of a run's pool, m of them of known truth, S resamples, K columns of a resample.
"""

from typing import NamedTuple

import numpy as np
import pandas as pd

from labelnoise import results
from labelnoise.uncertainty import calibration
from labelnoise.uncertainty.intervals import Sample, difference, sample, summary
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
    ones = np.ones((1, len(run.wrong)))
    rows = []
    for score, values in run.scores.items():
        curve = metrics.curve(ones, metrics.ranked(values, run.wrong))
        found = {name: metric(curve) for name, metric in metrics.RANKING.items()} | metrics.at_the_top(curve)
        if is_probability(score):
            found["ece"] = metrics.ece(ones, metrics.gaps(values, run.wrong, bins))
        rows.append({**key, "score": score, "ece": np.nan, **{name: float(v[0]) for name, v in found.items()}})
    return pd.DataFrame(rows)


def interval_rows(
    key: dict, runs: list[Scored], count: int, level: float, rng: np.random.Generator, bins: int,
    reference: str = REFERENCE,
) -> pd.DataFrame:  # fmt: skip
    """Table `detection_intervals` of one cell: a row per score and metric, `runs` are its seeds.

    Hierarchical bootstrap of `count` resamples, seeds and then examples (labelnoise.uncertainty.intervals). All
    scores share the resamples, which makes `diff`, reference minus score, a paired difference; NaN where the cell
    lacks the reference. Scores that state no probability have no row for the ECE. Seeds without known truth are
    left out; with none left there are no rows. All runs must have the same scores.
    """
    runs = [run for run in runs if len(run.wrong)]
    if not runs:
        return results.empty("detection_intervals")
    facts = _facts(runs, count, rng, bins)
    return pd.DataFrame([{**key, **_columns(fact, facts, level, reference)} for fact in facts])


def _facts(runs: list[Scored], count: int, rng: np.random.Generator, bins: int) -> dict[tuple[str, str], Sample]:
    """The sample of every score and metric, in the order in which `_values` gives them."""
    items = ([_items(run, score, bins) for score in runs[0].scores] for run in runs)

    def together(weights: np.ndarray, of_scores: list) -> np.ndarray:
        return np.stack([value for of in of_scores for value in _values(weights, of)], axis=1)

    both = sample(together, items, [len(run.wrong) for run in runs], count, rng)
    stated = {score: ["ece"] if is_probability(score) else [] for score in runs[0].scores}
    names = [(score, name) for score in stated for name in [*metrics.RANKING, *stated[score]]]
    return {name: Sample(both.seeds[:, k], both.slots[:, :, k]) for k, name in enumerate(names)}


def _items(run: Scored, score: str, bins: int) -> tuple:
    values = run.scores[score]
    gap = metrics.gaps(values, run.wrong, bins) if is_probability(score) else None
    return metrics.ranked(values, run.wrong), gap


def _values(weights: np.ndarray, of: tuple) -> list[np.ndarray]:
    """[S] each: the ranking metrics, and the ECE of what states a probability."""
    curve = metrics.curve(weights, of[0])
    values = [metric(curve) for metric in metrics.RANKING.values()]
    return values if of[1] is None else [*values, metrics.ece(weights, of[1])]


def _columns(fact: tuple[str, str], facts: dict[tuple[str, str], Sample], level: float, reference: str) -> dict:
    """One row but for the cell's key."""
    score, metric = fact
    own, other = facts[fact], facts.get((reference, metric))
    mean, low, high, *_ = summary(own, level, 0)
    diff, diff_low, diff_high, *_ = summary(difference(other, own), level, 0) if other else [np.nan] * 3
    return {
        "score": score, "metric": metric, "mean": mean, "low": low, "high": high,
        "n_seeds": int(np.isfinite(own.seeds).sum()),
        "diff": diff, "diff_low": diff_low, "diff_high": diff_high,
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
