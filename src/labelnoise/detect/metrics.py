"""How well a suspicion score finds wrong labels, over weighted examples: a bootstrap resample is a row of weights.

Shape letters: S resamples, m examples of known truth, G groups of equal suspicion. Weight w means that the example
occurs w times; all ones gives the plain metric. Every ranking metric is read from one `Curve`; examples of equal
suspicion have no order and count by their group's share. NaN where the resample has no wrong or no right label,
and for a score that is not finite everywhere.
"""

from collections.abc import Callable
from typing import NamedTuple

import numpy as np
from scipy.sparse import csr_array

from labelnoise.uncertainty.calibration import binned_gap

TOP = (1, 5, 10)  # percent of all examples that precision and recall look at


class Ranked(NamedTuple):
    """One score's examples, most suspect first; worked out once for all resamples."""

    order: np.ndarray  # int [m]
    starts: np.ndarray  # int [G] where, in that order, a group of equal suspicion begins
    wrong: np.ndarray  # [m] in that order, 1 where the label is wrong; NaN when the score is not finite


class Curve(NamedTuple):
    """What is found on the way from the most to the least suspect group; column 0 is before the first."""

    seen: np.ndarray  # [S, G + 1] weight of the examples so far
    found: np.ndarray  # [S, G + 1] weight of the wrong ones among them


def ranked(suspicion: np.ndarray, wrong: np.ndarray) -> Ranked:
    """Order of `suspicion` [m] (high first) with `wrong` [m] (bool)."""
    order = np.argsort(-suspicion, kind="stable")
    ordered = suspicion[order]
    starts = np.flatnonzero(np.append(True, ordered[1:] != ordered[:-1]))
    finite = np.isfinite(suspicion).all()
    return Ranked(order, starts, np.where(finite, wrong[order].astype(np.float64), np.nan))


def curve(weights: np.ndarray, items: Ranked) -> Curve:
    """Cumulative weights and wrong weights of `weights` [S, m]; NaN where there is nothing to rank."""
    ordered = weights[:, items.order]
    seen, found = (_cumulative(values, items.starts) for values in (ordered, ordered * items.wrong))
    found[(found[:, -1] == 0) | (found[:, -1] == seen[:, -1])] = np.nan
    return Curve(seen, found)


def _cumulative(values: np.ndarray, starts: np.ndarray) -> np.ndarray:
    totals = np.zeros((len(values), len(starts) + 1))
    np.cumsum(np.add.reduceat(values, starts, axis=1), axis=1, out=totals[:, 1:])
    return totals


def auroc(curve: Curve) -> np.ndarray:
    """Chance that a wrong label is more suspect than a right one, ties count half: [S] (trapezoids)."""
    right = curve.seen - curve.found
    area = (np.diff(right) * (curve.found[:, 1:] + curve.found[:, :-1])).sum(axis=1) / 2
    return area / (curve.found[:, -1] * right[:, -1])


def auprc(curve: Curve) -> np.ndarray:
    """Average precision as in scikit-learn, sum over groups of the gain in recall times the precision: [S]."""
    seen, found = curve.seen[:, 1:], curve.found[:, 1:]
    precision = np.divide(found, seen, out=np.zeros(seen.shape), where=seen > 0)
    return (np.diff(curve.found) * precision).sum(axis=1) / curve.found[:, -1]


def captured(curve: Curve, count: np.ndarray) -> np.ndarray:
    """Wrong labels among the `count` [S] most suspect: [S]. Of a group that is cut, its share; counts may be
    fractions."""
    rows = np.arange(len(count))
    group = (curve.seen[:, 1:] < count[:, None]).sum(axis=1)  # the one that the cut goes through
    before, size = curve.seen[rows, group], curve.seen[rows, group + 1] - curve.seen[rows, group]
    gain = curve.found[rows, group + 1] - curve.found[rows, group]
    return curve.found[rows, group] + (count - before) / size * gain


def precision_at_noise_rate(curve: Curve) -> np.ndarray:
    """Share of wrong labels among the k most suspect, k the number of wrong labels: [S]; equal to the recall."""
    return captured(curve, np.nan_to_num(curve.found[:, -1], nan=1)) / curve.found[:, -1]


def precision_at(curve: Curve, percent: float) -> np.ndarray:
    """Share of wrong labels among the `percent` of all examples that are most suspect: [S]."""
    count = curve.seen[:, -1] * percent / 100
    return captured(curve, count) / count


def recall_at(curve: Curve, percent: float) -> np.ndarray:
    """Share of all wrong labels that are among the `percent` of all examples that are most suspect: [S]."""
    return captured(curve, curve.seen[:, -1] * percent / 100) / curve.found[:, -1]


RANKING: dict[str, Callable[[Curve], np.ndarray]] = {
    "auroc": auroc,
    "auprc": auprc,
    "precision_at_noise_rate": precision_at_noise_rate,
}


def at_the_top(curve: Curve) -> dict[str, np.ndarray]:
    """precision_b and recall_b at each b of TOP, [S] each."""
    precision = {f"precision_{percent}": precision_at(curve, percent) for percent in TOP}
    return precision | {f"recall_{percent}": recall_at(curve, percent) for percent in TOP}


def gaps(probability: np.ndarray, wrong: np.ndarray, bins: int) -> csr_array:
    """[m, bins] for `ece`: `wrong` - `probability` (both [m]) in the column of the probability's bin."""
    return binned_gap(probability, wrong, bins)


def ece(weights: np.ndarray, gap: csr_array) -> np.ndarray:
    """Expected calibration error of a stated P(wrong), bins of equal width: [S]; defined without wrong labels too.

    sum_b n_b/m |wrong_b - stated_b|, Guo et al. 2017, eq. 3, for the one outcome 'wrong'.
    """
    return np.abs(weights @ gap).sum(axis=1) / weights.sum(axis=1)
