"""What all claims are made of: effects per seed, paired on the same seed, fold and noise draw.

A claim's function gets the result tables by name and its section of params.yaml, and returns what it tests,
one `Contrast` per row of the table `claims`. What a table lacks (a method, a cell, the table itself) gives no row.
"""

from collections.abc import Iterator
from typing import Any, NamedTuple

import numpy as np
import pandas as pd

Tables = dict[str, pd.DataFrame]
Section = dict[str, Any]


class Cell(NamedTuple):
    """Where a contrast is made. Of the table `fit`, noise is the condition and noise_rate the corruption."""

    network: str
    noise: str
    noise_rate: float


class Contrast(NamedTuple):
    """One contrast in one cell, oriented so that the claim holds where the effect exceeds the threshold."""

    contrast: str
    cell: Cell
    unit: str
    effects: np.ndarray  # [seeds], NaN where a run diverged
    threshold: float
    evidence: str


def by_seed(table: pd.DataFrame, value: str, **where: Any) -> pd.Series:
    """Column `value` by seed, of the rows where each named column has the given value; empty where none has."""
    chosen = np.ones(len(table), bool)
    for column, wanted in where.items():
        same = np.isclose(table[column], wanted) if isinstance(wanted, float) else table[column] == wanted
        chosen &= np.asarray(same)
    return table[chosen].set_index("seed")[value].sort_index()


def row(
    contrast: str, cell: Cell, unit: str, effects: pd.Series, threshold: float, evidence: str
) -> list[Contrast]:
    """One row, or none where no seed has both sides of the contrast."""
    if effects.empty:
        return []
    return [Contrast(contrast, cell, unit, effects.to_numpy(np.float64), threshold, evidence)]


def minus(left: pd.Series, right: pd.Series) -> pd.Series:
    """Difference on the seeds that both have."""
    seeds = left.index.intersection(right.index)
    return left[seeds] - right[seeds]


def cells(tables: Tables, section: Section, table: str = "contrasts") -> Iterator[Cell]:
    """The claim's noise cells on every network of `table`; none where it is missing or empty."""
    if table in tables:
        for network in sorted(tables[table]["network"].unique()):
            for noise, rates in section["cells"].items():
                yield from (Cell(network, noise, float(rate)) for rate in rates)


def metric(tables: Tables, cell: Cell, method: str, name: str) -> pd.Series:
    """A metric of a method's runs in one cell, by seed."""
    return by_seed(tables["contrasts"], "value", **cell._asdict(), method=method, metric=name)


def source(cell: Cell, *metrics: str, table: str = "contrasts") -> str:
    """Where in `table` a row's numbers are."""
    return f"{table}: {', '.join(metrics)}; {cell.network}, {cell.noise} {cell.noise_rate:g}"


def pairs(tables: Tables, section: Section, name: str = "test_accuracy", unit: str = "accuracy") -> list[Contrast]:
    """left - right of every pair in every cell."""
    found = []
    for left, right in section["pairs"]:
        for cell in cells(tables, section):
            effects = minus(metric(tables, cell, left, name), metric(tables, cell, right, name))
            facts = (f"{left} - {right}", cell, unit, effects, section["threshold"], source(cell, name))
            found += row(*facts)
    return found
