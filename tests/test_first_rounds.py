"""What becomes of finished programs: out-of-bag probabilities by image, dynamics without those of broken runs."""

from types import SimpleNamespace

import numpy as np
import pytest
import tiny_study

from labelnoise import bootstrap, files
from labelnoise.columns import Columns
from labelnoise.study import Loaded
from labelnoise.train import bags, program, store
from labelnoise.train.program import Place
from labelnoise.types import Dataset
from labelnoise.uncertainty import posterior

SECTION = SimpleNamespace(floor=0.003)
ROW = tiny_study.rows()[1]
C, N = tiny_study.CLASSES, tiny_study.IMAGES


def loaded(answers=None):
    made = tiny_study.study()
    labels = made.labels
    none = np.full_like(labels, -1)
    names, rates, seeds = zip(*[("symmetric", rate, seed) for rate in (0.2, 0.4) for seed in range(3)])
    matrix = np.repeat(np.eye(C)[None], len(labels), 0)
    keys = [np.array(part) for part in (names, rates, seeds)]
    columns = Columns(*keys, labels, matrix, matrix, np.zeros(len(labels)), labels, none)
    if answers is not None:  # a column more, which is the row's with answers in place
        own = labels[ROW.column : ROW.column + 1]
        said = np.where(own >= 0, answers, -1).astype(np.int16)
        applied = np.where(said >= 0, said, own)
        parts = [part[ROW.column : ROW.column + 1] for part in columns]
        more = Columns(*parts)._replace(noise=np.array(["rechecked"]), labels=applied, answers=said)
        columns = Columns(*(np.concatenate(pair) for pair in zip(columns, more, strict=True)))
        made = made._replace(labels=columns.labels)
    data = Dataset(tiny_study.PIXELS, tiny_study.CLEAN, tiny_study.FOLD, ["a", "b", "c"], {}, {}, [])
    return Loaded(made, tiny_study.rows(), data, columns)


@pytest.fixture(scope="module")
def results(tmp_path_factory):
    """Jobs of both rounds of one run, and their entries in the run store."""
    folder, of = tmp_path_factory.mktemp("rounds"), loaded()
    first = bootstrap.first_jobs(of, ROW)
    bag = finished(first[0], folder)
    jobs = [*first, *bootstrap.second_jobs(of, ROW, bag, SECTION)]
    return jobs, [finished(job, folder) for job in jobs]


def finished(job, folder):
    program.execute(job.program, tiny_study.study().images, job.monitor, Place(folder, 1e9))
    return files.load_arrays(store.finished(folder, program.key(job.program)))


def test_everything_is_by_image(results):
    found = bootstrap.collected(loaded(), ROW, *results)
    pool = tiny_study.study().labels[ROW.column] >= 0
    assert found["oob_probs"].shape == (3, N, C) and found["fold_probs"].shape == (N, C)  # 2 windows, the last
    assert np.isfinite(found["fold_probs"]).all(1).tolist() == pool.tolist()
    assert np.isfinite(found["oob_probs"][:, ~pool]).all()  # test images: no bag has them
    np.testing.assert_allclose(np.nansum(found["second_soft"], 1)[~pool], 1, rtol=1e-5)
    assert np.isfinite(found["full_loss_mean"]).all(0).tolist() == pool.tolist()
    assert found["planted"].any(0).sum() == 9 and not found["planted"][:, ~pool].any()
    fraction = found["full_early_disagreement"][:, pool]
    assert ((fraction >= 0) & (fraction <= 1)).all()


def test_a_diverged_full_run_says_nothing(results):
    jobs, entries = results
    broken = {**entries[2], "diverged_epoch": np.array([-1, 2, -1])}
    found = bootstrap.collected(loaded(), ROW, jobs, [*entries[:2], broken, *entries[3:]])
    assert np.isnan(found["full_forgetting"][1]).all() and np.isfinite(found["full_forgetting"][[0, 2]]).any()


def test_the_second_round_trains_on_what_the_first_found(results):
    jobs, entries = results
    of = loaded()
    pool = np.flatnonzero(of.study.labels[ROW.column] >= 0)
    oob = bags.out_of_bag_probs(entries[0])[:-1, pool]
    given = of.study.labels[ROW.column, pool].astype(int)
    first = posterior.first_round(oob, given, np.full(len(pool), -1), 0.003)
    drop, soft, forward = (job.program for job in jobs[3:])
    kept = pool[first.posterior[np.arange(len(pool)), given] >= 0.5]
    assert set(drop.arrays["index"].ravel()) <= set(kept)
    np.testing.assert_allclose(soft.arrays["image_targets"][pool], first.posterior, rtol=1e-6)
    np.testing.assert_array_equal(forward.arrays["transition_confident_joint"][0], first.transition)


def test_answers_are_certain_in_the_second_round(results):
    """Soft labels are the answers, and the matrix is that of labels with the answers in place."""
    answers = np.where(np.arange(N) < 30, tiny_study.CLEAN, -1)
    of = loaded(answers)
    row = ROW._replace(noise="rechecked", column=len(of.columns.noise) - 1)
    oob = bags.out_of_bag_probs(results[1][0])
    found = bootstrap.first_round(of, row, oob, SECTION)
    answered = (of.columns.answers[row.column] >= 0).nonzero()[0]
    np.testing.assert_allclose(found.posterior[answered], np.eye(C)[answers[answered]], atol=1e-9)
    before = bootstrap.first_round(of, ROW, oob, SECTION)
    assert np.trace(found.transition) > np.trace(before.transition)
