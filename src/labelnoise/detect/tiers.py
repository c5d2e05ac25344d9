"""Tiers of suspicion: sure, obvious and possible label errors, from P(given label wrong | x, label).

The posterior is a little over-confident in its tail: an obvious tier that should be at most 2.5% right came out at
up to twice that in single cells, so readers are told 5%.

Shape letters: N examples, P full runs.
"""

import numpy as np
import pandas as pd
from scipy.stats import binomtest

NONE, POSSIBLE, OBVIOUS, SURE = range(4)  # codes of a tier; sure lies within obvious
NAMES = ("rest", "possible", "obvious", "sure")  # of a code


def assign(
    p_wrong: np.ndarray, disagreement: np.ndarray, obvious: float = 0.025, possible: float = 0.1
) -> np.ndarray:
    """Tier of every example, int8 [N].

    p_wrong [N]: NaN where there is no label, whose tier is NONE. Obvious is the largest set, in the order of
    p_wrong, whose mean P(right) is at most `obvious`; equal p_wrong go by position. Possible: p_wrong >
    `possible`. disagreement [P, N]: share of the first epochs in which a full run predicted another class;
    sure are obvious examples with 1 in every run. NaN runs are skipped; without any run nothing is sure. (Of the
    first sixth: over the first half of the epochs, nearly every label of digits is fitted once.)
    """
    tier = np.where(p_wrong > possible, POSSIBLE, NONE).astype(np.int8)
    tier[_obvious(p_wrong, obvious)] = OBVIOUS
    seen = ~np.isnan(disagreement)
    always = seen.any(0) & ((disagreement == 1) | ~seen).all(0)
    tier[(tier == OBVIOUS) & always] = SURE
    return tier


def _obvious(p_wrong: np.ndarray, largest: float) -> np.ndarray:
    """Positions of the largest set whose mean P(right) is at most `largest`; the mean only grows along the
    order."""
    order = np.argsort(-p_wrong, kind="stable")  # NaN comes last
    right = 1 - p_wrong[order[: np.isfinite(p_wrong).sum()]]
    return order[: int((np.cumsum(right) <= largest * np.arange(1, len(right) + 1)).sum())]


def members(tier: np.ndarray, judged: np.ndarray) -> dict[str, np.ndarray]:
    """Name of a tier -> bool [N], as tables count them: `obvious` includes sure. judged: bool [N]."""
    return {
        "sure": tier == SURE,
        "obvious": tier >= OBVIOUS,
        "possible": tier == POSSIBLE,
        "rest": judged & (tier == NONE),
    }


def table_rows(
    key: dict,
    tier: np.ndarray,
    p_wrong: np.ndarray,
    suggestion: np.ndarray,
    given: np.ndarray,
    truth: np.ndarray,
    level: float = 0.95,
) -> pd.DataFrame:
    """Table `tiers` of one run: a row per tier. `obvious` includes sure.

    key: the run's key columns. tier, p_wrong, suggestion, given, truth [N]: examples whose p_wrong is NaN do not
    count; where truth is -1 it is not known, and shares are of the known ones (NaN without any). low and high:
    Wilson interval of share_wrong. errors_found_share: part of all wrong labels that lies in the tier. stated:
    mean p_wrong. suggestion_right: share of the tier's wrong labels whose suggestion is the truth.
    """
    judged = np.isfinite(p_wrong)
    known = judged & (truth >= 0)
    wrong = known & (given != truth)
    rows = []
    for name, within in members(tier, judged).items():
        errors, among = int((within & wrong).sum()), int((within & known).sum())
        low, high = wilson(errors, among, level)
        facts = {
            "tier": name,
            "count": int(within.sum()),
            "share_wrong": _share(errors, among),
            "low": low,
            "high": high,
            "errors_found_share": _share(errors, int(wrong.sum())),
            "stated": _share(float(p_wrong[within].sum()), int(within.sum())),
            "suggestion_right": _share(int((within & wrong & (suggestion == truth)).sum()), errors),
        }
        rows.append(key | facts)
    return pd.DataFrame(rows)


def _share(part: float, whole: int) -> float:
    return part / whole if whole else np.nan


def wilson(successes: int, n: int, level: float) -> tuple[float, float]:
    """Wilson's (1927) score interval of a share, without continuity correction; NaN where n is 0."""
    if n == 0:
        return np.nan, np.nan
    interval = binomtest(successes, n).proportion_ci(level, method="wilson")
    return float(interval.low), float(interval.high)
