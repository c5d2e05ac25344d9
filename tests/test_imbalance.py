"""The settings of the imbalance study, its priors and its measures against values worked out by hand."""

import numpy as np
import pytest
import tiny

from labelnoise import imbalance
from labelnoise.types import Dataset
from labelnoise.uncertainty import transition

RNG = np.random.default_rng(0)
N = 400
DATA = Dataset(
    images=RNG.integers(0, 17, (N, 1, 4, 4)).astype(np.uint8),
    clean_labels=RNG.integers(0, 4, N),
    test_fold=np.arange(N) % 5,
    class_names=list("abcd"),
    asymmetric_map={0: 1},
    human_labels={},
    files=[],
)
SECTION = tiny.PARAMS.imbalance


def made():
    return {setting.name: setting for setting in imbalance.settings("digits", DATA, SECTION)}


def test_settings():
    found = made()
    assert found["ten_classes"].dataset is DATA
    assert len(found["hundred_classes"].dataset.class_names) == 16  # four classes here
    counts = np.bincount(found["long_tail"].dataset.clean_labels)
    assert counts.max() / counts.min() == pytest.approx(SECTION.ratio, rel=0.2)
    few, tail = found["fewer_examples"].dataset, found["long_tail"].dataset
    assert abs(len(few.images) - len(tail.images)) <= 10 and np.bincount(few.clean_labels).min() > 20
    assert found["long_tail_oversampled"].sampler == "oversample"
    assert {found[name].sampler for name in found if name != "long_tail_oversampled"} == {"shuffle"}


def test_each_setting_is_a_study_with_its_own_sampler():
    for setting in made().values():
        loaded = imbalance.assemble(tiny.PARAMS, "digits", setting)
        assert [row.seed for row in loaded.rows] == list(range(SECTION.seeds))
        assert loaded.study.num_classes == len(setting.dataset.class_names)
        jobs = imbalance.first_jobs(tiny.PARAMS, loaded)
        assert {job.program.spec["settings"]["sampler"] for job in jobs} == {setting.sampler}


def test_the_prior_is_that_of_what_is_drawn():
    """Predictions that are the classes themselves: shares as they are, or equal where draws are."""
    setting = made()["long_tail"]
    loaded = imbalance.assemble(tiny.PARAMS, "digits", setting)
    probs = np.repeat(np.eye(4)[setting.dataset.clean_labels][None], len(loaded.rows), 0)
    plain = imbalance._priors(loaded, "shuffle", probs)
    drawn = imbalance._priors(loaded, "oversample", probs)
    for row, prior in zip(loaded.rows, plain):
        pool = loaded.study.labels[row.column] >= 0
        np.testing.assert_allclose(
            prior, np.bincount(setting.dataset.clean_labels[pool], minlength=4) / pool.sum()
        )
    np.testing.assert_allclose(drawn, 0.25)


def test_oversampled_prior_by_hand():
    """Two classes 3:1; a quarter of the first becomes the second: q = (1/2, 1/2), R by Bayes."""
    matrix, prior = np.array([[0.75, 0.25], [0.0, 1.0]]), np.array([0.75, 0.25])
    # noisy shares: .5625, .4375; P(first | noisy first) = 1, P(first | noisy second) = .1875 / .4375
    first = (1 + 0.1875 / 0.4375) / 2
    np.testing.assert_allclose(transition.oversampled_prior(matrix, prior), [first, 1 - first])


def test_batch_estimate_of_the_prior_term():
    """Perfect, confident, balanced predictions: about (C - 1) / 2B, .038 at C = 10 and B = 128 after clamping."""
    probs = np.eye(10)[np.arange(5000) % 10]
    assert imbalance._prior_loss(probs, 128, 0) == pytest.approx(0.038, abs=0.005)
    assert imbalance._prior_loss(np.full((500, 10), 0.1), 128, 0) == pytest.approx(0, abs=1e-12)


def test_recalls_leave_out_classes_that_are_not_there():
    clean, predicted = np.array([0, 0, 0, 2]), np.array([0, 1, 0, 2])
    np.testing.assert_allclose(imbalance._recalls(predicted, clean, 4), [2 / 3, 1])


def test_rows_of_a_constant_predictor():
    setting = made()["ten_classes"]
    loaded = imbalance.assemble(tiny.PARAMS, "digits", setting)
    runs, index = len(loaded.rows), np.arange(100)
    probs = np.repeat(np.eye(4)[np.zeros(N, int)][None], runs, 0)
    arrays = {"probs_last": probs, "index": np.repeat(index[None], runs, 0)}
    table = imbalance.rows(setting, loaded, "x", arrays, 16)
    assert len(table) == runs and (table["classes_predicted"] == 0.25).all()
    np.testing.assert_allclose(table["mean_recall"], 0.25)
    assert (table["smallest_recall"] == 0).all()
    tested = DATA.test_fold == 0
    assert table["test_accuracy"][0] == pytest.approx((DATA.clean_labels[tested] == 0).mean())
