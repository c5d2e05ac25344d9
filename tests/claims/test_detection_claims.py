"""Claims 13, 14, 15, 19 on hand-made tables, and nothing where the truth is not known."""

import runpy
import sys
from pathlib import Path
from typing import get_args

import numpy as np
import pandas as pd
import pytest
from hand_made import SPREAD, alternatives, tiers, verdicts

from labelnoise import results
from labelnoise.alternatives.scores import OF_BAGS, SCORES
from labelnoise.claim_sections import OF_BOOTSTRAP, Score
from labelnoise.claims import detection as claims
from labelnoise.claims import statements, verdict

ROOT = Path(__file__).parents[2]
CELLS = {"cells": {"symmetric": [0.4]}}
SECTIONS = {
    "training_dynamics": {"threshold": 0.01, "scores": ["aum", "forgetting"], "against": ["loss_last"], **CELLS},
    "bootstrap_uncertainty": {"threshold": 0.1, "scores": ["oob_entropy", "oob_margin"], **CELLS},
    "sample_and_class": {
        "threshold": 0.01, "scores": ["noise_model"], "against": ["sample_only", "class_only", "mixture"], **CELLS
    },
    "obvious_errors": {"threshold": 0.95, **CELLS},
}  # fmt: skip
IDS = (13, 14, 15, 19)


def test_training_dynamics_are_held_against_the_last_loss_score_by_score():
    tables = alternatives(loss_last=(0.84, 0.69), aum=(0.93, 0.88), forgetting=(0.9, 0.6))
    tested = claims.training_dynamics(tables, SECTIONS["training_dynamics"])
    assert verdicts(tested) == {"aum - loss_last": "supported", "forgetting - loss_last": "refuted"}
    # of the precision and not the AUROC; the spread over seeds is the same on both sides
    np.testing.assert_allclose(tested[0].effects, 0.19)
    assert tested[0].evidence == "alternatives: auprc; mlp, symmetric 0.4" and tested[0].unit == "AUPRC"


@pytest.mark.parametrize(("auroc", "expected"), [(0.54, "refuted"), (0.601, "inconclusive"), (0.9, "supported")])
def test_bootstrap_uncertainty_is_held_against_chance(auroc, expected):
    tables = alternatives(oob_entropy=(auroc, 0.3), oob_margin=(0.95, 0.9))
    tested = claims.bootstrap_uncertainty(tables, SECTIONS["bootstrap_uncertainty"])
    assert verdicts(tested) == {"oob_entropy - chance": expected, "oob_margin - chance": "supported"}
    np.testing.assert_allclose(tested[0].effects, auroc + SPREAD[:4] - 0.5)


def test_sample_and_class_is_held_against_either_alone_and_the_mixture():
    tables = alternatives(
        noise_model=(0.99, 0.98), sample_only=(0.98, 0.9), class_only=(0.6, 0.5), mixture=(0.99, 0.985)
    )
    assert verdicts(claims.sample_and_class(tables, SECTIONS["sample_and_class"])) == {
        "noise_model - sample_only": "supported",
        "noise_model - class_only": "supported",
        "noise_model - mixture": "refuted",
    }


@pytest.mark.parametrize(
    ("shares", "expected"),
    [((0.98, 0.985, 0.975, 0.98), "supported"), ((0.9, 0.91, 0.9, 0.89), "refuted"),
     ((0.99, 0.91, 0.97, 0.94), "inconclusive"), ((1.0, 1.0, 1.0, 1.0), "supported")],
)  # fmt: skip
def test_obvious_errors_are_to_be_right_in_95_of_100(shares, expected):
    tested = claims.obvious_errors(tiers(*shares), SECTIONS["obvious_errors"])
    assert verdicts(tested) == {"obvious tier": expected}
    assert (tested[0].threshold, tested[0].evidence) == (0.95, "tiers: share_wrong; mlp, symmetric 0.4")


def test_a_seed_without_obvious_examples_is_left_out_and_other_tiers_do_not_count():
    table = tiers(0.98, np.nan, 0.97)["tiers"]
    others = pd.concat([table, tiers(0.1, 0.2, 0.3, tier="possible")["tiers"]])
    (tested,) = claims.obvious_errors({"tiers": others}, SECTIONS["obvious_errors"])
    np.testing.assert_array_equal(tested.effects, [0.98, 0.97])
    assert claims.obvious_errors(tiers(np.nan, np.nan), SECTIONS["obvious_errors"]) == []


