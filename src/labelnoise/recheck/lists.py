"""The list that goes out to people: what to recheck first, as a CSV file and as a gallery of each tier.

Names stand in the file as they are, so that answers find their examples again. A spreadsheet takes a name that
begins with = + - or @ for a formula: import such columns as text.

Shape letters: N examples of the data set, M rows of the list.
"""

import csv
import io

import numpy as np
import pandas as pd

from labelnoise import results
from labelnoise.columns import LEFT_OUT, UNSURE
from labelnoise.detect import tiers
from labelnoise.recheck import verdict
from labelnoise.recheck.detected import NO_SUGGESTION, Judgement
from labelnoise.types import Dataset

SHOWN = {"obvious": tiers.OBVIOUS, "possible": tiers.POSSIBLE}  # tiers of the gallery, in this order
COLUMNS = ["given", "p_wrong", "tier", "sure", "suggestion", "suggestion_confidence", "cannot_tell"]


def ranked(found: Judgement) -> np.ndarray:
    """Positions [M] of the examples to recheck, the most suspect first; before them copies of one image with two
    labels, of which one is wrong for sure, behind them those of which people could not tell. Those already
    rechecked are left out, and all where the gate lets nothing be seen."""
    if not verdict.listed(found.gate):
        return np.empty(0, np.int64)
    asked = (found.answers < 0) & (found.answers != LEFT_OUT)
    at = np.flatnonzero(np.isfinite(found.order) & (found.given >= 0) & asked)
    return at[np.lexsort((-found.order[at], ~found.two_labels[at], found.answers[at] == UNSURE))]


def flagged(found: Judgement) -> int:
    """Rows of the list down to the last obvious or possible error that nobody has seen."""
    order = ranked(found)
    suspect = np.flatnonzero((found.tier[order] > tiers.NONE) & (found.answers[order] != UNSURE))
    return int(suspect[-1]) + 1 if len(suspect) else 0


def to_recheck(dataset: Dataset, found: Judgement) -> list[dict]:
    """Rows of the list. `file` is there where examples have files; classes are names. None: not to be told."""
    rows = []
    stated = found.gate.verdict in verdict.STATED
    for rank, at in enumerate(ranked(found).tolist(), 1):
        file = {"file": dataset.files[at]} if dataset.files else {}
        facts = {
            "given": dataset.class_names[found.given[at]],
            "p_wrong": _short(found.p_wrong[at]),
            "tier": tiers.NAMES[found.tier[at]] if stated else None,
            "sure": str(bool(found.sure[at])).lower() if stated else None,
            "suggestion": suggested(dataset, found, at),
            "suggestion_confidence": _short(found.confidence[at]),
            "cannot_tell": str(found.answers[at] == UNSURE).lower(),
        }
        rows.append({"rank": rank, "index": at, **file, **facts})
    return rows


def asked(dataset: Dataset, found: Judgement, at: int) -> dict:
    """What someone who looks at the example at position `at` is told: nothing that the list believes."""
    file = {"file": dataset.files[at]} if dataset.files else {}
    given = found.given[at]  # an audit may ask for what had a label when it was drawn, and has none now
    return {"index": at, **file, "given": dataset.class_names[given] if given >= 0 else ""}


def suggested(dataset: Dataset, found: Judgement, at: int) -> str | None:
    """Name of the class that is suggested for the example at position `at`."""
    to = found.suggestion[at]
    return None if to == NO_SUGGESTION else dataset.class_names[to]


def text(dataset: Dataset, rows: list[dict]) -> str:
    """`rows` as CSV: every text is quoted, since a name may hold a comma, a quote or the end of a line."""
    file = ["file"] if dataset.files else []
    stream = io.StringIO(newline="")
    columns = ["rank", "index", *file, *COLUMNS]
    writer = csv.DictWriter(stream, columns, quoting=csv.QUOTE_NONNUMERIC, lineterminator="\n")
    writer.writeheader()
    writer.writerows(rows)
    return stream.getvalue()


def gallery(key: dict, dataset: Dataset, found: Judgement, most: int) -> pd.DataFrame:
    """Table `gallery`: at most `most` examples of each tier, the most suspect first. key: the run's key
    columns."""
    names, order = dataset.class_names, ranked(found)
    rows = []
    for tier, code in SHOWN.items():
        for rank, at in enumerate(order[found.tier[order] == code][:most].tolist(), 1):
            truth = dataset.clean_labels[at]
            facts = {
                "index": at,
                "file": dataset.files[at] if dataset.files else "",
                "given": names[found.given[at]],
                "suggested": suggested(dataset, found, at) or "",
                "p_wrong": found.p_wrong[at],
                "suggestion_confidence": found.confidence[at],
                "truth": names[truth] if truth >= 0 else "",
            }
            rows.append(key | {"tier": tier, "rank": rank} | facts)
    return pd.DataFrame(rows) if rows else results.empty("gallery")


def _short(value: float) -> float | None:
    """Six digits, as in all tables."""
    return float(f"{value:.6g}") if np.isfinite(value) else None
