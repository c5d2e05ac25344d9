"""Noise cells of a table: their order, their names, and picking one of them."""

import textwrap

import pandas as pd

from labelnoise.figures import survivors

SELECTIONS = {
    "last": "last epoch",
    "best_noisy_val": "early stopping",
    "best_test": "best test epoch (leaky)",
}


# noises that have one cell: how people call it
ONLY = {"none": "no noise", "given": "labels as given", "rechecked": "labels as given, rechecked"}


def name(text: str) -> str:
    """A name as people write it: `pair_flip` is "pair flip", `oob_entropy` is "out-of-bag entropy"."""
    return text.replace("oob_", "out-of-bag ").replace("_", " ")


def title(method: str) -> str:
    """A method's name on two lines where it is long, for narrow panels."""
    return textwrap.fill(name(method), 18)


def cell_name(noise: str, noise_rate: float) -> str:
    """A noise cell as people write it: "symmetric 0.4"; the rate is left out where it says nothing."""
    return ONLY[noise] if noise in ONLY else f"{name(noise)} {noise_rate:g}"


def noise_name(noise: str) -> str:
    """A noise model as people write it."""
    return ONLY.get(noise, name(noise))


def noises(table: pd.DataFrame) -> list[str]:
    """Noise models of `table`: no noise and labels as given first, those with the most rates next, by name."""
    rates, first = table.groupby("noise")["noise_rate"].nunique(), list(ONLY)
    places = {noise: first.index(noise) if noise in ONLY else len(first) for noise in rates.index}
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
