"""What networks leave of a run: dynamics of the programs that methods share, bags and full runs by image."""

import numpy as np
import pytest
import tiny_study

from labelnoise import files, study
from labelnoise.alternatives import programs
from labelnoise.columns import Columns
from labelnoise.study import Loaded
from labelnoise.train import program, store
from labelnoise.train.program import Place
from labelnoise.types import Dataset

C, N, EPOCHS = tiny_study.CLASSES, tiny_study.IMAGES, 4


def loaded() -> Loaded:
    made = tiny_study.study()
    keys = zip(*[("symmetric", rate, seed) for rate in (0.2, 0.4) for seed in range(3)])
    matrix = np.repeat(np.eye(C)[None], len(made.labels), 0)
    none = np.full_like(made.labels, -1)
    parts = [np.array(part) for part in keys]
    columns = Columns(*parts, made.labels, matrix, matrix, np.zeros(len(made.labels)), made.labels, none)
    data = Dataset(tiny_study.PIXELS, tiny_study.CLEAN, tiny_study.FOLD, ["a", "b", "c"], {}, {}, [])
    return Loaded(made, tiny_study.rows(), data, columns)


def finished(job, folder, monitor=None):
    program.execute(job.program, tiny_study.study().images, monitor, Place(folder, 1e9))
    return files.load_arrays(store.finished(folder, program.key(job.program)))


def given(rows):
    return study.keys(rows) | {"pred_probs": np.random.default_rng(0).dirichlet(np.ones(C), (len(rows), 23))}


@pytest.fixture(scope="module")
def left(tmp_path_factory):
    """Results of all programs, of rows 1 to 5: the second rate first, so that places differ from `Loaded.rows`."""
    folder, of = tmp_path_factory.mktemp("store"), loaded()
    known = given(of.rows[3:] + of.rows[:3])
    watched, beside = programs.watched(of, known, {}), programs.beside(of)
    own, more = ([finished(job, folder) for job in jobs] for jobs in (watched, beside))
    return of, known, own, beside, more


def test_dynamics_in_the_store_are_those_of_the_probabilities_epoch_by_epoch(tmp_path):
    of, seen = loaded(), []
    job = programs.watched(of, given(of.rows), {})[0]
    entry = finished(job, tmp_path, lambda epoch, probs: seen.append(probs.double().numpy()) or {})
    index, labels = job.program.arrays["index"], job.program.arrays["labels"].astype(int)
    at = (np.arange(3)[:, None], index, labels)
    p = np.array([probs[at] for probs in seen])  # [epochs, R, n]
    np.testing.assert_allclose(entry["dynamics_prob_mean"], p.mean(0), atol=1e-5)
    np.testing.assert_allclose(entry["dynamics_loss_mean"], -np.log(p).mean(0), rtol=1e-3, atol=1e-5)
    np.testing.assert_allclose(entry["dynamics_loss_last"], -np.log(p[-1]), rtol=1e-3, atol=1e-5)
    np.testing.assert_allclose(entry["dynamics_early_prob"], p[0], atol=1e-5)  # a sixth of four epochs: one
    np.testing.assert_allclose(entry["probs_last"][at], p[-1], atol=1e-6)  # beside them what every method leaves


def test_only_plain_cross_entropy_is_watched_and_that_changes_no_probability(tmp_path):
    of = loaded()
    specs = {name: study.jobs(of, of.rows[:3], name, {}, {})[0].program.spec for name in ("cross_entropy", "mae")}
    assert {name: spec["watch"] for name, spec in specs.items()} == {"cross_entropy": "dynamics", "mae": ""}
    job = study.jobs(of, of.rows[:3], "cross_entropy", {}, {})[0]
    plain = job._replace(program=job.program._replace(spec=job.program.spec | {"watch": ""}))
    with_, without = (finished(one, tmp_path) for one in (job, plain))
    assert without.keys() == {name for name in with_ if not name.startswith("dynamics_")}
    for name, values in without.items():
        np.testing.assert_array_equal(values, with_[name], err_msg=name)
    assert study.collect(of.rows[:3], [with_]).keys() == without.keys() | set(of.rows[0]._fields)


def test_every_run_has_its_own_dynamics_folds_and_training_part(left):
    of, known, own, _, _ = left
    found = programs.trained(*left)
    assert list(found) == study.rows_of(known) and len(own) == 2
    for at, (row, run) in enumerate(found.items()):
        stack, place = (0, at) if at < 3 else (1, at - 3)
        assert np.array_equal(run.index, own[stack]["index"][place]) and (run.labels[run.index] >= 0).all()
        assert np.array_equal(run.labels, of.study.labels[row.column])
        assert np.array_equal(run.dynamics["margin_mean"], own[stack]["dynamics_margin_mean"][place])
        assert np.array_equal(run.folds, known["pred_probs"][at])


def test_bags_and_full_runs_are_there_in_their_cells_and_seeds_alone(left):
    of = left[0]
    found = programs.trained(*left)
    bagged = [row for row, run in found.items() if run.bags is not None]
    assert sorted(bagged) == sorted(row for row in of.rows if row.seed == 0) == sorted(study.bagged(of))
    for row in bagged:
        run, pool = found[row], of.study.labels[row.column] >= 0
        assert (
            run.bags.probs.shape == (N, C) and np.isfinite(run.bags.probs[~pool]).all()
        )  # no bag has test images
        sums = run.bags.probs.sum(1)
        np.testing.assert_allclose(sums[np.isfinite(sums)], 1, rtol=1e-5)
        assert np.isfinite(run.full.dynamics["loss_mean"]).all(0).tolist() == pool.tolist()
        assert run.full.planted.any(0).sum() == 9 and not run.full.planted[:, ~pool].any()
    section = tiny_study.BOOTSTRAP.model_copy(update={"cells": {"symmetric": [0.4]}})
    of.study.section.bootstrap = section
    assert [row.noise_rate for row in study.bagged(of)] == [0.4]
    of.study.section.bootstrap = tiny_study.BOOTSTRAP


def test_diverged_runs_say_nothing(left):
    of, known, own, jobs, more = left
    broken = [{**own[0], "diverged_epoch": np.array([-1, 2, -1])}, own[1]]
    full = {**more[1], "diverged_epoch": np.array([-1, 2, -1])}
    found = programs.trained(of, known, broken, jobs, [more[0], full, *more[2:]])
    dynamics = [run.dynamics["forgetting"] for run in found.values()]
    assert [np.isnan(one).all() for one in dynamics] == [False, True, False, False, False, False]
    first = found[study.bagged(of)[0]].full.dynamics["forgetting"]
    assert np.isnan(first[1]).all() and np.isfinite(first[[0, 2]]).any()


def test_arrays_of_the_bags_have_an_entry_per_run_and_none_where_there_are_no_bags(left):
    of, found = left[0], programs.trained(*left)
    made = programs.arrays(of, found)
    assert study.rows_of(made) == study.bagged(of) and made["oob_probs"].shape == (2, N, C)
    row = study.bagged(of)[1]
    np.testing.assert_allclose(made["oob_entropy"][1], found[row].bags.entropy, rtol=1e-6)
    of.study.section.bootstrap = tiny_study.BOOTSTRAP.model_copy(update={"cells": {}})
    none = programs.arrays(of, found)
    of.study.section.bootstrap = tiny_study.BOOTSTRAP
    assert study.rows_of(none) == [] and none["oob_probs"].shape == (0, N, C)
    assert none["oob_entropy"].shape == (0, N)
