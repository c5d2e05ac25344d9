"""What the report says of audits drawn where the truth is known, counted anew from the tables, row by row."""

import csv
import io
import re
from statistics import mean, median

import numpy as np
import pandas as pd
import pytest
import synthetic_detection

from labelnoise import results
from labelnoise.audit import coverage, slips, statements
from labelnoise.report import audit_study, layout

CELLS = [("none", 0.0), ("symmetric", 0.4), ("asymmetric", 0.2), ("boundary", 0.1)]
TABLES = synthetic_detection.make(CELLS, seeds=3)
COVERAGE = TABLES["audit_coverage"]


def _rows(table, **where):
    """Rows of a table as its CSV has them, numbers as numbers."""
    text = results.check(table, TABLES[table]).to_csv(index=False)
    rows = [{k: _number(v) for k, v in row.items()} for row in csv.DictReader(io.StringIO(text))]
    return [row for row in rows if all(row[key] == value for key, value in where.items())]


def _number(text):
    try:
        return float(text)
    except ValueError:
        return text


def _percents(text):
    return [float(number) for number in re.findall(r"([\d.]+)%", text)]


def test_the_finding_on_limits_is_counted_anew():
    (said, *_) = audit_study.sentences({"audit_coverage": COVERAGE}, 0.95)
    every = _rows("audit_coverage")
    own = [row for row in every if row["look"] == 100 and row["rechecker_error"] == 0]
    least = min(every, key=lambda row: row["answers_covered"])
    usual = [row["textbook_covered"] for row in own]
    assert _percents(said) == [
        pytest.approx(100 * value, abs=0.051)
        for value in (
            statements.at_look(0.95, 3), least["answers_covered"], least["rechecker_error"],
            median(row["width"] for row in own), median(row["textbook_width"] for row in own),
            mean(usual), min(usual),
        )
    ]  # fmt: skip
    where = (
        f"{least['noise']} {least['noise_rate']:g}, seed {least['seed']:.0f}, after {least['look']:.0f} answers"
    )
    assert f"(least in {where}, 10% of them wrong)" in said and "of 1,000 audits" in said
    held = sum(row["model_covered"] == 1 for row in own)
    assert 0 < held < len(own) == 12 and f"(median over {len(own)} runs, 4 cells × 3 seeds)" in said
    assert said.endswith(
        f"the range between two models of the noise in {held} of {len(own)} runs, 4 cells × 3 seeds."
    )


def test_limits_that_hold_least_without_slips_are_named():
    table = COVERAGE.copy()
    worst = (table["noise"] == "none") & (table["seed"] == 2) & (table["look"] == 200)
    table.loc[worst & (table["rechecker_error"] == 0), "answers_covered"] = 0.41
    (said, *_) = audit_study.sentences({"audit_coverage": table}, 0.95)
    assert "in at least 41.0% of" in said and "(least in no noise, seed 2, after 200 answers)" in said


def test_the_finding_on_people_who_err_is_counted_anew():
    (_, said) = audit_study.sentences({"audit_coverage": COVERAGE}, 0.95)
    expected = []
    for error in (0.05, 0.1):
        own = _rows("audit_coverage", look=100, rechecker_error=error)
        truth, wide = ([row[f"{name}_covered"] for row in own] for name in ("truth", "widened"))
        widths = [median(row[name] for row in own) for name in ("widened_width", "width")]
        expected += [error, mean(truth), min(truth), *widths, mean(wide), min(wide)]
    assert _percents(said) == [pytest.approx(100 * value, abs=0.051) for value in expected]
    assert said.startswith("Audit by people who err, after 100 answers: if 5% of answers are wrong")
    assert f"widened by {slips.FEWEST} blind second answers" in said


def test_a_row_per_cell_with_its_lowest_seed():
    shown = audit_study.holds(COVERAGE).frame.set_index("row")
    assert list(shown.index) == ["no noise", "asymmetric 0.2", "boundary 0.1", "symmetric 0.4"]
    own = _rows("audit_coverage", look=100, rechecker_error=0, noise="symmetric")
    row = shown.loc["symmetric 0.4"]
    for column, name in (("audit", "answers_covered"), ("textbook", "textbook_covered")):
        shares = [100 * fact[name] for fact in own]
        assert row[f"limits hold [%] {column}"] == f"{mean(shares):.1f}\n({min(shares):.1f})"
    for column, name in (("audit", "width"), ("textbook", "textbook_width"), ("range", "model_width")):
        assert row[f"width [% of labels] {column}"] == f"{100 * mean(fact[name] for fact in own):.1f}"
    assert row["limits hold [%] range"] == f"{sum(fact['model_covered'] for fact in own):.0f} of 3"
    unasked = audit_study.holds(COVERAGE.assign(model_covered=np.nan, model_width=np.nan)).frame.iloc[0]
    assert unasked["limits hold [%] range"] == unasked["width [% of labels] range"] == "–"
    (said, *_) = audit_study.sentences({"audit_coverage": COVERAGE.assign(model_covered=np.nan)}, 0.95)
    assert "range" not in said and said.endswith("at worst).")