def test_differences_are_paired_on_the_seeds_that_both_scores_have():
    short, long = alternatives(2, aum=(0.9, 0.8)), alternatives(4, loss_last=(0.9, 0.5))
    tables = {"alternatives": pd.concat([short["alternatives"], long["alternatives"]])}
    (tested,) = claims.training_dynamics(tables, SECTIONS["training_dynamics"])
    np.testing.assert_allclose(tested.effects, [0.3, 0.3])


def test_a_cell_or_a_score_that_is_not_there_gives_no_row():
    tables = alternatives(aum=(0.9, 0.8), loss_last=(0.8, 0.7))
    elsewhere = SECTIONS["training_dynamics"] | {"cells": {"symmetric": [0.2], "pair_flip": [0.4]}}
    assert claims.training_dynamics(tables, elsewhere) == []
    assert claims.sample_and_class(tables, SECTIONS["sample_and_class"]) == []


@pytest.fixture
def unknown_truth(tmp_path):
    """`alternatives` and `tiers` as they are written without the truth: read back from their header alone."""
    for name in ("alternatives", "tiers"):
        results.write(name, pd.DataFrame(columns=results.columns(name)), tmp_path)
    return {name: results.read(name, tmp_path) for name in ("alternatives", "tiers")}


@pytest.mark.parametrize("missing", [True, False])
def test_without_the_truth_nothing_is_tested_and_the_statement_says_so(missing, unknown_truth):
    tested = statements.run({} if missing else unknown_truth, SECTIONS)
    assert tested == {number: [] for number in IDS}
    table = verdict.table(tested, statements.STATEMENTS, 0.95, 0.25)
    told = verdict.statements_table(table, statements.STATEMENTS).set_index("id")
    assert table.empty and set(told.loc[list(IDS), "verdict"]) == {"not tested"}


def test_they_are_a_family_of_their_own():
    tables = alternatives(loss_last=(0.8, 0.7), aum=(0.9, 0.8), forgetting=(0.9, 0.8)) | tiers(0.98, 0.97)
    sections = {name: SECTIONS[name] for name in ("training_dynamics", "obvious_errors")}
    table = verdict.table(statements.run(tables, sections), statements.STATEMENTS, 0.95, 0.25)
    assert list(table["id"]) == [13, 13, 19] and set(table["family"]) == {"detection"}
    np.testing.assert_allclose(table["level"], 1 - 0.05 / 3)
    assert list(table["n_seeds"]) == [4, 4, 2]


def test_claims_may_name_every_score():
    assert SCORES.keys() | OF_BOOTSTRAP <= set(get_args(Score))
    assert OF_BAGS.keys() <= OF_BOOTSTRAP


def run_stage(tables: dict[str, pd.DataFrame], folder: Path, monkeypatch) -> pd.DataFrame:
    """The stage as it is run, on these tables and headers of the others: the table `claims` that it writes."""
    for name in ("contrasts", "fit", "imbalance", "intervals"):
        results.write(name, pd.DataFrame(columns=results.columns(name)), folder)
    for name, table in tables.items():
        results.write(name, table, folder)
    monkeypatch.chdir(ROOT)
    monkeypatch.setattr(sys, "argv", ["claims.py", "--dataset", "digits", "--tables", str(folder)])
    runpy.run_path(str(ROOT / "stages" / "claims.py"), run_name="__main__")
    return results.read("claims", folder)


def test_the_stage_reads_what_it_finds(tmp_path, monkeypatch):
    both = alternatives(loss_last=(0.8, 0.5), aum=(0.9, 0.9)) | tiers(0.98, 0.97, 0.98)
    table = run_stage(both, tmp_path, monkeypatch)
    assert list(zip(table["id"], table["contrast"])) == [(13, "aum - loss_last"), (19, "obvious tier")]


def test_the_stage_does_without_them(tmp_path, monkeypatch):
    assert run_stage({}, tmp_path, monkeypatch).empty
