"""Effects are paired by seed; what is missing gives no row."""

import numpy as np
import pandas as pd
import pytest
from hand_made import accuracies, contrasts, section

from labelnoise.claims import compare
from labelnoise.claims.compare import Cell

HERE = Cell("mlp", "symmetric", 0.4)


def test_by_seed_finds_rates_that_were_written_with_six_digits():
    table = pd.DataFrame({"noise_rate": [0.333333, 0.4], "seed": [1, 0], "value": [5.0, 6.0]})
    assert dict(compare.by_seed(table, "value", noise_rate=1 / 3)) == {1: 5.0}
    assert dict(compare.by_seed(table, "value", noise_rate=0.33)) == {}


def test_minus_pairs_by_seed_whatever_the_order():
    left, right = pd.Series({2: 5.0, 0: 1.0, 7: 9.0}), pd.Series({0: 0.5, 2: 1.0, 8: 0.0})
    assert dict(compare.minus(left, right)) == {0: 0.5, 2: 4.0}


def test_pairs_gives_left_minus_right_of_every_pair_and_cell():
    tables = accuracies(a=0.9, b=0.8, c=0.7)
    found = compare.pairs(tables, section([["a", "b"], ["c", "a"]]))
    assert [(row.contrast, row.cell, row.unit) for row in found] == [
        ("a - b", HERE, "accuracy"),
        ("c - a", HERE, "accuracy"),
    ]
    assert [row.effects.mean() for row in found] == pytest.approx([0.1, -0.2])
    assert found[0].evidence == "contrasts: test_accuracy; mlp, symmetric 0.4"
    assert found[0].effects.shape == (10,)


def test_what_is_missing_gives_no_row():
    tables = accuracies(a=0.9, b=0.8)
    assert compare.pairs(tables, section([["a", "gone"]])) == []
    assert compare.pairs(tables, section([["a", "b"]], noise="asymmetric")) == []
    assert compare.pairs({}, section([["a", "b"]])) == []


def test_a_diverged_seed_stays_as_nan():
    tables = accuracies(a=0.9, b=0.8)
    table = tables["contrasts"]
    table.loc[(table["method"] == "a") & (table["seed"] == 3), "value"] = np.nan
    (found,) = compare.pairs(tables, section([["a", "b"]]))
    assert np.flatnonzero(np.isnan(found.effects)) == [3]


def test_every_network_has_its_own_row():
    both = contrasts(
        {("a", "test_accuracy", "symmetric", 0.4): 0.9, ("b", "test_accuracy", "symmetric", 0.4): 0.8}
    )
    other = contrasts(
        {("a", "test_accuracy", "symmetric", 0.4): 0.5, ("b", "test_accuracy", "symmetric", 0.4): 0.8}, "cnn"
    )
    tables = {"contrasts": pd.concat([both["contrasts"], other["contrasts"]])}
    found = compare.pairs(tables, section([["a", "b"]]))
    assert [(row.cell.network, round(row.effects.mean(), 6)) for row in found] == [("cnn", -0.3), ("mlp", 0.1)]
