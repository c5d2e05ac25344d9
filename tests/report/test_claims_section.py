import numpy as np
import pandas as pd
import synthetic_tables

from labelnoise.report import claims, tally

TABLES = synthetic_tables.make(methods=["cross_entropy", "mae"], seeds=2, epochs=3)


def test_every_statement_has_what_was_said_tested_and_found():
    told = {statement.id: statement for statement in claims.statements(TABLES)}
    assert list(told) == [1, 2, 3, 4, 5, 6]
    assert told[1].outcome == (
        "2 comparisons: 2 refuted. Effects (accuracy, percentage points) from −5.0 (MAE minus cross entropy; "
        "symmetric 0.4, mlp) to −3.0 (GCE minus cross entropy; symmetric 0.4, mlp)."
    )
    assert told[3].outcome == (
        "2 comparisons: 1 supported, 1 refuted. Effect (epochs) 7.5 (ELR: lead; symmetric 0.4, mlp). "
        "Effect (accuracy, percentage points) −2.0 (joint hard minus joint optimization; symmetric 0.4, mlp)."
    )
    assert told[4].outcome.endswith(
        "Open at look one, open at look two. It would be supported from an effect of 2.0 in MAE minus cross "
        "entropy (symmetric 0.4, mlp)."
    )
    assert told[5].outcome.startswith("Not tested")
    assert (told[2].verdict, told[6].verdict, told[6].outcome) == ("yes", "by algebra", "made-up proof")


def test_a_question_is_answered_by_no_where_all_comparisons_are_refuted():
    """One that was not tested does not count; of one alone it is no, too."""
    for words_, expected in {
        ("supported", "supported"): "yes",
        ("refuted", "supported"): "not in all comparisons",
        ("open", "refuted"): "no where decided",
        ("refuted", "refuted", "not tested"): "no",
        ("refuted",): "no",
        ("open", "supported"): "open",
        ("not tested",): "not tested",
    }.items():
        verdict = next((word for word in ("refuted", "open", "supported") if word in words_), "not tested")
        assert claims.answer(verdict, pd.DataFrame({"verdict": words_})) == expected
    rows = TABLES["claims"]
    rows = rows.assign(verdict=rows["verdict"].where(rows["id"] != 2, "refuted"))
    two = rows[rows["id"] == 2]
    mixed = pd.concat([rows, two.assign(contrast="a - b", verdict="supported")])
    texts = TABLES["statements"]
    texts = texts.assign(verdict=texts["verdict"].where(texts["id"] != 2, "refuted"))
    for claims_, expected in ((rows, "no"), (mixed, "not in all comparisons")):
        of = TABLES | {"claims": claims_, "statements": texts}
        assert {statement.id: statement.verdict for statement in claims.statements(of)}[2] == expected
        assert f"1 is questions or wishes (1 {expected})" in tally.summary(of)[0]


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
    assert frame.loc["GCE minus MAE", ["effect", "seeds", "verdict"]].iloc[0].tolist() == ["–", "0", "not tested"]
    assert claims.statements(TABLES | {"claims": lacking[0]}) == []  # as where nothing could be tested
    assert "nan" not in claims.table(pd.concat([rows, *whole])).note


def test_wrong_as_written_is_what_the_table_says():
    assert [[one.id for one in part] for part in claims.wrong(claims.statements(TABLES))] == [[1]]


def test_the_comparison_that_refutes_is_named():
    named = {statement.id: statement.against for statement in claims.statements(TABLES)}
    assert named[3] == "joint hard minus joint optimization (mlp, symmetric 0.4)" and named[2] == named[4] == ""


def test_the_table_has_effect_bounds_threshold_and_verdict_in_the_unit_of_the_row():
    frame = claims.table(TABLES["claims"]).frame.set_index("row")
    row = frame.loc["MAE minus cross entropy"].iloc[0]
    columns = ["effect", "lower bound", "upper bound", "threshold", "verdict"]
    assert list(row[columns]) == ["−5.0", "−6.0", "−4.0", "1.0", "refuted"]
    assert frame.loc["ELR: lead", "effect"] == "7.5" and frame.loc["ELR: lead", "unit"] == "epochs"


def test_comparisons_are_in_words():
    """Methods, selections and scores by their names; what is no identifier stays."""
    for text, told in {
        "cross_entropy: best_noisy_val - last": "cross entropy: early stopping minus last epoch",
        "cross_entropy (best_noisy_val) - mae": "cross entropy (early stopping) minus MAE",
        "weight_decay - none": "weight decay minus none",
        "forward_oracle: p - e minus p - q": "forward oracle: p − e minus p − q",
        "nnaqc: 1 - nonlinear / linear": "NNAQC: 1 − nonlinear / linear",
        "forward_oracle - forward_dual_t": "forward oracle − forward, dual T",
        "train accuracy": "train accuracy",
    }.items():
        assert claims.contrast(text) == told


def test_the_level_of_each_family_is_told():
    assert "of a lower bound 2.50% in losses, 2.50% in joint optimisation." in claims.table(TABLES["claims"]).note


def test_nothing_without_the_tables():
    assert claims.statements({}) == [] and tally.summary({}) == tally.told({}) == []
