"""Audits of the study: a row per run, look and error of recheckers; nothing where the truth is unknown."""

import numpy as np
import pandas as pd
import pytest
import synthetic_recheck as tiny

from labelnoise import results
from labelnoise.audit import coverage, statements, study
from labelnoise.detect.types import Gate

LEVEL, BINS = 0.95, 10


def made(truth=True, answers=None, gate=tiny.ALL, of=tiny.PEOPLE, workers=1):
    data = tiny.dataset(truth=truth)
    drawn = tiny.columns(data, answers)
    found = tiny.detected(drawn, gate=gate)
    tables = study.audit_tables(found, drawn, data, of, tiny.section(), LEVEL, BINS, workers)
    return found, {name: results.check(name, table) for name, table in tables.items()}


@pytest.fixture(scope="module")
def tables():
    return made()[1]


def test_two_processes_find_what_one_does(tables):
    for name, table in made(workers=2)[1].items():
        pd.testing.assert_frame_equal(table, tables[name])


def test_a_row_for_each_run_look_and_error(tables):
    covered = tables["audit_coverage"]
    assert len(covered) == 3 * 2 * 2 and set(covered["draws"]) == {50}
    runs = covered.groupby(["noise", "seed"]).size()
    assert runs.to_dict() == {("given", 0): 4, ("symmetric", 0): 4, ("symmetric", 1): 4}
    assert set(covered["look"]) == {20, 40} and set(covered["rechecker_error"]) == {0, 0.1}
    shares = covered[[name for name in covered if name.endswith("_covered")]]
    assert ((shares >= 0) & (shares <= 1)).all(axis=None)
    assert (covered["answers_covered"] >= 0.94).all()  # of 50 draws
    right = covered.query("rechecker_error == 0")
    np.testing.assert_array_equal(right["answers_covered"], right["truth_covered"])


def test_numbers_of_one_row(tables):
    """The test part of a seed's injected noise is not audited; a look's level is its share of all."""
    found, _ = made()
    at = int(np.flatnonzero((found.noise == "symmetric") & (found.seed == 1))[0])
    labels = tiny.columns(tiny.dataset()).labels[found.column[at]].astype(int)
    pool = np.flatnonzero(tiny.FOLD != 1)
    wrong = (labels != tiny.CLEAN)[pool]
    design = coverage.design(found.p_wrong[at, pool], "calibrate", [20, 40])
    rng = np.random.default_rng([9, 1, 20, 100_000])
    expected = coverage.covered(design, wrong, 20, statements.at_look(LEVEL, 2), 0.1, 50, rng)
    own = "noise == 'symmetric' and seed == 1 and look == 20 and rechecker_error == 0.1"
    row = tables["audit_coverage"].query(own).iloc[0]
    for name, value in expected.items():
        assert row[name] == pytest.approx(value)
    assert row["model_width"] == pytest.approx(0.287 - 0.231)
    assert row["model_covered"] == (0.231 <= wrong.mean() <= 0.287)


def test_what_answers_do_to_p_wrong(tables):
    after = tables["recalibrated"]
    assert len(after) == 3 * 3 and set(after["look"]) == {0, 20, 40}
    assert set(after.query("look == 0")["fits"]) == {0} and set(after.query("look > 0")["fits"]) == {3}
    found, _ = made()
    (at,) = np.flatnonzero(found.noise == "given")
    gap = abs(found.p_wrong[at].mean() - (tiny.WORSE != tiny.CLEAN).mean())
    assert after.query("noise == 'given' and look == 0")["rate_error"].item() == pytest.approx(gap)


def test_where_the_truth_is_unknown_there_is_nothing():
    _, found = made(truth=False)
    assert found["audit_coverage"].empty and found["recalibrated"].empty


def test_labels_with_answers_in_place_are_no_run_of_their_own():
    answers = np.where(np.arange(tiny.N) < 9, tiny.CLEAN, -1).astype(np.int16)
    found, after = made(answers=answers)
    assert "rechecked" in found.noise and "rechecked" not in set(after["audit_coverage"]["noise"])


def test_seeds_without_a_gate_are_audited_and_have_no_rates():
    gate = Gate("", "", *[np.nan] * (len(Gate._fields) - 2))
    _, found = made(gate=gate)
    assert len(found["audit_coverage"]) == 12 and found["recalibrated"].empty
    assert found["audit_coverage"][["model_covered", "model_width"]].isna().all(axis=None)


def test_the_same_bytes_twice(tables, tmp_path):
    for name, table in made()[1].items():
        results.write(name, table, tmp_path / "one")
        results.write(name, tables[name], tmp_path / "two")
        assert (tmp_path / "one" / f"{name}.csv").read_bytes() == (tmp_path / "two" / f"{name}.csv").read_bytes()
