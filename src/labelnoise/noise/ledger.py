"""What the noise turned out to be: realised transition and rate, a fingerprint, and the ledger's rows."""

import hashlib
import json

import numpy as np

from labelnoise.noise.types import Drawn


def realised_transition(clean_labels: np.ndarray, labels: np.ndarray, num_classes: int) -> np.ndarray:
    """Share [C, C] of each clean class that carries each label; rows sum to one.

    Examples whose truth is not known (-1) do not count. A class without examples gets its identity row:
    nothing was seen to be wrong with it. Without any known truth at all every entry is NaN.
    """
    known = clean_labels >= 0
    if not known.any():
        return np.full((num_classes, num_classes), np.nan)
    counts = np.zeros((num_classes, num_classes))
    np.add.at(counts, (clean_labels[known], labels[known]), 1.0)
    counts[counts.sum(1) == 0] = np.eye(num_classes)[counts.sum(1) == 0]
    return counts / counts.sum(1, keepdims=True)


def realised_rate(clean_labels: np.ndarray, labels: np.ndarray) -> float:
    """Share of labels [N] that are not the clean label, where that is known; NaN where it never is."""
    known = clean_labels >= 0
    return float((labels[known] != clean_labels[known]).mean()) if known.any() else float("nan")


def label_imbalance(labels: np.ndarray, num_classes: int) -> float:
    """How many labels [N] name the most frequent class, by those that name the rarest; NaN where one is never
    named. People prefer classes: of CIFAR-100N it is 4, where the true classes are equally frequent."""
    counts = np.bincount(labels, minlength=num_classes)
    return float(counts.max() / counts.min()) if counts.min() else float("nan")


def label_hash(labels: np.ndarray) -> str:
    """First 16 hexadecimal digits of the SHA-256 of `labels` [N] as little-endian 64-bit integers."""
    return hashlib.sha256(labels.astype("<i8").tobytes()).hexdigest()[:16]


def matrix_text(matrix: np.ndarray) -> str:
    """`matrix` [C, C] as a JSON list of rows, rounded to four decimals; NaN is null."""
    return json.dumps([[_entry(x) for x in row] for row in matrix.tolist()], separators=(",", ":"))


def ledger_row(noise: str, rate: float, seed: int, drawn: Drawn, clean_labels: np.ndarray) -> dict[str, object]:
    """The ledger's row of one draw: the columns of results.SCHEMA['ledger'].

    clean_labels: int64 [N], of the same examples as `drawn.labels`.
    """
    realised = realised_transition(clean_labels, drawn.labels, len(drawn.transition))
    return {
        "noise": noise,
        "noise_rate": rate,
        "seed": seed,
        "definition": drawn.definition,
        "convention": drawn.convention,
        "realised_rate": realised_rate(clean_labels, drawn.labels),
        "label_imbalance": label_imbalance(drawn.labels, len(drawn.transition)),
        "examples": len(drawn.labels),
        "designed_transition": matrix_text(drawn.transition),
        "realised_transition": matrix_text(realised),
        "hash": label_hash(drawn.labels),
    }


def _entry(value: float) -> float | None:
    # 0.0 becomes 0: with 100 classes most entries are zero, and the table is committed
    return None if np.isnan(value) else round(value, 4) or 0