def test_people_who_err_have_a_row_per_cell_and_share_of_slips():
    shown = audit_study.slips(COVERAGE)
    frame = shown.frame.set_index(["group", "row"])
    assert len(frame) == 2 * len(CELLS) and shown.folded
    own = _rows("audit_coverage", look=100, rechecker_error=0.1, noise="boundary")
    row = frame.loc["10% of answers wrong", "boundary 0.1"]
    for column, name in (("answers", "answers"), ("truth", "truth"), ("truth, widened", "widened")):
        shares = [100 * fact[f"{name}_covered"] for fact in own]
        assert row[f"limits hold [%] {column}"] == f"{mean(shares):.1f}\n({min(shares):.1f})"
    assert row["width [% of labels] widened"] == f"{100 * mean(fact['widened_width'] for fact in own):.1f}"


def test_without_slips_what_people_call_wrong_is_wrong():
    """So the first table has one column for both."""
    rng = np.random.default_rng(0)
    p_wrong = rng.random(300) ** 3
    facts = coverage.covered(
        coverage.design(p_wrong, "calibrate", [60]), rng.random(300) < p_wrong, 60, 0.9, 0.0, 50, rng
    )
    assert facts["answers_covered"] == facts["truth_covered"] >= 0.9


def test_what_was_not_asked_is_not_told():
    right, slip = COVERAGE[COVERAGE["rechecker_error"] == 0], COVERAGE[COVERAGE["rechecker_error"] > 0]
    assert audit_study.slips(right) is None and len(audit_study.sentences({"audit_coverage": right}, 0.95)) == 1
    assert audit_study.holds(slip) is None and len(audit_study.sentences({"audit_coverage": slip}, 0.95)) == 1
    empty = {name: results.empty(name) for name in ("audit_coverage", "recalibrated")}
    assert audit_study.sentences(empty, 0.95) == audit_study.sentences({}, 0.95) == []
    assert audit_study.tables({}) == []


def test_the_look_nearest_to_100_answers_is_told():
    table = COVERAGE.assign(look=COVERAGE["look"].replace({60: 30, 100: 130, 200: 400}))
    assert "; 130 answers" in audit_study.holds(table).note
    assert "After 130 answers they are" in audit_study.sentences({"audit_coverage": table}, 0.95)[0]


def test_what_answers_do_to_p_wrong_is_counted_anew():
    (said,) = audit_study.sentences({"recalibrated": TABLES["recalibrated"]}, 0.95)
    looks = [_rows("recalibrated", look=look) for look in (0, 60, 100, 200)]
    ece = ", ".join(f"{mean(row['ece'] for row in rows):.3f}" for rows in looks)
    off = ", ".join(f"{100 * mean(row['rate_error'] for row in rows):.1f}" for rows in looks)
    assert f"after 0, 60, 100, 200 answers: mean distance of stated and true share (ECE) {ece};" in said
    assert f"off by {off} points (mean over 12 runs, 4 cells × 3 seeds)" in said
    by = {
        noise: [mean(r["ece"] for r in _rows("recalibrated", noise=noise, look=at)) for at in (0, 200)]
        for noise, _ in CELLS
    }
    lower = sum(last < first for first, last in by.values())
    assert lower == 3 and said.endswith(f"After 200 answers ECE is lower than before in {lower} of 4 noise cells.")
    frame = audit_study.recalibrated(TABLES["recalibrated"]).frame.set_index("row")
    assert frame.loc["boundary 0.1", "ECE after 200 answers"] == f"{by['boundary'][1]:.3f}"
    own = _rows("recalibrated", noise="boundary", look=60)
    assert frame.loc["boundary 0.1", "share off by [points] after 60 answers"] == (
        f"{100 * mean(row['rate_error'] for row in own):.1f}"
    )


def test_headings_span_their_columns():
    text = layout.html(audit_study.holds(COVERAGE), "digits")
    assert "limits hold [%]" in text and "limits hold [%] audit" not in text and ">textbook<" in text


def test_networks_stand_apart():
    both = pd.concat([COVERAGE, COVERAGE.assign(network="small_cnn", answers_covered=0.5)])
    frame = audit_study.holds(both).frame.set_index("row")
    assert frame.loc["small_cnn: no noise", "limits hold [%] audit"] == "50.0\n(50.0)"
    assert len(frame) == 2 * len(CELLS)
