"""The plan of a data set is that of all its studies, each run once."""

from collections import Counter

import numpy as np
import pytest
import tiny_setting

from labelnoise.runs import programs
from labelnoise.studies import plan
from labelnoise.studies.plan import STUDIES


@pytest.fixture(scope="module")
def of():
    return tiny_setting.make()


@pytest.fixture(scope="module")
def everything(of):
    return plan.of_setting(of)


@pytest.mark.parametrize("study", STUDIES)
def test_every_study_plans_runs_that_the_plan_trains(study, of, everything):
    asked = STUDIES[study].runs(of)
    assert asked and set(asked) <= set(everything.runs)
    assert {run.data for run in asked} <= everything.data.keys()
    assert all(run.source in everything.sources for run in asked if run.source)


def test_no_run_is_there_twice_and_none_waits_for_one_that_is_not_there(everything):
    assert Counter(everything.runs).most_common(1)[0][1] == 1
    waits = {needed for run in everything.runs for needed in everything.requires(run)}
    assert waits <= set(everything.runs)
    units = programs.units(everything, everything.runs)
    assert Counter(run for unit in units for run in unit) == Counter(everything.runs)


def test_the_same_training_is_the_same_run_whichever_study_asks(of):
    """Cross-entropy of a cell is trained once, for methods, claims, scores and rechecks."""
    asked = [set(STUDIES[name].runs(of)) for name in ("accuracy", "alternatives", "contrasts", "retrained")]
    assert set.intersection(*asked)
    assert {run.name for run in set.intersection(*asked)} == {"cross_entropy"}


def test_every_run_has_a_column_of_labels(everything):
    for run in everything.runs:
        columns = everything.data[run.data].training.columns
        assert (run.noise, run.noise_rate, run.seed, run.change) in columns


def test_without_the_truth_no_study_of_it_is_planned():
    """No oracle, no recheck, nothing that claims or memorisation need."""
    given = {"given": tiny_setting.CLEAN}
    over = {"datasets": {"digits": {
        "data": {"source": "arrays", "arrays": {"file": "x.npz", "holds": "images"}},
        "noises": {"symmetric": None, "pair_flip": None, "given": [0.0]}, "detection_noises": {"pair_flip": None},
        "bootstrap": {"cells": {"symmetric": None, "given": [0.0]}},
    }}}  # fmt: skip
    unknown = tiny_setting.DATASET._replace(clean_labels=np.full(tiny_setting.N, -1), human_labels=given)
    of = tiny_setting.make(over, dataset=unknown)
    made = plan.of_setting(of)
    assert {name for name, study in STUDIES.items() if study.runs(of)} == {"accuracy", "alternatives"}
    assert not any(run.oracle or run.change for run in made.runs) and made.data.keys() == {"study", "rechecked"}
