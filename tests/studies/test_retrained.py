"""Retraining: which labels are set right, what a slip does, which runs that makes, and a recheck that pays."""

import numpy as np
import pandas as pd
import pytest
import tiny_setting
from tiny_setting import CLEAN, N

from labelnoise import results
from labelnoise.runs import estimates, execute, programs
from labelnoise.runs import results as runs
from labelnoise.runs.plan import Plan, complete
from labelnoise.studies import retrained, setting
from labelnoise.train.program import Place

SEEDS = 2


@pytest.fixture(scope="module")
def of():
    return tiny_setting.make()


@pytest.fixture(scope="module")
def made(of):
    return retrained.data(of)[retrained.RECHECKED]


def with_plan(**changes):
    return tiny_setting.make({"recheck": {"retrain": changes}})


def test_what_a_rechecker_says():
    clean, labels = np.array([0, 1, 2, 0]), np.array([0, 1, 0, 2])
    np.testing.assert_array_equal(retrained.named(clean, labels, np.zeros(4, bool), 3, 0), clean)
    said = retrained.named(clean, labels, np.array([1, 1, 1, 0], bool), 3, 0)
    assert (said[:2] != clean[:2]).all()  # right labels are broken
    assert list(said[2:]) == [0, 0]  # a wrong one stays as it is, the last is repaired
    many = retrained.named(np.zeros(3000, int), np.zeros(3000, int), np.ones(3000, bool), 3, 0)
    np.testing.assert_allclose(np.bincount(many, minlength=3) / 3000, [0, 0.5, 0.5], atol=0.05)


def test_the_top_of_every_order_is_set_right(of, made):
    rechecks = retrained.rechecks(of.params.recheck.retrain)
    assert len(rechecks) == len(set(map(str, rechecks))) == 4 * 2  # orders (one with slips), shares
    for seed, each in ((seed, each) for seed in range(SEEDS) for each in rechecks):
        before = of.main.training.column("symmetric", 0.4, seed)
        after = made.training.column("symmetric", 0.4, seed, str(each))
        pool, changed = before >= 0, after != before
        count = round(each.share * pool.sum())
        assert not changed[~pool].any() and count in (8, 20)  # of 39
        wrong, left = (before != CLEAN)[pool], (after != CLEAN)[pool]
        if each.error == 0:
            assert not (left & ~wrong).any() and changed.sum() == wrong.sum() - left.sum() <= count
        if each.order == "oracle":
            assert left.sum() == max(wrong.sum() - count, 0)
        if (each.order, each.error) == ("noise_model", 0):
            at = setting.detected(of)["symmetric", 0.4, seed]
            top = np.argsort(-np.where(pool, of.detected["p_low"][at], -1))[:count]
            np.testing.assert_array_equal(after[top], CLEAN[top])
            assert set(np.flatnonzero(changed)) <= set(top)


def test_labels_as_they_are_and_images_stay(of, made):
    assert made.training.columns.items() >= of.main.training.columns.items()
    np.testing.assert_array_equal(made.training.labels[: len(of.main.training.labels)], of.main.training.labels)
    assert made.training.images is of.main.training.images and made.reference is of.main.reference
    for key, at in made.training.columns.items():
        np.testing.assert_array_equal(
            made.designed[at], of.main.designed[of.main.training.columns[(*key[:3], "")]]
        )


def test_truth_cells_and_seeds_decide_whether_anything_is_trained(of):
    unsure = of._replace(dataset=of.dataset._replace(clean_labels=np.where(np.arange(N) == 4, -1, CLEAN)))
    assert retrained.runs(unsure) == []
    assert retrained.runs(with_plan(cells={"symmetric": None})) == []
    assert retrained.runs(with_plan(cells={"symmetric": [0.2]})) == []
    assert retrained.runs(with_plan(method="gce")) == []  # which is not studied
    assert {run.seed for run in retrained.runs(with_plan(seeds=1))} == {0}
    assert {run.seed for run in retrained.runs(with_plan(seeds=3))} == {0, 1}  # as many as the study has
    seen = {name: values[of.detected["seed"] != 1] for name, values in of.detected.items()}
    assert {run.seed for run in retrained.runs(of._replace(detected=seen))} == {0}


def test_a_recheck_changes_labels_and_nothing_else(of, made):
    """The runs on labels as they are are the main study's own."""
    every = retrained.runs(of)
    before, after = ([run for run in every if bool(run.change) == changed] for changed in (False, True))
    cells = [cell for cell in setting.grid(of) if cell.noise == "symmetric"]
    assert before == setting.of_method(of, "cross_entropy", cells)
    assert len(after) == len(set(after)) == 4 * 2 * SEEDS
    data = {"study": of.main, retrained.RECHECKED: made}
    found = tiny_setting.described(of.params, every, data)
    plain = {run.seed: found[run] for run in before}
    for run in after:
        one, other = found[run], plain[run.seed]
        for name in ("index", "val_index"):
            np.testing.assert_array_equal(one.arrays[name], other.arrays[name])
        assert {name for name in other.spec if one.spec[name] != other.spec[name]} == {"arrays"}
        assert (one.arrays["labels"] != other.arrays["labels"]).any()
    plan = Plan(of.params, every, data, {}, {})
    sizes = [len(stack.programs) for stack in programs.stacks(plan, found)]
    assert sizes == [len(before), len(after)]  # whatever was rechecked is trained side by side


def test_a_method_is_told_what_was_estimated_before_the_recheck():
    of = with_plan(method="joint_optimization")
    after = [run for run in retrained.runs(of) if run.change]
    plan = complete(Plan(of.params, after, {}, estimates.SOURCES, {}))
    assert all(plan.requires(run) == plan.requires(run._replace(data="study", change="")) for run in after)
    waits = [run for run in plan.runs if not run.source]
    assert waits and not any(run.change for run in waits)


def test_repairing_all_wrong_labels_pays(tmp_path):
    """And the table is complete: each order begins at share 0 with the same accuracy."""
    training = {"training": {"epochs": 30, "batch_size": 8, "lr": 0.1}}
    of = tiny_setting.make({"recheck": {"retrain": {"shares": [0.5]}}, "datasets": {"digits": training}})
    data = {"study": of.main} | retrained.data(of)
    more = setting.of_method(of, "cross_entropy", setting.cells(of))  # of other cells and seeds: not in the table
    plan = complete(Plan(of.params, [*retrained.runs(of), *more], data, {}, {}))
    done = runs.of(execute.train(plan, Place(tmp_path, 60), 1, "retrain"), tmp_path)
    table = results.check("retrained", retrained.tables(of, done)["retrained"])
    assert len(table) == 2 * 4 * 2 * 2  # seeds, orders, shares, selections
    assert set(table["noise"]) == {"symmetric"} and set(table["seed"]) == {0, 1}
    last = table[table["selection"] == "last"]
    start = last[last["rechecked_share"] == 0].groupby("seed")["test_accuracy"].nunique()
    assert (start == 1).all()
    oracle = pd.pivot_table(last[last["order"] == "oracle"], "test_accuracy", "rechecked_share")["test_accuracy"]
    assert oracle[0.5] > oracle[0.0] + 0.05


def test_without_runs_the_table_is_empty(tmp_path):
    of = with_plan(cells={"symmetric": None})
    table = retrained.tables(of, tiny_setting.left(tmp_path, {}))["retrained"]
    assert results.check("retrained", table).empty
