"""What all claims are made of: effects per seed, paired on the same seed, fold and noise draw."""

from collections.abc import Callable, Collection
from typing import NamedTuple

import numpy as np
import pandas as pd

from labelnoise import results
from labelnoise.statistics.proportions import Counted

Tables = dict[str, pd.DataFrame]
TABLES = ("contrasts", "alternatives", "tiers", "fit", "imbalance", "transition")
# columns that say what a number is of, and where it was taken, under names of their own
ALIKE = dict.fromkeys(("method", "score", "tier", "regularizer", "estimator"), "name")
ALIKE |= {"condition": "noise", "setting": "noise", "corruption": "noise_rate"}


class Cell(NamedTuple):
    """Where a contrast is made. Of the table `fit`, noise is the condition and noise_rate the corruption; of
    `imbalance`, which has no network and no rate, noise is the setting."""

    network: str
    noise: str
    noise_rate: float

    def __str__(self) -> str:
        return self.noise if np.isnan(self.noise_rate) else f"{self.network}, {self.noise} {self.noise_rate:g}"


class Side(NamedTuple):
    """A metric of a method, score, tier or regulariser in a cell."""

    cell: Cell
    name: str
    metric: str


def minus(left: pd.Series, right: pd.Series) -> pd.Series:
    """Difference on the seeds that both have."""
    seeds = left.index.intersection(right.index)
    return left[seeds] - right[seeds]


class Planned(NamedTuple):
    """What is to be compared, in the cell of the first side."""

    contrast: str
    sides: list[Side]
    effect: Callable[..., pd.Series] = minus  # of the sides, each by seed
    more: str = ""  # what its evidence ends with
    counts: str = ""  # column of the table with what the one side is a share of; empty: it is no share


class Contrast(NamedTuple):
    """One contrast in one cell, oriented so that the claim holds where the effect exceeds the threshold."""

    contrast: str
    cell: Cell
    unit: str
    effects: np.ndarray  # [seeds], NaN where a run diverged; empty: not tested
    threshold: float
    evidence: str  # where its numbers are, or what is missing
    counts: np.ndarray | None = None  # [seeds], of what the effects are shares; None: they are no shares
    seeds: np.ndarray | None = None  # [seeds]

    def at(self, seeds: Collection[int]) -> "Contrast":
        """On some seeds alone."""
        kept = np.isin(self.seeds, list(seeds))
        counts = None if self.counts is None else self.counts[kept]
        return self._replace(effects=self.effects[kept], counts=counts, seeds=self.seeds[kept])

    def evidenced(self) -> np.ndarray | Counted:
        """What a verdict rests on."""
        return self.effects if self.counts is None else Counted(np.rint(self.effects * self.counts), self.counts)


def alike(tables: Tables) -> Tables:
    """The tables that claims read, with the same names for their keys; without rows where they are missing."""
    found = {name: tables.get(name, results.empty(name)).rename(columns=ALIKE) for name in TABLES}
    return found | {"imbalance": found["imbalance"].assign(network="-", noise_rate=np.nan)}


def contrast(name: str, table: pd.DataFrame, planned: Planned, unit: str, threshold: float) -> Contrast:
    """What the table called `name` says; without effects where it lacks a side."""
    found, cell = [by_seed(table, side) for side in planned.sides], planned.sides[0].cell
    effects = planned.effect(*found)
    metrics = ", ".join(dict.fromkeys(side.metric for side in planned.sides))
    evidence = f"{name}: {metrics}; {cell}{planned.more}"
    if effects.empty:
        missing = [f"{side.metric} of {side.name}" for side, of in zip(planned.sides, found) if of.empty]
        evidence = f"no {' and no '.join(missing) or 'seed with both'} in {name} ({cell})"
    counts = None
    if planned.counts:
        (side,) = planned.sides
        counts = by_seed(table, side._replace(metric=planned.counts))[effects.index].to_numpy(np.float64)
    seeds = effects.index.to_numpy()
    return Contrast(planned.contrast, cell, unit, effects.to_numpy(np.float64), threshold, evidence, counts, seeds)


def by_seed(table: pd.DataFrame, side: Side) -> pd.Series:
    """A side's values by seed; empty where the table has none. Tables have rates with six digits."""
    network, noise, rate = side.cell
    chosen = (table["network"] == network) & (table["noise"] == noise) & (table["name"] == side.name)
    chosen &= np.isclose(table["noise_rate"], rate, equal_nan=True)
    long = "metric" in table
    rows = table[chosen & (table["metric"] == side.metric)] if long else table[chosen]
    return rows.set_index("seed")["value" if long else side.metric].sort_index()
