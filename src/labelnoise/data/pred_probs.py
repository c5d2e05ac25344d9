"""The user's own predictions: probabilities of every class, by networks that were not trained on the example."""

import numpy as np

from labelnoise.data.own import listed

TOLERANCE = 1e-3  # of the sum of a row: probabilities are often stored in float16, or rounded


def checked(probs: np.ndarray, class_names: list[str], origin: str) -> np.ndarray:
    """`probs` [N, C] as float32, columns in the order of `class_names`; ValueError names row and column."""
    if probs.dtype.kind != "f" or probs.ndim != 2:
        raise ValueError(f"{origin}: pred_probs are {probs.dtype} of shape {probs.shape}; allowed: float [N, C]")
    if probs.shape[1] != len(class_names):
        allowed = f"{len(class_names)}, a class each: {listed(class_names)}"
        raise ValueError(f"{origin}: pred_probs have {probs.shape[1]} columns; allowed: {allowed}")
    for wrong, allowed in ((~np.isfinite(probs), "finite"), (probs < 0, "0 or more")):
        if wrong.any():
            row, column = np.argwhere(wrong)[0]
            where = f"pred_probs[{row}, {column}] = {probs[row, column]} (row {row}, column {column})"
            raise ValueError(f"{origin}: {where}; allowed: {allowed}")
    sums = probs.sum(1, dtype=np.float64)
    off = np.flatnonzero(np.abs(sums - 1) > TOLERANCE)
    if len(off):
        raise ValueError(
            f"{origin}: pred_probs of row {off[0]} sum to {sums[off[0]]:.4g}; allowed: 1 (to {TOLERANCE})"
        )
    return probs.astype(np.float32)
