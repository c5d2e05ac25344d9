"""A function per kind of comparison in claims.yaml: what is compared in which cells of its table.

What the table lacks (a method, a cell) is planned all the same, and then not tested. For a table without rows, as
where the truth is not known, nothing is planned.
"""

from collections.abc import Callable, Iterable, Iterator
from itertools import product
from typing import NamedTuple

import numpy as np
import pandas as pd

from labelnoise.claims import statements as models
from labelnoise.claims.compare import Cell, Contrast, Planned, Side, Tables, alike, contrast, minus

AT_CHANCE = 0.5  # the AUROC of an order that says nothing


def pairs(table: pd.DataFrame, of: models.Pairs) -> Iterator[Planned]:
    first, what = (f"{of.metric}_early", "{} (best_noisy_val) - {}") if of.early else (of.metric, "{} - {}")
    for (left, right), cell in product(of.pairs, _cells(table, of)):
        yield Planned(what.format(left, right), [Side(cell, left, first), Side(cell, right, of.metric)])


def level(table: pd.DataFrame, of: models.Level) -> Iterator[Planned]:
    metrics = [of.metric, of.minus] if of.minus else [of.metric]
    for name, cell in product(of.of, _cells(table, of)):
        sides = [Side(cell, name, metric) for metric in metrics]
        yield Planned(f"{name}: {of.what}", sides, minus if of.minus else _itself)


def without_noise(table: pd.DataFrame, of: models.WithoutNoise) -> Iterator[Planned]:
    for name, cell in product(of.of, _cells(table, of)):
        clean = Cell(cell.network, *models.NO_NOISE)
        sides = [Side(cell, name, of.metric), Side(clean, name, of.metric)]
        what = f"{name}: {of.metric} without noise - with noise"
        yield Planned(what, sides, lambda noisy, clean: minus(clean, noisy), " and none 0")


def damping(table: pd.DataFrame, of: models.Damping) -> Iterator[Planned]:
    """Closed forms at the same prediction, with the same learned layer; the table `gradients` has them over a grid
    of confidences."""
    for name, cell in product(of.of, _cells(table, of)):
        sides = [Side(cell, name, f"gradient_disagreeing_{layer}") for layer in ("nonlinear", of.against)]
        what = f"{name}: 1 - nonlinear / {of.against}"
        yield Planned(what, sides, lambda part, whole: minus(whole, part) / whole, "; gradients")


def scores(table: pd.DataFrame, of: models.Scores) -> Iterator[Planned]:
    """A seed in which no label is wrong has no such metric."""
    for left, right, cell in product(of.scores, of.against, _cells(table, of)):
        sides = [Side(cell, score, of.metric) for score in (left, right) if score != models.CHANCE]
        effect = _above_chance if right == models.CHANCE else _difference
        yield Planned(f"{left} - {right}", sides, effect)


def tier(table: pd.DataFrame, of: models.Tier) -> Iterator[Planned]:
    """A seed whose tier is empty says nothing."""
    for cell in _cells(table, of):
        sides = [Side(cell, of.tier, "share_wrong")]
        yield Planned(f"{of.tier} tier", sides, pd.Series.dropna, counts="count")


def fit(table: pd.DataFrame, of: models.Fit) -> Iterator[Planned]:
    """In every network, and at every corruption that the condition has."""
    rows = table[table["noise"] == of.condition]
    places = sorted(set(zip(rows["network"], rows["noise_rate"])))
    for names, (network, corruption) in product(of.regularizers, places):
        sides = [Side(Cell(network, of.condition, float(corruption)), name, of.metric) for name in names]
        alone = len(names) == 1
        what = of.metric.replace("_", " ") if alone else " - ".join(names)
        yield Planned(what, sides, _itself if alone else minus)


def imbalance(table: pd.DataFrame, of: models.Imbalance) -> Iterator[Planned]:
    """The table has no network and no noise cell: a cell is a setting."""
    for (left, right), setting in product(of.pairs, of.settings if len(table) else []):
        places = [Cell("-", name, np.nan) for name in (setting, of.against or setting)]
        sides = [Side(cell, name, of.metric) for cell, name in zip(places, (left, right))]
        what = f"{left} - {right}" if left != right else f"{left}: oversampled - as it is"
        yield Planned(what, sides, minus, f" - {of.against}" if of.against else "")


def estimators(table: pd.DataFrame, of: models.Estimators) -> Iterator[Planned]:
    for (left, right), cell in product(of.pairs, _cells(table, of)):
        yield Planned(f"{left} - {right}", [Side(cell, name, of.metric) for name in (left, right)], _difference)


class Kind(NamedTuple):
    """How comparisons of a kind are made."""

    table: str
    planned: Callable[[pd.DataFrame, models.Comparison], Iterable[Planned]]


KINDS = {
    "pairs": Kind("contrasts", pairs),
    "level": Kind("contrasts", level),
    "without_noise": Kind("contrasts", without_noise),
    "damping": Kind("contrasts", damping),
    "scores": Kind("alternatives", scores),
    "tier": Kind("tiers", tier),
    "fit": Kind("fit", fit),
    "imbalance": Kind("imbalance", imbalance),
    "estimators": Kind("transition", estimators),
}


def run(tables: Tables, statements: dict[str, models.Statement]) -> dict[str, list[Contrast]]:
    """The contrasts of every claim, by its name."""
    found = alike(tables)
    return {name: [row for of in said.compare for row in _rows(found, of)] for name, said in statements.items()}


def _rows(tables: Tables, of: models.Comparison) -> Iterator[Contrast]:
    name, planned = KINDS[of.kind]
    for one in planned(tables[name], of):
        yield contrast(name, tables[name], one, of.unit, of.threshold)


def _cells(table: pd.DataFrame, of: models.Comparison) -> list[Cell]:
    """The comparison's noise cells on every network of the table."""
    networks = sorted(table["network"].unique())
    return [Cell(network, *cell) for network in networks for cell in of.noise_cells()]


def _itself(values: pd.Series) -> pd.Series:
    return values


def _difference(left: pd.Series, right: pd.Series) -> pd.Series:
    return minus(left, right).dropna()


def _above_chance(values: pd.Series) -> pd.Series:
    return (values - AT_CHANCE).dropna()
