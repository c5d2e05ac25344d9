"""What methods are told of the noise."""

import numpy as np
import pytest

from labelnoise.uncertainty import estimated, transition

RNG = np.random.default_rng(0)
PROBS = RNG.dirichlet(np.ones(3), (2, 40)).astype(np.float32)
LABELS = np.where(np.arange(40) < 10, -1, RNG.integers(0, 3, (2, 40))).astype(np.int16)
INDEX = np.stack([10 + np.sort(RNG.choice(30, 24, replace=False)) for _ in range(2)])
PRED_PROBS = RNG.dirichlet(np.ones(3), (2, 24)).astype(np.float32)


def estimate(**changed):
    parts = {"probs": PROBS, "labels": LABELS, "pred_probs": PRED_PROBS, "index": INDEX} | changed
    return estimated.estimate(**parts, anchor_percentile=97)


def test_first_runs_give_anchor_points_dual_t_and_the_prior():
    found = estimate()
    np.testing.assert_array_equal(found["transition"][1], transition.anchor_points(PROBS[1, 10:], 97))
    np.testing.assert_array_equal(found["prior"][1], transition.prior(PROBS[1, 10:]))
    dual = transition.dual_t(PROBS[1, 10:], LABELS[1, 10:], 97)
    np.testing.assert_array_equal(found["transition_dual_t"][1], dual)


def test_out_of_sample_predictions_give_the_confident_joint_and_the_rate():
    found = estimate()
    matrix, prior = transition.confident_joint(PRED_PROBS[1], LABELS[1, INDEX[1]])
    np.testing.assert_array_equal(found["transition_confident_joint"][1], matrix)
    assert found["rate"][1] == pytest.approx(1 - sum(prior[i] * matrix[i, i] for i in range(3)))
    assert found["rate"].shape == (2,)


def test_only_images_that_are_not_tested_on_count():
    other = PROBS.copy()
    other[:, :10] = 1 / 3
    found, changed = estimate(), estimate(probs=other)
    assert all(np.array_equal(found[name], changed[name]) for name in found)


@pytest.mark.parametrize("name", ["probs", "pred_probs"])
def test_a_diverged_first_run_says_nothing(name):
    broken = {"probs": PROBS, "pred_probs": PRED_PROBS}[name].copy()
    broken[0, 11] = np.nan
    found, sound = estimate(**{name: broken}), estimate()
    assert found.keys() == sound.keys()
    assert all(found[name].shape == sound[name].shape for name in found)
    assert all(np.isnan(found[name][0]).all() and np.isfinite(found[name][1]).all() for name in found)
