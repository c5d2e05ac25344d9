"""The plan of a data set is that of all its studies, each run once."""

from collections import Counter

import numpy as np
import pytest
import tiny_setting

from labelnoise.commands import why
from labelnoise.runs import execute, programs, results
from labelnoise.runs.data import MAIN
from labelnoise.runs.run import FOLD
from labelnoise.studies import plan, setting
from labelnoise.studies.plan import STUDIES
from labelnoise.train.program import Place

METHODS = ["cross_entropy", "nnaqc", "elr_plain"]  # the last for claims alone
DEVELOPMENT = {  # of the study seeds 2 and 3, of claims 4 too
    "study": {"first_seed": 2, "development": 2, "methods": METHODS},
    "recheck": {"cell": {"seed": 2}},
    "datasets": {"digits": {"training": {"epochs": 6}}},
}
OF_METHODS = ("accuracy", "alternatives", "conformal", "contrasts", "retrained")


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


@pytest.fixture(scope="module")
def developed():
    return tiny_setting.make(DEVELOPMENT)


@pytest.fixture(scope="module")
def planned(developed):
    return plan.of_setting(developed)


def test_development_runs_are_planned_for_methods_of_the_grid_in_every_cell_of_the_study(developed, planned):
    own = [run for run in planned.runs if run.data == "study" and run.examples.kind != FOLD]
    early = {(run.name, run.noise, run.seed) for run in own if run.seed < 2}
    cells = {cell.noise for cell in setting.grid(developed)}
    assert cells == {"symmetric", "pair_flip"}
    assert early == {(name, noise, seed) for name in METHODS[:2] for noise in cells for seed in (0, 1)}
    for run in own:
        in_grid = run.name in METHODS[:2] and run.examples.kind == "split" and run.seed >= 2
        assert run.held == ((0, 1) if in_grid else ())
    others = [run for run in planned.runs if run not in own]
    assert {run.seed for run in others if run.data != "study"} <= {2, 3}
    assert not any(run.held for run in others)


def test_every_run_of_a_study_with_development_has_a_column_of_labels(planned):
    for run in planned.runs:
        assert (run.noise, run.noise_rate, run.seed, run.change) in planned.data[run.data].training.columns


@pytest.fixture(scope="module")
def done(planned, tmp_path_factory):
    """What is trained of the methods."""
    place = Place(tmp_path_factory.mktemp("store"), 1e9)
    few = planned._replace(runs=[run for run in planned.runs if run.data in ("study", "rechecked")])
    return results.of(execute.train(few, place, 1, "test"), place.store)


def test_what_development_waits_for_belongs_to_the_study_that_asks(developed, planned):
    owners = why.owners(developed, planned)
    assert owners.keys() == set(planned.runs)
    folds = [run for run in planned.runs if run.examples.kind == FOLD and run.seed < 2 and run.data == MAIN]
    assert folds and {owners[run] for run in folds} == {"accuracy"}


def test_no_table_shows_seeds_of_development(developed, done):
    for name in OF_METHODS:
        for table, rows in STUDIES[name].tables(developed, done).items():
            assert set(rows.get("seed", [])) <= {2, 3, 4}, table
            assert "seed" not in rows or len(rows), table


def test_all_seeds_of_a_method_and_cell_stop_at_the_epoch_that_development_says(developed, done):
    accuracy = STUDIES["accuracy"].tables(developed, done)["accuracy"].query("selection == 'best_noisy_val'")
    cells = accuracy.groupby(["method", "noise", "noise_rate"])
    assert cells.ngroups == 2 * 2
    for (name, noise, rate), rows in cells:
        early = done.select(data="study", name=name, noise=noise, noise_rate=rate, seed=[0, 1], examples="split")
        curve = early["history_val_accuracy"].mean(0)
        smooth = [curve[max(at - 1, 0) : at + 2].mean() for at in range(6)]
        assert list(rows["seed"]) == [2, 3] and set(rows["epoch"]) == {1 + int(np.argmax(smooth))}


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
