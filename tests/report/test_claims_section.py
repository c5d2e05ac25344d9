import numpy as np
import pandas as pd
import synthetic_tables

from labelnoise import words
from labelnoise.report import by_method, claims

TABLES = synthetic_tables.make(methods=["cross_entropy", "mae"], seeds=2, epochs=3)


def test_every_statement_has_what_was_said_tested_and_found():
    told = {statement.id: statement for statement in claims.statements(TABLES)}
    assert list(told) == [1, 2, 3, 4, 5, 6]
    assert told[1].outcome == (
        "2 comparisons: 2 refuted. Effects (accuracy, percentage points) from −5.0 (mae - cross_entropy; "
        "symmetric 0.4, mlp) to −3.0 (gce - cross_entropy; symmetric 0.4, mlp)."
    )
    assert told[3].outcome == (
        "2 comparisons: 1 supported, 1 refuted. Effect (epochs) 7.5 (elr: lead; symmetric 0.4, mlp). "
        "Effect (accuracy, percentage points) −2.0 (joint_hard - joint_optimization; symmetric 0.4, mlp)."
    )
    assert told[4].outcome.endswith(
        "Open at look one, open at look two. It would be supported from an effect of 2.0 in mae - cross_entropy "
        "(symmetric 0.4, mlp)."
    )
    assert told[5].outcome.startswith("Not tested")
    assert (told[2].verdict, told[6].verdict, told[6].outcome) == ("yes", "by algebra", "made-up proof")


def test_what_could_not_be_tested_says_what_it_lacks():
    rows = TABLES["claims"]
    unknown = {
        "effect": np.nan,
        "low": np.nan,
        "high": np.nan,
        "alpha_low": np.nan,
        "alpha_high": np.nan,
        "needed": np.nan,
        "verdict": "not tested",
        "n_seeds": 0,
    }
    lacking = [
        rows[rows["id"] == 2].assign(**unknown, contrast=f"{name} - mae", evidence=f"no {name} in a table")
        for name in ("gce", "elr", "sop")
    ]
    whole = [part.assign(id=5) for part in lacking]
    more = TABLES | {"claims": pd.concat([rows, lacking[0], *whole])}
    told = {statement.id: statement.outcome for statement in claims.statements(more)}
    assert told[2].startswith("2 comparisons: 1 supported, 1 not tested. Effect (accuracy")
    assert told[2].endswith("Not tested: no gce in a table.")
    assert told[5] == "Not tested: no gce in a table; no elr in a table; and 1 more."
    frame = claims.table(more["claims"]).frame.set_index("row")
    assert frame.loc["gce - mae", ["effect", "seeds", "verdict"]].iloc[0].tolist() == ["–", "0", "not tested"]
    assert claims.statements(TABLES | {"claims": lacking[0]}) == []  # as where nothing could be tested
    assert "nan" not in claims.table(pd.concat([rows, *whole])).note


def test_wrong_as_written_is_what_the_table_says():
    assert [statement.id for statement in claims.wrong(claims.statements(TABLES))] == [1]
    assert claims.summary(TABLES) == [
        "Of 5 claims about statements of the note, 2 refuted, 1 open, 1 by algebra, 1 not tested. "
        "Of 1 question, 1 yes. Wrong as the note writes them: no. 1."
    ]


def test_the_comparison_that_refutes_is_named():
    named = {statement.id: statement.against for statement in claims.statements(TABLES)}
    assert named[3] == "joint_hard - joint_optimization (mlp, symmetric 0.4)" and named[2] == named[4] == ""


def test_the_table_has_effect_bounds_threshold_and_verdict_in_the_unit_of_the_row():
    frame = claims.table(TABLES["claims"]).frame.set_index("row")
    row = frame.loc["mae - cross_entropy"].iloc[0]
    columns = ["effect", "lower bound", "upper bound", "threshold", "verdict"]
    assert list(row[columns]) == ["−5.0", "−6.0", "−4.0", "1.0", "refuted"]
    assert frame.loc["elr: lead", "effect"] == "7.5" and frame.loc["elr: lead", "unit"] == "epochs"


def test_the_level_of_each_family_is_told():
    assert "of a lower bound 2.50% in losses, 2.50% in joint optimisation." in claims.table(TABLES["claims"]).note


def test_nothing_without_the_tables():
    assert claims.statements({}) == [] and claims.summary({}) == []


def test_results_by_method_name_family_accuracy_and_difference():
    found = by_method.entries(
        TABLES, ["cross_entropy", "mae"], {"joint_hard": "joint_optimization", "joint": "mae"}
    )
    headings = list(found)
    assert headings[0].startswith("Baselines: ") and headings[1].startswith("Robust losses: ")
    rows = TABLES["intervals"].query("method == 'mae' and metric == 'test_accuracy' and noise == 'pair_flip'")
    row = rows.query("selection == 'last' and baseline_selection == 'best_noisy_val'").iloc[0]
    line = next(line for line in found[headings[1]]["mae"].splitlines() if "pair flip" in line)
    assert f"| {100 * row['mean']:.1f} [{100 * row['low']:.1f}, " in line
    assert f"{100 * row['diff']:+z.1f}".replace("-", "−") in line.split("|")[4]
    variants = found[headings[2]]
    assert "A form of `joint_optimization`." in variants["joint_hard"] and "claim 3" in variants["joint_hard"]
    assert "| symmetric 0.4 | 60.0 (50.0–70.0)" in variants["joint_hard"]
    assert "No comparison" in variants["joint"]  # which is only a part of another name


def test_one_heading_per_method_over_data_sets():
    one = {"Robust losses: x.": {"mae": "first"}}
    two = {"Robust losses: x.": {"mae": "second", "gce": "third"}}
    assert by_method.grouped({"digits": one, "fashion_mnist": two}) == [
        (
            "Robust losses: x.",
            [
                by_method.Entry("mae", words.about("mae"), [("digits", "first"), ("fashion mnist", "second")]),
                by_method.Entry("gce", words.about("gce"), [("fashion mnist", "third")]),
            ],
        )
    ]
