"""Tiers of suspicion: obvious and possible label errors, from P(given label wrong | x, label) with T low.

Rule A: obvious is the longest head of the list whose mean P(right) is at most a given share. The gate may put a
cut in its place, or withhold the tier (gate.py). Readers are told 95% where the rule says 97.5%: the model is a
little too sure in its tail. Sure is a column of obvious: every single predictor contradicts the label.

Shape letters: N examples, M predictors.
"""

import numpy as np
import pandas as pd

from labelnoise.detect.types import CUT, MAJORITY, RULE_A

NONE, POSSIBLE, OBVIOUS = range(3)  # codes of a tier
NAMES = ("rest", "possible", "obvious")  # of a code
FEWEST = 5  # labels of a class of which one may be an obvious error


def rule_a(p_wrong: np.ndarray, largest: float) -> np.ndarray:
    """Positions of the largest set, in the order of `p_wrong` [N], whose mean P(right) is at most `largest`; the
    mean only grows along the order. Equal p_wrong go by position; NaN never belongs."""
    order = np.argsort(-p_wrong, kind="stable")  # NaN comes last
    right = 1 - p_wrong[order[: np.isfinite(p_wrong).sum()]]
    return order[: int((np.cumsum(right) <= largest * np.arange(1, len(right) + 1)).sum())]


def eligible(p_low: np.ndarray, p_wrong: np.ndarray, labels: np.ndarray) -> np.ndarray:
    """`p_low` [N], of the cautious model, with NaN where a label may not be called obviously wrong: fewer than
    FEWEST of `labels` [N] name its class, or `p_wrong` [N], which readers see beside it, says right."""
    common = np.bincount(labels[labels >= 0])[labels] >= FEWEST
    return np.where(common & (p_wrong > MAJORITY), p_low, np.nan)


def chosen(p_wrong: np.ndarray, rule: str, cut: float, largest: float) -> np.ndarray:
    """Positions of the obvious errors by the gate's rule (types.py)."""
    if rule == RULE_A:
        return rule_a(p_wrong, largest)
    return np.flatnonzero(p_wrong >= cut) if rule == CUT else np.zeros(0, int)


def assign(p_wrong: np.ndarray, obvious: np.ndarray, possible: float) -> np.ndarray:
    """Tier of every example, int8 [N]. p_wrong [N]: NaN where there is no label, whose tier is NONE. obvious:
    positions; possible: P(wrong) above which a label that is not obvious is a possible error."""
    tier = np.where(p_wrong > possible, POSSIBLE, NONE).astype(np.int8)
    tier[obvious] = OBVIOUS
    return tier


def sure(predicted: np.ndarray, labels: np.ndarray, tier: np.ndarray) -> np.ndarray:
    """bool [N]: obvious errors whose label [N] none of the M predictors `predicted` [M, N] says."""
    return (tier == OBVIOUS) & (predicted != labels).all(0)


def members(tier: np.ndarray, sure: np.ndarray, judged: np.ndarray) -> dict[str, np.ndarray]:
    """Name of a tier -> bool [N], as tables count them; sure lies within obvious. judged: bool [N]."""
    return {
        "sure": sure,
        "obvious": tier == OBVIOUS,
        "possible": tier == POSSIBLE,
        "rest": judged & (tier == NONE),
    }


def table_rows(
    key: dict,
    within: dict[str, np.ndarray],
    p_wrong: np.ndarray,
    suggestion: np.ndarray,
    given: np.ndarray,
    truth: np.ndarray,
) -> pd.DataFrame:
    """Table `tiers` of one run: a row per tier of `within` (`members`).

    key: the run's key columns. p_wrong, suggestion, given, truth [N]: examples whose p_wrong is NaN do not count;
    where truth is -1 it is not known, and shares are of the known ones (NaN without any). errors_found_share:
    part of all wrong labels that lies in the tier. stated: mean p_wrong. suggestion_right: share of the tier's
    wrong labels whose suggestion is the truth.
    """
    judged = np.isfinite(p_wrong)
    known = judged & (truth >= 0)
    wrong = known & (given != truth)
    rows = []
    for name, here in within.items():
        errors, among = int((here & wrong).sum()), int((here & known).sum())
        facts = {
            "tier": name,
            "count": int(here.sum()),
            "share_wrong": _share(errors, among),
            "errors_found_share": _share(errors, int(wrong.sum())),
            "stated": _share(float(p_wrong[here].sum()), int(here.sum())),
            "suggestion_right": _share(int((here & wrong & (suggestion == truth)).sum()), errors),
        }
        rows.append(key | facts)
    return pd.DataFrame(rows)


def _share(part: float, whole: int) -> float:
    return part / whole if whole else np.nan
