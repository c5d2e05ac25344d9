"""Tables that follow from others: on the study's own tables, and against scipy on made ones."""

from pathlib import Path

import numpy as np
import pytest
from made_accuracy import tables
from scipy import stats

from labelnoise import results
from labelnoise.archive import derived
from labelnoise.archive.derived import TABLES

TABLES_OF_THE_STUDY = Path(__file__).parents[2] / "reports" / "digits" / "tables"


@pytest.mark.parametrize("metric, table", [("test_accuracy", "accuracy"), ("brier", "calibration")])
@pytest.mark.parametrize("diverged", [False, True])
def test_intervals_are_t_intervals_of_the_tables(metric, table, diverged):
    of = tables(diverged)
    made = TABLES["intervals"].made(of, 0.95).set_index(["metric", "method", "selection", "baseline_selection"])
    assert set(made.index.get_level_values("metric")) == {"test_accuracy", "nll", "brier", "aurc"}
    wide = of[table].pivot(index="seed", columns=["method", "selection"], values=metric)
    own, base = wide["elr", "last"], wide["cross_entropy", "best_noisy_val"]
    row, kept = made.loc[metric, "elr", "last", "best_noisy_val"], own.dropna()
    assert row["n_seeds"] == len(kept) == 6 - diverged and row["realised_rate"] == pytest.approx(0.425)
    expected = stats.t.interval(0.95, len(kept) - 1, kept.mean(), stats.sem(kept))
    assert (row["low"], row["high"]) == pytest.approx(expected) and row["mean"] == pytest.approx(kept.mean())
    apart = (own - base).dropna()
    assert row["diff"] == pytest.approx(apart.mean()) and row["pair_seeds"] == len(apart)
    expected = stats.t.interval(row["diff_level"], len(apart) - 1, apart.mean(), stats.sem(apart))
    assert (row["diff_low"], row["diff_high"]) == pytest.approx(expected)
    assert made.loc[metric, "cross_entropy", "last", "last"]["diff"] == 0


@pytest.mark.parametrize("table", ["detection_intervals", "alternatives_intervals"])
def test_tables_of_the_study_follow_from_its_tables(table):
    """They were made from predictions, not from tables."""
    (needed,) = TABLES[table].needs
    made = TABLES[table].made({needed: results.read(needed, TABLES_OF_THE_STUDY)}, 0.95)
    kept = results.read(table, TABLES_OF_THE_STUDY)
    keys = [name for name in results.SCHEMA[table][0] if name != "realised_rate"]
    both = kept.merge(made, on=keys, suffixes=("", " made"), validate="1:1")
    assert len(both) == len(kept) == len(made) > 100
    assert (both["differs"].astype(bool) == both["differs made"].astype(bool)).all() and both["differs"].any()
    for name in ("mean", "low", "high", "diff", "diff_low", "diff_high", "n_seeds", "pair_seeds"):
        np.testing.assert_allclose(both[name], both[f"{name} made"].astype(float), atol=derived.SIX_DIGITS, rtol=0)


@pytest.mark.parametrize("table", TABLES)
def test_without_rows_there_is_nothing(table):
    of = {needed: results.empty(needed) for needed in TABLES[table].needs}
    made = TABLES[table].made(of, 0.95)
    assert made.empty and set(made) <= set(results.columns(table))
