"""Suspicion scores of networks by hand, against cleanlab's definition, and their common behaviour."""

import subprocess
import sys

import numpy as np
import pytest
from cleanlab.rank import get_label_quality_scores
from made_evidence import evidence
from sklearn.metrics import roc_auc_score

from labelnoise import words
from labelnoise.studies.alternatives import scores
from labelnoise.studies.alternatives.scores import Evidence, all_scores
from labelnoise.uncertainty.entropy import OutOfBag
from labelnoise.words.scores import BAGS, DYNAMICS

FUNCTIONS = {name for name, score in words.SCORES.items() if score.of in (DYNAMICS, BAGS)}
OF_BAGS = {name for name in FUNCTIONS if words.SCORES[name].of == BAGS}
LABEL_FREE = {"oob_entropy", "oob_mutual_information"}  # noise in the made evidence


def by_hand():
    """Two examples, two classes; the second was never learned."""
    names = ["early_disagreement", "early_prob", "loss_last", "loss_mean", "margin_mean", "prob_mean"]
    dynamics = {name: np.array([0.2, 0.7]) for name in names} | {"prob_variance": np.array([0.04, 0.09])}
    dynamics |= {"forgetting": np.array([2.0, 0]), "first_learned": np.array([5, -1])}
    bags = OutOfBag(np.array([[0.2, 0.8], [1, 0]]), np.array([0.1, 0.2]), np.array([0.3, 0.4]))
    return Evidence(np.array([0, 1]), dynamics, np.array([[0.9, 0.1], [0.6, 0.4]]), bags)


@pytest.mark.parametrize(
    ("name", "expected"),
    [
        ("early_disagreement", [0.2, 0.7]),
        ("early_probability", [0.8, 0.3]),
        ("loss_last", [0.2, 0.7]),
        ("loss_mean", [0.2, 0.7]),
        ("aum", [-0.2, -0.7]),
        ("cartography_confidence", [0.8, 0.3]),
        ("cartography_variability", [0.2, 0.3]),
        ("forgetting", [2, 2 + 1]),
        ("oob_self_confidence", [0.8, 1]),
        ("oob_margin", [0.6, 1]),
        ("oob_entropy", [0.1, 0.2]),
        ("oob_mutual_information", [0.3, 0.4]),
        # folds: thresholds 0.9 and 0.4; the margin of p - t, shifted and scaled by (0.9 - 0.9) + (0.9 - 0.4) + 1
        (
            "confident_learning_folds",
            [0.5 - ((0.9 - 0.9) - (0.1 - 0.4)) / 3, 0.5 - ((0.4 - 0.4) - (0.6 - 0.9)) / 3],
        ),
    ],
)
def test_by_hand(name, expected):
    np.testing.assert_allclose(getattr(scores, name)(by_hand()), expected)


def test_every_score_is_there_and_finds_wrong_labels():
    made, _, wrong = evidence(np.random.default_rng(0))
    found = all_scores(made)
    assert set(found) == FUNCTIONS
    for name, values in found.items():
        assert values.shape == wrong.shape and np.isfinite(values).all()
        assert name in LABEL_FREE or roc_auc_score(wrong, values) > 0.8, name


def test_without_bags_there_are_no_scores_of_them():
    made, _, _ = evidence(np.random.default_rng(0))
    assert set(all_scores(made._replace(bags=None))) == FUNCTIONS - OF_BAGS


def test_never_out_of_bag_is_neither_suspect_nor_trusted():
    made, _, _ = evidence(np.random.default_rng(0))
    for name in OF_BAGS:
        values = all_scores(made)[name]
        assert np.isnan(getattr(scores, name)(made)[0])
        assert values[0] == pytest.approx(np.median(values[1:]))


def test_a_diverged_run_gives_nan():
    made, _, _ = evidence(np.random.default_rng(0))
    nothing = {name: np.full_like(values, np.nan) for name, values in made.dynamics.items()}
    found = all_scores(made._replace(dynamics=nothing))
    assert all(np.isnan(found[name]).all() for name in FUNCTIONS - OF_BAGS - {"confident_learning_folds"})


def test_loss_gmm_is_a_posterior_of_the_larger_component():
    rng = np.random.default_rng(0)
    loss = np.concatenate([rng.normal(0.2, 0.05, 300), rng.normal(3, 0.3, 100)])
    made, _, _ = evidence(rng)
    values = scores.loss_gmm(made._replace(dynamics={"loss_mean": loss}))
    assert (values[:300] < 0.01).all() and (values[300:] > 0.99).all()


def test_confident_learning_without_missing_classes_is_cleanlab():
    made, _, _ = evidence(np.random.default_rng(0))
    expected = get_label_quality_scores(
        made.labels, made.folds, method="normalized_margin", adjust_pred_probs=True
    )
    np.testing.assert_allclose(scores.confident_learning(made.folds, made.labels), 1 - expected)


def test_confident_learning_leaves_out_classes_without_labels():
    """Two more classes with hardly any probability, one of them first in order, change nothing but rounding."""
    made, _, _ = evidence(np.random.default_rng(0))
    tiny = np.full((400, 1), 1e-9)
    wider = np.concatenate([tiny, made.folds, tiny], axis=1)
    few = scores.confident_learning(made.folds, made.labels)
    np.testing.assert_allclose(scores.confident_learning(wider, made.labels + 1), few, atol=1e-6)


def test_confident_learning_with_one_class_and_with_a_thousand():
    constant = scores.confident_learning(np.array([[0.9, 0.1], [np.nan, np.nan]]), np.array([0, 0]))
    np.testing.assert_array_equal(constant, [0.5, np.nan])
    rng = np.random.default_rng(0)
    truth = 100 * rng.integers(10, size=500)  # most classes have no label
    probs = 0.5 * rng.dirichlet(np.ones(1000), 500) + 0.5 * np.eye(1000)[truth]
    labels = np.where(np.arange(500) < 50, (truth + 100) % 1000, truth)
    values = scores.confident_learning(probs.astype(np.float32), labels)
    assert roc_auc_score(np.arange(500) < 50, values) > 0.8


def test_no_torch_is_imported():
    code = "import sys, labelnoise.studies.alternatives.models; print(*sys.modules)"
    loaded = subprocess.run(
        [sys.executable, "-c", code], check=True, capture_output=True, text=True
    ).stdout.split()
    assert "labelnoise.studies.alternatives.scores" in loaded
    assert not {"torch", "cleanlab"} & set(loaded)  # cleanlab is slow to import
