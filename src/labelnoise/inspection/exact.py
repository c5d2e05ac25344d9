"""Exact copies: examples with the same content.

Shape letters: N examples, D features.
"""

import hashlib
from collections.abc import Sequence
from pathlib import Path

import numpy as np

from labelnoise import scratch
from labelnoise.types import Dataset

TOLD_APART = 0.9  # share of the different rows of a table that a half of its columns tells apart
ROWS = 1024  # of tables at a time


def of_dataset(dataset: Dataset) -> np.ndarray:
    """int64 [N] a number per content: the file's, where examples have one; else the pixels or the row of features.
    All numbers differ where there is nothing but probabilities, which two examples may share."""
    if dataset.contents:
        return numbers(dataset.contents)
    if dataset.images.dtype == np.uint8:
        return numbers(digests(dataset.images))
    return of_table(dataset.images.reshape(len(dataset.images), -1))


def of_table(*tables: np.ndarray) -> np.ndarray:
    """int64 [N] a number per different row of `tables` [N, D], side by side, or for every row where rows may agree
    by chance."""
    return numbers(_digests_beside(tables)) if are_distinctive(*tables) else np.arange(len(tables[0]))


def are_distinctive(*tables: np.ndarray) -> bool:
    """Whether equal rows of `tables` [N, D], side by side, are copies. Rows of few numbers agree by chance, as
    answers to eight yes-or-no questions do: so every second column alone must tell nearly as many rows apart as
    all columns do."""
    if sum(table.shape[1] for table in tables) < 2:
        return False
    parts = slice(None), slice(None, None, 2), slice(1, None, 2)
    every, *halves = (len(set(_digests_beside(tables, part))) for part in parts)
    return max(halves) >= TOLD_APART * every


def _digests_beside(tables: Sequence[np.ndarray], columns: slice = slice(None)) -> list[bytes]:
    """A hash of each row of `tables` side by side, of which a block at a time is put together."""
    found: list[bytes] = []
    for at in scratch.blocks(len(tables[0]), ROWS):
        found += digests(np.concatenate([table[at] for table in tables], axis=1)[:, columns])
    return found


def of_files(paths: Sequence[Path]) -> np.ndarray:
    """int64 [N] a number per content of `paths`."""
    return numbers([hashlib.sha256(path.read_bytes()).digest() for path in paths])


def digests(examples: np.ndarray) -> list[bytes]:
    """A hash of each of `examples` [N, ...]."""
    return [hashlib.blake2b(np.ascontiguousarray(one), digest_size=16).digest() for one in examples]


def numbers(contents: Sequence) -> np.ndarray:
    """int64 [N] 0, 1, ... in the order in which `contents` first occur."""
    seen: dict = {}
    return np.array([seen.setdefault(one, len(seen)) for one in contents], np.int64)
