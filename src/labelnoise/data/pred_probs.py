"""The user's own predictions: probabilities of every class, by networks that were not trained on the example."""

from collections.abc import Callable

import numpy as np

from labelnoise import scratch
from labelnoise.data import faults
from labelnoise.data.faults import Faults, Kind
from labelnoise.data.own import listed

TOLERANCE = 1e-3  # of the sum of a row: probabilities are often stored in float16, or rounded


def checked(probs: np.ndarray, class_names: list[str], origin: str) -> np.ndarray:
    """`probs` [N, C] as float32, columns in the order of `class_names`; ValueError names row and column."""
    if probs.dtype.kind != "f" or probs.ndim != 2:
        raise ValueError(f"{origin}: pred_probs are {probs.dtype} of shape {probs.shape}; allowed: float [N, C]")
    if probs.shape[1] != len(class_names):
        allowed = f"{len(class_names)}, a class each: {listed(class_names)}"
        raise ValueError(f"{origin}: pred_probs have {probs.shape[1]} columns; allowed: {allowed}")
    wrong = entries("pred_probs", infinite, probs, "finite")
    wrong |= entries("pred_probs", lambda part: part < 0, probs, "0 or more")
    faults.check(wrong, origin, "rows")
    sums = probs.sum(1, dtype=np.float64)
    off = np.flatnonzero(np.abs(sums - 1) > TOLERANCE)
    places = [f"pred_probs of row {row} sum to {sums[row]:.4g}" for row in off]
    faults.check(faults.of(Kind("", "do not sum to 1", f"1 (to {TOLERANCE})"), places), origin, "rows")
    return probs.astype(np.float32, copy=False)


def infinite(part: np.ndarray) -> np.ndarray:
    return ~np.isfinite(part)


def entries(name: str, is_wrong: Callable[[np.ndarray], np.ndarray], array: np.ndarray, allowed: str) -> Faults:
    """The rows of `array` [N, D] with a wrong entry, the first of each named; {} where there is none. is_wrong:
    rows [n, D] -> bool [n, D]."""
    rows = np.flatnonzero(np.concatenate([is_wrong(array[at]).any(1) for at in scratch.blocks(len(array))]))
    columns = is_wrong(array[rows]).argmax(1)
    places = [
        f"{name}[{row}, {column}] = {array[row, column]} (row {row}, column {column})"
        for row, column in zip(rows.tolist(), columns.tolist(), strict=True)
    ]
    return faults.of(Kind("", f"have an entry that is not {allowed}", allowed), places)
