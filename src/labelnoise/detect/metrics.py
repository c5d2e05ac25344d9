"""How well a suspicion score finds wrong labels.

Shape letters: m examples of known truth, G groups of equal suspicion. Every ranking metric is read from one
`Curve`; examples of equal suspicion have no order and count by their group's share. NaN where no label is wrong or
none is right, and for a score that is not finite everywhere.
"""

from collections.abc import Callable
from typing import NamedTuple

import numpy as np

from labelnoise.uncertainty.calibration import bin_index

TOP = (1, 5, 10)  # percent of all examples that precision and recall look at


class Curve(NamedTuple):
    """What is found on the way from the most to the least suspect group; entry 0 is before the first."""

    seen: np.ndarray  # [G + 1] examples so far
    found: np.ndarray  # [G + 1] wrong ones among them


def curve(suspicion: np.ndarray, wrong: np.ndarray) -> Curve:
    """Of `suspicion` [m] (high first) with `wrong` [m] (bool); NaN where there is nothing to rank."""
    order = np.argsort(-suspicion, kind="stable")
    ordered = suspicion[order]
    starts = np.flatnonzero(np.append(True, ordered[1:] != ordered[:-1]))
    hits = np.where(np.isfinite(suspicion).all(), wrong[order].astype(np.float64), np.nan)
    seen = np.append(starts, len(order)).astype(np.float64)
    found = np.append(0.0, np.cumsum(np.add.reduceat(hits, starts)))
    return Curve(seen, found if 0 < found[-1] < seen[-1] else np.full(len(found), np.nan))


def auroc(curve: Curve) -> float:
    """Chance that a wrong label is more suspect than a right one, ties count half (trapezoids)."""
    right = curve.seen - curve.found
    area = (np.diff(right) * (curve.found[1:] + curve.found[:-1])).sum() / 2
    return float(area / (curve.found[-1] * right[-1]))


def auprc(curve: Curve) -> float:
    """Average precision as in scikit-learn, sum over groups of the gain in recall times the precision."""
    precision = curve.found[1:] / curve.seen[1:]
    return float((np.diff(curve.found) * precision).sum() / curve.found[-1])


def captured(curve: Curve, count: float) -> float:
    """Wrong labels among the `count` most suspect. Of a group that is cut, its share; a count may be a
    fraction."""
    group = int((curve.seen[1:] < count).sum())  # the one that the cut goes through
    before, size = curve.seen[group], curve.seen[group + 1] - curve.seen[group]
    gain = curve.found[group + 1] - curve.found[group]
    return float(curve.found[group] + (count - before) / size * gain)


def precision_at_noise_rate(curve: Curve) -> float:
    """Share of wrong labels among the k most suspect, k the number of wrong labels: equal to the recall."""
    count = curve.found[-1]
    return captured(curve, count) / float(count) if np.isfinite(count) else np.nan


def precision_at(curve: Curve, percent: float) -> float:
    """Share of wrong labels among the `percent` of all examples that are most suspect."""
    count = float(curve.seen[-1]) * percent / 100
    return captured(curve, count) / count


def recall_at(curve: Curve, percent: float) -> float:
    """Share of all wrong labels that are among the `percent` of all examples that are most suspect."""
    return captured(curve, float(curve.seen[-1]) * percent / 100) / float(curve.found[-1])


RANKING: dict[str, Callable[[Curve], float]] = {
    "auroc": auroc,
    "auprc": auprc,
    "precision_at_noise_rate": precision_at_noise_rate,
}


def at_the_top(curve: Curve) -> dict[str, float]:
    """precision_b and recall_b at each b of TOP."""
    precision = {f"precision_{percent}": precision_at(curve, percent) for percent in TOP}
    return precision | {f"recall_{percent}": recall_at(curve, percent) for percent in TOP}


def ece(probability: np.ndarray, wrong: np.ndarray, bins: int) -> float:
    """Expected calibration error of a stated P(wrong) [m], bins of equal width; defined without wrong labels too.

    sum_b n_b/m |wrong_b - stated_b|, Guo et al. 2017, eq. 3, for the one outcome 'wrong' [m].
    """
    gaps = np.bincount(bin_index(probability, bins), wrong - probability, bins)
    return float(np.abs(gaps).sum() / len(wrong))
