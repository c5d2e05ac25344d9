"""Effects are paired by seed; what is missing is not tested, and says what it lacks."""

import numpy as np
import pandas as pd
import pytest
from hand_made import accuracies, compared, contrasts

from labelnoise.claims import compare
from labelnoise.claims.compare import Cell, Planned, Side

HERE = Cell("mlp", "symmetric", 0.4)


def test_by_seed_finds_rates_that_were_written_with_six_digits():
    table = contrasts({("a", "nll", "symmetric", 0.333333): 5.0, ("a", "nll", "symmetric", 0.4): 6.0})
    table = compare.alike(table)["contrasts"]
    found = compare.by_seed(table, Side(Cell("mlp", "symmetric", 1 / 3), "a", "nll"))
    assert found.mean() == pytest.approx(5) and list(found.index) == list(range(10))
    assert compare.by_seed(table, Side(Cell("mlp", "symmetric", 0.33), "a", "nll")).empty


def test_minus_pairs_by_seed_whatever_the_order():
    left, right = pd.Series({2: 5.0, 0: 1.0, 7: 9.0}), pd.Series({0: 0.5, 2: 1.0, 8: 0.0})
    assert dict(compare.minus(left, right)) == {0: 0.5, 2: 4.0}


def test_pairs_gives_left_minus_right_of_every_pair_and_cell():
    found = compared(accuracies(a=0.9, b=0.8, c=0.7), "pairs", pairs=[["a", "b"], ["c", "a"]])
    assert [(row.contrast, row.cell, row.unit) for row in found] == [
        ("a - b", HERE, "accuracy"),
        ("c - a", HERE, "accuracy"),
    ]
    assert [row.effects.mean() for row in found] == pytest.approx([0.1, -0.2])
    assert found[0].evidence == "contrasts: test_accuracy; mlp, symmetric 0.4"
    assert found[0].effects.shape == (10,)


@pytest.mark.parametrize(
    ("pair", "cells", "missing"),
    [
        (["a", "gone"], {"symmetric": [0.4]}, "no test_accuracy of gone in contrasts (mlp, symmetric 0.4)"),
        (["lost", "gone"], {"symmetric": [0.4]}, "no test_accuracy of lost and no test_accuracy of gone in"),
        (["a", "b"], {"pair_flip": [0.45]}, "no test_accuracy of a and no test_accuracy of b"),
    ],
)  # fmt: skip
def test_what_is_missing_is_not_tested_and_says_so(pair, cells, missing):
    (found,) = compared(accuracies(a=0.9, b=0.8), "pairs", pairs=[pair], cells=cells)
    assert not len(found.effects) and found.evidence.startswith(missing)


def test_seeds_that_only_one_side_has_are_no_comparison():
    table = accuracies(a=0.9, b=0.8)["contrasts"]
    apart = table[(table["method"] == "a") == (table["seed"] < 5)]
    (found,) = compared({"contrasts": apart}, "pairs", pairs=[["a", "b"]])
    assert found.evidence == "no seed with both in contrasts (mlp, symmetric 0.4)"


@pytest.mark.parametrize("tables", [{}, {"contrasts": accuracies(a=1.0)["contrasts"][:0]}])
def test_without_a_table_nothing_is_compared(tables):
    assert compared(tables, "pairs", pairs=[["a", "b"]]) == []


def test_a_diverged_seed_stays_as_nan():
    tables = accuracies(a=0.9, b=0.8)
    table = tables["contrasts"]
    table.loc[(table["method"] == "a") & (table["seed"] == 3), "value"] = np.nan
    (found,) = compared(tables, "pairs", pairs=[["a", "b"]])
    assert np.flatnonzero(np.isnan(found.effects)) == [3]


def test_every_network_has_its_own_row():
    def runs(network, a):
        means = {"a": a, "b": 0.8}
        return contrasts({(name, "test_accuracy", "symmetric", 0.4): of for name, of in means.items()}, network)

    tables = {"contrasts": pd.concat([runs("mlp", 0.9)["contrasts"], runs("cnn", 0.5)["contrasts"]])}
    found = compared(tables, "pairs", pairs=[["a", "b"]])
    assert [(row.cell.network, round(row.effects.mean(), 6)) for row in found] == [("cnn", -0.3), ("mlp", 0.1)]


def test_the_effect_is_that_of_the_sides_in_order():
    table = compare.alike(accuracies(a=0.9, b=0.8))["contrasts"]
    sides = [Side(HERE, name, "test_accuracy") for name in "ab"]
    planned = Planned("b - a", sides, lambda a, b: compare.minus(b, a), " and more")
    found = compare.contrast("contrasts", table, planned, "accuracy", 0.0)
    assert found.effects.mean() == pytest.approx(-0.1) and found.evidence.endswith("symmetric 0.4 and more")
