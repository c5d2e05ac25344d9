"""The list that goes out to people: what to recheck first, as a CSV file and as a gallery of each tier.

Names stand in the file as they are, so that answers find their examples again. A spreadsheet takes a name that
begins with = + - or @ for a formula: import such columns as text.

Shape letters: N examples of the data set, M rows of the list.
"""

import numpy as np
import pandas as pd

from labelnoise import files, results
from labelnoise.detect import tiers
from labelnoise.noise.noisy_labels import LEFT_OUT, UNSURE
from labelnoise.recheck import verdict
from labelnoise.recheck.detected import NO_SUGGESTION, AsShown
from labelnoise.types import Dataset

SHOWN = {"obvious": tiers.OBVIOUS, "possible": tiers.POSSIBLE}  # tiers of the gallery, in this order
COLUMNS = ["given", "p_wrong", "tier", "sure", "suggestion", "suggestion_confidence", "cannot_tell"]


def ranked(shown: AsShown) -> np.ndarray:
    """Positions [M] of the examples to recheck, the most suspect first; before them copies of one image with two
    labels, of which one is wrong for sure, behind them those of which people could not tell. Those already
    rechecked are left out, and all where the gate lets nothing be seen."""
    if not verdict.listed(shown.gate):
        return np.empty(0, np.int64)
    asked = (shown.answers < 0) & (shown.answers != LEFT_OUT)
    at = np.flatnonzero(np.isfinite(shown.order) & (shown.given >= 0) & asked)
    return at[np.lexsort((-shown.order[at], ~shown.two_labels[at], shown.answers[at] == UNSURE))]


def flagged(shown: AsShown) -> int:
    """Rows of the list down to the last obvious or possible error that nobody has seen."""
    order = ranked(shown)
    suspect = np.flatnonzero((shown.tier[order] > tiers.NONE) & (shown.answers[order] != UNSURE))
    return int(suspect[-1]) + 1 if len(suspect) else 0


def to_recheck(dataset: Dataset, shown: AsShown) -> list[dict]:
    """Rows of the list. `file` is there where examples have files; classes are names. None: not to be told."""
    rows = []
    stated = shown.gate.verdict in verdict.STATED
    for rank, at in enumerate(ranked(shown).tolist(), 1):
        file = {"file": dataset.files[at]} if dataset.files else {}
        facts = {
            "given": dataset.class_names[shown.given[at]],
            "p_wrong": _short(shown.p_wrong[at]),
            "tier": tiers.NAMES[shown.tier[at]] if stated else None,
            "sure": str(bool(shown.sure[at])).lower() if stated else None,
            "suggestion": suggested(dataset, shown, at),
            "suggestion_confidence": _short(shown.confidence[at]),
            "cannot_tell": str(shown.answers[at] == UNSURE).lower(),
        }
        rows.append({"rank": rank, "index": at, **file, **facts})
    return rows


def asked(dataset: Dataset, shown: AsShown, at: int) -> dict:
    """What someone who looks at the example at position `at` is told: nothing that the list believes."""
    file = {"file": dataset.files[at]} if dataset.files else {}
    given = shown.given[at]  # an audit may ask for what had a label when it was drawn, and has none now
    return {"index": at, **file, "given": dataset.class_names[given] if given >= 0 else ""}


def believed(shown: AsShown, at: int) -> str:
    """What is told of the label of the example at position `at`, in a few words; "" where nothing may be."""
    if shown.gate.verdict not in verdict.STATED or not np.isfinite(shown.p_wrong[at]):
        return ""
    tier = tiers.NAMES[shown.tier[at]] if shown.tier[at] > tiers.NONE else ""
    parts = [f"P(wrong) {percent(shown.p_wrong[at])}", tier, "sure" if shown.sure[at] else ""]
    return " · ".join(filter(None, parts))


def percent(share: float) -> str:
    """P(wrong) as people read it: never 100%, as nothing is certain."""
    return ">99.9%" if share > 0.999 else f"{100 * share:.1f}%"


def suggested(dataset: Dataset, shown: AsShown, at: int) -> str | None:
    """Name of the class that is suggested for the example at position `at`."""
    to = shown.suggestion[at]
    return None if to == NO_SUGGESTION else dataset.class_names[to]


def text(dataset: Dataset, rows: list[dict]) -> str:
    """`rows` as CSV."""
    columns = ["rank", "index", *(["file"] if dataset.files else []), *COLUMNS]
    return files.quoted(columns, ([row[name] for name in columns] for row in rows))


def gallery(key: dict, dataset: Dataset, shown: AsShown, most: int) -> pd.DataFrame:
    """Table `gallery`: at most `most` examples of each tier, the most suspect first. key: the run's key
    columns."""
    names, order = dataset.class_names, ranked(shown)
    rows = []
    for tier, code in SHOWN.items():
        for rank, at in enumerate(order[shown.tier[order] == code][:most].tolist(), 1):
            truth = dataset.clean_labels[at]
            facts = {
                "index": at,
                "file": dataset.files[at] if dataset.files else "",
                "given": names[shown.given[at]],
                "suggested": suggested(dataset, shown, at) or "",
                "p_wrong": shown.p_wrong[at],
                "suggestion_confidence": shown.confidence[at],
                "truth": names[truth] if truth >= 0 else "",
            }
            rows.append(key | {"tier": tier, "rank": rank} | facts)
    return pd.DataFrame(rows) if rows else results.empty("gallery")


def _short(value: float) -> float | None:
    """Six digits, as in all tables."""
    return float(f"{value:.6g}") if np.isfinite(value) else None
