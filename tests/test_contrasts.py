"""Which runs the claims need, and that every number of the table belongs to its run."""

from types import SimpleNamespace

import numpy as np
import pytest

from labelnoise import contrasts, results, study
from labelnoise.contrasts import Part
from labelnoise.train.runs import Row

ROWS = [
    Row("mlp", noise, rate, seed, 3 * at + seed)
    for at, (noise, rate) in enumerate((("none", 0.0), ("symmetric", 0.2), ("symmetric", 0.4)))
    for seed in range(3)
]
LABELS = np.tile([0, 1, 1, 0, -1, -1], (9, 1))  # the third of the four training labels is wrong
CLEAN = np.array([0, 1, 0, 0, 0, 1])
DESIGNED = np.tile([[0.9, 0.1], [0.2, 0.8]], (9, 1, 1))


def loaded():
    columns = SimpleNamespace(labels=LABELS, realised_rate=np.arange(9) / 10, designed=DESIGNED)
    dataset = SimpleNamespace(clean_labels=CLEAN, test_fold=np.where(LABELS[0] < 0, 0, -1), human_labels={})
    of = SimpleNamespace(section=SimpleNamespace(data=SimpleNamespace(folds=1)))
    return SimpleNamespace(rows=ROWS, columns=columns, dataset=dataset, study=of)


def job(method):
    return SimpleNamespace(program=SimpleNamespace(spec={"method": method}))


def result(hits, **more):
    """Two runs, of which one has the first `hits` of the two test examples right, and the other none."""
    right = np.stack([np.eye(2)[CLEAN], np.eye(2)[CLEAN]])
    right[0, 4 + hits :] = right[0, 4 + hits :, ::-1]
    right[1, 4:] = right[1, 4:, ::-1]
    history = {f"history_fitted_{name}": np.array([[0.0, 1.0]] * 2) for name in ("clean", "wrong")}
    index = np.tile(np.arange(4), (2, 1))
    return {"probs_last": right, "probs_best_noisy_val": right, "index": index, **history, **more}


def test_parts_are_the_cells_of_claims_and_their_seeds(monkeypatch):
    monkeypatch.setattr(study, "jobs", lambda loaded, rows, method, section, given: [(method, section)])
    claim = {"threshold": 0.0, "pairs": [["warp", "warp_top"]], "cells": {"symmetric": [0.4], "human": [0.0]}}
    asked = SimpleNamespace(
        claims=SimpleNamespace(seeds=2, variants={}, model_dump=lambda exclude: {"warp": claim, "mae": None}),
        methods={"warp": {"alpha": "harmonic"}},
        variants={"warp_top": {"method": "warp", "alpha": "top"}},
    )
    own = loaded()
    own.dataset = SimpleNamespace(
        **vars(own.dataset) | {"clean_labels": np.full(6, -1), "human_labels": {"given": CLEAN}}
    )
    assert contrasts.parts(asked, own, {}) == []  # labels as given cannot judge a claim
    found = contrasts.parts(asked, loaded(), study.keys(ROWS))
    assert [part.name for part in found] == ["warp_top", "warp"]
    assert all(part.rows == [ROWS[6], ROWS[7]] for part in found)
    fewer = contrasts.parts(asked, loaded(), study.keys(ROWS[:7]))  # other labels are only looked at for errors
    assert all(part.rows == [ROWS[6]] for part in fewer)
    assert [part.jobs for part in found] == [[("warp", {"alpha": "top"})], [("warp", {"alpha": "harmonic"})]]


def test_every_run_gets_its_own_numbers():
    parts = [Part("mae", ROWS[:4], [job("mae")] * 2), Part("forward_oracle", ROWS[7:], [job("forward_oracle")])]
    table = contrasts.table(loaded(), parts, [result(1), result(2), result(0)], bins=15)
    table = results.check("contrasts", table).query("metric == 'test_accuracy'")
    keys = ["method", "noise", "noise_rate", "realised_rate", "seed", "value"]
    assert table.sort_values(keys)[keys].to_numpy().tolist() == [
        ["forward_oracle", "symmetric", 0.4, 0.7, 1, 0.0],
        ["forward_oracle", "symmetric", 0.4, 0.8, 2, 0.0],
        ["mae", "none", 0.0, 0.0, 0, 0.5],
        ["mae", "none", 0.0, 0.1, 1, 0.0],
        ["mae", "none", 0.0, 0.2, 2, 1.0],
        ["mae", "symmetric", 0.2, 0.3, 0, 0.0],
    ]


@pytest.mark.parametrize(("method", "learned"), [("forward_oracle", False), ("nnaqc", True), ("mae", False)])
def test_gradients_use_the_true_matrix_of_an_oracle_and_else_the_learned_one(method, learned):
    more = {"transition": DESIGNED[:2]} if learned else {}
    part = Part(method, ROWS[:2], [job(method)])
    metrics = set(contrasts.table(loaded(), [part], [result(1, **more)], bins=15)["metric"])
    assert ("gradient_share_wrong_forward" in metrics) == (method != "mae")


def test_no_part_gives_an_empty_table():
    assert results.check("contrasts", contrasts.table(loaded(), [], [], bins=15)).empty
