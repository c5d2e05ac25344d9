"""The list that goes out to people: what to recheck first, as a CSV file and as a gallery of each tier.

Names stand in the file as they are, so that answers find their examples again. A spreadsheet takes a name that
begins with = + - or @ for a formula: import such columns as text.

Shape letters: N examples of the data set, M rows of the list.
"""

import csv
import io

import numpy as np
import pandas as pd

from labelnoise.detect import tiers
from labelnoise.recheck.detected import Judgement
from labelnoise.types import Dataset

SHOWN = ("sure", "obvious", "possible")  # tiers of the gallery; obvious ones that are not sure


def ranked(found: Judgement) -> np.ndarray:
    """Positions [M] of the examples to recheck, the most suspect first; those already rechecked are left out."""
    open_ = np.isfinite(found.p_wrong) & (found.given >= 0) & (found.answers < 0)
    at = np.flatnonzero(open_)
    return at[np.argsort(-found.p_wrong[at], kind="stable")]


def to_recheck(dataset: Dataset, found: Judgement) -> list[dict]:
    """Rows of the list. `file` is there where examples have files; classes are names."""
    rows = []
    for rank, at in enumerate(ranked(found).tolist(), 1):
        file = {"file": dataset.files[at]} if dataset.files else {}
        facts = {
            "given": dataset.class_names[found.given[at]],
            "p_wrong": _short(found.p_wrong[at]),
            "tier": tiers.NAMES[found.tier[at]],
            "suggestion": dataset.class_names[found.suggestion[at]],
            "suggestion_confidence": _short(found.confidence[at]),
        }
        rows.append({"rank": rank, "index": at, **file, **facts})
    return rows


def text(dataset: Dataset, rows: list[dict]) -> str:
    """`rows` as CSV: every text is quoted, since a name may hold a comma, a quote or the end of a line."""
    file = ["file"] if dataset.files else []
    columns = ["rank", "index", *file, "given", "p_wrong", "tier", "suggestion", "suggestion_confidence"]
    stream = io.StringIO(newline="")
    writer = csv.DictWriter(stream, columns, quoting=csv.QUOTE_NONNUMERIC, lineterminator="\n")
    writer.writeheader()
    writer.writerows(rows)
    return stream.getvalue()


def said(found: Judgement) -> str:
    """How long the list is, and how many examples it leaves out."""
    answered = int(((found.answers >= 0) & (found.given >= 0)).sum())
    return f"{len(ranked(found))} labels to recheck, {answered} left out that have been rechecked"


def gallery(key: dict, dataset: Dataset, found: Judgement, most: int) -> pd.DataFrame:
    """Table `gallery`: at most `most` examples of each tier, the most suspect first. key: the run's key
    columns."""
    names, order = dataset.class_names, ranked(found)
    rows = []
    for tier in SHOWN:
        of_tier = order[found.tier[order] == tiers.NAMES.index(tier)][:most]
        for rank, at in enumerate(of_tier.tolist(), 1):
            truth = dataset.clean_labels[at]
            facts = {
                "index": at,
                "file": dataset.files[at] if dataset.files else "",
                "given": names[found.given[at]],
                "suggested": names[found.suggestion[at]],
                "p_wrong": found.p_wrong[at],
                "suggestion_confidence": found.confidence[at],
                "truth": names[truth] if truth >= 0 else "",
            }
            rows.append(key | {"tier": tier, "rank": rank} | facts)
    return pd.DataFrame(rows)


def _short(value: float) -> float:
    """Six digits, as in all tables."""
    return float(f"{value:.6g}")
