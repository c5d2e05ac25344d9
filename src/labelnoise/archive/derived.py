"""Tables that follow from other tables, where what was trained is not at hand: with what stages made them by.

Tables have six digits, so that what is computed from them differs in the sixth. What an interval table has beside
(intervals over test images, shares pooled over labels) takes the runs, and is left out.
"""

from collections.abc import Callable, Iterator
from typing import NamedTuple

import numpy as np
import pandas as pd

from labelnoise import results
from labelnoise.detect import metrics
from labelnoise.detect import tables as detection
from labelnoise.results import RUN
from labelnoise.statistics import differences, means
from labelnoise.studies.accuracy import best, unknown
from labelnoise.uncertainty import cells, interval_table

Tables = dict[str, pd.DataFrame]
SIX_DIGITS = 1e-5  # of the largest number of a column: six digits err by half as much, once read and once written
PER_SEED = [name for name in interval_table.TEST_METRICS if name != "test_accuracy"]  # in the table `calibration`


class Derived(NamedTuple):
    """How a table, or a part of its rows and columns, is made."""

    needs: tuple[str, ...]
    made: Callable[[Tables, float], pd.DataFrame]  # tables it needs, level of intervals


def _intervals(of: Tables, level: float) -> pd.DataFrame:
    chosen = of["accuracy"]["selection"].isin(interval_table.BASELINE_SELECTIONS)
    runs = [*RUN, "method", "selection"]
    long = [
        of["accuracy"][chosen].melt(runs, ["test_accuracy"], "metric"),
        of["calibration"].melt(runs, PER_SEED, "metric"),
    ]
    rows = []
    for key, values in _by_cell(pd.concat(long), ["method", "selection", "metric"]):
        for (method, selection, metric), own in values.items():
            for early in interval_table.BASELINE_SELECTIONS:
                against = values.get((interval_table.BASELINE, early, metric))
                names = {"method": method, "selection": selection, "metric": metric, "baseline_selection": early}
                rows.append(key | names | _facts(own, level) | differences.unmarked(own, against))
    return interval_table.marked(pd.DataFrame(rows), level) if rows else results.empty("intervals")


def _scores(table: str) -> Derived:
    """Intervals of suspicion scores, from the table that has them run by run."""

    def made(of: Tables, level: float) -> pd.DataFrame:
        long, rows = of[table].melt([*RUN, "score"], [*metrics.RANKING, "ece"], "metric"), []
        for key, values in _by_cell(long, ["score", "metric"]):
            for (score, metric), own in values.items():
                if metric != "ece" or detection.is_probability(score):
                    reference = values.get((detection.REFERENCE, metric))
                    facts = _facts(own, level) | differences.unmarked(reference, own)
                    rows.append(key | {"score": score, "metric": metric} | facts)
        return detection.marked(pd.DataFrame(rows), level) if rows else results.empty(f"{table}_intervals")

    return Derived((table,), made)


def _by_cell(long: pd.DataFrame, names: list[str]) -> Iterator[tuple[dict, dict[tuple, np.ndarray]]]:
    """The key of every noise cell, and by `names` the values of its seeds [S], NaN where one is missing."""
    for _, part in long.groupby([*cells.CELL]):
        wide = part.pivot(index=names, columns="seed", values="value")
        yield (
            cells.key(part.drop_duplicates("seed").to_dict("records")),
            dict(zip(wide.index, wide.to_numpy(float))),
        )


def _facts(values: np.ndarray, level: float) -> dict[str, float]:
    mean, low, high = map(float, means.interval(values, level))
    return {"mean": mean, "low": low, "high": high, "n_seeds": int(np.isfinite(values).sum())}


def _best(of: Tables, level: float) -> pd.DataFrame:
    return best.table(of["accuracy"], level)


def _unknown(of: Tables, level: float) -> pd.DataFrame:
    """Trainings are counted from parameters, not from results."""
    return unknown.table(of["accuracy"], {}, level).drop(columns="trainings")


TABLES = {
    "alternatives_intervals": _scores("alternatives"),
    "best": Derived(("accuracy",), _best),
    "detection_intervals": _scores("detection"),
    "intervals": Derived(("accuracy", "calibration"), _intervals),
    "unknown": Derived(("accuracy",), _unknown),
}
