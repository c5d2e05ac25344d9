"""Rows and panels of a table: noise cells, methods and scores in order, and picking one cell."""

import textwrap

import pandas as pd

from labelnoise import words
from labelnoise.figures import survivors


def noises(table: pd.DataFrame) -> list[str]:
    """Noise models of `table`: no noise and labels as given first, those with the most rates next, by name."""
    rates, first = table.groupby("noise")["noise_rate"].nunique(), list(words.NOISES)
    places = {noise: first.index(noise) if noise in words.NOISES else len(first) for noise in rates.index}
    return sorted(rates.index, key=lambda noise: (places[noise], -rates[noise], noise))


def cells(table: pd.DataFrame) -> list[tuple[str, float]]:
    """(noise, noise_rate) of `table`, in the order of `noises`, then by rate."""
    pairs = table[["noise", "noise_rate"]].drop_duplicates()
    order = noises(table)
    return sorted(pairs.itertuples(index=False, name=None), key=lambda pair: (order.index(pair[0]), pair[1]))


def at(table: pd.DataFrame, noise: str, noise_rate: float) -> pd.DataFrame:
    """Rows of one noise cell; ValueError naming the cells there are when it has none."""
    rows = table[(table["noise"] == noise) & (table["noise_rate"] == noise_rate)]
    if rows.empty:
        have = ", ".join(f"{n} {r:g}" for n, r in cells(table))
        raise ValueError(f"noise, noise_rate: no rows for {noise} {noise_rate:g}; the table has {have}")
    return rows


def present(table: pd.DataFrame, methods: list[str]) -> list[str]:
    """Methods of `table` in the order of `methods`; ValueError when one of them is not in that list."""
    have = set(table["method"])
    if unknown := sorted(have - set(methods)):
        raise ValueError(f"methods: {unknown[0]!r} is in the table but not in {methods}")
    return [method for method in methods if method in have]


def oracles(table: pd.DataFrame) -> set[str]:
    """Methods that are given the truth."""
    return set(table.loc[table["oracle"].astype(bool), "method"])


def means(intervals: pd.DataFrame, metric: str, selection: str) -> pd.DataFrame:
    """Rows of `intervals` for one metric and selection, once per method and cell.

    The table repeats a mean and its interval for every baseline of the paired difference. The columns of
    `survivors.counted` come with them; a mean is missing only where every seed of the method diverged.
    """
    table = survivors.counted(intervals)
    rows = table[(table["metric"] == metric) & (table["selection"] == selection)]
    rows = rows.drop_duplicates(["network", "noise", "noise_rate", "method"])
    return rows[rows["mean"].notna() | rows["incomplete"]]


def by_mean(table: pd.DataFrame, column: str = "mean") -> list[str]:
    """Scores of `table`, the highest mean over its rows first; equal ones by name."""
    means = table.groupby("score")[column].mean().dropna()
    return sorted(means.index, key=lambda score: (-means[score], score))


def places(table: pd.DataFrame) -> list[tuple[str, tuple[str, float]]]:
    """(network, noise cell) of every panel, network by network."""
    return [(n, cell) for n in sorted(table["network"].unique()) for cell in cells(table)]


def panel_title(table: pd.DataFrame, network: str, cell: tuple[str, float]) -> str:
    """Name of a noise cell, with the network in front where there are several; long ones on two lines."""
    prefix = f"{network}: " if table["network"].nunique() > 1 else ""
    return textwrap.fill(prefix + words.cell_name(*cell), 24)


def chosen(table: pd.DataFrame, noise: str, noise_rate: float) -> tuple[str, float]:
    """The cell (noise, noise_rate) where `table` has it, else labels as given or of people, else the noisiest.

    ValueError when the table has no rows.
    """
    if table.empty:
        raise ValueError("no noise cell to choose from: the table has no rows")
    have = cells(table)
    if (noise, noise_rate) in have:
        return noise, noise_rate
    own = [cell for cell in have if cell[0] == "given" or cell[0].startswith("human_")]
    return own[0] if own else max(have, key=lambda cell: cell[1])
