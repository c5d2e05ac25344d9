"""Metrics of a run against numbers worked out by hand; gradients against autograd."""

from typing import get_args

import numpy as np
import pytest
import torch

from labelnoise.claims import metrics
from labelnoise.claims.statements import Metric

CLEAN = np.array([0, 1, 2, 0, 1, 2, 0, 1])
GIVEN = np.array([0, 1, 2, 1, 1, -1, -1, -1])  # three test examples; the fourth label is wrong
INDEX = np.array([0, 1, 2, 3])  # the fifth example is for validation
TRANSITION = np.array([[0.7, 0.3, 0.0], [0.1, 0.8, 0.1], [0.0, 0.2, 0.8]])


def sharp(predicted, confidence=0.8):
    """Probabilities [n, 3] whose largest stands at `predicted`."""
    rest = (1 - confidence) / 2
    return rest + (confidence - rest) * np.eye(3)[predicted]


def run(**changed) -> metrics.Run:
    made = metrics.Run(
        last=sharp([0, 1, 1, 1, 1, 2, 1, 1]),
        early=sharp([0, 1, 2, 0, 1, 2, 0, 1]),
        tested=np.array([0.5, 0.9, np.nan, 2 / 3]),
        fitted_clean=np.array([0.2, 0.6, 0.9, 1.0]),
        fitted_wrong=np.array([0.0, 0.1, 0.4, 0.8]),
        index=INDEX,
        given=GIVEN,
        clean=CLEAN,
        transition=None,
        validated=np.array([4]),
    )
    return made._replace(**changed)


def test_numbers_of_one_run():
    found = metrics.of_run(run(), bins=15)
    assert found == pytest.approx(
        {
            "test_accuracy": 2 / 3,
            "test_accuracy_early": 1.0,
            "test_accuracy_best": 0.9,
            "nll": -(2 * np.log(0.8) + np.log(0.1)) / 3,
            "brier": (2 * (0.2**2 + 2 * 0.1**2) + 0.8**2 + 0.9**2 + 0.1**2) / 3,
            "fitted_clean": 2 / 3,
            "fitted_wrong": 1.0,
            "recovered": 0.0,
            "patterns_first": 3 - 2,
            "overconfidence_agreeing": 0.8 - 2 / 3,  # of three examples that agree, one label is wrong
            "classes_predicted": 2 / 3,
            "smallest_recall": 0.0,
        }
    )


def test_claims_may_name_every_metric_and_no_other():
    assert sorted(get_args(Metric)) == sorted(metrics.of_run(run(transition=TRANSITION), bins=15))


def test_gradients_are_there_where_a_transition_is():
    found = metrics.of_run(run(transition=TRANSITION), bins=15)
    assert sorted(name for name in found if name.startswith("gradient")) == [
        "gradient_disagreeing_cross_entropy",
        "gradient_disagreeing_linear",
        "gradient_disagreeing_nonlinear",
        "gradient_share_wrong_cross_entropy",
        "gradient_share_wrong_forward",
    ]
    right, wrong = np.linalg.norm([0.2, 0.1, 0.1]), np.linalg.norm([0.8, 0.9, 0.1])  # p - e at the early epoch
    assert found["gradient_disagreeing_cross_entropy"] == pytest.approx(wrong)
    assert found["gradient_share_wrong_cross_entropy"] == pytest.approx(wrong / (wrong + 3 * right))


def test_validation_labels_are_judged_through_the_transition():
    """Both validation examples have the label 1."""
    found = metrics.of_run(run(transition=TRANSITION, validated=np.array([4, 3])), bins=15)
    through = 0.1 * 0.3 + 0.8 * 0.8 + 0.1 * 0.2  # both are predicted as 1
    assert found["validation_nll"] == pytest.approx(-np.log(through))
    one = run(last=sharp([0, 1, 1, 0, 1, 2, 1, 1]), transition=TRANSITION, validated=np.array([4, 3]))
    other = 0.8 * 0.3 + 0.1 * 0.8 + 0.1 * 0.2  # predicted as 0, given as 1
    expected = -(np.log(through) + np.log(other)) / 2
    assert metrics.of_run(one, bins=15)["validation_nll"] == pytest.approx(expected)


def test_a_diverged_run_has_no_numbers():
    lost = np.full((8, 3), np.nan)
    history = np.full(4, np.nan)
    gone = run(
        last=lost, early=lost, tested=history, fitted_clean=history, fitted_wrong=history, transition=TRANSITION
    )
    assert np.isnan(list(metrics.of_run(gone, bins=15).values())).all()


def test_patterns_first_counts_epochs_between_the_halves():
    assert metrics.patterns_first(np.array([0.5, 0.9, 1.0]), np.array([0.0, 0.0, 0.01])) == 3 - 1
    assert metrics.patterns_first(np.array([0.1, 0.2, 1.0]), np.array([0.9, 0.9, 0.9])) == 1 - 3
    assert np.isnan(metrics.patterns_first(np.array([1.0, 1.0]), np.array([0.3, 0.0])))
    assert np.isnan(metrics.patterns_first(np.array([1.0, 1.0]), np.array([np.nan, np.nan])))


def test_overconfidence_leaves_out_what_disagrees_and_what_is_not_known():
    probs = sharp([0, 0, 1, 2], confidence=0.9)
    labels, truth = np.array([0, 0, 0, 2]), np.array([0, 1, 0, -1])
    assert metrics.overconfidence_agreeing(probs, labels, truth) == pytest.approx(0.9 - 1 / 2)
    assert np.isnan(metrics.overconfidence_agreeing(probs[:1], np.array([2]), truth[:1]))


def test_a_gradient_is_that_of_its_loss():
    """Of the one example that disagrees at the early epoch, with every loss on its noisy prediction."""
    p = torch.tensor(sharp([0]), dtype=torch.float64)
    full = torch.tensor(0.9 * TRANSITION + 0.1 / 3)
    noisy = {
        "cross_entropy": lambda p: p,
        "linear": lambda p: p @ full,
        "nonlinear": lambda p: torch.softmax(p @ torch.log(full), -1),
    }
    found = metrics.of_run(run(transition=full.numpy()), bins=15)
    for name, layer in noisy.items():
        logits = torch.log(p).requires_grad_()
        (-torch.log(layer(torch.softmax(logits, -1))[0, 1])).backward()  # the given label is 1
        assert found[f"gradient_disagreeing_{name}"] == pytest.approx(float(logits.grad.norm()))


def test_zeros_in_prediction_and_transition_stay_finite():
    found = metrics.of_run(run(early=np.eye(3)[[2, 1, 2, 0, 1, 2, 0, 1]], transition=TRANSITION), bins=15)
    assert np.isfinite(list(found.values())).all()
    sure = metrics.of_run(run(last=np.eye(3)[[2] * 8], transition=np.eye(3)), bins=15)
    assert sure["validation_nll"] == pytest.approx(-np.log(np.finfo(float).tiny))
    assert found["gradient_disagreeing_cross_entropy"] == pytest.approx(np.sqrt(2))


def test_test_images_without_a_known_truth_do_not_count():
    """Of the three test images the second is predicted rightly and the third is not known."""
    clean = np.array([0, 1, 2, 0, 1, 0, 1, -1])
    last = sharp([0, 1, 1, 1, 1, 2, 1, 1])
    found = metrics.of_run(run(clean=clean, last=last, early=last), bins=15)
    assert found["test_accuracy"] == 0.5 and found["classes_predicted"] == 0.5
