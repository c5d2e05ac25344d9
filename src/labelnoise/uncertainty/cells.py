"""What all tables share that count cell by cell: which runs are a cell, its key, its random numbers.

A key is that of a run: network, noise, noise_rate, realised_rate, seed.
"""

import numpy as np
import pandas as pd

from labelnoise import results

CELL = ("network", "noise", "noise_rate")


def grouped(keys: list[dict]) -> list[list[int]]:
    """Positions of the runs of each cell, in the order in which they come."""
    cells: dict[tuple, list[int]] = {}
    for at, key in enumerate(keys):
        cells.setdefault(tuple(key[name] for name in CELL), []).append(at)
    return list(cells.values())


def key(keys: list[dict]) -> dict:
    """The key of a cell; its realised rate is the mean over seeds."""
    rate = float(np.mean([key["realised_rate"] for key in keys]))
    return {name: keys[0][name] for name in CELL} | {"realised_rate": rate}


def rng(key: dict) -> np.random.Generator:
    """A stream per cell, so that a new cell changes no other."""
    return np.random.default_rng([*map(ord, key["network"] + key["noise"]), round(key["noise_rate"] * 1e6)])


def joined(table: str, parts: list[pd.DataFrame]) -> pd.DataFrame:
    """The rows of all parts; `table` without rows where none has any."""
    filled = [part for part in parts if len(part)]
    return pd.concat(filled, ignore_index=True) if filled else results.empty(table)
