"""Retraining: which labels are set right, what a slip does, which programs that makes, and a recheck that pays."""

from types import SimpleNamespace

import numpy as np
import pandas as pd
import pytest
import synthetic_recheck as tiny
import tiny as project

from labelnoise import results, study
from labelnoise.params import Params
from labelnoise.recheck import retrain
from labelnoise.sections import Mlp, Training
from labelnoise.train import engine
from labelnoise.train.program import Place, key

CELLS = {"symmetric": [0.4]}


def params(**changes) -> Params:
    """The committed parameters with a small network, and the retraining of one cell."""
    own = {"cells": CELLS, "seeds": 2, "shares": [0.2, 0.5], "error": 0.2} | changes
    section = project.PARAMS.recheck
    section = section.model_copy(update={"retrain": section.retrain.model_copy(update=own)})
    networks = project.PARAMS.networks.model_copy(update={"mlp": Mlp(hidden=[8], dropout=0.0)})
    return project.PARAMS.model_copy(update={"recheck": section, "networks": networks})


def loaded(epochs=3):
    data = tiny.dataset()
    images = np.random.default_rng(0).integers(0, 100, (tiny.N, 1, 4, 4)).astype(np.uint8)
    images.reshape(tiny.N, 16)[np.arange(tiny.N), tiny.CLEAN] += 100  # the class can be seen
    training = Training(
        epochs=epochs, batch_size=8, lr=0.1, momentum=0.9, weight_decay=0.0, sampler="shuffle", shift=0
    )
    like = SimpleNamespace(
        data=SimpleNamespace(folds=3),
        networks=["mlp"],
        validation_fraction=0.2,
        training=training,
        noises={"given": [0.0], "symmetric": [0.4]},
        detection_noises={},
    )
    return study.assemble(params(), like, data._replace(images=images), tiny.columns(data))


@pytest.fixture(scope="module")
def planned():
    of = loaded()
    found = tiny.detected(of.columns)
    return params(), of, found, retrain.plan(params(), of, found)


def test_what_a_rechecker_says():
    clean, labels = np.array([0, 1, 2, 0]), np.array([0, 1, 0, 2])
    np.testing.assert_array_equal(retrain.named(clean, labels, np.zeros(4, bool), 3, 0), clean)
    said = retrain.named(clean, labels, np.array([1, 1, 1, 0], bool), 3, 0)
    assert (said[:2] != clean[:2]).all()  # right labels are broken
    assert list(said[2:]) == [0, 0]  # a wrong one stays as it is, the last is repaired
    many = retrain.named(np.zeros(3000, int), np.zeros(3000, int), np.ones(3000, bool), 3, 0)
    np.testing.assert_allclose(np.bincount(many, minlength=3) / 3000, [0, 0.5, 0.5], atol=0.05)


def test_the_top_of_every_order_is_set_right(planned):
    _, of, found, made = planned
    assert len(made.fixed) == 2 * 4 * 2  # seeds, orders (one with slips), shares
    for one in made.fixed:
        before = of.columns.labels[one.row.column]
        pool, changed = before >= 0, one.labels != before
        count = round(one.share * pool.sum())
        assert not changed[~pool].any() and count in (8, 20)  # of 39
        wrong, left = (before != tiny.CLEAN)[pool], (one.labels != tiny.CLEAN)[pool]
        if one.error == 0:
            assert not (left & ~wrong).any() and changed.sum() == wrong.sum() - left.sum() <= count
        if one.order == "oracle":
            assert left.sum() == max(wrong.sum() - count, 0)
        if (one.order, one.error) == ("noise_model", 0):
            (at,) = np.flatnonzero(found.column == one.row.column)
            top = np.argsort(-np.where(pool, found.p_low[at], -1))[:count]
            np.testing.assert_array_equal(one.labels[top], tiny.CLEAN[top])
            assert set(np.flatnonzero(changed)) <= set(top)


def test_truth_and_cells_decide_whether_anything_is_trained(planned):
    p, of, found, _ = planned
    blind = of._replace(dataset=of.dataset._replace(clean_labels=np.full(tiny.N, -1)))
    assert retrain.plan(p, blind, found) is None
    assert retrain.plan(params(cells={}), of, found) is None
    assert retrain.plan(params(cells={"pair_flip": [0.45]}), of, found) is None


def test_programs(planned):
    """The runs as they are are the train stage's own programs; a recheck changes labels and nothing else."""
    p, of, _, made = planned
    before, after = retrain.jobs(p, made, {})
    rows = [row for row in study.grid(of, p.study.seeds) if row.noise == "symmetric"]
    trained = study.jobs(of, rows, "cross_entropy", {}, {})
    assert [key(job.program) for job in before] == [key(job.program) for job in trained]
    assert len(after) == 4 * 2 and len({key(job.program) for job in [*before, *after]}) == 9
    for job in after:
        np.testing.assert_array_equal(job.program.arrays["index"], before[0].program.arrays["index"])
        np.testing.assert_array_equal(job.program.arrays["val_index"], before[0].program.arrays["val_index"])
        assert job.program.spec["streams"] == before[0].program.spec["streams"]


def test_repairing_all_wrong_labels_pays(tmp_path):
    """And the table is complete: each order begins at share 0 with the same accuracy."""
    p, of = params(shares=[0.5], seeds=2), loaded(epochs=30)
    made = retrain.plan(p, of, tiny.detected(of.columns))
    before, after = retrain.jobs(p, made, {})
    found = engine.ensure([*before, *after], of.study.images, Place(tmp_path, 60), 1, "retrain")
    table = results.check("retrained", retrain.rows(made, found[: len(before)], found[len(before) :]))
    assert len(table) == 2 * 4 * 2 * 2  # seeds, orders, shares, selections
    last = table[table["selection"] == "last"]
    start = last[last["rechecked_share"] == 0].groupby("seed")["test_accuracy"].nunique()
    assert (start == 1).all()
    oracle = pd.pivot_table(last[last["order"] == "oracle"], "test_accuracy", "rechecked_share")["test_accuracy"]
    assert oracle[0.5] > oracle[0.0] + 0.05
